/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "record.h"
#include "unit.h"

#define HEARD_MAX 128

/* What the handler was given, as one line each: "type:writer:name:size:first byte:flags". */
struct heard {
	char line[HEARD_MAX][64];
	size_t count, bytes;
};

static void hear(void *context, const struct record *record)
{
	struct heard *heard = context;

	ck_assert_uint_lt(heard->count, HEARD_MAX);
	snprintf(heard->line[heard->count++], 64, "%d:%u:%.*s:%zu:%c:%u", record->type,
		 record->writer, (int)record->name.size, record->name.data, record->text.size,
		 record->text.size ? record->text.data[0] : '-', record->flags);
	heard->bytes += record->text.size;
}

struct stream {
	uint8_t bytes[1 << 17];
	size_t size;
};

static struct record_text filled(char c, size_t size)
{
	static char space[4][1 << 16];
	static size_t next;
	char *data = space[next++ % 4];

	memset(data, c, size);
	return (struct record_text){data, size};
}

/* Append `count` pieces of a record, from *offset on. */
static void write_pieces(struct stream *stream, const struct record *record, size_t *offset,
			 size_t count)
{
	while (count--)
		stream->size += record_encode(record, offset, stream->bytes + stream->size);
}

static void write_all(struct stream *stream, const struct record *record)
{
	size_t offset = 0;

	do
		write_pieces(stream, record, &offset, 1);
	while (offset < record->text.size);
}

static struct stream stream;
static struct record_reader reader;
static struct heard heard;

static int feed_all(void)
{
	return record_reader_feed(&reader, stream.bytes, stream.size, hear, &heard);
}

static void write_mixture(void)
{
	write_all(&stream, &(struct record){.type = RECORD_NOTE, .writer = 5, .name = {"n", 1}});
	write_all(&stream, &(struct record){.type = RECORD_FAILURE,
					    .writer = 5,
					    .name = {"f", 1},
					    .text = filled('f', 9000)});
	write_all(&stream, &(struct record){.type = RECORD_ATTACH,
					    .writer = 5,
					    .name = {"a", 1},
					    .text = filled('a', 9000)});
	write_all(&stream, &(struct record){.type = RECORD_DONE, .writer = 5});
}

static void check_mixture(void)
{
	ck_assert_uint_eq(heard.count, 6);
	ck_assert_str_eq(heard.line[0], "2:5:n:0:-:0");
	ck_assert_str_eq(heard.line[1], "1:5:f:9000:f:0");
	ck_assert_ptr_eq(strstr(heard.line[2], "4:5:a:"), heard.line[2]); /* as it comes */
	ck_assert_ptr_nonnull(strstr(heard.line[2], ":a:1"));
	ck_assert_ptr_nonnull(strstr(heard.line[4], ":a:0"));
	ck_assert_str_eq(heard.line[5], "7:5::0:-:0");
	ck_assert_uint_eq(heard.bytes, 18000);
	ck_assert(!record_reader_is_midway(&reader));
}

START_TEST(chunks_of_any_size_give_the_same)
{
	write_mixture();
	for (size_t chunk = 1; chunk < 9000; chunk += chunk < 64 ? 1 : 997) {
		for (size_t at = 0; at < stream.size; at += chunk)
			ck_assert_int_eq(record_reader_feed(&reader, stream.bytes + at,
							    stream.size - at < chunk
								    ? stream.size - at
								    : chunk,
							    hear, &heard),
					 0);
		check_mixture();
		heard = (struct heard){0};
	}
	record_reader_free(&reader);
}
END_TEST

/* Two feeds, cut at every place: the rest is whole, and in the middle it is said to be midway. */
START_TEST(a_cut_at_every_byte_gives_the_same)
{
	write_mixture();
	for (size_t cut = 0; cut <= stream.size; cut += unit_every()) {
		reader = (struct record_reader){0};
		heard = (struct heard){0};
		ck_assert_int_eq(record_reader_feed(&reader, stream.bytes, cut, hear, &heard), 0);
		ck_assert_int_eq(record_reader_feed(&reader, stream.bytes + cut, stream.size - cut,
						    hear, &heard),
				 0);
		check_mixture();
		record_reader_free(&reader);
	}
	ck_assert_int_eq(record_reader_feed(&reader, stream.bytes, 20, hear, &heard), 0);
	ck_assert(record_reader_is_midway(&reader));
	record_reader_free(&reader);
}
END_TEST

START_TEST(two_writers_are_not_mixed)
{
	struct record a = {.type = RECORD_FAILURE, .writer = 1, .text = filled('a', 9000)};
	struct record b = {.type = RECORD_FAILURE, .writer = 2, .text = filled('b', 9000)};
	size_t offset_a = 0, offset_b = 0;

	for (int i = 0; i < 3; i++) {
		write_pieces(&stream, &a, &offset_a, 1);
		write_pieces(&stream, &b, &offset_b, 1);
	}
	ck_assert_int_eq(feed_all(), 0);
	ck_assert_uint_eq(heard.count, 2);
	ck_assert_str_eq(heard.line[0], "1:1::9000:a:0");
	ck_assert_str_eq(heard.line[1], "1:2::9000:b:0");
	record_reader_free(&reader);
}
END_TEST

