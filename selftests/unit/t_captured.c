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

START_TEST(nothing_allocates_nothing)
{
	struct captured captured;

	captured_init(&captured, 1 << 20);
	captured_finish(&captured);
	ck_assert_ptr_null(captured.head);
	ck_assert_ptr_null(captured.tail);
}
END_TEST

UNIT_MAIN("captured", head_and_tail, large, nothing_allocates_nothing)
