/* SPDX-License-Identifier: MIT */
/*
 * Check, https://libcheck.github.io/check/
 *
 * A test case of Check's ("TCase") is a case; several functions may be in one. Check selects no
 * finer, and it has no list: see preload/check.c. Each function has a process of its own, as Check
 * has it by default: without, signals and exit statuses that are expected, and Check's timeouts,
 * would not be seen, and the first function that crashes would hide the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "preload/check.h"
#include "suite/kind.h"
#include "suite/preload.h"
#include "suite/xml_read.h"

static const char *const scrubbed[] = {"CK_RUN_*",
				       "CK_INCLUDE_TAGS",
				       "CK_EXCLUDE_TAGS",
				       "CK_LOG_FILE_NAME",
				       "CK_TAP_LOG_FILE_NAME",
				       "CK_XML_LOG_FILE_NAME",
				       NULL};

/* Of a case: what Check itself calls it. */
struct detail {
	const char *suite, *test_case;
};

/* Most programs have the library in themselves. */
static bool check_recognise(struct candidate *candidate)
{
	return candidate->elf && (candidate_has(candidate, "CK_RUN_CASE") ||
				  candidate_has(candidate, "libcheck.so.0"));
}

/* env(1) takes a path with a '=' in it for a variable. */
static void add_program(struct command_line *command, const char *path)
{
	if (strchr(path, '=')) {
		command_add(command, "/bin/sh");
		command_add(command, "-c");
		command_add(command, "exec \"$0\"");
	}
	command_add(command, path);
}

static void check_list_command(const struct suite *suite, struct command_line *command)
{
	char library[PATH_MAX];

	preload_path("check", library, sizeof(library));
	command_add(command, "/usr/bin/env");
	command_addf(command, "LD_PRELOAD=%s", library);
	command_add(command, "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0");
	command_add(command, "CK_RUN_SUITE=" PRELOAD_CHECK_SUITE);
	command_add(command, "CK_RUN_CASE=" PRELOAD_CHECK_CASE);
	command_add(command, "CK_INCLUDE_TAGS=cloche_runs_none");
	command_add(command, "CK_XML_LOG_FILE_NAME=-");
	add_program(command, suite->path);
}

static bool is_known(const struct suite *suite, const char *group, const char *name)
{
	for (size_t i = 0; i < suite->case_count; i++) {
		const struct detail *other = suite->cases[i].detail;

		if (!strcmp(other->suite, group) && !strcmp(other->test_case, name))
			return true;
	}
	return false;
}

/* CK_RUN_SUITE and CK_RUN_CASE take all of the same names: together they are one case. */
static int add(const struct suite *suite, const char *group, const char *name, struct list *list)
{
	struct suite_case *item;
	struct detail *detail;

	if (is_known(suite, group, name))
		return 0;
	item = list_add(list, list_textf(list, "%s:%s", group, name));
	if (!item)
		return -ENOMEM;
	detail = list_alloc(list, sizeof(*detail));
	*detail = (struct detail){group, name};
	item->detail = detail;
	return 0;
}

/* Each runner begins a log; in the file of a case, only the last one's would be left. */
static unsigned count_logs(const struct said *said)
{
	const char *at = said->out, *end = said->out + said->out_size;
	unsigned count = 0;

	for (; (at = memmem(at, end - at, "<testsuites", 11)); at++)
		count++;
	return count;
}

static int check_list(const struct suite *suite, const struct said *said, struct list *list)
{
	const char *at = said->result, *end = said->result + said->result_size, *group = NULL;
	unsigned logs = count_logs(said);
	int result = 0;

	if (WIFSIGNALED(said->wait_status))
		return list_fail(list, "it was killed when it was asked");
	while (!result && at < end) {
		const char *stop = memchr(at, '\0', end - at), *name;

		if (!stop || (*at != 'S' && *at != 'C') || (*at == 'C' && !group))
			return list_fail(list, "what it compares with CK_RUN_CASE is no list");
		name = list_text(list, at + 1, stop - at - 1);
		if (*at == 'S')
			group = name;
		else
			result = add(suite, group, name, list);
		at = stop + 1;
	}
	if (!result && !suite->case_count)
		return list_fail(list, "it is linked statically, or does not read CK_RUN_CASE");
	if (!result && logs != 1)
		return list_fail(list,
				 logs ? "it has %u runners, which write over each other's log"
				      : "it writes no log to CK_XML_LOG_FILE_NAME",
				 logs);
	return result;
}

static void check_command(const struct suite *suite, const struct suite_case *item,
			  struct command_line *command)
{
	const struct detail *detail = item->detail;

	command_add(command, "/usr/bin/env");
	command_addf(command, "CK_RUN_SUITE=%s", detail->suite);
	command_addf(command, "CK_RUN_CASE=%s", detail->test_case);
	command_add(command, "CK_XML_LOG_FILE_NAME=" RESULT_PATH);
	add_program(command, suite->path);
}

static const char *content(const struct _xmlNode *test, const char *name)
{
	const struct _xmlNode *child = xml_child(test, name);

	return child ? xml_content(child) : "";
}

/* <fn>directory/file.c:12</fn>, <path>directory</path>, and so on. */
static void tell_failure(const struct _xmlNode *test, const char *text, struct judging *judging)
{
	const char *place = content(test, "fn"), *path = content(test, "path");
	const char *colon = strrchr(place, ':');
	char file[PATH_MAX];

	if (!colon) {
		judging_failure(judging, NULL, 0, NULL, text, strlen(text));
		return;
	}
	snprintf(file, sizeof(file), "%s%s%.*s", strcmp(path, ".") ? path : "",
		 strcmp(path, ".") ? "/" : "", (int)(colon - place), place);
	judging_failure(judging, file, strtoul(colon + 1, NULL, 10), NULL, text, strlen(text));
}

static void judge_test(const struct _xmlNode *test, struct judging *judging)
{
	const char *result = xml_get(test, "result"), *message = content(test, "message");
	const char *iteration = content(test, "iteration");
	bool first = !*iteration || !strcmp(iteration, "0");
	char text[4096];

	if (result && !strcmp(result, "success"))
		return;
	snprintf(text, sizeof(text), first ? "%s: %s" : "%s: %s (iteration %s)",
		 content(test, "id"), message, iteration);
	tell_failure(test, text, judging);
	if (!strncmp(message, "Received signal", 15))
		judging_verdict(judging, VERDICT_CRASH, text);
	else if (!strcmp(message, "Test timeout expired"))
		judging_verdict(judging, VERDICT_TIMEOUT, text);
}

static void check_judge(const struct said *said, struct judging *judging)
{
	const struct _xmlNode *root, *test = NULL;

	if (!WIFEXITED(said->wait_status))
		return;
	root = xml_read(said->result, said->result_size);
	while (root && (test = xml_find(root, test, "test")))
		judge_test(test, judging);
	if (root && !xml_find(root, NULL, "suite") && !WEXITSTATUS(said->wait_status))
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
	else if (!root && !WEXITSTATUS(said->wait_status))
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	xml_read_end(root);
}

const struct kind kind_check = {
	.name = "check",
	.title = "Check",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = check_recognise,
	.list_command = check_list_command,
	.list = check_list,
	.command = check_command,
	.judge = check_judge,
};
