/* SPDX-License-Identifier: MIT */
/*
 * cloche top: the most expensive cases of a run
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "json_text.h"
#include "utf8.h"

static const char *by; /* for qsort(3) */

static double cost(const struct journal_case *one)
{
	if (!strcmp(by, "user"))
		return one->user;
	if (!strcmp(by, "system"))
		return one->system;
	if (!strcmp(by, "cpu"))
		return one->user + one->system;
	if (!strcmp(by, "memory"))
		return (double)one->max_rss_kib;
	if (!strcmp(by, "io"))
		return (double)(one->blocks_read + one->blocks_written);
	if (!strcmp(by, "switches"))
		return (double)(one->waits + one->preemptions);
	return one->seconds;
}

static int dearest_first(const void *a, const void *b)
{
	const struct journal_case *one = a, *other = b;
	double difference = cost(other) - cost(one);

	if (difference != 0)
		return difference > 0 ? 1 : -1;
	return (one->number > other->number) - (one->number < other->number);
}

static void print_heading(void)
{
	printf("%10s %9s %9s %9s %9s %9s %7s %7s\n", "wall", "user", "system", "memory", "read",
	       "written", "waits", "preempt");
}

static void print_text(const struct journal_case *one)
{
	printf("%9.3fs %8.3fs %8.3fs %8.1fM %8.1fM %8.1fM %7lld %7lld  ", one->seconds, one->user,
	       one->system, (double)one->max_rss_kib / 1024, (double)one->blocks_read / 2048,
	       (double)one->blocks_written / 2048, (long long)one->waits,
	       (long long)one->preemptions);
	utf8_in_line(stdout, one->suite);
	putchar(' ');
	utf8_in_line(stdout, one->name);
	if (one->repetition)
		printf(" (repetition %u)", one->repetition + 1);
	putchar('\n');
}

/* One object a line, with the names that the events of reports have. */
static void print_json(const struct journal_case *one)
{
	json_t *object = json_pack(
		"{s:i, s:o, s:o, s:i, s:i, s:s, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I}", "v", 1,
		"suite", json_text_of(one->suite), "name", json_text_of(one->name), "number",
		(int)one->number, "repetition", (int)one->repetition, "verdict",
		verdict_name(one->verdict), "seconds", one->seconds, "user_seconds", one->user,
		"system_seconds", one->system, "max_rss_kib", (json_int_t)one->max_rss_kib,
		"blocks_read", (json_int_t)one->blocks_read, "blocks_written",
		(json_int_t)one->blocks_written, "waits", (json_int_t)one->waits, "preemptions",
		(json_int_t)one->preemptions);

	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(object);
}

int command_top(struct flags *flags, struct session *session)
{
	struct journal_summary summary;
	struct journal_cases cases;
	bool json = !strcmp(flags->format, "json");
	int result;

	(void)session;
	if (flags->rest_count > 1)
		return complain(EXIT_SETUP, "one run at a time, not also '%s'", flags->rest[1]);
	result = remembered_cases(flags->rest_count ? flags->rest[0] : "last", &summary, &cases);
	if (result)
		return result;
	by = flags->by;
	qsort(cases.list, cases.count, sizeof(*cases.list), dearest_first);
	if (!json)
		print_heading();
	for (size_t i = 0; i < cases.count && i < flags->count; i++)
		if (json)
			print_json(&cases.list[i]);
		else
			print_text(&cases.list[i]);
	journal_cases_free(&cases);
	journal_summary_free(&summary);
	return output_ended("the list");
}
