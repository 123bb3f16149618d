/* SPDX-License-Identifier: MIT */
/*
 * commands.h: the commands of the program, and what their exit statuses mean
 *
 * --help, the man pages and the completions are made of these, together with the keys of flags.h.
 */
#ifndef CLOCHE_COMMANDS_H
#define CLOCHE_COMMANDS_H

#include "flags.h"

struct command_row {
	enum command command;
	const char *name;    /* "run"; "": a suite's own program */
	const char *usage;   /* what follows it: "[OPTION...] PATH..." */
	const char *summary; /* a few words, lower case, no full stop */
	const char *about;   /* a paragraph, for --help and the man page */
	int (*run)(struct flags *flags, struct session *session);
};

/* In the order of --help; the end has no name. */
extern const struct command_row command_rows[];

const struct command_row *command_find(const char *name);
const struct command_row *command_row(enum command command);

struct status_row {
	const char *status; /* "100", "128 + N" */
	const char *meaning;
	int commands;
};

/* The end has no status. */
extern const struct status_row status_rows[];

struct environment_row {
	const char *name, *doc;
	int commands;
};

/* What of the environment is read; the end has no name. */
extern const struct environment_row environment_rows[];

#endif
