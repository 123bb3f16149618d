/* SPDX-License-Identifier: MIT */
/*
 * lines.h: text that a program printed, line by line
 */
#ifndef CLOCHE_LINES_H
#define CLOCHE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct lines {
	const char *at, *end;
};

static inline struct lines lines_of(const char *text, size_t size)
{
	return (struct lines){text, text + size};
}

/* The next one, without its newline. Returns false at the end. */
static inline bool lines_next(struct lines *lines, const char **ret_line, size_t *ret_size)
{
	const char *newline;

	if (lines->at == lines->end)
		return false;
	newline = memchr(lines->at, '\n', lines->end - lines->at);
	*ret_line = lines->at;
	*ret_size = (newline ? newline : lines->end) - lines->at;
	lines->at = newline ? newline + 1 : lines->end;
	return true;
}

#endif
