/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static const char mark[] = "\n(the rest is cut)";

/* Is it a byte within a character? */
static bool continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

void text_start(struct text *text, char *buffer, size_t room)
{
	*text = (struct text){.data = buffer, .room = room - sizeof(mark)};
	buffer[0] = '\0';
}

/* Take a character off the end that lacks some of its bytes. */
static void drop_half_character(struct text *text)
{
	for (size_t back = 1; back <= 4 && back <= text->size; back++) {
		const char *at = text->data + text->size - back;

		if (continues(*at))
			continue;
		if (!text_utf8(at, back))
			text->size -= back;
		return;
	}
}

static void cut(struct text *text)
{
	text->cut = true;
	memcpy(text->data + text->size, mark, sizeof(mark));
	text->size += sizeof(mark) - 1;
}

void text_vadd(struct text *text, const char *format, va_list args)
{
	size_t room = text->room - text->size;
	int size;

	if (text->cut)
		return;
	size = vsnprintf(text->data + text->size, room, format, args);
	if (size < 0)
		return;
	if ((size_t)size < room) {
		text->size += (size_t)size;
		return;
	}
	text->size = text->room - 1;
	drop_half_character(text);
	cut(text);
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vadd(text, format, args);
	va_end(args);
}

static void add_bytes(struct text *text, const char *data, size_t size)
{
	if (text->cut)
		return;
	if (size >= text->room - text->size) {
		cut(text);
		return;
	}
	memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

size_t text_utf8(const char *data, size_t size)
{
	const unsigned char *c = (const unsigned char *)data;
	size_t length = size == 0      ? 0
			: c[0] < 0x80  ? 1
			: c[0] < 0xC2  ? 0
			: c[0] < 0xE0  ? 2
			: c[0] < 0xF0  ? 3
			: c[0] <= 0xF4 ? 4
				       : 0;

	if (length > size)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((c[i] & 0xC0) != 0x80)
			return 0;
	if ((length == 3 && ((c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F))) ||
	    (length == 4 && ((c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] > 0x8F))))
		return 0; /* overlong, surrogates, past the last code point */
	return length;
}

static void add_escape(struct text *text, unsigned char c)
{
	static const char letters[] = "\a\b\t\n\v\f\r", names[] = "abtnvfr";
	const char *letter = c ? strchr(letters, c) : NULL;

	if (letter)
		text_add(text, "\\%c", names[letter - letters]);
	else
		text_add(text, "\\x%02x", c);
}

static void add_data(struct text *text, const char *data, size_t size, const char *special)
{
	while (size && !text->cut) {
		size_t length = text_utf8(data, size);
		unsigned char c = (unsigned char)*data;

		if (length == 1 && c && strchr(special, c))
			text_add(text, "\\%c", c);
		else if (length > 1 || (length == 1 && c >= ' ' && c != 0x7F))
			add_bytes(text, data, length);
		else
			add_escape(text, c);
		length = length ? length : 1;
		data += length;
		size -= length;
	}
}

void text_add_escaped(struct text *text, const char *data, size_t size)
{
	add_data(text, data, size, "");
}

void text_add_quoted(struct text *text, const char *data, size_t size, size_t center, size_t limit)
{
	size_t from = 0, to = size;

	if (size > limit) {
		from = center > limit / 2 ? center - limit / 2 : 0;
		if (from > size - limit)
			from = size - limit;
		to = from + limit;
	}
	for (int i = 0; i < 3 && from && continues(data[from]); i++)
		from--;
	for (int i = 0; i < 3 && to < size && continues(data[to]); i++)
		to++;
	text_add(text, "%s\"", from ? "..." : "");
	add_data(text, data + from, to - from, "\"\\");
	text_add(text, "\"%s", to < size ? "..." : "");
}

const char *text_signal(int number, char buffer[static TEXT_SIGNAL_ROOM])
{
	const char *name = sigabbrev_np(number);

	if (name)
		snprintf(buffer, TEXT_SIGNAL_ROOM, "SIG%s", name);
	else if (number >= SIGRTMIN && number <= SIGRTMAX)
		snprintf(buffer, TEXT_SIGNAL_ROOM, "SIGRTMIN%+d", number - SIGRTMIN);
	else
		snprintf(buffer, TEXT_SIGNAL_ROOM, "signal %d", number);
	return buffer;
}
