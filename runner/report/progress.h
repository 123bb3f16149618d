/* SPDX-License-Identifier: MIT */
/*
 * progress.h: what a run is doing, drawn on the last lines of a terminal and over again
 *
 * One line of counts with a bar, and below it the cases that have been running for a second or
 * more, the oldest first, and how many wait to be tried again. Whatever is printed above comes
 * after progress_erase().
 */
#ifndef CLOCHE_PROGRESS_H
#define CLOCHE_PROGRESS_H

#include <stdio.h>

#include "event.h"

#define PROGRESS_LINES 9 /* at most, with the one of counts */

struct progress {
	struct running_line {
		const struct case_info *info;
		double since; /* CLOCK_MONOTONIC */
	} * cases;            /* oldest first; allocated */
	size_t count, room;
	int fd;
	bool color;
	double started, drawn;
	unsigned lines, widths[PROGRESS_LINES]; /* of what is on the screen, in columns */
};

struct progress_counts {
	unsigned ended, cases, failed, skipped;
	unsigned waiting; /* for their next attempt */
};

void progress_begin(struct progress *progress, int fd, bool color);
int progress_started(struct progress *progress, const struct case_info *info); /* 0 or -ENOMEM */
void progress_ended(struct progress *progress, const struct case_info *info);

/* True when it is time to draw again: what changes faster than that cannot be read. */
bool progress_is_due(const struct progress *progress);
void progress_draw(struct progress *progress, FILE *out, const struct progress_counts *counts);
void progress_erase(struct progress *progress, FILE *out);

void progress_end(struct progress *progress);

#endif
