/* SPDX-License-Identifier: MIT */
/*
 * Suites of Kyua, https://github.com/freebsd/kyua
 *
 * A Kyuafile is a program in Lua. So it is kyua(1) that reads it and lists the cases, "PROGRAM:CASE
 * (SUITE)" with their properties indented below each, and that runs one of them, by its debug
 * command, whose last line is the result.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "suite/kind.h"
#include "suite/lines.h"

#define FILE_NAME "Kyuafile"
#define ARROW     "  ->  "

static bool kyua_recognise(struct candidate *candidate)
{
	const char *slash = strrchr(candidate->path, '/');

	if (candidate->directory)
		return candidate_holds(candidate, FILE_NAME);
	/* Those below are included by the one that is named. */
	return candidate->named && !strcmp(slash ? slash + 1 : candidate->path, FILE_NAME);
}

/* Of a directory, the file in it. */
static void add_kyua(const struct suite *suite, const char *verb, struct command_line *command)
{
	struct stat status;
	bool directory = !stat(suite->path, &status) && S_ISDIR(status.st_mode);

	command_add(command, "kyua");
	command_add(command, "--loglevel=error");
	command_add(command, "--logfile=/dev/null");
	command_add(command, verb);
	command_addf(command, "--kyuafile=%s%s", suite->path, directory ? "/" FILE_NAME : "");
}

static void kyua_list_command(const struct suite *suite, struct command_line *command)
{
	add_kyua(suite, "list", command);
	command_add(command, "--verbose");
}

/* "name = value", of the case before. Kyua itself looks at what a case requires. */
static void take_property(struct list *list, struct suite_case *item, const char *line, size_t size)
{
	char *name = list_text(list, line, size), *value = strstr(name, " = ");

	if (!value)
		return;
	*value = '\0';
	value += 3;
	if (!strcmp(name, "timeout") && strtoul(value, NULL, 10))
		list_world(list, item, "timeout",
			   list_textf(list, "%lu", /* Kyua's comes first */
				      strtoul(value, NULL, 10) + 10));
	else if (!strcmp(name, "is_exclusive") && !strcmp(value, "true"))
		list_lock(list, item, NULL, name);
	else if (!strcmp(name, "required_user") && !strcmp(value, "unprivileged"))
		list_world(list, item, "user", "65534");
}

static int kyua_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->out, said->out_size);
	struct suite_case *item = NULL;
	const char *line, *end;
	size_t size;

	(void)suite;
	if (said->wait_status)
		return list_fail(list, "kyua cannot read it");
	while (lines_next(&lines, &line, &size)) {
		if (size > 4 && !memcmp(line, "    ", 4)) {
			if (item)
				take_property(list, item, line + 4, size - 4);
			continue;
		}
		end = memrchr(line, '(', size);
		if (!end || end == line || line[size - 1] != ')' || end[-1] != ' ')
			return list_fail(list, "'%.*s' in its list is no case", (int)size, line);
		item = list_add(list, list_text(list, line, end - 1 - line));
		if (!item)
			return -ENOMEM;
		list_world(list, item, "timeout", "310");
	}
	return 0;
}

static void kyua_command(const struct suite *suite, const struct suite_case *item,
			 struct command_line *command)
{
	add_kyua(suite, "debug", command);
	command_add(command, item->name);
}

/* What follows "NAME  ->  " in the last line that has it; allocated, or NULL. */
static char *find_result(const struct said *said)
{
	struct lines lines = lines_of(said->out, said->out_size);
	size_t size, name = strlen(said->item->name), arrow = strlen(ARROW), found_size = 0;
	const char *line, *found = NULL;

	while (lines_next(&lines, &line, &size))
		if (size > name + arrow && !memcmp(line, said->item->name, name) &&
		    !memcmp(line + name, ARROW, arrow)) {
			found = line + name + arrow;
			found_size = size - name - arrow;
		}
	return found ? strndup(found, found_size) : NULL;
}

static void kyua_judge(const struct said *said, struct judging *judging)
{
	static const struct {
		const char *word;
		enum verdict verdict;
	} words[] = {{"passed", VERDICT_PASS},
		     {"expected_failure", VERDICT_PASS},
		     {"skipped", VERDICT_SKIP},
		     {"failed", VERDICT_FAIL},
		     {"broken", VERDICT_ERROR}};
	char *result = find_result(said), *reason = result ? strstr(result, ": ") : NULL;

	if (reason) {
		*reason = '\0';
		reason += 2;
	}
	for (size_t i = 0; result && i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(result, words[i].word))
			judging_verdict(judging, words[i].verdict, reason ? reason : "");
	if (!result && WIFEXITED(said->wait_status))
		judging_verdict(judging, VERDICT_ERROR,
				"kyua tells no result; is there still such a case?");
	free(result);
}

const struct kind kind_kyua = {
	.name = "kyua",
	.title = "a suite of Kyua",
	.order = ORDER_DIRECTORY,
	.directories = true,
	.recognise = kyua_recognise,
	.list_command = kyua_list_command,
	.list = kyua_list,
	.command = kyua_command,
	.judge = kyua_judge,
};
