/* SPDX-License-Identifier: MIT */
/*
 * skip, note and fail: what a test says in its own words
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "body.h"
#include "cloche.h"

#define ROOM 8192

static const char mark[] = "... (cut)";

/* Formats into `buffer`, however much was meant. Returns the size. */
__attribute__((format(printf, 2, 0))) static size_t format_text(char buffer[ROOM],
								const char *format, va_list args)
{
	size_t room = ROOM - sizeof(mark);
	int size = vsnprintf(buffer, room, format, args);

	if (size < 0)
		return (size_t)snprintf(buffer, ROOM, "%s", format);
	if ((size_t)size < room)
		return (size_t)size;
	for (size = (int)room - 1; size > 0 && (buffer[size - 1] & 0x80); size--)
		; /* not in the middle of a character */
	memcpy(buffer + size, mark, sizeof(mark));
	return (size_t)size + sizeof(mark) - 1;
}

void cloche_skip_at(const char *file, unsigned line, const char *format, ...)
{
	char buffer[ROOM];
	va_list args;
	size_t size;

	va_start(args, format);
	size = format_text(buffer, format, args);
	va_end(args);
	body_skip(file, line, buffer, size);
	cloche_end_test();
}

void cloche_note_at(const char *file, unsigned line, const char *format, ...)
{
	int error = errno;
	char buffer[ROOM];
	va_list args;
	size_t size;

	va_start(args, format);
	size = format_text(buffer, format, args);
	va_end(args);
	body_note(file, line, buffer, size);
	errno = error;
}

void cloche_fail_at(const char *file, unsigned line, const char *format, ...)
{
	int error = errno;
	char buffer[ROOM];
	va_list args;
	size_t size;

	va_start(args, format);
	size = format_text(buffer, format, args);
	va_end(args);
	body_check();
	body_failure(file, line, "fail()", buffer, size, error);
	errno = error;
}
