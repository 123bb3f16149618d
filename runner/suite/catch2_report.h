/* SPDX-License-Identifier: MIT */
/*
 * catch2_report.h: what Catch2's console reporter writes. Nothing has a NUL at its end.
 */
#ifndef CLOCHE_CATCH2_REPORT_H
#define CLOCHE_CATCH2_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "suite/lines.h"

/* A message of the console reporter: "file:12: FAILED:", and the lines below it. */
struct catch2_message {
	const char *file, *text;
	size_t file_size, text_size;
	unsigned line;
	bool failed, skipped;
};

/* The next one; its texts are in the lines. Returns false at the end. */
bool catch2_next_message(struct lines *lines, struct catch2_message *message);
/* How many tests ran, by the last line that says so; -1: none does. */
long catch2_count_tests(const char *report, size_t size);
/* A number behind blanks; 0 when there is none. */
unsigned catch2_number(const char *at, const char *end);

#endif
