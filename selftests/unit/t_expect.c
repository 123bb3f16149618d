/* SPDX-License-Identifier: MIT */
/*
 * What each expectation says when it does not hold, one case a row.
 */
#define _GNU_SOURCE
#define CLOCHE_NO_SHORT_NAMES
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cloche.h"
#include "listen.h"
#include "unit.h"

static int minus_one(void)
{
	return -1;
}

static void *null(void)
{
	errno = ENOMEM;
	return NULL;
}

static double days_of(int n)
{
	return n * 86400.0;
}
#define DAYS(n) days_of(n)

/* In the order of `wanted` below: the text of every failure. */
TEST(fails)
{
	const char *text = "moon", *other = "moo";
	char copy[] = "moon", *none = NULL;
	unsigned one = 1;
	struct {
		unsigned bits : 3;
	} s = {6};

	EXPECT(minus_one(), >=, one);
	EXPECT(minus_one(), ==, UINT_MAX);
	EXPECT(s.bits, ==, 5);
	EXPECT(DAYS(30), ==, 1);
	EXPECT(text, ==, copy);
	EXPECT(1, ==, 2);
	errno = ENOENT;
	EXPECT(errno, ==, EPERM);
	EXPECT(-2, ==, -EPERM);
	EXPECT(none != NULL);
	EXPECT_OK(open("/nonexistent", O_RDONLY));
	EXPECT_OK(-ENOSPC);
	EXPECT_OK(-5000);
	EXPECT_OK(minus_one());
	EXPECT_OK(null());
	EXPECT_ERRNO(EPERM, open("/nonexistent", O_RDONLY));
	EXPECT_ERRNO(EPERM, 3);
	EXPECT_STR(text, ==, other);
	EXPECT_STR(text, ==, none);
	EXPECT_STR(text, !=, "moon");
	EXPECT_STR(text, <, other);
	EXPECT_MEM(text, !=, "moon", 4);
	EXPECT_MEM(text, ==, none, 4);
	EXPECT_NEAR(1.5, 2.0, 0.1);
	EXPECT_NEAR(NAN, 2.0, 0.1);
}

static const char *const wanted[] = {
	"minus_one() is -1\none is 1",
	"minus_one() is -1\nUINT_MAX is 4294967295 (0xffffffff)",
	"s.bits is 6",
	"DAYS(30) is 2592000",
	NULL, /* addresses */
	"does not hold",
	"errno is 2 (ENOENT, No such file or directory)",
	"-2 is -2 (-ENOENT, No such file or directory)",
	"does not hold",
	"the result is -1, errno ENOENT (No such file or directory)",
	"the result is -28, -ENOSPC (No space left on device)",
	"the result is -5000, which is no errno",
	"the result is -1, errno 0",
	"the result is NULL, errno ENOMEM (Cannot allocate memory)",
	"the result is -1, errno ENOENT (No such file or directory)\n"
	"expected was EPERM (Operation not permitted)",
	"it did not fail; the result is 3",
	"text is \"moon\"\nother is \"moo\"\nthey differ from byte 3 on",
	"text is \"moon\"\nnone is NULL",
	"text is \"moon\"",
	"text is \"moon\"\nother is \"moo\"\nthey differ from byte 3 on",
	"all 4 bytes are the same",
	"the right side is NULL",
	"they differ by 0.5",
	"NAN is nan\nthey differ by nan",
};

START_TEST(messages)
{
	const struct listened *heard = listen_to("fails", NULL);
	size_t count = sizeof(wanted) / sizeof(*wanted);

	for (size_t i = 0; i < count && i < heard->count; i++)
		if (wanted[i])
			ck_assert_str_eq(heard->said[i].text, wanted[i]);
	ck_assert_ptr_nonnull(strstr(heard->said[4].text, "EXPECT_STR compares the text"));
	ck_assert_uint_eq(listened_count(heard, RECORD_FAILURE), count);
	ck_assert_uint_eq(heard->said[heard->count - 1].a, count);
	ck_assert_str_eq(heard->said[3].name, "EXPECT(DAYS(30), ==, 1)");
	ck_assert_str_eq(heard->said[8].name, "EXPECT(none != NULL)");
	ck_assert_str_eq(heard->said[14].name,
			 "EXPECT_ERRNO(EPERM, open(\"/nonexistent\", O_RDONLY))");
	ck_assert_str_eq(heard->said[20].name, "EXPECT_MEM(text, !=, \"moon\", 4)");
}
END_TEST

