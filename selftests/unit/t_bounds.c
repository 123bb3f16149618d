/* SPDX-License-Identifier: MIT */
/*
 * Cases that run into limits, and cases that make it hard to hear them.
 */
#define _GNU_SOURCE
#define CLOCHE_NO_SHORT_NAMES
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "body.h"
#include "cloche.h"
#include "listen.h"
#include "unit.h"

static struct listened *heard;

static const struct said *only_failure(void)
{
	ck_assert_uint_eq(listened_count(heard, RECORD_FAILURE), 1);
	return listened_first(heard, RECORD_FAILURE);
}

/* It came to its end by itself; DONE is the last record. */
static void check_done(uint64_t checks, uint64_t failures)
{
	const struct said *done = &heard->said[heard->count - 1];

	ck_assert(!heard->damaged);
	ck_assert_uint_gt(heard->count, 0);
	ck_assert_int_eq(done->type, RECORD_DONE);
	ck_assert_uint_eq(done->a, checks);
	ck_assert_uint_eq(done->b, failures);
	ck_assert_uint_eq(listened_count(heard, RECORD_DONE), 1);
}

/* ---- limits ---- */

static void few_descriptors(void)
{
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){20, 20});
}

TEST(opens_many)
{
	for (int i = 0; i < 30; i++)
		EXPECT_OK(open("/dev/null", O_RDONLY));
}

TEST(fails_with_emfile_in_errno)
{
	errno = EMFILE;
	EXPECT(false);
	EXPECT(errno, ==, EMFILE);
}

START_TEST(a_limit_that_was_hit_is_named_once)
{
	heard = listen_to("opens_many", few_descriptors);
	ck_assert_uint_eq(listened_count(heard, RECORD_LIMIT), 1);
	ck_assert_str_eq(listened_first(heard, RECORD_LIMIT)->name, "descriptors");
	heard = listen_to("opens_many", NULL);
	ck_assert_uint_eq(listened_count(heard, RECORD_LIMIT), 0);
	heard = listen_to("fails_with_emfile_in_errno", NULL);
	ck_assert_uint_eq(listened_count(heard, RECORD_LIMIT), 0);
	check_done(2, 1);
}
END_TEST

static void little_space(void)
{
	setrlimit(RLIMIT_AS, &(struct rlimit){256 << 20, 256 << 20});
}

TEST(allocates_much, .address_space = 256 << 20)
{
	void *volatile much = malloc(1 << 30);

	REQUIRE(much != NULL);
	free(much);
}

TEST(allocates_little_by_little)
{
	void *volatile one; /* a compiler may leave out a malloc that nobody looks at */
	size_t got = 0;

	while ((one = malloc(1 << 20)))
		got += 1 << 20;
	errno = 0;
	EXPECT(got, ==, 0);
}

START_TEST(address_space)
{
	if (body_owns_crashes())
		return; /* sanitizers reserve terabytes */
	heard = listen_to("allocates_much", little_space);
	ck_assert_ptr_nonnull(listened_first(heard, RECORD_LIMIT));
	ck_assert_str_eq(listened_first(heard, RECORD_LIMIT)->name, "address-space");
	heard = listen_to("allocates_little_by_little", little_space);
	ck_assert_ptr_nonnull(listened_first(heard, RECORD_LIMIT));
	ck_assert_str_eq(listened_first(heard, RECORD_LIMIT)->name, "address-space");
}
END_TEST

/* ---- other things that must hold ---- */

static void *thread_that_talks(void *argument)
{
	char text[6000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 50; i++)
		cloche_note("%s", text);
	return argument;
}

TEST(talkative_threads)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, thread_that_talks, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
}

TEST(closes_everything)
{
	for (int i = 3; i < 1024; i++)
		close(i);
	EXPECT(1, ==, 2);
}

START_TEST(without_a_pipe_it_still_ends)
{
	heard = listen_to("closes_everything", NULL);
	ck_assert_uint_eq(heard->count, 0);
	ck_assert_int_eq(heard->status, 0);
}
END_TEST

static void nonblocking(void)
{
	for (int fd = 3; fd < 16; fd++)
		fcntl(fd, F_SETFL, O_NONBLOCK);
}

START_TEST(a_full_pipe_is_waited_for)
{
	heard = listen_to("talkative_threads", nonblocking);
	ck_assert_uint_eq(listened_count(heard, RECORD_NOTE), 400);
	check_done(0, 0);
}
END_TEST

TEST(says_too_much)
{
	char *text = malloc(1 << 20);

	memset(text, 'x', 1 << 20);
	text[(1 << 20) - 1] = '\0';
	cloche_note("%s", text);
	EXPECT_STR(text, ==, "y");
	free(text);
}

START_TEST(messages_are_bounded)
{
	heard = listen_to("says_too_much", NULL);
	ck_assert_uint_lt(listened_first(heard, RECORD_NOTE)->size, 8192);
	ck_assert_ptr_nonnull(strstr(listened_first(heard, RECORD_NOTE)->text, "the rest is cut"));
	ck_assert_uint_lt(only_failure()->size, 1000);
	check_done(1, 1);
}
END_TEST

UNIT_MAIN("bounds", a_limit_that_was_hit_is_named_once, address_space, without_a_pipe_it_still_ends,
	  a_full_pipe_is_waited_for, messages_are_bounded)
