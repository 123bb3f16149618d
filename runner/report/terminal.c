/* SPDX-License-Identifier: MIT */
/*
 * For people: a line a case, what failed in full, and at the end a summary that names every failure
 * again. On a terminal a status line says what is going on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "report.h"
#include "utf8.h"

#define REDRAW_SECONDS 0.05
#define GIST_BYTES     200 /* of one failure, in the summary */

/* A failure, kept for the summary. */
struct failed {
	struct failed *next;
	char *text;
};

struct terminal {
	struct page page;
	struct report_options options;
	struct run_info info;
	struct failed *failures, **failures_end;
	unsigned ended, failed, running, skipped;
	double started, drawn;
	bool status_shown;
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

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static const char *paint(const struct terminal *t, const char *color)
{
	return t->options.color ? color : "";
}

static void erase_status(struct terminal *t)
{
	if (t->status_shown)
		fputs("\r\033[K", t->page.out);
	t->status_shown = false;
}

/* Write what was printed; on a terminal draw the status below it, at most 20 times a second. */
static int draw_status(struct terminal *t)
{
	unsigned seconds = now() - t->started;
	struct winsize size;
	char line[160];
	int width;

	if (!t->options.live)
		return page_flush(&t->page);
	if (t->status_shown && now() - t->drawn < REDRAW_SECONDS)
		return 0;
	t->drawn = now();
	width = ioctl(t->options.fd, TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
	snprintf(line, sizeof(line),
		 "     Running [%02u:%02u] %u/%u, %u running, %u failed, %u skipped", seconds / 60,
		 seconds % 60, t->ended, t->info.cases, t->running, t->failed, t->skipped);
	erase_status(t);
	fprintf(t->page.out, "%.*s", width - 1, line);
	t->status_shown = true;
	return page_flush(&t->page);
}

static int terminal_start(void **ret_state, const struct report_options *options,
			  const struct run_info *info)
{
	struct terminal *t = calloc(1, sizeof(*t));
	int result = t ? page_open(&t->page, options->fd) : -ENOMEM;

	if (result < 0) {
		free(t);
		return result;
	}
	*ret_state = t;
	t->options = *options;
	t->info = *info;
	t->failures_end = &t->failures;
	t->started = now();
	fprintf(t->page.out, "%s    Starting%s %u case%s of %u suite%s, %u at once%s\n",
		paint(t, "\033[32;1m"), paint(t, "\033[0m"), info->cases,
		info->cases == 1 ? "" : "s", info->suites, info->suites == 1 ? "" : "s", info->jobs,
		info->isolated ? "" : ", without isolation");
	if (info->shuffled)
		fprintf(t->page.out, "    Shuffled with --shuffle=%llu\n",
			(unsigned long long)info->seed);
	return page_flush(&t->page);
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
	utf8_in_line(out, info->suite);
	fprintf(out, " %s", paint(t, "\033[1m"));
	utf8_in_line(out, info->name);
	fputs(paint(t, "\033[0m"), out);
	if (info->repetition)
		fprintf(out, " (repetition %u)", info->repetition + 1);
	if (*result->reason && result->verdict != VERDICT_PASS) {
		fputs(": ", out);
		utf8_in_line(out, result->reason);
	}
	fputc('\n', out);
}

static bool is_one_line(const struct remark *remark)
{
	return remark->size && !memchr(remark->text, '\n', remark->size);
}

/* Text of several lines, each moved in. */
static void print_moved_in(FILE *out, const char *text, size_t size)
{
	char *safe = NULL, *end;
	size_t safe_size = 0;
	FILE *stream = open_memstream(&safe, &safe_size);

	if (!stream)
		return;
	utf8_for_terminal(stream, text, size, false);
	fclose(stream);
	for (char *line = safe; line && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		fprintf(out, "    %s\n", line);
	}
	free(safe);
}

static void print_place(FILE *out, const struct remark *remark)
{
	if (!remark->file)
		return;
	utf8_in_line(out, remark->file);
	fprintf(out, ":%u: ", remark->line);
}

static void print_remarks(FILE *out, const struct remark *remark, const char *what)
{
	for (; remark; remark = remark->next) {
		bool here = !remark->name && is_one_line(remark);

		fprintf(out, "  ");
		print_place(out, remark);
		fprintf(out, "%s", what);
		if (remark->name)
			utf8_in_line(out, remark->name);
		if (here) {
			fprintf(out, "%s", *what ? " " : "");
			utf8_for_terminal(out, remark->text, remark->size, false);
		}
		fputc('\n', out);
		if (!here)
			print_moved_in(out, remark->text, remark->size);
		if (remark->cut)
			fprintf(out, "    ... cut\n");
	}
}

static void print_stacks(FILE *out, const struct remark *stacks)
{
	if (!stacks)
		return;
	fprintf(out, "  stacks at the deadline:\n");
	print_moved_in(out, stacks->text, stacks->size);
	if (stacks->cut)
		fprintf(out, "    ... cut\n");
}

static void print_attachments(FILE *out, const struct remark *remark)
{
	for (; remark; remark = remark->next) {
		fprintf(out, "  attached ");
		utf8_in_line(out, remark->name ? remark->name : "");
		fprintf(out, ", %zu bytes%s: ", remark->size, remark->cut ? " (cut)" : "");
		utf8_in_line(out, remark->file ? remark->file : "not kept");
		fputc('\n', out);
	}
}

/* 12,345,678: printf's %' would ask the locale, and we have none. */
static void print_grouped(FILE *out, uint64_t number)
{
	if (number >= 1000) {
		print_grouped(out, number / 1000);
		fprintf(out, ",%03u", (unsigned)(number % 1000));
	} else {
		fprintf(out, "%u", (unsigned)number);
	}
}

static void print_output(struct terminal *t, const struct captured *captured)
{
	FILE *out = t->page.out;
	bool ends_line =
		captured->tail_size
			? captured->tail[captured->tail_size - 1] == '\n'
			: !captured->head_size || captured->head[captured->head_size - 1] == '\n';

	if (!captured->total)
		return;
	fprintf(out, "  --- output ---\n");
	utf8_for_terminal(out, captured->head, captured->head_size, t->options.color);
	if (captured->cut) {
		fputs("\n  ... ", out);
		print_grouped(out, captured->cut);
		fputs(" bytes left out, see --output-limit ...\n", out);
	}
	utf8_for_terminal(out, captured->tail, captured->tail_size, t->options.color);
	if (!ends_line)
		fputc('\n', out);
	fprintf(out, "  --- end of output ---\n");
}

static void print_findings(FILE *out, const struct finding *finding)
{
	for (; finding; finding = finding->next) {
		fprintf(out, "  left behind: %s: ", finding->kind);
		utf8_in_line(out, finding->text);
		fputc('\n', out);
	}
}

static void print_details(struct terminal *t, const struct result *result)
{
	const struct outcome *outcome = result->outcome;
	FILE *out = t->page.out;

	if (result->failure) {
		print_remarks(out, outcome->failures, "");
		if (outcome->crash)
			print_moved_in(out, outcome->crash->text, strlen(outcome->crash->text));
		print_stacks(out, outcome->stacks);
		print_remarks(out, outcome->notes, "note:");
		print_attachments(out, outcome->attachments);
		if (outcome->remarks_left_out)
			fprintf(out, "  ... %llu more are not shown\n",
				(unsigned long long)outcome->remarks_left_out);
	}
	if (result->failure || result->verdict == VERDICT_LEAK || t->options.verbose)
		print_findings(out, outcome->findings);
	if (!t->options.show_no_output && (result->failure || t->options.show_passed_output))
		print_output(t, &outcome->out);
}

/* What was wrong, as a line: its first one, and not too much of it. */
static void print_gist(FILE *out, const struct remark *remark)
{
	char gist[GIST_BYTES + 4];
	const char *text = remark->name ? remark->name : remark->text;
	size_t size = strcspn(text, "\n");
	bool cut = size > GIST_BYTES;

	if (cut) /* not in the middle of a character */
		for (size = GIST_BYTES; size && (text[size] & 0xc0) == 0x80;)
			size--;
	snprintf(gist, sizeof(gist), "%.*s%s", (int)size, text, cut ? "..." : "");
	fputs("             ", out);
	print_place(out, remark);
	utf8_in_line(out, gist);
	fputc('\n', out);
}

/* For the summary: the line again, with the first place and what was wrong there. */
static void remember(struct terminal *t, const struct result *result)
{
	struct failed *failed = calloc(1, sizeof(*failed));
	const struct result *failed_one =
		result->verdict == VERDICT_FLAKY ? result->earlier : result;
	const struct remark *first = failed_one ? failed_one->outcome->failures : NULL;
	size_t size = 0;
	FILE *stream = failed ? open_memstream(&failed->text, &size) : NULL;

	if (!stream) {
		free(failed);
		return;
	}
	print_line(t, stream, result, false);
	if (first)
		print_gist(stream, first);
	fclose(stream);
	*t->failures_end = failed;
	t->failures_end = &failed->next;
}

static int terminal_started(void *state, const struct case_info *info)
{
	struct terminal *t = state;

	(void)info;
	t->running++;
	return draw_status(t);
}

static int terminal_retried(void *state, const struct result *result, double delay)
{
	struct terminal *t = state;

	t->running--;
	erase_status(t);
	print_line(t, t->page.out, result, true);
	print_details(t, result);
	if (delay > 0)
		fprintf(t->page.out, "  trying again in %.3g s\n", delay);
	return draw_status(t);
}

static int terminal_ended(void *state, const struct result *result)
{
	struct terminal *t = state;

	t->running -= !result->given_up;
	t->ended++;
	t->failed += result->failure;
	t->skipped += result->verdict == VERDICT_SKIP;
	if (result->failure || result->verdict != VERDICT_PASS || t->options.verbose ||
	    !t->options.live || t->options.show_passed_output) {
		erase_status(t);
		print_line(t, t->page.out, result, false);
		if (result->given_up)
			fprintf(t->page.out, "  not tried again: the run ends\n");
		else
			print_details(t, result);
	}
	if (result->failure || result->verdict == VERDICT_LEAK || result->verdict == VERDICT_FLAKY)
		remember(t, result);
	return draw_status(t);
}

static int terminal_message(void *state, const char *sentence)
{
	struct terminal *t = state;

	erase_status(t);
	fprintf(t->page.out, "%s     Warning%s ", paint(t, "\033[33;1m"), paint(t, "\033[0m"));
	utf8_in_line(t->page.out, sentence);
	fputc('\n', t->page.out);
	return page_flush(&t->page);
}

static void print_count(FILE *out, unsigned count, const char *what)
{
	if (count)
		fprintf(out, ", %u %s", count, what);
}

static void print_summary(struct terminal *t, const struct run_totals *totals)
{
	FILE *out = t->page.out;
	const unsigned *count = totals->count;

	fprintf(out, "------------\n%s     Summary%s [%8.3fs] %u case%s run: %u passed",
		paint(t, totals->failed ? "\033[31;1m" : "\033[32;1m"), paint(t, "\033[0m"),
		totals->wall, t->ended, t->ended == 1 ? "" : "s", count[VERDICT_PASS]);
	print_count(out, count[VERDICT_FAIL], "failed");
	print_count(out, count[VERDICT_CRASH], "crashed");
	print_count(out, count[VERDICT_TIMEOUT], "timed out");
	print_count(out, count[VERDICT_LIMIT], "hit a limit");
	print_count(out, count[VERDICT_ERROR], count[VERDICT_ERROR] == 1 ? "error" : "errors");
	print_count(out, count[VERDICT_LEAK], "leaked");
	print_count(out, count[VERDICT_FLAKY], "flaky");
	print_count(out, count[VERDICT_SKIP], "skipped");
	print_count(out, totals->not_run, "not run");
	fputc('\n', out);
}

static int terminal_end(void *state, const struct run_totals *totals)
{
	struct terminal *t = state;
	struct failed *next;
	int result;

	erase_status(t);
	print_summary(t, totals);
	for (struct failed *f = t->failures; f; f = next) {
		next = f->next;
		fputs(f->text, t->page.out);
		free(f->text);
		free(f);
	}
	result = page_close(&t->page);
	free(t);
	return result;
}

const struct reporter reporter_terminal = {
	.name = "terminal",
	.doc = "for people; on standard output unless told otherwise",
	.start = terminal_start,
	.case_started = terminal_started,
	.case_retried = terminal_retried,
	.case_ended = terminal_ended,
	.message = terminal_message,
	.end = terminal_end,
};
