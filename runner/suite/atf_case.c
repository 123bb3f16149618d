/* SPDX-License-Identifier: MIT */
/*
 * What a list of ATF's says of a case, and what that means in a cell: see atf-test-case(4).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "suite/atf.h"
#include "suite/lines.h"

#define NOBODY "65534"

/* The words of a text, one after the other: returns the next, in `room`, or false. */
static bool next_word(const char **text, char *room, size_t size)
{
	size_t length;

	*text += strspn(*text, " \t\n");
	length = strcspn(*text, " \t\n");
	if (!length)
		return false;
	snprintf(room, size, "%.*s", (int)length, *text);
	*text += length;
	return true;
}

static bool is_in_path(const char *program)
{
	const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char full[2 * PATH_MAX];

	if (*program == '/')
		return !access(program, X_OK);
	while (*path) {
		size_t size = strcspn(path, ":");

		snprintf(full, sizeof(full), "%.*s/%s", (int)size, path, program);
		if (!access(full, X_OK))
			return true;
		path += size + (path[size] == ':');
	}
	return false;
}

static void require(struct list *list, struct atf_case *test, bool is_there, const char *what,
		    const char *name)
{
	if (!is_there && !test->skip)
		test->skip =
			list_textf(list, "requires the %s '%s', which is not there", what, name);
}

static void require_files(struct list *list, struct atf_case *test, const char *files)
{
	char file[PATH_MAX];

	while (next_word(&files, file, sizeof(file)))
		require(list, test, !access(file, F_OK), "file", file);
}

static void require_programs(struct list *list, struct atf_case *test, const char *programs)
{
	char program[PATH_MAX];

	while (next_word(&programs, program, sizeof(program)))
		require(list, test, is_in_path(program), "program", program);
}

/* BSD and Linux call one machine by two names. */
static void require_machine(struct list *list, struct atf_case *test, const char *machines)
{
	char machine[64];
	const char *at = machines, *other;
	struct utsname name;

	if (uname(&name) < 0)
		return;
	other = !strcmp(name.machine, "x86_64") ? "amd64" : name.machine;
	while (next_word(&at, machine, sizeof(machine)))
		if (!strcmp(machine, name.machine) || !strcmp(machine, other))
			return;
	if (!test->skip)
		test->skip = list_textf(list, "is for the machine '%s' only", machines);
}

static void require_user(struct list *list, struct suite_case *item, struct atf_case *test,
			 const char *who)
{
	if (!strcmp(who, "root"))
		test->root = true;
	else if (!strcmp(who, "unprivileged"))
		list_world(list, item, "user", NOBODY);
}

static void set_timeout(struct list *list, struct suite_case *item, const char *seconds)
{
	if (strtoul(seconds, NULL, 10)) /* 0 is for ever, which nothing is here */
		list_world(list, item, "timeout", seconds);
}

void atf_property(struct list *list, struct suite_case *item, struct atf_case *test,
		  const char *name, const char *value)
{
	if (!strcmp(name, "has.cleanup"))
		test->cleanup = !strcmp(value, "true");
	else if (!strcmp(name, "timeout"))
		set_timeout(list, item, value);
	else if (!strcmp(name, "require.user"))
		require_user(list, item, test, value);
	else if (!strcmp(name, "require.progs"))
		require_programs(list, test, value);
	else if (!strcmp(name, "require.files"))
		require_files(list, test, value);
	else if (!strcmp(name, "require.arch") || !strcmp(name, "require.machine"))
		require_machine(list, test, value);
	else if (!strcmp(name, "require.config"))
		test->configs = list_text(list, value, strlen(value));
	else if (!strcmp(name, "is.exclusive") && !strcmp(value, "true"))
		list_lock(list, item, NULL, "is_exclusive");
}

struct reading {
	struct list *list;
	const char *program, *prefix;
	struct suite_case *item;
	struct atf_case *test;
};

static int begin_case(struct reading *reading, const char *name)
{
	struct list *list = reading->list;

	reading->test = list_alloc(list, sizeof(*reading->test));
	*reading->test = (struct atf_case){.program = reading->program,
					   .name = list_text(list, name, strlen(name)),
					   .configs = ""};
	reading->item = list_add(list, list_textf(list, "%s%s", reading->prefix, name));
	if (!reading->item)
		return -ENOMEM;
	reading->item->detail = reading->test;
	list_world(list, reading->item, "timeout", ATF_SECONDS);
	return 0;
}

/* "name: value" */
static int take_line(struct reading *reading, char *line)
{
	char *value = strstr(line, ":");

	if (!value)
		return list_fail(reading->list, "'%s' in its list is no property", line);
	*value++ = '\0';
	value += strspn(value, " ");
	if (!strcmp(line, "ident"))
		return begin_case(reading, value);
	if (!reading->item)
		return list_fail(reading->list, "its list has '%s' before any case", line);
	atf_property(reading->list, reading->item, reading->test, line, value);
	return 0;
}

int atf_read_list(struct list *list, const char *program, const char *prefix, const char *text,
		  size_t size)
{
	struct reading reading = {.list = list, .program = program, .prefix = prefix};
	struct lines lines = lines_of(text, size);
	const char *line;
	size_t length;
	int result = 0;

	if (!lines_next(&lines, &line, &length) || length < strlen(ATF_HEADER) ||
	    memcmp(line, ATF_HEADER, strlen(ATF_HEADER)) != 0)
		return list_fail(list, "its list does not begin with '" ATF_HEADER "'");
	while (!result && lines_next(&lines, &line, &length))
		if (length)
			result = take_line(&reading, list_text(list, line, length));
	return result;
}
