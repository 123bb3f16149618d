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
#include "journal.h"

struct selection {
	struct suites *suites;
	const struct flags *flags;
	struct job *jobs;
	size_t count;
};

/* select_exact.c: is there a case for each --exact? Takes nothing away. */
int select_exact(const struct selection *selection);

/* select_rerun.c: what the journals know of the cases. */
int select_rerun(struct selection *selection);

/*
 * What became of them when they ran last, for which as many runs are read as it takes, and not too
 * many. Returns 0, -ENOENT when nothing is remembered, or -errno; with a sentence in `why`.
 */
int select_history(const struct selection *selection, struct journal_cases *ret_cases, char *why,
		   size_t size);

/* select_part.c: our part of it all. */
int select_only(struct selection *selection);
int select_shard(struct selection *selection);

int select_no_memory(void);

static inline const char *selection_suite(const struct selection *selection, size_t job)
{
	return selection->suites->list[selection->jobs[job].suite]->shown;
}

/* Of the case that it is a point of, matrix.h; where it is none, its own. */
static inline const char *selection_listed(const struct selection *selection, size_t job)
{
	const struct job *at = &selection->jobs[job];
	const struct suite *suite = selection->suites->list[at->suite];

	return suite_listed(suite, &suite->cases[at->index])->name;
}

static inline const char *selection_name(const struct selection *selection, size_t job)
{
	const struct job *at = &selection->jobs[job];

	return selection->suites->list[at->suite]->cases[at->index].name;
}

#endif
