/* SPDX-License-Identifier: MIT */
/* The reports, as text: of what cases may do. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "reports.h"

/* ---- for people ---- */

#define BAD   "        FAIL [   1.250s] t bad (repetition 2): 3 of 40 expectations failed\n"
#define BOOM  "       CRASH [   0.012s] t boom: killed by SIGSEGV\n"
#define LEAKS "        LEAK [   0.000s] t leaks: left a process behind\n"
#define FOREIGN                                                                                    \
	"       LIMIT [  10.000s] dir/foreign.sh foreign.sh: 1 of 3 tests failed, at the limit "   \
	"'descriptors'\n"
#define NEVER "       ERROR [   0.000s] t never: net: cannot unshare\n"
#define SLOW  "     TIMEOUT [  62.000s] t slow: ran into its deadline of 60 s\n"
#define SUMMARY                                                                                    \
	"------------\n"                                                                           \
	"     Summary [   3.500s] 8 cases run: 1 passed, 1 failed, 1 crashed, 1 timed out, 1 hit " \
	"a "                                                                                       \
	"limit, 1 error, 1 leaked, 1 skipped, 2 not run\n" BAD                                     \
	"             t.c:7: EXPECT(a, ==, 1)\n" BOOM LEAKS FOREIGN NEVER SLOW

START_TEST(terminal)
{
	report_all(&reporter_terminal, (struct report_options){.failure_output = OUTPUT_IMMEDIATE});
	check_text("    Starting 10 cases of 2 suites, 4 at once\n"
		   "    Shuffled with --shuffle=42\n"
		   "        PASS [   0.100s] t good\n"
		   "     Warning mind the gap\n" BAD "  t.c:7: EXPECT(a, ==, 1)\n"
		   "    2 == 1\n"
		   "  t.c:12: EXPECT_STR_EQ(a, b)\n"
		   "      one\n"
		   "    - two\n"
		   "    + 2\n"
		   "    ... cut\n"
		   "  t.c:9: note: half done\n"
		   "  attached big, 7 bytes (cut): not kept\n"
		   "  attached log, 12 bytes: out/a.1.log\n"
		   "  ... 1 more are not shown\n"
		   "  --- output ---\n"
		   "begin\n"
		   "\n"
		   "  ... 91 bytes left out, see --output-limit ...\n"
		   "end\n"
		   "  --- end of output ---\n"
		   "        SKIP [   0.000s] t later: not # before Tuesday\n" BOOM
		   "    SIGSEGV at address 0x0\n"
		   "      #0 f at t.c:3\n" LEAKS
		   "  left behind: process: pid 5 sleep 'sleep 1000'\n" FOREIGN "  --- output ---\n"
		   "\\xff\\x00 caf\xc3\xa9 \\x1b[2J\n"
		   "x\n"
		   "  --- end of output ---\n" NEVER SLOW SUMMARY);
}
END_TEST

START_TEST(terminal_shows_output_as_asked)
{
	struct result result = result_of(2);

	report_one(&reporter_terminal,
		   (struct report_options){.failure_output = OUTPUT_IMMEDIATE,
					   .success_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, "  --- output ---\nquiet\n  --- end of output ---\n"));
	report_one(&reporter_terminal, (struct report_options){.verbose = true}, &result);
	ck_assert_ptr_null(strstr(text, "quiet"));
	result = result_of(1);
	report_one(&reporter_terminal, (struct report_options){.failure_output = OUTPUT_NEVER},
		   &result);
	ck_assert_ptr_null(strstr(text, "output ---"));
	ck_assert_ptr_nonnull(strstr(text, "attached log"));
}
END_TEST

