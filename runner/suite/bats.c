/* SPDX-License-Identifier: MIT */
/*
 * bats, https://bats-core.readthedocs.io
 *
 * It counts tests and does not list them: they are read from the file as bats reads it, and there
 * have to be as many. One is chosen by a filter, which some versions apply to the name as it is
 * written, and others to what the shell makes of it. Other tests of the name would run, too.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/bats_file.h"
#include "suite/candidate.h"
#include "suite/kind.h"
#include "suite/lines.h"

/* Not BATS_LIB_PATH: libraries that tests load are found by it. */
static const char *const scrubbed[] = {"BATS_NUMBER_OF_PARALLEL_JOBS",
				       "BATS_NO_PARALLELIZE_*",
				       "BATS_TEST_FILTER*",
				       "BATS_REPORT_*",
				       "BATS_ERROR_*",
				       NULL};

static bool bats_recognise(struct candidate *candidate)
{
	return !candidate->directory &&
	       (candidate_ends(candidate, ".bats") || candidate_runs(candidate, "bats"));
}

static void bats_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, "bats");
	command_add(command, "--count");
	command_add(command, suite->path);
}

static void add(struct list *list, const struct suite *suite, const struct bats_test *test)
{
	char *own = list_text(list, test->name, strlen(test->name));
	char *printed = list_alloc(list, strlen(own) + 1);
	struct suite_case *item;

	bats_print_name(own, printed);
	item = list_add(list, printed);
	if (!item)
		return;
	item->detail = own;
	item->file = suite->path;
	item->line = test->line;
	if (*test->tags)
		list_world(list, item, "tags", test->tags);
}

static int bats_list(const struct suite *suite, const struct said *said, struct list *list)
{
	unsigned long counted = strtoul(said->out_size ? said->out : "", NULL, 10);
	struct candidate candidate;
	struct bats_test test;
	struct bats_file file;
	const char *text;
	size_t size;
	int result;

	if (said->wait_status)
		return list_fail(list, "bats does not count its tests");
	candidate_look(&candidate, suite->path);
	text = (const char *)candidate_bytes(&candidate, &size);
	result = bats_file_begin(&file, text ? text : "", text ? size : 0);
	while (!result && bats_file_next(&file, &test))
		add(list, suite, &test);
	bats_file_end(&file);
	candidate_end(&candidate);
	if (!result && counted != suite->case_count)
		return list_fail(list,
				 "bats counts %lu tests in it, and %zu stand there as '@test'; "
				 "those made by functions cannot be told apart",
				 counted, suite->case_count);
	return result;
}

/* As an extended regular expression. */
static char *put_quoted(char *to, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\.+*?()|[]{}^$", *text))
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return to;
}

static void bats_command(const struct suite *suite, const struct suite_case *item,
			 struct command_line *command)
{
	const char *own = item->detail;
	size_t size = strlen(own);
	/* "^(own|printed)$" */
	char *filter = malloc(4 * size + 8), *printed = malloc(size + 1), *to = filter;

	command_add(command, "bats");
	command_add(command, "--tap");
	command_add(command, "--filter");
	if (filter && printed) {
		bats_print_name(own, printed);
		to = put_quoted(stpcpy(to, "^("), own);
		to = put_quoted(stpcpy(to, "|"), printed);
		strcpy(to, ")$");
		command_add(command, filter);
	} else {
		command_add(command, "^$"); /* no test, which is an error */
	}
	free(filter);
	free(printed);
	command_add(command, suite->path);
}

/* "in test file a.bats, line 3" in a comment. */
static bool find_place(const char *line, size_t size, char file[PATH_MAX], unsigned *ret_line)
{
	static const char mark[] = "in test file ", comma[] = ", line ";
	const char *at = memmem(line, size, mark, sizeof(mark) - 1), *found = NULL, *end;

	if (!at)
		return false;
	at += sizeof(mark) - 1;
	end = line + size;
	for (const char *next = at; (next = memmem(next, end - next, comma, sizeof(comma) - 1));
	     next++)
		found = next;
	if (!found)
		return false;
	snprintf(file, PATH_MAX, "%.*s", (int)(found - at), at);
	*ret_line = 0;
	for (at = found + sizeof(comma) - 1; at < end && *at >= '0' && *at <= '9'; at++)
		*ret_line = 10 * *ret_line + (unsigned)(*at - '0');
	return true;
}

/* The comments behind "not ok": the place, what failed there, and what the test printed. */
static void judge_failure(struct lines lines, struct judging *judging)
{
	char file[PATH_MAX] = "", reason[512];
	const char *line, *gist = "failed";
	size_t size, length = 6;
	unsigned number = 0;

	while (lines_next(&lines, &line, &size) && size && *line == '#')
		if (find_place(line, size, file, &number) && lines_next(&lines, &line, &size) &&
		    size > 4 && line[0] == '#') {
			gist = line + 4;
			length = size - 4;
			break;
		}
	judging_failure(judging, number ? file : NULL, number, NULL, gist, length);
	snprintf(reason, sizeof(reason), "%.*s", (int)length, gist);
	judging_verdict(judging, VERDICT_FAIL, reason);
}

static void judge_skip(const char *line, size_t size, struct judging *judging)
{
	const char *mark = memmem(line, size, " # skip", 7);
	char reason[512];

	if (!mark)
		return;
	mark += 7;
	mark += mark < line + size && *mark == ' ';
	snprintf(reason, sizeof(reason), "%.*s", (int)(line + size - mark), mark);
	judging_verdict(judging, VERDICT_SKIP, reason);
}

static bool starts(const char *line, size_t size, const char *start)
{
	return size >= strlen(start) && !memcmp(line, start, strlen(start));
}

static void bats_judge(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->out, said->out_size);
	bool one = false, other = false;
	const char *line;
	size_t size;

	if (!WIFEXITED(said->wait_status))
		return;
	while (lines_next(&lines, &line, &size))
		if (starts(line, size, "1.."))
			*(size == 4 && line[3] == '1' ? &one : &other) = true;
		else if (one && starts(line, size, "not ok "))
			judge_failure(lines, judging);
		else if (one && starts(line, size, "ok 1 "))
			judge_skip(line, size, judging);
	if (!one && (other || !WEXITSTATUS(said->wait_status)))
		judging_verdict(
			judging, VERDICT_ERROR,
			"not one test has this name, but none or several; look into its file");
}

const struct kind kind_bats = {
	.name = "bats",
	.title = "bats",
	.order = ORDER_SCRIPT,
	.tap = true,
	.scrubbed = scrubbed,
	.recognise = bats_recognise,
	.list_command = bats_list_command,
	.list = bats_list,
	.command = bats_command,
	.judge = bats_judge,
};
