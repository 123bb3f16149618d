/* SPDX-License-Identifier: MIT */
/* The library, in cells: rows, fixtures, children, threads, what is expected to go wrong. */
#define _GNU_SOURCE
#include <cloche.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} numbers[] = {{"one", 1}, {"two", 2}, {"three", 3}};

TEST_EACH(numbers, rows_have_values)
{
	EXPECT(param->number, ==,
	       !strcmp(param->name, "one")   ? 1
	       : !strcmp(param->name, "two") ? 2
					     : 3);
}

FIXTURE(pipes, .timeout = 20, .hostname = "piper")
{
	int fd[2];
};

SETUP(pipes)
{
	REQUIRE_OK(pipe(self->fd));
}

TEARDOWN(pipes)
{
	EXPECT_OK(close(self->fd[0]));
	EXPECT_OK(close(self->fd[1]));
}

TEST_IN(pipes, carries_a_byte)
{
	char byte = 0;

	EXPECT(write(self->fd[1], "x", 1), ==, 1);
	EXPECT(read(self->fd[0], &byte, 1), ==, 1);
	EXPECT(byte, ==, 'x');
}

TEST_IN(pipes, inherits_the_world)
{
	char name[65] = "";

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, "piper");
}

TEST_IN(pipes, overrides_the_world, .hostname = "other")
{
	char name[65] = "";

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, "other");
}

TEST(signs_are_right)
{
	EXPECT(-1, <, 1u);
	EXPECT((signed char)-1, <, 255u);
	EXPECT(-1, !=, 4294967295u);
	EXPECT(18446744073709551615ull, >, -1);
}

TEST(arguments_are_evaluated_once)
{
	int count = 0;

	EXPECT(++count, ==, 1);
	EXPECT(count, ==, 1);
}

TEST(children_end_as_expected)
{
	EXPECT_EXIT(3, exit(3));
	EXPECT_EXIT(0, (void)0);
	EXPECT_SIGNAL(SIGABRT, abort());
	EXPECT_SIGNAL(SIGKILL, kill(getpid(), SIGKILL));
}

TEST(dies_as_expected, .expect_signal = SIGSEGV)
{
	raise(SIGSEGV);
}

TEST(fails_as_expected, .expect_failure = true)
{
	EXPECT(1, ==, 2);
}

static void *expect_in_thread(void *argument)
{
	EXPECT(*(int *)argument, ==, 7);
	return argument;
}

TEST(threads_may_expect)
{
	pthread_t threads[8];
	int value = 7;

	for (int i = 0; i < 8; i++)
		REQUIRE(pthread_create(&threads[i], NULL, expect_in_thread, &value), ==, 0);
	for (int i = 0; i < 8; i++)
		EXPECT(pthread_join(threads[i], NULL), ==, 0);
}

TEST(errors_by_name)
{
	EXPECT_ERRNO(EBADF, close(-1));
	EXPECT_OK(getpid());
	EXPECT_NEAR(0.1 + 0.2, 0.3, 1e-9);
	EXPECT_MEM("abc", ==, "abc", 3);
}
