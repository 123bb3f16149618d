/* SPDX-License-Identifier: MIT */
/*
 * A run of the past, as the command line names it.
 */
#include <string.h>

#include "flags.h"

static int complain_unreadable(const char *id, int error)
{
	return complain(EXIT_SETUP, "cannot read the journal %s: %s", id, strerror(-error));
}

int remembered_run(const char *name, struct journal_summary *ret_summary)
{
	char id[JOURNAL_ID_MAX], why[1024];
	int result;

	if (journal_find(name, id, why, sizeof(why)) < 0)
		return complain(EXIT_SETUP, "%s", why);
	result = journal_summary(id, ret_summary);
	if (result < 0)
		return complain_unreadable(id, result);
	if (ret_summary->state != JOURNAL_DAMAGED)
		return 0;
	journal_summary_free(ret_summary);
	return complain(EXIT_SETUP,
			"the journal %s is damaged at its beginning: nothing can be told of this "
			"run",
			id);
}

int remembered_cases(const char *name, struct journal_summary *ret_summary,
		     struct journal_cases *ret_cases)
{
	int result = remembered_run(name, ret_summary);

	if (result)
		return result;
	result = journal_cases(ret_summary->id, ret_cases);
	if (result < 0) {
		complain_unreadable(ret_summary->id, result);
		journal_summary_free(ret_summary);
		return EXIT_SETUP;
	}
	if (ret_cases->damaged)
		complain(0, "%u lines of the journal %s cannot be read, and are left out",
			 ret_cases->damaged, ret_summary->id);
	return 0;
}
