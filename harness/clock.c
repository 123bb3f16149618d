/* SPDX-License-Identifier: MIT */
/*
 * clock_set_wall() and its like: what a test asks of the clocks of its cell
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "body.h"
#include "clock_ask.h"
#include "cloche.h"

#define NSEC 1000000000L

/* A test whose clock is not what it thinks it is goes no further. */
static void end(const char *file, unsigned line, const char *what, int error)
{
	const char *why = clock_ask_why(error);

	body_check();
	body_failure(file, line, what, why, strlen(why), error);
	cloche_end_test();
}

static struct clock_control_time from_double(double seconds)
{
	int64_t whole = seconds;

	whole -= (double)whole > seconds;
	return (struct clock_control_time){whole, (seconds - (double)whole) * NSEC};
}

static void ask(const char *file, unsigned line, const char *what, struct clock_control *control)
{
	int result = clock_ask(control);

	if (result < 0)
		end(file, line, what, -result);
}

void cloche_clock_set_wall_at(const char *file, unsigned line, const char *when)
{
	struct clock_control control;
	int result = clock_ask_set(&control, when);

	if (result < 0)
		end(file, line, "clock_set_wall()", -result);
	ask(file, line, "clock_set_wall()", &control);
}

void cloche_clock_step_wall_at(const char *file, unsigned line, double seconds)
{
	struct clock_control control = {.operation = CLOCK_CONTROL_STEP,
					.time = from_double(seconds)};

	ask(file, line, "clock_step_wall()", &control);
}

void cloche_clock_set_tai_at(const char *file, unsigned line, int seconds)
{
	struct clock_control control = {.operation = CLOCK_CONTROL_TAI,
					.time = {.seconds = seconds}};

	ask(file, line, "clock_set_tai()", &control);
}

void cloche_clock_wall_speed_at(const char *file, unsigned line, double factor)
{
	struct clock_control control;

	clock_ask_speed(&control, factor);
	ask(file, line, "clock_wall_speed()", &control);
}

void cloche_clock_suspend_at(const char *file, unsigned line, double seconds)
{
	struct clock_control control = {.operation = CLOCK_CONTROL_SUSPEND,
					.time = from_double(seconds)};

	ask(file, line, "clock_suspend()", &control);
}

void cloche_clock_advance_at(const char *file, unsigned line, double seconds, double step)
{
	struct clock_control control = {.operation = CLOCK_CONTROL_ADVANCE,
					.time = from_double(seconds),
					.step = from_double(step)};

	ask(file, line, "clock_advance()", &control);
}

static struct timespec to_timespec(const struct clock_control_time *time)
{
	return (struct timespec){time->seconds, time->nanoseconds};
}

void cloche_clock_report_at(const char *file, unsigned line, struct cloche_clocks *ret_clocks)
{
	struct clock_control c = {.operation = CLOCK_CONTROL_SHOW};

	ask(file, line, "clock_report()", &c);
	*ret_clocks = (struct cloche_clocks){
		.wall = to_timespec(&c.wall),
		.monotonic = to_timespec(&c.monotonic),
		.boottime = to_timespec(&c.boottime),
		.machine = to_timespec(&c.real),
		.tai = c.tai,
		.speed = (double)c.speed / CLOCK_CONTROL_RATE,
		.jumps = c.jumps,
	};
}
