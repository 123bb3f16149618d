/* SPDX-License-Identifier: MIT */
/*
 * For people: a line a case, what failed in full, and at the end a summary that names every failure
 * again. On a terminal a status line says what is going on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "details.h"
#include "fold.h"
#include "progress.h"
#include "report.h"
#include "utf8.h"

/* Text that is kept for the end: outputs, and then a failure each for the summary. */
struct kept {
	struct kept *next;
	char *text;
	size_t size;
};

struct kept_list {
	struct kept *first, **end;
};

struct terminal {
	struct page page;
	struct report_options options;
	struct run_info info;
	struct kept_list outputs, failures;
	struct fold fold;
	struct progress progress; /* on a terminal */
	struct progress_counts counts;
	unsigned slow[VERDICTS]; /* of the cases with that verdict */
};

static const struct {
	const char *word, *color;
} looks[] = {
	[VERDICT_PASS] = {"PASS", "\033[32;1m"},       [VERDICT_FAIL] = {"FAIL", "\033[31;1m"},
	[VERDICT_SKIP] = {"SKIP", "\033[33m"},         [VERDICT_ERROR] = {"ERROR", "\033[31;1m"},
	[VERDICT_TIMEOUT] = {"TIMEOUT", "\033[31;1m"}, [VERDICT_CRASH] = {"CRASH", "\033[31;1m"},
	[VERDICT_LEAK] = {"LEAK", "\033[33;1m"},       [VERDICT_LIMIT] = {"LIMIT", "\033[31;1m"},
	[VERDICT_FLAKY] = {"FLAKY", "\033[33;1m"},
};

static const char *paint(const struct terminal *t, const char *color)
{
	return t->options.color ? color : "";
}

/* Write what was printed, and on a terminal draw below it what is going on. */
static int show(struct terminal *t)
{
	if (t->options.live) {
		if (!progress_is_due(&t->progress))
			return 0;
		progress_draw(&t->progress, t->page.out, &t->counts);
	}
	return page_flush(&t->page);
}

static int terminal_start(void **ret_state, const struct report_options *options,
			  const struct run_info *info)
{
	struct terminal *t = calloc(1, sizeof(*t));
	int result = t ? page_open(&t->page, options->fd) : -ENOMEM;
	unsigned cases;

	if (result < 0) {
		free(t);
		return result;
	}
	*ret_state = t;
	t->options = *options;
	t->info = *info;
	t->outputs.end = &t->outputs.first;
	t->failures.end = &t->failures.first;
	t->counts.cases = info->cases;
	t->fold = fold_here();
	if (t->options.live)
		progress_begin(&t->progress, options->fd, options->color);
	cases = info->open_ended ? info->chosen : info->cases;
	fprintf(t->page.out, "%s    Starting%s %u case%s of %u suite%s%s, %u at once%s\n",
		paint(t, "\033[32;1m"), paint(t, "\033[0m"), cases, cases == 1 ? "" : "s",
		info->suites, info->suites == 1 ? "" : "s",
		info->open_ended ? ", again and again" : "", info->jobs,
		info->isolated ? "" : ", without isolation");
	if (info->shuffled)
		fprintf(t->page.out, "    Shuffled with --shuffle=%llu\n",
			(unsigned long long)info->seed);
	if (info->shard)
		fprintf(t->page.out, "       Shard %s\n", info->shard);
	return page_flush(&t->page);
}

static void print_case(struct terminal *t, FILE *out, const struct case_info *info)
{
	utf8_in_line(out, info->suite);
	fprintf(out, " %s", paint(t, "\033[1m"));
	utf8_in_line(out, info->name);
	fputs(paint(t, "\033[0m"), out);
	if (info->repetition)
		fprintf(out, " (repetition %u)", info->repetition + 1);
}

