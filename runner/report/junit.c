/* SPDX-License-Identifier: MIT */
/*
 * JUnit XML, as Surefire and Jenkins have it: one <testsuite> for each suite
 *
 * Suites run at the same time, and the counts that an element begins with are known at the end. So
 * the report is made twice. While the run goes on, FILE has the cases as they end, in one suite
 * that says so. When the run has ended, the same pieces are put in order (junit_file.h).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "junit.h"
#include "junit_file.h"
#include "report.h"

#define DECLARATION  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define WARNINGS_MAX 65536

struct piece {
	uint32_t suite, size;
	off_t at;
};

struct junit_suite {
	char *name;
	unsigned tests, failures, errors, skipped;
	double seconds, started;
};

struct junit {
	struct junit_file file;
	struct xml xml; /* of one case after the other */
	char host[HOST_NAME_MAX + 1];
	struct run_info info;
	struct junit_suite *suites;
	size_t suite_count, last_suite;
	struct piece *pieces;
	size_t piece_count, piece_room;
	char *warnings;
	size_t warnings_size;
	FILE *warnings_stream;
};

/* ---- elements that have begun ---- */

static void write_command(struct xml *xml, const char *const *command)
{
	memory_free char *text = NULL;
	size_t size = 0;
	FILE *stream = command ? open_memstream(&text, &size) : NULL;

	if (!stream)
		return;
	for (; *command; command++)
		fprintf(stream, "%s%s", *command, command[1] ? " " : "");
	fclose(stream);
	junit_property(xml, "command", text);
}

static void write_run(struct xml *xml, const struct junit *junit, unsigned not_run)
{
	const struct run_info *info = &junit->info;
	char number[32];

	xml_begin(xml, "properties");
	junit_property(xml, "cloche", info->version);
	if (info->id)
		junit_property(xml, "run", info->id);
	write_command(xml, info->command);
	snprintf(number, sizeof(number), "%u", info->jobs);
	junit_property(xml, "jobs", number);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)info->seed);
	if (info->shuffled)
		junit_property(xml, "seed", number);
	if (info->shard)
		junit_property(xml, "shard", info->shard);
	junit_property(xml, "isolated", info->isolated ? "true" : "false");
	snprintf(number, sizeof(number), "%u", not_run);
	if (not_run)
		junit_property(xml, "not-run", number);
	xml_end(xml);
}

static void begin_suites(struct xml *xml, const struct junit *junit)
{
	char moment[32];

	xml_raw(xml, DECLARATION);
	xml_begin(xml, "testsuites");
	xml_attribute(xml, "name", "cloche");
	if (junit->info.started.tv_sec) {
		junit_moment(moment, &junit->info.started, 0);
		xml_attribute(xml, "timestamp", moment);
	}
}

static void begin_suite(struct xml *xml, const struct junit *junit, const char *name,
			double started)
{
	char moment[32];

	xml_begin(xml, "testsuite");
	xml_attribute(xml, "name", name);
	if (junit->info.started.tv_sec) {
		junit_moment(moment, &junit->info.started, started);
		xml_attribute(xml, "timestamp", moment);
	}
	xml_attribute(xml, "hostname", junit->host);
}

static void write_counts(struct xml *xml, const struct junit_suite *suite)
{
	xml_attributef(xml, "tests", "%u", suite->tests);
	xml_attributef(xml, "failures", "%u", suite->failures);
	xml_attributef(xml, "errors", "%u", suite->errors);
	xml_attributef(xml, "skipped", "%u", suite->skipped);
	xml_attributef(xml, "time", "%.3f", suite->seconds);
}

/* ---- while it runs ---- */

static void free_all(struct junit *junit)
{
	for (size_t i = 0; i < junit->suite_count; i++)
		free(junit->suites[i].name);
	free(junit->suites);
	free(junit->pieces);
	if (junit->warnings_stream)
		fclose(junit->warnings_stream);
	free(junit->warnings);
	xml_close(&junit->xml);
	free(junit);
}

static int begin_pieces(struct junit *junit)
{
	const char *text;
	struct xml xml;
	size_t size;
	int result;

	if (!junit->file.path)
		return 0;
	xml_open(&xml);
	begin_suites(&xml, junit);
	xml_raw(&xml, "\n");
	begin_suite(&xml, junit, "cloche: this run has not ended", 0);
	xml_raw(&xml, "\n");
	write_run(&xml, junit, 0);
	result = xml_finish(&xml, &text, &size);
	if (!result)
		result = junit_file_add(&junit->file, text, size);
	xml_close(&xml);
	return result;
}

static int junit_start(void **ret_state, const struct report_options *options,
		       const struct run_info *info)
{
	struct junit *junit = xml_refusal() ? NULL : calloc(1, sizeof(*junit));
	int result;

	if (!junit)
		return -ENOMEM;
	junit->info = *info;
	if (info->machine)
		snprintf(junit->host, sizeof(junit->host), "%s", info->machine);
	else
		gethostname(junit->host, sizeof(junit->host) - 1);
	xml_open(&junit->xml);
	junit->warnings_stream = open_memstream(&junit->warnings, &junit->warnings_size);
	result = junit_file_open(&junit->file, options->fd, options->file);
	*ret_state = junit;
	return result < 0 ? result : begin_pieces(junit);
}

/* Cases of one suite mostly come one after the other. */
static struct junit_suite *find_suite(struct junit *junit, const char *name)
{
	struct junit_suite *grown;

