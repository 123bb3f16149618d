/* SPDX-License-Identifier: MIT */
/*
 * cloche show, and cloche replay: a run that was, told again
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "flags.h"
#include "keeper.h"

/* The run that the command line names. Returns 0, or the exit code, having said why. */
static int open_run(const struct flags *flags, struct journal_summary *summary)
{
	char id[JOURNAL_ID_MAX], why[1024];
	int result;

	if (flags->rest_count > 1)
		return complain(EXIT_SETUP, "one run at a time, not also '%s'", flags->rest[1]);
	if (journal_find(flags->rest_count ? flags->rest[0] : "last", id, why, sizeof(why)) < 0)
		return complain(EXIT_SETUP, "%s", why);
	result = journal_summary(id, summary);
	if (result < 0)
		return complain(EXIT_SETUP, "cannot read the journal %s: %s", id,
				strerror(-result));
	if (summary->state == JOURNAL_DAMAGED)
		return complain(EXIT_SETUP,
				"the journal %s is damaged at its beginning: nothing can be told "
				"of this run",
				id);
	return 0;
}

static int tell(const struct flags *flags, bool brief)
{
	static struct keeper keeper;
	struct journal_summary summary;
	int result = open_run(flags, &summary), failed;

	if (result)
		return result;
	result = reports_start(&keeper, flags, &summary.info);
	if (result)
		return result;
	/* Files that a run names are seen from where it was started. */
	if (chdir(summary.directory))
		keeper_message(&keeper,
			       "the directory '%s' of this run is not there: names of files are "
			       "as seen from it",
			       summary.directory);
	failed = journal_replay(&summary, &keeper, brief);
	if (failed < 0)
		complain(0, "cannot read the journal %s: %s", summary.id, strerror(-failed));
	result = reports_end(&keeper);
	journal_summary_free(&summary);
	return failed < 0 ? EXIT_SETUP : result;
}

int command_show(struct flags *flags, struct session *session)
{
	(void)session;
	return tell(flags, !flags->verbose && !strcmp(flags->success_output, "never"));
}

int command_replay(struct flags *flags, struct session *session)
{
	(void)session;
	return tell(flags, false);
}
