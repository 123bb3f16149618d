/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

/* glibc's recurses for each parenthesis. */
#define REGEX_MAX 1000

/*
 * What other dialects have and regcomp(3) would take for something else. Returns the cure, or NULL.
 */
static const char *foreign_dialect(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (at[0] == '(' && at[1] == '?')
			return "'(?' is of another dialect; these are POSIX extended ones";
		if (*at != '\\')
			continue;
		at++;
		if (*at == 'd' || *at == 'D')
			return "'\\d' is of another dialect; write [0-9]";
		if (!*at)
			return "it ends in a lone '\\'";
	}
	return NULL;
}

static int compile(struct pattern *pattern, char *why, size_t size)
{
	const char *foreign = foreign_dialect(pattern->text);
	int result;

	if (foreign || strlen(pattern->text) > REGEX_MAX) {
		snprintf(why, size, "%s", foreign ? foreign : "it is longer than 1000 bytes");
		return -EINVAL;
	}
	result = regcomp(&pattern->regex, pattern->text, REG_EXTENDED | REG_NOSUB);
	if (!result)
		return 0;
	regerror(result, &pattern->regex, why, size);
	return result == REG_ESPACE ? -ENOMEM : -EINVAL;
}

int pattern_set(struct pattern *pattern, enum pattern_way way, char *text, char *why, size_t size)
{
	int result = 0;

	*pattern = (struct pattern){.way = way, .text = text};
	if (way == PATTERN_REGEX)
		result = compile(pattern, why, size);
	if (result < 0) {
		free(text);
		*pattern = (struct pattern){.text = NULL};
	}
	return result;
}

bool pattern_matches(const struct pattern *pattern, const char *text)
{
	switch (pattern->way) {
	case PATTERN_GLOB:
		return !fnmatch(pattern->text, text, 0);
	case PATTERN_EQUAL:
		return !strcmp(pattern->text, text);
	case PATTERN_CONTAINS:
		return strstr(text, pattern->text) != NULL;
	case PATTERN_REGEX:
		return !regexec(&pattern->regex, text, 0, NULL, 0);
	}
	return false;
}

bool pattern_is_glob(const char *text)
{
	for (; *text; text++)
		if (strchr("*?[", *text))
			return true;
		else if (*text == '\\' && text[1])
			text++;
	return false;
}

void pattern_free(struct pattern *pattern)
{
	if (pattern->text && pattern->way == PATTERN_REGEX)
		regfree(&pattern->regex);
	free(pattern->text);
	*pattern = (struct pattern){.text = NULL};
}
