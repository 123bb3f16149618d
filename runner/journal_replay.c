/* SPDX-License-Identifier: MIT */
/*
 * A journal is told to reporters, as the run was.
 *
 * Reporters may keep what case_started gave them until the case has ended; so does this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "journal_decode.h"
#include "journal_json.h"
#include "keeper.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

/* A case that was started, and has not ended so far. */
struct started {
	struct started *next;
	json_t *event; /* in which its texts are */
	struct case_info info;
};

/* An attempt that was told to be slow, of a case that has not ended so far. */
struct slow {
	struct slow *next;
	unsigned number, repetition, attempt;
};

struct replay {
	struct keeper *keeper;
	bool brief, skip_ended;
	struct started *started, **started_end;
	struct slow *slow;
	struct run_totals totals; /* of what has been told */
	unsigned ended, damaged;
	bool complete;
	struct obstack memory; /* of one event */
};

static const struct cloche_options no_options;

/* How the lines begin that we wrote; others are told the long way. */
#define CASE_STARTED "{\"v\":1,\"event\":\"case-started\","
#define CASE_ENDED   "{\"v\":1,\"event\":\"case-ended\","

/* Tell all reporters that want to know and that still can. */
#define TELL(replay, callback, ...)                                                                \
	for (size_t i = 0; i < (replay)->keeper->reporter_count; i++) {                            \
		struct running_reporter *to = &(replay)->keeper->reporters[i];                     \
                                                                                                   \
		if (to->reporter->callback && !to->error)                                          \
			to->error = to->reporter->callback(to->state, __VA_ARGS__);                \
	}

static struct started *add_started(struct replay *replay, json_t *event,
				   const struct case_info *info)
{
	struct started *started = calloc(1, sizeof(*started));

	if (!started)
		return NULL;
	started->event = json_incref(event);
	started->info = *info;
	*replay->started_end = started;
	replay->started_end = &started->next;
	return started;
}

static struct started *find_started(struct replay *replay, const struct case_info *info)
{
	struct started *one = replay->started;

	while (one &&
	       (one->info.number != info->number || one->info.repetition != info->repetition ||
		strcmp(one->info.name, info->name) || strcmp(one->info.suite, info->suite)))
		one = one->next;
	return one;
}

static void remove_started(struct replay *replay, struct started *gone)
{
	struct started **at = &replay->started;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	if (!*at)
		replay->started_end = at;
	json_decref(gone->event);
	free(gone);
}

/* Was this attempt slow? When it is the last one, nothing more is to be known of the case. */
static bool find_slow(struct replay *replay, const struct case_info *info, bool last)
{
	struct slow **at = &replay->slow, *one;
	bool found = false;

	while ((one = *at)) {
		bool same = one->number == info->number && one->repetition == info->repetition;

		found |= same && one->attempt == info->attempt;
		if (!same || !last) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		free(one);
	}
	return found;
}

/* Once, however often it was told. */
static bool add_slow(struct replay *replay, const struct case_info *info)
{
	struct slow *slow;

	if (find_slow(replay, info, false))
		return true;
	slow = calloc(1, sizeof(*slow));
	if (!slow)
		return false;
	*slow = (struct slow){.next = replay->slow,
			      .number = info->number,
			      .repetition = info->repetition,
			      .attempt = info->attempt};
	replay->slow = slow;
	return true;
}

static bool tell_started(struct replay *replay, json_t *event)
{
	struct case_info info = {.options = &no_options};
	struct started *started;

	decode_case(event, &info);
	started = add_started(replay, event, &info);
	if (!started)
		return false;
	TELL(replay, case_started, &started->info);
	return true;
}

/* Also of one whose start is missing, or was not told. */
static bool tell_result(struct replay *replay, json_t *event, bool retried)
{
	struct case_info info = {.options = &no_options};
	struct started *started;
	struct result *result;
	double delay = field_seconds(event, "delay");

	decode_case(event, &info);
	started = find_started(replay, &info);
	if (!started)
		started = add_started(replay, event, &info);
	if (!started)
		return false;
	started->info.attempt = info.attempt;
	result = decode_result(event, &started->info, &replay->memory);
	if (result)
		result->slow = find_slow(replay, &info, !retried);
	if (result && retried) {
		TELL(replay, case_retried, result, delay);
	} else if (result) {
		replay->totals.count[result->verdict]++;
		replay->totals.failed += result->failure;
		replay->ended++;
		if (result->outcome->started + result->outcome->wall > replay->totals.wall)
			replay->totals.wall = result->outcome->started + result->outcome->wall;
		TELL(replay, case_ended, result);
	}
	remove_started(replay, started);
	return result;
}

static bool tell_slow(struct replay *replay, json_t *event)
{
	struct case_info info = {.options = &no_options};
	double seconds = field_seconds(event, "seconds");
	struct started *started;
	const struct case_info *told = &info;

	decode_case(event, &info);
	started = find_started(replay, &info);
	if (started)
		told = &started->info;
	TELL(replay, case_slow, told, seconds);
	return add_slow(replay, &info);
}

