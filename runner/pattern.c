/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define REGEX_MAX 1000

/*
 * glibc copies what is repeated: (a+)+ is four times a, a{1000} a thousand times, and what is some
 * levels deep does not fit into any memory. So many parts, and so deep, are allowed.
 */
#define PARTS_MAX 1000
#define DEPTH_MAX 100

/* Parts of one level of parentheses: of all that is done, and of the last thing. */
struct parts {
	unsigned long done, last;
};

/* To the ']' that ends the brackets here; or to the last character, where none does. */
static const char *skip_brackets(const char *at)
{
	at += at[1] == '^';
	at += at[1] == ']'; /* one that comes first is itself */
	while (at[1] && *++at != ']')
		if (*at == '[' && at[1] && strchr(":.=", at[1])) { /* as [:digit:] */
			const char end[] = {at[1], ']', '\0'}, *found = strstr(at + 2, end);

			at = found ? found + 1 : at;
		}
	return at;
}

/* How often {2,5} copies: the larger number, and once more for {2,}. */
static unsigned long copies(const char *at)
{
	char *end;
	unsigned long least = strtoul(at + 1, &end, 10), most = least;

	if (*end == ',')
		most = isdigit((unsigned char)end[1]) ? strtoul(end + 1, NULL, 10) : least + 1;
	most = most > least ? most : least;
	return most < 1 ? 1 : most > PARTS_MAX ? PARTS_MAX : most;
}

static bool is_too_large(const char *text)
{
	struct parts level[DEPTH_MAX + 1] = {{0}}, *now = level;

	for (const char *at = text; *at; at++) {
		if (*at == ')' && now > level) {
			unsigned long parts = now->done + now->last + 1;

			now--;
			now->done += now->last;
			now->last = parts;
		} else if (*at == '(') {
			if (now == level + DEPTH_MAX)
				return true;
			*++now = (struct parts){0};
		} else if (*at == '+') {
			now->last *= at > text && strchr("+*?}", at[-1]) ? 8 : 2;
		} else if (*at == '{') {
			now->last *= copies(at);
		} else if (*at != '*' && *at != '?') {
			now->done += now->last;
			now->last = 1;
			if (*at == '[')
				at = skip_brackets(at);
			else
				at += *at == '\\' && at[1];
		}
		if (now->done + now->last > PARTS_MAX)
			return true;
	}
	return false;
}

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
	const char *refusal = foreign_dialect(pattern->text);
	int result;

	if (!refusal && strlen(pattern->text) > REGEX_MAX)
		refusal = "it is longer than 1000 bytes";
	if (!refusal && is_too_large(pattern->text))
		refusal = "it repeats too much, or is too deep; write a simpler one";
	if (refusal) {
		snprintf(why, size, "%s", refusal);
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
