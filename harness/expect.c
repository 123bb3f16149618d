/* SPDX-License-Identifier: MIT */
/*
 * Expectations: judge, and when one does not hold, say why. errno stays as it was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <string.h>

#include "arguments.h"
#include "body.h"
#include "diff.h"
#include "value.h"

#define MESSAGE_ROOM 8192

struct message {
	struct text text;
	struct argument arguments[4];
	int error; /* errno at the start */
	char buffer[MESSAGE_ROOM];
};

static const struct argument left_side = {"the left side", 13}, right_side = {"the right side", 14};

/* Expects `count` arguments; where a macro made others of them, the sides have no names. */
static void message_start(struct message *message, const char *expression, size_t count)
{
	message->error = errno;
	text_start(&message->text, message->buffer, sizeof(message->buffer));
	if (arguments_split(expression, message->arguments, 4) != count) {
		message->arguments[0] = left_side;
		message->arguments[1] = message->arguments[2] = right_side;
	}
}

static void message_send(struct message *message, const char *file, unsigned line,
			 const char *expression)
{
	body_failure(file, line, expression, message->text.data, message->text.size,
		     message->error);
	errno = message->error;
}

bool cloche_truth(const char *file, unsigned line, const char *text, bool holds)
{
	static const char message[] = "does not hold";
	int error = errno;

	body_check();
	if (!holds)
		body_failure(file, line, text, message, sizeof(message) - 1, error);
	errno = error;
	return holds;
}

/* The name of an errno does where errnos are meant, a literal elsewhere. */
static bool speaks_for_itself(const struct argument *argument, bool as_errno)
{
	const struct diff_side side = {.label = argument->data, .label_size = argument->size};

	if (as_errno)
		return argument_is_errno(argument) && *argument->data != 'e';
	return diff_label_is_literal(&side);
}

static void show_value(struct message *message, const struct argument *argument,
		       struct cloche_value value, bool as_errno)
{
	if (message->text.size)
		text_add(&message->text, "\n");
	text_add(&message->text, "%.*s is ", argument->size, argument->data);
	value_print(&message->text, value, as_errno);
}

static __attribute__((noinline)) void fail_compare(const char *file, unsigned line,
						   const char *text, struct cloche_value a,
						   struct cloche_value b)
{
	const struct argument *left, *right;
	struct message message;
	bool as_errno;

	message_start(&message, text, 3);
	left = &message.arguments[0];
	right = &message.arguments[2];
	as_errno = argument_is_errno(left) || argument_is_errno(right);
	if (!speaks_for_itself(left, as_errno))
		show_value(&message, left, a, as_errno);
	if (!speaks_for_itself(right, as_errno))
		show_value(&message, right, b, as_errno);
	if (!message.text.size)
		text_add(&message.text, "does not hold");
	if (a.kind == CLOCHE_CHARS && b.kind == CLOCHE_CHARS)
		text_add(&message.text,
			 "\nchar pointers compare as pointers; EXPECT_STR compares the text");
	message_send(&message, file, line, text);
}

/* EXPECT(name, ==, "moon") looks as if it compared texts, and where the linker merges them, it
 * does. */
static bool is_with_literal(const char *text, const struct cloche_value *a,
			    const struct cloche_value *b)
{
	struct argument arguments[3];

	return a->kind == CLOCHE_CHARS && b->kind == CLOCHE_CHARS &&
	       arguments_split(text, arguments, 3) == 3 &&
	       (*arguments[0].data == '"' || *arguments[2].data == '"');
}

static void fail_literal(const char *file, unsigned line, const char *text)
{
	static const char message[] =
		"compares addresses, not texts: write EXPECT_STR, or REQUIRE_STR";

	body_failure(file, line, text, message, sizeof(message) - 1, 0);
}

bool cloche_compare(const char *file, unsigned line, const char *text, unsigned op,
		    struct cloche_value a, struct cloche_value b)
{
	bool holds = value_satisfies(value_compare(a, b), op);

	body_check();
	if (is_with_literal(text, &a, &b)) {
		fail_literal(file, line, text);
		return false;
	}
	if (!holds)
		fail_compare(file, line, text, a, b);
	return holds;
}

static void name_errno(struct text *text, const char *sign, int error)
{
	const char *name = value_errno_name(error);

	if (name && error)
		text_add(text, "%s%s (%s)", sign, name, strerrordesc_np(error));
	else
		text_add(text, "%s%d", sign, error);
}

