/* SPDX-License-Identifier: MIT */
/*
 * select.h: the steps from all cases of all suites to those that run
 *
 * Each takes cases away, and returns 0 or the exit code, having said why on stderr. What is left
 * stays in the order of the list.
 */
#ifndef CLOCHE_SELECT_H
#define CLOCHE_SELECT_H

#include "flags.h"

struct selection {
	struct suites *suites;
	const struct flags *flags;
	struct job *jobs;
	size_t count;
};

/* select_exact.c: is there a case for each --exact? Takes nothing away. */
int select_exact(const struct selection *selection);

/* select_part.c: our part of it all. */
int select_only(struct selection *selection);
int select_shard(struct selection *selection);

int select_no_memory(void);

#endif
