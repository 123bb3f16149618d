/* SPDX-License-Identifier: MIT */
/*
 * TAP 14, https://testanything.org/tap-version-14-specification.html
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "report.h"
#include "utf8.h"

struct tap_report {
	struct page page;
	unsigned number;
	bool plan_is_last, verbose;
};

static int tap_start(void **ret_state, const struct report_options *options,
		     const struct run_info *info)
{
	struct tap_report *report = calloc(1, sizeof(*report));
	int result = report ? page_open(&report->page, options->fd) : -ENOMEM;

	if (result < 0) {
		free(report);
		return result;
	}
	*ret_state = report;
	fprintf(report->page.out, "TAP version 14\n");
	if (!info->open_ended)
		fprintf(report->page.out, "1..%u\n", info->cases);
	report->plan_is_last = info->open_ended;
	report->verbose = options->verbose;
	if (info->shuffled)
		fprintf(report->page.out, "# shuffled with seed %llu\n",
			(unsigned long long)info->seed);
	if (info->shard)
		fprintf(report->page.out, "# shard %s\n", info->shard);
	return page_flush(&report->page);
}

/* The text as it may stand in a line; allocated, or NULL. */
static char *in_line(const char *text)
{
	char *safe = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&safe, &size);

	if (!stream)
		return NULL;
	utf8_in_line(stream, text);
	return fclose(stream) ? NULL : safe;
}

