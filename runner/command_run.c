/* SPDX-License-Identifier: MIT */
/*
 * cloche run
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "body.h"
#include "case.h"
#include "config.h"
#include "flags.h"
#include "kept.h"
#include "suite/locks.h"
#include "world.h"

static bool all_skipped(const struct keeper *keeper)
{
	unsigned others = keeper->totals.not_run;

	for (int verdict = 0; verdict < VERDICTS; verdict++)
		others += verdict != VERDICT_SKIP ? keeper->totals.count[verdict] : 0;
	return !others && keeper->totals.count[VERDICT_SKIP];
}

static int exit_code(const struct keeper *keeper, const struct flags *flags, int reports)
{
	if (keeper->interrupts)
		return EXIT_INTERRUPTED;
	if (keeper->totals.failed && keeper->totals.failed == keeper->isolation_failures)
		return EXIT_ISOLATION;
	if (keeper->totals.failed)
		return EXIT_CASE_FAILED;
	if (keeper->cancelled)
		return EXIT_SETUP;
	return !reports && all_skipped(keeper) ? (int)flags->skip_status : reports;
}

/* One case in this very process, for a debugger: a suite's own program with --no-isolation --exact.
 */
static void run_here(const struct flags *flags)
{
	for (size_t i = 0; i < case_count(); i++)
		if (!strcmp(case_at(i)->name, flags->exacts.items[0])) {
			signal(SIGPIPE, SIG_DFL); /* as in a cell */
			signal(SIGXFSZ, SIG_DFL);
			body_run(i, -1);
			body_end();
		}
}

static unsigned default_jobs(void)
{
	int processors = get_nprocs();

	return processors > 0 ? 2 * processors : 2;
}

/* Nobody asked for a journal: without it the run is as good. */
static struct journal *begin_journal(const struct flags *flags, struct run_info *info)
{
	struct journal *journal;
	char why[1024];

	if (flags->no_journal)
		return NULL;
	journal = journal_begin(info, why, sizeof(why));
	if (!journal)
		complain(0, "%s", why);
	return journal;
}

static void end_journal(struct running_reporter *to, const struct run_totals *totals)
{
	int error = to->reporter->end(to->state, totals);

	error = to->error ? to->error : error;
	if (error)
		complain(0,
			 "the journal of this run is not complete: %s; make room there, set "
			 "CLOCHE_STATE_DIR, or say --no-journal",
			 strerror(-error));
}

/* `id`: of the journal, which is the last of the reporters, or NULL. */
static int end_reports(struct keeper *keeper, const struct flags *flags, const char *id)
{
	struct running_reporter *journal = NULL;
	int result;

	if (id)
		journal = &keeper->reporters[--keeper->reporter_count];
	result = reports_end(keeper, journal && !journal->error ? id : NULL);
	if (journal) {
		end_journal(journal, &keeper->totals);
		journal_prune(&flags->keep);
	}
	kept_prune();
	return result;
}

static void take_flags(struct keeper *keeper, const struct flags *flags)
{
	keeper->slots = flags->jobs ? flags->jobs : default_jobs();
	keeper->output_limit = flags->output_limit;
	keeper->artifacts = flags->artifacts;
	keeper->keep_writes = flags->keep_writes;
	keeper->dumps = strcmp(flags->dump, "no") != 0;
	keeper->flaky_fails = !strcmp(flags->flaky, "fail");
	keeper->max_fail = flags->max_fail;
	keeper->max_fail_immediate = flags->max_fail_immediate;
	keeper->until_fail = flags->until_fail;
	keeper->run_for = flags->run_for;
	keeper->timeout_multiplier = flags->timeout_multiplier;
}

/* Its order, and what there is to tell of that. */
static int make_schedule(struct keeper *keeper, const struct flags *flags, struct run_info *info)
{
	if (flags->repeat && keeper->job_count > UINT32_MAX / flags->repeat)
		return complain(EXIT_SETUP,
				"--repeat=%u of %zu cases are more than the 4294967295 of one run; "
				"lower it, or say --for",
				flags->repeat, keeper->job_count);
	if (plan_schedule(keeper, flags) < 0)
		return complain(EXIT_SETUP, "not enough memory for %zu cases; choose fewer",
				keeper->job_count);
	info->chosen = keeper->job_count;
	info->open_ended = flags->run_for > 0 || !flags_repetitions(flags);
	info->cases = info->open_ended ? 0 : keeper->job_count * flags_repetitions(flags);
	info->jobs = !info->open_ended && info->cases < keeper->slots ? info->cases : keeper->slots;
	info->shuffled = flags->shuffle;
	info->seed = flags->seed;
	return 0;
}

int command_run(struct flags *flags, struct session *session, const char *self_suite)
{
	static struct suites suites; /* what lives as long as the run is static */
	static struct keeper keeper;
	struct run_info info = {.version = CLOCHE_VERSION,
				.isolated = !session->over.no_isolation,
				.command = (const char *const *)flags->words};
	struct journal *journal;
	const char *why;
	int result;

	keeper.session = session;
	keeper.suites = &suites;
	take_flags(&keeper, flags);
	if (!self_suite && !flags->rest_count)
		return complain(EXIT_SETUP, "name the suites to run: a program, or a directory");
	if (flags->skip_status > 255)
		return complain(EXIT_SETUP, "--skip-status is a number from 1 to 255, not %u",
				flags->skip_status);
	if (world_check(&flags->over, &why) < 0)
		return complain(EXIT_SETUP, "%s", why);
	result = select_environment(flags);
	if (result)
		return result;
	if (self_suite && session->over.no_isolation && flags->exacts.count == 1 &&
	    flags_repetitions(flags) == 1)
		run_here(flags);
	if (flags->shuffle && !flags->seed_given &&
	    getrandom(&flags->seed, sizeof(flags->seed), 0) == sizeof(flags->seed))
		flags->seed &= UINT32_MAX;
	result = select_suites(&suites, flags, session, self_suite, &keeper.foreign);
	if (!result)
		result = select_jobs(&suites, flags, &keeper.jobs, &keeper.job_count);
	if (!result)
		result = make_schedule(&keeper, flags, &info);
	if (!result)
		locks_tell(&suites, keeper.jobs, keeper.job_count, flags);
	if (session->config)
		session->config->timeout_multiplier = flags->timeout_multiplier;
	if (result)
		return result;
	info.suites = suites.count;
	info.shard = shard_text(&flags->shard);
	if (flags->debugger || flags->tracer)
		result = debug_prepare(&keeper, flags, session);
	else if (flags->keep_cells)
		result = keep_prepare(&keeper, flags);
	if (!result)
		result = setups_run(session->config, &suites, keeper.jobs, keeper.job_count);
	if (result)
		return result;
	clock_gettime(CLOCK_REALTIME, &info.started);
	journal = begin_journal(flags, &info);
	result = reports_start(&keeper, flags, &info);
	if (result) {
		journal_discard(journal);
		setups_end(session->config);
		return result;
	}
	if (journal)
		keeper.reporters[keeper.reporter_count++] =
			(struct running_reporter){.reporter = &journal_reporter, .state = journal};
	if (coverage_is_wanted(&suites, flags->coverage))
		coverage_begin(session);
	result = keeper_run(&keeper);
	coverage_end(session, &keeper);
	setups_end(session->config);
	if (result < 0)
		return complain(EXIT_SETUP, "cannot run: %s", strerror(-result));
	return exit_code(&keeper, flags, end_reports(&keeper, flags, info.id));
}
