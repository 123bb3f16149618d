/* SPDX-License-Identifier: MIT */
/*
 * cloche compare: what is different in the second of two runs
 *
 * Both lists of cases are sorted by name and walked side by side. Repetitions count as one, see
 * journal_cases_merge().
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "json_text.h"
#include "utf8.h"

/* Slow is what takes both times as long and so much longer: less is how times differ anyway. */
#define SLOW_RATIO   2
#define SLOW_SECONDS 0.1

enum change {
	NO_CHANGE,
	NEWLY_FAILING, /* it did not fail, or was not there */
	NEWLY_FLAKY,
	NEWLY_SLOW,
	FIXED,
	ADDED,
	GONE,
	CHANGES,
};

/* In the order in which they are told. */
static const char *const names[CHANGES] = {
	[NEWLY_FAILING] = "newly failing",
	[NEWLY_FLAKY] = "newly flaky",
	[NEWLY_SLOW] = "newly slow",
	[FIXED] = "fixed",
	[ADDED] = "new",
	[GONE] = "gone",
};

struct pair {
	const struct journal_case *before, *after; /* one of them may be NULL */
};

struct comparison {
	struct journal_summary before, after;
	struct journal_cases before_cases, after_cases;
	unsigned count[CHANGES];
};

static enum change change_of(const struct pair *pair)
{
	const struct journal_case *before = pair->before, *after = pair->after;

	if (!after)
		return GONE;
	if (after->failure && (!before || !before->failure))
		return NEWLY_FAILING;
	if (!before)
		return ADDED;
	if (after->verdict == VERDICT_FLAKY && before->verdict != VERDICT_FLAKY)
		return NEWLY_FLAKY;
	if (before->failure && !after->failure)
		return after->verdict == VERDICT_SKIP ? NO_CHANGE : FIXED;
	if (after->seconds >= SLOW_RATIO * before->seconds &&
	    after->seconds >= before->seconds + SLOW_SECONDS)
		return NEWLY_SLOW;
	return NO_CHANGE;
}

/* The next case of either list; false when both are at their ends. */
static bool next_pair(const struct comparison *comparison, size_t *before, size_t *after,
		      struct pair *ret_pair)
{
	const struct journal_cases *a = &comparison->before_cases, *b = &comparison->after_cases;
	const struct journal_case *one = *before < a->count ? &a->list[*before] : NULL;
	const struct journal_case *other = *after < b->count ? &b->list[*after] : NULL;
	int order = !one ? 1 : !other ? -1 : journal_case_order(one, other);

	*ret_pair = (struct pair){order <= 0 ? one : NULL, order >= 0 ? other : NULL};
	*before += ret_pair->before != NULL;
	*after += ret_pair->after != NULL;
	return one || other;
}

static void print_text(enum change change, const struct pair *pair)
{
	const struct journal_case *one = pair->after ? pair->after : pair->before;

	printf("  ");
	utf8_in_line(stdout, one->suite);
	putchar(' ');
	utf8_in_line(stdout, one->name);
	if (change == NEWLY_SLOW)
		printf(": %.3fs, was %.3fs\n", pair->after->seconds, pair->before->seconds);
	else if (pair->before && pair->after)
		printf(": %s, was %s\n", verdict_name(pair->after->verdict),
		       verdict_name(pair->before->verdict));
	else
		printf(": %s%s\n", pair->after ? "" : "was ", verdict_name(one->verdict));
}

/* One object a line. */
static void print_json(enum change change, const struct pair *pair)
{
	const struct journal_case *one = pair->after ? pair->after : pair->before;
	json_t *object = json_pack("{s:i, s:s, s:o, s:o}", "v", 1, "change", names[change], "suite",
				   json_text_of(one->suite), "name", json_text_of(one->name));

	if (object && pair->before) {
		json_object_set_new(object, "before",
				    json_string(verdict_name(pair->before->verdict)));
		json_object_set_new(object, "before_seconds", json_real(pair->before->seconds));
	}
	if (object && pair->after) {
		json_object_set_new(object, "after",
				    json_string(verdict_name(pair->after->verdict)));
		json_object_set_new(object, "after_seconds", json_real(pair->after->seconds));
	}
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(object);
}

static void print_changes(struct comparison *comparison, enum change wanted, bool json)
{
	size_t before = 0, after = 0;
	struct pair pair;

	while (next_pair(comparison, &before, &after, &pair)) {
		if (change_of(&pair) != wanted)
			continue;
		if (!comparison->count[wanted]++ && !json)
			printf("%s:\n", names[wanted]);
		if (json)
			print_json(wanted, &pair);
		else
			print_text(wanted, &pair);
	}
}

static void print_run(const char *what, const struct journal_summary *summary)
{
	printf("%s %s (%s, %u cases, %u failed, %.3fs)\n", what, summary->id,
	       journal_state_name(summary->state), summary->ended, summary->totals.failed,
	       summary->totals.wall);
}

static void print_counts(const struct comparison *comparison)
{
	const char *comma = "";

	for (enum change change = NEWLY_FAILING; change < CHANGES; change++)
		if (comparison->count[change]) {
			printf("%s%u %s", comma, comparison->count[change], names[change]);
			comma = ", ";
		}
	puts(*comma ? "" : "no difference");
}

static int compare(struct comparison *comparison, bool json)
{
	if (!json) {
		print_run("before", &comparison->before);
		print_run("after ", &comparison->after);
	}
	journal_cases_merge(&comparison->before_cases);
	journal_cases_merge(&comparison->after_cases);
	for (enum change change = NEWLY_FAILING; change < CHANGES; change++)
		print_changes(comparison, change, json);
	if (!json)
		print_counts(comparison);
	if (output_ended("what is different"))
		return EXIT_REPORT;
	return comparison->count[NEWLY_FAILING] ? EXIT_CASE_FAILED : 0;
}

int command_compare(struct flags *flags, struct session *session)
{
	struct comparison comparison = {0};
	int result;

	(void)session;
	if (flags->rest_count > 2)
		return complain(EXIT_SETUP, "two runs at a time, not also '%s'", flags->rest[2]);
	result = remembered_cases(flags->rest_count ? flags->rest[0] : "-1", &comparison.before,
				  &comparison.before_cases);
	if (result)
		return result;
	result = remembered_cases(flags->rest_count > 1 ? flags->rest[1] : "last",
				  &comparison.after, &comparison.after_cases);
	if (!result) {
		result = compare(&comparison, !strcmp(flags->format, "json"));
		journal_cases_free(&comparison.after_cases);
		journal_summary_free(&comparison.after);
	}
	journal_cases_free(&comparison.before_cases);
	journal_summary_free(&comparison.before);
	return result;
}
