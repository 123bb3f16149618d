/* SPDX-License-Identifier: MIT */
/*
 * leaving.h: children that are about to exit, and are not waited for at once
 *
 * The exit of an init takes a tenth of a cell's time, for its mounts and its memory go with it.
 * When it has told that nobody else is left in its cell, the next case need not wait for that.
 */
#ifndef CLOCHE_LEAVING_H
#define CLOCHE_LEAVING_H

#include <sys/types.h>

#define LEAVING_MAX 64

/* In the order in which they began to leave. All zero is empty. */
struct leaving {
	pid_t pids[LEAVING_MAX];
	unsigned first, count;
};

/* Add a child. When there is no more room, this waits for the first. */
void leaving_add(struct leaving *leaving, pid_t pid);

/* Wait for all. */
void leaving_wait(struct leaving *leaving);

#endif
