/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "event_json.h"
#include "json_text.h"
#include "text.h"
#include "world.h"

/* To the microsecond, which is more than anything here is measured to. */
json_t *event_seconds(double seconds)
{
	return json_real((double)(int64_t)(seconds * 1e6 + 0.5) / 1e6);
}

/* "2026-11-24T12:23:10.000123456Z" */
static json_t *moment_of(const struct timespec *moment)
{
	struct tm tm;
	char text[32];

	gmtime_r(&moment->tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_sprintf("%s.%09ldZ", text, moment->tv_nsec);
}

static json_t *words_of(const char *const *word)
{
	json_t *list = json_array();

	for (; *word; word++)
		json_array_append_new(list, json_text_of(*word));
	return list;
}

json_t *event_run_started(const struct run_info *info)
{
	json_t *event = json_pack("{s:i, s:s, s:s, s:i, s:I, s:i, s:b}", "v", EVENT_VERSION,
				  "event", "run-started", "cloche", info->version, "suites",
				  (int)info->suites, "cases", (json_int_t)info->cases, "jobs",
				  (int)info->jobs, "isolated", info->isolated);

	if (event && info->open_ended)
		json_object_set_new(event, "cases", json_null());
	if (event && info->chosen && info->chosen != info->cases)
		json_object_set_new(event, "chosen", json_integer(info->chosen));
	if (event && info->shuffled)
		json_object_set_new(event, "seed", json_integer((json_int_t)info->seed));
	if (event && info->shard)
		json_object_set_new(event, "shard", json_text_of(info->shard));
	if (event && info->id)
		json_object_set_new(event, "id", json_text_of(info->id));
	if (event && info->started.tv_sec)
		json_object_set_new(event, "started", moment_of(&info->started));
	if (event && info->command)
		json_object_set_new(event, "command", words_of(info->command));
	return event;
}

static json_t *begin_case(const char *what, const struct case_info *info)
{
	json_t *event =
		json_pack("{s:i, s:s, s:o, s:o, s:I, s:i, s:i}", "v", EVENT_VERSION, "event", what,
			  "suite", json_text_of(info->suite), "name", json_text_of(info->name),
			  "number", (json_int_t)info->number, "repetition", (int)info->repetition,
			  "attempt", (int)info->attempt);

	if (event && info->file) {
		json_object_set_new(event, "file", json_text_of(info->file));
		json_object_set_new(event, "line", json_integer(info->line));
	}
	return event;
}

json_t *event_case_started(const struct case_info *info)
{
	return begin_case("case-started", info);
}

json_t *event_case_slow(const struct case_info *info, double seconds)
{
	json_t *event = begin_case("case-slow", info);

	if (event)
		json_object_set_new(event, "seconds", event_seconds(seconds));
	return event;
}

static json_t *remarks_of(const struct remark *remark)
{
	json_t *list = json_array();

	for (; remark; remark = remark->next) {
		json_t *one = json_object();

		if (remark->file) {
			json_object_set_new(one, "file", json_text_of(remark->file));
			json_object_set_new(one, "line", json_integer(remark->line));
		}
		if (remark->name)
			json_object_set_new(one, "expression", json_text_of(remark->name));
		json_object_set_new(one, "text", json_text(remark->text, remark->size, NULL));
		if (remark->cut)
			json_object_set_new(one, "cut", json_true());
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *attachments_of(const struct remark *remark)
{
	json_t *list = json_array();

	for (; remark; remark = remark->next) {
		json_t *one =
			json_pack("{s:o, s:I, s:o}", "name", json_text_of(remark->name), "bytes",
				  (json_int_t)remark->size, "file", json_text_of(remark->file));

		if (one && remark->cut)
			json_object_set_new(one, "cut", json_true());
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *findings_of(const struct finding *finding)
{
	json_t *list = json_array();

	for (; finding; finding = finding->next)
		json_array_append_new(list, json_pack("{s:s, s:o}", "kind", finding->kind, "text",
						      json_text_of(finding->text)));
	return list;
}

static json_t *namespaces_of(const struct outcome *outcome)
{
	json_t *object = json_object();

	for (size_t i = 0; i < NAMESPACES; i++)
		if (outcome->namespaces[i])
			json_object_set_new(object, namespace_names[i],
					    json_integer(outcome->namespaces[i]));
	return object;
}

static json_t *value_of(const struct option_row *row, const struct cloche_options *options)
{
	char small[256];
	memory_free char *large = NULL;
	int length = option_format(row, options, small, sizeof(small));

	if (length < (int)sizeof(small))
		return json_text_of(small);
	large = malloc((size_t)length + 1);
	if (!large)
		return json_null();
	option_format(row, options, large, (size_t)length + 1);
	return json_text_of(large);
}

static json_t *world_of(const struct cloche_options *options)
{
	json_t *object = json_object();

	for (size_t i = 0; i < world_row_count(); i++)
		if (option_is_set(world_row(i), options))
			json_object_set_new(object, world_row(i)->name,
					    value_of(world_row(i), options));
	return object;
}

static json_t *output_of(const struct captured *captured)
{
	bool replaced = false;
	json_t *object = json_pack("{s:I, s:I}", "bytes", (json_int_t)captured->total, "cut",
				   (json_int_t)captured->cut);

	json_object_set_new(object, "text",
			    json_text(captured->head, captured->head_size, &replaced));
	if (captured->tail_size)
		json_object_set_new(object, "end",
				    json_text(captured->tail, captured->tail_size, &replaced));
	if (replaced)
		json_object_set_new(object, "replaced", json_true());
	return object;
}

static json_t *time_of(struct timeval time)
{
	return event_seconds((double)time.tv_sec + (double)time.tv_usec / 1e6);
}

static json_t *signal_of(int number)
{
	char name[TEXT_SIGNAL_ROOM];

	return json_string(text_signal(number, name));
}

void event_set_usage(json_t *event, const struct rusage *usage)
{
	json_object_set_new(event, "user_seconds", time_of(usage->ru_utime));
	json_object_set_new(event, "system_seconds", time_of(usage->ru_stime));
	json_object_set_new(event, "max_rss_kib", json_integer(usage->ru_maxrss));
	json_object_set_new(event, "blocks_read", json_integer(usage->ru_inblock));
	json_object_set_new(event, "blocks_written", json_integer(usage->ru_oublock));
	json_object_set_new(event, "waits", json_integer(usage->ru_nvcsw));
	json_object_set_new(event, "preemptions", json_integer(usage->ru_nivcsw));
}

static void set_end(json_t *event, const struct outcome *outcome)
{
	if (!outcome->ended)
		return;
	if (WIFSIGNALED(outcome->wait_status)) {
		json_object_set_new(event, "signal", signal_of(WTERMSIG(outcome->wait_status)));
	} else {
		json_object_set_new(event, "status",
				    json_integer(WEXITSTATUS(outcome->wait_status)));
	}
	event_set_usage(event, &outcome->usage);
}

static void set_failures(json_t *event, const struct outcome *outcome)
{
	json_object_set_new(event, "failure_count", json_integer(outcome->failure_count));
	json_object_set_new(event, "failures", remarks_of(outcome->failures));
}

static void set_native(json_t *event, const struct outcome *outcome)
{
	json_object_set_new(event, "checks", json_integer((json_int_t)outcome->checks));
	if (!outcome->done)
		json_object_set_new(event, "unfinished", json_true());
	set_failures(event, outcome);
	json_object_set_new(event, "notes", remarks_of(outcome->notes));
	json_object_set_new(event, "attachments", attachments_of(outcome->attachments));
}

static json_t *tap_of(const struct outcome *outcome)
{
	return json_pack("{s:i, s:i, s:i, s:i}", "planned", (int)outcome->tap_planned, "run",
			 (int)outcome->tap_run, "failed", (int)outcome->tap_failed, "skipped",
			 (int)outcome->tap_skipped);
}

/* What became of one attempt. */
static void set_result(json_t *event, const struct result *result, bool world)
{
	const struct outcome *outcome = result->outcome;

	json_object_set_new(event, "verdict", json_string(verdict_name(result->verdict)));
	json_object_set_new(event, "failure", json_boolean(result->failure));
	json_object_set_new(event, "reason", json_text_of(result->reason));
	json_object_set_new(event, "started", event_seconds(outcome->started));
	json_object_set_new(event, "slot", json_integer(outcome->slot));
	json_object_set_new(event, "seconds", event_seconds(outcome->wall));
	set_end(event, outcome);
	json_object_set_new(event, "namespaces", namespaces_of(outcome));
	if (outcome->missing)
		json_object_set_new(event, "missing", json_string(outcome->missing));
	if (world)
		json_object_set_new(event, "world", world_of(result->info->options));
	json_object_set_new(event, "findings", findings_of(outcome->findings));
	if (outcome->limit_hit)
		json_object_set_new(event, "limit", json_string(outcome->limit_hit));
	if (outcome->native)
		set_native(event, outcome);
	else if (outcome->failure_count) /* its kind has found some */
		set_failures(event, outcome);
	if (outcome->remarks_left_out)
		json_object_set_new(event, "remarks_left_out",
				    json_integer((json_int_t)outcome->remarks_left_out));
	if (outcome->crash)
		json_object_set_new(event, "crash", json_text_of(outcome->crash->text));
	if (outcome->stacks)
		json_object_set_new(event, "stacks", json_text_of(outcome->stacks->text));
	if (outcome->kept)
		json_object_set_new(event, "kept", json_text_of(outcome->kept));
	if (outcome->tap)
		json_object_set_new(event, "tap", tap_of(outcome));
	json_object_set_new(event, "output", output_of(&outcome->out));
}

/* The first one first. */
static json_t *earlier_of(const struct result *result)
{
	json_t *list = json_array();

	for (; result; result = result->earlier) {
		json_t *one = json_pack("{s:i}", "attempt", (int)result->info->attempt);

		set_result(one, result, false);
		json_array_insert_new(list, 0, one);
	}
	return list;
}

json_t *event_case_retried(const struct result *result, double delay)
{
	json_t *event = begin_case("case-retried", result->info);

	if (!event)
		return NULL;
	set_result(event, result, true);
	json_object_set_new(event, "delay", event_seconds(delay));
	return event;
}

json_t *event_case_ended(const struct result *result)
{
	json_t *event = begin_case("case-ended", result->info);

	if (!event)
		return NULL;
	set_result(event, result, true);
	if (result->earlier)
		json_object_set_new(event, "earlier", earlier_of(result->earlier));
	if (result->given_up)
		json_object_set_new(event, "given_up", json_true());
	return event;
}

/* json_dumpf(3) would call fwrite(3) for each comma, which takes longer than all the rest. */
int event_print(FILE *out, json_t *event)
{
	static char usual[16384];
	size_t size = event ? json_dumpb(event, usual, sizeof(usual), EVENT_JSON_FLAGS) : 0;
	char *large = NULL;
	int result = size ? 0 : -ENOMEM;

	if (size > sizeof(usual)) {
		large = malloc(size);
		result = large ? 0 : -ENOMEM;
		if (large)
			json_dumpb(event, large, size, EVENT_JSON_FLAGS);
	}
	if (!result) {
		fwrite(large ? large : usual, 1, size, out);
		fputc('\n', out);
	}
	free(large);
	json_decref(event);
	return result;
}

json_t *event_message(const char *sentence)
{
	return json_pack("{s:i, s:s, s:o}", "v", EVENT_VERSION, "event", "message", "text",
			 json_text_of(sentence));
}

json_t *event_run_ended(const struct run_totals *totals)
{
	json_t *event =
		json_pack("{s:i, s:s, s:I, s:I, s:o}", "v", EVENT_VERSION, "event", "run-ended",
			  "failed", (json_int_t)totals->failed, "not_run",
			  (json_int_t)totals->not_run, "seconds", event_seconds(totals->wall));

	for (enum verdict v = VERDICT_PASS; event && v < VERDICTS; v++)
		json_object_set_new(event, verdict_name(v), json_integer(totals->count[v]));
	return event;
}