TEST(holds)
{
	char copy[] = "moon";
	const char *none = NULL;
	int number = 0, fd = EXPECT_OK(open("/dev/null", O_RDONLY));
	FILE *file = REQUIRE_OK(fopen("/dev/null", "r"));

	EXPECT(-1, <, 1u);
	EXPECT(-1, !=, UINT_MAX);
	EXPECT(number++, ==, 0);
	EXPECT(number, ==, 1);
	EXPECT(fd, >=, 3);
	EXPECT(file, !=, NULL);
	EXPECT(file != NULL);
	EXPECT(number, ==, 1 ? 1 : 2);
	EXPECT((((int[]){1, 2})[1] == 2)); /* a comma in braces needs parentheses */
	EXPECT_ERRNO(ENOENT, open("/nonexistent", O_RDONLY));
	EXPECT_ERRNO(ENOSPC, -ENOSPC);
	EXPECT_ERRNO(EBADF, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0));
	EXPECT_STR(copy, ==, "moon");
	EXPECT_STR(none, ==, NULL);
	EXPECT_STR(none, !=, copy);
	EXPECT_STR("a", <, "b");
	EXPECT_MEM(copy, ==, "moon", sizeof(copy));
	EXPECT_MEM(NULL, ==, NULL, 0);
	EXPECT_MEM("a", <, "b", 1);
	EXPECT_NEAR(1.0, 1.05, 0.1);
	EXPECT_NEAR(INFINITY, INFINITY, 0);
	if (number) /* one statement, with an else */
		EXPECT(number, ==, 1);
	else
		EXPECT(false);
	close(fd);
	fclose(file);
}

START_TEST(holding)
{
	const struct listened *heard = listen_to("holds", NULL);

	for (size_t i = 0; i + 1 < heard->count; i++)
		ck_abort_msg("%s: %s", heard->said[i].name, heard->said[i].text);
	ck_assert_uint_eq(heard->said[0].a, 24);
}
END_TEST

TEST(keeps_errno)
{
	char big[100] = "x";

	errno = EXDEV;
	EXPECT(1, ==, 2);
	EXPECT(errno, ==, EXDEV);
	EXPECT_STR(big, ==, "y");
	EXPECT(errno, ==, EXDEV);
	EXPECT_MEM(big, ==, "y", 1);
	EXPECT(errno, ==, EXDEV);
	EXPECT_NEAR(1, 2, 0);
	cloche_note("note");
	cloche_fail("fail");
	cloche_attach_bytes("name", "bytes", 5);
	cloche_attach("missing", "/nonexistent");
	EXPECT(errno, ==, EXDEV);
	EXPECT_EXIT(1, _exit(0));
	EXPECT(errno, ==, EXDEV);
	EXPECT(EXPECT_OK(open("/nonexistent", O_RDONLY)), ==, -1);
	EXPECT(errno, ==, ENOENT);
}

START_TEST(errno_is_kept)
{
	const struct listened *heard = listen_to("keeps_errno", NULL);

	for (size_t i = 0; i < heard->count; i++)
		ck_assert_ptr_null(strstr(heard->said[i].name, "errno"));
	ck_assert_uint_eq(listened_count(heard, RECORD_FAILURE), 8);
}
END_TEST

#define REQUIREMENT(name, ...)                                                                     \
	TEST(name)                                                                                 \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
		puts("not reached");                                                               \
	}

REQUIREMENT(require_one, REQUIRE(minus_one() == 0))
REQUIREMENT(require_three, REQUIRE(minus_one(), ==, 0))
REQUIREMENT(require_ok, REQUIRE_OK(minus_one()))
REQUIREMENT(require_errno, REQUIRE_ERRNO(EIO, minus_one()))
REQUIREMENT(require_str, REQUIRE_STR("a", ==, "b"))
REQUIREMENT(require_mem, REQUIRE_MEM("a", ==, "b", 1))
REQUIREMENT(require_near, REQUIRE_NEAR(1, 2, 0.5))

START_TEST(requirements_end_the_test)
{
	static const char *const names[] = {"require_one",   "require_three", "require_ok",
					    "require_errno", "require_str",   "require_mem",
					    "require_near"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct listened *heard = listen_to(names[i], NULL);

		ck_assert_str_eq(heard->output, "");
		ck_assert_uint_eq(heard->count, 2);
		ck_assert_int_eq(heard->said[0].type, RECORD_FAILURE);
		ck_assert_ptr_eq(strstr(heard->said[0].name, "REQUIRE"), heard->said[0].name);
	}
}
END_TEST

UNIT_MAIN("expect", messages, holding, errno_is_kept, requirements_end_the_test)
