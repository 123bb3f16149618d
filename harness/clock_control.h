/* SPDX-License-Identifier: MIT */
/*
 * clock_control.h: how a test, and `cloche clock`, speak to the supervisor of their cell's clocks
 *
 * By clock_settime(2) of a clock that no kernel has, with one of these in place of the time: under
 * the filter of a cell with clocks of its own it reaches the supervisor, elsewhere the kernel
 * says EINVAL.
 */
#ifndef CLOCHE_CLOCK_CONTROL_H
#define CLOCHE_CLOCK_CONTROL_H

#include <stdint.h>

#define CLOCK_CONTROL         0x436c6f63
#define CLOCK_CONTROL_VERSION 1

/* The rate of real time, and the highest speed. */
#define CLOCK_CONTROL_RATE      4294967296.0
#define CLOCK_CONTROL_SPEED_MAX 1000000

enum clock_control_operation {
	CLOCK_CONTROL_SHOW,    /* only what comes back */
	CLOCK_CONTROL_SET,     /* the wall clock is `time` */
	CLOCK_CONTROL_STEP,    /* the wall clock moves by `time` */
	CLOCK_CONTROL_TAI,     /* CLOCK_TAI less the wall clock is time.seconds */
	CLOCK_CONTROL_SPEED,   /* the wall clock goes at `rate`, 2^32 being real time */
	CLOCK_CONTROL_SUSPEND, /* boot time and wall clock move by `time` */
	CLOCK_CONTROL_ADVANCE, /* all clocks move by `time`, and waits that are due end */
};

struct clock_control_time {
	int64_t seconds;
	int64_t nanoseconds; /* 0 to 999999999, also of a negative time */
};

struct clock_control {
	uint32_t version;
	uint32_t operation;
	struct clock_control_time time;
	struct clock_control_time step; /* of ADVANCE: at once; 0: all */
	uint64_t rate;
	/* What comes back, also with an error. */
	uint64_t answered;                                         /* not 0 */
	struct clock_control_time wall, monotonic, boottime, real; /* now; real: the machine's */
	int64_t tai;
	uint64_t speed;
	uint32_t jumps;
	uint32_t unused;
};

#endif
