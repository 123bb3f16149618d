/* SPDX-License-Identifier: MIT */
/* Reports of cases that say, are named, and leave what would act on the reader's side. */
#define _GNU_SOURCE
#include <jansson.h>
#include <string.h>

#include "unit.h"
#include "reports.h"

START_TEST(hostile_tap)
{
	enum verdict verdict = hostile_verdicts[_i];
	struct result result = {&hostile_info, verdict, verdict == VERDICT_FAIL, hostile,
				&hostile_outcome};

	report_one(&reporter_tap, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	check_harmless();
	ck_assert_uint_eq(count_lines("ok ") + count_lines("not ok "), 1);
	ck_assert_uint_eq(count_lines("1.."), 1);
	ck_assert_uint_eq(count_lines("Bail out!"), 0);
	ck_assert_uint_eq(count_lines("  ---"), 1);
	ck_assert_uint_eq(count_lines("  ...\n"), 1);
	ck_assert_uint_eq(count_lines("#"), 0);
	/* No other directive than ours: every '#' of the name is escaped. */
	for (const char *c = strchr(text, '#'); c && c < strstr(text, "  ---");
	     c = strchr(c + 1, '#'))
		ck_assert(c[-1] == '\\' || !strncmp(c, "# SKIP ", 7));
}
END_TEST

START_TEST(hostile_terminal)
{
	enum verdict verdict = hostile_verdicts[_i];
	struct result result = {&hostile_info, verdict, verdict == VERDICT_FAIL, hostile,
				&hostile_outcome};

	report_one(&reporter_terminal, (struct report_options){.verbose = true}, &result);
	check_harmless();
	/* Everything of the test's is in one line, or moved in. */
	ck_assert_uint_eq(count_lines("ok 9"), 0);
	ck_assert_uint_eq(count_lines("  ..."), 0);
	report_one(&reporter_terminal,
		   (struct report_options){.failure_output = OUTPUT_IMMEDIATE,
					   .success_output = OUTPUT_IMMEDIATE},
		   &result);
	check_harmless();
}
END_TEST

START_TEST(hostile_jsonl)
{
	enum verdict verdict = hostile_verdicts[_i];
	struct result result = {&hostile_info, verdict, verdict == VERDICT_FAIL, hostile,
				&hostile_outcome};
	char *line = text, *next;
	size_t lines = 0;

	report_one(&reporter_jsonl, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	for (; *line; line = next + 1, lines++) {
		json_t *event;

		next = strchr(line, '\n');
		ck_assert_ptr_nonnull(next);
		*next = '\0';
		event = json_loads(line, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
		ck_assert_msg(event != NULL, "%s", line);
		json_decref(event);
	}
	ck_assert_uint_eq(lines, 4);
}
END_TEST

static size_t count_of(char wanted)
{
	size_t count = 0;

	for (const char *c = text; *c; c++)
		count += *c == wanted;
	return count;
}

/* Nothing of a test's is a tag, or ends the element in which the events stand. */
START_TEST(hostile_html)
{
	enum verdict verdict = hostile_verdicts[_i];
	char tags[] = "</script><script>alert(1)</script><!--<script>";
	struct remark remark = {.text = tags, .size = sizeof(tags) - 1};
	struct case_info info = {.suite = tags, .name = tags, .file = tags, .options = &plain};
	struct outcome outcome = {
		.native = true,
		.failures = &remark,
		.out = {.head = tags, .head_size = sizeof(tags) - 1, .total = sizeof(tags) - 1}};
	struct result tame = result_of(0),
		      result = {&hostile_info, verdict, verdict == VERDICT_FAIL, hostile,
				&hostile_outcome},
		      tagged = {&info, verdict, verdict == VERDICT_FAIL, tags, &outcome};
	size_t tag_count;

	report_one(&reporter_html, (struct report_options){0}, &tame);
	tag_count = count_of('<');
	ck_assert_uint_gt(tag_count, 50);
	report_one(&reporter_html, (struct report_options){0}, &result);
	ck_assert_uint_eq(count_of('<'), tag_count);
	report_one(&reporter_html, (struct report_options){0}, &tagged);
	ck_assert_uint_eq(count_of('<'), tag_count);
	ck_assert_ptr_nonnull(strstr(text, "\\u003c/script>\\u003cscript>alert(1)"));
	check_harmless();
}
END_TEST

/* A run that is killed leaves what the page holds so far; its end adds no more than tags. */
START_TEST(html_is_a_page_all_the_while)
{
	static const struct run_info info = {1, 3, 1, false, 0, true, "1.0"};
	struct result result = result_of(1);
	int file;
	void *state = report_begin(&reporter_html, (struct report_options){0}, &file, &info);
	const char *last = "\"output\":{\"bytes\":100,\"cut\":91,\"text\":\"begin\\n\",\"end\":"
			   "\"end\"}}\n";
	ssize_t size;

	ck_assert_int_eq(reporter_html.case_ended(state, &result), 0);
	size = pread(file, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(size, 0);
	text[size] = '\0';
	ck_assert_str_eq(text + size - strlen(last), last);
	report_end(&reporter_html, state, file, &(struct run_totals){0});
	ck_assert_uint_lt(strlen(text), 80 << 10); /* of which most is the page itself */
	ck_assert_ptr_nonnull(strstr(text, "}\n</script>\n</body>\n</html>\n"));
}
END_TEST

START_TEST(hostile_messages)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	int file;
	void *state = report_begin(&reporter_tap,
				   (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
				   &file, &info);

	reporter_tap.message(state, hostile);
	report_end(&reporter_tap, state, file, &(struct run_totals){0});
	check_harmless();
	ck_assert_uint_eq(count_lines("ok "), 0);
	state = report_begin(&reporter_terminal,
			     (struct report_options){.failure_output = OUTPUT_IMMEDIATE}, &file,
			     &info);
	reporter_terminal.message(state, hostile);
	report_end(&reporter_terminal, state, file, &(struct run_totals){0});
	check_harmless();
	ck_assert_uint_eq(count_lines("ok "), 0);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, hostile_tap, 0, 3);
	tcase_add_loop_test(all, hostile_terminal, 0, 3);
	tcase_add_loop_test(all, hostile_jsonl, 0, 3);
	tcase_add_loop_test(all, hostile_html, 0, 3);
	tcase_add_test(all, html_is_a_page_all_the_while);
	tcase_add_test(all, hostile_messages);
	return unit_run("report_hostile", all);
}
