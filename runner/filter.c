/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

static bool matches_text(const char *pattern, const char *text)
{
	if (!strpbrk(pattern, "*?["))
		return strstr(text, pattern) != NULL;
	return !fnmatch(pattern, text, 0);
}

static bool matches_any(const char *const *patterns, size_t count, const char *name,
			const char *full)
{
	for (size_t i = 0; i < count; i++)
		if (matches_text(patterns[i], name) ||
		    (strstr(patterns[i], "::") && matches_text(patterns[i], full)))
			return true;
	return false;
}

long filter_find_exact(const char *const *exacts, size_t count, const char *text)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(exacts[middle], text);

		if (!order)
			return (long)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

static bool is_meant(const struct filter *filter, const struct expression_subject *subject)
{
	for (size_t i = 0; i < filter->expression_count; i++)
		if (expression_matches(filter->expressions[i], subject))
			return true;
	return !filter->expression_count;
}

/* By this name, which may be that of the case it is a point of. */
static bool is_chosen(const struct filter *filter, const char *suite, const char *name)
{
	char full[8192];

	snprintf(full, sizeof(full), "%s::%s", suite, name);
	return matches_any(filter->names, filter->name_count, name, full) ||
	       filter_find_exact(filter->exacts, filter->exact_count, name) >= 0 ||
	       filter_find_exact(filter->exacts, filter->exact_count, full) >= 0;
}

static bool is_skipped(const struct filter *filter, const char *suite, const char *name)
{
	char full[8192];

	snprintf(full, sizeof(full), "%s::%s", suite, name);
	return matches_any(filter->skips, filter->skip_count, name, full);
}

bool filter_matches(const struct filter *filter, const struct expression_subject *subject)
{
	bool chosen = !filter->name_count && !filter->exact_count;

	chosen = chosen || is_chosen(filter, subject->suite, subject->name) ||
		 (subject->listed && is_chosen(filter, subject->suite, subject->listed));
	return chosen && is_meant(filter, subject) &&
	       !is_skipped(filter, subject->suite, subject->name) &&
	       !(subject->listed && is_skipped(filter, subject->suite, subject->listed));
}

bool filter_name_matches(const char *pattern, const char *suite, const char *name)
{
	char full[8192];

	snprintf(full, sizeof(full), "%s::%s", suite, name);
	return matches_any(&pattern, 1, name, full);
}
