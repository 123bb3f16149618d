/* SPDX-License-Identifier: MIT */
/*
 * How the program was built: run-times that have something to say, or to write, at its exit.
 */
#include "body.h"
#include "case.h"
#include "say.h"

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

/*
 * UBSan reports and goes on: without this, a case that did what C leaves undefined would pass, and
 * its report be seen by nobody. The run-time calls this after each report, where it is defined
 * (compiler-rt/lib/ubsan/ubsan_monitor.h). Outside of a case there is nobody to tell.
 */
void __ubsan_on_report(void);

__attribute__((visibility("default"))) void __ubsan_on_report(void)
{
	static const char text[] = "UBSan reported undefined behaviour, see the output";

	if (!say_is_aloud())
		body_failure(NULL, 0, NULL, text, sizeof(text) - 1, 0);
}
