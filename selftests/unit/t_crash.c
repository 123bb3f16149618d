/* SPDX-License-Identifier: MIT */
/*
 * Last words. Addresses are judged by the function that they lie in, as dladdr(3) knows it from
 * the dynamic symbols; the CMakeLists exports them.
 */
#define _GNU_SOURCE
#define CLOCHE_NO_SHORT_NAMES
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "cloche.h"
#include "listen.h"
#include "unit.h"

static struct listened *heard;
static int *volatile nowhere;
static void (*volatile no_function)(void);

void innermost(void);
__attribute__((noinline)) void innermost(void)
{
	*nowhere = 1;
}

void outer(void);
__attribute__((noinline)) void outer(void)
{
	innermost();
	puts("not reached");
}

int overflow(volatile int *);
__attribute__((noinline)) int overflow(volatile int *from)
{
	volatile int here[64];

	here[0] = *from + 1;
	return here[0] ? overflow(here) + here[0] : 0;
}

void calls_nothing(void);
__attribute__((noinline)) void calls_nothing(void)
{
	no_function();
	puts("not reached");
}

_Noreturn void never_returns(void);
_Noreturn __attribute__((noinline)) void never_returns(void)
{
	innermost();
	abort();
}

/* The call is its last instruction: the return address lies in another function. */
_Noreturn void ends_with_a_call(void);
_Noreturn __attribute__((noinline)) void ends_with_a_call(void)
{
	never_returns();
}

TEST(crashes_below_a_last_call)
{
	ends_with_a_call();
}

TEST(segfaults)
{
	EXPECT(1, ==, 2);
	nowhere = (int *)16;
	outer();
}

TEST(overflows)
{
	volatile int start = 0;

	overflow(&start);
}

TEST(jumps_to_null)
{
	calls_nothing();
}

TEST(aborts)
{
	abort();
}

TEST(aborts_as_expected, .expect_signal = SIGABRT)
{
	abort();
}

TEST(ends_by_kill)
{
	kill(getpid(), SIGILL);
}

static void on_fault(int number)
{
	static const char text[] = "own handler\n";

	(void)number;
	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) < 0);
}

TEST(handles_faults_itself)
{
	signal(SIGSEGV, on_fault);
	*nowhere = 1;
}

TEST(child_crashes)
{
	int status;

	if (fork() == 0)
		outer();
	wait(&status);
	EXPECT(WTERMSIG(status), ==, SIGSEGV);
}

static void *crash_in_thread(void *argument)
{
	outer();
	return argument;
}

TEST(thread_crashes)
{
	pthread_t thread;

	pthread_create(&thread, NULL, crash_in_thread, NULL);
	pthread_join(thread, NULL);
}

TEST(crashes_at_exit)
{
	atexit(outer);
	exit(0);
}

/* The name of the function that a frame lies in. This program's children are loaded where it is. */
static const char *function_of(const char *frame)
{
	unsigned long offset = strtoul(frame, NULL, 16);
	struct link_map *self;
	Dl_info info;

	if (!dladdr1((void *)(uintptr_t)outer, &info, (void **)&self, RTLD_DL_LINKMAP) ||
	    !dladdr((void *)(self->l_addr + offset), &info) || !info.dli_sname)
		return "?";
	return info.dli_sname;
}

static const struct said *check_crash(int number)
{
	const struct said *crash = listened_first(heard, RECORD_CRASH);

	ck_assert(!heard->damaged);
	ck_assert_ptr_nonnull(crash);
	ck_assert_uint_eq(listened_count(heard, RECORD_CRASH), 1);
	ck_assert_uint_eq(listened_count(heard, RECORD_DONE), 0);
	ck_assert_uint_eq(crash->a, (uint64_t)number);
	ck_assert(WIFSIGNALED(heard->status));
	ck_assert_int_eq(WTERMSIG(heard->status), number);
	return crash;
}

static const char *next_frame(const char *frame)
{
	const char *end = strchr(frame, '\n');

	ck_assert_ptr_nonnull(end);
	return end + 1;
}

