/* SPDX-License-Identifier: MIT */
/*
 * The verdict: a pure function of what was seen.
 *
 * Precedence, and why. What cloche could not do comes first: nothing that the test said afterwards
 * counts. A record stream that was tampered with is not believed, so it comes before what records
 * say; so does one in which something follows the end. The deadline comes before the signal,
 * because the signal was ours. What the test asked for (expect_signal, expect_failure) is judged
 * before what is wrong in general; an expectation that failed before the expected signal stays
 * failed. A leak is looked at last: it only matters for what would have passed.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "event.h"
#include "text.h"

#define EXIT_SKIP       77 /* automake's, and Meson's */
#define EXIT_HARD_ERROR 99

const char *const namespace_names[NAMESPACES] = {"user", "mnt", "pid",    "net",
						 "ipc",  "uts", "cgroup", "time"};

static const char *const names[] = {
	[VERDICT_PASS] = "pass",   [VERDICT_FAIL] = "fail",       [VERDICT_SKIP] = "skip",
	[VERDICT_ERROR] = "error", [VERDICT_TIMEOUT] = "timeout", [VERDICT_CRASH] = "crash",
	[VERDICT_LEAK] = "leak",   [VERDICT_LIMIT] = "limit",     [VERDICT_FLAKY] = "flaky",
};

static const char past_cpu[] = "used up its processor time, the limit 'cpu'";
static const char past_file_size[] = "wrote more to a file than the limit 'file-size'";

struct judgement {
	const struct outcome *outcome;
	const struct cloche_options *options;
	char *buffer;
	size_t size;
	const char *reason;
};

const char *verdict_name(enum verdict verdict)
{
	return names[verdict];
}

bool verdict_is_failure(enum verdict verdict, const struct cloche_options *options)
{
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_SKIP:
	case VERDICT_FLAKY:
		return false;
	case VERDICT_LEAK:
		return options->leaks && !strcmp(options->leaks, "fail");
	default:
		return true;
	}
}

static enum verdict because(struct judgement *j, enum verdict verdict, const char *reason)
{
	j->reason = reason;
	return verdict;
}

#define BECAUSE(j, verdict, ...)                                                                   \
	(snprintf((j)->buffer, (j)->size, __VA_ARGS__), because(j, verdict, (j)->buffer))

/* A failure is the limit's, when it is known that the test ran into one. */
static enum verdict fail(struct judgement *j, enum verdict verdict, const char *reason)
{
	const char *limit = j->outcome->limit_hit;

	if (!limit)
		return because(j, verdict, reason);
	if (reason == j->buffer) {
		size_t used = strlen(j->buffer);

		snprintf(j->buffer + used, j->size - used, ", at the limit '%s'", limit);
		return because(j, VERDICT_LIMIT, j->buffer);
	}
	return BECAUSE(j, VERDICT_LIMIT, "%s, at the limit '%s'", reason, limit);
}

/* "2 of 5 expectations failed", into the buffer. */
static void count_failures(struct judgement *j)
{
	const struct outcome *o = j->outcome;

	if (o->done && o->checks > 1)
		snprintf(j->buffer, j->size, "%u of %llu expectations failed", o->failure_count,
			 (unsigned long long)o->checks);
	else
		snprintf(j->buffer, j->size,
			 o->failure_count == 1 ? "1 expectation failed" : "%u expectations failed",
			 o->failure_count);
}

static enum verdict judge_expected_signal(struct judgement *j)
{
	size_t used;

	if (!j->outcome->failure_count)
		return because(j, VERDICT_PASS, "died of the signal that was expected");
	count_failures(j);
	used = strlen(j->buffer);
	snprintf(j->buffer + used, j->size - used, " before the signal that was expected");
	return fail(j, VERDICT_FAIL, j->buffer);
}

static enum verdict judge_signal(struct judgement *j, int signal)
{
	const struct outcome *o = j->outcome;
	char name[TEXT_SIGNAL_ROOM];

