/* SPDX-License-Identifier: MIT */
/*
 * How the program was built: run-times that have something to say, or to write, at its exit.
 */
#include "body.h"
#include "case.h"
#include "covered.h"
#include "say.h"

/* Under names of our own: compilers know the types of some, which is of no interest here. */
#define WEAK(symbol) extern void weak##symbol(void) __asm__(#symbol) __attribute__((weak))

WEAK(__asan_init);
WEAK(__hwasan_init);
WEAK(__msan_init);
WEAK(__tsan_init);
WEAK(__lsan_init);
WEAK(__lsan_do_leak_check);
WEAK(__ubsan_handle_type_mismatch_v1);

bool body_owns_crashes(void)
{
	return weak__asan_init || weak__hwasan_init || weak__msan_init || weak__tsan_init;
}

bool body_is_sanitized(void)
{
	return body_owns_crashes() || weak__lsan_init || weak__lsan_do_leak_check ||
	       weak__ubsan_handle_type_mismatch_v1;
}

bool body_has_coverage(void)
{
	return case_coverage() != NULL && !covered_is_on();
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
