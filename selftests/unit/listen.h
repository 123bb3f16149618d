/* SPDX-License-Identifier: MIT */
/*
 * listen.h: run a case of this program in a child, and hear what it says
 */
#ifndef CLOCHE_LISTEN_H
#define CLOCHE_LISTEN_H

#include "record.h"

#define SAID_MAX 2048

struct said {
	enum record_type type;
	unsigned flags;
	uint32_t line, writer;
	uint64_t a, b;
	char *file, *name, *text; /* with a NUL at the end */
	size_t size;              /* of the text */
};

struct listened {
	struct said said[SAID_MAX];
	size_t count;
	int status;         /* as wait(2) gives it */
	bool damaged;       /* what came was no stream of records */
	char output[65536]; /* standard output and standard error */
};

/* There is one, and it belongs to the caller until the next call. Fails the test if there is no
 * such case. `before` runs in the child first; it may be NULL. */
struct listened *listen_to(const char *name, void (*before)(void));

/* The same for a case run aloud: everything is in `output`. */
struct listened *listen_aloud(const char *name);

/* The first of a type, or NULL. How many there are. */
const struct said *listened_first(const struct listened *listened, enum record_type type);
size_t listened_count(const struct listened *listened, enum record_type type);

#endif
