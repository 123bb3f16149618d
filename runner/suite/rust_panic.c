/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <string.h>

#include "suite/lines.h"
#include "suite/rust_panic.h"

#define LIBTEST "/library/test/src/"

/* A line behind the text of a panic. The two streams of a test come together in any way. */
static bool is_behind(const char *line, size_t size)
{
	static const char *const starts[] = {"stack backtrace:", "note: ",    "thread '",
					     "test result: ",    "failures:", "test "};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (size >= strlen(starts[i]) && !memcmp(line, starts[i], strlen(starts[i])))
			return true;
	return false;
}

/* ":12" at the end. */
static bool take_number(const char *text, size_t *size, unsigned *ret_number)
{
	size_t at = *size, number = 0;

	while (at && text[at - 1] >= '0' && text[at - 1] <= '9')
		at--;
	if (at == *size || !at || text[at - 1] != ':' || *size - at > 9)
		return false;
	for (size_t i = at; i < *size; i++)
		number = 10 * number + (size_t)(text[i] - '0');
	*size = at - 1;
	*ret_number = (unsigned)number;
	return true;
}

static bool take_place(const char *text, size_t size, struct rust_panic *panic)
{
	unsigned line, column;

	if (!take_number(text, &size, &column) || !take_number(text, &size, &line) || !size ||
	    !line)
		return false;
	panic->file = text;
	panic->file_size = size;
	panic->line = line;
	panic->of_library = memmem(text, size, LIBTEST, strlen(LIBTEST));
	return true;
}

/* "'TEXT', PLACE", where the text may have newlines and quotes. */
static bool take_quoted(const char *at, const char *end, struct rust_panic *panic)
{
	const char *close = at + 1;

	if (at == end || *at != '\'')
		return false;
	while ((close = memmem(close, end - close, "', ", 3))) {
		const char *place = close + 3, *newline = memchr(place, '\n', end - place);

		if (take_place(place, (newline ? newline : end) - place, panic)) {
			panic->text = at + 1;
			panic->size = close - panic->text;
			return true;
		}
		close++;
	}
	return false;
}

static void take_text(const char *at, const char *end, struct rust_panic *panic)
{
	struct lines lines = lines_of(at, end - at);
	const char *line;
	size_t size;

	panic->text = at;
	panic->size = 0;
	while (lines_next(&lines, &line, &size) && !is_behind(line, size))
		if (size)
			panic->size = line + size - at;
}

bool rust_next_panic(const char **at, const char *end, struct rust_panic *ret_panic)
{
	static const char mark[] = " panicked at ";
	const char *found, *line, *newline, *next;

	while ((found = memmem(*at, end - *at, mark, sizeof(mark) - 1))) {
		line = memrchr(*at, '\n', found - *at);
		line = line ? line + 1 : *at;
		*at = found + sizeof(mark) - 1;
		if (!memmem(line, found - line, "thread '", 8))
			continue;
		newline = memchr(*at, '\n', end - *at);
		newline = newline ? newline : end;
		next = memmem(newline, end - newline, "\nthread '", 9);
		next = next ? next : end;
		*ret_panic = (struct rust_panic){0};
		if (newline > *at && newline[-1] == ':' &&
		    take_place(*at, newline - 1 - *at, ret_panic))
			take_text(newline < end ? newline + 1 : end, next, ret_panic);
		else if (!take_quoted(*at, next, ret_panic))
			take_text(*at, next, ret_panic);
		*at = next;
		return true;
	}
	return false;
}
