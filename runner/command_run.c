/* SPDX-License-Identifier: MIT */
/*
 * cloche run
 */
#define _GNU_SOURCE
#include <errno.h>
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
#include "world.h"

static int exit_code(const struct keeper *keeper, int reports)
{
	if (keeper->interrupts)
		return EXIT_INTERRUPTED;
	if (keeper->totals.failed && keeper->totals.failed == keeper->isolation_failures)
		return EXIT_ISOLATION;
	if (keeper->totals.failed)
		return EXIT_CASE_FAILED;
	return keeper->cancelled ? EXIT_SETUP : reports;
}

/* One case in this very process, for a debugger: a suite's own program with --no-isolation --exact.
 */
static void run_here(const struct flags *flags)
{
	for (size_t i = 0; i < case_count(); i++)
		if (!strcmp(case_at(i)->name, flags->exacts.items[0])) {
			body_run(i, -1);
			body_end();
		}
}

static unsigned default_jobs(void)
{
	int processors = get_nprocs();

	return processors > 0 ? 2 * processors : 2;
}

int command_run(struct flags *flags, struct session *session, const char *self_suite)
{
	static struct suites suites; /* what lives as long as the run is static */
	static struct keeper keeper;
	struct run_info info = {.version = CLOCHE_VERSION, .isolated = !session->over.no_isolation};
	const char *why;
	int result;

	keeper.session = session;
	keeper.suites = &suites;
	keeper.output_limit = flags->output_limit;
	keeper.artifacts = flags->artifacts;
	keeper.dumps = strcmp(flags->dump, "no") != 0;
	keeper.flaky_fails = !strcmp(flags->flaky, "fail");
	if (!self_suite && !flags->rest_count)
		return complain(EXIT_SETUP, "name the suites to run: a program, or a directory");
	if (world_check(&flags->over, &why) < 0)
		return complain(EXIT_SETUP, "%s", why);
	if (self_suite && session->over.no_isolation && flags->exacts.count == 1 &&
	    flags->repeat == 1)
		run_here(flags);
	if (flags->shuffle && !flags->seed_given &&
	    getrandom(&flags->seed, sizeof(flags->seed), 0) == sizeof(flags->seed))
		flags->seed &= UINT32_MAX;
	result = select_suites(&suites, flags, session, self_suite, &keeper.foreign);
	if (!result)
		result = select_jobs(&suites, flags, &keeper.jobs, &keeper.job_count);
	if (!result && session->config)
		result = setups_run(session->config, &suites, keeper.jobs, keeper.job_count);
	if (result)
		return result;
	keeper.slots = flags->jobs ? flags->jobs : default_jobs();
	if (keeper.slots > keeper.job_count)
		keeper.slots = keeper.job_count;
	info.suites = suites.count;
	info.cases = keeper.job_count;
	info.jobs = keeper.slots;
	info.shuffled = flags->shuffle;
	info.seed = flags->seed;
	clock_gettime(CLOCK_REALTIME, &info.started);
	if (flags->debugger || flags->tracer)
		result = debug_prepare(&keeper, flags, session);
	if (result)
		return result;
	result = reports_start(&keeper, flags, &info);
	if (result)
		return result;
	for (size_t i = 0; i < suites.count; i++)
		if (suites.list[i]->zygote && suites.list[i]->zygote->coverage)
			coverage_begin(session);
	result = keeper_run(&keeper);
	coverage_end(session, &keeper);
	if (session->config)
		setups_end(session->config);
	if (result < 0)
		return complain(EXIT_SETUP, "cannot run: %s", strerror(-result));
	return exit_code(&keeper, reports_end(&keeper));
}