	for (size_t i = 0; i < junit->suite_count; i++) {
		size_t at = (junit->last_suite + i) % junit->suite_count;

		if (!strcmp(junit->suites[at].name, name)) {
			junit->last_suite = at;
			return &junit->suites[at];
		}
	}
	grown = reallocarray(junit->suites, junit->suite_count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	junit->suites = grown;
	grown[junit->suite_count] = (struct junit_suite){.name = strdup(name)};
	if (!grown[junit->suite_count].name)
		return NULL;
	junit->last_suite = junit->suite_count;
	return &grown[junit->suite_count++];
}

static void count(struct junit_suite *suite, const struct result *result)
{
	enum junit_kind kind = junit_kind_of(junit_told(result));

	if (!suite->tests || result->outcome->started < suite->started)
		suite->started = result->outcome->started;
	suite->tests++;
	suite->failures += kind == JUNIT_FAILURE;
	suite->errors += kind == JUNIT_ERROR;
	suite->skipped += kind == JUNIT_SKIPPED;
	suite->seconds += junit_told(result)->outcome->wall;
}

static int add_piece(struct junit *junit, const struct junit_suite *suite, const char *text,
		     size_t size)
{
	off_t at = junit->file.end;
	int result;

	if (junit->piece_count == junit->piece_room) {
		size_t room = junit->piece_room ? 2 * junit->piece_room : 64;
		struct piece *grown = reallocarray(junit->pieces, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		junit->pieces = grown;
		junit->piece_room = room;
	}
	result = junit_file_add(&junit->file, text, size);
	if (!result)
		junit->pieces[junit->piece_count++] =
			(struct piece){.suite = suite - junit->suites, .size = size, .at = at};
	return result;
}

static int junit_ended(void *state, const struct result *result)
{
	struct junit *junit = state;
	struct junit_suite *suite = find_suite(junit, result->info->suite);
	const char *text;
	size_t size;
	int error;

	if (!suite) {
		junit->file.broken = true;
		return -ENOMEM;
	}
	junit_case(&junit->xml, result);
	error = xml_finish(&junit->xml, &text, &size);
	if (!error)
		error = add_piece(junit, suite, text, size);
	if (!error)
		count(suite, result);
	junit->file.broken |= error < 0;
	xml_again(&junit->xml);
	return error;
}

static int junit_message(void *state, const char *sentence)
{
	struct junit *junit = state;

	if (junit->warnings_stream && ftell(junit->warnings_stream) < WARNINGS_MAX)
		fprintf(junit->warnings_stream, "%s\n", sentence);
	return 0;
}

/* ---- at the end ---- */

static int copy_pieces(struct junit *junit, size_t suite, FILE *out)
{
	memory_free char *text = NULL;
	size_t room = 0;

	for (size_t i = 0; i < junit->piece_count; i++) {
		const struct piece *piece = &junit->pieces[i];

		if (piece->suite != suite)
			continue;
		if (piece->size > room) {
			free(text);
			room = piece->size;
			text = malloc(room);
		}
		if (!text)
			return -ENOMEM;
		if (junit_file_read(&junit->file, text, piece->size, piece->at) < 0)
			return -EIO;
		if (fwrite(text, 1, piece->size, out) != piece->size)
			return -errno;
	}
	return 0;
}

static int print_xml(FILE *out, struct xml *xml)
{
	const char *text;
	size_t size;
	int result = xml_finish(xml, &text, &size);

	if (!result && fwrite(text, 1, size, out) != size)
		result = -errno;
	xml_close(xml);
	return result;
}

static int print_suite(struct junit *junit, size_t index, unsigned not_run, FILE *out)
{
	const struct junit_suite *suite = &junit->suites[index];
	struct xml xml;
	int result;

	xml_open(&xml);
	begin_suite(&xml, junit, suite->name, suite->started);
	write_counts(&xml, suite);
	xml_raw(&xml, "\n");
	write_run(&xml, junit, not_run);
	result = print_xml(out, &xml);
	if (!result)
		result = copy_pieces(junit, index, out);
	if (!index && junit->warnings_size) { /* of the run: told once */
		xml_open(&xml);
		xml_begin(&xml, "system-err");
		xml_text(&xml, junit->warnings, junit->warnings_size);
		xml_end(&xml);
		result = result ? result : print_xml(out, &xml);
	}
	fputs(END_OF_SUITE, out);
	return result;
}

static int print_all(struct junit *junit, const struct run_totals *totals, FILE *out)
{
	struct junit_suite all = {.seconds = totals->wall};
	struct xml xml;
	int result;

	for (size_t i = 0; i < junit->suite_count; i++) {
		all.tests += junit->suites[i].tests;
		all.failures += junit->suites[i].failures;
		all.errors += junit->suites[i].errors;
		all.skipped += junit->suites[i].skipped;
	}
	xml_open(&xml);
	begin_suites(&xml, junit);
	write_counts(&xml, &all);
	xml_raw(&xml, "\n");
	result = print_xml(out, &xml);
	for (size_t i = 0; i < junit->suite_count && !result; i++)
		result = print_suite(junit, i, totals->not_run, out);
	fputs(END_OF_ALL, out);
	return result;
}

struct ending {
	struct junit *junit;
	const struct run_totals *totals;
};

static int print_ending(void *context, FILE *out)
{
	const struct ending *ending = context;

	return print_all(ending->junit, ending->totals, out);
}

static int junit_end(void *state, const struct run_totals *totals)
{
	struct junit *junit = state;
	struct ending ending = {junit, totals};
	int result;

	if (junit->warnings_stream)
		fflush(junit->warnings_stream);
	result = junit_file_finish(&junit->file, print_ending, &ending);
	free_all(junit);
	return result;
}

const struct reporter reporter_junit = {
	.name = "junit",
	.doc = "JUnit XML, as Jenkins and GitLab read it",
	.wants_namespaces = true,
	.refusal = xml_refusal,
	.start = junit_start,
	.case_ended = junit_ended,
	.message = junit_message,
	.end = junit_end,
};
