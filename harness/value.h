/* SPDX-License-Identifier: MIT */
/*
 * value.h: numbers and pointers of any type, compared by what they are worth. Pure.
 */
#ifndef CLOCHE_VALUE_H
#define CLOCHE_VALUE_H

#include "cloche.h"
#include "text.h"

enum value_order { VALUE_LESS = -1, VALUE_EQUAL, VALUE_GREATER, VALUE_UNORDERED };

enum value_order value_compare(struct cloche_value a, struct cloche_value b);

/* Does an order satisfy an operator, CLOCHE_OPERATOR()? What is unordered only satisfies `!=`. */
bool value_satisfies(enum value_order order, unsigned op);

/* Print it; a number that is an errno (or a negative one) by its name too, if `as_errno`. */
void value_print(struct text *text, struct cloche_value value, bool as_errno);

/* "EPERM", or NULL. */
const char *value_errno_name(int error);

/*
 * Does a call's result say that it failed? *ret_error is the errno, out of `error` (the variable)
 * or out of the result itself; 0 when neither knows.
 */
bool value_is_failure(struct cloche_value result, int error, int *ret_error);

#endif
