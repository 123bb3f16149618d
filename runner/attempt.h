/* SPDX-License-Identifier: MIT */
/*
 * attempt.h: what is kept of an attempt that failed, while its case is tried again
 *
 * The reporters heard all of it when it ended. What is kept is for what they say of the case in the
 * end: a bounded copy that lives on its own, with counts of what was left out.
 */
#ifndef CLOCHE_ATTEMPT_H
#define CLOCHE_ATTEMPT_H

#include <obstack.h>

#include "event.h"

#define ATTEMPT_OUTPUT  (64u << 10) /* bytes kept of what it printed */
#define ATTEMPT_REMARKS (64u << 10) /* and of all remarks and findings together */

struct attempt {
	struct result result; /* result.earlier is that of `earlier` */
	struct case_info info;
	struct outcome outcome;
	struct attempt *earlier;
	struct obstack memory;
	size_t bytes; /* of all this */
	size_t left;  /* while it is made: room for remarks */
};

/*
 * A copy of `result`, an attempt after `earlier`, or after none. The options of its info are
 * borrowed. With `bare`, texts of the test are left out, for when memory is short. NULL without
 * memory.
 */
struct attempt *attempt_keep(const struct result *result, struct attempt *earlier, bool bare);

void attempt_free(struct attempt *attempt); /* not those before it */

#endif
