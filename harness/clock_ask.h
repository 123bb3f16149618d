/* SPDX-License-Identifier: MIT */
/*
 * clock_ask.h: the asking end of clock_control.h
 */
#ifndef CLOCHE_CLOCK_ASK_H
#define CLOCHE_CLOCK_ASK_H

#include "clock_control.h"

/*
 * Ask the supervisor of this cell's clocks; what comes back is in *control. Its version is filled
 * in here. Returns 0, or -errno, of which ENOSYS says that there is none.
 */
int clock_ask(struct clock_control *control);

/* Make *control the question that sets the wall clock: "2038-01-19T03:14:00Z", "+1h". -EINVAL. */
int clock_ask_set(struct clock_control *control, const char *when);

/* Make *control the one that changes its speed. */
void clock_ask_speed(struct clock_control *control, double factor);

/* What an error of these means, as half a sentence with its cure. */
const char *clock_ask_why(int error);

#endif
