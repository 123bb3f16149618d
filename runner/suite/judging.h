/* SPDX-License-Identifier: MIT */
#ifndef CLOCHE_JUDGING_H
#define CLOCHE_JUDGING_H

#include "event.h"
#include "suite/kind.h"

/* Where what a kind says goes. */
struct judging {
	struct obstack *memory;
	struct outcome *outcome;
	struct remark **end; /* of the outcome's failures */
};

/*
 * Let the kind of the suite say what it makes of the outcome, of a case that has ended. `result` is
 * the descriptor that it wrote to, or -1.
 */
void judging_kind(const struct suite *suite, const struct suite_case *item, int result,
		  struct judging *judging);

/* What was written to `result` becomes the outcome's. */
void judging_result(int result, struct judging *judging);

#endif
