/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <string.h>

#include "text.h"
#include "unit.h"

static struct text text;
static char buffer[256];

static void start(size_t room)
{
	memset(buffer, '#', sizeof(buffer));
	text_start(&text, buffer, room);
}

static void check(const char *wanted)
{
	ck_assert_str_eq(text.data, wanted);
	ck_assert_uint_eq(text.size, strlen(wanted));
}

START_TEST(adds)
{
	start(sizeof(buffer));
	check("");
	text_add(&text, "%d, ", 1);
	text_add(&text, "%s", "two");
	check("1, two");
	ck_assert(!text.cut);
}
END_TEST

START_TEST(what_does_not_fit_is_cut_and_said)
{
	for (size_t room = TEXT_ROOM_MIN; room < 120; room++) {
		start(room);
		text_add(&text, "%0200d", 7);
		ck_assert(text.cut);
		ck_assert_ptr_nonnull(strstr(text.data, "\n(the rest is cut)"));
		ck_assert_uint_lt(text.size, room);
		ck_assert_uint_eq(text.size, strlen(text.data));
		ck_assert_int_eq(buffer[room], '#');
		text_add(&text, "more");
		text_add_escaped(&text, "more", 4);
		ck_assert_ptr_null(strstr(text.data, "more"));
	}
}
END_TEST

START_TEST(a_cut_leaves_no_half_character)
{
	static const char umlauts[] = "ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜ";

	for (size_t room = TEXT_ROOM_MIN; room < 80; room++)
		for (int by_format = 0; by_format < 2; by_format++) {
			size_t at = 0, length;

			start(room);
			if (by_format)
				text_add(&text, "%s", umlauts);
			else
				text_add_escaped(&text, umlauts, strlen(umlauts));
			for (; at < text.size; at += length) {
				length = text_utf8(text.data + at, text.size - at);
				ck_assert_uint_gt(length, 0);
			}
		}
}
END_TEST

START_TEST(data_comes_out_printable)
{
	static const char data[] = "a\0b\n\t\x7f\xff\xc3(\xe2\x82\xac\xed\xa0\x80\"\\";

	start(sizeof(buffer));
	text_add_escaped(&text, data, sizeof(data) - 1);
	check("a\\x00b\\n\\t\\x7f\\xff\\xc3(\xe2\x82\xac\\xed\\xa0\\x80\"\\");
}
END_TEST

START_TEST(quotes)
{
	start(sizeof(buffer));
	text_add_quoted(&text, "say \"no\"\\", 9, 0, 100);
	check("\"say \\\"no\\\"\\\\\"");
}
END_TEST

START_TEST(quotes_a_part_of_what_is_long)
{
	start(sizeof(buffer));
	text_add_quoted(&text, "0123456789abcdefghij", 20, 10, 6);
	check("...\"789abc\"...");
	start(sizeof(buffer));
	text_add_quoted(&text, "0123456789abcdefghij", 20, 0, 6);
	check("\"012345\"...");
	start(sizeof(buffer));
	text_add_quoted(&text, "0123456789abcdefghij", 20, 20, 6);
	check("...\"efghij\"");
}
END_TEST

START_TEST(knows_utf8)
{
	static const struct {
		const char *bytes;
		size_t size, length;
	} rows[] = {
		{"", 0, 0},
		{"a", 1, 1},
		{"\x80", 1, 0},
		{"\xc3\xa4", 2, 2},
		{"\xc3\xa4", 1, 0},
		{"\xc0\x80", 2, 0},
		{"\xe2\x82\xac", 3, 3},
		{"\xe0\x80\x80", 3, 0},
		{"\xed\xbf\xbf", 3, 0},
		{"\xf0\x9f\x8c\xb1", 4, 4},
		{"\xf0\x80\x80\x80", 4, 0},
		{"\xf4\x90\x80\x80", 4, 0},
		{"\xf5\x80\x80\x80", 4, 0},
		{"\xe2\x28\xac", 3, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_uint_eq(text_utf8(rows[i].bytes, rows[i].size), rows[i].length);
}
END_TEST

START_TEST(names_signals)
{
	char name[TEXT_SIGNAL_ROOM];

	ck_assert_str_eq(text_signal(SIGSEGV, name), "SIGSEGV");
	ck_assert_str_eq(text_signal(SIGRTMIN, name), "SIGRTMIN+0");
	ck_assert_str_eq(text_signal(SIGRTMAX, name), "SIGRTMIN+30");
	ck_assert_str_eq(text_signal(SIGRTMAX + 1, name), "signal 65");
	ck_assert_str_eq(text_signal(32, name), "signal 32"); /* the C library's own */
	ck_assert_str_eq(text_signal(0, name), "signal 0");
	ck_assert_str_eq(text_signal(-2147483647 - 1, name), "signal -2147483648");
}
END_TEST

UNIT_MAIN("text", adds, what_does_not_fit_is_cut_and_said, a_cut_leaves_no_half_character,
	  data_comes_out_printable, quotes, quotes_a_part_of_what_is_long, knows_utf8,
	  names_signals)
