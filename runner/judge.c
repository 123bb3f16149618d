/* SPDX-License-Identifier: MIT */
/*
 * judge: what becomes of a case whose cell has ended: another attempt, or its result
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "hint.h"
#include "keeper.h"
#include "retry.h"

static void conclude(struct keeper *keeper, struct suite *suite, const struct result *result)
{
	keeper->totals.count[result->verdict]++;
	keeper->totals.failed += result->failure;
	keeper->isolation_failures += result->failure && result->outcome->isolation_missing;
	KEEPER_TELL(keeper, case_ended, result);
	if (result->failure)
		keeper_failed(keeper);
	keeper_case_done(suite);
	if (keeper->passthrough)
		exec_ended(keeper, result);
}

static unsigned allowed(const struct running *running)
{
	if (running->keeper->passthrough) /* whoever sits there has seen it */
		return 0;
	return running->options.retries > 0 ? (unsigned)running->options.retries : 0;
}

bool judge_is_last(const struct running *running, const struct result *result)
{
	return running->info.attempt > allowed(running) || running->keeper->cancelled ||
	       !retry_helps(result);
}

/* From 0 to 1; without luck 1, the whole delay. */
static double draw_chance(void)
{
	uint32_t drawn;

	if (getrandom(&drawn, sizeof(drawn), GRND_NONBLOCK) != sizeof(drawn))
		return 1;
	return (double)drawn / UINT32_MAX;
}

/* The attempt before this one, of those that are kept: making room for this one may drop another.
 */
static const struct result *earlier_than(const struct retry *retry, bool this_one_is_kept)
{
	const struct attempt *latest = retry ? retry->latest : NULL;

	if (latest && this_one_is_kept)
		latest = latest->earlier;
	return latest ? &latest->result : NULL;
}

static bool try_again(struct running *running, struct result *result)
{
	struct keeper *keeper = running->keeper;
	struct retry *retry;
	double delay;

	if (judge_is_last(running, result))
		return false;
	retry = retry_note(running, result, &keeper->retry_bytes);
	result->earlier = earlier_than(running->retry, retry != NULL);
	if (!retry)
		return false;
	delay = retry_delay(&running->options, retry->attempts, draw_chance());
	if (schedule_again(keeper->schedule, &running->ticket, keeper_now() + delay, retry) < 0)
		return false;
	KEEPER_TELL(keeper, case_retried, result, delay);
	return true;
}

/* It failed before and does not now: that is told, however it ended. */
static void become_flaky(const struct running *running, struct result *result, char *reason,
			 size_t size)
{
	static const char *const words[VERDICTS] = {
		[VERDICT_SKIP] = "skipped", [VERDICT_LEAK] = "passed, and left a process behind,"};
	const char *word = words[result->verdict];

	snprintf(reason, size, "%s on attempt %u of %u", word ? word : "passed",
		 running->info.attempt, allowed(running) + 1);
	result->verdict = VERDICT_FLAKY;
	result->failure = running->keeper->flaky_fails;
	result->reason = reason;
}

/* "exit status 1; --tty gives the case a terminal": what its cell lacks, where it printed so. */
static void add_hint(const struct running *running, struct result *result, char *text, size_t size)
{
	const struct captured *out = &running->outcome.out;
	const char *hint = NULL;

	if (result->verdict != VERDICT_FAIL || running->outcome.native)
		return;
	if (out->head_size)
		hint = hint_find(&running->options, out->head, out->head_size);
	if (!hint && out->tail_size)
		hint = hint_find(&running->options, out->tail, out->tail_size);
	if (!hint)
		return;
	snprintf(text, size, "%s; %s", result->reason, hint);
	result->reason = text;
}

void running_judge(struct running *running)
{
	char reason[1024], hinted[1536];
	struct result result = {.info = &running->info,
				.outcome = &running->outcome,
				.reason = "",
				.slow = running->slow,
				.earlier = earlier_than(running->retry, false)};

	schedule_ended(running->keeper->schedule, &running->ticket);
	result.verdict = verdict_of(&running->outcome, &running->options, reason, sizeof(reason),
				    &result.reason);
	add_hint(running, &result, hinted, sizeof(hinted));
	result.failure = verdict_is_failure(result.verdict, &running->options);
	if (try_again(running, &result))
		return;
	if (running->retry && !result.failure)
		become_flaky(running, &result, reason, sizeof(reason));
	conclude(running->keeper, running->suite, &result);
	retry_free(running->retry, &running->keeper->retry_bytes);
}

void retry_give_up(struct keeper *keeper, struct retry *retry)
{
	struct result *result = &retry->latest->result;

	result->given_up = true;
	conclude(keeper, keeper->suites->list[retry->job.suite], result);
	retry_free(retry, &keeper->retry_bytes);
}
