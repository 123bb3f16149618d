/* SPDX-License-Identifier: MIT */
/* The verdict: every rule, and which comes first. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "unit.h"
#include "event.h"

#define EXITED(status) ((status) << 8)
#define KILLED(signal) (signal)

static struct remark reason = {.text = "not here"};

static const struct {
	const char *what;
	struct outcome outcome;
	struct cloche_options options;
	enum verdict verdict;
	const char *reason; /* a part of it */
} rules[] = {
	/* native */
	{"passes", {.ended = 1, .native = 1, .done = 1}, {0}, VERDICT_PASS, ""},
	{"fails",
	 {.ended = 1, .native = 1, .done = 1, .checks = 5, .failure_count = 2},
	 {0},
	 VERDICT_FAIL,
	 "2 of 5 expectations failed"},
	{"skips",
	 {.ended = 1, .native = 1, .done = 1, .skip = &reason},
	 {0},
	 VERDICT_SKIP,
	 "not here"},
	{"fails before it skips",
	 {.ended = 1, .native = 1, .done = 1, .skip = &reason, .failure_count = 1},
	 {0},
	 VERDICT_FAIL,
	 "1 expectation failed"},
	{"exits in the middle",
	 {.ended = 1, .native = 1, .wait_status = EXITED(3)},
	 {0},
	 VERDICT_FAIL,
	 "exit(3)"},
	{"exits with 0 in the middle", {.ended = 1, .native = 1}, {0}, VERDICT_FAIL, "exit(0)"},
	{"sanitizer",
	 {.ended = 1, .native = 1, .done = 1, .wait_status = EXITED(66)},
	 {0},
	 VERDICT_FAIL,
	 "66"},
	{"crash",
	 {.ended = 1, .native = 1, .wait_status = KILLED(SIGSEGV)},
	 {0},
	 VERDICT_CRASH,
	 "SIGSEGV"},
	{"crash after it was done",
	 {.ended = 1, .native = 1, .done = 1, .wait_status = KILLED(SIGABRT)},
	 {0},
	 VERDICT_CRASH,
	 "SIGABRT"},
	/* expected */
	{"expected signal",
	 {.ended = 1, .native = 1, .wait_status = KILLED(SIGSEGV)},
	 {.expect_signal = SIGSEGV},
	 VERDICT_PASS,
	 "expected"},
	{"another signal",
	 {.ended = 1, .native = 1, .wait_status = KILLED(SIGBUS)},
	 {.expect_signal = SIGSEGV},
	 VERDICT_CRASH,
	 "SIGBUS"},
	{"no signal",
	 {.ended = 1, .native = 1, .done = 1},
	 {.expect_signal = SIGSEGV},
	 VERDICT_FAIL,
	 "SIGSEGV"},
	{"expected failure",
	 {.ended = 1, .native = 1, .done = 1, .failure_count = 1},
	 {.expect_failure = 1},
	 VERDICT_PASS,
	 "as expected"},
	{"no failure",
	 {.ended = 1, .native = 1, .done = 1},
	 {.expect_failure = 1},
	 VERDICT_FAIL,
	 "passed"},
	{"expected failure skips",
	 {.ended = 1, .native = 1, .done = 1, .skip = &reason},
	 {.expect_failure = 1},
	 VERDICT_SKIP,
	 "not here"},
	/* limits */
	{"cpu", {.ended = 1, .wait_status = KILLED(SIGXCPU)}, {0}, VERDICT_LIMIT, "cpu"},
	{"file size",
	 {.ended = 1, .wait_status = KILLED(SIGXFSZ)},
	 {0},
	 VERDICT_LIMIT,
	 "file-size"},
	{"expected cpu",
	 {.ended = 1, .wait_status = KILLED(SIGXCPU)},
	 {.expect_signal = SIGXCPU},
	 VERDICT_PASS,
	 "expected"},
	{"fails at a limit",
	 {.ended = 1, .native = 1, .done = 1, .failure_count = 1, .limit_hit = "descriptors"},
	 {0},
	 VERDICT_LIMIT,
	 "'descriptors'"},
	{"passes at a limit",
	 {.ended = 1, .native = 1, .done = 1, .limit_hit = "descriptors"},
	 {0},
	 VERDICT_PASS,
	 ""},
	/* foreign */
	{"status 0", {.ended = 1}, {0}, VERDICT_PASS, ""},
	{"status 77", {.ended = 1, .wait_status = EXITED(77)}, {0}, VERDICT_SKIP, "77"},
	{"status 99", {.ended = 1, .wait_status = EXITED(99)}, {0}, VERDICT_ERROR, "99"},
	{"status 2", {.ended = 1, .wait_status = EXITED(2)}, {0}, VERDICT_FAIL, "2"},
	{"TAP passes",
	 {.ended = 1, .tap = 1, .tap_plan_seen = 1, .tap_planned = 2, .tap_run = 2},
	 {0},
	 VERDICT_PASS,
	 ""},
	{"TAP fails",
	 {.ended = 1,
	  .tap = 1,
	  .tap_plan_seen = 1,
	  .tap_planned = 2,
	  .tap_run = 2,
	  .tap_failed = 1},
	 {0},
	 VERDICT_FAIL,
	 "1 of 2"},
	{"TAP fails with status 0",
	 {.ended = 1, .tap = 1, .tap_run = 1, .tap_failed = 1},
	 {0},
	 VERDICT_FAIL,
	 "1 of 1"},
	{"TAP passes with status 1",
	 {.ended = 1,
	  .tap = 1,
	  .tap_plan_seen = 1,
	  .tap_planned = 1,
	  .tap_run = 1,
	  .wait_status = EXITED(1)},
	 {0},
	 VERDICT_FAIL,
	 "no test failed"},
	{"TAP planned more",
	 {.ended = 1,
	  .tap = 1,
	  .tap_plan_seen = 1,
	  .tap_planned = 2,
	  .tap_run = 1,
	  .tap_complaint = "planned 2"},
	 {0},
	 VERDICT_FAIL,
	 "planned 2"},
	{"TAP skips all",
	 {.ended = 1, .tap = 1, .tap_plan_seen = 1, .tap_complaint = "no disk"},
	 {0},
	 VERDICT_SKIP,
	 "no disk"},
	{"TAP skips each",
	 {.ended = 1,
	  .tap = 1,
	  .tap_plan_seen = 1,
	  .tap_planned = 2,
	  .tap_run = 2,
	  .tap_skipped = 2},
	 {0},
	 VERDICT_SKIP,
	 "all"},
	{"TAP bails out",
	 {.ended = 1, .tap = 1, .tap_bail_out = 1, .tap_complaint = "bailed"},
	 {0},
	 VERDICT_ERROR,
	 "bailed"},
	/* leaks */
	{"leaks", {.ended = 1, .left_processes = 1}, {0}, VERDICT_LEAK, "a process"},
	{"leaks three", {.ended = 1, .left_processes = 3}, {0}, VERDICT_LEAK, "3 processes"},
	{"leaks and fails",
	 {.ended = 1, .left_processes = 1, .wait_status = EXITED(1)},
	 {0},
	 VERDICT_FAIL,
	 "1"},
	{"leaks are ignored",
	 {.ended = 1, .left_processes = 1},
	 {.leaks = "ignore"},
	 VERDICT_PASS,
	 ""},
	/* what comes before everything */
	{"timeout",
	 {.ended = 1, .timed_out = 1, .wait_status = KILLED(SIGTERM)},
	 {.timeout = 2},
	 VERDICT_TIMEOUT,
	 "2 s"},
	{"timeout by default", {.timed_out = 1}, {0}, VERDICT_TIMEOUT, "60 s"},
	{"tampered",
	 {.ended = 1, .native = 1, .done = 1, .tampered = 1},
	 {0},
	 VERDICT_ERROR,
	 "pipe"},
	{"set-up",
	 {.setup_failed = 1, .setup_sentence = "no luck", .timed_out = 1, .tampered = 1},
	 {0},
	 VERDICT_ERROR,
	 "no luck"},
	{"cancelled",
	 {.ended = 1, .cancelled = 1, .timed_out = 1},
	 {0},
	 VERDICT_ERROR,
	 "interrupted"},
	{"init died", {.init_died = 1, .native = 1, .done = 1}, {0}, VERDICT_ERROR, "its cell"},
};

