/* SPDX-License-Identifier: MIT */
#define CLOCHE_NO_SHORT_NAMES
#include <limits.h>
#include <math.h>
#include <string.h>

#include "unit.h"
#include "value.h"

static const char *print(struct cloche_value value, bool as_errno)
{
	static char buffer[256];
	struct text text;

	text_start(&text, buffer, sizeof(buffer));
	value_print(&text, value, as_errno);
	return buffer;
}

static enum value_order compare(struct cloche_value a, struct cloche_value b)
{
	enum value_order order = value_compare(a, b), back = value_compare(b, a);

	ck_assert_int_eq(back, order == VALUE_UNORDERED ? VALUE_UNORDERED
							: (enum value_order)(-(int)order));
	return order;
}

#define ORDER(a, b) compare(CLOCHE_VALUE(a), CLOCHE_VALUE(b))

START_TEST(integers_compare_by_what_they_are_worth)
{
	ck_assert_int_eq(ORDER(-1, 1u), VALUE_LESS);
	ck_assert_int_eq(ORDER(-1, UINT_MAX), VALUE_LESS);
	ck_assert_int_eq(ORDER(-1, ULLONG_MAX), VALUE_LESS);
	ck_assert_int_eq(ORDER(LLONG_MIN, 0u), VALUE_LESS);
	ck_assert_int_eq(ORDER(LLONG_MAX, ULLONG_MAX), VALUE_LESS);
	ck_assert_int_eq(ORDER(-2, -1), VALUE_LESS);
	ck_assert_int_eq(ORDER(5, 5ull), VALUE_EQUAL);
	ck_assert_int_eq(ORDER((signed char)-1, -1l), VALUE_EQUAL);
	ck_assert_int_eq(ORDER((unsigned char)255, -1), VALUE_GREATER);
	ck_assert_int_eq(ORDER((bool)true, 1), VALUE_EQUAL);
	ck_assert_int_eq(ORDER((char)'a', 97u), VALUE_EQUAL);
}
END_TEST

START_TEST(reals_compare)
{
	ck_assert_int_eq(ORDER(1.5, 1), VALUE_GREATER);
	ck_assert_int_eq(ORDER(-0.5, 0u), VALUE_LESS);
	ck_assert_int_eq(ORDER(1.0f, 1), VALUE_EQUAL);
	ck_assert_int_eq(ORDER(0.1f, 0.1), VALUE_GREATER);
	ck_assert_int_eq(ORDER(0.0, -0.0), VALUE_EQUAL);
	ck_assert_int_eq(ORDER(HUGE_VAL, ULLONG_MAX), VALUE_GREATER);
	ck_assert_int_eq(ORDER(NAN, NAN), VALUE_UNORDERED);
	ck_assert_int_eq(ORDER(NAN, 1), VALUE_UNORDERED);
}
END_TEST

START_TEST(pointers_compare)
{
	int array[2];
	const char *text = "x";

	ck_assert_int_eq(ORDER(&array[0], &array[1]), VALUE_LESS);
	ck_assert_int_eq(ORDER(array, &array[0]), VALUE_EQUAL);
	ck_assert_int_eq(ORDER((void *)NULL, 0), VALUE_EQUAL);
	ck_assert_int_eq(ORDER(text, NULL), VALUE_GREATER);
	ck_assert_int_eq(CLOCHE_VALUE(text).kind, CLOCHE_CHARS);
	ck_assert_int_eq(CLOCHE_VALUE("x").kind, CLOCHE_CHARS);
	ck_assert_int_eq(CLOCHE_VALUE(array).kind, CLOCHE_POINTER);
}
END_TEST

START_TEST(bit_fields_have_values)
{
	struct {
		unsigned u : 3;
		int i : 5;
		bool b : 1;
	} bits = {5, -3, true};

	ck_assert_int_eq(ORDER(bits.u, 5), VALUE_EQUAL);
	ck_assert_int_eq(ORDER(bits.i, -3), VALUE_EQUAL);
	ck_assert_int_eq(ORDER(bits.b, 1), VALUE_EQUAL);
}
END_TEST

