/* SPDX-License-Identifier: MIT */
/*
 * Whole cases, run in a child, and what they said.
 */
#define _GNU_SOURCE
#define CLOCHE_NO_SHORT_NAMES
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* ---- the course of a case ---- */

TEST(passes)
{
	puts("said on stdout");
	EXPECT(1 + 1, ==, 2);
	EXPECT(true);
}

START_TEST(a_case_that_passes)
{
	heard = listen_to("passes", NULL);
	ck_assert_uint_eq(heard->count, 1);
	check_done(2, 0);
	ck_assert_int_eq(heard->status, 0);
	ck_assert_str_eq(heard->output, "said on stdout\n");
}
END_TEST

static int times;

static int once(int value)
{
	times++;
	return value;
}

#define THIRTY_DAYS 2592000

TEST(fails)
{
	EXPECT(once(3), ==, once(THIRTY_DAYS));
	EXPECT(times, ==, 2);
	EXPECT(times == 3);
	cloche_fail("own %s", "words");
	cloche_note("a note");
}

START_TEST(a_case_that_fails_goes_on)
{
	const struct said *first;

	heard = listen_to("fails", NULL);
	ck_assert_uint_eq(listened_count(heard, RECORD_FAILURE), 3);
	check_done(4, 3);
	first = listened_first(heard, RECORD_FAILURE);
	ck_assert_ptr_nonnull(strstr(first->file, "t_body.c"));
	ck_assert_uint_gt(first->line, 0);
	ck_assert_str_eq(first->name, "EXPECT(once(3), ==, once(THIRTY_DAYS))");
	ck_assert_str_eq(first->text, "once(3) is 3\nonce(THIRTY_DAYS) is 2592000");
	ck_assert_str_eq(heard->said[1].name, "EXPECT(times == 3)");
	ck_assert_str_eq(heard->said[2].text, "own words");
	ck_assert_str_eq(listened_first(heard, RECORD_NOTE)->text, "a note");
	ck_assert_int_eq(heard->status, 0);
}
END_TEST

static void requires(int a)
{
	REQUIRE(a, ==, 1);
}

FIXTURE(phases)
{
	int number;
};

SETUP(phases)
{
	printf("setup %d\n", self->number);
	self->number = 1;
}

TEARDOWN(phases)
{
	printf("teardown %d\n", self->number);
}

TEST_IN(phases, required)
{
	self->number = 2;
	requires(2);
	puts("not reached");
}

START_TEST(a_requirement_ends_the_test_but_not_its_teardown)
{
	heard = listen_to("phases.required", NULL);
	ck_assert_str_eq(heard->output, "setup 0\nteardown 2\n");
	ck_assert_str_eq(only_failure()->name, "REQUIRE(a, ==, 1)");
	check_done(1, 1);
}
END_TEST

TEST_IN(phases, skipped)
{
	cloche_skip("for %d reasons", self->number);
}

START_TEST(skip_ends_the_test)
{
	heard = listen_to("phases.skipped", NULL);
	ck_assert_str_eq(listened_first(heard, RECORD_SKIP)->text, "for 1 reasons");
	ck_assert_str_eq(heard->output, "setup 0\nteardown 1\n");
	check_done(0, 0);
}
END_TEST

FIXTURE(broken)
{
	int number;
};

SETUP(broken)
{
	REQUIRE(self->number, ==, 1);
}

TEARDOWN(broken)
{
	printf("teardown %d\n", self->number);
}

TEST_IN(broken, anything)
{
	printf("body %d\n", self->number);
}

START_TEST(a_setup_that_ended_early_is_not_torn_down)
{
	heard = listen_to("broken.anything", NULL);
	ck_assert_str_eq(heard->output, "");
	check_done(1, 1);
}
END_TEST

static const struct {
	const char *name;
	int number;
} rows[] = {{"one", 1}, {"two", 2}};

TEST_EACH(rows, each)
{
	EXPECT(param->number, ==, 1);
}

START_TEST(rows_are_cases)
{
	heard = listen_to("each/one", NULL);
	check_done(1, 0);
	heard = listen_to("each/two", NULL);
	check_done(1, 1);
	ck_assert_str_eq(only_failure()->text, "param->number is 2");
}
END_TEST

TEST(fails_often)
{
	for (int i = 0; i < 5000; i++)
		EXPECT(i, <, 0);
}

START_TEST(failures_told_are_bounded)
{
	heard = listen_to("fails_often", NULL);
	ck_assert_uint_eq(listened_count(heard, RECORD_FAILURE), 1000);
	check_done(5000, 5000);
}
END_TEST

START_TEST(aloud_it_speaks_to_people)
{
	heard = listen_aloud("phases.required");
	ck_assert_uint_eq(heard->count, 0);
	ck_assert_ptr_nonnull(strstr(heard->output, ": REQUIRE(a, ==, 1)\n    a is 2\n"));
	ck_assert_ptr_nonnull(strstr(heard->output, "1 checks, 1 failures\n"));
	ck_assert_int_eq(WEXITSTATUS(heard->status), 100);
	heard = listen_aloud("passes");
	ck_assert_int_eq(heard->status, 0);
}
END_TEST

/* ---- threads and children ---- */

static void *thread_that_requires(void *argument)
{
	requires(3);
	puts("not reached");
	return argument;
}

TEST(threads)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		REQUIRE(pthread_create(&threads[i], NULL, thread_that_requires, NULL), ==, 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	puts("reached");
}

