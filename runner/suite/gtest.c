/* SPDX-License-Identifier: MIT */
/*
 * GoogleTest, https://google.github.io/googletest/advanced.html
 *
 * A list has a line "Suite." for each test suite and "  Name" for each test; a comment says types
 * and values. The result of a case is read from its XML, since a test that skips ends with status 0
 * as one that passes does.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/kind.h"
#include "suite/lines.h"
#include "suite/xml_read.h"

#define DISABLED "DISABLED_"

static const char *const scrubbed[] = {"GTEST_*",
				       "TESTBRIDGE_TEST_ONLY",
				       "TEST_PREMATURE_EXIT_FILE",
				       "TEST_SHARD_INDEX",
				       "TEST_SHARD_STATUS_FILE",
				       "TEST_TOTAL_SHARDS",
				       "TEST_WARNINGS_OUTPUT_FILE",
				       "XML_OUTPUT_FILE",
				       NULL};

/* In the help of a program that contains it; of one that does not, in the names it links with. */
static bool gtest_recognise(struct candidate *candidate)
{
	return candidate->elf && (candidate_has(candidate, "gtest_list_tests") ||
				  candidate_has(candidate, "_ZN7testing14InitGoogleTest"));
}

static void gtest_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "--gtest_list_tests");
	command_add(command, "--gtest_color=no");
}

/* "Name  # GetParam() = 1" is Name. */
static size_t name_size(const char *line, size_t size)
{
	const char *comment = memmem(line, size, "  # ", 4);

	size = comment ? (size_t)(comment - line) : size;
	while (size && (line[size - 1] == ' ' || line[size - 1] == '\r'))
		size--;
	return size;
}

static void add(struct list *list, const char *suite, size_t suite_size, const char *name,
		size_t size)
{
	char full[4096];
	struct suite_case *item;

	snprintf(full, sizeof(full), "%.*s%.*s", (int)suite_size, suite, (int)size, name);
	item = list_add(list, full);
	if (item)
		item->ignored = !strncmp(full, DISABLED, strlen(DISABLED)) ||
				strstr(full, "." DISABLED) || strstr(full, "/" DISABLED);
}

static int gtest_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line, *group = NULL;
	size_t size, group_size = 0;

	(void)suite;
	while (lines_next(&lines, &line, &size)) {
		bool indented = size > 2 && !memcmp(line, "  ", 2);
		size_t named = name_size(line, size);

		if (indented && group)
			add(list, group, group_size, line + 2, named - 2);
		else if (!indented && named > 1 && line[named - 1] == '.' &&
			 !memchr(line, ' ', named))
			group = line, group_size = named;
		else if (named && group)
			return list_fail(list, "'%.*s' in its list is no test", (int)named, line);
	}
	return 0;
}

static void gtest_command(const struct suite *suite, const struct suite_case *item,
			  struct command_line *command)
{
	command_add(command, suite->path);
	command_addf(command, "--gtest_filter=%s", item->name);
	command_add(command, "--gtest_output=xml:" RESULT_PATH);
	command_add(command, "--gtest_color=no");
	if (item->ignored)
		command_add(command, "--gtest_also_run_disabled_tests");
}

/* "file.cc:12\nExpected equality..." */
static void tell_failure(struct judging *judging, const char *message)
{
	const char *end = strchr(message, '\n');
	const char *colon = end ? memrchr(message, ':', end - message) : NULL;
	unsigned long line = colon ? strtoul(colon + 1, NULL, 10) : 0;
	char file[PATH_MAX];

	if (!line) {
		judging_failure(judging, NULL, 0, NULL, message, strlen(message));
		return;
	}
	snprintf(file, sizeof(file), "%.*s", (int)(colon - message), message);
	judging_failure(judging, file, line, NULL, end + 1, strlen(end + 1));
}

static void judge_test(const struct _xmlNode *test, struct judging *judging)
{
	const struct _xmlNode *skipped = xml_child(test, "skipped");
	const struct _xmlNode *failure = xml_child(test, "failure");
	const char *message = skipped ? xml_get(skipped, "message") : NULL, *text;

	for (; failure; failure = xml_next(failure, "failure"))
		tell_failure(judging, xml_get(failure, "message") ? xml_get(failure, "message")
								  : xml_content(failure));
	if (!skipped)
		return;
	text = message ? strchr(message, '\n') : NULL; /* behind the place */
	judging_verdict(judging, VERDICT_SKIP, text ? text + 1 : message ? message : "");
}

/* Which tests of the result ran: all others say that they did not. */
static bool has_run(const struct _xmlNode *test)
{
	const char *status = xml_get(test, "status");

	return !status || !strcmp(status, "run");
}

static void gtest_judge(const struct said *said, struct judging *judging)
{
	const struct _xmlNode *root, *test = NULL;
	unsigned ran = 0;

	if (!WIFEXITED(said->wait_status))
		return;
	root = xml_read(said->result, said->result_size);
	while (root && (test = xml_find(root, test, "testcase")))
		if (has_run(test)) {
			judge_test(test, judging);
			ran++;
		}
	if (!WEXITSTATUS(said->wait_status) && root && !ran)
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
	/* Of a program that could not write there, what it prints is enough. */
	else if (!WEXITSTATUS(said->wait_status) && !root &&
		 !memmem(said->out, said->out_size, "[  PASSED  ]", 12))
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	xml_read_end(root);
}

const struct kind kind_gtest = {
	.name = "gtest",
	.title = "GoogleTest",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = gtest_recognise,
	.list_command = gtest_list_command,
	.list = gtest_list,
	.command = gtest_command,
	.judge = gtest_judge,
};
