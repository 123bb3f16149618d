/* SPDX-License-Identifier: MIT */
/*
 * The reader of record.h: puts pieces together, in bounded memory. Pure.
 *
 * Pieces of one text are told from those of another by writer and type: a crash handler may speak
 * in the middle of a failure of the same thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

struct record_pending {
	struct record_pending *next;
	struct record record; /* its file and name point to what follows, its text to `text` */
	char file[RECORD_NAME_MAX], name[RECORD_NAME_MAX];
	char *text;
	size_t size, room;
};

static struct record_pending **find(struct record_reader *reader, const struct record *piece)
{
	struct record_pending **at = &reader->pending;

	while (*at && ((*at)->record.writer != piece->writer || (*at)->record.type != piece->type))
		at = &(*at)->next;
	return at;
}

static void discard(struct record_reader *reader, struct record_pending **at)
{
	struct record_pending *pending = *at;

	*at = pending->next;
	reader->pending_count--;
	reader->pending_bytes -= pending->size;
	free(pending->text);
	free(pending);
}

static void keep(struct record_text *text, char *copy)
{
	if (text->size)
		memcpy(copy, text->data, text->size);
	text->data = copy;
}

static int start(struct record_reader *reader, const struct record *first,
		 struct record_pending **at)
{
	struct record_pending *pending;

	if (reader->pending_count >= RECORD_PENDING_MAX)
		return -EBADMSG;
	pending = calloc(1, sizeof(*pending));
	if (!pending)
		return -ENOMEM;
	pending->record = *first;
	pending->record.flags = 0;
	keep(&pending->record.file, pending->file);
	keep(&pending->record.name, pending->name);
	*at = pending;
	reader->pending_count++;
	return 0;
}

static int grow(struct record_pending *pending, size_t size)
{
	size_t room = pending->room ? pending->room : RECORD_MAX;
	char *text;

	if (size <= pending->room)
		return 0;
	while (room < size)
		room *= 2;
	text = realloc(pending->text, room);
	if (!text)
		return -ENOMEM;
	pending->text = text;
	pending->room = room;
	return 0;
}

/* Append the text of a piece, as far as the bounds allow. */
static int append(struct record_reader *reader, struct record_pending *pending,
		  const struct record_text *text)
{
	size_t size = text->size, room = RECORD_TEXT_MAX - pending->size;
	size_t room_of_all = RECORD_PENDING_BYTES - reader->pending_bytes;
	int result;

	if (room > room_of_all)
		room = room_of_all;
	if (size > room) {
		size = room;
		pending->record.flags |= RECORD_CUT;
	}
	if (!size)
		return 0;
	result = grow(pending, pending->size + size);
	if (result)
		return result;
	memcpy(pending->text + pending->size, text->data, size);
	pending->size += size;
	reader->pending_bytes += size;
	return 0;
}

static void hand_on(struct record_reader *reader, struct record_pending **at,
		    record_handler *handler, void *context)
{
	(*at)->record.text = (struct record_text){(*at)->text, (*at)->size};
	handler(context, &(*at)->record);
	discard(reader, at);
}

/* Texts that this writer (or everybody, when `writer` is NULL) will not finish any more. */
static void hand_on_unfinished(struct record_reader *reader, const uint32_t *writer,
			       record_handler *handler, void *context)
{
	struct record_pending **at = &reader->pending;

	while (*at) {
		if (writer && (*at)->record.writer != *writer) {
			at = &(*at)->next;
			continue;
		}
		(*at)->record.flags |= RECORD_CUT;
		hand_on(reader, at, handler, context);
	}
}

static int take(struct record_reader *reader, const struct record *piece, record_handler *handler,
		void *context)
{
	bool last = !(piece->flags & RECORD_MORE);
	struct record_pending **at;
	int result;

	if (!*find(reader, piece) && (piece->type == RECORD_CRASH || piece->type == RECORD_DONE))
		hand_on_unfinished(reader, &piece->writer, handler, context);
	at = find(reader, piece);
	if (piece->type == RECORD_ATTACH || (!*at && last)) {
		handler(context, piece);
		return 0;
	}
	result = *at ? 0 : start(reader, piece, at);
	if (!result)
		result = append(reader, *at, &piece->text);
	if (!result && last)
		hand_on(reader, at, handler, context);
	return result;
}

/* One piece off `bytes`. Returns how many of them it took, or -errno. */
static long feed_piece(struct record_reader *reader, const uint8_t *bytes, size_t size,
		       record_handler *handler, void *context)
{
	size_t before = reader->filled;
	const uint8_t *from = bytes;
	struct record piece;
	long length;
	int result;

	if (before) {
		if (size > RECORD_MAX - before)
			size = RECORD_MAX - before;
		memcpy(reader->buffer + before, bytes, size);
		from = reader->buffer;
	}
	length = record_decode(from, before + size, &piece);
	if (length < 0)
		return length;
	if (!length) {
		if (!before)
			memcpy(reader->buffer, bytes, size);
		reader->filled = before + size;
		return (long)size;
	}
	reader->filled = 0;
	result = take(reader, &piece, handler, context);
	return result ? result : length - (long)before;
}

int record_reader_feed(struct record_reader *reader, const void *bytes, size_t size,
		       record_handler *handler, void *context)
{
	const uint8_t *at = bytes;

	if (reader->damaged)
		return -EBADMSG;
	while (size) {
		long taken = feed_piece(reader, at, size, handler, context);

		if (taken < 0) {
			reader->damaged = true;
			return (int)taken;
		}
		at += taken;
		size -= (size_t)taken;
	}
	return 0;
}

void record_reader_finish(struct record_reader *reader, record_handler *handler, void *context)
{
	hand_on_unfinished(reader, NULL, handler, context);
}

bool record_reader_is_midway(const struct record_reader *reader)
{
	return reader->filled || reader->pending;
}

void record_reader_free(struct record_reader *reader)
{
	while (reader->pending)
		discard(reader, &reader->pending);
	reader->filled = 0;
}
