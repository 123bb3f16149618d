/* SPDX-License-Identifier: MIT */
/*
 * For GitHub Actions: an annotation each failure, which GitHub shows beside the line of code, and
 * a table in the step's summary. Every run there has it, beside the terminal's.
 *
 * The format: docs.github.com, "Workflow commands for GitHub Actions".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "details.h"
#include "report.h"
#include "utf8.h"

#define SUMMARY_FAILURES 100 /* a summary of more than 1 MiB is refused */

struct github {
	struct page page;
	char *failures; /* open_memstream(3)'s */
	size_t size;
	FILE *rows;
	unsigned failed;
	struct run_info info;
};

static int github_start(void **ret_state, const struct report_options *options,
			const struct run_info *info)
{
	struct github *github = calloc(1, sizeof(*github));
	int result = github ? page_open(&github->page, options->fd) : -ENOMEM;

	if (result < 0) {
		free(github);
		return result;
	}
	github->rows = open_memstream(&github->failures, &github->size);
	if (!github->rows) {
		page_close(&github->page);
		free(github);
		return -ENOMEM;
	}
	github->info = *info;
	*ret_state = github;
	return 0;
}

/* What ends a command's message or, in its properties, one of these. */
static void print_escaped(FILE *out, const char *text, bool property)
{
	for (; *text; text++)
		if (strchr(property ? "%\r\n:," : "%\r\n", *text))
			fprintf(out, "%%%02X", *text);
		else
			fputc(*text, out);
}

/* The reason, and what was wrong first. Allocated; NULL without memory. */
static char *gist_of(const struct result *result)
{
	const struct remark *first = result->outcome->failures;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	utf8_in_line(stream, result->reason);
	if (first) {
		fputc('\n', stream);
		details_gist(stream, first);
	}
	fclose(stream);
	if (size && text[size - 1] == '\n')
		text[size - 1] = '\0';
	return text;
}

/* GitHub knows its files by their path in the checkout. */
static const char *in_checkout(const char *file)
{
	const char *checkout = getenv("GITHUB_WORKSPACE");
	size_t size = checkout ? strlen(checkout) : 0;

	return size && !strncmp(file, checkout, size) && file[size] == '/' ? file + size + 1 : file;
}

static void annotate(FILE *out, const struct result *result, const char *gist)
{
	const struct case_info *info = result->info;
	const struct remark *first = result->outcome->failures;
	const char *file = first && first->file ? first->file : info->file;

	fprintf(out, "::%s ", result->failure ? "error" : "warning");
	if (file) {
		fputs("file=", out);
		print_escaped(out, in_checkout(file), true);
		fprintf(out, ",line=%u,", first && first->file ? first->line : info->line);
	}
	fputs("title=", out);
	print_escaped(out, verdict_name(result->verdict), true);
	fputs("%3A ", out);
	print_escaped(out, info->suite, true);
	fputc(' ', out);
	print_escaped(out, info->name, true);
	fputs("::", out);
	print_escaped(out, gist ? gist : result->reason, false);
	fputc('\n', out);
}

/* In a cell of a table of Markdown nothing but text. */
static void print_cell(FILE *out, const char *text)
{
	fputs("| ", out);
	for (; *text; text++)
		if (strchr("|\\`*_[]<>#~&", *text))
			fprintf(out, "&#%d;", *text);
		else
			fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
	fputc(' ', out);
}

static int github_ended(void *state, const struct result *result)
{
	struct github *github = state;
	char *gist;

	if (!result->failure && result->verdict != VERDICT_FLAKY && result->verdict != VERDICT_LEAK)
		return 0;
	gist = gist_of(result);
	annotate(github->page.out, result, gist);
	if (github->failed++ < SUMMARY_FAILURES) {
		print_cell(github->rows, verdict_name(result->verdict));
		print_cell(github->rows, result->info->suite);
		print_cell(github->rows, result->info->name);
		print_cell(github->rows, gist ? gist : result->reason);
		fputs("|\n", github->rows);
	}
	free(gist);
	return page_flush(&github->page);
}

static void print_summary(const struct github *github, FILE *out, const struct run_totals *totals)
{
	fprintf(out, "### cloche: %s\n\n|", totals->failed ? "failed" : "passed");
	for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++)
		if (totals->count[v])
			fprintf(out, " %s |", verdict_name(v));
	fprintf(out, " not run | seconds |\n|");
	for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++)
		if (totals->count[v])
			fputs("---|", out);
	fprintf(out, "---|---|\n|");
	for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++)
		if (totals->count[v])
			fprintf(out, " %u |", totals->count[v]);
	fprintf(out, " %u | %.3f |\n\n", totals->not_run, totals->wall);
	if (github->info.shard)
		fprintf(out, "Shard %s.\n\n", github->info.shard);
	if (github->info.shuffled)
		fprintf(out, "Shuffled with `--shuffle=%llu`.\n\n",
			(unsigned long long)github->info.seed);
	if (!github->failed)
		return;
	fputs("| | suite | case | |\n|---|---|---|---|\n", out);
	fwrite(github->failures, 1, github->size, out);
	if (github->failed > SUMMARY_FAILURES)
		fprintf(out, "\n... and %u more\n", github->failed - SUMMARY_FAILURES);
	fputc('\n', out);
}

/* The file belongs to the step: what is in it already stays. */
static int write_summary(const struct github *github, const struct run_totals *totals)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	FILE *out = path && *path ? fopen(path, "ae") : NULL;
	bool failed;

	if (!path || !*path)
		return 0;
	if (!out)
		return -errno;
	print_summary(github, out, totals);
	failed = ferror(out);
	if (fclose(out))
		return -errno;
	return failed ? -EIO : 0;
}

static int github_end(void *state, const struct run_totals *totals)
{
	struct github *github = state;
	int result, closed;

	fclose(github->rows);
	result = write_summary(github, totals);
	closed = page_close(&github->page);
	free(github->failures);
	free(github);
	return result ? result : closed;
}

const struct reporter reporter_github = {
	.name = "github",
	.doc = "annotations and the step's summary for GitHub Actions, where every run has it",
	.mixes = true,
	.start = github_start,
	.case_ended = github_ended,
	.end = github_end,
};
