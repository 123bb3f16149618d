/* SPDX-License-Identifier: MIT */
/*
 * reports.h: runs as reporters are told of them, and what they made of it, as text
 */
#ifndef CLOCHE_REPORTS_H
#define CLOCHE_REPORTS_H

#include "event.h"

extern const struct reporter reporter_terminal, reporter_tap, reporter_jsonl, reporter_junit,
	reporter_html, reporter_libtest;

extern const struct cloche_options plain, worldly;

/* A run of cases that do everything. */
struct sample_case {
	struct case_info info;
	struct outcome outcome;
	enum verdict verdict;
	bool failure;
	const char *reason;
};

#define CASES 8
extern const struct sample_case cases[CASES];

struct result result_of(size_t i);

/* What failed in one of them. */
extern struct remark first;

/* The last report. */
extern char text[1 << 20];

/* A report that is about to begin, into a file in memory; `ret_file` stays open. */
void *report_begin(const struct reporter *reporter, struct report_options options, int *ret_file,
		   const struct run_info *info);
/* Its end: the report is in `text`. */
void report_end(const struct reporter *reporter, void *state, int file,
		const struct run_totals *totals);

void report_one(const struct reporter *reporter, struct report_options options,
		const struct result *result);
/* All cases, a message, and cases that were not run. */
void report_all(const struct reporter *reporter, struct report_options options);

/* Equal, or the first line that is not. */
void check_text(const char *expected);

/* What hostile cases say, are named, and leave. */
extern char hostile[];
extern const struct case_info hostile_info;
extern struct outcome hostile_outcome;
extern const enum verdict hostile_verdicts[3];

/* The text is UTF-8, in lines, with nothing in it that acts. */
void check_harmless(void);
/* Its lines that begin so, and are not output. */
size_t count_lines(const char *start);

#endif
