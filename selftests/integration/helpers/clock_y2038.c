/* SPDX-License-Identifier: MIT */
/* Sets the clock to the last second of a signed 32-bit time_t, and sees it pass by every way. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define LAST 2147483647L

static long by_clock(int how)
{
	static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI};
	struct timespec now = {0};

	if (how < 3)
		clock_gettime(clocks[how], &now);
	else
		syscall(SYS_clock_gettime, clocks[how - 3], &now);
	return now.tv_sec;
}

static long by_others(int how)
{
	struct timeval tv = {0};
	struct timespec ts = {0};
	struct timex timex = {0};

	switch (how) {
	case 0:
		gettimeofday(&tv, NULL);
		return tv.tv_sec;
	case 1:
		syscall(SYS_gettimeofday, &tv, NULL);
		return tv.tv_sec;
	case 2:
		return time(NULL);
	case 3:
		return syscall(SYS_time, NULL);
	case 4:
		adjtimex(&timex);
		return timex.time.tv_sec;
	default:
		timespec_get(&ts, TIME_UTC);
		return ts.tv_sec;
	}
}

static long ask(int how)
{
	return how < 6 ? by_clock(how) : by_others(how - 6);
}

/* Every answer is between that of the one asked first and that of the same asked last. */
static int disagree(void)
{
	/* CLOCK_REALTIME_COARSE and time(2) are up to a tick late. */
	long first = by_clock(0), all[12];

	for (int how = 0; how < 12; how++)
		all[how] = ask(how);
	long last = by_clock(0);

	for (int how = 0; how < 12; how++) {
		if (all[how] < first - 1 || all[how] > last) {
			printf("way %d says %ld, not %ld to %ld\n", how, all[how], first, last);
			return 1;
		}
	}
	return 0;
}

int main(void)
{
	struct timespec last = {LAST, 0}, until = {LAST + 1, 0};
	time_t before = time(NULL), now;

	if (clock_settime(CLOCK_REALTIME, &last))
		return 2;
	while (by_clock(0) <= LAST)
		if (disagree())
			return 3;
	for (int how = 0; how < 12; how++)
		while (ask(how) <= LAST) /* a tick later */
			;
	if (disagree() || clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL))
		return 4;
	now = time(NULL);
	printf("%ld %d\n", (long)before, 1900 + gmtime(&now)->tm_year);
	printf("crossed %ld\n", (long)now);
	return 0;
}
