/* SPDX-License-Identifier: MIT */
/*
 * What it costs to tell the time here, and to start a program: "name nanoseconds" a line, each the
 * best of many turns. bench/clocks.py runs it in and outside of cells and compares.
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static struct timespec t;

/* By the processor itself: the clocks are what is measured. */
static uint64_t ticks(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
#endif
}

static void vdso_realtime(void)
{
	clock_gettime(CLOCK_REALTIME, &t);
}

static void vdso_monotonic(void)
{
	clock_gettime(CLOCK_MONOTONIC, &t);
}

static void vdso_time(void)
{
	t.tv_sec += time(NULL);
}

static void raw_realtime(void)
{
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
}

static void raw_monotonic(void)
{
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
}

static void other_call(void)
{
	syscall(SYS_getppid);
}

static void wait_until_past(void)
{
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){1, 0}, NULL);
}

static const char *program;

static void start_program(void)
{
	char *const argv[] = {(char *)program, NULL};
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) || waitpid(pid, NULL, 0) != pid)
		exit(1);
}

static void fork_only(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static const struct {
	const char *name;
	void (*call)(void);
	unsigned calls, turns;
} costs[] = {
	{"clock_gettime", vdso_realtime, 1000, 300},
	{"clock_gettime-monotonic", vdso_monotonic, 1000, 300},
	{"time", vdso_time, 1000, 300},
	{"raw-realtime", raw_realtime, 20, 300},
	{"raw-monotonic", raw_monotonic, 20, 300},
	{"getppid", other_call, 1000, 300},
	{"sleep-until-past", wait_until_past, 20, 200},
	{"exec", start_program, 1, 400},
	{"fork", fork_only, 1, 400},
};

/* How long a tick is, against the raw monotonic clock. */
static double nanoseconds_per_tick(void)
{
	struct timespec begin, end, pause = {0, 50000000};
	uint64_t first, last;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	first = ticks();
	nanosleep(&pause, NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	last = ticks();
	return ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) /
	       (double)(last - first);
}

int main(int argc, char **argv)
{
	double scale = nanoseconds_per_tick();

	program = argc > 1 ? argv[1] : "/bin/true";
	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		uint64_t best = UINT64_MAX;

		for (unsigned turn = 0; turn < costs[i].turns; turn++) {
			uint64_t begin = ticks(), took;

			for (unsigned call = 0; call < costs[i].calls; call++)
				costs[i].call();
			took = ticks() - begin;
			best = took < best ? took : best;
		}
		printf("%s %.1f\n", costs[i].name, (double)best * scale / costs[i].calls);
	}
	return 0;
}
