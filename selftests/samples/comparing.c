/* SPDX-License-Identifier: MIT */
/* Expectations of every kind that do not hold: what is printed of them. */
#include <cloche.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(numbers)
{
	const int three = 3;
	const unsigned four = 4;
	const char letter = 'x';
	const bool yes = true;

	EXPECT(three, ==, four);
	EXPECT(three, <, four);
	EXPECT(-1, >, 1u);
	EXPECT(letter, ==, 'y');
	EXPECT(yes, ==, false);
	EXPECT(0.1 + 0.2, ==, 0.3);
	EXPECT(UINT64_MAX, ==, INT64_MIN);
	EXPECT((void *)0, !=, NULL);
	EXPECT(days(30), ==, 1.0);
	EXPECT(three > 3);
}

TEST(errnos)
{
	errno = ENOENT;
	EXPECT(errno, ==, EPERM);
	EXPECT_OK(open("/nowhere", O_RDONLY));
	EXPECT_OK(-EBUSY);
	EXPECT_ERRNO(EPERM, close(77));
	EXPECT_ERRNO(EPERM, close(dup(0)));
}

TEST(strings)
{
	EXPECT_STR("moon", ==, "noon");
	EXPECT_STR("moon", !=, "moon");
	EXPECT_STR("moon", ==, NULL);
	EXPECT_STR("one\ntwo\nthree\n", ==, "one\n2\nthree\n");
	EXPECT_STR("tab\there", ==, "tab here");
}

TEST(memory)
{
	char left[48], right[48];

	memset(left, 'a', sizeof(left));
	memset(right, 'a', sizeof(right));
	right[33] = '\0';
	EXPECT_MEM(left, ==, right, sizeof(left));
}

TEST(near)
{
	EXPECT_NEAR(3.14, 22.0 / 7, 0.001);
	EXPECT_NEAR(NAN, 0, 1);
}

TEST(requires)
{
	REQUIRE(1 + 1, ==, 3);
	fail("this is not reached");
}

TEST(own_words)
{
	fail("the %s is %d too high", "pressure", 7);
}

TEST(children)
{
	EXPECT_EXIT(3, _exit(4));
	EXPECT_EXIT(3, raise(SIGKILL));
	EXPECT_SIGNAL(SIGTERM, _exit(0));
	EXPECT_EXIT(0, EXPECT(1, ==, 2));
}

TEST(in_a_child)
{
	pid_t child = REQUIRE_OK(fork());

	if (!child) {
		EXPECT(0, ==, 1);
		_exit(0);
	}
	REQUIRE_OK(waitpid(child, NULL, 0));
}

static void *in_thread(void *unused)
{
	(void)unused;
	REQUIRE("in a thread" == NULL);
	return NULL;
}

TEST(in_a_thread)
{
	pthread_t thread;

	REQUIRE(pthread_create(&thread, NULL, in_thread, NULL), ==, 0);
	pthread_join(thread, NULL);
	note("the other thread has ended");
}

FIXTURE(broken_setup)
{
	int unused;
};
SETUP(broken_setup)
{
	REQUIRE(2, <, 1);
}
TEARDOWN(broken_setup)
{
	fail("nothing is to be torn down");
}
TEST_IN(broken_setup, never_runs)
{
	fail("this is not reached");
}

FIXTURE(broken_teardown)
{
	int value;
};
SETUP(broken_teardown)
{
	self->value = 5;
}
TEARDOWN(broken_teardown)
{
	EXPECT(self->value, ==, 5);
}
TEST_IN(broken_teardown, changes)
{
	self->value = 6;
	REQUIRE(self->value, ==, 7);
}

static const struct {
	const char *name;
	int value;
} rows[] = {{"even", 2}, {"odd", 3}};

TEST_EACH(rows, is_even)
{
	EXPECT(param->value % 2, ==, 0);
}
