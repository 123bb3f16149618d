/* SPDX-License-Identifier: MIT */
/*
 * A journal's summary and its list of cases.
 *
 * What is in a file is not believed: it may have been cut, damaged, or written by another version.
 * A line that is not what it should be counts as damaged and is passed over.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "journal.h"
#include "journal_json.h"
#include "utf8.h"

#define END_MAX 4096 /* bytes in which a "run-ended" is, with the line's end before it */

/* What has no line end was torn, or is zeroes that stand where nothing was brought to the disk. */
bool journal_next_line(struct journal_lines *lines)
{
	ssize_t size = getline(&lines->line, &lines->room, lines->in);

	if (size <= 0 || lines->line[size - 1] != '\n')
		return false;
	lines->size = size - 1;
	lines->line[lines->size] = '\0';
	return true;
}

void journal_close(struct journal_lines *lines)
{
	free(lines->line);
	if (lines->in)
		fclose(lines->in);
	*lines = (struct journal_lines){0};
}

const char *journal_state_name(enum journal_state state)
{
	static const char *const names[] = {[JOURNAL_COMPLETE] = "complete",
					    [JOURNAL_INTERRUPTED] = "interrupted",
					    [JOURNAL_RUNNING] = "running",
					    [JOURNAL_DAMAGED] = "damaged"};

	return names[state];
}

/* ---- the summary ---- */

static void read_started(struct journal_summary *summary)
{
	const json_t *start = summary->start, *words = json_object_get(start, "command");
	struct run_info *info = &summary->info;

	info->id = summary->id;
	info->suites = field_count(start, "suites");
	info->cases = field_count(start, "cases");
	info->open_ended = json_is_null(json_object_get(start, "cases"));
	info->chosen =
		json_object_get(start, "chosen") ? field_count(start, "chosen") : info->cases;
	info->jobs = field_count(start, "jobs");
	info->isolated = json_is_true(json_object_get(start, "isolated"));
	info->shuffled = json_object_get(start, "seed") != NULL;
	info->seed = field_number(start, "seed");
	info->shard = json_string_value(json_object_get(start, "shard"));
	info->version = field_text(start, "cloche");
	info->started = field_moment(start, "started");
	if (!json_is_array(words))
		return;
	summary->command = calloc(json_array_size(words) + 1, sizeof(char *));
	if (!summary->command)
		return;
	for (size_t i = 0; i < json_array_size(words); i++) {
		size_t size;

		summary->command[i] = value_bytes(json_array_get(words, i), &size);
	}
	info->command = summary->command;
}

static void read_totals(const json_t *event, struct run_totals *totals)
{
	totals->failed = field_count(event, "failed");
	totals->not_run = field_count(event, "not_run");
	totals->wall = field_seconds(event, "seconds");
	for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++)
		totals->count[v] = field_count(event, verdict_name(v));
}

/* Where the zeroes begin that it may end with. */
static off_t end_of_text(FILE *in)
{
	char text[END_MAX];
	off_t end = fseeko(in, 0, SEEK_END) ? 0 : ftello(in);

	while (end > 0) {
		size_t take = end < END_MAX ? end : END_MAX;
		ssize_t got = pread(fileno(in), text, take, end - (off_t)take);

		if (got != (ssize_t)take)
			return 0;
		while (got && !text[got - 1])
			got--;
		end -= (off_t)take - got;
		if (got)
			break;
	}
	return end;
}

/* The last line, if it says that the run has ended. */
static bool read_end(FILE *in, struct journal_summary *summary)
{
	char text[END_MAX + 1];
	off_t size = end_of_text(in);
	size_t take = size < END_MAX ? size : END_MAX;
	ssize_t got = pread(fileno(in), text, take, size - (off_t)take);
	json_t *event;
	char *line;

	if (got < 2 || text[got - 1] != '\n')
		return false;
	text[got - 1] = '\0';
	line = memrchr(text, '\n', got - 1);
	event = journal_event(line ? line + 1 : text, strlen(line ? line + 1 : text));
	if (strcmp(field_text(event, "event"), "run-ended")) {
		json_decref(event);
		return false;
	}
	read_totals(event, &summary->totals);
	json_decref(event);
	for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++)
		summary->ended += summary->totals.count[v];
	return true;
}

/* For how long it had been going on when that case ended. */
static double read_time(struct journal_lines *lines, off_t at)
{
	double seconds = 0;
	json_t *event;

	if (at < 0 || fseeko(lines->in, at, SEEK_SET) || !journal_next_line(lines))
		return 0;
	event = journal_event(lines->line, lines->size);
	seconds = field_seconds(event, "started") + field_seconds(event, "seconds");
	json_decref(event);
	return seconds;
}

