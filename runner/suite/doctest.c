/* SPDX-License-Identifier: MIT */
/*
 * doctest, https://github.com/doctest/doctest/blob/master/doc/markdown/commandline.md
 *
 * Names need not be unique, and filters are patterns in which old versions escape nothing. So a
 * filter here is a pattern that takes at least its case, and the case is told by its place among
 * all that the pattern takes: --first and --last count these. All options have their prefix, which
 * programs with options of their own leave to doctest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/kind.h"
#include "suite/xml_read.h"

struct doctest_case {
	const char *name, *pattern; /* no pattern: all cases are counted */
	unsigned place;             /* among those that the pattern takes, from 1 */
};

static bool doctest_recognise(struct candidate *candidate)
{
	return candidate->elf &&
	       (candidate_has(candidate, "ALL FLAGS, OPTIONS AND FILTERS ALSO AVAILABLE WITH A") ||
		candidate_has(candidate, "_ZN7doctest7Context"));
}

/* What a list and a run must agree in, for places to be the same. */
static void add_common(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	if (!command_is_watched(command)) {
		command_add(command, "--dt-reporters=xml");
		command_add(command, "--dt-out=" RESULT_PATH);
	}
	command_add(command, "--dt-order-by=file");
	command_add(command, "--dt-no-skip=true");
}

static void doctest_list_command(const struct suite *suite, struct command_line *command)
{
	add_common(suite, command);
	command_add(command, "--dt-list-test-cases");
}

/* What separates and escapes in a list of filters is any character. */
static char *make_pattern(struct list *list, const char *name)
{
	char *pattern = list_text(list, name, strlen(name));

	for (char *at = pattern; *at; at++)
		if (strchr(",\\\"", *at))
			*at = '?';
	return pattern;
}

static bool matches(const char *text, const char *pattern)
{
	const char *star = NULL, *behind = NULL;

	while (*text)
		if (*pattern == '*')
			star = ++pattern, behind = text;
		else if (*pattern == *text || *pattern == '?')
			pattern++, text++;
		else if (star)
			pattern = star, text = ++behind;
		else
			return false;
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool is_plain(const struct doctest_case *detail)
{
	return detail->pattern && !strpbrk(detail->pattern, "*?");
}

static int by_name(const void *a, const void *b)
{
	const struct doctest_case *const *first = a, *const *second = b;
	int order = strcmp((*first)->name, (*second)->name);

	return order ? order : (*first < *second ? -1 : *first > *second);
}

/* Plain patterns take their own name only: equal ones stand together once sorted. */
static void find_places(struct doctest_case *details, struct doctest_case **sorted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sorted[i] = &details[i];
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 0; i < count; i++) {
		bool same = i && !strcmp(sorted[i - 1]->name, sorted[i]->name);

		sorted[i]->place = same ? sorted[i - 1]->place + 1 : 1;
	}
	for (size_t i = 0; i < count; i++) {
		if (is_plain(&details[i]))
			continue;
		details[i].place = 1;
		for (size_t j = 0; j < i; j++)
			details[i].place +=
				!details[i].pattern || matches(details[j].name, details[i].pattern);
	}
}

static void add(struct list *list, const struct _xmlNode *test, struct doctest_case *detail)
{
	const char *name = xml_get(test, "name"), *file = xml_get(test, "filename");
	const char *line = xml_get(test, "line"), *skipped = xml_get(test, "skipped");
	const char *suite = xml_get(test, "testsuite");
	struct suite_case *item = list_add(list, name ? name : "");

	if (!item)
		return;
	detail->name = item->name;
	detail->pattern = *item->name ? make_pattern(list, item->name) : NULL;
	item->detail = detail;
	item->file = file ? list_text(list, file, strlen(file)) : NULL;
	item->line = line ? strtoul(line, NULL, 10) : 0;
	item->ignored = skipped && !strcmp(skipped, "true");
	if (suite && *suite)
		list_world(list, item, "tags", suite);
}

