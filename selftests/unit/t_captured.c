/* SPDX-License-Identifier: MIT */
/* The bounded copy of output: against a plain copy, for all sizes of pieces. */
#include <string.h>

#include "unit.h"
#include "captured.h"

static void check(size_t limit, size_t total, size_t piece)
{
	struct captured captured;
	char *text = malloc(total + 1);
	size_t half = limit / 2, head = total < half ? total : half;
	size_t tail = total - head < half ? total - head : half;

	for (size_t i = 0; i < total; i++)
		text[i] = (char)('a' + i * 7 % 26);
	captured_init(&captured, limit);
	for (size_t at = 0; at < total; at += piece)
		captured_feed(&captured, text + at, total - at < piece ? total - at : piece);
	captured_finish(&captured);
	if (total == head + tail) { /* in one piece */
		head = total;
		tail = 0;
	}
	ck_assert_uint_eq(captured.total, total);
	ck_assert_uint_eq(captured.head_size, head);
	ck_assert_uint_eq(captured.tail_size, tail);
	ck_assert_uint_eq(captured.cut, total - head - tail);
	if (head)
		ck_assert_mem_eq(captured.head, text, head);
	if (tail)
		ck_assert_mem_eq(captured.tail, text + total - tail, tail);
	captured_free(&captured);
	free(text);
}

START_TEST(head_and_tail)
{
	for (size_t total = 0; total < 70; total++)
		for (size_t piece = 1; piece < 40; piece++)
			check(20, total, piece);
}
END_TEST

START_TEST(large)
{
	check(65536, 10000000, 4096);
	check(65536, 10000000, 65537);
	check(4096, 4096, 4096);
	check(4096, 4097, 4096);
}
END_TEST

/* Limits down to nothing. */
START_TEST(small_limits)
{
	for (size_t limit = 2; limit < 9; limit += 2)
		for (size_t total = 0; total < 30; total++)
			for (size_t piece = 1; piece < 12; piece++)
				check(limit, total, piece);
}
END_TEST

START_TEST(the_smallest_limit)
{
	struct captured captured;

	for (size_t limit = 0; limit < 4; limit++) {
		captured_init(&captured, limit);
		captured_feed(&captured, "", 0);
		captured_feed(&captured, "abcd", 4);
		captured_feed(&captured, "efg", 3);
		captured_finish(&captured);
		ck_assert(captured.head_size == 1 && captured.tail_size == 1);
		ck_assert(captured.head[0] == 'a' && captured.tail[0] == 'g');
		ck_assert(captured.cut == 5 && captured.total == 7);
		captured_free(&captured);
		ck_assert_ptr_null(captured.head);
	}
}
END_TEST

/* Characters are whole at the edges of a cut, and across the two halves without one. */
static void check_characters(const char *character, size_t limit, size_t count)
{
	struct captured captured;
	size_t size = strlen(character), half = limit / 2;

	captured_init(&captured, limit);
	captured_feed(&captured, "x", 1); /* so that edges fall everywhere */
	for (size_t i = 0; i < count; i++)
		captured_feed(&captured, character, size);
	captured_finish(&captured);
	if (1 + count * size <= limit) {
		ck_assert(captured.head_size == 1 + count * size && !captured.tail_size);
	} else {
		ck_assert_uint_eq(captured.head_size, 1 + (half - 1) / size * size);
		ck_assert_uint_eq(captured.tail_size, half / size * size);
	}
	for (size_t i = 1; i < captured.head_size; i += size)
		ck_assert_mem_eq(captured.head + i, character, size);
	for (size_t i = 0; i < captured.tail_size; i += size)
		ck_assert_mem_eq(captured.tail + i, character, size);
	ck_assert_uint_eq(captured.cut, captured.total - captured.head_size - captured.tail_size);
	captured_free(&captured);
}

START_TEST(characters_are_whole)
{
	static const char *const characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac",
						 "\xf0\x9f\x92\xa9"};

	for (size_t i = 0; i < 4; i++)
		for (size_t limit = 16; limit < 40; limit += 2)
			for (size_t count = 0; count < 60; count++)
				check_characters(characters[i], limit, count);
}
END_TEST

/* Of bytes that are no characters, at most three are taken for a piece of one. */
START_TEST(garbage_stays)
{
	struct captured captured;

	for (int byte = 0x80; byte < 0x100; byte++) {
		captured_init(&captured, 32);
		for (int i = 0; i < 100; i++)
			captured_feed(&captured, &(char){(char)byte}, 1);
		captured_finish(&captured);
		ck_assert_uint_ge(captured.head_size, 15);
		ck_assert_uint_ge(captured.tail_size, 13);
		ck_assert_uint_eq(captured.head_size + captured.tail_size + captured.cut, 100);
		captured_free(&captured);
	}
}
END_TEST

START_TEST(nothing_allocates_nothing)
{
	struct captured captured;

	captured_init(&captured, 1 << 20);
	captured_finish(&captured);
	ck_assert_ptr_null(captured.head);
	ck_assert_ptr_null(captured.tail);
}
END_TEST

UNIT_MAIN("captured", head_and_tail, large, small_limits, the_smallest_limit, characters_are_whole,
	  garbage_stays, nothing_allocates_nothing)
