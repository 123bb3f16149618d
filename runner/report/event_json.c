/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"
#include "event_json.h"
#include "report.h"
#include "text.h"
#include "world.h"

static void begin(struct json_writer *to, const char *what)
{
	json_put_begin(to, NULL, '{');
	json_put_number(to, "v", EVENT_VERSION);
	json_put_text(to, "event", what);
}

static void end(struct json_writer *to)
{
	json_put_end(to, '}');
	json_put_line_end(to);
}

/* "2026-11-24T12:23:10.000123456Z" */
static void put_moment(struct json_writer *to, const char *key, const struct timespec *moment)
{
	struct tm tm;
	char text[32], whole[64];

	gmtime_r(&moment->tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(whole, sizeof(whole), "%s.%09ldZ", text, moment->tv_nsec);
	json_put_text(to, key, whole);
}

static void put_words(struct json_writer *to, const char *key, const char *const *word)
{
	json_put_begin(to, key, '[');
	for (; *word; word++)
		json_put_text(to, NULL, *word);
	json_put_end(to, ']');
}

void event_run_started(struct json_writer *to, const struct run_info *info)
{
	begin(to, "run-started");
	json_put_text(to, "cloche", info->version);
	json_put_number(to, "suites", info->suites);
	if (info->open_ended)
		json_put_null(to, "cases");
	else
		json_put_number(to, "cases", info->cases);
	json_put_number(to, "jobs", info->jobs);
	json_put_bool(to, "isolated", info->isolated);
	if (info->chosen && info->chosen != info->cases)
		json_put_number(to, "chosen", info->chosen);
	if (info->shuffled)
		json_put_number(to, "seed", (int64_t)info->seed);
	if (info->shard)
		json_put_text(to, "shard", info->shard);
	if (info->id)
		json_put_text(to, "id", info->id);
	if (info->started.tv_sec)
		put_moment(to, "started", &info->started);
	if (info->command)
		put_words(to, "command", info->command);
	end(to);
}

static void begin_case(struct json_writer *to, const char *what, const struct case_info *info)
{
	begin(to, what);
	json_put_text(to, "suite", info->suite);
	json_put_text(to, "name", info->name);
	json_put_number(to, "number", info->number);
	json_put_number(to, "repetition", info->repetition);
	json_put_number(to, "attempt", info->attempt);
	if (info->file) {
		json_put_text(to, "file", info->file);
		json_put_number(to, "line", info->line);
	}
}

void event_case_started(struct json_writer *to, const struct case_info *info)
{
	begin_case(to, "case-started", info);
	end(to);
}

void event_case_slow(struct json_writer *to, const struct case_info *info, double seconds)
{
	begin_case(to, "case-slow", info);
	json_put_seconds(to, "seconds", seconds);
	end(to);
}

static void put_remarks(struct json_writer *to, const char *key, const struct remark *remark)
{
	json_put_begin(to, key, '[');
	for (; remark; remark = remark->next) {
		json_put_begin(to, NULL, '{');
		if (remark->file) {
			json_put_text(to, "file", remark->file);
			json_put_number(to, "line", remark->line);
		}
		if (remark->name)
			json_put_text(to, "expression", remark->name);
		json_put_bytes(to, "text", remark->text, remark->size);
		if (remark->cut)
			json_put_bool(to, "cut", true);
		json_put_end(to, '}');
	}
	json_put_end(to, ']');
}

static void put_attachments(struct json_writer *to, const struct remark *remark)
{
	json_put_begin(to, "attachments", '[');
	for (; remark; remark = remark->next) {
		json_put_begin(to, NULL, '{');
		json_put_text(to, "name", remark->name);
		json_put_number(to, "bytes", (int64_t)remark->size);
		json_put_text(to, "file", remark->file);
		if (remark->cut)
			json_put_bool(to, "cut", true);
		json_put_end(to, '}');
	}
	json_put_end(to, ']');
}

static void put_findings(struct json_writer *to, const struct finding *finding)
{
	json_put_begin(to, "findings", '[');
	for (; finding; finding = finding->next) {
		json_put_begin(to, NULL, '{');
		json_put_text(to, "kind", finding->kind);
		json_put_text(to, "text", finding->text);
		json_put_end(to, '}');
	}
	json_put_end(to, ']');
}

static void put_namespaces(struct json_writer *to, const struct outcome *outcome)
{
	json_put_begin(to, "namespaces", '{');
	for (size_t i = 0; i < NAMESPACES; i++)
		if (outcome->namespaces[i])
			json_put_number(to, namespace_names[i], (int64_t)outcome->namespaces[i]);
	json_put_end(to, '}');
}

static void put_option(struct json_writer *to, const struct option_row *row,
		       const struct cloche_options *options)
{
	char small[256];
	memory_free char *large = NULL;
	int length = option_format(row, options, small, sizeof(small));

	if (length < (int)sizeof(small)) {
		json_put_text(to, row->name, small);
		return;
	}
	large = malloc((size_t)length + 1);
	if (large)
		option_format(row, options, large, (size_t)length + 1);
	json_put_text(to, row->name, large);
}

static void put_world(struct json_writer *to, const struct cloche_options *options)
{
	json_put_begin(to, "world", '{');
	for (size_t i = 0; i < world_row_count(); i++)
		if (option_is_set(world_row(i), options))
			put_option(to, world_row(i), options);
	json_put_end(to, '}');
}

static void put_output(struct json_writer *to, const struct captured *captured)
{
	bool replaced;

	json_put_begin(to, "output", '{');
	json_put_number(to, "bytes", (int64_t)captured->total);
	json_put_number(to, "cut", (int64_t)captured->cut);
	replaced = json_put_bytes(to, "text", captured->head, captured->head_size);
	if (captured->tail_size)
		replaced |= json_put_bytes(to, "end", captured->tail, captured->tail_size);
	if (replaced)
		json_put_bool(to, "replaced", true);
	json_put_end(to, '}');
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

void event_usage(struct json_writer *to, const struct rusage *usage)
{
	json_put_seconds(to, "user_seconds", seconds_of(usage->ru_utime));
	json_put_seconds(to, "system_seconds", seconds_of(usage->ru_stime));
	json_put_number(to, "max_rss_kib", usage->ru_maxrss);
	json_put_number(to, "blocks_read", usage->ru_inblock);
	json_put_number(to, "blocks_written", usage->ru_oublock);
	json_put_number(to, "waits", usage->ru_nvcsw);
	json_put_number(to, "preemptions", usage->ru_nivcsw);
}

static void put_end(struct json_writer *to, const struct outcome *outcome)
{
	char name[TEXT_SIGNAL_ROOM];

	if (!outcome->ended)
		return;
	if (WIFSIGNALED(outcome->wait_status))
		json_put_text(to, "signal", text_signal(WTERMSIG(outcome->wait_status), name));
	else
		json_put_number(to, "status", WEXITSTATUS(outcome->wait_status));
	event_usage(to, &outcome->usage);
}

static void put_failures(struct json_writer *to, const struct outcome *outcome)
{
	json_put_number(to, "failure_count", outcome->failure_count);
	put_remarks(to, "failures", outcome->failures);
}

static void put_native(struct json_writer *to, const struct outcome *outcome)
{
	json_put_number(to, "checks", (int64_t)outcome->checks);
	if (!outcome->done)
		json_put_bool(to, "unfinished", true);
	put_failures(to, outcome);
	put_remarks(to, "notes", outcome->notes);
	put_attachments(to, outcome->attachments);
}

static void put_tap(struct json_writer *to, const struct outcome *outcome)
{
	json_put_begin(to, "tap", '{');
	json_put_number(to, "planned", outcome->tap_planned);
	json_put_number(to, "run", outcome->tap_run);
	json_put_number(to, "failed", outcome->tap_failed);
	json_put_number(to, "skipped", outcome->tap_skipped);
	json_put_end(to, '}');
}

/* What became of one attempt. */
static void put_result(struct json_writer *to, const struct result *result, bool world)
{
	const struct outcome *outcome = result->outcome;

	json_put_text(to, "verdict", verdict_name(result->verdict));
	json_put_bool(to, "failure", result->failure);
	json_put_text(to, "reason", result->reason);
	json_put_seconds(to, "started", outcome->started);
	json_put_number(to, "slot", outcome->slot);
	json_put_seconds(to, "seconds", outcome->wall);
	put_end(to, outcome);
	put_namespaces(to, outcome);
	if (outcome->missing)
		json_put_text(to, "missing", outcome->missing);
	if (world)
		put_world(to, result->info->options);
	put_findings(to, outcome->findings);
	if (outcome->limit_hit)
		json_put_text(to, "limit", outcome->limit_hit);
	if (outcome->native)
		put_native(to, outcome);
	else if (outcome->failure_count) /* its kind has found some */
		put_failures(to, outcome);
	if (!outcome->native && outcome->attachments)
		put_attachments(to, outcome->attachments);
	if (outcome->remarks_left_out)
		json_put_number(to, "remarks_left_out", (int64_t)outcome->remarks_left_out);
	if (outcome->crash)
		json_put_text(to, "crash", outcome->crash->text);
	if (outcome->stacks)
		json_put_text(to, "stacks", outcome->stacks->text);
	if (outcome->kept)
		json_put_text(to, "kept", outcome->kept);
	if (outcome->tap)
		put_tap(to, outcome);
	put_output(to, &outcome->out);
}

/* The first one first. */
static void put_attempts(struct json_writer *to, const struct result *result)
{
	if (!result)
		return;
	put_attempts(to, result->earlier);
	json_put_begin(to, NULL, '{');
	json_put_number(to, "attempt", result->info->attempt);
	put_result(to, result, false);
	json_put_end(to, '}');
}

void event_case_retried(struct json_writer *to, const struct result *result, double delay)
{
	begin_case(to, "case-retried", result->info);
	put_result(to, result, true);
	json_put_seconds(to, "delay", delay);
	end(to);
}

void event_case_ended(struct json_writer *to, const struct result *result)
{
	begin_case(to, "case-ended", result->info);
	put_result(to, result, true);
	if (result->earlier) {
		json_put_begin(to, "earlier", '[');
		put_attempts(to, result->earlier);
		json_put_end(to, ']');
	}
	if (result->given_up)
		json_put_bool(to, "given_up", true);
	end(to);
}

void event_message(struct json_writer *to, const char *sentence)
{
	begin(to, "message");
	json_put_text(to, "text", sentence);
	end(to);
}

void event_run_ended(struct json_writer *to, const struct run_totals *totals)
{
	begin(to, "run-ended");
	json_put_number(to, "failed", totals->failed);
	json_put_number(to, "not_run", totals->not_run);
	json_put_seconds(to, "seconds", totals->wall);
	for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++)
		json_put_number(to, verdict_name(v), totals->count[v]);
	end(to);
}

int event_write(struct json_writer *lines, int fd)
{
	int result = lines->failed ? -ENOMEM : report_write(fd, lines->bytes, lines->size);

	json_writer_empty(lines);
	return result;
}