	if (j->options->expect_signal == signal)
		return judge_expected_signal(j);
	if (signal == SIGXCPU)
		return because(j, VERDICT_LIMIT, past_cpu);
	if (signal == SIGXFSZ)
		return because(j, VERDICT_LIMIT, past_file_size);
	text_signal(signal, name);
	/* GLib's g_assert() says what did not hold as a TAP "Bail out!", and aborts. */
	if (o->tap && o->tap_bail_out && o->tap_complaint)
		snprintf(j->buffer, j->size, "killed by %s: %s", name, o->tap_complaint);
	else
		snprintf(j->buffer, j->size, "killed by %s%s", name,
			 signal == SIGKILL ? " (by itself, or by the kernel: out of memory?)" : "");
	if (j->options->expect_signal) {
		size_t used = strlen(j->buffer);

		snprintf(j->buffer + used, j->size - used, "; expected was %s",
			 text_signal(j->options->expect_signal, name));
	}
	return fail(j, VERDICT_CRASH, j->buffer);
}

static enum verdict judge_native(struct judgement *j, int status)
{
	const struct outcome *o = j->outcome;

	if (o->failure_count) {
		count_failures(j);
		return fail(j, VERDICT_FAIL, j->buffer);
	}
	if (!o->done) {
		snprintf(j->buffer, j->size, "ended in the middle, by exit(%d)%s", status,
			 status ? "" : ", or has closed descriptor 250, by which it tells its end");
		return fail(j, VERDICT_FAIL, j->buffer);
	}
	if (status)
		return BECAUSE(j, VERDICT_FAIL,
			       "exit status %d after the test had %s (a sanitizer's report?)",
			       status, o->skip ? "skipped" : "passed");
	if (o->skip)
		return because(j, VERDICT_SKIP, o->skip->text);
	return because(j, VERDICT_PASS, "");
}

static enum verdict judge_tap(struct judgement *j, int status)
{
	const struct outcome *o = j->outcome;

	if (o->tap_bail_out)
		return fail(j, VERDICT_ERROR, o->tap_complaint ? o->tap_complaint : "bailed out");
	if (o->tap_failed) {
		snprintf(j->buffer, j->size, "%u of %u tests failed", o->tap_failed, o->tap_run);
		return fail(j, VERDICT_FAIL, j->buffer);
	}
	if (o->tap_complaint && (o->tap_run || o->tap_planned || !o->tap_plan_seen))
		return fail(j, VERDICT_FAIL, o->tap_complaint);
	if (status == EXIT_HARD_ERROR)
		return because(j, VERDICT_ERROR, "exit status 99, a hard error");
	if (status && status != EXIT_SKIP) {
		snprintf(j->buffer, j->size, "exit status %d, though no test failed", status);
		return fail(j, VERDICT_FAIL, j->buffer);
	}
	if (o->tap_plan_seen && !o->tap_planned)
		return because(j, VERDICT_SKIP,
			       o->tap_complaint ? o->tap_complaint : "all skipped");
	if (o->tap_run && o->tap_skipped == o->tap_run)
		return because(j, VERDICT_SKIP, "all of its tests skipped");
	if (status == EXIT_SKIP) /* some ran, and yet it does not call that a pass */
		return because(j, VERDICT_SKIP, "exit status 77");
	return because(j, VERDICT_PASS, "");
}

/* 128 and a signal is how shells say what a command of theirs died of. */
static enum verdict judge_status(struct judgement *j, int status)
{
	snprintf(j->buffer, j->size, "exit status %d", status);
	if (status == 128 + SIGXCPU || status == 128 + SIGXFSZ) {
		size_t used = strlen(j->buffer);

		snprintf(j->buffer + used, j->size - used, ": a command of it %s",
			 status == 128 + SIGXCPU ? past_cpu : past_file_size);
		return because(j, VERDICT_LIMIT, j->buffer);
	}
	return fail(j, VERDICT_FAIL, j->buffer);
}

