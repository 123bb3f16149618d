/* SPDX-License-Identifier: MIT */
/*
 * request.h: what a zygote is asked for, to make one cell
 */
#ifndef CLOCHE_REQUEST_H
#define CLOCHE_REQUEST_H

#include "keeper.h"

/* Descriptors for one request, and our ends of the same pipes. */
struct ends {
	int theirs[4]; /* input, output, errors, records or result */
	int out, errors, records, result;
};

/* Returns 0, or -errno with theirs closed. */
int ends_make(struct keeper *keeper, const struct suite *suite, struct ends *ends);
/* Theirs, once they are sent; those of the caller's own stay open. */
void ends_close(struct ends *ends);

/* A case of a native suite is forked from its zygote; everything else is executed. */
bool running_is_forked(const struct running *running);
/* Returns 0, or -errno: -E2BIG when its world and its command are too long for a message. */
int running_request(struct running *running, const struct ends *ends);

#endif
