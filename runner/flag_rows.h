/* SPDX-License-Identifier: MIT */
/*
 * flag_rows.h: the table of the commands' flags, for flags.c
 *
 * A new flag is a field of struct flags and a row here: parsing, --help, cloche.ini, man pages and
 * completions come out of it.
 */
#ifndef CLOCHE_FLAG_ROWS_H
#define CLOCHE_FLAG_ROWS_H

#include "flags.h"

/* Which commands take a flag, or an option of a world. */
#define RUNS       (COMMAND_RUN | COMMAND_SELF | COMMAND_CONFIG)
#define WITH_CASES (RUNS | COMMAND_LIST)
#define WITH_WORLD (WITH_CASES | COMMAND_EXEC | COMMAND_SHELL)
#define TABLES     (COMMAND_COMPARE | COMMAND_TOP)
#define TOLD_AGAIN (COMMAND_SHOW | COMMAND_REPLAY)
#define NAMES_RUNS (TOLD_AGAIN | TABLES) /* words such as -1 are runs */

enum flag_type {
	FLAG_HEADING, /* of the rows that follow; no flag */
	FLAG_TRUE,
	FLAG_TEXT,
	FLAG_TEXTS,
	FLAG_COUNT,
	FLAG_SIZE,
	FLAG_SECONDS,
	FLAG_FACTOR,
	FLAG_MAX_FAIL,
	FLAG_FAIL_FAST,
	FLAG_GROUP_SLOTS,
	FLAG_SHUFFLE,
	FLAG_KEEP,
	FLAG_FILTER,
	FLAG_KIND,
	FLAG_SHARD,
	FLAG_TRUST,
};

struct flag_row {
	const char *name;
	char letter;
	enum flag_type type;
	size_t offset;
	int commands;
	const char *arg, *doc;
	const char *values;
	int marks;
};

extern const struct flag_row flag_rows[];
extern const size_t flag_row_count;

#endif
