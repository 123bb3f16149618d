/* SPDX-License-Identifier: MIT */
/*
 * go_output.h: what a Go test program prints with -test.v
 *
 * "=== RUN   NAME" and its like say whose lines follow, "    x_test.go:12: TEXT" is one of them,
 * and "--- FAIL: NAME (0.00s)" ends it, indented in subtests. Whether a line was an error or was
 * only logged, nothing tells. All of this is pure; nothing has a NUL at its end.
 */
#ifndef CLOCHE_GO_OUTPUT_H
#define CLOCHE_GO_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "suite/lines.h"

/* A place that a test named, and what it said there, with lines that go on. */
struct go_log {
	const char *file, *text;
	size_t file_size, size;
	unsigned line;
};

struct go_logs {
	struct lines lines;
	const char *of; /* the test whose lines are wanted */
	bool in_it;
};

/* `top` is the test that runs: lines before any "===" are its own. */
struct go_logs go_logs_of(const char *out, size_t size, const char *name, const char *top);
bool go_next_log(struct go_logs *logs, struct go_log *ret_log);

/* The next test that ended so ("FAIL", "SKIP"), and what stands behind that line. */
bool go_next_result(struct lines *lines, const char *how, const char **ret_name, size_t *ret_size);

/* "panic: TEXT", or a fatal error, and its first place in a test's source. */
bool go_find_panic(const char *out, size_t size, struct go_log *ret_panic);

#endif
