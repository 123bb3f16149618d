/* SPDX-License-Identifier: MIT */
/*
 * tap.h: reading TAP 13 and 14 from what a foreign program prints
 *
 * Whether a program speaks TAP is known at its end: it does when it printed a version line; or a
 * plan, and test lines or that there are none (1..0); or, with one of these, "Bail out!". A stray
 * "ok" in other output is not TAP. What does not begin in the first column is passed over:
 * subtests, YAML blocks.
 */
#ifndef CLOCHE_TAP_H
#define CLOCHE_TAP_H

#include "event.h"

#define TAP_LINE 512 /* what is kept of a line; nothing that counts stands further right */

/* Zero-initialise. */
struct tap {
	char line[TAP_LINE];
	size_t filled;
	bool version, plan_seen, bail_out, skip_all;
	unsigned planned, run, failed, skipped, last;
	char skip_reason[160]; /* of the plan 1..0 */
	char complaint[160];   /* the first; the reason of a "Bail out!" */
};

void tap_feed(struct tap *tap, const void *bytes, size_t size);

/*
 * Fill the tap_* fields. tap_complaint points into `tap`; when everything was skipped, and that is
 * all, it is the reason for that.
 */
void tap_finish(struct tap *tap, struct outcome *outcome);

#endif