/* again: another attempt follows. */
static void print_line(struct terminal *t, FILE *out, const struct result *result, bool again)
{
	const struct case_info *info = result->info;
	const char *word = looks[result->verdict].word;
	char shown[40];

	if (info->attempt > 1 || again)
		snprintf(shown, sizeof(shown), "TRY %u %s", info->attempt, word);
	else
		snprintf(shown, sizeof(shown), "%s", word);
	fprintf(out, "%s%12s%s [%8.3fs] ", paint(t, looks[result->verdict].color),
		result->verdict == VERDICT_FLAKY ? word : shown, paint(t, "\033[0m"),
		result->outcome->wall);
	print_case(t, out, info);
	if (*result->reason && result->verdict != VERDICT_PASS) {
		fputs(": ", out);
		utf8_in_line(out, result->reason);
	}
	fputc('\n', out);
}

static void print_output(struct terminal *t, FILE *out, const struct result *result)
{
	char title[256];

	if (!result->outcome->out.total)
		return;
	snprintf(title, sizeof(title), "output of %s %s", result->info->suite, result->info->name);
	fold_begin(&t->fold, out, title);
	details_output(out, &result->outcome->out, t->options.color);
	fold_end(&t->fold, out);
}

/* For the end of the run: the line again, then its output, or the gist of what was wrong. */
static void keep(struct terminal *t, struct kept_list *list, const struct result *result)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	const struct result *failed = result->verdict == VERDICT_FLAKY ? result->earlier : result;
	const struct remark *first = failed ? failed->outcome->failures : NULL;
	FILE *stream = kept ? open_memstream(&kept->text, &kept->size) : NULL;

	if (!stream) {
		free(kept);
		return;
	}
	print_line(t, stream, result, false);
	if (list == &t->outputs)
		print_output(t, stream, result);
	else if (first) {
		fputs("             ", stream);
		details_gist(stream, first);
	}
	if (result->outcome->kept && list != &t->outputs)
		fprintf(stream, "             kept as %s: cloche enter %s\n", result->outcome->kept,
			result->outcome->kept);
	fclose(stream);
	*list->end = kept;
	list->end = &kept->next;
}

static void print_kept(struct terminal *t, struct kept_list *list)
{
	struct kept *next;

	for (struct kept *kept = list->first; kept; kept = next) {
		next = kept->next;
		fwrite(kept->text, 1, kept->size, t->page.out);
		free(kept->text);
		free(kept);
	}
}

static int terminal_started(void *state, const struct case_info *info)
{
	struct terminal *t = state;

	t->counts.waiting -= info->attempt > 1 && t->counts.waiting;
	if (t->options.live && progress_started(&t->progress, info) < 0)
		return -ENOMEM;
	return show(t);
}

/* The line of an attempt that ended, with what is to be said of it now. */
static void print_result(struct terminal *t, const struct result *result, bool again)
{
	enum output_when output =
		result->failure ? t->options.failure_output : t->options.success_output;
	FILE *out = t->page.out;

	progress_erase(&t->progress, out);
	print_line(t, out, result, again);
	if (result->given_up) {
		fprintf(out, "  not tried again: the run ends\n");
		return;
	}
	details_print(out, result, t->options.verbose);
	if (output & OUTPUT_IMMEDIATE)
		print_output(t, out, result);
}

static int terminal_retried(void *state, const struct result *result, double delay)
{
	struct terminal *t = state;

	progress_ended(&t->progress, result->info);
	t->counts.waiting++;
	print_result(t, result, true);
	if (delay > 0)
		fprintf(t->page.out, "  trying again in %.3g s\n", delay);
	return show(t);
}

static int terminal_slow(void *state, const struct case_info *info, double seconds)
{
	struct terminal *t = state;
	FILE *out = t->page.out;

	progress_erase(&t->progress, out);
	fprintf(out, "%s        SLOW%s [>%7.3fs] ", paint(t, "\033[33;1m"), paint(t, "\033[0m"),
		seconds);
	print_case(t, out, info);
	fputc('\n', out);
	return show(t);
}

static bool has_line(const struct terminal *t, const struct result *result)
{
	return result->failure || result->verdict != VERDICT_PASS || t->options.verbose ||
	       !t->options.live || t->options.success_output & OUTPUT_IMMEDIATE;
}

