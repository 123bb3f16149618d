/* SPDX-License-Identifier: MIT */
/*
 * atf.h: programs of ATF, by themselves and as parts of Kyua's suites
 *
 * The interface is atf-test-program(1): -l lists cases with their properties, a case is run by its
 * name and writes how it ended to the file of -r, and what it set up is taken down by
 * "NAME:cleanup".
 */
#ifndef CLOCHE_ATF_H
#define CLOCHE_ATF_H

#include "suite/kind.h"

#define ATF_HEADER  "Content-Type: application/X-atf-tp"
#define ATF_SECONDS "300" /* a case's deadline, where nothing else is said */

/* What a case, of ATF or else, needs to run: empty texts where nothing does. */
struct atf_case {
	const char *program, *name;
	const char *configs; /* variables that it requires */
	const char *skip;    /* why it cannot run here, or NULL */
	bool cleanup, root;
};

/* A property, by its name in ATF's lists. `program` has the case's detail. */
void atf_property(struct list *list, struct suite_case *item, struct atf_case *test,
		  const char *name, const char *value);

/* The cases that a program listed; their names begin with `prefix`. Returns as kind->list. */
int atf_read_list(struct list *list, const char *program, const char *prefix, const char *text,
		  size_t size);

void atf_command(const struct atf_case *test, struct command_line *command);
void atf_judge(const struct said *said, const struct atf_case *test, struct judging *judging);

#endif
