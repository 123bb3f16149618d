/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "excerpt.h"
#include "utf8.h"

/* The text around a place, of at most this many columns before and after it. */
#define EXCERPT_BEFORE 40
#define EXCERPT_AFTER  36

/* At most: a byte that is no character of its own may be shown as \xNN. */
static size_t columns(char c)
{
	return c >= ' ' && c <= '~' ? 1 : 4;
}

char *excerpt_show(const char *from, size_t length)
{
	char *part = strndup(from, length), *safe = NULL;
	size_t size = 0;
	FILE *stream = part ? open_memstream(&safe, &size) : NULL;

	if (stream) {
		utf8_in_line(stream, part);
		fclose(stream);
	}
	free(part);
	return safe;
}

/* `line` 0: the text; else so much of a line, or of room, below it. */
static void print_part(FILE *out, const char *from, const char *to, char line)
{
	char *safe = excerpt_show(from, (size_t)(to - from));

	for (const char *c = safe; c && *c; c++)
		if (!line || ((unsigned char)*c & 0xc0) != 0x80)
			fputc(line ? line : *c, out);
	free(safe);
}

void excerpt_print(FILE *out, const char *text, const char *place, size_t length)
{
	const char *from = place, *to = place;

	for (size_t room = EXCERPT_BEFORE; from > text && columns(from[-1]) <= room;)
		room -= columns(*--from);
	while (from < place && (*from & 0xc0) == 0x80) /* not in the middle of a character */
		from++;
	for (size_t room = EXCERPT_AFTER; *to && columns(*to) <= room;)
		room -= columns(*to++);
	while (to > place && (*to & 0xc0) == 0x80)
		to--;
	length = length > (size_t)(to - place) ? (size_t)(to - place) : length;
	fputs(from > text ? "\n  ..." : "\n  ", out);
	print_part(out, from, to, 0);
	fputs(*to ? "..." : "", out);
	fputs(from > text ? "\n     " : "\n  ", out);
	print_part(out, from, place, ' ');
	fputc('^', out);
	if (length > 1)
		print_part(out, place + utf8_length(place, length), place + length, '~');
}