static int read_list(const struct _xmlNode *root, struct list *list)
{
	const struct _xmlNode *test = NULL;
	struct doctest_case *details, **sorted;
	size_t count = 0, i = 0;

	while ((test = xml_find(root, test, "TestCase")))
		count++;
	details = list_alloc(list, (count + 1) * sizeof(*details));
	sorted = calloc(count + 1, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (test = NULL; (test = xml_find(root, test, "TestCase"));)
		add(list, test, &details[i++]);
	find_places(details, sorted, count);
	free(sorted);
	return 0;
}

static int doctest_list(const struct suite *suite, const struct said *said, struct list *list)
{
	const struct _xmlNode *root = xml_read(said->result, said->result_size);
	const struct _xmlNode *end = root ? xml_child(root, "OverallResultsTestCases") : NULL;
	int result;

	(void)suite;
	/* The last element: nothing is missing, and no test ran. */
	if (!end || strcmp(xml_name(root), "doctest") || !xml_get(end, "unskipped"))
		result = list_fail(list, "it wrote no list as XML; doctest does so since 2.3.0");
	else
		result = read_list(root, list);
	xml_read_end(root);
	return result;
}

static void doctest_command(const struct suite *suite, const struct suite_case *item,
			    struct command_line *command)
{
	const struct doctest_case *detail = item->detail;

	add_common(suite, command);
	if (detail->pattern)
		command_addf(command, "--dt-test-case=%s", detail->pattern);
	command_add(command, "--dt-case-sensitive=true");
	command_addf(command, "--dt-first=%u", detail->place);
	command_addf(command, "--dt-last=%u", detail->place);
	command_add(command, "--dt-no-skipped-summary=true");
	command_add(command, "--dt-exit=true");
}

/* The text of an element stands on lines of its own, indented. */
static void put_content(FILE *to, const struct _xmlNode *node)
{
	const char *text = xml_content(node);
	size_t size;

	text += strspn(text, " \t\r\n");
	for (size = strlen(text); size && strchr(" \t\r\n", text[size - 1]);)
		size--;
	fwrite(text, 1, size, to);
}

static void put_expression(FILE *to, const struct _xmlNode *node)
{
	const char *type = xml_get(node, "type");

	fprintf(to, "%s( ", type ? type : "CHECK");
	for (const struct _xmlNode *child = xml_child(node, "Original"); child; child = NULL)
		put_content(to, child);
	fputs(" )", to);
	for (const struct _xmlNode *child = xml_child(node, NULL); child;
	     child = xml_next(child, NULL)) {
		const char *name = xml_name(child);

		if (!strcmp(name, "Original"))
			continue;
		fprintf(to, "\n  %s: ",
			!strcmp(name, "Expanded") ? "values"
			: !strcmp(name, "Info")   ? "logged"
						  : name);
		put_content(to, child);
	}
}

static void put_message(FILE *to, const struct _xmlNode *node)
{
	for (const struct _xmlNode *child = xml_child(node, NULL); child;
	     child = xml_next(child, NULL)) {
		fputs(strcmp(xml_name(child), "Info") ? "" : "\n  logged: ", to);
		put_content(to, child);
	}
}

static bool is(const struct _xmlNode *node, const char *attribute, const char *value)
{
	const char *text = xml_get(node, attribute);

	return text && !strcmp(text, value);
}

/* Returns whether the element is about something that failed. */
static bool put_failure(FILE *to, const struct _xmlNode *node)
{
	const char *name = xml_name(node);

	if (!strcmp(name, "Expression") && is(node, "success", "false") &&
	    !(xml_get(node, "type") && !strncmp(xml_get(node, "type"), "WARN", 4))) {
		put_expression(to, node);
		return true;
	}
	if (!strcmp(name, "Message") && !is(node, "type", "WARNING")) {
		put_message(to, node);
		return true;
	}
	if (!strcmp(name, "Exception")) {
		fputs("exception: ", to);
		put_content(to, node);
		return true;
	}
	return false;
}

static void tell_failure(const struct _xmlNode *test, const struct _xmlNode *node,
			 struct judging *judging)
{
	const char *file = xml_get(node, "filename"), *line = xml_get(node, "line");
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	bool failed = to && put_failure(to, node);

	if (!file || !line) {
		file = xml_get(test, "filename");
		line = xml_get(test, "line");
	}
	if (to && !fclose(to) && failed)
		judging_failure(judging, file, line ? strtoul(line, NULL, 10) : 0, NULL, text,
				size);
	free(text);
}

static void tell_failures(const struct _xmlNode *test, const struct _xmlNode *within,
			  struct judging *judging)
{
	for (const struct _xmlNode *node = xml_child(within, NULL); node;
	     node = xml_next(node, NULL))
		if (!strcmp(xml_name(node), "SubCase"))
			tell_failures(test, node, judging);
		else
			tell_failure(test, node, judging);
}

/* The one that ran; NULL: none, or more than one. */
static const struct _xmlNode *find_run(const struct _xmlNode *root)
{
	const struct _xmlNode *test = NULL, *found = NULL;

	while (root && (test = xml_find(root, test, "TestCase"))) {
		if (is(test, "skipped", "true"))
			continue;
		if (found)
			return NULL;
		found = test;
	}
	return found;
}

/* Decorators fail a case in which no check did. */
static void judge_decorators(const struct _xmlNode *test, struct judging *judging)
{
	const char *timeout = xml_get(test, "timeout");
	char reason[128];

	if (is(test, "should_fail", "true")) {
		judging_verdict(judging, VERDICT_FAIL, "it should fail, and did not");
	} else if (timeout) {
		snprintf(reason, sizeof(reason), "longer than its timeout() of %.32s s", timeout);
		judging_verdict(judging, VERDICT_FAIL, reason);
	}
}

static void judge_test(const struct said *said, const struct _xmlNode *test,
		       struct judging *judging)
{
	const struct doctest_case *detail = said->item->detail;
	const char *name = xml_get(test, "name"); /* an empty one is not written */
	const struct _xmlNode *overall = xml_child(test, "OverallResultsAsserts");
	bool failed = !WIFEXITED(said->wait_status) || WEXITSTATUS(said->wait_status);

	if (strcmp(name ? name : "", detail->name) != 0) {
		judging_verdict(judging, VERDICT_ERROR,
				"another test ran in its place; list the program again by "
				"--fresh-list");
		return;
	}
	if (failed)
		tell_failures(test, test, judging);
	if (!WIFEXITED(said->wait_status))
		return;
	if (!overall && !failed)
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	else if (overall && is(overall, "failures", "0") &&
		 is(overall, "test_case_success", "false"))
		judge_decorators(test, judging);
}

static void doctest_judge(const struct said *said, struct judging *judging)
{
	const struct _xmlNode *root = xml_read(said->result, said->result_size);
	const struct _xmlNode *test = find_run(root);

	if (test)
		judge_test(said, test, judging);
	else if (root && xml_child(root, "OverallResultsTestCases"))
		judging_verdict(judging, VERDICT_ERROR,
				"the program has no such test any more; list it again by "
				"--fresh-list");
	else if (WIFEXITED(said->wait_status) && !WEXITSTATUS(said->wait_status))
		judging_verdict(judging, VERDICT_FAIL, "ended before the test, by exit(0)");
	xml_read_end(root);
}

const struct kind kind_doctest = {
	.name = "doctest",
	.title = "doctest",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.recognise = doctest_recognise,
	.list_command = doctest_list_command,
	.list = doctest_list,
	.command = doctest_command,
	.judge = doctest_judge,
};
