/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "diff.h"
#include "unit.h"

static char buffer[8192];

static struct diff_side side(const char *label, const char *data)
{
	return (struct diff_side){label, (int)strlen(label), data, data ? strlen(data) : 0};
}

static const char *strings(const char *a, const char *b)
{
	struct diff_side left = side("a", a), right = side("b", b);
	struct text text;

	text_start(&text, buffer, sizeof(buffer));
	diff_strings(&text, &left, &right);
	ck_assert_uint_eq(text.size, strlen(buffer));
	return buffer;
}

static const char *memory(const void *a, const void *b, size_t size)
{
	struct text text;

	text_start(&text, buffer, sizeof(buffer));
	diff_memory(&text, a, b, size);
	return buffer;
}

START_TEST(lines_of_one)
{
	ck_assert_str_eq(strings("moon", "mars"),
			 "a is \"moon\"\nb is \"mars\"\nthey differ from byte 1 on");
	ck_assert_str_eq(strings("moon", "sun"), "a is \"moon\"\nb is \"sun\"");
	ck_assert_str_eq(strings("moon", NULL), "a is \"moon\"\nb is NULL");
	ck_assert_str_eq(strings("a\n", "b\n"), "a is \"a\\n\"\nb is \"b\\n\"");
	ck_assert_str_eq(strings("", ""), "a is \"\"\nb is \"\"");
}
END_TEST

START_TEST(literals_are_not_repeated)
{
	struct diff_side left = side("name", "moon"), right = side("\"mars\"", "mars");
	struct text text;

	text_start(&text, buffer, sizeof(buffer));
	diff_strings(&text, &left, &right);
	ck_assert_str_eq(buffer, "name is \"moon\"\nthey differ from byte 1 on");
}
END_TEST

/* Both stand in the expectation as written. */
START_TEST(two_literals)
{
	static const char *const texts[] = {"moon", "mars", "sun", "moon", NULL};
	static const char *const wanted[] = {"does not hold", "they differ from byte 1 on",
					     "does not hold", "does not hold", "does not hold"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct diff_side left = side("\"moon\"", "moon"), right = side("NULL", texts[i]);
		struct text text;

		text_start(&text, buffer, sizeof(buffer));
		diff_strings(&text, &left, &right);
		ck_assert_str_eq(buffer, wanted[i]);
	}
}
END_TEST

