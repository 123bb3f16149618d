/* SPDX-License-Identifier: MIT */
#ifndef CLOCHE_CLOCK_H
#define CLOCHE_CLOCK_H

#include <time.h>

/* The time on a clock, clock_gettime(2), in seconds. */
static inline double clock_seconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

#endif
