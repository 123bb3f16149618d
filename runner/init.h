/* SPDX-License-Identifier: MIT */
/*
 * init.h: what init does for the test, and in a cell that is kept for whoever enters
 */
#ifndef CLOCHE_INIT_H
#define CLOCHE_INIT_H

#include <stdint.h>

#include "fixture.h"

/*
 * In a new child of init: have these descriptors as 0, 1 and 2, a session, with `tty` the first of
 * them as its terminal, and the ids, limits, environment and directory that the world says.
 * Returns 0, or a negative errno with cell->failed.
 */
int test_enter(struct cell *cell, const int *descriptors, bool tty);

/* Execute; or return, having filled cell->failed in. */
void test_execute(struct cell *cell, char *argv, size_t size);

/*
 * The inode numbers of those namespaces that the cell has to itself, the test's, in the order of
 * namespace_names; the others stay as they are. 0 where one cannot be had.
 */
void init_read_namespaces(uint64_t cloned, uint64_t *namespaces);

/* A terminal of the cell. Returns 0 with both ends, or a negative errno with cell->failed. */
int init_open_terminal(struct cell *cell, int *ret_outer, int *ret_inner);

#endif
