/* SPDX-License-Identifier: MIT */
/*
 * TAP 14, https://testanything.org/tap-version-14-specification.html
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "utf8.h"

struct tap_report {
	struct page page;
	unsigned number;
};

static int tap_start(void **ret_state, const struct report_options *options,
		     const struct run_info *info)
{
	struct tap_report *report = calloc(1, sizeof(*report));
	int result = report ? page_open(&report->page, options->fd) : -1;

	if (result < 0)
		return result;
	*ret_state = report;
	fprintf(report->page.out, "TAP version 14\n1..%u\n", info->cases);
	if (info->shuffled)
		fprintf(report->page.out, "# shuffled with seed %llu\n",
			(unsigned long long)info->seed);
	return page_flush(&report->page, true);
}

/* '#' starts a directive and '\' escapes it; a name has no lines, and nothing that moves a cursor.
 */
static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			fputc('\\', out);
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text, out);
	}
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
		fprintf(stream, "%s%s%s%s", remark->name ? remark->name : "",
			remark->name && remark->size ? "\n" : "", remark->text ? remark->text : "",
			remark->next ? "\n" : "");
	}
	if (stream)
		fclose(stream);
	if (text)
		print_block(out, key, text, size);
	free(text);
}

static void print_output(FILE *out, const struct captured *captured)
{
	char cut[64];

	if (captured->head_size)
		print_block(out, "output", captured->head, captured->head_size);
	if (captured->cut) {
		snprintf(cut, sizeof(cut), "%llu", (unsigned long long)captured->cut);
		fprintf(out, "  output_bytes_left_out: %s\n", cut);
	}
	if (captured->tail_size)
		print_block(out, "output_end", captured->tail, captured->tail_size);
}

static void print_findings(FILE *out, const struct finding *finding)
{
	if (finding)
		fprintf(out, "  left_behind:\n");
	for (; finding; finding = finding->next) {
		fprintf(out, "    - '%s: ", finding->kind);
		for (const char *c = finding->text; *c; c++) {
			if (*c == '\'')
				fputc('\'', out);
			fputc((unsigned char)*c < 0x20 ? '?' : *c, out);
		}
		fprintf(out, "'\n");
	}
}

static int tap_ended(void *state, const struct result *result)
{
	struct tap_report *report = state;
	const struct outcome *outcome = result->outcome;
	FILE *out = report->page.out;

	fprintf(out, "%sok %u - ", result->failure ? "not " : "", ++report->number);
	print_escaped(out, result->info->suite);
	fputc(' ', out);
	print_escaped(out, result->info->name);
	if (result->verdict == VERDICT_SKIP) {
		fprintf(out, " # SKIP ");
		print_escaped(out, result->reason);
	}
	fputc('\n', out);
	if (result->failure || outcome->findings) {
		fprintf(out, "  ---\n  verdict: %s\n  seconds: %.6f\n",
			verdict_name(result->verdict), outcome->wall);
		if (*result->reason)
			print_block(out, "reason", result->reason, strlen(result->reason));
		print_remarks(out, "failures", outcome->failures);
		print_remarks(out, "crash", outcome->crash);
		print_remarks(out, "notes", outcome->notes);
		if (outcome->remarks_left_out)
			fprintf(out, "  remarks_left_out: %llu\n",
				(unsigned long long)outcome->remarks_left_out);
		print_findings(out, outcome->findings);
		if (result->failure)
			print_output(out, &outcome->out);
		fprintf(out, "  ...\n");
	}
	return page_flush(&report->page, result->failure);
}

static int tap_message(void *state, const char *sentence)
{
	struct tap_report *report = state;

	fprintf(report->page.out, "# %s\n", sentence);
	return page_flush(&report->page, true);
}

static int tap_end(void *state, const struct run_totals *totals)
{
	struct tap_report *report = state;
	int result;

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
	.case_ended = tap_ended,
	.message = tap_message,
	.end = tap_end,
};