/* Colours of ours and of the test's; none of the test's goes on into ours. */
START_TEST(terminal_in_colour)
{
	struct result result = result_of(5);

	report_one(&reporter_terminal,
		   (struct report_options){.color = true, .failure_output = OUTPUT_IMMEDIATE},
		   &result);
	check_text("\033[32;1m    Starting\033[0m 1 case of 1 suite, 1 at once\n"
		   "\033[31;1m       LIMIT\033[0m [  10.000s] dir/foreign.sh "
		   "\033[1mforeign.sh\033[0m: 1 of 3 tests failed, at the limit 'descriptors'\n"
		   "  --- output ---\n"
		   "\\xff\\x00\033[31m caf\xc3\xa9 \\x1b[2J\n"
		   "x\033[0m\n"
		   "  --- end of output ---\n"
		   "------------\n"
		   "\033[32;1m     Summary\033[0m [   1.000s] 1 case run: 0 passed\n"
		   "\033[31;1m       LIMIT\033[0m [  10.000s] dir/foreign.sh "
		   "\033[1mforeign.sh\033[0m: 1 of 3 tests failed, at the limit 'descriptors'\n");
}
END_TEST

/* On a terminal what passes has no line, and the status line is gone before any other. */
START_TEST(terminal_that_is_one)
{
	struct result result = result_of(0);

	report_one(&reporter_terminal,
		   (struct report_options){.live = true, .failure_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(
		text,
		"\033[?7l     Running [00:00] [>                     ] 0/1, 1 running, 0 failed"
		"\033[?7h\r\033[J------------\n"));
	ck_assert_ptr_null(strstr(text, "PASS"));
	result = result_of(3);
	report_one(&reporter_terminal,
		   (struct report_options){.live = true, .failure_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, "1 running, 0 failed\033[?7h\r\033[J" BOOM));
	result = result_of(0);
	report_one(&reporter_terminal, (struct report_options){.live = true, .verbose = true},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, "PASS"));
}
END_TEST

/* A failure that says very much has one line of the summary. */
START_TEST(terminal_summary_is_short)
{
	static char much[5000];
	struct remark remark = {.file = "a.c", .line = 1, .text = much, .size = sizeof(much) - 1};
	struct outcome outcome = {.native = true, .failures = &remark};
	struct result result = {&cases[0].info, VERDICT_FAIL, true, "", &outcome};
	const char *summary;

	memset(much, '~', sizeof(much) - 1);
	memcpy(much + 199, "\xc3\xa9", 2); /* across the cut */
	report_one(&reporter_terminal, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, much));
	summary = strstr(text, "------------\n");
	ck_assert_ptr_nonnull(strstr(summary, "             a.c:1: ~~~"));
	ck_assert_ptr_nonnull(strstr(summary, "~~~...\n"));
	ck_assert_uint_lt(strlen(summary), 500);
}
END_TEST

START_TEST(terminal_groups_digits)
{
	struct outcome outcome = {
		.out = {.head = (char *)"x", .head_size = 1, .cut = 1002003, .total = 1002004}};
	struct result result = {&cases[0].info, VERDICT_FAIL, true, "", &outcome};

	report_one(&reporter_terminal, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, "... 1,002,003 bytes left out"));
	outcome.out.cut = 999;
	report_one(&reporter_terminal, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, "... 999 bytes left out"));
}
END_TEST

/* ---- a case that is tried again ---- */

static struct case_info attempts[] = {
	{.suite = "t", .name = "shy", .number = 1, .attempt = 1, .options = &plain},
	{.suite = "t", .name = "shy", .number = 1, .attempt = 2, .options = &plain},
	{.suite = "t", .name = "shy", .number = 1, .attempt = 3, .options = &plain}};
static const struct outcome shy = {.native = true, .failures = &first, .wall = 0.5},
			    fine = {.native = true, .wall = 0.25};
static const struct result tries[] = {
	{&attempts[0], VERDICT_FAIL, true, "1 expectation failed", &shy},
	{&attempts[1], VERDICT_TIMEOUT, true, "ran into its deadline of 1 s", &shy, &tries[0]},
	{&attempts[2], VERDICT_FLAKY, false, "passed on attempt 3 of 3", &fine, &tries[1]}};

