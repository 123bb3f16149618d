/* SPDX-License-Identifier: MIT */
/*
 * cloche run
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "body.h"
#include "case.h"
#include "flags.h"
#include "world.h"

#define REPORTER(name) extern const struct reporter reporter_##name;
#include "report-table.h"
#undef REPORTER

static const struct reporter *const known[] = {
#define REPORTER(name) &reporter_##name,
#include "report-table.h"
#undef REPORTER
	NULL,
};

static const struct reporter *find_reporter(const char *name, size_t size)
{
	for (const struct reporter *const *r = known; *r; r++)
		if (strlen((*r)->name) == size && !strncmp((*r)->name, name, size))
			return *r;
	return NULL;
}

static bool wants_color(const struct flags *flags, int fd)
{
	const char *forced = getenv("CLICOLOR_FORCE"), *none = getenv("NO_COLOR");

	if (strcmp(flags->color, "auto"))
		return !strcmp(flags->color, "always");
	if (none && *none)
		return false;
	return (forced && *forced && strcmp(forced, "0")) || isatty(fd);
}

static int add_reporter(struct keeper *keeper, const struct flags *flags, const char *text,
			const struct run_info *info)
{
	size_t size = strcspn(text, "=");
	const char *file = text[size] ? text + size + 1 : NULL;
	const struct reporter *reporter = find_reporter(text, size);
	struct running_reporter *to = &keeper->reporters[keeper->reporter_count];
	struct report_options options = {.verbose = flags->verbose,
					 .show_passed_output = !strcmp(flags->output, "all"),
					 .show_no_output = !strcmp(flags->output, "none")};

	if (!reporter)
		return complain(EXIT_SETUP,
				"there is no report '%.*s'; the reports are terminal, tap and "
				"jsonl",
				(int)size, text);
	if (keeper->reporter_count == REPORTS_MAX)
		return complain(EXIT_SETUP, "more than %d reports; give fewer", REPORTS_MAX);
	options.fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
			  : fcntl(1, F_DUPFD_CLOEXEC, 3);
	if (options.fd < 0)
		return complain(EXIT_SETUP, "cannot write the report '%s': %s; choose another file",
				file ? file : text, strerror(errno));
	options.color = wants_color(flags, options.fd);
	options.live = isatty(options.fd);
	*to = (struct running_reporter){.reporter = reporter, .file = file};
	to->error = reporter->start(&to->state, &options, info);
	keeper->reporter_count++;
	return 0;
}

static int add_reporters(struct keeper *keeper, const struct flags *flags,
			 const struct run_info *info)
{
	int result = 0;

	if (!flags->reports.count)
		return add_reporter(keeper, flags, "terminal", info);
	for (size_t i = 0; i < flags->reports.count && !result; i++)
		result = add_reporter(keeper, flags, flags->reports.items[i], info);
	return result;
}

static int end_reports(struct keeper *keeper)
{
	int result = 0;

	for (size_t i = 0; i < keeper->reporter_count; i++) {
		struct running_reporter *to = &keeper->reporters[i];
		int error = to->reporter->end ? to->reporter->end(to->state, &keeper->totals) : 0;

		error = to->error ? to->error : error;
		if (error)
			result = complain(EXIT_REPORT, "the report %s%s%s is not complete: %s",
					  to->reporter->name, to->file ? "=" : "",
					  to->file ? to->file : "", strerror(-error));
	}
	return result;
}

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
	struct run_info info = {.version = CLOCHE_VERSION, .isolated = !flags->over.no_isolation};
	const char *why;
	int result;

	keeper.session = session;
	keeper.suites = &suites;
	keeper.output_limit = flags->output_limit;
	keeper.artifacts = flags->artifacts;
	if (!self_suite && !flags->rest_count)
		return complain(EXIT_SETUP, "name the suites to run: a program, or a directory");
	if (world_check(&flags->over, &why) < 0)
		return complain(EXIT_SETUP, "%s", why);
	if (self_suite && flags->over.no_isolation && flags->exacts.count == 1 &&
	    flags->repeat == 1)
		run_here(flags);
	if (flags->shuffle && !flags->seed_given &&
	    getrandom(&flags->seed, sizeof(flags->seed), 0) == sizeof(flags->seed))
		flags->seed &= UINT32_MAX;
	result = select_suites(&suites, flags, session, self_suite, &keeper.foreign);
	if (!result)
		result = select_jobs(&suites, flags, &keeper.jobs, &keeper.job_count);
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
	result = add_reporters(&keeper, flags, &info);
	if (result)
		return result;
	for (size_t i = 0; i < suites.count; i++)
		if (suites.list[i]->zygote && suites.list[i]->zygote->coverage)
			coverage_begin(session);
	result = keeper_run(&keeper);
	coverage_end(session, &keeper);
	if (result < 0)
		return complain(EXIT_SETUP, "cannot run: %s", strerror(-result));
	return exit_code(&keeper, end_reports(&keeper));
}
