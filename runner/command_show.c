/* SPDX-License-Identifier: MIT */
/*
 * cloche show, and cloche replay: a run that was, told again
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "flags.h"
#include "keeper.h"

static int tell(const struct flags *flags, bool brief)
{
	static struct keeper keeper;
	struct journal_summary summary;
	int result, failed;

	if (flags->rest_count > 1)
		return complain(EXIT_SETUP, "one run at a time, not also '%s'", flags->rest[1]);
	result = remembered_run(flags->rest_count ? flags->rest[0] : "last", &summary);

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
	result = reports_end(&keeper, failed < 0 ? NULL : summary.id);
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