START_TEST(a_crash_in_mid_sentence_loses_nothing)
{
	struct record failure = {.type = RECORD_FAILURE, .writer = 1, .text = filled('f', 9000)};
	struct record crash = {.type = RECORD_CRASH, .writer = 1, .text = filled('c', 5000)};
	size_t offset = 0;

	write_pieces(&stream, &failure, &offset, 2);
	write_all(&stream, &crash);
	ck_assert_int_eq(feed_all(), 0);
	ck_assert_uint_eq(heard.count, 2);
	ck_assert_ptr_eq(strstr(heard.line[0], "1:1:"), heard.line[0]);
	ck_assert_ptr_nonnull(strstr(heard.line[0], ":f:2")); /* RECORD_CUT */
	ck_assert_str_eq(heard.line[1], "5:1::5000:c:0");
	record_reader_free(&reader);
}
END_TEST

START_TEST(the_end_hands_on_what_is_unfinished)
{
	struct record failure = {.type = RECORD_FAILURE, .writer = 1, .text = filled('f', 9000)};
	size_t offset = 0;

	write_pieces(&stream, &failure, &offset, 1);
	ck_assert_int_eq(feed_all(), 0);
	ck_assert_uint_eq(heard.count, 0);
	ck_assert(record_reader_is_midway(&reader));
	record_reader_finish(&reader, hear, &heard);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_uint_eq(heard.bytes, offset);
	ck_assert(!record_reader_is_midway(&reader));
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut)
{
	struct record more = {
		.type = RECORD_NOTE, .flags = RECORD_MORE, .writer = 1, .text = filled('x', 60000)};
	struct record last = {.type = RECORD_NOTE, .writer = 1, .text = filled('y', 10)};

	write_all(&stream, &more);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(feed_all(), 0);
	stream.size = 0;
	write_all(&stream, &last);
	ck_assert_int_eq(feed_all(), 0);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_str_eq(heard.line[0], "2:1::1048576:x:2");
	ck_assert_uint_eq(reader.pending_bytes, 0);
}
END_TEST

START_TEST(the_longest_text_is_not_cut)
{
	for (int extra = 0; extra < 2; extra++) {
		size_t left = RECORD_TEXT_MAX + (size_t)extra;
		size_t known = heard.count;

		for (; left; left -= left < 4000 ? left : 4000) {
			stream.size = 0;
			write_all(&stream,
				  &(struct record){.type = RECORD_NOTE,
						   .flags = left > 4000 ? RECORD_MORE : 0,
						   .text = filled('x', left < 4000 ? left : 4000)});
			ck_assert_int_eq(feed_all(), 0);
		}
		ck_assert_str_eq(heard.line[known],
				 extra ? "2:0::1048576:x:2" : "2:0::1048576:x:0");
	}
}
END_TEST

START_TEST(all_texts_together_are_bounded)
{
	for (uint32_t writer = 1; writer <= 10; writer++) {
		struct record more = {.type = RECORD_NOTE,
				      .flags = RECORD_MORE,
				      .writer = writer,
				      .text = filled('x', 60000)};

		stream.size = 0;
		write_all(&stream, &more);
		for (int i = 0; i < 20; i++)
			ck_assert_int_eq(feed_all(), 0);
	}
	ck_assert_uint_eq(reader.pending_bytes, RECORD_PENDING_BYTES);
	record_reader_finish(&reader, hear, &heard);
	ck_assert_uint_eq(heard.bytes, RECORD_PENDING_BYTES);
	ck_assert_uint_eq(reader.pending_bytes, 0);
}
END_TEST

START_TEST(too_many_unfinished_texts_are_damage)
{
	int result = 0;

	for (uint32_t writer = 1; writer <= 64; writer++)
		write_all(&stream, &(struct record){.type = RECORD_NOTE,
						    .flags = RECORD_MORE,
						    .writer = writer,
						    .text = {"x", 1}});
	ck_assert_int_eq(feed_all(), 0);
	stream.size = 0;
	write_all(&stream, &(struct record){.type = RECORD_NOTE,
					    .flags = RECORD_MORE,
					    .writer = 65,
					    .text = {"x", 1}});
	result = feed_all();
	ck_assert_int_eq(result, -EBADMSG);
	record_reader_free(&reader);
}
END_TEST

START_TEST(nothing_is_believed_after_damage)
{
	write_mixture();
	ck_assert_int_eq(record_reader_feed(&reader, "garbage", 7, hear, &heard), -EBADMSG);
	ck_assert_int_eq(feed_all(), -EBADMSG);
	ck_assert_uint_eq(heard.count, 0);
}
END_TEST

UNIT_MAIN("record reader", chunks_of_any_size_give_the_same, a_cut_at_every_byte_gives_the_same,
	  two_writers_are_not_mixed, a_crash_in_mid_sentence_loses_nothing,
	  the_end_hands_on_what_is_unfinished, a_text_that_is_too_long_is_cut,
	  the_longest_text_is_not_cut, all_texts_together_are_bounded,
	  too_many_unfinished_texts_are_damage, nothing_is_believed_after_damage)
