/* SPDX-License-Identifier: MIT */
/*
 * kind.h: kinds of foreign suites, one file each, behind one small interface
 *
 * Theory of operation. A path is shown to every kind, which looks at its bytes and never runs it.
 * The first that recognises it makes the suite. Cases are listed by the suite itself: the kind says
 * by which command, listing.c runs it in a cell with a deadline, all suites at once, and the kind
 * reads what came out. What a program said when it was asked last is remembered (cache.c). Each
 * case is then a command of its own, in a cell of its own, and the kind judges what it said.
 *
 * A program that looks like a kind and does not list its cases like one is in doubt: that is said,
 * and it runs as one case (program.c).
 *
 * The build collects every file in this folder that defines `const struct kind kind_NAME`.
 */
#ifndef CLOCHE_KIND_H
#define CLOCHE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"
#include "suite.h"

/* What a path is, to be looked at. Names are looked at first: they cost nothing. */
struct candidate {
	const char *path;
	bool named; /* a file that the user named; not one found in a directory */
	bool directory;
	bool executable; /* a file whose mode says so */
	bool elf;        /* the same, and its first bytes */
	bool mapped;
	const unsigned char *data; /* candidate_bytes() */
	size_t size;
	struct digest *digest; /* of a program that is large, when something was looked for */
};

/* The bytes of a file; NULL when there are none, or they cannot be read. */
const unsigned char *candidate_bytes(struct candidate *candidate, size_t *ret_size);
/* Are these bytes in a file; of a program: in what of it is loaded, so in no debugging data? */
bool candidate_has(struct candidate *candidate, const char *bytes);
/* The base name ends in this. */
bool candidate_ends(struct candidate *candidate, const char *ending);
/* A script whose first line names this interpreter: "bats" for "#!/usr/bin/env bats". */
bool candidate_runs(struct candidate *candidate, const char *interpreter);
/* A directory in which this file is. */
bool candidate_holds(struct candidate *candidate, const char *name);

/* The path under which a command writes a result that is not for people, see wants_result. */
#define RESULT_PATH "/proc/self/fd/249"

/* A command line, and what differs of the world that it runs in. Grows in memory of its own. */
struct command_line;
/* A line of a world: "option=value\n", with what has to be escaped. */
void world_line(FILE *to, const char *option, const char *value);
void command_add(struct command_line *command, const char *word);
void command_addf(struct command_line *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* It runs under a debugger or a tracer: what it says is for people, and no result is read. */
bool command_is_watched(const struct command_line *command);
/* What follows is executed in a directory of its own, which is empty: $TMPDIR. */
void command_in_empty_directory(struct command_line *command);
/* One line of a world, in its text form (fixtures/world.h): "cwd=DIR", "env=NAME=VALUE". */
void command_world(struct command_line *command, const char *option, const char *value);

/* What a command said, in its cell. Nothing of it is trusted, and no text has a NUL at its end. */
struct said {
	const char *out; /* standard output; when judging, with standard error as they came */
	size_t out_size;
	const char *errors; /* listing: standard error */
	size_t errors_size;
	const char *result; /* what it wrote to RESULT_PATH */
	size_t result_size;
	int wait_status; /* wait(2) */
	bool timed_out;  /* judging: it was ended at its deadline */
	/* judging: the case, and what the kind noted of it when it was listed */
	const struct suite_case *item;
};

/*
 * Cases, while they are listed. Strings are copied. `world` has an option a line ("timeout=5\n"),
 * `detail` is the kind's own, out of list_alloc(), and comes back in suite_case.
 */
struct list;
void *list_alloc(struct list *list, size_t size);
char *list_text(struct list *list, const char *text, size_t size);
char *list_textf(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Returns the case, to be filled further, until the next one is added. NULL: no memory. */
struct suite_case *list_add(struct list *list, const char *name);
/* "option=value\n" behind what the case's world has. */
void list_world(struct list *list, struct suite_case *item, const char *option, const char *value);
/*
 * Its framework keeps this case from running beside those with a lock of the same name; with NULL
 * beside any. `why` is the framework's word for it ("RUN_SERIAL"). Call it for each of its locks;
 * where the cell makes them moot, the case is run as any other (locks.h).
 */
void list_lock(struct list *list, struct suite_case *item, const char *name, const char *why);
/* What there is to tell the user once, such as what is run differently than they might expect. */
void list_message(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Why it cannot be listed, in one sentence with its cure. Returns -EBADMSG. */
int list_fail(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a kind says of a case that has ended. Strings are copied. */
struct judging;
/* The verdict, in place of what exit status and TAP say; reason: one line, or "". */
void judging_verdict(struct judging *judging, enum verdict verdict, const char *reason);
/* It was to run into its deadline: that is a pass. All else that is said then does not count. */
void judging_expected_timeout(struct judging *judging);
/* A check that failed; file may be NULL, name is the expression as written, or NULL. */
void judging_failure(struct judging *judging, const char *file, unsigned line, const char *name,
		     const char *text, size_t size);

enum kind_order {
	ORDER_DIRECTORY, /* build trees and files that name suites */
	ORDER_SCRIPT,    /* told by the first line or the ending */
	ORDER_PROGRAM,   /* told by what a program contains */
	ORDER_LAST,      /* anything */
};

struct kind {
	const char *name;  /* "gtest": for --kind and reports */
	const char *title; /* "GoogleTest": for sentences */
	enum kind_order order;
	bool wants_result; /* cases and lists write to RESULT_PATH */
	bool directories;  /* it may be a whole directory */
	bool tap;          /* what cases print is read as TAP, where it is that */
	/* The list depends on nothing but the file itself: it may be remembered. */
	bool remembered;
	/* Variables that would make it do something else than it is told; NULL-terminated, or NULL.
	 */
	const char *const *scrubbed;

	/* NULL: only --kind says that it is one. */
	bool (*recognise)(struct candidate *candidate);
	/* The command that lists the cases. NULL: list() needs none, and gets no `said`. */
	void (*list_command)(const struct suite *suite, struct command_line *command);
	/* Returns 0; -EBADMSG by list_fail(): it is none of this kind; or -ENOMEM. */
	int (*list)(const struct suite *suite, const struct said *said, struct list *list);
	/* The command of one case. */
	void (*command)(const struct suite *suite, const struct suite_case *item,
			struct command_line *command);
	/* NULL: exit status and TAP say it. */
	void (*judge)(const struct said *said, struct judging *judging);
};

/* kinds.c: all kinds in their order, NULL at the end. */
const struct kind *const *kind_list(void);
const struct kind *kind_find(const char *name); /* NULL: there is none */
/* Of a file or directory, by its bytes; NULL when it is nothing of the kind. */
const struct kind *kind_recognise(struct candidate *candidate);

extern const struct kind kind_program, kind_template;

#endif
