/* SPDX-License-Identifier: MIT */
/*
 * rules.h: how CTest judges a test. Pure.
 *
 * Of its regular expressions, what is about output; they are CMake's, which this makes POSIX
 * extended ones of. There, a backslash takes the meaning of what follows away, whatever that is,
 * braces mean nothing, nor do [: :] and the like in brackets; . is any character, ^ and $ are the
 * ends of all output.
 */
#ifndef CLOCHE_RULES_H
#define CLOCHE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"

/* Lists end with NULL, and may be NULL. */
struct rules {
	const char *const *pass, *const *fail, *const *skip;
	bool has_skip_status, will_fail;
	int skip_status;
};

/* A CMake expression as a POSIX one; allocated, NULL without memory. */
char *rules_translate(const char *regex);

/* Of a program that ended with this status. `reason` gets one line, or "". */
enum verdict rules_judge(const struct rules *rules, const char *out, size_t size, int status,
			 char *reason, size_t reason_size);

#endif
