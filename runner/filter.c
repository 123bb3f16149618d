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

static bool is_meant(const struct filter *filter, const struct expression_subject *subject)
{
	for (size_t i = 0; i < filter->expression_count; i++)
		if (expression_matches(filter->expressions[i], subject))
			return true;
	return !filter->expression_count;
}

bool filter_matches(const struct filter *filter, const struct expression_subject *subject)
{
	char full[8192];
	bool chosen = !filter->name_count && !filter->exact_count;

	snprintf(full, sizeof(full), "%s::%s", subject->suite, subject->name);
	chosen = chosen || matches_any(filter->names, filter->name_count, subject->name, full) ||
		 is_one_of(filter->exacts, filter->exact_count, subject->name, full);
	return chosen && is_meant(filter, subject) &&
	       !matches_any(filter->skips, filter->skip_count, subject->name, full);
}