static void report_tries(const struct reporter *reporter, struct report_options options,
			 const struct result *last)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	int file;
	void *state = report_begin(reporter, options, &file, &info);

	for (size_t i = 0; i < 3; i++) {
		if (reporter->case_started)
			ck_assert_int_eq(reporter->case_started(state, &attempts[i]), 0);
		if (i < 2)
			ck_assert_int_eq(reporter->case_retried(state, &tries[i], i ? 1.5 : 0), 0);
		if (i == 1 && last->given_up)
			break;
	}
	ck_assert_int_eq(reporter->case_ended(state, last), 0);
	report_end(reporter, state, file,
		   &(struct run_totals){.count = {[VERDICT_FLAKY] = 1}, .wall = 1});
}

static const struct result *given_up(void)
{
	static struct result result;

	result = tries[1];
	result.given_up = true;
	return &result;
}

#define TRIES                                                                                      \
	"    Starting 1 case of 1 suite, 1 at once\n"                                              \
	"  TRY 1 FAIL [   0.500s] t shy: 1 expectation failed\n"                                   \
	"  t.c:7: EXPECT(a, ==, 1)\n    2 == 1\n"                                                  \
	"  t.c:12: EXPECT_STR_EQ(a, b)\n      one\n    - two\n    + 2\n    ... cut\n"              \
	"TRY 2 TIMEOUT [   0.500s] t shy: ran into its deadline of 1 s\n"                          \
	"  t.c:7: EXPECT(a, ==, 1)\n    2 == 1\n"                                                  \
	"  t.c:12: EXPECT_STR_EQ(a, b)\n      one\n    - two\n    + 2\n    ... cut\n"              \
	"  trying again in 1.5 s\n"

START_TEST(terminal_tells_every_attempt)
{
	report_tries(&reporter_terminal,
		     (struct report_options){.failure_output = OUTPUT_IMMEDIATE}, &tries[2]);
	check_text(TRIES "       FLAKY [   0.250s] t shy: passed on attempt 3 of 3\n"
			 "------------\n"
			 "     Summary [   1.000s] 1 case run: 0 passed, 1 flaky\n"
			 "       FLAKY [   0.250s] t shy: passed on attempt 3 of 3\n"
			 "             t.c:7: EXPECT(a, ==, 1)\n");
	report_tries(&reporter_terminal, (struct report_options){.live = true}, &tries[2]);
	ck_assert_ptr_nonnull(strstr(text, "  TRY 1 FAIL"));
	ck_assert_ptr_nonnull(strstr(text, "       FLAKY"));
}
END_TEST

START_TEST(terminal_tells_who_is_not_tried_again)
{
	report_tries(&reporter_terminal, (struct report_options){.live = true}, given_up());
	ck_assert_ptr_null(strstr(text, "4294967295 running"));
	ck_assert_ptr_nonnull(
		strstr(text, "TRY 2 TIMEOUT [   0.500s] t shy: ran into its deadline of 1 s\n"
			     "  not tried again: the run ends\n"));
}
END_TEST

START_TEST(tap_tells_every_attempt)
{
	report_tries(&reporter_tap, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		     &tries[2]);
	check_text("TAP version 14\n1..1\n"
		   "# attempt 1 of t shy: fail, 1 expectation failed\n"
		   "# attempt 2 of t shy: timeout, ran into its deadline of 1 s; the next one in "
		   "1.5 s\n"
		   "ok 1 - t shy\n"
		   "  ---\n"
		   "  verdict: flaky\n"
		   "  seconds: 0.250000\n"
		   "  reason: |2-\n"
		   "    passed on attempt 3 of 3\n"
		   "  earlier_attempts:\n"
		   "    - '1: fail after 0.500 s: 1 expectation failed'\n"
		   "    - '2: timeout after 0.500 s: ran into its deadline of 1 s'\n"
		   "  ...\n");
}
END_TEST