START_TEST(a_fault_is_told_with_its_frames)
{
	const struct said *crash;
	char program[1024] = "", end[1100];

	ck_assert_int_gt(readlink("/proc/self/exe", program, sizeof(program) - 1), 0);
	heard = listen_to("segfaults", NULL);
	crash = check_crash(SIGSEGV);
	ck_assert_int_eq(heard->said[0].type, RECORD_FAILURE); /* what was said before is there */
	ck_assert_uint_eq(crash->b, 16);
	ck_assert_int_eq((int)crash->line, SEGV_MAPERR);
	ck_assert_str_eq(function_of(crash->text), "innermost");
	ck_assert_str_eq(function_of(next_frame(crash->text)), "outer");
	snprintf(end, sizeof(end), " %s\n", program);
	ck_assert_ptr_eq(strstr(crash->text, end), strchr(crash->text, ' '));
	ck_assert_str_eq(heard->output, "");
}
END_TEST

START_TEST(return_addresses_are_told_as_their_calls)
{
	const char *frame;

	heard = listen_to("crashes_below_a_last_call", NULL);
	frame = next_frame(check_crash(SIGSEGV)->text);
	ck_assert_str_eq(function_of(frame), "never_returns");
	ck_assert_str_eq(function_of(next_frame(frame)), "ends_with_a_call");
}
END_TEST

START_TEST(a_stack_that_overflows)
{
	const struct said *crash;
	const char *frame;

	heard = listen_to("overflows", NULL);
	crash = check_crash(SIGSEGV);
	frame = crash->text;
	for (int i = 0; i < 64; i++, frame = next_frame(frame))
		ck_assert_str_eq(function_of(frame), "overflow");
	ck_assert_str_eq(frame, ""); /* as many as it tells */
}
END_TEST

START_TEST(a_call_of_nothing_names_the_caller)
{
	heard = listen_to("jumps_to_null", NULL);
	ck_assert_str_eq(function_of(next_frame(check_crash(SIGSEGV)->text)), "calls_nothing");
}
END_TEST

START_TEST(signals_that_are_sent)
{
	heard = listen_to("aborts", NULL);
	ck_assert_uint_eq(check_crash(SIGABRT)->b, 0);
	heard = listen_to("ends_by_kill", NULL);
	check_crash(SIGILL);
}
END_TEST

START_TEST(an_expected_signal_needs_no_words)
{
	heard = listen_to("aborts_as_expected", NULL);
	ck_assert_uint_eq(heard->count, 0);
	ck_assert_int_eq(WTERMSIG(heard->status), SIGABRT);
}
END_TEST

START_TEST(handlers_of_the_test_win)
{
	heard = listen_to("handles_faults_itself", NULL);
	ck_assert_uint_eq(heard->count, 0);
	ck_assert_str_eq(heard->output, "own handler\n");
	ck_assert_int_eq(heard->status, 0);
}
END_TEST

START_TEST(a_crash_of_a_child_is_not_the_tests)
{
	heard = listen_to("child_crashes", NULL);
	ck_assert_uint_eq(heard->count, 1);
	ck_assert_int_eq(heard->said[0].type, RECORD_DONE);
	ck_assert_uint_eq(heard->said[0].b, 0);
}
END_TEST

START_TEST(crashes_elsewhere_than_in_the_body)
{
	heard = listen_to("thread_crashes", NULL);
	ck_assert_str_eq(function_of(check_crash(SIGSEGV)->text), "innermost");
	heard = listen_to("crashes_at_exit", NULL);
	ck_assert_str_eq(function_of(check_crash(SIGSEGV)->text), "innermost");
}
END_TEST

static void skip_all(void)
{
	puts("a sanitizer tells of crashes itself");
	exit(77);
}

__attribute__((constructor)) static void under_sanitizers(void)
{
	if (body_owns_crashes())
		skip_all();
}

UNIT_MAIN("crash", a_fault_is_told_with_its_frames, return_addresses_are_told_as_their_calls,
	  a_stack_that_overflows, a_call_of_nothing_names_the_caller, signals_that_are_sent,
	  an_expected_signal_needs_no_words, handlers_of_the_test_win,
	  a_crash_of_a_child_is_not_the_tests, crashes_elsewhere_than_in_the_body)
