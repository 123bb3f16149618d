/* SPDX-License-Identifier: MIT */
/*
 * How the program was built: run-times that have something to say, or to write, at its exit.
 */
#include "body.h"
#include "case.h"

#define WEAK(symbol) extern void symbol(void) __attribute__((weak))

WEAK(__asan_init);
WEAK(__hwasan_init);
WEAK(__msan_init);
WEAK(__tsan_init);
WEAK(__lsan_init);
WEAK(__lsan_do_leak_check);
WEAK(__ubsan_handle_type_mismatch_v1);

bool body_owns_crashes(void)
{
	return __asan_init || __hwasan_init || __msan_init || __tsan_init;
}

bool body_is_sanitized(void)
{
	return body_owns_crashes() || __lsan_init || __lsan_do_leak_check ||
	       __ubsan_handle_type_mismatch_v1;
}

bool body_has_coverage(void)
{
	return case_coverage() != NULL;
}
