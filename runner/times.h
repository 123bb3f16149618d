/* SPDX-License-Identifier: MIT */
/*
 * times.h: how long cases took, out of a report
 */
#ifndef CLOCHE_TIMES_H
#define CLOCHE_TIMES_H

#include <stddef.h>

struct times;

/*
 * Read what `--report jsonl=FILE` wrote; lines that are no events, as the last one of a run that
 * was killed, are passed over. Returns it, or NULL with a sentence in `why`.
 */
struct times *times_read(const char *file, char *why, size_t size);

/* In seconds; of a case that was run several times the longest. Below 0: not known. */
double times_find(const struct times *times, const char *suite, const char *name);

void times_free(struct times *times);

#endif
