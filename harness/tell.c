/* SPDX-License-Identifier: MIT */
/*
 * skip, note and fail: what a test says in its own words
 */
#include <errno.h>
#include <stdarg.h>

#include "body.h"
#include "cloche.h"
#include "text.h"

#define ROOM 8192

void cloche_skip_at(const char *file, unsigned line, const char *format, ...)
{
	char buffer[ROOM];
	struct text text;
	va_list args;

	text_start(&text, buffer, sizeof(buffer));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	body_skip(file, line, text.data, text.size);
	cloche_end_test();
}

void cloche_note_at(const char *file, unsigned line, const char *format, ...)
{
	int error = errno;
	char buffer[ROOM];
	struct text text;
	va_list args;

	text_start(&text, buffer, sizeof(buffer));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	body_note(file, line, text.data, text.size);
	errno = error;
}

void cloche_fail_at(const char *file, unsigned line, const char *format, ...)
{
	int error = errno;
	char buffer[ROOM];
	struct text text;
	va_list args;

	text_start(&text, buffer, sizeof(buffer));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	body_check();
	body_failure(file, line, "fail()", text.data, text.size, error);
	errno = error;
}
