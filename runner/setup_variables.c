/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* What is wrong with a line that is no variable; NULL: it is one. */
static const char *complaint(const char *line, size_t size)
{
	const char *equals = memchr(line, '=', size);

	if (memchr(line, '\0', size))
		return "there is a zero byte in it";
	if (!equals || equals == line)
		return "it is no NAME=VALUE";
	for (const char *c = line; c < equals; c++)
		if (!(isalpha((unsigned char)*c) || *c == '_' ||
		      (c > line && isdigit((unsigned char)*c))))
			return "its name is not made of letters, digits and '_'";
	if (size >= 6 && !strncmp(line, "CLOCHE", 6))
		return "names that begin with CLOCHE are cloche's own";
	return NULL;
}

int setup_variables(const char *text, size_t text_size, char **ret_list, char *why, size_t size)
{
	const char *end = text + text_size;
	char *list = malloc(text_size + 1), *to = list;
	unsigned number = 1;

	if (!list) {
		snprintf(why, size, "there is no memory left");
		return -ENOMEM;
	}
	for (const char *line = text; line < end; number++) {
		const char *newline = memchr(line, '\n', end - line);
		size_t length = (newline ? newline : end) - line;
		const char *wrong = length ? complaint(line, length) : NULL;

		if (wrong) {
			snprintf(why, size, "line %u, '%.*s': %s", number,
				 (int)(length < 64 ? length : 64), line, wrong);
			free(list);
			return -EINVAL;
		}
		if (length && to > list)
			*to++ = '\n';
		to = mempcpy(to, line, length);
		line += length + 1;
	}
	*to = '\0';
	*ret_list = list;
	return 0;
}
