/* SPDX-License-Identifier: MIT */
/*
 * tap.h: reading TAP 13 and 14 from what a foreign program prints
 *
 * Whether a program speaks TAP is known at its end: it does when it printed a version line, or a
 * plan and no less than one test line or a plan of 0. A stray "ok" in other output is not TAP.
 * Subtests, YAML blocks and everything else that is indented is passed over.
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
	char complaint[160];
};

void tap_feed(struct tap *tap, const void *bytes, size_t size);

/* Fill the tap_* fields. tap_complaint points into `tap`. */
void tap_finish(struct tap *tap, struct outcome *outcome);

#endif
