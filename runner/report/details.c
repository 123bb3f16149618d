/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "details.h"
#include "utf8.h"

#define GIST_BYTES 200

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

void details_place(FILE *out, const struct remark *remark)
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
		details_place(out, remark);
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

void details_output(FILE *out, const struct captured *captured, bool color)
{
	bool ends_line =
		captured->tail_size
			? captured->tail[captured->tail_size - 1] == '\n'
			: !captured->head_size || captured->head[captured->head_size - 1] == '\n';

	if (!captured->total)
		return;
	fprintf(out, "  --- output ---\n");
	utf8_for_terminal(out, captured->head, captured->head_size, color);
	if (captured->cut) {
		fputs("\n  ... ", out);
		print_grouped(out, captured->cut);
		fputs(" bytes left out, see --output-limit ...\n", out);
	}
	utf8_for_terminal(out, captured->tail, captured->tail_size, color);
	if (!ends_line)
		fputc('\n', out);
	fprintf(out, "  --- end of output ---\n");
}

static void print_findings(FILE *out, const struct finding *finding)
{
	for (; finding; finding = finding->next) {
		if (!finding_is_left(finding))
			continue;
		fprintf(out, "  left behind: %s: ", finding->kind);
		utf8_in_line(out, finding->text);
		fputc('\n', out);
	}
}

static void print_usage(FILE *out, const struct rusage *usage)
{
	fprintf(out, "  used: %ld.%03ld s user, %ld.%03ld s system, %.1f MiB",
		usage->ru_utime.tv_sec, usage->ru_utime.tv_usec / 1000, usage->ru_stime.tv_sec,
		usage->ru_stime.tv_usec / 1000, (double)usage->ru_maxrss / 1024);
	fprintf(out, ", %.1f MiB read, %.1f written, %ld wait%s, %ld preemption%s\n",
		(double)usage->ru_inblock / 2048, (double)usage->ru_oublock / 2048, usage->ru_nvcsw,
		usage->ru_nvcsw == 1 ? "" : "s", usage->ru_nivcsw,
		usage->ru_nivcsw == 1 ? "" : "s");
}

void details_print(FILE *out, const struct result *result, bool verbose)
{
	const struct outcome *outcome = result->outcome;

	if (result->failure) {
		print_remarks(out, outcome->failures, "");
		if (outcome->crash)
			print_moved_in(out, outcome->crash->text, strlen(outcome->crash->text));
		print_stacks(out, outcome->stacks);
		if (outcome->kept)
			fprintf(out, "  kept as %s: cloche enter %s\n", outcome->kept,
				outcome->kept);
		print_remarks(out, outcome->notes, "note:");
		print_attachments(out, outcome->attachments);
		if (outcome->remarks_left_out)
			fprintf(out, "  ... %llu more are not shown\n",
				(unsigned long long)outcome->remarks_left_out);
	}
	if (result->failure || result->verdict == VERDICT_LEAK || verbose)
		print_findings(out, outcome->findings);
	if (verbose && outcome->ended)
		print_usage(out, &outcome->usage);
}

void details_gist(FILE *out, const struct remark *remark)
{
	char gist[GIST_BYTES + 4];
	const char *text = remark->name ? remark->name : remark->text;
	size_t size = strcspn(text, "\n");
	bool cut = size > GIST_BYTES;

	if (cut) /* not in the middle of a character */
		for (size = GIST_BYTES; size && (text[size] & 0xc0) == 0x80;)
			size--;
	snprintf(gist, sizeof(gist), "%.*s%s", (int)size, text, cut ? "..." : "");
	details_place(out, remark);
	utf8_in_line(out, gist);
	fputc('\n', out);
}
