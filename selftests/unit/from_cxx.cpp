/* SPDX-License-Identifier: MIT */
/*
 * cloche.h from C++17: every macro, with the types that C does not have.
 */
#include <cloche.h>

#include <chrono>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

enum class Color : unsigned char { red, blue = 200 };

TEST(without_options)
{
	EXPECT(1, ==, 1);
}

TEST(values, .timeout = seconds(20), .hostname = "moon", .uptime = days(30))
{
	std::vector<int> numbers{1, 2};
	std::stringstream stream;
	int count = 0;
	struct {
		unsigned bits : 3;
	} s = {5};

	EXPECT(-1, <, 1u);
	EXPECT(numbers.size(), ==, 2);
	EXPECT(count++, ==, 0);
	EXPECT(count, ==, 1);
	EXPECT(Color::blue, !=, Color::red);
	EXPECT(nullptr, !=, &count);
	EXPECT(s.bits, ==, 5);
	EXPECT(!stream.fail()); /* a member of that name */
	EXPECT_STR(std::string("moon").c_str(), ==, "moon");
	EXPECT_MEM("abc", ==, "abc", 3);
	EXPECT_NEAR(1.0, 1.05, 0.1);
	EXPECT(std::chrono::hours(1).count(), ==, 1);
	note("%d of %s", 3, "three");
	attach_bytes("name", "bytes", 5);
	EXPECT_ERRNO(ERANGE, clock_set_uptime(-1));
}

TEST(calls)
{
	int fd = REQUIRE_OK(open("/dev/null", O_RDONLY));

	EXPECT_ERRNO(ENOENT, open("/nonexistent", O_RDONLY));
	EXPECT_OK(close(fd));
	EXPECT_EXIT(3, exit(3));
	EXPECT_EXIT(3, EXPECT_EXIT(4, exit(4)); exit(3));
	EXPECT_SIGNAL(SIGABRT, { abort(); });
}

TEST(fails, .expect_failure = true)
{
	fail("in %s", "words");
}

TEST(skips)
{
	skip("for %d reasons", 2);
}

static const struct {
	const char *name;
	int number;
} rows[] = {{"one", 1}, {"two", 2}};

TEST_EACH(rows, each, .root = ROOT_MINIMAL)
{
	EXPECT(param->number, >, 0);
}

FIXTURE(pipes, .timeout = 20)
{
	int fd[2];
};

SETUP(pipes)
{
	REQUIRE_OK(pipe(self->fd));
}

TEARDOWN(pipes)
{
	close(self->fd[0]);
	close(self->fd[1]);
}

TEST_IN(pipes, carries_a_byte)
{
	EXPECT(write(self->fd[1], "x", 1), ==, 1);
}
