/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "record.h"
#include "unit.h"

/* Encode all pieces of a record, one after the other. The caller frees. */
static uint8_t *encode(const struct record *record, size_t *ret_size)
{
	uint8_t *bytes = NULL;
	size_t size = 0, offset = 0;

	do {
		bytes = realloc(bytes, size + RECORD_MAX);
		size += record_encode(record, &offset, bytes + size);
	} while (offset < record->text.size);
	*ret_size = size;
	return bytes;
}

static struct record_text text_of(const char *string)
{
	return (struct record_text){string, strlen(string)};
}

static void check_text(struct record_text text, const char *wanted)
{
	ck_assert_uint_eq(text.size, strlen(wanted));
	ck_assert_mem_eq(text.data, wanted, text.size);
}

static struct record sample(void)
{
	return (struct record){
		.type = RECORD_FAILURE,
		.writer = 0x01020304,
		.line = 77,
		.a = 0x1122334455667788,
		.b = UINT64_MAX,
		.file = text_of("t_net.c"),
		.name = text_of("EXPECT(a, ==, b)"),
		.text = text_of("a is 1\nb is 2"),
	};
}

START_TEST(comes_back)
{
	struct record record = sample(), back = {0};
	size_t size;
	uint8_t *bytes = encode(&record, &size);

	ck_assert_int_eq(record_decode(bytes, size, &back), (long)size);
	ck_assert_int_eq(back.type, RECORD_FAILURE);
	ck_assert_uint_eq(back.flags, 0);
	ck_assert_uint_eq(back.writer, 0x01020304);
	ck_assert_uint_eq(back.line, 77);
	ck_assert_uint_eq(back.a, 0x1122334455667788);
	ck_assert_uint_eq(back.b, UINT64_MAX);
	check_text(back.file, "t_net.c");
	check_text(back.name, "EXPECT(a, ==, b)");
	check_text(back.text, "a is 1\nb is 2");
	free(bytes);
}
END_TEST

/* The format is written down in record.h, and in docs: it is not what this build makes of it. */
START_TEST(has_the_documented_bytes)
{
	static const uint8_t wanted[] = {
		0xC1, 2, 0,   0, 27, 0,   0, 0, 4,   3,   2,  1, 9, 0, 0, 0, /* header */
		1,    0, 0,   0, 0,  0,   0, 0, 2,   0,   0,  0, 0, 0, 0, 0, /* a, b */
		1,    0, 'f', 1, 0,  'n', 3, 0, 't', 'x', 't'};
	const struct record record = {.type = RECORD_NOTE,
				      .writer = 0x01020304,
				      .line = 9,
				      .a = 1,
				      .b = 2,
				      .file = text_of("f"),
				      .name = text_of("n"),
				      .text = text_of("txt")};
	size_t size;
	uint8_t *bytes = encode(&record, &size);

	ck_assert_uint_eq(size, sizeof(wanted));
	ck_assert_mem_eq(bytes, wanted, size);
	free(bytes);
}
END_TEST

/* Each cut stands in memory of just its size, so that a sanitizer sees one byte too far. */
START_TEST(cut_at_every_byte_is_not_complete)
{
	struct record record = sample(), back;
	size_t size;
	uint8_t *bytes = encode(&record, &size);

	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *part = malloc(cut ? cut : 1);

		memcpy(part, bytes, cut);
		memset(&back, 0xEE, sizeof(back));
		ck_assert_int_eq(record_decode(part, cut, &back), 0);
		ck_assert_uint_eq(back.line, 0xEEEEEEEE); /* untouched */
		free(part);
	}
	free(bytes);
}
END_TEST

START_TEST(damage_is_seen_at_once)
{
	static const struct {
		size_t at, enough;
		uint8_t byte;
	} damages[] = {{0, 1, 0xC0}, {1, 2, 0},     {1, 2, 8},   {2, 3, 2}, {2, 3, 0x80},
		       {3, 4, 1},    {5, 16, 0xFF}, {4, 16, 10}, {7, 16, 1}};
	struct record record = sample(), back;
	size_t size;
	uint8_t *bytes = encode(&record, &size);

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		uint8_t kept = bytes[damages[i].at];

		bytes[damages[i].at] = damages[i].byte;
		ck_assert_int_eq(record_decode(bytes, damages[i].enough, &back), -EBADMSG);
		ck_assert_int_eq(record_decode(bytes, size, &back), -EBADMSG);
		bytes[damages[i].at] = kept;
	}
	free(bytes);
}
END_TEST

