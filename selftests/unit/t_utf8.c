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
	{"\033", "\\x1b", "\\x1b"},
	{"\033[", "\\x1b[", "\\x1b["},
	{"\033[31;1", "\\x1b[31;1", "\\x1b[31;1"},
	{"\033[38;5;9mx\033[m", "x", "\033[38;5;9mx\033[m"},
	/* colours end with the text */
	{"\033[31mred", "red", "\033[31mred\033[0m"},
	{"\033[0m\033[7mback\n", "back\n", "\033[0m\033[7mback\n\033[0m"},
	{"\033[?25l", "\\x1b[?25l", "\\x1b[?25l"},
	{"\033[3A", "\\x1b[3A", "\\x1b[3A"},
	{"\r\n\r", "\n\\x0d", "\n\\x0d"},
	{"\r\r\n", "\\x0d\n", "\\x0d\n"},
	{"\b\v\f", "\\x08\\x0b\\x0c", "\\x08\\x0b\\x0c"},
	/* U+00A0, U+2027, U+2028, U+202E, U+202F, U+2065, U+2066, U+2069, U+206A */
	{"\xc2\xa0", "\xc2\xa0", "\xc2\xa0"},
	{"\xe2\x80\xa7", "\xe2\x80\xa7", "\xe2\x80\xa7"},
	{"\xe2\x80\xa8", "\\xe2\\x80\\xa8", "\\xe2\\x80\\xa8"},
	{"\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae"},
	{"\xe2\x80\xaf", "\xe2\x80\xaf", "\xe2\x80\xaf"},
	{"\xe2\x81\xa5", "\xe2\x81\xa5", "\xe2\x81\xa5"},
	{"\xe2\x81\xa6", "\\xe2\\x81\\xa6", "\\xe2\\x81\\xa6"},
	{"\xe2\x81\xa9", "\\xe2\\x81\\xa9", "\\xe2\\x81\\xa9"},
	{"\xe2\x81\xaa", "\xe2\x81\xaa", "\xe2\x81\xaa"},
	/* U+FEFF, U+FFFD, U+FFFE, U+FFFF, U+1F4A9 */
	{"\xef\xbb\xbf", "\\xef\\xbb\\xbf", "\\xef\\xbb\\xbf"},
	{"\xef\xbb\xbe", "\xef\xbb\xbe", "\xef\xbb\xbe"},
	{"\xef\xbf\xbd", "\xef\xbf\xbd", "\xef\xbf\xbd"},
	{"\xef\xbf\xbe", "\\xef\\xbf\\xbe", "\\xef\\xbf\\xbe"},
	{"\xef\xbf\xbf", "\\xef\\xbf\\xbf", "\\xef\\xbf\\xbf"},
	{"\xf0\x9f\x92\xa9", "\xf0\x9f\x92\xa9", "\xf0\x9f\x92\xa9"},
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

/*
 * Against the definition: encode every code point, and look at what is taken. There are millions,
 * and ck_assert() writes to a file whenever it is passed.
 */
START_TEST(every_code_point)
{
	for (unsigned c = 0; c < 0x120000; c++) {
		size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
		char bytes[4];

		for (size_t i = size - 1, rest = c; i < size; i--, rest >>= 6)
			bytes[i] = (char)(i ? 0x80 | (rest & 0x3f) : first[size] | rest);
		if ((c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
			size = 0;
		if (utf8_length(bytes, 4) != size)
			ck_abort_msg("U+%04X", c);
		for (size_t cut = 1; cut < size; cut++)
			if (utf8_length(bytes, cut))
				ck_abort_msg("%zu bytes of U+%04X", cut, c);
	}
}
END_TEST

static bool is_printable(const char *text)
{
	for (size_t length; *text; text += length) {
		length = utf8_length(text, strlen(text));
		if (!length || ((unsigned char)*text < 0x20 && *text != '\n' && *text != '\t'))
			return false;
	}
	return true;
}

/* Whatever comes in, what goes out is printable UTF-8; all pairs of bytes, without their 0. */
START_TEST(all_that_comes_out_is_safe)
{
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		const char bytes[] = {(char)(pair >> 8), (char)pair};
		char *text = for_terminal(bytes, 2, false);

		if (!is_printable(text))
			ck_abort_msg("%04x", pair);
		free(text);
	}
}
END_TEST

/* What is said to fit is what is printed as it is; all pairs of bytes once more. */
START_TEST(what_fits_a_line_is_not_changed)
{
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		const char bytes[] = {'a', (char)(pair >> 8), (char)pair, '\0'};
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		utf8_in_line(out, bytes);
		fclose(out);
		ck_assert_msg(utf8_fits_line(bytes) == !strcmp(text, bytes), "%04x", pair);
		free(text);
	}
	ck_assert(utf8_fits_line(""));
	ck_assert(utf8_fits_line("caf\xc3\xa9 \xe2\x82\xac"));
	ck_assert(!utf8_fits_line("\033[31mred"));
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, characters_are_told, 0, sizeof(characters) / sizeof(*characters));
	tcase_add_loop_test(all, terminals_get_nothing_that_acts, 0,
			    sizeof(terminal) / sizeof(*terminal));
	tcase_add_test(all, every_code_point);
	tcase_add_test(all, all_that_comes_out_is_safe);
	tcase_add_test(all, what_fits_a_line_is_not_changed);
	tcase_add_test(all, repair);
	return unit_run("utf8", all);
}
