/* SPDX-License-Identifier: MIT */
/*
 * junit.h: one case as a <testcase>
 *
 * As Surefire writes them and Jenkins reads them: a case that failed is told by its first attempt,
 * and the others are rerunFailure or rerunError; one that is flaky is told by its last, and the
 * others are flakyFailure or flakyError.
 */
#ifndef CLOCHE_JUNIT_H
#define CLOCHE_JUNIT_H

#include "event.h"
#include "xml.h"

/* What a result counts as. */
enum junit_kind {
	JUNIT_PASS,
	JUNIT_SKIPPED,
	JUNIT_FAILURE, /* what the test found wrong */
	JUNIT_ERROR,   /* what ended it: a crash, its deadline, no cell */
};

enum junit_kind junit_kind_of(const struct result *result);

/* The attempt that tells of a case, by its last one. */
const struct result *junit_told(const struct result *last);

void junit_case(struct xml *xml, const struct result *last);

/* "2026-11-24T12:23:10Z", so many seconds after a moment. */
void junit_moment(char buffer[static 32], const struct timespec *moment, double seconds);

void junit_property(struct xml *xml, const char *name, const char *value);

#endif