static bool tell_message(struct replay *replay, const json_t *event)
{
	const char *text = field_text(event, "text");

	TELL(replay, message, text);
	return true;
}

static bool tell_event(struct replay *replay, const char *line, size_t size)
{
	json_t *event = journal_event(line, size);
	const char *what = field_text(event, "event");
	void *mark = obstack_alloc(&replay->memory, 1);
	bool understood = event;

	if (!strcmp(what, "case-started"))
		understood = tell_started(replay, event);
	else if (!strcmp(what, "case-retried"))
		understood = tell_result(replay, event, true);
	else if (!strcmp(what, "case-slow"))
		understood = tell_slow(replay, event);
	else if (!strcmp(what, "case-ended"))
		understood = tell_result(replay, event, false);
	else if (!strcmp(what, "message"))
		understood = tell_message(replay, event);
	else if (!strcmp(what, "run-ended"))
		replay->complete = true;
	json_decref(event);
	obstack_free(&replay->memory, mark);
	return understood;
}

/* A case that passed, out of its line for lists: who shows no more of it needs no more. */
static void tell_passed(struct replay *replay, const struct journal_case *one)
{
	struct outcome outcome = {.wall = one->seconds};
	struct case_info info = {.suite = one->suite,
				 .name = one->name,
				 .number = one->number,
				 .repetition = one->repetition,
				 .attempt = one->attempt,
				 .options = &no_options};
	struct result result = {.info = &info,
				.verdict = one->verdict,
				.reason = "",
				.outcome = &outcome,
				.slow = find_slow(replay, &info, true)};

	replay->totals.count[one->verdict]++;
	replay->ended++;
	TELL(replay, case_ended, &result);
}

static bool begins(const struct journal_lines *lines, const char *text)
{
	return !strncmp(lines->line, text, strlen(text));
}

/* Is this a line that a brief tale can do without, or makes do with? */
static bool tell_in_brief(struct replay *replay, struct journal_lines *lines)
{
	struct journal_case one;
	json_t *line;

	if (begins(lines, CASE_STARTED))
		return true;
	if (replay->skip_ended && begins(lines, CASE_ENDED)) {
		replay->skip_ended = false;
		return true;
	}
	replay->skip_ended = false;
	if (!begins(lines, "[\"pass\",false,"))
		return false;
	line = json_loadb(lines->line, lines->size, JSON_ALLOW_NUL, NULL);
	replay->skip_ended = journal_read_index(line, &one);
	if (replay->skip_ended)
		tell_passed(replay, &one);
	json_decref(line);
	return true;
}

static void tell_lines(struct replay *replay, struct journal_lines *lines)
{
	while (journal_next_line(lines)) {
		if (replay->brief && tell_in_brief(replay, lines))
			continue;
		if (*lines->line != '[' && !tell_event(replay, lines->line, lines->size))
			replay->damaged++;
	}
}

static unsigned count_started(const struct replay *replay)
{
	unsigned count = 0;

	for (const struct started *one = replay->started; one; one = one->next)
		count++;
	return count;
}

/* What is not as it was, or not there. */
static void tell_what_is_missing(struct replay *replay, enum journal_state state)
{
	if (replay->damaged)
		keeper_message(replay->keeper,
			       "%u line%s of this journal cannot be read, and are left out",
			       replay->damaged, replay->damaged == 1 ? "" : "s");
	if (replay->complete)
		return;
	if (state == JOURNAL_RUNNING)
		keeper_message(replay->keeper, "this run goes on; this is what it has done so far");
	else if (replay->brief)
		keeper_message(replay->keeper, "this run was cut short: its journal has no end");
	else
		keeper_message(replay->keeper,
			       "this run was cut short while %u case%s ran: its journal has no end",
			       count_started(replay), count_started(replay) == 1 ? "" : "s");
}

int journal_replay(const struct journal_summary *summary, struct keeper *keeper, bool brief)
{
	struct replay replay = {.keeper = keeper, .brief = brief};
	struct journal_lines lines = {.in = journal_open(summary->id)};

	if (!lines.in)
		return -errno;
	replay.started_end = &replay.started;
	obstack_init(&replay.memory);
	tell_lines(&replay, &lines);
	journal_close(&lines);
	tell_what_is_missing(&replay, summary->state);
	keeper->totals = summary->totals;
	if (!replay.complete) {
		keeper->totals = replay.totals;
		keeper->totals.not_run =
			summary->info.cases > replay.ended ? summary->info.cases - replay.ended : 0;
	}
	while (replay.started)
		remove_started(&replay, replay.started);
	for (struct slow *next; replay.slow; replay.slow = next) {
		next = replay.slow->next;
		free(replay.slow);
	}
	obstack_free(&replay.memory, NULL);
	return 0;
}