START_TEST(strings_do_not_reach_out_of_the_payload)
{
	struct record record = sample(), back;
	size_t size, file = RECORD_HEADER + 16;
	uint8_t *bytes = encode(&record, &size);
	size_t name = file + 2 + record.file.size, text = name + 2 + record.name.size;
	const size_t fields[] = {file, name, text};

	for (size_t i = 0; i < 3; i++) {
		for (int by = -1; by <= 1; by += 2) {
			bytes[fields[i]] = (uint8_t)(bytes[fields[i]] + by);
			ck_assert_int_eq(record_decode(bytes, size, &back), -EBADMSG);
			bytes[fields[i]] = (uint8_t)(bytes[fields[i]] - by);
		}
		bytes[fields[i] + 1] = 0xFF;
		ck_assert_int_eq(record_decode(bytes, size, &back), -EBADMSG);
		bytes[fields[i] + 1] = 0;
	}
	ck_assert_int_eq(record_decode(bytes, size, &back), (long)size);
	free(bytes);
}
END_TEST

START_TEST(long_names_keep_what_tells_most)
{
	char path[600], name[600];
	struct record record = sample(), back;
	uint8_t *bytes;
	size_t size;

	memset(path, '/', sizeof(path));
	memcpy(path + sizeof(path) - 4, "t.c", 3);
	memset(name, '.', sizeof(name));
	memcpy(name, "EXPECT", 6);
	record.file = (struct record_text){path, sizeof(path) - 1};
	record.name = (struct record_text){name, sizeof(name)};
	bytes = encode(&record, &size);
	ck_assert_int_eq(record_decode(bytes, size, &back), (long)size);
	ck_assert_uint_eq(back.file.size, 255);
	ck_assert_mem_eq(back.file.data + 252, "t.c", 3);
	ck_assert_uint_eq(back.name.size, 255);
	ck_assert_mem_eq(back.name.data, "EXPECT", 6);
	free(bytes);
}
END_TEST

START_TEST(names_on_the_wire_are_bounded)
{
	char name[255] = {0};
	struct record record = {.type = RECORD_NOTE, .name = {name, sizeof(name)}}, back;
	size_t size;
	uint8_t *bytes = encode(&record, &size);
	uint8_t *longer = malloc(size + 1);

	memcpy(longer, bytes, size);
	ck_assert_int_eq(record_decode(longer, size, &back), (long)size);
	memmove(longer + size - 1, longer + size - 2,
		2); /* one byte more, the empty text after it */
	longer[4]++;
	ck_assert_int_eq(longer[RECORD_HEADER + 18], 255);
	longer[RECORD_HEADER + 18] = 0;
	longer[RECORD_HEADER + 19] = 1; /* 256 */
	ck_assert_int_eq(record_decode(longer, size + 1, &back), -EBADMSG);
	free(longer);
	free(bytes);
}
END_TEST

START_TEST(long_texts_go_in_pieces_that_fit)
{
	size_t size, pieces = 0, total = 0;
	char *text = malloc(20000);
	struct record record = sample(), back;
	uint8_t *bytes, *at;

	for (size_t i = 0; i < 20000; i++)
		text[i] = (char)('a' + i % 23);
	record.text = (struct record_text){text, 20000};
	bytes = at = encode(&record, &size);
	while (at < bytes + size) {
		long length = record_decode(at, (size_t)(bytes + size - at), &back);

		ck_assert_int_gt(length, 0);
		ck_assert_int_le(length, RECORD_MAX);
		ck_assert_mem_eq(back.text.data, text + total, back.text.size);
		total += back.text.size;
		ck_assert_uint_eq(back.flags, total < 20000 ? RECORD_MORE : 0);
		at += length;
		pieces++;
	}
	ck_assert_uint_eq(total, 20000);
	ck_assert_uint_eq(pieces, 5);
	free(bytes);
	free(text);
}
END_TEST

UNIT_MAIN("record", comes_back, has_the_documented_bytes, cut_at_every_byte_is_not_complete,
	  damage_is_seen_at_once, strings_do_not_reach_out_of_the_payload,
	  names_on_the_wire_are_bounded, long_names_keep_what_tells_most,
	  long_texts_go_in_pieces_that_fit)