START_TEST(operators)
{
	static const struct {
		unsigned op;
		bool less, equal, greater, unordered;
	} rows[] = {
		{CLOCHE_OPERATOR(==), false, true, false, false},
		{CLOCHE_OPERATOR(!=), true, false, true, true},
		{CLOCHE_OPERATOR(<), true, false, false, false},
		{CLOCHE_OPERATOR(<=), true, true, false, false},
		{CLOCHE_OPERATOR(>), false, false, true, false},
		{CLOCHE_OPERATOR(>=), false, true, true, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_int_eq(value_satisfies(VALUE_LESS, rows[i].op), rows[i].less);
		ck_assert_int_eq(value_satisfies(VALUE_EQUAL, rows[i].op), rows[i].equal);
		ck_assert_int_eq(value_satisfies(VALUE_GREATER, rows[i].op), rows[i].greater);
		ck_assert_int_eq(value_satisfies(VALUE_UNORDERED, rows[i].op), rows[i].unordered);
	}
}
END_TEST

START_TEST(prints)
{
	ck_assert_str_eq(print(CLOCHE_VALUE(-5), false), "-5");
	ck_assert_str_eq(print(CLOCHE_VALUE(LLONG_MIN), false), "-9223372036854775808");
	ck_assert_str_eq(print(CLOCHE_VALUE(255u), false), "255");
	ck_assert_str_eq(print(CLOCHE_VALUE(65536u), false), "65536 (0x10000)");
	ck_assert_str_eq(print(CLOCHE_VALUE((bool)true), false), "true");
	ck_assert_str_eq(print(CLOCHE_VALUE((char)'a'), false), "'a' (97)");
	ck_assert_str_eq(print(CLOCHE_VALUE((char)'\''), false), "'\\'' (39)");
	ck_assert_str_eq(print(CLOCHE_VALUE((char)0), false), "'\\x00' (0)");
	ck_assert_str_eq(print(CLOCHE_VALUE((void *)NULL), false), "NULL");
	ck_assert_str_eq(print(CLOCHE_VALUE((void *)0xabc), false), "0xabc");
}
END_TEST

START_TEST(prints_reals_with_as_few_digits_as_will_do)
{
	ck_assert_str_eq(print(CLOCHE_VALUE(2592000.0), false), "2592000");
	ck_assert_str_eq(print(CLOCHE_VALUE(0.1), false), "0.1");
	ck_assert_str_eq(print(CLOCHE_VALUE(0.1 + 0.2), false), "0.30000000000000004");
	ck_assert_str_eq(print(CLOCHE_VALUE(1e300), false), "1e+300");
	ck_assert_str_eq(print(CLOCHE_VALUE(-INFINITY), false), "-inf");
	ck_assert_ptr_nonnull(strstr(print(CLOCHE_VALUE(NAN), false), "nan"));
}
END_TEST

START_TEST(prints_errnos_by_name)
{
	ck_assert_str_eq(print(CLOCHE_VALUE(EPERM), true), "1 (EPERM, Operation not permitted)");
	ck_assert_str_eq(print(CLOCHE_VALUE(-ENOENT), true),
			 "-2 (-ENOENT, No such file or directory)");
	ck_assert_str_eq(print(CLOCHE_VALUE(0), true), "0");
	ck_assert_str_eq(print(CLOCHE_VALUE(100000), true), "100000");
	ck_assert_str_eq(print(CLOCHE_VALUE(LLONG_MIN), true), "-9223372036854775808");
}
END_TEST

static void check_result(struct cloche_value result, int error, bool fails, int wanted)
{
	int found = -1;

	ck_assert_int_eq(value_is_failure(result, error, &found), fails);
	if (fails)
		ck_assert_int_eq(found, wanted);
}

START_TEST(knows_which_results_are_failures)
{
	check_result(CLOCHE_VALUE(0), EPERM, false, 0);
	check_result(CLOCHE_VALUE(7), 0, false, 0);
	check_result(CLOCHE_VALUE(-1), ENOENT, true, ENOENT);
	check_result(CLOCHE_VALUE(-1), 0, true, EPERM); /* -EPERM is -1 */
	check_result(CLOCHE_VALUE(-ENOENT), 0, true, ENOENT);
	check_result(CLOCHE_VALUE(-ENOENT), EINVAL, true, ENOENT);
	check_result(CLOCHE_VALUE(-1l), EIO, true, EIO);
	check_result(CLOCHE_VALUE((void *)NULL), ENOMEM, true, ENOMEM);
	check_result(CLOCHE_VALUE((void *)-1), ENOMEM, true, ENOMEM); /* MAP_FAILED */
	check_result(CLOCHE_VALUE((void *)8), ENOMEM, false, 0);
	check_result(CLOCHE_VALUE((size_t)-1), EILSEQ, true, EILSEQ);
	check_result(CLOCHE_VALUE(LLONG_MIN), 0, true, 0);
	check_result(CLOCHE_VALUE((bool)false), EPERM, false, 0);
}
END_TEST

UNIT_MAIN("value", integers_compare_by_what_they_are_worth, reals_compare, pointers_compare,
	  bit_fields_have_values, operators, prints, prints_reals_with_as_few_digits_as_will_do,
	  prints_errnos_by_name, knows_which_results_are_failures)
