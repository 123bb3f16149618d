/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/lines.h"
#include "suite/python.h"

#define REASON_ROOM 512

/* To find a case again: its own name, which of those that have it, and where to look. */
struct detail {
	const char *name, *argument;
	unsigned number;
};

static void add_script(const struct suite *suite, const char *script, const char *mode,
		       struct command_line *command)
{
	const char *python = getenv("CLOCHE_PYTHON");

	command_add(command, python && *python ? python : "python3");
	command_add(command, "-c");
	command_add(command, script);
	command_add(command, mode);
	command_add(command, RESULT_PATH);
	command_add(command, suite->path);
}

void python_list_command(const struct suite *suite, const char *script,
			 struct command_line *command)
{
	add_script(suite, script, "list", command);
}

void python_command(const struct suite *suite, const char *script, const struct suite_case *item,
		    struct command_line *command)
{
	const struct detail *detail = item->detail;

	add_script(suite, script, "run", command);
	command_add(command, detail->argument);
	command_add(command, detail->name);
	command_addf(command, "%u", detail->number);
}

/* NULL: there is no such text. */
static const char *get(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static unsigned get_number(const json_t *object, const char *name)
{
	json_int_t number = json_integer_value(json_object_get(object, name));

	return number > 0 && number <= INT_MAX ? (unsigned)number : 0;
}

static char *copy(struct list *list, const char *text)
{
	return list_text(list, text, strlen(text));
}

static bool add(struct list *list, const json_t *told)
{
	const char *name = get(told, "name"), *argument = get(told, "argument");
	const char *file = get(told, "file"), *tags = get(told, "tags");
	struct detail *detail;
	struct suite_case *item;

	if (!name || !argument)
		return false;
	item = list_add(list, name);
	if (!item)
		return true;
	detail = list_alloc(list, sizeof(*detail));
	*detail = (struct detail){item->name, copy(list, argument), get_number(told, "number")};
	item->detail = detail;
	item->file = file ? copy(list, file) : NULL;
	item->line = get_number(told, "line");
	item->ignored = json_is_true(json_object_get(told, "ignored"));
	if (tags && *tags)
		list_world(list, item, "tags", tags);
	return true;
}

int python_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->result, said->result_size);
	const char *line;
	size_t size;

	(void)suite;
	if (said->wait_status)
		return list_fail(list, "its list ends in the middle");
	while (lines_next(&lines, &line, &size)) {
		json_t *told = json_loadb(line, size, 0, NULL);
		bool good = told && add(list, told);

		json_decref(told);
		if (!good)
			return list_fail(list, "a line of its list cannot be read");
	}
	return 0;
}

struct course {
	unsigned failures;
	bool started, ended, gone;
	enum verdict verdict; /* what it says of itself, or 0 */
	char reason[REASON_ROOM];
};

static void set(struct course *course, enum verdict verdict, const char *before, const char *text)
{
	course->verdict = verdict;
	snprintf(course->reason, sizeof(course->reason), "%s%s%.*s", before,
		 *before && *text ? ": " : "", (int)strcspn(text, "\n"), text);
}

/* The test itself is "call"; what is around it is said. */
static void take_failure(const json_t *event, const char *text, struct course *course,
			 struct judging *judging)
{
	const char *file = get(event, "file"), *when = get(event, "when");
	const char *gist = get(event, "gist");
	unsigned line = get_number(event, "line");
	bool itself = !when || !strcmp(when, "call");

	judging_failure(judging, line ? file : NULL, line, NULL, text, strlen(text));
	if (!course->failures++)
		set(course, VERDICT_FAIL, itself ? "" : when, gist ? gist : text);
}

static void take(const json_t *event, struct course *course, struct judging *judging)
{
	const char *what = get(event, "event"), *text = get(event, "text");

	what = what ? what : "";
	text = text ? text : "";
	if (!strcmp(what, "start"))
		course->started = true;
	else if (!strcmp(what, "end"))
		course->ended = true;
	else if (!strcmp(what, "gone"))
		course->gone = true;
	else if (!strcmp(what, "failure"))
		take_failure(event, text, course, judging);
	else if (!strcmp(what, "skip") && !course->failures)
		set(course, VERDICT_SKIP, "", text);
	else if (!strcmp(what, "xfail") && !course->failures)
		set(course, VERDICT_PASS, "failed, as expected", text);
	else if (!strcmp(what, "xpass") && !course->failures)
		set(course, VERDICT_PASS, "passed, though it was expected to fail", text);
}

static void conclude(const struct said *said, struct course *course, struct judging *judging)
{
	int status = WEXITSTATUS(said->wait_status);

	if (course->gone && !status) {
		set(course, VERDICT_ERROR, "", "there is no such test any more");
	} else if (!course->ended && !course->failures && (course->started || !status)) {
		set(course, VERDICT_FAIL, "", "");
		snprintf(course->reason, sizeof(course->reason), "ended in the middle, by exit(%d)",
			 status);
	} else if (status && !course->failures) {
		set(course, VERDICT_FAIL, "", "");
		snprintf(course->reason, sizeof(course->reason), "exit status %d%s", status,
			 course->ended ? ", though no test failed" : "");
	}
	if (course->verdict)
		judging_verdict(judging, course->verdict, course->reason);
}

void python_judge(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->result, said->result_size);
	struct course course = {0};
	const char *line;
	size_t size;

	if (!WIFEXITED(said->wait_status))
		return;
	while (lines_next(&lines, &line, &size)) {
		json_t *event = json_loadb(line, size, 0, NULL);

		if (event)
			take(event, &course, judging);
		json_decref(event);
	}
	conclude(said, &course, judging);
}
