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
	struct page page;
};

static int print(struct jsonl *jsonl, json_t *event)
{
	int result = event_print(jsonl->page.out, event);

	return result ? result : page_flush(&jsonl->page);
}

static int jsonl_start(void **ret_state, const struct report_options *options,
		       const struct run_info *info)
{
	struct jsonl *jsonl = calloc(1, sizeof(*jsonl));
	int result = jsonl ? page_open(&jsonl->page, options->fd) : -ENOMEM;

	if (result < 0) {
		free(jsonl);
		return result;
	}
	*ret_state = jsonl;
	return print(jsonl, event_run_started(info));
}

static int jsonl_started(void *state, const struct case_info *info)
{
	return print(state, event_case_started(info));
}

static int jsonl_retried(void *state, const struct result *result, double delay)
{
	return print(state, event_case_retried(result, delay));
}

static int jsonl_slow(void *state, const struct case_info *info, double seconds)
{
	return print(state, event_case_slow(info, seconds));
}

static int jsonl_ended(void *state, const struct result *result)
{
	return print(state, event_case_ended(result));
}

static int jsonl_message(void *state, const char *sentence)
{
	return print(state, event_message(sentence));
}

static int jsonl_end(void *state, const struct run_totals *totals)
{
	struct jsonl *jsonl = state;
	int result = print(jsonl, event_run_ended(totals)), closed = page_close(&jsonl->page);

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
