/* SPDX-License-Identifier: MIT */
/*
 * text.h: a message put together in a buffer of fixed size. Pure.
 *
 * What does not fit is left out, and the text ends with a line that says so. Whatever bytes are
 * added as data come out printable: control characters, and what is no UTF-8, as C escapes.
 */
#ifndef CLOCHE_TEXT_H
#define CLOCHE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data; /* always ends with NUL */
	size_t size, room;
	bool cut;
};

/* `room` is at least TEXT_ROOM_MIN. */
#define TEXT_ROOM_MIN 64
void text_start(struct text *text, char *buffer, size_t room);

__attribute__((format(printf, 2, 3))) void text_add(struct text *text, const char *format, ...);
__attribute__((format(printf, 2, 0))) void text_vadd(struct text *text, const char *format,
						     va_list args);

/* As they are, apart from escapes. */
void text_add_escaped(struct text *text, const char *data, size_t size);

/* In double quotes, at most `limit` bytes of it around `center`, with "..." where it is cut. */
void text_add_quoted(struct text *text, const char *data, size_t size, size_t center, size_t limit);

/*
 * "SIGSEGV"; a real-time signal has no name: "SIGRTMIN+3"; what is no signal: "signal 99". For the
 * name alone, sigabbrev_np(3) gives NULL.
 */
#define TEXT_SIGNAL_ROOM 32
const char *text_signal(int number, char buffer[static TEXT_SIGNAL_ROOM]);

/* The length in bytes of the UTF-8 character at `data`, or 0 where there is none. */
size_t text_utf8(const char *data, size_t size);

#endif
