/* SPDX-License-Identifier: MIT */
/*
 * cloche runs
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flags.h"
#include "utf8.h"

/* "2 failed, 40 passed", failures first. */
static void print_counts(FILE *out, const struct journal_summary *summary)
{
	static const struct {
		enum verdict verdict;
		const char *word;
	} rows[] = {{VERDICT_FAIL, "failed"},       {VERDICT_CRASH, "crashed"},
		    {VERDICT_TIMEOUT, "timed out"}, {VERDICT_LIMIT, "hit a limit"},
		    {VERDICT_ERROR, "errors"},      {VERDICT_LEAK, "leaked"},
		    {VERDICT_FLAKY, "flaky"},       {VERDICT_SKIP, "skipped"},
		    {VERDICT_PASS, "passed"}};
	const struct run_totals *totals = &summary->totals;
	const char *comma = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (totals->count[rows[i].verdict]) {
			fprintf(out, "%s%u %s", comma, totals->count[rows[i].verdict],
				rows[i].word);
			comma = ", ";
		}
	if (totals->not_run) {
		fprintf(out, "%s%u not run", comma, totals->not_run);
	} else if (summary->state != JOURNAL_COMPLETE) {
		fprintf(out, "%s%u of %u", comma, summary->ended, summary->info.cases);
	}
}

static void print_text(const struct journal_summary *summary)
{
	const struct run_info *info = &summary->info;
	char *counts = NULL, when[32] = "?";
	size_t size;
	FILE *out = open_memstream(&counts, &size);
	struct tm tm;

	if (!out)
		return;
	print_counts(out, summary);
	fclose(out);
	if (info->started.tv_sec && localtime_r(&info->started.tv_sec, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s  %-19s  %-11s  %9.3fs  %u suite%s  %s ", summary->id, when,
	       journal_state_name(summary->state), summary->totals.wall, info->suites,
	       info->suites == 1 ? " " : "s", counts);
	for (const char *const *word = info->command; word && *word; word++) {
		fputs(word == info->command ? " " : " ", stdout);
		utf8_in_line(stdout, *word);
	}
	putchar('\n');
	free(counts);
}

/* One object a line. */
static void print_json(const struct journal_summary *summary)
{
	const json_t *start = summary->start;
	json_t *object = json_pack(
		"{s:i, s:s, s:s, s:O*, s:O*, s:O*, s:O*, s:i, s:i, s:i, s:i, s:i, s:f}", "v", 1,
		"id", summary->id, "state", journal_state_name(summary->state), "started",
		json_object_get(start, "started"), "command", json_object_get(start, "command"),
		"directory", json_object_get(summary->header, "directory"), "machine",
		json_object_get(summary->header, "machine"), "suites", (int)summary->info.suites,
		"cases", (int)summary->info.cases, "ended", (int)summary->ended, "failed",
		(int)summary->totals.failed, "not_run", (int)summary->totals.not_run, "seconds",
		summary->totals.wall);

	for (enum verdict v = VERDICT_PASS; object && v < VERDICTS; v++)
		json_object_set_new(object, verdict_name(v),
				    json_integer(summary->totals.count[v]));
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(object);
}

static int prune(const struct flags *flags)
{
	int removed = journal_prune(&flags->keep);

	if (removed < 0)
		return complain(EXIT_SETUP, "cannot forget runs: %s", strerror(-removed));
	printf("%d run%s forgotten\n", removed, removed == 1 ? "" : "s");
	return 0;
}

int command_runs(struct flags *flags, struct session *session)
{
	struct journal_ids ids;
	struct journal_summary summary;
	char why[1024];
	int result;

	(void)session;
	if (flags->rest_count)
		return complain(EXIT_SETUP, "runs takes no '%s'; 'cloche show' tells of one run",
				flags->rest[0]);
	if (flags->prune)
		return prune(flags);
	if (journal_ids(&ids, why, sizeof(why)) < 0)
		return complain(EXIT_SETUP, "%s", why);
	for (size_t i = 0; i < ids.count; i++) {
		result = journal_summary(ids.list[i], &summary);
		if (result < 0) {
			complain(0, "cannot read the journal %s: %s", ids.list[i],
				 strerror(-result));
			continue;
		}
		if (!strcmp(flags->format, "json"))
			print_json(&summary);
		else
			print_text(&summary);
		journal_summary_free(&summary);
	}
	journal_ids_free(&ids);
	return output_ended("the list");
}
