/* SPDX-License-Identifier: MIT */
/*
 * body.h: one case, run in the calling process
 *
 *  1. The caller has made the process what the test shall find.
 *  2. body_run() runs SETUP, the body and TEARDOWN, and tells everything on the way.
 *  3. body_end() ends the process.
 *
 * A process that the test forks may come back from the body, too. It ends there: only the process
 * that called body_run() tears down and says DONE.
 */
#ifndef CLOCHE_BODY_H
#define CLOCHE_BODY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Records go to `record_fd`. When that is negative, what the case says goes to standard error, for
 * people, and no signal handler is installed, for debuggers.
 */
void body_run(size_t index, int record_fd);

/*
 * Flush and end, with exit status 0; after body_run(..., -1) with 100 when the case failed. Under
 * sanitizers and for coverage by exit(3), so that their reports and data come out; else _exit(2).
 */
_Noreturn void body_end(void);

bool body_is_sanitized(void); /* ASan, HWASan, LSan, MSan, TSan, UBSan */
bool body_owns_crashes(void); /* one of those that report crashes themselves */
bool body_has_coverage(void); /* gcov or clang's profile run-time */

/* For the expectations. */

void body_check(void); /* count one */

/* `error` is errno as the expectation found it: it may point to a limit that was hit. */
void body_failure(const char *file, unsigned line, const char *expression, const char *text,
		  size_t size, int error);

void body_note(const char *file, unsigned line, const char *text, size_t size);
void body_skip(const char *file, unsigned line, const char *text, size_t size);

#endif
