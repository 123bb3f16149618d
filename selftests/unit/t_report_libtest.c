/* SPDX-License-Identifier: MIT */
/* The report in libtest's JSON. */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "reports.h"

#define EVENTS_MAX 64

static json_t *events[EVENTS_MAX];
static size_t event_count;

static void parse(void)
{
	event_count = 0;
	for (char *line = text, *next; *line; line = next + 1) {
		next = strchr(line, '\n');
		ck_assert_ptr_nonnull(next);
		ck_assert_uint_lt(event_count, EVENTS_MAX);
		events[event_count] = json_loadb(line, (size_t)(next - line),
						 JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
		ck_assert_msg(events[event_count] != NULL, "no JSON: %s", line);
		event_count++;
	}
}

static const char *text_of(const json_t *event, const char *key)
{
	const char *value = json_string_value(json_object_get(event, key));

	return value ? value : "(none)";
}

/* The event of that kind about a test of that name. */
static const json_t *find(const char *name, const char *kind)
{
	const json_t *found = NULL;

	for (size_t i = 0; i < event_count; i++)
		if (!strcmp(text_of(events[i], "name"), name) &&
		    !strcmp(text_of(events[i], "event"), kind)) {
			ck_assert_ptr_null(found);
			found = events[i];
		}
	ck_assert_msg(found != NULL, "no event '%s' of '%s'", kind, name);
	ck_assert_str_eq(text_of(found, "type"), "test");
	return found;
}

static void check_numbers(const json_t *event, const char *const *keys, const int *values)
{
	for (; *keys; keys++, values++)
		ck_assert_msg(json_integer_value(json_object_get(event, *keys)) == *values,
			      "%s is not %d", *keys, *values);
}

START_TEST(a_run)
{
	const json_t *last;

	report_all(&reporter_libtest, (struct report_options){0});
	parse();
	ck_assert_uint_eq(event_count, 2 + 2 * CASES);
	ck_assert_ptr_eq(strstr(text, "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":10,"
				      "\"shuffle_seed\":42}\n"),
			 text);
	for (size_t i = 0; i < CASES; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s::%s%s", cases[i].info.suite, cases[i].info.name,
			 cases[i].info.repetition ? " (repetition 2)" : "");
		find(name, "started");
	}
	last = events[event_count - 1];
	ck_assert_str_eq(text_of(last, "type"), "suite");
	ck_assert_str_eq(text_of(last, "event"), "failed");
	check_numbers(last,
		      (const char *const[]){"passed", "failed", "ignored", "measured",
					    "filtered_out", NULL},
		      (const int[]){2, 5, 1, 0, 2});
	ck_assert(json_number_value(json_object_get(last, "exec_time")) == 3.5);
}
END_TEST

START_TEST(results)
{
	const json_t *bad, *more;

	report_all(&reporter_libtest, (struct report_options){0});
	parse();
	bad = find("t::bad (repetition 2)", "failed");
	ck_assert_str_eq(text_of(bad, "message"), "3 of 40 expectations failed");
	ck_assert_ptr_nonnull(strstr(text_of(bad, "stdout"),
				     "begin\n\n... 91 bytes left out, see --output-limit ...\nend\n"
				     "  t.c:7: EXPECT(a, ==, 1)\n    2 == 1\n"));
	ck_assert(json_number_value(json_object_get(bad, "exec_time")) == 1.25);
	more = json_object_get(bad, "cloche");
	ck_assert_str_eq(text_of(more, "verdict"), "fail");
	ck_assert(json_number_value(json_object_get(more, "user_seconds")) == 1.5);
	check_numbers(more,
		      (const char *const[]){"max_rss_kib", "blocks_read", "blocks_written", "waits",
					    "preemptions", "attempts", NULL},
		      (const int[]){2048, 16, 8, 4, 2, 1});
	ck_assert_str_eq(text_of(find("t::later", "ignored"), "message"), "not # before\nTuesday");
	ck_assert_str_eq(text_of(find("t::slow", "failed"), "reason"), "time limit exceeded");
	ck_assert_str_eq(text_of(find("t::boom", "failed"), "reason"), "(none)");
	ck_assert_ptr_nonnull(
		strstr(text_of(find("t::boom", "failed"), "stdout"), "#0 f at t.c:3"));
	ck_assert_ptr_null(json_object_get(find("t::good", "ok"), "stdout"));
	ck_assert_str_eq(text_of(json_object_get(find("t::leaks", "ok"), "cloche"), "verdict"),
			 "leak");
}
END_TEST

/* However often it is tried, a test starts and ends once; libtest says "timeout" of a slow one. */
START_TEST(attempts)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	struct result tried = result_of(3), last = result_of(0);
	struct case_info second = cases[0].info;
	int file;
	void *state = report_begin(&reporter_libtest, (struct report_options){0}, &file, &info);

	second.attempt = 2;
	last.info = &second;
	last.verdict = VERDICT_FLAKY;
	last.earlier = &tried;
	ck_assert_int_eq(reporter_libtest.case_started(state, &cases[0].info), 0);
	ck_assert_int_eq(reporter_libtest.case_slow(state, &cases[0].info, 60), 0);
	ck_assert_int_eq(reporter_libtest.case_started(state, &second), 0);
	ck_assert_int_eq(reporter_libtest.case_ended(state, &last), 0);
	report_end(&reporter_libtest, state, file, &(struct run_totals){.wall = 1});
	parse();
	ck_assert_uint_eq(event_count, 5);
	find("t::good", "started");
	find("t::good", "timeout");
	check_numbers(json_object_get(find("t::good", "ok"), "cloche"),
		      (const char *const[]){"attempts", NULL}, (const int[]){2});
	ck_assert_str_eq(text_of(events[4], "event"), "ok");
}
END_TEST

START_TEST(hostile_libtest)
{
	enum verdict verdict = hostile_verdicts[_i];
	struct result result = {&hostile_info, verdict, verdict == VERDICT_FAIL, hostile,
				&hostile_outcome};

	report_one(&reporter_libtest, (struct report_options){0}, &result);
	parse();
	ck_assert_uint_eq(event_count, 4);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, a_run);
	tcase_add_test(all, results);
	tcase_add_test(all, attempts);
	tcase_add_loop_test(all, hostile_libtest, 0, 3);
	return unit_run("report_libtest", all);
}
