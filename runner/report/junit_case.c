/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "junit.h"
#include "utf8.h"
#include "world.h"

#define HALF_MAX       (1u << 20) /* of one text; parsers refuse those above 10 million bytes */
#define LINE_MAX_SHOWN 1000       /* in a message */
#define ATTACHMENT     "[[ATTACHMENT|"

enum junit_kind junit_kind_of(const struct result *result)
{
	if (!result->failure)
		return result->verdict == VERDICT_SKIP ? JUNIT_SKIPPED : JUNIT_PASS;
	switch (result->verdict) {
	case VERDICT_ERROR:
	case VERDICT_TIMEOUT:
	case VERDICT_CRASH:
		return JUNIT_ERROR;
	default:
		return JUNIT_FAILURE;
	}
}

const struct result *junit_told(const struct result *last)
{
	const struct result *told = last;

	if (last->failure && last->verdict != VERDICT_FLAKY)
		while (told->earlier)
			told = told->earlier;
	return told;
}

void junit_moment(char buffer[static 32], const struct timespec *moment, double seconds)
{
	time_t time = moment->tv_sec + (time_t)(moment->tv_nsec / 1e9 + seconds);
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(buffer, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void junit_property(struct xml *xml, const char *name, const char *value)
{
	xml_begin(xml, "property");
	xml_attribute(xml, "name", name);
	xml_attribute(xml, "value", value);
	xml_end(xml);
}

/* ---- texts ---- */

/*
 * Readers take the files that a text names by "[[ATTACHMENT|...]]": those that a test may name are
 * not ours to give. The text is made safe first, because that joins what colours were between.
 */
static void print_tame(FILE *out, const char *bytes, size_t size)
{
	memory_free char *safe = NULL;
	size_t safe_size = 0;
	FILE *stream = open_memstream(&safe, &safe_size);
	const char *rest, *found;

	if (!stream)
		return;
	utf8_for_terminal(stream, bytes, size, false);
	fclose(stream);
	for (rest = safe; (found = strstr(rest, ATTACHMENT)); rest = found + 1)
		fprintf(out, "%.*s ", (int)(found + 1 - rest), rest);
	fputs(rest, out);
}

/* At most so far back, for the start of a character. */
static size_t at_character(const char *bytes, size_t at)
{
	for (int i = 0; i < 3 && at && (bytes[at] & 0xc0) == 0x80; i++)
		at--;
	return at;
}

/* A text of the test's, with its middle left out if it is too long. */
static void print_foreign(FILE *out, const char *bytes, size_t size)
{
	size_t head = size, tail = size;

	if (size > 2 * HALF_MAX) {
		head = at_character(bytes, HALF_MAX);
		tail = at_character(bytes, size - HALF_MAX);
	}
	print_tame(out, bytes, head);
	if (tail > head)
		fprintf(out, "\n... %zu bytes left out ...\n", tail - head);
	print_tame(out, bytes + tail, size - tail);
}

static void print_place(FILE *out, const struct remark *remark)
{
	if (remark->file)
		fprintf(out, "%s:%u: ", remark->file, remark->line);
}

static void print_remarks(FILE *out, const struct remark *remark, const char *what)
{
	for (; remark; remark = remark->next) {
		print_place(out, remark);
		fputs(what, out);
		if (remark->name) {
			print_foreign(out, remark->name, strlen(remark->name));
			fputc('\n', out);
		}
		print_foreign(out, remark->text, remark->size);
		fprintf(out, "%s\n", remark->cut ? "\n... cut" : "");
	}
}

/* What was wrong, in full. */
static void print_body(FILE *out, const struct result *result)
{
	const struct outcome *outcome = result->outcome;

	fprintf(out, "%s\n", result->reason);
	print_remarks(out, outcome->failures, "");
	if (outcome->crash)
		fprintf(out, "%s\n", outcome->crash->text);
	if (outcome->stacks)
		fprintf(out, "%s\n", outcome->stacks->text);
	for (const struct finding *f = outcome->findings; f; f = f->next)
		if (finding_is_left(f))
			fprintf(out, "left behind: %s: %s\n", f->kind, f->text);
	if (outcome->kept)
		fprintf(out, "its cell is kept: cloche enter %s\n", outcome->kept);
}

static void print_attachments(FILE *out, const struct remark *remark)
{
	char cwd[PATH_MAX];

	for (; remark; remark = remark->next) {
		const char *file = remark->file;

		if (!file)
			continue;
		if (*file != '/' && getcwd(cwd, sizeof(cwd)))
			fprintf(out, "[[ATTACHMENT|%s/%s]]\n", cwd, file);
		else
			fprintf(out, "[[ATTACHMENT|%s]]\n", file);
	}
}

static void print_output(FILE *out, const struct outcome *outcome)
{
	const struct captured *captured = &outcome->out;

	print_foreign(out, captured->head, captured->head_size);
	if (captured->cut)
		fprintf(out, "\n... %llu bytes left out, see --output-limit ...\n",
			(unsigned long long)captured->cut);
	print_foreign(out, captured->tail, captured->tail_size);
	if (!outcome->attachments)
		return;
	fputc('\n', out); /* each is in a line of its own */
	print_attachments(out, outcome->attachments);
}

/* What the test said of itself that is neither failure nor output. */
static void print_notes(FILE *out, const struct outcome *outcome)
{
	print_remarks(out, outcome->notes, "note: ");
	for (const struct remark *r = outcome->attachments; r; r = r->next)
		if (!r->file || r->cut)
			fprintf(out, "attachment %s, %zu bytes: %s\n", r->name ? r->name : "",
				r->size, r->file ? "cut" : "not kept");
	if (outcome->remarks_left_out)
		fprintf(out, "%llu more failures, notes and attachments were not kept\n",
			(unsigned long long)outcome->remarks_left_out);
}

/* An element of the text that was printed into a stream; none when that is empty. */
struct text {
	char *bytes;
	size_t size;
	FILE *stream;
};

static FILE *text_begin(struct text *text)
{
	*text = (struct text){.bytes = NULL};
	text->stream = open_memstream(&text->bytes, &text->size);
	return text->stream;
}

static void text_end(struct text *text, struct xml *xml, const char *element)
{
	fclose(text->stream);
	if (text->size) {
		xml_begin(xml, element);
		xml_text(xml, text->bytes, text->size);
		xml_end(xml);
	}
	free(text->bytes);
}

static void write_texts(struct xml *xml, const struct outcome *outcome)
{
	struct text text;

	if ((outcome->out.total || outcome->attachments) && text_begin(&text)) {
		print_output(text.stream, outcome);
		text_end(&text, xml, "system-out");
	}
	if ((outcome->notes || outcome->attachments || outcome->remarks_left_out) &&
	    text_begin(&text)) {
		print_notes(text.stream, outcome);
		text_end(&text, xml, "system-err");
	}
}

/* ---- what was wrong ---- */

/* The first line of what was said, if it is not much. */
static void print_line(FILE *out, const struct remark *remark)
{
	size_t size = strcspn(remark->text, "\n");

	fwrite(remark->text, 1, size < LINE_MAX_SHOWN ? size : 0, out);
}

/* The reason, and the first thing that failed: what overviews show. */
static void write_message(struct xml *xml, const struct result *result)
{
	const struct remark *first = result->outcome->failures;
	struct text text;

	if (!first || !text_begin(&text)) {
		xml_attribute(xml, "message", result->reason);
		return;
	}
	fprintf(text.stream, "%s: ", result->reason);
	print_place(text.stream, first);
	if (first->name)
		fprintf(text.stream, "%s: ", first->name);
	print_line(text.stream, first);
	fclose(text.stream);
	xml_attribute(xml, "message", text.bytes);
	free(text.bytes);
}

static void begin_wrong(struct xml *xml, const struct result *result, const char *failure,
			const char *error)
{
	xml_begin(xml, junit_kind_of(result) == JUNIT_ERROR ? error : failure);
	write_message(xml, result);
	xml_attribute(xml, "type", verdict_name(result->verdict));
}

/* The attempt that tells of the case. */
static void write_wrong(struct xml *xml, const struct result *result)
{
	memory_free char *body = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&body, &size);

	begin_wrong(xml, result, "failure", "error");
	if (stream) {
		print_body(stream, result);
		fclose(stream);
		stream = NULL;
		xml_text(xml, body, size);
	}
	xml_end(xml);
}

/* One of the others: with what it printed. */
static void write_again(struct xml *xml, const struct result *result, const char *failure,
			const char *error)
{
	struct text text;

	begin_wrong(xml, result, failure, error);
	if (text_begin(&text)) {
		print_body(text.stream, result);
		text_end(&text, xml, "stackTrace");
	}
	write_texts(xml, result->outcome);
	xml_end(xml);
}

/* Surefire's order: first what failed, then what was an error. */
static void write_others(struct xml *xml, const struct result *const *attempts, size_t count,
			 const struct result *told, enum junit_kind kind)
{
	bool flaky = !told->failure || told->verdict == VERDICT_FLAKY;

	for (size_t i = 0; i < count; i++)
		if (attempts[i] != told && junit_kind_of(attempts[i]) == kind)
			write_again(xml, attempts[i], flaky ? "flakyFailure" : "rerunFailure",
				    flaky ? "flakyError" : "rerunError");
}

/* ---- properties ---- */

static void write_isolation(struct xml *xml, const struct outcome *outcome)
{
	char text[128] = "";

	for (size_t i = 0; i < NAMESPACES; i++)
		if (outcome->namespaces[i]) {
			strcat(text, *text ? " " : "");
			strcat(text, namespace_names[i]);
		}
	junit_property(xml, "isolation", *text ? text : "none");
}

static void write_world(struct xml *xml, const struct cloche_options *options)
{
	for (size_t i = 0; i < world_row_count(); i++) {
		const struct option_row *row = world_row(i);
		memory_free char *value = NULL;
		char name[64];
		int length;

		if (!option_is_set(row, options))
			continue;
		length = option_format(row, options, NULL, 0);
		value = malloc((size_t)length + 1);
		if (!value)
			continue;
		option_format(row, options, value, (size_t)length + 1);
		snprintf(name, sizeof(name), "world.%s", row->name);
		junit_property(xml, name, value);
	}
}

/* To the microsecond: integers are printed faster. */
static struct timeval time_of(double seconds)
{
	int64_t micros = (int64_t)(seconds * 1e6 + 0.5);

	return (struct timeval){micros / 1000000, micros % 1000000};
}

static void write_usage(struct xml *xml, const struct outcome *outcome)
{
	const struct rusage *usage = &outcome->usage;
	struct timeval wall = time_of(outcome->wall);
	char text[256];

	snprintf(text, sizeof(text),
		 "wall=%ld.%06ld user=%ld.%06ld system=%ld.%06ld max_rss_kib=%ld blocks_read=%ld "
		 "blocks_written=%ld waits=%ld preemptions=%ld",
		 wall.tv_sec, wall.tv_usec, usage->ru_utime.tv_sec, usage->ru_utime.tv_usec,
		 usage->ru_stime.tv_sec, usage->ru_stime.tv_usec, usage->ru_maxrss,
		 usage->ru_inblock, usage->ru_oublock, usage->ru_nvcsw, usage->ru_nivcsw);
	junit_property(xml, "usage", text);
}

static void write_findings(struct xml *xml, const struct finding *finding)
{
	for (; finding; finding = finding->next) {
		memory_free char *text = NULL;

		if (asprintf(&text, "%s: %s", finding->kind, finding->text) < 0) {
			text = NULL;
			return;
		}
		junit_property(xml, "left-behind", text);
	}
}

static void write_properties(struct xml *xml, const struct result *result, unsigned attempts)
{
	const struct outcome *outcome = result->outcome;
	struct timeval started = time_of(outcome->started);
	char text[64];

	xml_begin(xml, "properties");
	junit_property(xml, "verdict", verdict_name(result->verdict));
	if (*result->reason && junit_kind_of(result) == JUNIT_PASS)
		junit_property(xml, "reason", result->reason);
	write_isolation(xml, outcome);
	write_world(xml, result->info->options);
	if (outcome->ended)
		write_usage(xml, outcome);
	snprintf(text, sizeof(text), "%ld.%06ld", started.tv_sec, started.tv_usec);
	junit_property(xml, "started", text);
	snprintf(text, sizeof(text), "%u", outcome->slot);
	junit_property(xml, "slot", text);
	if (attempts > 1) {
		snprintf(text, sizeof(text), "%u", attempts);
		junit_property(xml, "attempts", text);
	}
	if (outcome->limit_hit)
		junit_property(xml, "limit", outcome->limit_hit);
	if (outcome->kept)
		junit_property(xml, "kept", outcome->kept);
	write_findings(xml, outcome->findings);
	xml_end(xml);
}

static void write_attributes(struct xml *xml, const struct result *result)
{
	const struct case_info *info = result->info;

	xml_attribute(xml, "classname", info->suite);
	if (info->repetition)
		xml_attributef(xml, "name", "%s (repetition %u)", info->name, info->repetition + 1);
	else
		xml_attribute(xml, "name", info->name);
	xml_attributef(xml, "time", "%.3f", result->outcome->wall);
	if (result->outcome->done)
		xml_attributef(xml, "assertions", "%llu",
			       (unsigned long long)result->outcome->checks);
	if (info->file) {
		xml_attribute(xml, "file", info->file);
		xml_attributef(xml, "line", "%u", info->line);
	}
}

/* `attempts`, the oldest first. */
static void write_case(struct xml *xml, const struct result *const *attempts, size_t count)
{
	const struct result *told = junit_told(attempts[count - 1]);
	enum junit_kind kind = junit_kind_of(told);

	xml_begin(xml, "testcase");
	write_attributes(xml, told);
	write_properties(xml, told, attempts[count - 1]->info->attempt);
	if (kind == JUNIT_FAILURE)
		write_wrong(xml, told);
	write_others(xml, attempts, count, told, JUNIT_FAILURE);
	if (kind == JUNIT_SKIPPED) {
		xml_begin(xml, "skipped");
		xml_attribute(xml, "message", told->reason);
		xml_end(xml);
	}
	if (kind == JUNIT_ERROR)
		write_wrong(xml, told);
	write_others(xml, attempts, count, told, JUNIT_ERROR);
	write_texts(xml, told->outcome);
	xml_end(xml);
}

void junit_case(struct xml *xml, const struct result *last)
{
	const struct result **attempts;
	size_t count = 1, at;

	for (const struct result *r = last; r->earlier; r = r->earlier)
		count++;
	attempts = calloc(count, sizeof(*attempts));
	if (!attempts) {
		xml->failed = true;
		return;
	}
	at = count;
	for (const struct result *r = last; r; r = r->earlier)
		attempts[--at] = r;
	write_case(xml, attempts, count);
	free(attempts);
}
