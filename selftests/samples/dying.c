/* SPDX-License-Identifier: MIT */
/* Cases that die, hang, and leave processes behind. */
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(crashes)
{
	volatile int *volatile nowhere = NULL;

	note("said before the crash");
	puts("printed before the crash");
	fflush(stdout);
	*nowhere = 1;
	exit(0); /* not reached; the call keeps the compiler from a tail call */
}

TEST(aborts)
{
	EXPECT(1, ==, 2);
	abort();
}

__attribute__((noinline)) static void deep(int depth)
{
	volatile char frame[4096];

	memset((char *)frame, depth, sizeof(frame));
	if (frame[0] == (char)depth)
		deep(depth + 1);
	frame[1] = 0;
}

TEST(overflows_the_stack)
{
	deep(1);
}

TEST(kills_itself)
{
	kill(getpid(), SIGKILL);
}

TEST(terminates_itself)
{
	kill(getpid(), SIGTERM);
}

TEST(exits_with_3)
{
	exit(3);
}

TEST(hangs, .timeout = 1)
{
	puts("soon to hang");
	fflush(stdout);
	for (;;)
		pause();
}

TEST(ignores_sigterm, .timeout = 1, .grace = 0.2)
{
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
}

static void leave_a_child(void)
{
	if (!fork())
		for (;;)
			pause();
}

TEST(leaks)
{
	leave_a_child();
}

TEST(leaks_and_must_not, .leaks = "fail")
{
	leave_a_child();
}

TEST(leaks_and_may, .leaks = "ignore")
{
	leave_a_child();
}

TEST(leaks_and_fails)
{
	leave_a_child();
	fail("as well");
}

TEST(kills_all_others)
{
	kill(-1, SIGKILL);
}

TEST(kills_init)
{
	EXPECT(kill(1, SIGKILL), ==, 0); /* pid 1 does not mind what its own say */
}
