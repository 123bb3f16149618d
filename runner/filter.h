/* SPDX-License-Identifier: MIT */
/*
 * filter.h: which cases are meant
 *
 * A pattern is matched against "name" and against "suite::name". '*' is any text, '/' and '.' too,
 * '?' any one character. A pattern with neither matches anywhere in the name.
 */
#ifndef CLOCHE_FILTER_H
#define CLOCHE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct filter {
	const char *const *names; /* any of these; none: all */
	size_t name_count;
	const char *const *skips; /* and none of these */
	size_t skip_count;
	const char *const *exacts; /* or exactly one of these */
	size_t exact_count;
};

bool filter_matches(const struct filter *filter, const char *suite, const char *name);

#endif
