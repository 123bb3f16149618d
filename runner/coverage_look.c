/* SPDX-License-Identifier: MIT */
/*
 * Is a foreign suite built for coverage? A program says so by what it contains; of scripts and
 * build trees the notes files tell it that gcc leaves beside the objects. What of a tree clang has
 * built for coverage cannot be seen there: --coverage=yes says it.
 */
#define _GNU_SOURCE
#include <fts.h>
#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "suite/candidate.h"

#define ENTRIES_MAX 20000 /* of a tree: then it is large, and nothing was found */

static bool program_has_coverage(struct candidate *candidate)
{
	/* Variables of the run-times; memmem(3) is ten times as slow with what is short (".gcda").
	 */
	return candidate_has(candidate, "GCOV_PREFIX") ||
	       candidate_has(candidate, "LLVM_PROFILE_FILE");
}

static bool tree_has_notes(char *directory)
{
	char *paths[] = {directory, NULL};
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	unsigned count = 0;
	bool found = false;

	for (FTSENT *entry; tree && !found && count < ENTRIES_MAX && (entry = fts_read(tree));
	     count++) {
		size_t length = entry->fts_namelen;

		found = length > 5 && !strcmp(entry->fts_name + length - 5, ".gcno");
	}
	if (tree)
		fts_close(tree);
	return found;
}

/* `looked`: the directory that was searched last, in vain: suites mostly come from the same one. */
static bool has_coverage(const struct suite *suite, char *looked)
{
	struct candidate candidate;
	char directory[PATH_MAX];
	bool found = false;

	candidate_look(&candidate, suite->path);
	strcpy(directory, suite->path);
	if (!candidate.directory)
		*strrchr(directory, '/') = '\0';
	if (candidate.elf) {
		found = program_has_coverage(&candidate);
	} else if (directory[0] && strcmp(directory, looked)) {
		strcpy(looked, directory);
		found = tree_has_notes(directory);
	}
	candidate_end(&candidate);
	return found;
}

bool coverage_is_wanted(const struct suites *suites, const char *whether)
{
	char looked[PATH_MAX] = "";
	bool wanted = false;

	for (size_t i = 0; i < suites->count; i++) {
		const struct suite *suite = suites->list[i];

		if (!suite->zygote || !strcmp(whether, "no"))
			continue;
		if (!suite->native && !suite->zygote->coverage)
			suite->zygote->coverage =
				!strcmp(whether, "yes") || has_coverage(suite, looked);
		wanted |= suite->zygote->coverage;
	}
	return wanted;
}