/* "the result is -1, errno ENOENT (No such file or directory)" */
static void show_result(struct text *text, struct cloche_value result, int error, int found)
{
	bool itself =
		result.kind == CLOCHE_SIGNED && result.as.i < 0 && (result.as.i != -1 || !error);

	text_add(text, "the result is ");
	value_print(text, result, false);
	if (itself && result.as.i != -1) {
		text_add(text, found ? ", " : ", which is no errno");
		if (found)
			name_errno(text, "-", found);
	} else {
		text_add(text, ", errno ");
		name_errno(text, "", error);
	}
}

static __attribute__((noinline)) void fail_result(const char *file, unsigned line, const char *text,
						  struct cloche_value result, int wanted, int found)
{
	struct message message;

	message_start(&message, text, 1);
	if (value_is_failure(result, message.error, &(int){0})) {
		show_result(&message.text, result, message.error, found);
	} else {
		text_add(&message.text, "it did not fail; the result is ");
		value_print(&message.text, result, false);
	}
	if (wanted && value_errno_name(wanted) && found != wanted && found) {
		text_add(&message.text, "\nexpected was ");
		name_errno(&message.text, "", wanted);
	}
	message_send(&message, file, line, text);
}

bool cloche_ok(const char *file, unsigned line, const char *text, struct cloche_value result)
{
	int error = errno, found;
	bool holds = !value_is_failure(result, error, &found);

	body_check();
	if (!holds)
		fail_result(file, line, text, result, 0, found);
	errno = error;
	return holds;
}

bool cloche_errno(const char *file, unsigned line, const char *text, int wanted,
		  struct cloche_value result)
{
	int error = errno, found;
	bool holds = value_is_failure(result, error, &found) && found == wanted;

	body_check();
	if (!holds)
		fail_result(file, line, text, result, wanted, found);
	errno = error;
	return holds;
}

static enum value_order order_of(int comparison)
{
	return comparison < 0 ? VALUE_LESS : comparison > 0 ? VALUE_GREATER : VALUE_EQUAL;
}

static __attribute__((noinline)) void fail_str(const char *file, unsigned line, const char *text,
					       const char *a, const char *b)
{
	struct diff_side left, right;
	struct message message;

	message_start(&message, text, 3);
	left = (struct diff_side){message.arguments[0].data, message.arguments[0].size, a,
				  a ? strlen(a) : 0};
	right = (struct diff_side){message.arguments[2].data, message.arguments[2].size, b,
				   b ? strlen(b) : 0};
	diff_strings(&message.text, &left, &right);
	message_send(&message, file, line, text);
}

bool cloche_str(const char *file, unsigned line, const char *text, unsigned op, const char *a,
		const char *b)
{
	enum value_order order = a && b   ? order_of(strcmp(a, b))
				 : a == b ? VALUE_EQUAL
					  : VALUE_UNORDERED;
	bool holds = value_satisfies(order, op);

	body_check();
	if (!holds)
		fail_str(file, line, text, a, b);
	return holds;
}

static __attribute__((noinline)) void fail_mem(const char *file, unsigned line, const char *text,
					       const void *a, const void *b, size_t size)
{
	struct message message;

	message_start(&message, text, 4);
	if (a && b)
		diff_memory(&message.text, a, b, size);
	else
		text_add(&message.text, "%s is NULL",
			 a   ? "the right side"
			 : b ? "the left side"
			     : "either side");
	message_send(&message, file, line, text);
}

bool cloche_mem(const char *file, unsigned line, const char *text, unsigned op, const void *a,
		const void *b, size_t size)
{
	enum value_order order = (a && b) || !size ? order_of(size ? memcmp(a, b, size) : 0)
				 : a == b          ? VALUE_EQUAL
						   : VALUE_UNORDERED;
	bool holds = value_satisfies(order, op);

	body_check();
	if (!holds)
		fail_mem(file, line, text, a, b, size);
	return holds;
}

static __attribute__((noinline)) void fail_near(const char *file, unsigned line, const char *text,
						const long double values[3])
{
	struct message message;

	message_start(&message, text, 3);
	for (size_t i = 0; i < 3; i++)
		if (!speaks_for_itself(&message.arguments[i], false))
			show_value(&message, &message.arguments[i],
				   (struct cloche_value){CLOCHE_REAL, {0}, values[i]}, false);
	text_add(&message.text, "%sthey differ by ", message.text.size ? "\n" : "");
	value_print(&message.text,
		    (struct cloche_value){CLOCHE_REAL, {0}, fabsl(values[0] - values[1])}, false);
	message_send(&message, file, line, text);
}

bool cloche_near(const char *file, unsigned line, const char *text, long double a, long double b,
		 long double tolerance)
{
	/* a == b: two infinities of one sign are near. */
	bool holds = a == b || fabsl(a - b) <= tolerance;

	body_check();
	if (!holds)
		fail_near(file, line, text, (const long double[]){a, b, tolerance});
	return holds;
}
