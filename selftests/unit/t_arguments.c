/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "unit.h"

/* "a|==|b": the arguments, joined again by what no C program has. */
static const char *split(const char *text)
{
	static char joined[256];
	struct argument arguments[4];
	size_t count = arguments_split(text, arguments, 4);

	joined[0] = '\0';
	for (size_t i = 0; i < count && i < 4; i++) {
		size_t used = strlen(joined);

		snprintf(joined + used, sizeof(joined) - used, "%s%.*s", i ? "|" : "",
			 arguments[i].size, arguments[i].data);
	}
	return joined;
}

START_TEST(splits_at_commas_of_its_own)
{
	ck_assert_str_eq(split("EXPECT(a, ==, b)"), "a|==|b");
	ck_assert_str_eq(split("EXPECT(days(30), ==, x)"), "days(30)|==|x");
	ck_assert_str_eq(split("EXPECT(f(a, b), <=, g[h(1, 2)])"), "f(a, b)|<=|g[h(1, 2)]");
	ck_assert_str_eq(split("EXPECT((struct p){1, 2}.x, ==, 1)"), "(struct p){1, 2}.x|==|1");
	ck_assert_str_eq(split("EXPECT(a,==,b)"), "a|==|b");
	ck_assert_str_eq(split("EXPECT_MEM(a, ==, b, sizeof(a))"), "a|==|b|sizeof(a)");
	ck_assert_str_eq(split("EXPECT(p)"), "p");
}
END_TEST

START_TEST(quotes_hide_commas_and_brackets)
{
	ck_assert_str_eq(split("EXPECT_STR(s, ==, \"a, (b\")"), "s|==|\"a, (b\"");
	ck_assert_str_eq(split("EXPECT_STR(s, ==, \"\\\", \\\\\")"), "s|==|\"\\\", \\\\\"");
	ck_assert_str_eq(split("EXPECT(c, ==, ',')"), "c|==|','");
	ck_assert_str_eq(split("EXPECT(c, ==, '\\'')"), "c|==|'\\''");
	ck_assert_str_eq(split("EXPECT(c, ==, ')')"), "c|==|')'");
}
END_TEST

START_TEST(takes_whatever_comes)
{
	ck_assert_str_eq(split(""), "");
	ck_assert_str_eq(split("EXPECT("), "");
	ck_assert_str_eq(split("EXPECT(\"abc"), "\"abc");
	ck_assert_str_eq(split("EXPECT('\\"), "'\\");
	ck_assert_str_eq(split("EXPECT(((a, b"), "((a, b");
	ck_assert_str_eq(split("EXPECT(a, b) tail)"), "a|b");
	ck_assert_uint_eq(arguments_split("E(1, 2, 3, 4, 5, 6)", (struct argument[2]){{0}}, 2), 6);
}
END_TEST

static bool is_errno(const char *text)
{
	return argument_is_errno(&(struct argument){text, (int)strlen(text)});
}

START_TEST(knows_what_is_written_as_an_errno)
{
	ck_assert(is_errno("errno"));
	ck_assert(is_errno("EPERM"));
	ck_assert(is_errno("-ENOENT"));
	ck_assert(is_errno("E2BIG"));
	ck_assert(!is_errno("errno_of(x)"));
	ck_assert(!is_errno("Error"));
	ck_assert(!is_errno("EXIT_FAILURE")); /* has an underscore */
	ck_assert(!is_errno("E"));
	ck_assert(!is_errno(""));
	ck_assert(!is_errno("-"));
	ck_assert(!is_errno("1"));
}
END_TEST

UNIT_MAIN("arguments", splits_at_commas_of_its_own, quotes_hide_commas_and_brackets,
	  takes_whatever_comes, knows_what_is_written_as_an_errno)