/* What has ended so far, by the beginnings of the lines: they need not be understood for it. */
static void count_ended(struct journal_lines *lines, struct journal_summary *summary)
{
	struct run_totals *totals = &summary->totals;
	off_t last = -1, before_last = -1;

	while (journal_next_line(lines)) {
		if (lines->line[0] != '[' || lines->line[1] != '"')
			continue;
		for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++) {
			const char *name = verdict_name(v);
			size_t size = strlen(name);

			if (strncmp(lines->line + 2, name, size) || lines->line[2 + size] != '"')
				continue;
			totals->count[v]++;
			totals->failed += !strncmp(lines->line + 3 + size, ",true,", 6);
			summary->ended++;
			before_last = last;
			last = ftello(lines->in); /* where its event is */
		}
	}
	totals->wall = read_time(lines, last);
	if (totals->wall == 0) /* the last one is cut */
		totals->wall = read_time(lines, before_last);
}

int journal_summary(const char *id, struct journal_summary *ret_summary)
{
	struct journal_summary summary = {0};
	struct journal_lines lines = {.in = journal_open(id)};
	off_t after;

	if (!lines.in)
		return -errno;
	memccpy(summary.id, id, '\0', sizeof(summary.id) - 1);
	if (journal_next_line(&lines))
		summary.header = journal_event(lines.line, lines.size);
	if (journal_next_line(&lines))
		summary.start = journal_event(lines.line, lines.size);
	after = ftello(lines.in);
	summary.directory = field_text(summary.header, "directory");
	read_started(&summary);
	summary.info.machine = field_optional(summary.header, "machine");
	summary.state =
		journal_is_running(fileno(lines.in)) ? JOURNAL_RUNNING : JOURNAL_INTERRUPTED;
	if (read_end(lines.in, &summary))
		summary.state = JOURNAL_COMPLETE;
	else if (!fseeko(lines.in, after, SEEK_SET))
		count_ended(&lines, &summary);
	if (strcmp(summary.info.version, "") == 0)
		summary.state = JOURNAL_DAMAGED;
	journal_close(&lines);
	*ret_summary = summary;
	ret_summary->info.id = ret_summary->id;
	return 0;
}

void journal_summary_free(struct journal_summary *summary)
{
	json_decref(summary->header);
	json_decref(summary->start);
	free(summary->command);
	*summary = (struct journal_summary){0};
}

/* ---- the cases ---- */

static const char *keep(struct journal_cases *cases, const char *text)
{
	char *copy = obstack_copy0(&cases->memory, text, strlen(text));

	copy[utf8_unescape(copy, strlen(text))] = '\0';
	return copy;
}

bool journal_read_index(const void *line, struct journal_case *ret_case)
{
	const char *verdict;
	struct journal_case one = {0};
	json_int_t n[11];
	int failure;

	if (json_unpack((json_t *)line, "[s, b, s, s, I, I, I, I, I, I, I, I, I, I, I]", &verdict,
			&failure, &one.suite, &one.name, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5],
			&n[6], &n[7], &n[8], &n[9], &n[10]))
		return false;
	one.verdict = journal_verdict(verdict);
	one.failure = failure;
	one.number = n[0];
	one.repetition = n[1];
	one.attempt = n[2];
	one.seconds = (double)n[3] / 1e6;
	one.user = (double)n[4] / 1e6;
	one.system = (double)n[5] / 1e6;
	one.max_rss_kib = n[6];
	one.blocks_read = n[7];
	one.blocks_written = n[8];
	one.waits = n[9];
	one.preemptions = n[10];
	*ret_case = one;
	return one.verdict;
}

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

void journal_cases_begin(struct journal_cases *cases)
{
	*cases = (struct journal_cases){0};
	obstack_init(&cases->memory);
}

