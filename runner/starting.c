/* SPDX-License-Identifier: MIT */
/*
 * starting: cases get their slots and start, until the run is to end
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "keeper.h"
#include "retry.h"

void keeper_case_done(struct suite *suite)
{
	if (--suite->left == 0)
		suite_stop(suite);
}

/* Of the suite's two zygotes, the one for this case; or NULL, which has been told. */
static struct zygote *choose_zygote(struct keeper *keeper, const struct job *job)
{
	struct suite *suite = keeper->suites->list[job->suite];
	char why[PATH_MAX + 512];

	if (!plan_is_bare(&suite->cases[job->index], keeper->session))
		return suite->zygote;
	if (!suite->bare && suite_start_bare(suite, keeper->session, why, sizeof(why)) < 0) {
		keeper_message(keeper, "%s", why);
		return NULL;
	}
	return suite->bare;
}

/* A case that cannot be started at all ends the run. */
static void give_back(struct keeper *keeper, const struct schedule_ticket *ticket)
{
	keeper->cancelled = true;
	schedule_ended(keeper->schedule, ticket);
	if (ticket->again)
		retry_give_up(keeper, ticket->again);
	else
		keeper->given_back++;
}

static void start_one(struct keeper *keeper, const struct schedule_ticket *ticket, unsigned slot)
{
	struct zygote *zygote = choose_zygote(keeper, &keeper->jobs[ticket->item]);
	struct failed_step failed = {"zygote", "make a cell", EPIPE};
	struct running *running;
	int result = 0, started = -EPIPE;

	if (zygote && !zygote->staged && !zygote->dead)
		result = keeper_stage(keeper, zygote, &failed);
	if (zygote)
		started = running_start(keeper, ticket, slot, zygote, &running);
	if (started < 0) {
		keeper_message(keeper, "cannot start a case: %s%s", strerror(-started),
			       started == -EMFILE || started == -ENFILE
				       ? "; give fewer -j, or allow more open files ('ulimit -n')"
			       : started == -ENOMEM ? "; give fewer -j"
						    : "");
		give_back(keeper, ticket);
		return;
	}
	keeper->running[slot] = running;
	keeper->running_count++;
	if (result < 0 || zygote->dead)
		running_fail_setup(running, zygote->failed.error ? &zygote->failed : &failed);
}

/* Those that run are asked to end, but for the ones that have just ended. */
static void end_running(struct keeper *keeper)
{
	for (unsigned slot = 0; slot < keeper->slots; slot++) {
		struct running *running = keeper->running[slot];

		if (!running || running->over)
			continue;
		running->outcome.cancelled = true;
		running->outcome.cancelled_by = keeper->stopped_by;
		running_ask_to_end(running);
	}
}

void keeper_failed(struct keeper *keeper)
{
	unsigned most = keeper->until_fail ? 1 : keeper->max_fail;
	uint64_t left = schedule_left(keeper->schedule);
	unsigned running = keeper->running_count - 1; /* it is still counted */

	if (keeper->cancelled || !most || keeper->totals.failed < most)
		return;
	keeper->cancelled = true;
	if (keeper->until_fail)
		snprintf(keeper->stopped_by, sizeof(keeper->stopped_by), "--until-fail");
	else
		snprintf(keeper->stopped_by, sizeof(keeper->stopped_by), "--max-fail=%u%s", most,
			 keeper->max_fail_immediate ? ":immediate" : "");
	if (left || running)
		keeper_message(keeper, "%u case%s failed, and %s ends the run%s",
			       keeper->totals.failed, keeper->totals.failed == 1 ? "" : "s",
			       keeper->stopped_by,
			       !running                     ? ""
			       : keeper->max_fail_immediate ? "; asking those that run to end"
							    : "; those that run come to their end");
	if (keeper->max_fail_immediate)
		end_running(keeper);
}

/* --for: after its time, only what belongs to repetitions that have begun. */
static void look_at_the_clock(struct keeper *keeper)
{
	if (keeper->run_for <= 0 || keeper_now() - keeper->started < keeper->run_for)
		return;
	schedule_stop(keeper->schedule);
	keeper->run_for = 0;
}

void keeper_start_cases(struct keeper *keeper)
{
	struct schedule_ticket ticket;
	struct retry *retry;
	unsigned slot = 0;

	look_at_the_clock(keeper);
	while (!keeper->cancelled && schedule_next(keeper->schedule, keeper_now(), &ticket)) {
		while (keeper->running[slot])
			slot++;
		start_one(keeper, &ticket, slot);
	}
	while (keeper->cancelled && (retry = schedule_take_back(keeper->schedule)))
		retry_give_up(keeper, retry);
}

bool keeper_has_work(const struct keeper *keeper)
{
	return keeper->running_count || !isinf(schedule_due(keeper->schedule));
}
