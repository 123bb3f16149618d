/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

static bool is_negative(struct cloche_value value)
{
	return (value.kind == CLOCHE_SIGNED || value.kind == CLOCHE_CHAR) && value.as.i < 0;
}

/* The bits of an integer or of a pointer; of a negative one, in two's complement. */
static unsigned long long bits(struct cloche_value value)
{
	switch (value.kind) {
	case CLOCHE_SIGNED:
	case CLOCHE_CHAR:
		return (unsigned long long)value.as.i;
	case CLOCHE_POINTER:
	case CLOCHE_CHARS:
		return (uintptr_t)value.as.pointer;
	default:
		return value.as.u;
	}
}

static long double real(struct cloche_value value)
{
	if (value.kind == CLOCHE_REAL)
		return value.real;
	return is_negative(value) ? (long double)value.as.i : (long double)bits(value);
}

enum value_order value_compare(struct cloche_value a, struct cloche_value b)
{
	if (a.kind == CLOCHE_REAL || b.kind == CLOCHE_REAL) {
		long double x = real(a), y = real(b);

		return x < y    ? VALUE_LESS
		       : x > y  ? VALUE_GREATER
		       : x == y ? VALUE_EQUAL
				: VALUE_UNORDERED;
	}
	if (is_negative(a) != is_negative(b))
		return is_negative(a) ? VALUE_LESS : VALUE_GREATER;
	/* Of one sign, two's complement keeps the order. */
	return bits(a) < bits(b) ? VALUE_LESS : bits(a) > bits(b) ? VALUE_GREATER : VALUE_EQUAL;
}

bool value_satisfies(enum value_order order, unsigned op)
{
	const unsigned unequal = CLOCHE_OPERATOR(!=);

	if (order == VALUE_UNORDERED)
		return op == unequal;
	return op >> (1 - (int)order) & 1;
}

const char *value_errno_name(int error)
{
	return strerrorname_np(error);
}

static void print_errno(struct text *text, struct cloche_value value)
{
	unsigned long long number = is_negative(value) ? -bits(value) : bits(value);
	const char *name = number > 0 && number < 4096 ? value_errno_name((int)number) : NULL;

	if (name)
		text_add(text, " (%s%s, %s)", is_negative(value) ? "-" : "", name,
			 strerrordesc_np((int)number));
}

static void print_char(struct text *text, long long c)
{
	char byte = (char)c;

	text_add(text, "'");
	if (byte == '\'')
		text_add(text, "\\");
	text_add_escaped(text, &byte, 1);
	text_add(text, "' (%lld)", c);
}

/* With as few digits as bring the same value back. */
static void print_real(struct text *text, long double value)
{
	bool is_double = value == (double)value;
	char digits[64];

	if (value > -1e15L && value < 1e15L && value == (long double)(long long)value) {
		text_add(text, "%.0Lf", value); /* -0 too */
		return;
	}
	for (int precision = 6; precision <= 21; precision++) {
		snprintf(digits, sizeof(digits), "%.*Lg", precision, value);
		if (is_double ? strtod(digits, NULL) == (double)value
			      : strtold(digits, NULL) == value)
			break;
	}
	text_add(text, "%s", digits);
}

static void print_pointer(struct text *text, const volatile void *pointer)
{
	if (pointer)
		text_add(text, "0x%llx", (unsigned long long)(uintptr_t)pointer);
	else
		text_add(text, "NULL");
}

void value_print(struct text *text, struct cloche_value value, bool as_errno)
{
	switch (value.kind) {
	case CLOCHE_SIGNED:
		text_add(text, "%lld", value.as.i);
		break;
	case CLOCHE_UNSIGNED:
		text_add(text, "%llu", value.as.u);
		break;
	case CLOCHE_REAL:
		print_real(text, value.real);
		return;
	case CLOCHE_POINTER:
	case CLOCHE_CHARS:
		print_pointer(text, value.as.pointer);
		return;
	case CLOCHE_CHAR:
		print_char(text, value.as.i);
		return;
	case CLOCHE_BOOL:
		text_add(text, value.as.u ? "true" : "false");
		return;
	}
	if (as_errno)
		print_errno(text, value);
	else if (value.kind == CLOCHE_UNSIGNED && bits(value) > 0xFFFF)
		text_add(text, " (0x%llx)", bits(value));
}

bool value_is_failure(struct cloche_value result, int error, int *ret_error)
{
	bool pointer = result.kind == CLOCHE_POINTER || result.kind == CLOCHE_CHARS;

	*ret_error = error;
	if (pointer)
		return !result.as.pointer || bits(result) == UINTPTR_MAX;
	if (result.kind == CLOCHE_REAL)
		return result.real < 0;
	if (result.kind == CLOCHE_UNSIGNED)
		return result.as.u == ULLONG_MAX;
	if (!is_negative(result))
		return false;
	if (result.as.i != -1 || !error)
		*ret_error = result.as.i > -4096 ? (int)-result.as.i : 0;
	return true;
}
