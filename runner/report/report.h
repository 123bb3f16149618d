/* SPDX-License-Identifier: MIT */
/*
 * report.h: what reporters share: text is gathered in memory and written in one go
 */
#ifndef CLOCHE_REPORT_H
#define CLOCHE_REPORT_H

#include <stdio.h>

#include "event.h"

/*
 * Text on its way out: print to `out`, then page_flush() writes what was printed, in one go and for
 * every event: a reader sees which case it is that hangs, and has all that was before when the run
 * is killed. (It costs a microsecond.) What could not be written is dropped: a report with a gap is
 * told by its error, and one that grew for ever would take the run with it.
 */
struct page {
	int fd;
	FILE *out;
	char *text; /* open_memstream(3)'s, after fflush(3) */
	size_t size;
};

int page_open(struct page *page, int fd);
int page_flush(struct page *page); /* 0 or -errno */
int page_close(struct page *page); /* flushes, closes fd; 0 or -errno */

/* Below it: all of the text, and the end. 0 or -errno. */
int report_write(int fd, const char *text, size_t size);
int report_close(int fd);

#endif
