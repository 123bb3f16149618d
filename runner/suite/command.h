/* SPDX-License-Identifier: MIT */
/*
 * command.h: a command line that a kind makes
 */
#ifndef CLOCHE_COMMAND_H
#define CLOCHE_COMMAND_H

#include <stdio.h>

#include "suite/kind.h"

/* Words, each with its NUL; and a world in its text form, with one at its end. */
struct command_line {
	FILE *words_to, *world_to;
	char *words, *world;
	size_t words_size, world_size;
	bool watched;
};

/* Returns 0 or -ENOMEM; either way command_free() is called. */
int command_begin(struct command_line *command);
/* Nothing is added afterwards; words and world may be read. Returns 0 or -ENOMEM. */
int command_end(struct command_line *command);
void command_free(struct command_line *command);

/* What executes this case: begun and ended; command_is_watched(). Returns 0 or -ENOMEM. */
int command_of_case(struct command_line *command, const struct suite *suite,
		    const struct suite_case *item, bool watched);

/*
 * The variables of an `env` option that the kind can stand: NULL when these are all of them, else
 * allocated.
 */
char *command_environment(const struct kind *kind, const char *env);

#endif
