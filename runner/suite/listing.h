/* SPDX-License-Identifier: MIT */
/*
 * listing.h: the cases of foreign suites, each asked for in a cell, all at once
 */
#ifndef CLOCHE_LISTING_H
#define CLOCHE_LISTING_H

#include "flags.h"

/* Seconds that a suite has to list its cases, times --timeout-multiplier. */
#define LISTING_SECONDS 60.0

/*
 * List the cases of all foreign suites that `wanted` says yes to. Returns 0, or an exit code with
 * why on stderr.
 */
int listing_run(struct suites *suites, const bool *wanted, const struct flags *flags,
		const struct session *session);

/* What is meant for cases does not hold for the commands that list them. */
void listing_options(struct cloche_options *options);

#endif
