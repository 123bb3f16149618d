/* SPDX-License-Identifier: MIT */
/*
 * --rerun failed: what failed when it ran last, and what never ran. A run of some cases only says
 * nothing about the others, so older runs are asked about these.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "select.h"

#define RUNS_MAX 16

static size_t count_known(const struct selection *selection, const struct journal_cases *cases)
{
	size_t count = 0;

	for (size_t i = 0; i < selection->count; i++)
		if (journal_cases_find(cases, selection_suite(selection, i),
				       selection_name(selection, i)))
			count++;
	return count;
}

int select_history(const struct selection *selection, struct journal_cases *ret_cases, char *why,
		   size_t size)
{
	char cwd[PATH_MAX];
	int result;

	if (!getcwd(cwd, sizeof(cwd))) {
		snprintf(why, size, "the working directory is gone (%s)", strerror(errno));
		return -errno;
	}
	for (unsigned runs = 1;; runs *= 2) { /* mostly the last one has them all */
		result = journal_last(cwd, runs, ret_cases, NULL, why, size);
		if (result < 0 || runs >= RUNS_MAX || ret_cases->runs < runs ||
		    count_known(selection, ret_cases) == selection->count)
			return result;
		journal_cases_free(ret_cases);
	}
}

int select_rerun(struct selection *selection)
{
	size_t used = 0, all = selection->count;
	struct journal_cases cases;
	char why[PATH_MAX + 256];

	if (!selection->flags->rerun || !all)
		return 0;
	if (select_history(selection, &cases, why, sizeof(why)) < 0)
		return complain(EXIT_SETUP, "%s", why);
	for (size_t i = 0; i < all; i++) {
		const struct journal_case *known = journal_cases_find(
			&cases, selection_suite(selection, i), selection_name(selection, i));

		if (!known || known->failure)
			selection->jobs[used++] = selection->jobs[i];
	}
	journal_cases_free(&cases);
	selection->count = used;
	if (used)
		return 0;
	return complain(0, "%s when %s ran last; nothing is run",
			all == 1 ? "the case passed" : "all cases passed",
			all == 1 ? "it" : "they");
}
