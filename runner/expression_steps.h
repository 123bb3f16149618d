/* SPDX-License-Identifier: MIT */
/*
 * expression_steps.h: what the parser makes of a filter, and what is asked about a case
 *
 * An expression is a list of steps with one truth value, that of the step before. A question sets
 * it; `and` is a jump over its right side when the left one was false, `or` one when it was true.
 * So nothing recurses when a case is asked about, and no more is asked than is needed.
 */
#ifndef CLOCHE_EXPRESSION_STEPS_H
#define CLOCHE_EXPRESSION_STEPS_H

#include <stddef.h>

#include "expression.h"
#include "pattern.h"

#define EXPRESSION_DEPTH_MAX 100 /* of parentheses */

enum step_kind {
	STEP_ALL,
	STEP_NONE,
	STEP_TEST,
	STEP_SUITE,
	STEP_TAG,
	STEP_KIND,
	STEP_NOT,
	STEP_JUMP_IF_FALSE,
	STEP_JUMP_IF_TRUE,
};

struct step {
	enum step_kind kind;
	size_t target;          /* of a jump */
	struct pattern pattern; /* of a question */
};

struct expression {
	struct step *steps;
	size_t count;
};

#endif
