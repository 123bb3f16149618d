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

/* Whatever the last case did to the program's memory, this one has a copy of it as it was. */
TEST_EACH(numbers, memory_is_as_it_was)
{
	static int count;
	static char *text;

	EXPECT(count, ==, 0);
	EXPECT(text == NULL);
	count += param->number;
	text = strdup("left behind");
	free(text);
}

/* TEARDOWN runs after skip(), too: the case passes only if it does. */
FIXTURE(torn_down, .expect_signal = SIGUSR1)
{
	bool was_set_up;
};

SETUP(torn_down)
{
	EXPECT(!self->was_set_up);
	self->was_set_up = true;
}

TEARDOWN(torn_down)
{
	EXPECT(self->was_set_up);
	raise(SIGUSR1);
}

TEST_IN(torn_down, at_the_end)
{
	EXPECT(self->was_set_up);
}

TEST_IN(torn_down, after_an_early_end)
{
	skip("the signal of TEARDOWN is what counts");
}

FIXTURE(bare)
{
	char bytes[64];
};

TEST_IN(bare, begins_as_zeros)
{
	static const char zeros[sizeof(self->bytes)];

	EXPECT_MEM(self->bytes, ==, zeros, sizeof(zeros));
}

TEST(errno_is_left_alone)
{
	errno = EXDEV;
	EXPECT(true);
	EXPECT_STR("a", ==, "a");
	EXPECT(errno, ==, EXDEV);
}

static void fail_in_helper(void)
{
	REQUIRE(1, ==, 2);
	raise(SIGKILL); /* never: a requirement ends the test from wherever it is */
}

TEST(requirements_end_the_test, .expect_failure = true)
{
	fail_in_helper();
	kill(getpid(), SIGKILL);
}

TEST(fails_in_a_child_as_expected, .expect_failure = true)
{
	EXPECT_EXIT(0, EXPECT(1, ==, 2));
}

static void *fail_in_thread(void *argument)
{
	fail("in a thread");
	return argument;
}

TEST(fails_in_a_thread_as_expected, .expect_failure = true)
{
	pthread_t thread;

	REQUIRE(pthread_create(&thread, NULL, fail_in_thread, NULL), ==, 0);
	pthread_join(thread, NULL);
}

static const struct {
	const char *name;
	int number;
} signals[] = {{"SIGSEGV", SIGSEGV}, {"SIGBUS", SIGBUS},   {"SIGFPE", SIGFPE},  {"SIGILL", SIGILL},
	       {"SIGTRAP", SIGTRAP}, {"SIGTERM", SIGTERM}, {"SIGKILL", SIGKILL}};

TEST_EACH(signals, end_children_as_expected)
{
	EXPECT_SIGNAL(param->number, raise(param->number));
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
