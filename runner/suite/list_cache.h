/* SPDX-License-Identifier: MIT */
/*
 * list_cache.h: what programs said when they were asked for their cases
 *
 * Remembered as the bytes that came, below the state directory, by the program's path, device,
 * inode, size and time of change, those of libraries that it brings along, and by the command and
 * the world of its cell. Whatever is wrong
 * with a file of it makes it unknown, never an error: the program is asked again.
 */
#ifndef CLOCHE_LIST_CACHE_H
#define CLOCHE_LIST_CACHE_H

#include "suite/command.h"

struct answer {
	char *out, *errors, *result; /* allocated */
	size_t out_size, errors_size, result_size;
	int wait_status;
};

struct list_key {
	char *text; /* all that the answer depends on, a line each */
	size_t size;
	uint64_t name; /* of the file: of the path and the command, so that a new build replaces it
			*/
};

/* `asked`: the suite whose only case is the command. Returns 0 or -ENOMEM. */
int list_key_make(struct list_key *key, const struct suite *asked,
		  const struct command_line *command, const struct session *session);
void list_key_free(struct list_key *key);
void answer_free(struct answer *answer);

bool list_cache_get(const struct list_key *key, struct answer *answer);
void list_cache_put(const struct list_key *key, const struct answer *answer);

#endif