START_TEST(rule)
{
	char buffer[512];
	const char *why = NULL;
	enum verdict verdict =
		verdict_of(&rules[_i].outcome, &rules[_i].options, buffer, sizeof(buffer), &why);

	ck_assert_msg(verdict == rules[_i].verdict, "%s: %s and not %s", rules[_i].what,
		      verdict_name(verdict), verdict_name(rules[_i].verdict));
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, rules[_i].reason) != NULL, "%s: '%s' lacks '%s'", rules[_i].what,
		      why, rules[_i].reason);
}
END_TEST

START_TEST(what_makes_a_run_fail)
{
	static const struct cloche_options plain, strict = {.leaks = "fail"};

	ck_assert(!verdict_is_failure(VERDICT_PASS, &plain));
	ck_assert(!verdict_is_failure(VERDICT_SKIP, &plain));
	ck_assert(!verdict_is_failure(VERDICT_LEAK, &plain));
	ck_assert(verdict_is_failure(VERDICT_LEAK, &strict));
	ck_assert(verdict_is_failure(VERDICT_FAIL, &plain));
	ck_assert(verdict_is_failure(VERDICT_ERROR, &plain));
	ck_assert(verdict_is_failure(VERDICT_TIMEOUT, &plain));
	ck_assert(verdict_is_failure(VERDICT_CRASH, &plain));
	ck_assert(verdict_is_failure(VERDICT_LIMIT, &plain));
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, rule, 0, sizeof(rules) / sizeof(*rules));
	tcase_add_test(all, what_makes_a_run_fail);
	return unit_run("verdict", all);
}