START_TEST(jsonl_tells_every_attempt)
{
	json_t *events[8], *earlier;
	size_t count = 0;

	report_tries(&reporter_jsonl, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		     &tries[2]);
	for (char *line = text, *next; *line; line = next + 1, count++) {
		next = strchr(line, '\n');
		events[count] = json_loadb(line, (size_t)(next - line), 0, NULL);
		ck_assert_ptr_nonnull(events[count]);
	}
	ck_assert_uint_eq(count, 8);
#define TEXT_OF(object, key)   json_string_value(json_object_get(object, key))
#define NUMBER_OF(object, key) json_number_value(json_object_get(object, key))
	ck_assert_str_eq(TEXT_OF(events[4], "event"), "case-retried");
	ck_assert(NUMBER_OF(events[4], "attempt") == 2 && NUMBER_OF(events[4], "delay") == 1.5);
	ck_assert_str_eq(TEXT_OF(events[4], "verdict"), "timeout");
	ck_assert(NUMBER_OF(events[5], "attempt") == 3);
	ck_assert_str_eq(TEXT_OF(events[6], "verdict"), "flaky");
	earlier = json_object_get(events[6], "earlier");
	ck_assert_uint_eq(json_array_size(earlier), 2);
	for (size_t i = 0; i < 2; i++) {
		json_t *one = json_array_get(earlier, i);

		ck_assert(NUMBER_OF(one, "attempt") == (double)i + 1);
		ck_assert_str_eq(TEXT_OF(one, "verdict"), i ? "timeout" : "fail");
		ck_assert_uint_eq(json_array_size(json_object_get(one, "failures")), 2);
	}
	for (size_t i = 0; i < count; i++)
		json_decref(events[i]);
}
END_TEST

/* ---- TAP ---- */

#define NO_TAP_USAGE                                                                               \
	"  user_seconds: 0.000000\n  system_seconds: 0.000000\n  max_rss_kib: 0\n"                 \
	"  blocks_read: 0\n  blocks_written: 0\n  waits: 0\n  preemptions: 0\n"

START_TEST(tap)
{
	report_all(&reporter_tap, (struct report_options){.failure_output = OUTPUT_IMMEDIATE});
	check_text("TAP version 14\n"
		   "1..10\n"
		   "# shuffled with seed 42\n"
		   "ok 1 - t good\n"
		   "# mind the gap\n"
		   "not ok 2 - t bad (repetition 2)\n"
		   "  ---\n"
		   "  verdict: fail\n"
		   "  seconds: 1.250000\n"
		   "  user_seconds: 1.500000\n"
		   "  system_seconds: 0.000001\n"
		   "  max_rss_kib: 2048\n"
		   "  blocks_read: 16\n"
		   "  blocks_written: 8\n"
		   "  waits: 4\n"
		   "  preemptions: 2\n"
		   "  reason: |2-\n"
		   "    3 of 40 expectations failed\n"
		   "  failures: |2-\n"
		   "    t.c:7: EXPECT(a, ==, 1)\n"
		   "    2 == 1\n"
		   "    t.c:12: EXPECT_STR_EQ(a, b)\n"
		   "      one\n"
		   "    - two\n"
		   "    + 2\n"
		   "    ... cut\n"
		   "  notes: |2-\n"
		   "    t.c:9: half done\n"
		   "  remarks_left_out: 1\n"
		   "  attachments:\n"
		   "    - 'big, 7 bytes (cut): not kept'\n"
		   "    - 'log, 12 bytes: out/a.1.log'\n"
		   "  output: |2-\n"
		   "    begin\n"
		   "  output_bytes_left_out: 91\n"
		   "  output_end: |2-\n"
		   "    end\n"
		   "  ...\n"
		   "ok 3 - t later # SKIP not \\# before Tuesday\n"
		   "not ok 4 - t boom\n"
		   "  ---\n"
		   "  verdict: crash\n"
		   "  seconds: 0.012000\n" NO_TAP_USAGE "  reason: |2-\n"
		   "    killed by SIGSEGV\n"
		   "  crash: |2-\n"
		   "    SIGSEGV at address 0x0\n"
		   "      #0 f at t.c:3\n"
		   "  ...\n"
		   "ok 5 - t leaks\n"
		   "  ---\n"
		   "  verdict: leak\n"
		   "  seconds: 0.000000\n" NO_TAP_USAGE "  reason: |2-\n"
		   "    left a process behind\n"
		   "  left_behind:\n"
		   "    - 'process: pid 5 sleep ''sleep 1000'''\n"
		   "  ...\n"
		   "not ok 6 - dir/foreign.sh foreign.sh\n"
		   "  ---\n"
		   "  verdict: limit\n"
		   "  seconds: 10.000000\n" NO_TAP_USAGE "  reason: |2-\n"
		   "    1 of 3 tests failed, at the limit 'descriptors'\n"
		   "  output: |2-\n"
		   "    \\xff\\x00 caf\xc3\xa9 \\x1b[2J\n"
		   "    x\n"
		   "  ...\n"
		   "not ok 7 - t never\n"
		   "  ---\n"
		   "  verdict: error\n"
		   "  seconds: 0.000000\n"
		   "  reason: |2-\n"
		   "    net: cannot unshare\n"
		   "  ...\n"
		   "not ok 8 - t slow\n"
		   "  ---\n"
		   "  verdict: timeout\n"
		   "  seconds: 62.000000\n"
		   "  reason: |2-\n"
		   "    ran into its deadline of 60 s\n"
		   "  ...\n"
		   "Bail out! 2 cases were not run\n");
}
END_TEST

