/* SPDX-License-Identifier: MIT */
/*
 * The JSON of Rust's libtest, as `cargo test -- --format json -Z unstable-options --report-time`
 * and cargo-nextest's libtest-json write it: what reads those reads this
 *
 * All is one suite, because cases of several run at the same time; names are SUITE::NAME. What that
 * format has no word for is in an object "cloche", which its readers pass over.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "details.h"
#include "event_json.h"
#include "json_text.h"
#include "report.h"

struct libtest {
	struct page page;
	unsigned passed, failed, ignored;
};

static int print(struct libtest *libtest, json_t *event)
{
	int result = event_print(libtest->page.out, event);

	return result ? result : page_flush(&libtest->page);
}

static int libtest_start(void **ret_state, const struct report_options *options,
			 const struct run_info *info)
{
	struct libtest *libtest = calloc(1, sizeof(*libtest));
	int result = libtest ? page_open(&libtest->page, options->fd) : -ENOMEM;
	json_t *event;

	if (result < 0) {
		free(libtest);
		return result;
	}
	*ret_state = libtest;
	event = json_pack("{s:s, s:s, s:I}", "type", "suite", "event", "started", "test_count",
			  (json_int_t)(info->open_ended ? info->chosen : info->cases));
	if (event && info->shuffled)
		json_object_set_new(event, "shuffle_seed", json_integer((json_int_t)info->seed));
	return print(libtest, event);
}

static json_t *name_of(const struct case_info *info)
{
	memory_free char *name = NULL;
	int size = info->repetition ? asprintf(&name, "%s::%s (repetition %u)", info->suite,
					       info->name, info->repetition + 1)
				    : asprintf(&name, "%s::%s", info->suite, info->name);

	if (size < 0)
		name = NULL;
	return json_text_of(name);
}

static json_t *begin_test(const struct case_info *info, const char *event)
{
	return json_pack("{s:s, s:o, s:s}", "type", "test", "name", name_of(info), "event", event);
}

/* Once, whatever number of attempts it takes. */
static int libtest_started(void *state, const struct case_info *info)
{
	return info->attempt > 1 ? 0 : print(state, begin_test(info, "started"));
}

/* libtest's word for a test that has been running for long. */
static int libtest_slow(void *state, const struct case_info *info, double seconds)
{
	(void)seconds;
	return print(state, begin_test(info, "timeout"));
}

/* What it printed, and after that what was wrong, which in Rust is printed, too. */
static json_t *stdout_of(const struct result *result)
{
	const struct captured *captured = &result->outcome->out;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	json_t *string;

	if (!stream)
		return NULL;
	if (captured->head_size)
		fwrite(captured->head, 1, captured->head_size, stream);
	if (captured->cut)
		fprintf(stream, "\n... %llu bytes left out, see --output-limit ...\n",
			(unsigned long long)captured->cut);
	if (captured->tail_size)
		fwrite(captured->tail, 1, captured->tail_size, stream);
	if (result->failure) {
		if (captured->total)
			fputc('\n', stream);
		details_print(stream, result, false);
	}
	fclose(stream);
	string = size ? json_text(text, size, NULL) : NULL;
	free(text);
	return string;
}

static json_t *more_of(const struct result *result)
{
	const struct outcome *outcome = result->outcome;
	json_t *more = json_pack("{s:s, s:i, s:o, s:i}", "verdict", verdict_name(result->verdict),
				 "attempts", (int)result->info->attempt, "started",
				 event_seconds(outcome->started), "slot", (int)outcome->slot);

	if (more && outcome->ended)
		event_set_usage(more, &outcome->usage);
	return more;
}

static const char *count(struct libtest *libtest, const struct result *result)
{
	if (result->failure)
		return libtest->failed++, "failed";
	if (result->verdict == VERDICT_SKIP)
		return libtest->ignored++, "ignored";
	return libtest->passed++, "ok";
}

static int libtest_ended(void *state, const struct result *result)
{
	json_t *event = begin_test(result->info, count(state, result)), *text;

	if (!event)
		return -ENOMEM;
	json_object_set_new(event, "exec_time", event_seconds(result->outcome->wall));
	if (*result->reason)
		json_object_set_new(event, "message", json_text_of(result->reason));
	if (result->verdict == VERDICT_TIMEOUT)
		json_object_set_new(event, "reason", json_string("time limit exceeded"));
	text = stdout_of(result);
	if (text)
		json_object_set_new(event, "stdout", text);
	json_object_set_new(event, "cloche", more_of(result));
	return print(state, event);
}

static int libtest_end(void *state, const struct run_totals *totals)
{
	struct libtest *libtest = state;
	json_t *event = json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:o}", "type", "suite",
				  "event", libtest->failed || totals->not_run ? "failed" : "ok",
				  "passed", (int)libtest->passed, "failed", (int)libtest->failed,
				  "ignored", (int)libtest->ignored, "measured", 0, "filtered_out",
				  (int)totals->not_run, "exec_time", event_seconds(totals->wall));
	int result = print(libtest, event), closed = page_close(&libtest->page);

	free(libtest);
	return result ? result : closed;
}

const struct reporter reporter_libtest = {
	.name = "libtest",
	.doc = "the JSON of Rust's libtest and cargo-nextest",
	.start = libtest_start,
	.case_started = libtest_started,
	.case_slow = libtest_slow,
	.case_ended = libtest_ended,
	.end = libtest_end,
};
