/* SPDX-License-Identifier: MIT */
/*
 * report.h: what reporters share: text is gathered in memory and written in one go
 */
#ifndef CLOCHE_REPORT_H
#define CLOCHE_REPORT_H

#include <stdio.h>

#include "event.h"

/*
 * Text on its way out. page_begin() gives a stream to print to; page_end() writes what was printed,
 * when `now` or when it has become much.
 */
struct page {
	int fd;
	FILE *out;
	char *text;
	size_t size;
};

int page_open(struct page *page, int fd);
int page_flush(struct page *page, bool now); /* 0 or -errno */
int page_close(struct page *page);           /* flushes, closes fd; 0 or -errno */

#endif
