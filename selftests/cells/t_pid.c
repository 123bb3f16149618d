/* SPDX-License-Identifier: MIT */
/* pid: the test is alone with its init. */
#define _GNU_SOURCE
#include <cloche.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(is_pid_2)
{
	EXPECT(getpid(), ==, 2);
	EXPECT(getppid(), ==, 1);
}

TEST(kill_all_reaches_nobody_else)
{
	EXPECT_ERRNO(ESRCH, kill(-1, SIGKILL)); /* the caller and init are left out, kill(2) */
}

TEST(kill_all_reaches_children)
{
	pid_t child = REQUIRE_OK(fork());
	int status;

	if (!child)
		for (;;)
			pause();
	EXPECT_OK(kill(-1, SIGKILL));
	EXPECT(waitpid(child, &status, 0), ==, child);
	EXPECT(WIFSIGNALED(status));
}

TEST(init_cannot_be_killed)
{
	EXPECT_OK(kill(1, SIGKILL)); /* ignored, pid_namespaces(7) */
	EXPECT_OK(kill(1, SIGTERM));
	EXPECT_OK(kill(1, SIGSTOP));
	EXPECT_OK(kill(1, 0));
}

TEST(init_cannot_be_traced)
{
	EXPECT_ERRNO(EPERM, ptrace(PTRACE_ATTACH, 1, NULL, NULL));
	EXPECT_ERRNO(EACCES, open("/proc/1/mem", O_RDWR));
}

/* An orphan comes to init, which reaps it: its pid is gone, and no zombie is left. */
TEST(orphans_are_reaped)
{
	int ends[2];
	pid_t orphan = 0;

	REQUIRE_OK(pipe(ends));
	if (!REQUIRE_OK(fork())) {
		pid_t child = fork();

		if (child)
			_exit(write(ends[1], &child, sizeof(child)) != sizeof(child));
		_exit(0);
	}
	REQUIRE_OK(wait(NULL));
	REQUIRE(read(ends[0], &orphan, sizeof(orphan)), ==, (ssize_t)sizeof(orphan));
	while (!kill(orphan, 0))
		usleep(1000);
	EXPECT(errno, ==, ESRCH);
}

TEST(default_signal_actions_work, .expect_signal = SIGABRT)
{
	abort(); /* as pid 1 it would be ignored */
}