static int terminal_ended(void *state, const struct result *result)
{
	struct terminal *t = state;
	enum output_when output =
		result->failure ? t->options.failure_output : t->options.success_output;

	progress_ended(&t->progress, result->info);
	t->counts.waiting -= result->given_up && t->counts.waiting;
	t->counts.ended++;
	t->counts.failed += result->failure;
	t->counts.skipped += result->verdict == VERDICT_SKIP;
	t->slow[result->verdict] += result->slow;
	if (has_line(t, result))
		print_result(t, result, false);
	if (output & OUTPUT_FINAL && result->outcome->out.total)
		keep(t, &t->outputs, result);
	if (result->failure || result->verdict == VERDICT_LEAK || result->verdict == VERDICT_FLAKY)
		keep(t, &t->failures, result);
	return show(t);
}

/* Somebody waits, and asks why: what a running case has printed so far. */
static int terminal_so_far(void *state, const struct case_info *info, double seconds,
			   const struct captured *so_far)
{
	struct terminal *t = state;
	FILE *out = t->page.out;

	progress_erase(&t->progress, out);
	fprintf(out, "%s     Running%s [%8.3fs] ", paint(t, "\033[36;1m"), paint(t, "\033[0m"),
		seconds);
	print_case(t, out, info);
	fputs(so_far->total ? "\n" : ": has printed nothing so far\n", out);
	details_output(out, so_far, t->options.color);
	return show(t);
}

static int terminal_tick(void *state)
{
	return show(state);
}

static int terminal_message(void *state, const char *sentence)
{
	struct terminal *t = state;

	progress_erase(&t->progress, t->page.out);
	fprintf(t->page.out, "%s     Warning%s ", paint(t, "\033[33;1m"), paint(t, "\033[0m"));
	utf8_in_line(t->page.out, sentence);
	fputc('\n', t->page.out);
	return page_flush(&t->page);
}

static void print_slow(FILE *out, unsigned slow)
{
	if (slow)
		fprintf(out, " (%u slow)", slow);
}

static void print_count(FILE *out, const struct terminal *t, const struct run_totals *totals,
			enum verdict verdict, const char *what)
{
	if (!totals->count[verdict])
		return;
	fprintf(out, ", %u %s", totals->count[verdict], what);
	print_slow(out, t->slow[verdict]);
}

static void print_summary(struct terminal *t, const struct run_totals *totals)
{
	FILE *out = t->page.out;
	const unsigned *count = totals->count;

	fprintf(out, "------------\n%s     Summary%s [%8.3fs] %u case%s run: %u passed",
		paint(t, totals->failed ? "\033[31;1m" : "\033[32;1m"), paint(t, "\033[0m"),
		totals->wall, t->counts.ended, t->counts.ended == 1 ? "" : "s",
		count[VERDICT_PASS]);
	print_slow(out, t->slow[VERDICT_PASS]);
	print_count(out, t, totals, VERDICT_FAIL, "failed");
	print_count(out, t, totals, VERDICT_CRASH, "crashed");
	print_count(out, t, totals, VERDICT_TIMEOUT, "timed out");
	print_count(out, t, totals, VERDICT_LIMIT, "hit a limit");
	print_count(out, t, totals, VERDICT_ERROR, count[VERDICT_ERROR] == 1 ? "error" : "errors");
	print_count(out, t, totals, VERDICT_LEAK, "leaked");
	print_count(out, t, totals, VERDICT_FLAKY, "flaky");
	print_count(out, t, totals, VERDICT_SKIP, "skipped");
	if (totals->not_run)
		fprintf(out, ", %u not run", totals->not_run);
	fputc('\n', out);
}

static int terminal_end(void *state, const struct run_totals *totals)
{
	struct terminal *t = state;
	int result;

	progress_erase(&t->progress, t->page.out);
	print_kept(t, &t->outputs);
	print_summary(t, totals);
	print_kept(t, &t->failures);
	result = page_close(&t->page);
	progress_end(&t->progress);
	free(t);
	return result;
}

const struct reporter reporter_terminal = {
	.name = "terminal",
	.doc = "for people; on standard output unless told otherwise",
	.start = terminal_start,
	.case_started = terminal_started,
	.case_retried = terminal_retried,
	.case_slow = terminal_slow,
	.case_ended = terminal_ended,
	.tick = terminal_tick,
	.case_so_far = terminal_so_far,
	.message = terminal_message,
	.end = terminal_end,
};
