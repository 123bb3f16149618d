/* SPDX-License-Identifier: MIT */
/*
 * filter.h: which cases are meant
 *
 * A pattern is matched against "name", and one with "::" in it against "suite::name" as well. '*'
 * is any text, '/' and '.' too, '?' any one character, [ab] one of these, '\' takes their meaning
 * away, fnmatch(3). A pattern with none of '*', '?' and '[' matches anywhere in the name.
 */
#ifndef CLOCHE_FILTER_H
#define CLOCHE_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "expression.h"

struct filter {
	const char *const *names; /* any of these; none: all */
	size_t name_count;
	const char *const *exacts; /* or exactly one of these, as name or as suite::name; sorted */
	size_t exact_count;
	const struct expression *const *expressions; /* and any of these; none: all */
	size_t expression_count;
	const char *const *skips; /* and none of these */
	size_t skip_count;
};

/* One of the sorted texts, or -1. */
long filter_find_exact(const char *const *exacts, size_t count, const char *text);

bool filter_matches(const struct filter *filter, const struct expression_subject *subject);

/* A single pattern, as of --name. */
bool filter_name_matches(const char *pattern, const char *suite, const char *name);

#endif
