/* SPDX-License-Identifier: MIT */
/*
 * complete.h: what may stand where the cursor is
 *
 * The shells' own scripts, `cloche completions SHELL`, hand over the words of the command line up
 * to the cursor, and offer what comes back. So the shells know no flag, and never an old one.
 */
#ifndef CLOCHE_COMPLETE_H
#define CLOCHE_COMPLETE_H

#include <stddef.h>
#include <stdio.h>

#define COMPLETE_ARGUMENT "--complete-words"

enum complete_kind {
	COMPLETE_NOTHING,
	COMPLETE_COMMANDS,
	COMPLETE_FLAGS,
	COMPLETE_CHOICES, /* the words of `choices` */
	COMPLETE_REPORTS,
	COMPLETE_PROFILES,
	COMPLETE_CASES, /* of the suites that are named, or of none */
	COMPLETE_RUNS,
	COMPLETE_KEPT, /* cells */
	COMPLETE_FILES,
	COMPLETE_DIRECTORIES,
	COMPLETE_PROGRAMS, /* of $PATH, or files */
};

struct completion {
	enum complete_kind kind;
	int commands;        /* whose flags */
	const char *choices; /* "a|b|c" */
	size_t given;        /* of the word: "--report=" before what is to be completed */
	bool or_directories; /* besides the choices */
};

/* Pure: what the last of these words is; words[0] is the program. */
struct completion complete_kind(const char *const *words, size_t count);

/*
 * Print what there is for the last word: lines "WORD\tWHAT IT IS", and perhaps a last line
 * ":files",
 * ":directories" or ":programs" for what shells know better. Nothing is said on stderr.
 */
int complete_words(int argc, char **argv);

#endif
