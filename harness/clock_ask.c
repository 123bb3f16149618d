/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock_ask.h"
#include "clock_text.h"

int clock_ask(struct clock_control *control)
{
	control->version = CLOCK_CONTROL_VERSION;
	control->answered = 0;
	if (!syscall(SYS_clock_settime, CLOCK_CONTROL, control))
		return control->answered ? 0 : -ENOSYS;
	/* A kernel that knows nothing of this clock says EINVAL, and does not look at the rest. */
	return errno == EINVAL && !control->answered ? -ENOSYS : -errno;
}

int clock_ask_set(struct clock_control *control, const char *when)
{
	struct timespec time;
	bool relative;
	int result = clock_text_parse(when, &time, &relative);

	if (result < 0)
		return result == -ERANGE ? -EDOM : -EBADMSG;
	*control = (struct clock_control){
		.operation = relative ? CLOCK_CONTROL_STEP : CLOCK_CONTROL_SET,
		.time = {time.tv_sec, time.tv_nsec},
	};
	return 0;
}

void clock_ask_speed(struct clock_control *control, double factor)
{
	*control = (struct clock_control){
		.operation = CLOCK_CONTROL_SPEED,
		.rate = factor >= 0 && factor <= CLOCK_CONTROL_SPEED_MAX
				? (uint64_t)(factor * CLOCK_CONTROL_RATE + 0.5)
				: UINT64_MAX,
	};
}

const char *clock_ask_why(int error)
{
	switch (error) {
	case ENOSYS:
		return "the cell has no clock of its own; give it one with the option wall, such "
		       "as \"now\"";
	case EBADMSG:
		return "a time is such as 2038-01-19T03:14:00Z, @2147483640, now, +30d or -1h";
	case EDOM:
		return "a time lies in one of the years 1970 to 9999";
	case EINVAL:
		return "the kernel takes no time before the machine was started, nor after the "
		       "year 2232";
	case ERANGE:
		return "the speed of the wall clock is from 0 to 1000000";
	case EPROTO:
		return "the suite was built with another version of cloche; build it anew";
	default:
		return strerror(error);
	}
}
