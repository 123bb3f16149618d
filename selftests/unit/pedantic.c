/* SPDX-License-Identifier: MIT */
/*
 * Every macro of cloche.h, with options and without, for compilers that are asked to be strict, of
 * C and of C++. With GNU extensions `unix` and `linux` are macros, and names of cases all the same.
 */
#include <cloche.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define WRAPPED(name, ...) TEST(name##_wrapped, __VA_ARGS__)

TEST(unix)
{
	const char *text = "moon";
	int number = 1;
	int null;

	EXPECT(number);
	EXPECT(number, ==, 1);
	EXPECT(text, !=, &text[1]);
	EXPECT_STR(text, ==, "moon");
	EXPECT_MEM(text, ==, "moon", 4);
	EXPECT_NEAR(1.0, 1.05, 0.1);
	null = REQUIRE_OK(open("/dev/null", O_RDONLY));
	EXPECT_OK(close(null));
	EXPECT_ERRNO(ENOENT, open("/nonexistent", O_RDONLY));
	EXPECT_EXIT(3, exit(3));
	EXPECT_SIGNAL(SIGABRT, { abort(); });
	REQUIRE(number, <, 2);
}

TEST(says)
{
	note("one");
	note("%d of %s", 3, "three");
	attach_bytes("name", "bytes", 5);
	EXPECT_ERRNO(ERANGE, clock_set_uptime(-1));
	skip("for %d reasons", 2);
}

static const struct {
	const char *name;
	int number;
} rows[] = {{"one", 1}, {"two", 2}};

TEST_EACH(rows, linux)
{
	EXPECT(param->number, >, 0);
}

FIXTURE(door)
{
	int number;
};

SETUP(door)
{
	self->number = 1;
}

TEARDOWN(door)
{
	self->number = 0;
}

TEST_IN(door, unix)
{
	EXPECT(self->number, ==, 1);
}

/* C++17 has options by an extension. */
#if !defined __cplusplus || __cplusplus >= 202002L
TEST(options, .timeout = 20, .hostname = "moon")
{
}

TEST(comma, .timeout = seconds(20), )
{
}

WRAPPED(plain, )
{
}

WRAPPED(late, .timeout = 20)
{
}

TEST_EACH(rows, unix_each, .timeout = 20)
{
}

FIXTURE(gate, .timeout = 20)
{
	int number;
};

TEST_IN(gate, linux, .tags = "a,b", .hostname = "moon")
{
}
#endif