START_TEST(a_requirement_in_a_thread_ends_that_thread)
{
	heard = listen_to("threads", NULL);
	ck_assert_uint_eq(listened_count(heard, RECORD_FAILURE), 4);
	ck_assert_uint_ne(heard->said[0].writer, heard->said[1].writer);
	ck_assert_str_eq(heard->output, "reached\n");
	check_done(8, 4);
}
END_TEST

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

START_TEST(threads_do_not_mix_their_words)
{
	heard = listen_to("talkative_threads", NULL);
	ck_assert_uint_eq(listened_count(heard, RECORD_NOTE), 400);
	for (size_t i = 0; i < 400; i++)
		ck_assert_uint_eq(heard->said[i].size, 5999);
	check_done(0, 0);
}
END_TEST

TEST(child_returns)
{
	printf("parent and child\n");
	fflush(stdout);
	if (fork() == 0)
		return;
	wait(NULL);
}

TEST(child_requires)
{
	int status = 0;

	if (fork() == 0)
	requires(5);
	wait(&status);
	EXPECT(WEXITSTATUS(status), ==, 1);
}

START_TEST(children_never_say_done)
{
	heard = listen_to("child_returns", NULL);
	ck_assert_uint_eq(heard->count, 1);
	check_done(0, 0);
	ck_assert_str_eq(heard->output, "parent and child\n");
	heard = listen_to("child_requires", NULL);
	ck_assert_str_eq(only_failure()->text, "a is 5");
	check_done(1, 0); /* the child counts for itself; its failure was told */
}
END_TEST

TEST(expected_deaths)
{
	printf("before, ");
	EXPECT_EXIT(3, exit(3));
	EXPECT_EXIT(0, { puts("inside"); });
	EXPECT_EXIT(0, return );
	EXPECT_EXIT(4, {
		EXPECT_SIGNAL(SIGABRT, EXPECT_EXIT(5, exit(5)); abort());
		exit(4);
	});
	EXPECT_SIGNAL(SIGABRT, abort());
	EXPECT_SIGNAL(SIGSEGV, raise(SIGSEGV));
	EXPECT_SIGNAL(SIGKILL, {
		int zero = 0;
		kill(getpid() + zero, SIGKILL);
	});
}

TEST(unexpected_deaths)
{
	EXPECT_EXIT(3, exit(4));
	EXPECT_EXIT(3, abort());
	EXPECT_SIGNAL(SIGSEGV, abort());
	EXPECT_SIGNAL(SIGABRT, exit(5));
}

START_TEST(deaths_of_children)
{
	static const char *const texts[] = {
		"the child exited with status 4; expected was exit status 3",
		"the child was killed by SIGABRT; expected was exit status 3",
		"the child was killed by SIGABRT; expected was SIGSEGV",
		"the child exited with status 5; expected was SIGABRT"};

	heard = listen_to("expected_deaths", NULL);
	ck_assert_str_eq(heard->output, "before, inside\n");
	ck_assert_uint_eq(heard->count, 1); /* no CRASH either: it is not the test's */
	check_done(7, 0);
	heard = listen_to("unexpected_deaths", NULL);
	check_done(4, 4);
	for (int i = 0; i < 4; i++)
		ck_assert_str_eq(heard->said[i].text, texts[i]);
	ck_assert_str_eq(heard->said[0].name, "EXPECT_EXIT(3, exit(4))");
}
END_TEST

/* ---- attachments ---- */

TEST(attaches)
{
	char path[] = "/tmp/t_body.XXXXXX", bytes[100000];
	int fd = mkstemp(path);

	memset(bytes, 'x', sizeof(bytes));
	REQUIRE(write(fd, bytes, sizeof(bytes)), ==, (long)sizeof(bytes));
	cloche_attach("big", path);
	unlink(path);
	cloche_attach_bytes("small", "abc", 3);
	cloche_attach_bytes("empty", NULL, 0);
	cloche_attach("missing", "/nonexistent");
	close(fd);
}

START_TEST(attachments_come_whole)
{
	size_t total = 0, i = 0;

	heard = listen_to("attaches", NULL);
	ck_assert_str_eq(heard->said[0].name, "big");
	ck_assert_uint_eq(heard->said[0].a, 100000);
	for (; heard->said[i].flags & RECORD_MORE; i++)
		total += heard->said[i].size;
	total += heard->said[i++].size;
	ck_assert_uint_eq(total, 100000);
	ck_assert_str_eq(heard->said[i].name, "small");
	ck_assert_str_eq(heard->said[i].text, "abc");
	ck_assert_uint_eq(heard->said[i++].flags, 0);
	ck_assert_str_eq(heard->said[i].name, "empty");
	ck_assert_uint_eq(heard->said[i].flags, 0);
	ck_assert_str_eq(only_failure()->text,
			 "cannot attach '/nonexistent' as 'missing': No such file or directory");
}
END_TEST

UNIT_MAIN("body", a_case_that_passes, a_case_that_fails_goes_on,
	  a_requirement_ends_the_test_but_not_its_teardown, skip_ends_the_test,
	  a_setup_that_ended_early_is_not_torn_down, rows_are_cases, failures_told_are_bounded,
	  aloud_it_speaks_to_people, a_requirement_in_a_thread_ends_that_thread,
	  threads_do_not_mix_their_words, children_never_say_done, deaths_of_children,
	  attachments_come_whole)
