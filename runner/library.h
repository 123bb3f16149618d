/* SPDX-License-Identifier: MIT */
/*
 * library.h: shared libraries that are loaded when they are needed, and not before
 *
 * A suite's own program is a runner and a zygote as well: a library that it was linked with would
 * be five mappings more for every cell to copy.
 */
#ifndef CLOCHE_LIBRARY_H
#define CLOCHE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* Statically linked programs cannot: dlopen(3) may crash them. */
bool library_can_load(void);

/* Pointers to functions of a library that dlopen(3) gave. False when one is not there. */
struct library_function {
	void *to;
	const char *name;
};

bool library_find(void *library, const struct library_function *functions, size_t count);

#endif
