/* SPDX-License-Identifier: MIT */
/*
 * arguments.h: an expectation as written, taken apart. Pure.
 *
 * "EXPECT(days(30), ==, x)" has the arguments `days(30)`, `==` and `x`: commas within brackets or
 * quotes separate nothing.
 */
#ifndef CLOCHE_ARGUMENTS_H
#define CLOCHE_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct argument {
	const char *data;
	int size; /* for "%.*s" */
};

/*
 * Returns how many there are, and fills in the first `max`. Where brackets or quotes do not match,
 * the last one takes the rest.
 */
size_t arguments_split(const char *text, struct argument *ret, size_t max);

/* "EPERM", "-EPERM" or "errno": one that is best shown by an errno's name. */
bool argument_is_errno(const struct argument *argument);

#endif