START_TEST(knows_literals)
{
	static const char *const yes[] = {"\"x\"", "'x'", "1",    "-1",   "0x1F",
					  "10ul",  "1.5", "NULL", "true", "false"};
	static const char *const no[] = {"x",        "x1", "f(1)", "1 + 1", "-x",
					 "days(30)", "",   "-",    "NULLS", "trues"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ck_assert(diff_label_is_literal(
			&(struct diff_side){yes[i], (int)strlen(yes[i]), 0, 0}));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ck_assert(!diff_label_is_literal(
			&(struct diff_side){no[i], (int)strlen(no[i]), 0, 0}));
}
END_TEST

START_TEST(long_lines_show_where_they_differ)
{
	char a[5001], b[5001];

	memset(a, 'x', 5000);
	a[5000] = '\0';
	memcpy(b, a, sizeof(b));
	b[2500] = 'Y';
	strings(a, b);
	ck_assert_ptr_nonnull(strstr(buffer, "xxxYxxx"));
	ck_assert_ptr_nonnull(strstr(buffer, "they differ from byte 2500 on"));
	ck_assert_uint_lt(strlen(buffer), 500);
}
END_TEST

START_TEST(texts_of_several_lines)
{
	ck_assert_str_eq(strings("one\ntwo\nthree\n", "one\n2\nthree\n"),
			 "they differ from line 2 on; - is a, + is b\n"
			 "  one\n- two\n+ 2\n  three");
	ck_assert_str_eq(strings("a\nb\nc\n", "a\nc\n"),
			 "they differ from line 2 on; - is a, + is b\n  a\n- b\n  c");
	ck_assert_str_eq(strings("a\nc\n", "a\nb\nc\n"),
			 "they differ from line 2 on; - is a, + is b\n  a\n+ b\n  c");
	ck_assert_str_eq(strings("a\nb\n", "a\nb"), "they differ from line 2 on; - is a, + is b\n"
						    "  a\n- b\n+ b (no newline at the end)");
	ck_assert_str_eq(strings("a\nb\n", ""),
			 "they differ from line 1 on; - is a, + is b\n- a\n- b");
}
END_TEST

START_TEST(only_three_lines_around)
{
	ck_assert_str_eq(
		strings("1\n2\n3\n4\n5\nx\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\ny\n6\n7\n8\n9\n"),
		"they differ from line 6 on; - is a, + is b\n"
		"  3\n  4\n  5\n- x\n+ y\n  6\n  7\n  8");
}
END_TEST

START_TEST(what_is_the_same_in_between_is_left_out)
{
	strings("x\n1\n2\n3\n4\n5\n6\n7\n8\n9\nx\n", "y\n1\n2\n3\n4\n5\n6\n7\n8\n9\ny\n");
	ck_assert_str_eq(buffer, "they differ from line 1 on; - is a, + is b\n"
				 "- x\n+ y\n  1\n  2\n  3\n"
				 "  (3 lines that are the same)\n"
				 "  7\n  8\n  9\n- x\n+ y");
}
END_TEST

/* However long: bounded, in memory and in what is printed. */
START_TEST(huge_texts)
{
	size_t size = 8 << 20;
	char *a = malloc(size + 1), *b = malloc(size + 1);

	for (size_t i = 0; i < size; i++) {
		a[i] = i % 7 == 6 ? '\n' : (char)('a' + i % 26);
		b[i] = i % 5 == 4 ? '\n' : (char)('b' + i % 25);
	}
	a[size] = b[size] = '\0';
	strings(a, b);
	ck_assert_ptr_nonnull(strstr(buffer, "(further lines are not compared)"));
	memcpy(b, a, size);
	b[size / 2] = '#';
	strings(a, b);
	ck_assert_uint_lt(strlen(buffer), 300);
	ck_assert_ptr_nonnull(strchr(buffer, '#'));
	free(a);
	free(b);
}
END_TEST

START_TEST(memory_side_by_side)
{
	ck_assert_str_eq(memory("0123456789abcdef", "0123456789aBcdef", 16),
			 "1 of 16 bytes differ, the first at byte 11\n"
			 "  000000  30 31 32 33 34 35 36 37  01234567  |  "
			 "30 31 32 33 34 35 36 37  01234567\n"
			 "> 000008  38 39 61 62 63 64 65 66  89abcdef  |  "
			 "38 39 61 42 63 64 65 66  89aBcdef");
	ck_assert_str_eq(memory("ab", "ac", 2), "1 of 2 bytes differ, the first at byte 1\n"
						"> 000000  61 62                    ab        |  "
						"61 63                    ac      ");
	ck_assert_str_eq(memory("ab", "ab", 2), "all 2 bytes are the same");
}
END_TEST

START_TEST(memory_is_bounded)
{
	unsigned char a[4096] = {0}, b[4096];
	size_t rows = 0;

	memset(b, 0xFF, sizeof(b));
	memory(a, b, sizeof(a));
	for (const char *at = buffer; (at = strchr(at, '\n')); at++)
		rows++;
	ck_assert_uint_eq(rows, 17);
	ck_assert_ptr_nonnull(strstr(buffer, "further rows differ"));
}
END_TEST

START_TEST(memory_far_apart)
{
	unsigned char a[4096] = {0}, b[4096] = {0};

	b[100] = b[4000] = 1;
	memory(a, b, sizeof(a));
	ck_assert_ptr_nonnull(strstr(buffer, "2 of 4096 bytes differ, the first at byte 100"));
	ck_assert_ptr_nonnull(strstr(buffer, "\n  000058"));
	ck_assert_ptr_nonnull(strstr(buffer, "\n> 000060"));
	ck_assert_ptr_nonnull(strstr(buffer, "\n> 000fa0"));
	ck_assert_ptr_null(strstr(buffer, "further"));
}
END_TEST

UNIT_MAIN("diff", lines_of_one, literals_are_not_repeated, two_literals, knows_literals,
	  long_lines_show_where_they_differ, texts_of_several_lines, only_three_lines_around,
	  what_is_the_same_in_between_is_left_out, huge_texts, memory_side_by_side,
	  memory_is_bounded, memory_far_apart)
