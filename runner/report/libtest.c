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
#include "report.h"

struct libtest {
	int fd;
	struct json_writer line;
	unsigned passed, failed, ignored;
};

/* An object of a line, to its end. */
static int print(struct libtest *libtest)
{
	json_put_end(&libtest->line, '}');
	json_put_line_end(&libtest->line);
	return event_write(&libtest->line, libtest->fd);
}

static struct json_writer *begin(struct libtest *libtest, const char *type)
{
	json_put_begin(&libtest->line, NULL, '{');
	json_put_text(&libtest->line, "type", type);
	return &libtest->line;
}

static int libtest_start(void **ret_state, const struct report_options *options,
			 const struct run_info *info)
{
	struct libtest *libtest = calloc(1, sizeof(*libtest));
	struct json_writer *to;

	if (!libtest)
		return -ENOMEM;
	libtest->fd = options->fd;
	*ret_state = libtest;
	to = begin(libtest, "suite");
	json_put_text(to, "event", "started");
	json_put_number(to, "test_count", info->open_ended ? info->chosen : info->cases);
	if (info->shuffled)
		json_put_number(to, "shuffle_seed", (int64_t)info->seed);
	return print(libtest);
}

static void put_name(struct json_writer *to, const struct case_info *info)
{
	memory_free char *name = NULL;
	int size = info->repetition ? asprintf(&name, "%s::%s (repetition %u)", info->suite,
					       info->name, info->repetition + 1)
				    : asprintf(&name, "%s::%s", info->suite, info->name);

	if (size < 0)
		name = NULL;
	json_put_text(to, "name", name);
}

static struct json_writer *begin_test(struct libtest *libtest, const struct case_info *info,
				      const char *event)
{
	struct json_writer *to = begin(libtest, "test");

	put_name(to, info);
	json_put_text(to, "event", event);
	return to;
}

/* Once, whatever number of attempts it takes. */
static int libtest_started(void *state, const struct case_info *info)
{
	if (info->attempt > 1)
		return 0;
	begin_test(state, info, "started");
	return print(state);
}

/* libtest's word for a test that has been running for long. */
static int libtest_slow(void *state, const struct case_info *info, double seconds)
{
	(void)seconds;
	begin_test(state, info, "timeout");
	return print(state);
}

/* What it printed, and after that what was wrong, which in Rust is printed, too. */
static void put_stdout(struct json_writer *to, const struct result *result)
{
	const struct captured *captured = &result->outcome->out;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return;
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
	if (size)
		json_put_bytes(to, "stdout", text, size);
	free(text);
}

static void put_more(struct json_writer *to, const struct result *result)
{
	const struct outcome *outcome = result->outcome;

	json_put_begin(to, "cloche", '{');
	json_put_text(to, "verdict", verdict_name(result->verdict));
	json_put_number(to, "attempts", result->info->attempt);
	json_put_seconds(to, "started", outcome->started);
	json_put_number(to, "slot", outcome->slot);
	if (outcome->ended)
		event_usage(to, &outcome->usage);
	json_put_end(to, '}');
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
	struct json_writer *to = begin_test(state, result->info, count(state, result));

	json_put_seconds(to, "exec_time", result->outcome->wall);
	if (*result->reason)
		json_put_text(to, "message", result->reason);
	if (result->verdict == VERDICT_TIMEOUT)
		json_put_text(to, "reason", "time limit exceeded");
	put_stdout(to, result);
	put_more(to, result);
	return print(state);
}

static int libtest_end(void *state, const struct run_totals *totals)
{
	struct libtest *libtest = state;
	struct json_writer *to = begin(libtest, "suite");
	int result, closed;

	json_put_text(to, "event", libtest->failed || totals->not_run ? "failed" : "ok");
	json_put_number(to, "passed", libtest->passed);
	json_put_number(to, "failed", libtest->failed);
	json_put_number(to, "ignored", libtest->ignored);
	json_put_number(to, "measured", 0);
	json_put_number(to, "filtered_out", totals->not_run);
	json_put_seconds(to, "exec_time", totals->wall);
	result = print(libtest);
	closed = report_close(libtest->fd);
	json_writer_free(to);
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
