/* SPDX-License-Identifier: MIT */
/* time: uptime and monotonic clock start where the case asks. No bound here depends on speed: a
 * clock is not before its start, and not a day after it. */
#define _GNU_SOURCE
#include <cloche.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock)
{
	struct timespec time;

	REQUIRE_OK(clock_gettime(clock, &time));
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void expect_from(double value, double start)
{
	EXPECT(value, >=, start);
	EXPECT(value, <, start + days(1));
}

static double proc_uptime(void)
{
	FILE *file = fopen("/proc/uptime", "r");
	double uptime = 0;

	REQUIRE(file != NULL);
	EXPECT(fscanf(file, "%lf", &uptime), ==, 1);
	fclose(file);
	return uptime;
}

TEST(uptime_is_497_days, .uptime = days(497))
{
	struct sysinfo info;

	expect_from(now(CLOCK_BOOTTIME), days(497));
	expect_from(now(CLOCK_MONOTONIC), days(497));
	expect_from(proc_uptime(), days(497));
	REQUIRE_OK(sysinfo(&info));
	expect_from((double)info.uptime, days(497));
}

/* 49.7 days: milliseconds in 32 bits overflow. */
TEST(milliseconds_are_about_to_overflow, .uptime = 4294967.0)
{
	double milliseconds = now(CLOCK_MONOTONIC) * 1000;

	EXPECT(milliseconds, >=, 4294967000.0);
	EXPECT(milliseconds, <, 4294967000.0 + 86400000.0);
}

TEST(backward, .uptime = 0.001)
{
	EXPECT(now(CLOCK_BOOTTIME), <, 60.0);
	EXPECT(now(CLOCK_MONOTONIC), <, 60.0);
	EXPECT(proc_uptime(), <, 60.0);
}

TEST(clocks_of_their_own, .uptime = days(100), .monotonic = days(3))
{
	expect_from(now(CLOCK_BOOTTIME), days(100));
	expect_from(now(CLOCK_MONOTONIC), days(3));
}

TEST(shift_forward, .uptime_shift = days(1000))
{
	EXPECT(now(CLOCK_BOOTTIME), >=, days(1000));
	EXPECT(now(CLOCK_MONOTONIC), >=, days(1000));
}

TEST(as_far_as_the_kernel_goes, .uptime = 4611686018.0 - days(1))
{
	EXPECT(now(CLOCK_BOOTTIME), >=, 4611686018.0 - days(1));
}

TEST(children_and_programs_see_it, .uptime = days(7))
{
	int status = system("read up rest < /proc/uptime; [ ${up%.*} -ge 604800 ]");

	EXPECT(WIFEXITED(status) && !WEXITSTATUS(status));
	EXPECT_EXIT(0, exit(now(CLOCK_BOOTTIME) >= days(7) ? 0 : 1));
}

/* An absolute timer of the shifted clock fires, and a relative sleep is not years long. */
TEST(timers_agree, .uptime = days(497))
{
	struct itimerspec when = {.it_value = {.tv_sec = days(497)}};
	struct timespec moment = {0, 1000000};
	unsigned long long expirations = 0;
	int fd = REQUIRE_OK(timerfd_create(CLOCK_BOOTTIME, 0));

	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
	EXPECT(read(fd, &expirations, sizeof(expirations)), ==, (ssize_t)sizeof(expirations));
	EXPECT(expirations, >=, 1u);
	EXPECT_OK(nanosleep(&moment, NULL));
}

TEST(wall_clock_is_the_machines)
{
	EXPECT(now(CLOCK_REALTIME), >, 1.7e9);
}