/* ---- JSON lines ---- */

/* As above, with '`' for each '"'. */
static void check_json(const char *expected)
{
	char *quoted = strdup(expected);

	for (char *c = quoted; *c; c++)
		*c = *c == '`' ? '"' : *c;
	check_text(quoted);
	free(quoted);
}

#define REMARKS    "`failure_count`:0,`failures`:[],`notes`:[],`attachments`:[],"
#define NATIVE     "`checks`:0," REMARKS
#define UNFINISHED "`checks`:0,`unfinished`:true," REMARKS
#define NO_OUTPUT  "`output`:{`bytes`:0,`cut`:0,`text`:``}}\n"
#define NO_IO      "`blocks_read`:0,`blocks_written`:0,`waits`:0,`preemptions`:0,"
#define NO_USAGE   "`user_seconds`:0.0,`system_seconds`:0.0,`max_rss_kib`:0," NO_IO
#define NO_WORLD   "`namespaces`:{},`world`:{},`findings`:[],"
#define STARTED    "{`v`:1,`event`:`case-started`,"
#define ENDED      "{`v`:1,`event`:`case-ended`,"
#define BOTH(of)   STARTED of "}\n" ENDED of ","
#define BAD_CASE                                                                                   \
	"`suite`:`t`,`name`:`bad`,`number`:2,`repetition`:1,`attempt`:1,`file`:`t.c`,`line`:5"