static enum verdict judge_foreign(struct judgement *j, int status)
{
	if (j->outcome->tap)
		return judge_tap(j, status);
	if (j->outcome->failure_count) {
		count_failures(j);
		return fail(j, VERDICT_FAIL, j->buffer);
	}
	if (!status)
		return because(j, VERDICT_PASS, "");
	if (status == EXIT_SKIP)
		return because(j, VERDICT_SKIP, "exit status 77");
	if (status == EXIT_HARD_ERROR)
		return because(j, VERDICT_ERROR, "exit status 99, a hard error");
	return judge_status(j, status);
}

static enum verdict judge_end(struct judgement *j)
{
	const struct outcome *o = j->outcome;
	int status = o->wait_status;
	enum verdict verdict;
	char name[TEXT_SIGNAL_ROOM];

	if (o->told == VERDICT_FAIL || o->told == VERDICT_ERROR)
		verdict = fail(j, o->told, o->told_reason);
	else if (o->told)
		verdict = because(j, o->told, o->told_reason);
	else if (WIFSIGNALED(status))
		verdict = judge_signal(j, WTERMSIG(status));
	else if (o->native)
		verdict = judge_native(j, WEXITSTATUS(status));
	else
		verdict = judge_foreign(j, WEXITSTATUS(status));
	/* What could not be judged is neither of the ends that were expected. */
	if (verdict == VERDICT_SKIP || verdict == VERDICT_ERROR)
		return verdict;
	if (j->options->expect_signal && !WIFSIGNALED(status))
		return BECAUSE(j, VERDICT_FAIL, "was expected to die of %s, and did not",
			       text_signal(j->options->expect_signal, name));
	if (!j->options->expect_failure)
		return verdict;
	if (verdict == VERDICT_PASS)
		return because(j, VERDICT_FAIL, "was expected to fail, and passed");
	return because(j, VERDICT_PASS, "failed, as expected");
}

static enum verdict judge_leaks(struct judgement *j, enum verdict verdict)
{
	unsigned left = j->outcome->left_processes;

	if (verdict != VERDICT_PASS || !left ||
	    (j->options->leaks && !strcmp(j->options->leaks, "ignore")))
		return verdict;
	return BECAUSE(j, VERDICT_LEAK,
		       left == 1 ? "left a process behind" : "left %u processes behind", left);
}

static enum verdict judge(struct judgement *j)
{
	const struct outcome *o = j->outcome;

	if (o->setup_failed)
		return because(j, VERDICT_ERROR, o->setup_sentence);
	for (const struct finding *f = o->findings; f; f = f->next)
		if (!finding_is_left(f))
			return because(j, VERDICT_ERROR, f->text);
	if (o->cancelled && o->cancelled_by)
		return BECAUSE(j, VERDICT_ERROR, "ended by %s", o->cancelled_by);
	if (o->cancelled)
		return because(j, VERDICT_ERROR, "interrupted");
	if (o->tampered)
		return because(
			j, VERDICT_ERROR,
			"wrote to the pipe of its own results, which is not believed any more");
	if (o->late)
		return because(j, VERDICT_ERROR,
			       "a child or a thread had something to say after its end; wait for "
			       "them");
	if (o->timed_out && o->timeout_expected)
		return because(j, VERDICT_PASS, "ran into its deadline, as expected");
	if (o->timed_out)
		return BECAUSE(j, VERDICT_TIMEOUT, "ran into its deadline of %.10g s",
			       j->options->timeout > 0 ? j->options->timeout : 60);
	if (!o->ended && o->rebooted)
		return because(j, VERDICT_ERROR, "called reboot(2), which ends its cell");
	if (!o->ended)
		return because(j, VERDICT_ERROR,
			       "its cell ended without saying how; was it killed "
			       "from outside, or out of memory?");
	return judge_leaks(j, judge_end(j));
}

enum verdict verdict_of(const struct outcome *outcome, const struct cloche_options *options,
			char *buffer, size_t size, const char **ret_reason)
{
	struct judgement j = {outcome, options, buffer, size, ""};
	enum verdict verdict = judge(&j);

	*ret_reason = j.reason;
	return verdict;
}
