/* SPDX-License-Identifier: MIT */
/*
 * record.h: what travels from a test to its keeper, as it happens
 *
 * A test says what it has to say in records, on a pipe that it shares with nobody but its own
 * descendants. The reader trusts nothing: whatever bytes arrive, it either yields whole records
 * or says that the stream is damaged, in bounded memory.
 *
 * All records have one shape, so there is one codec, pure and fuzzed:
 *
 *   header   16 bytes, little endian:
 *            u8 magic (0xC1)  u8 type  u8 flags  u8 reserved (0)  u32 length  u32 writer  u32 line
 *   payload  `length` bytes, at most RECORD_PAYLOAD_MAX:
 *            u64 a  u64 b  then three strings: file, name, text, each u16 size and the bytes
 *
 * A header with its payload is written by one write() of at most PIPE_BUF bytes, which the kernel
 * keeps in one piece (pipe(7)). A text that does not fit goes on in further records of the same
 * type and the same writer, all but the last with RECORD_MORE set; only `text` is read from these.
 *
 *   type            a              b               line     file   name          text
 *   RECORD_FAILURE  -              -               line     place  as written    what was wrong
 *   RECORD_NOTE     -              -               line     place  -             the note
 *   RECORD_SKIP     -              -               line     place  -             the reason
 *   RECORD_ATTACH   total bytes    -               -        -      its name      the bytes
 *   RECORD_CRASH    signal number  fault address   si_code  -      -             frames, see
 * crash.c RECORD_LIMIT    -              -               -        -      option name   -
 *   RECORD_DONE     checks made    failures        -        -      -             -
 *
 * The end is said: DONE is the last record of a body that ended by itself. A stream that ends
 * without it means that the test died, whatever its exit status was.
 */
#ifndef CLOCHE_RECORD_H
#define CLOCHE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_MAGIC       0xC1
#define RECORD_MAX         4096 /* PIPE_BUF on Linux */
#define RECORD_HEADER      16
#define RECORD_PAYLOAD_MAX (RECORD_MAX - RECORD_HEADER)
#define RECORD_NAME_MAX    255        /* of `file` and of `name` */
#define RECORD_TEXT_MAX    (1u << 20) /* of one text put together again, attachments aside */

#define RECORD_PENDING_MAX   64         /* texts being put together at one time */
#define RECORD_PENDING_BYTES (4u << 20) /* of all of them */

enum record_type {
	RECORD_FAILURE = 1,
	RECORD_NOTE,
	RECORD_SKIP,
	RECORD_ATTACH,
	RECORD_CRASH,
	RECORD_LIMIT,
	RECORD_DONE,
};

enum record_flags {
	RECORD_MORE = 1 << 0, /* the text goes on in the next record of this type and writer */
	RECORD_CUT = 1 << 1,  /* set by the reader: the text was longer than RECORD_TEXT_MAX */
};

/* A string that need not end with NUL. */
struct record_text {
	const char *data;
	size_t size;
};

struct record {
	enum record_type type;
	unsigned flags;
	uint32_t writer; /* thread id, so that the pieces of two writers are not mixed */
	uint32_t line;
	uint64_t a, b;
	struct record_text file, name, text;
};

/*
 * Encode one piece of `record` into `buffer` (RECORD_MAX bytes), its text from *offset on.
 * Advances *offset by the text bytes that fitted; call again while it is < record->text.size.
 * file and name longer than 255 bytes keep their last (file) or first (name) 255, and travel with
 * the first piece only. RECORD_MORE in record->flags says that more follows even after this text.
 * Returns the number of bytes to write at once.
 */
size_t record_encode(const struct record *record, size_t *offset, uint8_t buffer[RECORD_MAX]);

/*
 * Decode the piece at the start of `bytes`.
 * Returns its size in bytes; 0 when it is not complete yet; -EBADMSG when it is no record.
 * The strings of *ret point into `bytes`.
 */
long record_decode(const uint8_t *bytes, size_t size, struct record *ret);

/*
 * A reader puts pieces together. Life cycle: zero-initialise; record_reader_feed() for whatever
 * arrives; record_reader_free(). RECORD_ATTACH pieces are handed on one by one, as they come (the
 * flag RECORD_MORE tells that more follow); every other record is handed on whole.
 */
struct record_reader {
	uint8_t buffer[RECORD_MAX]; /* a piece that is not complete */
	size_t filled;
	struct record_pending *pending; /* texts being put together, at most RECORD_PENDING_MAX */
	unsigned pending_count;
	size_t pending_bytes; /* of their texts; at most RECORD_PENDING_BYTES, then texts are cut */
	bool damaged;         /* no resynchronisation: nothing after this is believed */
};

typedef void record_handler(void *context, const struct record *record);

/*
 * Returns 0, or -EBADMSG once the stream is damaged (also for every later call), -ENOMEM.
 */
int record_reader_feed(struct record_reader *reader, const void *bytes, size_t size,
		       record_handler *handler, void *context);

/*
 * The stream has ended: hand on, with RECORD_CUT, the texts that were never finished, because
 * their writer died in the middle.
 */
void record_reader_finish(struct record_reader *reader, record_handler *handler, void *context);

/* Bytes of an unfinished piece, or an unfinished text: the writer died in the middle. */
bool record_reader_is_midway(const struct record_reader *reader);

void record_reader_free(struct record_reader *reader);

#endif
