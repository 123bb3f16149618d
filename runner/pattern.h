/* SPDX-License-Identifier: MIT */
/*
 * pattern.h: one text that others are matched against
 */
#ifndef CLOCHE_PATTERN_H
#define CLOCHE_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

enum pattern_way {
	PATTERN_GLOB,     /* the whole of it, fnmatch(3) */
	PATTERN_EQUAL,    /* the whole of it, as it is written */
	PATTERN_CONTAINS, /* anywhere in it, as it is written */
	PATTERN_REGEX,    /* anywhere in it, POSIX extended, regcomp(3) */
};

struct pattern {
	enum pattern_way way;
	char *text; /* its own */
	regex_t regex;
};

/* Take `text`, allocated. Returns 0, or -EINVAL or -ENOMEM with the reason in `why`. */
int pattern_set(struct pattern *pattern, enum pattern_way way, char *text, char *why, size_t size);

bool pattern_matches(const struct pattern *pattern, const char *text);

/* Has it '*', '?' or '[', which make a GLOB, with no '\' before? */
bool pattern_is_glob(const char *text);

void pattern_free(struct pattern *pattern);

#endif
