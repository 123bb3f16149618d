/* SPDX-License-Identifier: MIT */
/*
 * spawn.c: run a command N times, J at once, and print what one costs
 *
 *   spawn [-n TIMES] [-j IN_FLIGHT] COMMAND [ARGUMENTS...]
 *
 * Plain posix_spawn(3) and waitpid(2): what launching costs with nothing around it, and the driver
 * for launchers such as unshare(1). Prints "MICROSECONDS PER_SECOND".
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void reap(void)
{
	int status;

	if (waitpid(-1, &status, 0) < 0)
		err(1, "waitpid");
	if (status)
		errx(1, "a command ended with status 0x%x", status);
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t silent; /* the number is all that is printed here */
	int times = 1000, in_flight = 1, running = 0, option, error;
	double start, elapsed;
	pid_t pid;

	posix_spawn_file_actions_init(&silent);
	posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0);
	while ((option = getopt(argc, argv, "+n:j:")) != -1) {
		if (option == 'n')
			times = atoi(optarg);
		else if (option == 'j')
			in_flight = atoi(optarg);
		else
			errx(2, "usage: spawn [-n TIMES] [-j IN_FLIGHT] COMMAND...");
	}
	if (optind == argc || times < 1 || in_flight < 1)
		errx(2, "usage: spawn [-n TIMES] [-j IN_FLIGHT] COMMAND...");
	start = now();
	for (int i = 0; i < times; i++) {
		if (running == in_flight)
			reap();
		else
			running++;
		error = posix_spawnp(&pid, argv[optind], &silent, NULL, argv + optind, environ);
		if (error)
			errx(1, "%s: %s", argv[optind], strerror(error));
	}
	while (running--)
		reap();
	elapsed = now() - start;
	printf("%.1f %.0f\n", elapsed * 1e6 / times, times / elapsed);
	return 0;
}
