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

static bool is_one_of(const char *const *texts, size_t count, const char *name, const char *full)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(texts[i], name) || !strcmp(texts[i], full))
			return true;
	return false;
}

bool filter_matches(const struct filter *filter, const char *suite, const char *name)
{
	char full[8192];
	bool chosen = !filter->name_count && !filter->exact_count;

	snprintf(full, sizeof(full), "%s::%s", suite, name);
	chosen = chosen || matches_any(filter->names, filter->name_count, name, full) ||
		 is_one_of(filter->exacts, filter->exact_count, name, full);
	return chosen && !matches_any(filter->skips, filter->skip_count, name, full);
}
