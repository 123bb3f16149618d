/* SPDX-License-Identifier: MIT */
/*
 * limit.h: has this process hit one of its limits?
 */
#ifndef CLOCHE_LIMIT_H
#define CLOCHE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * RLIMIT_CORE of who is to dump no core. 0 would do for files only: what core_pattern pipes to a
 * program has no limit but this one, which ends it (coredump_pipe(), fs/coredump.c). On many
 * machines that program keeps each crash of a test, for half a second each.
 */
#define LIMIT_NO_CORE 1

/* Is it an errno that calls give at a limit? */
bool limit_is_suspect(int error);

/*
 * The option of a limit that this process is at, or NULL. `error` is the errno that made one look,
 * or 0; `address_space` the limit that the case asked for itself, or 0. Should be right when it
 * names one; mustn't be relied on to find every one.
 */
const char *limit_reached(int error, uint64_t address_space);

/* The same without what a signal handler cannot do. */
const char *limit_reached_dying(int error, uint64_t address_space);

#endif