int journal_cases_add(struct journal_cases *cases, const struct journal_case *one)
{
	if (cases->count == cases->room) {
		size_t room = cases->room ? 2 * cases->room : 1024;
		struct journal_case *grown = reallocarray(cases->list, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		cases->list = grown;
		cases->room = room;
	}
	cases->list[cases->count++] = *one;
	return 0;
}

/* 0, or -ENOMEM; a line that is not understood is counted. */
static int read_case(struct journal_cases *cases, unsigned run, const char *line, size_t size)
{
	json_t *array = json_loadb(line, size, JSON_ALLOW_NUL, NULL);
	const struct journal_case *before = cases->count ? &cases->list[cases->count - 1] : NULL;
	struct journal_case one;
	int result = 0;

	if (journal_read_index(array, &one)) {
		one.run = run;
		one.suite = before && !strcmp(before->suite, one.suite) ? before->suite
									: keep(cases, one.suite);
		one.name = keep(cases, one.name);
		result = journal_cases_add(cases, &one);
	} else {
		cases->damaged++;
	}
	json_decref(array);
	return result;
}

static int add_cases(const char *id, unsigned run, struct journal_cases *cases)
{
	struct journal_lines lines = {.in = journal_open(id)};
	int result = 0;

	if (!lines.in)
		return -errno;
	while (!result && journal_next_line(&lines))
		if (*lines.line == '[')
			result = read_case(cases, run, lines.line, lines.size);
	journal_close(&lines);
	return result;
}

int journal_cases(const char *id, struct journal_cases *ret_cases)
{
	int result;

	journal_cases_begin(ret_cases);
	result = add_cases(id, 0, ret_cases);
	if (result < 0)
		journal_cases_free(ret_cases);
	return result;
}

void journal_cases_free(struct journal_cases *cases)
{
	obstack_free(&cases->memory, NULL);
	free(cases->list);
	cases->list = NULL;
	cases->count = 0;
}

int journal_case_order(const struct journal_case *a, const struct journal_case *b)
{
	int suites = a->suite == b->suite ? 0 : strcmp(a->suite, b->suite);

	return suites ? suites : strcmp(a->name, b->name);
}

static int by_name(const void *a, const void *b)
{
	return journal_case_order(a, b);
}

static int by_name_and_run(const void *a, const void *b)
{
	const struct journal_case *one = a, *other = b;
	int names = journal_case_order(a, b);

	return names ? names : (one->run > other->run) - (one->run < other->run);
}

/* Of repetitions, which is it that tells most? */
static int weight(const struct journal_case *one)
{
	return one->failure                    ? 3
	       : one->verdict == VERDICT_FLAKY ? 2
	       : one->verdict != VERDICT_SKIP  ? 1
					       : 0;
}

void journal_cases_merge(struct journal_cases *cases)
{
	size_t used = 0;

	if (!cases->count)
		return;
	qsort(cases->list, cases->count, sizeof(*cases->list), by_name_and_run);
	for (size_t i = 0; i < cases->count; i++) {
		struct journal_case *into = used ? &cases->list[used - 1] : NULL;
		const struct journal_case *one = &cases->list[i];
		double longest;

		if (!into || journal_case_order(into, one)) {
			cases->list[used++] = *one;
			continue;
		}
		if (one->run > into->run)
			continue;
		longest = into->seconds > one->seconds ? into->seconds : one->seconds;
		if (weight(one) > weight(into))
			*into = *one;
		into->seconds = longest;
	}
	cases->count = used;
}

const struct journal_case *journal_cases_find(const struct journal_cases *cases, const char *suite,
					      const char *name)
{
	struct journal_case wanted = {.suite = suite, .name = name};

	return cases->count ? bsearch(&wanted, cases->list, cases->count, sizeof(wanted), by_name)
			    : NULL;
}

/* A run that has ended, was started in `cwd`, and ran something. */
static bool counts(const char *id, const char *cwd)
{
	struct journal_summary summary = {0};
	bool yes;

	if (journal_summary(id, &summary) < 0 || !summary.directory)
		return false;
	yes = summary.state != JOURNAL_RUNNING && !strcmp(summary.directory, cwd) && summary.ended;
	journal_summary_free(&summary);
	return yes;
}

int journal_last(const char *cwd, unsigned runs, struct journal_cases *ret_cases, char *ret_id,
		 char *why, size_t size)
{
	struct journal_cases cases;
	struct journal_ids ids;
	unsigned found = 0;
	int result = journal_ids(&ids, why, size);

	if (result < 0)
		return result;
	journal_cases_begin(&cases);
	for (size_t i = ids.count; i-- && found < runs;) {
		if (!counts(ids.list[i], cwd) || add_cases(ids.list[i], found, &cases) < 0)
			continue;
		if (!found && ret_id)
			memcpy(ret_id, ids.list[i], JOURNAL_ID_MAX);
		found++;
	}
	journal_ids_free(&ids);
	if (!found) {
		journal_cases_free(&cases);
		snprintf(why, size,
			 "no run that was started in '%.512s' is remembered; run the cases first",
			 cwd);
		return -ENOENT;
	}
	cases.runs = found;
	journal_cases_merge(&cases);
	*ret_cases = cases;
	return 0;
}