/* A line of the text, or a part of one, a line. */
/* clang-format off */
START_TEST(jsonl)
{
	report_all(&reporter_jsonl, (struct report_options){.failure_output = OUTPUT_IMMEDIATE});
	check_json(
		"{`v`:1,`event`:`run-started`,`cloche`:`1.0`,`suites`:2,`cases`:10,`jobs`:4,"
		"`isolated`:true,`seed`:42}\n"

		BOTH("`suite`:`t`,`name`:`good`,`number`:1,`repetition`:0,`attempt`:1,`file`:`t.c`,`line`:1")
		"`verdict`:`pass`,`failure`:false,`reason`:``,`started`:0.0,`slot`:0,`seconds`:0.1,`status`:0," NO_USAGE
		NO_WORLD "`checks`:3,`failure_count`:0,`failures`:[],`notes`:[],`attachments`:[],"
		NO_OUTPUT

		STARTED BAD_CASE "}\n"
		"{`v`:1,`event`:`message`,`text`:`mind\\nthe \\u001B[1mgap`}\n"
		ENDED BAD_CASE ",`verdict`:`fail`,`failure`:true,"
		"`reason`:`3 of 40 expectations failed`,`started`:0.0,`slot`:0,`seconds`:1.25,`status`:0,"
		"`user_seconds`:1.5,`system_seconds`:0.000001,`max_rss_kib`:2048,"
		"`blocks_read`:16,`blocks_written`:8,`waits`:4,`preemptions`:2,"
		"`namespaces`:{`user`:1,`mnt`:2,`net`:4026531840},"
		"`world`:{`hostname`:`moon`,`tmpfs-size`:`4096`,`tty`:`true`,`uptime`:`+2592000`},"
		"`findings`:[],`checks`:40,`failure_count`:3,`failures`:["
		"{`file`:`t.c`,`line`:7,`expression`:`EXPECT(a, ==, 1)`,`text`:`2 == 1`},"
		"{`file`:`t.c`,`line`:12,`expression`:`EXPECT_STR_EQ(a, b)`,"
		"`text`:`  one\\n- two\\n+ 2`,`cut`:true}],"
		"`notes`:[{`file`:`t.c`,`line`:9,`text`:`half done`}],"
		"`attachments`:[{`name`:`big`,`bytes`:7,`file`:null,`cut`:true},"
		"{`name`:`log`,`bytes`:12,`file`:`out/a.1.log`}],`remarks_left_out`:1,"
		"`output`:{`bytes`:100,`cut`:91,`text`:`begin\\n`,`end`:`end`}}\n"

		BOTH("`suite`:`t`,`name`:`later`,`number`:3,`repetition`:0,`attempt`:1,`file`:`t.c`,`line`:20")
		"`verdict`:`skip`,`failure`:false,`reason`:`not # before\\nTuesday`,"
		"`started`:0.0,`slot`:0,`seconds`:0.0004,`status`:0," NO_USAGE NO_WORLD NATIVE
		"`output`:{`bytes`:6,`cut`:0,`text`:`quiet\\n`}}\n"

		BOTH("`suite`:`t`,`name`:`boom`,`number`:4,`repetition`:0,`attempt`:1,`file`:`t.c`,`line`:30")
		"`verdict`:`crash`,`failure`:true,`reason`:`killed by SIGSEGV`,`started`:0.0,`slot`:0,`seconds`:0.012,"
		"`signal`:`SIGSEGV`," NO_USAGE NO_WORLD UNFINISHED
		"`crash`:`SIGSEGV at address 0x0\\n  #0 f at t.c:3`," NO_OUTPUT

		BOTH("`suite`:`t`,`name`:`leaks`,`number`:5,`repetition`:0,`attempt`:1,`file`:`t.c`,`line`:40")
		"`verdict`:`leak`,`failure`:false,`reason`:`left a process behind`,`started`:0.0,`slot`:0,`seconds`:0.0,"
		"`status`:0," NO_USAGE "`namespaces`:{},`world`:{},`findings`:["
		"{`kind`:`process`,`text`:`pid 5 sleep 'sleep 1000'`}]," NATIVE NO_OUTPUT

		BOTH("`suite`:`dir/foreign.sh`,`name`:`foreign.sh`,`number`:6,`repetition`:0,`attempt`:1")
		"`verdict`:`limit`,`failure`:true,"
		"`reason`:`1 of 3 tests failed, at the limit 'descriptors'`,`started`:0.0,`slot`:0,`seconds`:10.0,"
		"`status`:1," NO_USAGE NO_WORLD "`limit`:`descriptors`,"
		"`tap`:{`planned`:3,`run`:3,`failed`:1,`skipped`:1},"
		"`output`:{`bytes`:21,`cut`:0,"
		"`text`:`\xef\xbf\xbd\\u0000\\u001B[31m caf\xc3\xa9 \\u001B[2J\\r\\nx`,"
		"`replaced`:true}}\n"

		BOTH("`suite`:`t`,`name`:`never`,`number`:7,`repetition`:0,`attempt`:1,`file`:`t.c`,`line`:50")
		"`verdict`:`error`,`failure`:true,`reason`:`net: cannot unshare`,`started`:0.0,`slot`:0,`seconds`:0.0,"
		NO_WORLD UNFINISHED NO_OUTPUT

		BOTH("`suite`:`t`,`name`:`slow`,`number`:8,`repetition`:0,`attempt`:1,`file`:`t.c`,`line`:60")
		"`verdict`:`timeout`,`failure`:true,`reason`:`ran into its deadline of 60 s`,"
		"`started`:0.0,`slot`:0,`seconds`:62.0," NO_WORLD UNFINISHED NO_OUTPUT

		"{`v`:1,`event`:`run-ended`,`failed`:5,`not_run`:2,`seconds`:3.5,`pass`:1,`fail`:1,"
		"`skip`:1,`error`:1,`timeout`:1,`crash`:1,`leak`:1,`limit`:1,`flaky`:0}\n");
}
END_TEST
/* clang-format on */

