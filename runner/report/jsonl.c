/* SPDX-License-Identifier: MIT */
/*
 * JSON lines: one event a line. A run that is killed leaves those that it had, whole.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>

#include "event_json.h"
#include "report.h"

struct jsonl {
	int fd;
	struct json_writer line;
};

static int jsonl_start(void **ret_state, const struct report_options *options,
		       const struct run_info *info)
{
	struct jsonl *jsonl = calloc(1, sizeof(*jsonl));

	if (!jsonl)
		return -ENOMEM;
	jsonl->fd = options->fd;
	*ret_state = jsonl;
	event_run_started(&jsonl->line, info);
	return event_write(&jsonl->line, jsonl->fd);
}

static int jsonl_started(void *state, const struct case_info *info)
{
	struct jsonl *jsonl = state;

	event_case_started(&jsonl->line, info);
	return event_write(&jsonl->line, jsonl->fd);
}

static int jsonl_retried(void *state, const struct result *result, double delay)
{
	struct jsonl *jsonl = state;

	event_case_retried(&jsonl->line, result, delay);
	return event_write(&jsonl->line, jsonl->fd);
}

static int jsonl_slow(void *state, const struct case_info *info, double seconds)
{
	struct jsonl *jsonl = state;

	event_case_slow(&jsonl->line, info, seconds);
	return event_write(&jsonl->line, jsonl->fd);
}

static int jsonl_ended(void *state, const struct result *result)
{
	struct jsonl *jsonl = state;

	event_case_ended(&jsonl->line, result);
	return event_write(&jsonl->line, jsonl->fd);
}

static int jsonl_message(void *state, const char *sentence)
{
	struct jsonl *jsonl = state;

	event_message(&jsonl->line, sentence);
	return event_write(&jsonl->line, jsonl->fd);
}

static int jsonl_end(void *state, const struct run_totals *totals)
{
	struct jsonl *jsonl = state;
	int result, closed;

	event_run_ended(&jsonl->line, totals);
	result = event_write(&jsonl->line, jsonl->fd);
	closed = report_close(jsonl->fd);
	json_writer_free(&jsonl->line);
	free(jsonl);
	return result ? result : closed;
}

const struct reporter reporter_jsonl = {
	.name = "jsonl",
	.doc = "JSON lines, one event each",
	.wants_namespaces = true,
	.start = jsonl_start,
	.case_started = jsonl_started,
	.case_retried = jsonl_retried,
	.case_slow = jsonl_slow,
	.case_ended = jsonl_ended,
	.message = jsonl_message,
	.end = jsonl_end,
};
