/* SPDX-License-Identifier: MIT */
/*
 * The codec of record.h: one piece to bytes, and bytes to one piece
 *
 * Pure. The decoder looks at no byte that it was not given, and refuses a piece as soon as one of
 * its bytes is wrong, so that a reader never waits for the rest of what is no record.
 */
#include <errno.h>
#include <string.h>

#include "record.h"

#define PAYLOAD_MIN (2 * sizeof(uint64_t) + 3 * sizeof(uint16_t))

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static uint8_t *put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*at++ = (uint8_t)(value >> 8 * i);
	return at;
}

static uint64_t get(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

static uint8_t *put_text(uint8_t *at, const char *data, size_t size)
{
	at = put(at, size, 2);
	if (size)
		memcpy(at, data, size);
	return at + size;
}

size_t record_encode(const struct record *record, size_t *offset, uint8_t buffer[RECORD_MAX])
{
	size_t file = *offset ? 0 : least(record->file.size, RECORD_NAME_MAX);
	size_t name = *offset ? 0 : least(record->name.size, RECORD_NAME_MAX);
	size_t room = RECORD_PAYLOAD_MAX - PAYLOAD_MIN - file - name;
	size_t text = least(record->text.size - *offset, room);
	bool more = *offset + text < record->text.size || record->flags & RECORD_MORE;
	uint8_t *at = buffer;

	at = put(at, RECORD_MAGIC, 1);
	at = put(at, record->type, 1);
	at = put(at, more ? RECORD_MORE : 0, 1);
	at = put(at, 0, 1);
	at = put(at, PAYLOAD_MIN + file + name + text, 4);
	at = put(at, record->writer, 4);
	at = put(at, record->line, 4);
	at = put(at, record->a, 8);
	at = put(at, record->b, 8);
	at = put_text(at, file ? record->file.data + (record->file.size - file) : NULL, file);
	at = put_text(at, record->name.data, name);
	at = put_text(at, text ? record->text.data + *offset : NULL, text);
	*offset += text;
	return (size_t)(at - buffer);
}

/* Is what is here of a header the start of one? *ret_length is set when all of it is here. */
static bool header_is_sound(const uint8_t *bytes, size_t size, size_t *ret_length)
{
	if (size > 0 && bytes[0] != RECORD_MAGIC)
		return false;
	if (size > 1 && (bytes[1] < RECORD_FAILURE || bytes[1] > RECORD_DONE))
		return false;
	if (size > 2 && bytes[2] & ~RECORD_MORE)
		return false;
	if (size > 3 && bytes[3])
		return false;
	if (size >= RECORD_HEADER) {
		*ret_length = get(bytes + 4, 4);
		return *ret_length >= PAYLOAD_MIN && *ret_length <= RECORD_PAYLOAD_MAX;
	}
	return true;
}

/* Take one string of at most `limit` bytes off the payload, if it is whole. */
static bool take_text(const uint8_t **at, const uint8_t *end, size_t limit, struct record_text *ret)
{
	size_t size;

	if (end - *at < 2)
		return false;
	size = get(*at, 2);
	*at += 2;
	if (size > limit || size > (size_t)(end - *at))
		return false;
	*ret = (struct record_text){(const char *)*at, size};
	*at += size;
	return true;
}

long record_decode(const uint8_t *bytes, size_t size, struct record *ret)
{
	struct record record = {0};
	const uint8_t *at, *end;
	size_t length = 0;

	if (!header_is_sound(bytes, size, &length))
		return -EBADMSG;
	if (size < RECORD_HEADER || size - RECORD_HEADER < length)
		return 0;
	record.type = (enum record_type)bytes[1];
	record.flags = bytes[2];
	record.writer = (uint32_t)get(bytes + 8, 4);
	record.line = (uint32_t)get(bytes + 12, 4);
	at = bytes + RECORD_HEADER;
	end = at + length;
	record.a = get(at, 8);
	record.b = get(at + 8, 8);
	at += 16;
	if (!take_text(&at, end, RECORD_NAME_MAX, &record.file) ||
	    !take_text(&at, end, RECORD_NAME_MAX, &record.name) ||
	    !take_text(&at, end, RECORD_PAYLOAD_MAX, &record.text) || at != end)
		return -EBADMSG;
	*ret = record;
	return (long)(RECORD_HEADER + length);
}