/* In a test line '#' starts a directive, and '\' escapes it. */
static void print_escaped(FILE *out, const char *text)
{
	memory_free char *safe = in_line(text);

	for (const char *c = safe ? safe : "?"; *c; c++) {
		if (*c == '#' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
}

/* One of a list, as a YAML scalar in single quotes. */
static void print_item(FILE *out, const char *text)
{
	memory_free char *safe = in_line(text);

	fputs("    - '", out);
	for (const char *c = safe ? safe : "?"; *c; c++) {
		if (*c == '\'')
			fputc('\'', out);
		fputc(*c, out);
	}
	fputs("'\n", out);
}

/* A YAML block scalar; what is no UTF-8, or is not printable in YAML, is escaped. */
static void print_block(FILE *out, const char *key, const char *text, size_t size)
{
	char *safe = NULL;
	size_t safe_size = 0;
	FILE *stream = open_memstream(&safe, &safe_size);

	if (!stream)
		return;
	utf8_for_terminal(stream, text, size, false);
	fclose(stream);
	fprintf(out, "  %s: |2-\n", key);
	for (char *line = safe, *end; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		fprintf(out, "    %s\n", line);
		if (end && !*end) /* '|2-' leaves the last line end out anyway */
			break;
	}
	free(safe);
}

static void print_remarks(FILE *out, const char *key, const struct remark *remark)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream;

	if (!remark)
		return;
	stream = open_memstream(&text, &size);
	for (; stream && remark; remark = remark->next) {
		if (remark->file)
			fprintf(stream, "%s:%u: ", remark->file, remark->line);
		if (remark->name)
			fprintf(stream, "%s%s", remark->name, remark->size ? "\n" : "");
		fwrite(remark->text, 1, remark->size, stream);
		fprintf(stream, "%s%s", remark->cut ? "\n... cut" : "", remark->next ? "\n" : "");
	}
	if (stream)
		fclose(stream);
	if (text)
		print_block(out, key, text, size);
	free(text);
}

static void print_output(FILE *out, const struct captured *captured)
{
	if (captured->head_size)
		print_block(out, "output", captured->head, captured->head_size);
	if (captured->cut)
		fprintf(out, "  output_bytes_left_out: %llu\n", (unsigned long long)captured->cut);
	if (captured->tail_size)
		print_block(out, "output_end", captured->tail, captured->tail_size);
}

static void print_findings(FILE *out, const struct finding *finding)
{
	char *text;

	if (finding)
		fprintf(out, "  left_behind:\n");
	for (; finding; finding = finding->next) {
		if (asprintf(&text, "%s: %s", finding->kind, finding->text) < 0)
			return;
		print_item(out, text);
		free(text);
	}
}

static void print_attachments(FILE *out, const struct remark *remark)
{
	char *text;

	if (remark)
		fprintf(out, "  attachments:\n");
	for (; remark; remark = remark->next) {
		if (asprintf(&text, "%s, %zu bytes%s: %s", remark->name ? remark->name : "",
			     remark->size, remark->cut ? " (cut)" : "",
			     remark->file ? remark->file : "not kept") < 0)
			return;
		print_item(out, text);
		free(text);
	}
}

static void print_test(FILE *out, unsigned number, const struct result *result)
{
	const struct case_info *info = result->info;

	fprintf(out, "%sok %u - ", result->failure ? "not " : "", number);
	print_escaped(out, info->suite);
	fputc(' ', out);
	print_escaped(out, info->name);
	if (info->repetition)
		fprintf(out, " (repetition %u)", info->repetition + 1);
	if (result->verdict == VERDICT_SKIP) {
		fprintf(out, " # SKIP ");
		print_escaped(out, result->reason);
	}
	fputc('\n', out);
}

/* What its earlier attempts came to, the first one first. */
static void print_attempts(FILE *out, const struct result *result)
{
	char *text;

	if (result->earlier)
		print_attempts(out, result->earlier);
	if (asprintf(&text, "%u: %s after %.3f s%s%s", result->info->attempt,
		     verdict_name(result->verdict), result->outcome->wall,
		     *result->reason ? ": " : "", result->reason) < 0)
		return;
	print_item(out, text);
	free(text);
}

static void print_usage(FILE *out, const struct rusage *usage)
{
	fprintf(out, "  user_seconds: %ld.%06ld\n  system_seconds: %ld.%06ld\n  max_rss_kib: %ld\n",
		usage->ru_utime.tv_sec, usage->ru_utime.tv_usec, usage->ru_stime.tv_sec,
		usage->ru_stime.tv_usec, usage->ru_maxrss);
	fprintf(out,
		"  blocks_read: %ld\n  blocks_written: %ld\n  waits: %ld\n  preemptions: %ld\n",
		usage->ru_inblock, usage->ru_oublock, usage->ru_nvcsw, usage->ru_nivcsw);
}

static void print_details(FILE *out, const struct result *result)
{
	const struct outcome *outcome = result->outcome;

	fprintf(out, "  ---\n  verdict: %s\n  seconds: %.6f\n", verdict_name(result->verdict),
		outcome->wall);
	if (outcome->ended)
		print_usage(out, &outcome->usage);
	if (*result->reason)
		print_block(out, "reason", result->reason, strlen(result->reason));
	if (result->earlier) {
		fprintf(out, "  earlier_attempts:\n");
		print_attempts(out, result->earlier);
	}
	print_remarks(out, "failures", outcome->failures);
	print_remarks(out, "crash", outcome->crash);
	print_remarks(out, "stacks", outcome->stacks);
	if (outcome->kept)
		fprintf(out, "  kept: '%s'\n", outcome->kept);
	print_remarks(out, "notes", outcome->notes);
	if (outcome->remarks_left_out)
		fprintf(out, "  remarks_left_out: %llu\n",
			(unsigned long long)outcome->remarks_left_out);
	print_attachments(out, outcome->attachments);
	print_findings(out, outcome->findings);
	if (result->failure)
		print_output(out, &outcome->out);
	fprintf(out, "  ...\n");
}

/* In a comment, which needs no escapes. */
static void print_case(FILE *out, const struct case_info *info)
{
	utf8_in_line(out, info->suite);
	fputc(' ', out);
	utf8_in_line(out, info->name);
	if (info->repetition)
		fprintf(out, " (repetition %u)", info->repetition + 1);
}

static int tap_retried(void *state, const struct result *result, double delay)
{
	struct tap_report *report = state;
	FILE *out = report->page.out;

	fprintf(out, "# attempt %u of ", result->info->attempt);
	print_case(out, result->info);
	fprintf(out, ": %s%s", verdict_name(result->verdict), *result->reason ? ", " : "");
	utf8_in_line(out, result->reason);
	if (delay > 0)
		fprintf(out, "; the next one in %.3g s", delay);
	fputc('\n', out);
	return page_flush(&report->page);
}

static int tap_slow(void *state, const struct case_info *info, double seconds)
{
	struct tap_report *report = state;
	FILE *out = report->page.out;

	fprintf(out, "# slow: ");
	print_case(out, info);
	fprintf(out, " has run for %.3f s\n", seconds);
	return page_flush(&report->page);
}

static int tap_ended(void *state, const struct result *result)
{
	struct tap_report *report = state;

	print_test(report->page.out, ++report->number, result);
	if (result->failure || result->earlier || result->outcome->findings || report->verbose)
		print_details(report->page.out, result);
	return page_flush(&report->page);
}

static int tap_message(void *state, const char *sentence)
{
	struct tap_report *report = state;

	fputs("# ", report->page.out);
	utf8_in_line(report->page.out, sentence);
	fputc('\n', report->page.out);
	return page_flush(&report->page);
}

static int tap_end(void *state, const struct run_totals *totals)
{
	struct tap_report *report = state;
	int result;

	if (report->plan_is_last)
		fprintf(report->page.out, "1..%u\n", report->number);
	if (totals->not_run)
		fprintf(report->page.out, "Bail out! %u cases were not run\n", totals->not_run);
	result = page_close(&report->page);
	free(report);
	return result;
}

const struct reporter reporter_tap = {
	.name = "tap",
	.doc = "TAP version 14",
	.start = tap_start,
	.case_retried = tap_retried,
	.case_slow = tap_slow,
	.case_ended = tap_ended,
	.message = tap_message,
	.end = tap_end,
};
