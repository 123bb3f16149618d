/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_writer.h"
#include "utf8.h"

#define ROOM_FIRST 4096
#define ROOM_KEPT  (512u << 10) /* between two events */
#define DIGITS     20           /* of 2^63, with its sign */

/* Room for so many bytes more, or NULL. */
static char *more(struct json_writer *to, size_t size)
{
	size_t room = to->room ? to->room : ROOM_FIRST;
	char *grown;

	if (to->failed)
		return NULL;
	if (size <= to->room - to->size)
		return to->bytes + to->size;
	while (room - to->size < size)
		room *= 2;
	grown = realloc(to->bytes, room);
	if (!grown) {
		to->failed = true;
		return NULL;
	}
	to->bytes = grown;
	to->room = room;
	return grown + to->size;
}

static void add(struct json_writer *to, const char *bytes, size_t size)
{
	char *place = size ? more(to, size) : NULL;

	if (!place)
		return;
	memcpy(place, bytes, size);
	to->size += size;
}

/* What is before a value: a comma, unless it is the first one; and its key. */
static void begin_value(struct json_writer *to, const char *key)
{
	size_t length = key ? strlen(key) : 0;
	char last = to->size ? to->bytes[to->size - 1] : '\n', *place = more(to, length + 4);

	if (!place)
		return;
	if (last != '{' && last != '[' && last != '\n')
		*place++ = ',';
	if (key) {
		*place++ = '"';
		place = mempcpy(place, key, length);
		*place++ = '"';
		*place++ = ':';
	}
	to->size = place - to->bytes;
}

void json_put_begin(struct json_writer *to, const char *key, char bracket)
{
	begin_value(to, key);
	add(to, &bracket, 1);
}

void json_put_end(struct json_writer *to, char bracket)
{
	add(to, &bracket, 1);
}

void json_put_line_end(struct json_writer *to)
{
	add(to, "\n", 1);
}

void json_put_null(struct json_writer *to, const char *key)
{
	begin_value(to, key);
	add(to, "null", 4);
}

void json_put_bool(struct json_writer *to, const char *key, bool value)
{
	begin_value(to, key);
	add(to, value ? "true" : "false", value ? 4 : 5);
}

/* Backwards from `end`; returns where it begins. */
static char *digits(char *end, uint64_t number)
{
	do {
		*--end = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return end;
}

void json_put_number(struct json_writer *to, const char *key, int64_t value)
{
	char text[DIGITS], *end = text + sizeof(text);
	char *at = digits(end, value < 0 ? -(uint64_t)value : (uint64_t)value);

	if (value < 0)
		*--at = '-';
	begin_value(to, key);
	add(to, at, end - at);
}

void json_put_seconds(struct json_writer *to, const char *key, double seconds)
{
	int64_t micros = (int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5));
	uint64_t size = micros < 0 ? -(uint64_t)micros : (uint64_t)micros;
	char text[DIGITS + 8] = "", *end = text + sizeof(text), *point = end - 7, *at;

	digits(end, 1000000 + size % 1000000); /* whose 1 is where the point comes */
	*point = '.';
	while (end > point + 2 && end[-1] == '0')
		end--;
	at = digits(point, size / 1000000);
	if (micros < 0)
		*--at = '-';
	begin_value(to, key);
	add(to, at, end - at);
}

/* ---- texts ---- */

/* How many bytes can stand in a string as they are. */
static size_t plain(const unsigned char *bytes, size_t size)
{
	size_t at = 0;

	while (at < size && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\')
		at++;
	return at;
}

static void add_escape(struct json_writer *to, char byte)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char text[8] = "\\";
	size_t size = 2;

	for (size_t i = 0; i < sizeof(names) - 1; i += 2)
		if (names[i] == byte)
			text[1] = names[i + 1];
	if (!text[1])
		size = (size_t)sprintf(text, "\\u%04X", (unsigned char)byte);
	add(to, text, size);
}

static void add_string(struct json_writer *to, const char *bytes, size_t size)
{
	size_t run;

	add(to, "\"", 1);
	for (;;) {
		run = plain((const unsigned char *)bytes, size);
		add(to, bytes, run);
		if (run == size)
			break;
		add_escape(to, bytes[run]);
		bytes += run + 1;
		size -= run + 1;
	}
	add(to, "\"", 1);
}

/* Is it UTF-8, and when every byte counts, without characters that stand for others? */
static bool can_stay(const char *bytes, size_t size, bool exact)
{
	for (size_t at = 0, length; at < size; at += length) {
		if (!(bytes[at] & 0x80)) {
			length = 1;
			continue;
		}
		length = utf8_length(bytes + at, size - at);
		if (!length || (exact && !memcmp(bytes + at, "\xf4\x8f", 2)))
			return false;
	}
	return true;
}

bool json_put_bytes(struct json_writer *to, const char *key, const char *bytes, size_t size)
{
	char *safe = NULL;
	size_t safe_size = 0;
	bool replaced = false;
	FILE *stream;

	begin_value(to, key);
	if (can_stay(bytes, size, to->exact)) {
		add_string(to, bytes, size);
		return false;
	}
	stream = open_memstream(&safe, &safe_size);
	if (stream) {
		replaced = (to->exact ? utf8_escape : utf8_repair)(stream, bytes, size);
		to->failed |= fclose(stream) != 0;
		add_string(to, safe, safe_size);
	}
	to->failed |= !stream;
	free(safe);
	return replaced;
}

void json_put_text(struct json_writer *to, const char *key, const char *text)
{
	if (text)
		json_put_bytes(to, key, text, strlen(text));
	else
		json_put_null(to, key);
}

/* ---- its memory ---- */

void json_writer_empty(struct json_writer *writer)
{
	if (writer->room > ROOM_KEPT)
		json_writer_free(writer);
	writer->size = 0;
	writer->failed = false;
}

void json_writer_free(struct json_writer *writer)
{
	free(writer->bytes);
	writer->bytes = NULL;
	writer->size = writer->room = 0;
}
