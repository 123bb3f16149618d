/* SPDX-License-Identifier: MIT */
/* Bytes made safe: what is UTF-8, what a terminal may get, what JSON may get. */
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "utf8.h"

static const struct {
	const char *bytes;
	size_t size, length;
} characters[] = {
	{"a", 1, 1},
	{"\xc3\xa9", 2, 2},
	{"\xe2\x82\xac", 3, 3},
	{"\xf0\x9f\x92\xa9", 4, 4},
	{"\xf4\x8f\xbf\xbf", 4, 4},
	{"\xef\xbf\xbd", 3, 3},
	{"", 0, 0},
	{"\xc3", 1, 0},
	{"\xe2\x82", 2, 0},
	{"\xf0\x9f\x92", 3, 0},
	{"\x80", 1, 0},
	{"\xff", 1, 0},
	{"\xc0\x80", 2, 0},
	{"\xc1\xbf", 2, 0},
	{"\xe0\x80\x80", 3, 0},
	{"\xed\xa0\x80", 3, 0},
	{"\xf0\x80\x80\x80", 4, 0},
	{"\xf4\x90\x80\x80", 4, 0},
	{"\xf5\x80\x80\x80", 4, 0},
	{"\xc3\x28", 2, 0},
	{"\xe2\x28\xa1", 3, 0},
};

START_TEST(characters_are_told)
{
	ck_assert_uint_eq(utf8_length(characters[_i].bytes, characters[_i].size),
			  characters[_i].length);
}
END_TEST

static char *for_terminal(const char *bytes, size_t size, bool color)
{
	char *text = NULL;
	size_t text_size = 0;
	FILE *out = open_memstream(&text, &text_size);

	utf8_for_terminal(out, bytes, size, color);
	fclose(out);
	return text;
}

static const struct {
	const char *bytes, *plain, *colored;
} terminal[] = {
	{"plain\ttext\n", "plain\ttext\n", "plain\ttext\n"},
	{"\xff\xfe", "\\xff\\xfe", "\\xff\\xfe"},
	{"half \xe2\x82", "half \\xe2\\x82", "half \\xe2\\x82"},
	{"bell\a", "bell\\x07", "bell\\x07"},
	{"\033[31mred\033[0m", "red", "\033[31mred\033[0m"},
	{"\033[2J", "\\x1b[2J", "\\x1b[2J"},
	{"\033]0;title\a", "\\x1b]0;title\\x07", "\\x1b]0;title\\x07"},
	{"a\r\nb\rc", "a\nb\\x0dc", "a\nb\\x0dc"},
	{"\xc2\x9b"
	 "31m",
	 "\\xc2\\x9b31m", "\\xc2\\x9b31m"},
	{"\x7f", "\\x7f", "\\x7f"},
	{"\033[31", "\\x1b[31", "\\x1b[31"},
};

START_TEST(terminals_get_nothing_that_acts)
{
	const char *bytes = terminal[_i].bytes;
	char *plain = for_terminal(bytes, strlen(bytes), false);
	char *colored = for_terminal(bytes, strlen(bytes), true);

	ck_assert_str_eq(plain, terminal[_i].plain);
	ck_assert_str_eq(colored, terminal[_i].colored);
	free(plain);
	free(colored);
}
END_TEST

START_TEST(repair)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert(!utf8_repair(out, "a\xc3\xa9", 3));
	ck_assert(utf8_repair(out, "\xffz\xe2\x82", 4));
	ck_assert(!utf8_repair(out, "\0", 1));
	fclose(out);
	ck_assert_uint_eq(size, 3 + 3 + 1 + 6 + 1);
	ck_assert_mem_eq(text, "a\xc3\xa9\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd", size);
	free(text);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, characters_are_told, 0, sizeof(characters) / sizeof(*characters));
	tcase_add_loop_test(all, terminals_get_nothing_that_acts, 0,
			    sizeof(terminal) / sizeof(*terminal));
	tcase_add_test(all, repair);
	return unit_run("utf8", all);
}