START_TEST(jsonl_numbers)
{
	static const struct {
		double wall;
		const char *text;
	} rows[] = {{0.028382853000948671, "0.028383"},
		    {0.1 + 0.2, "0.3"},
		    {59.9999996, "60.0"},
		    {86399.999999, "86399.999999"},
		    {1e9, "1000000000.0"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct outcome outcome = {.wall = rows[i].wall};
		struct result result = {&cases[0].info, VERDICT_PASS, false, "", &outcome};
		char expected[64];

		snprintf(expected, sizeof(expected), "\"seconds\":%s,\"namespaces", rows[i].text);
		report_one(&reporter_jsonl,
			   (struct report_options){.failure_output = OUTPUT_IMMEDIATE}, &result);
		ck_assert_msg(strstr(text, expected) != NULL, "%s in %s", expected, text);
	}
}
END_TEST

START_TEST(jsonl_signals)
{
	struct outcome outcome = {.ended = true, .wait_status = SIGRTMIN + 3};
	struct result result = {&cases[0].info, VERDICT_CRASH, true, "", &outcome};

	report_one(&reporter_jsonl, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, "\"signal\":\"SIGRTMIN+3\","));
}
END_TEST

/* A list is as long as the command line made it, and none of it may be missing. */
START_TEST(jsonl_long_worlds)
{
	char *list = malloc(100001);
	struct cloche_options world = {.env = list};
	struct case_info info = {.suite = "t", .name = "n", .options = &world};
	struct outcome outcome = {0};
	struct result result = {&info, VERDICT_PASS, false, "", &outcome};

	memset(list, 'v', 100000);
	list[100000] = '\0';
	report_one(&reporter_jsonl, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	ck_assert_ptr_nonnull(strstr(text, list));
	free(list);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, terminal);
	tcase_add_test(all, terminal_shows_output_as_asked);
	tcase_add_test(all, terminal_in_colour);
	tcase_add_test(all, terminal_that_is_one);
	tcase_add_test(all, terminal_summary_is_short);
	tcase_add_test(all, terminal_groups_digits);
	tcase_add_test(all, terminal_tells_every_attempt);
	tcase_add_test(all, terminal_tells_who_is_not_tried_again);
	tcase_add_test(all, tap_tells_every_attempt);
	tcase_add_test(all, jsonl_tells_every_attempt);
	tcase_add_test(all, tap);
	tcase_add_test(all, jsonl);
	tcase_add_test(all, jsonl_numbers);
	tcase_add_test(all, jsonl_signals);
	tcase_add_test(all, jsonl_long_worlds);
	return unit_run("report", all);
}
