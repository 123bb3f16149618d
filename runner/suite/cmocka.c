/* SPDX-License-Identifier: MIT */
/*
 * cmocka, https://cmocka.org
 *
 * See preload/cmocka.c. What failed is read from what cmocka prints by default: it writes no file
 * that is already there, and as TAP it tells skips in two ways.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "preload/cmocka.h"
#include "suite/kind.h"
#include "suite/lines.h"
#include "suite/preload.h"

static const char *const scrubbed[] = {"CMOCKA_*", NULL};

/* Of a case: where it is in the program, and what it is called there. */
struct detail {
	unsigned long group, test;
	const char *name;
};

/* One that has the library in itself would run its tests when it is asked. */
static bool cmocka_recognise(struct candidate *candidate)
{
	return candidate->elf && candidate_has(candidate, "_cmocka_run_group_tests") &&
	       candidate_has(candidate, "libcmocka.so.0") &&
	       !candidate_has(candidate, "CMOCKA_MESSAGE_OUTPUT");
}

/* Without the library, the program would run all of its tests. */
static void add_program(struct command_line *command, const char *path)
{
	char library[PATH_MAX];

	preload_path("cmocka", library, sizeof(library));
	command_add(command, "/bin/sh");
	command_add(command, "-c");
	command_add(command, "[ -r \"$1\" ] || { echo \"'$1' is missing\" >&2; exit 99; }\n"
			     "LD_PRELOAD=$1${LD_PRELOAD:+:$LD_PRELOAD}\n"
			     "ASAN_OPTIONS=verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
			     "\n" PRELOAD_CMOCKA "=$2\n"
			     "export LD_PRELOAD ASAN_OPTIONS " PRELOAD_CMOCKA "\n"
			     "exec \"$0\"");
	command_add(command, path);
	command_add(command, library);
}

static void cmocka_list_command(const struct suite *suite, struct command_line *command)
{
	add_program(command, suite->path);
	command_add(command, "list");
}

/* The next text that was told, by its letter; 0: there is none that is whole. */
static char next(const struct said *said, size_t *at, const char **ret_text)
{
	const char *text = said->result + *at;
	const char *stop = memchr(text, '\0', said->result_size - *at);

	if (!stop || stop == text)
		return 0;
	*ret_text = text + 1;
	*at += stop + 1 - text;
	return *text;
}

static int add(struct list *list, const char *group, const struct detail *place)
{
	struct detail *detail = list_alloc(list, sizeof(*detail));
	struct suite_case *item;

	*detail = *place;
	detail->name = list_text(list, place->name, strlen(place->name));
	item = list_add(list, group ? list_textf(list, "%s.%s", group, place->name) : place->name);
	if (!item)
		return -ENOMEM;
	item->detail = detail;
	return 0;
}

/* The group is in the name where there are several. */
static int cmocka_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct detail place = {0};
	const char *text, *group = NULL;
	unsigned long groups = 0;
	size_t at = 0;
	char what;

	(void)suite;
	if (WIFSIGNALED(said->wait_status))
		return list_fail(list, "it was killed when it was asked");
	while (at < said->result_size && (what = next(said, &at, &text)))
		groups += what == PRELOAD_CMOCKA_GROUP;
	for (at = 0; at < said->result_size;) {
		what = next(said, &at, &text);
		if (what == PRELOAD_CMOCKA_GROUP) {
			place.group += group != NULL;
			place.test = 0;
			group = text;
		} else if (what == PRELOAD_CMOCKA_TEST && group) {
			place.name = text;
			if (add(list, groups > 1 ? group : NULL, &place))
				return -ENOMEM;
			place.test++;
		} else {
			return list_fail(list, "what it gives cmocka is no list");
		}
	}
	return groups ? 0 : list_fail(list, "it does not give its tests to cmocka's library");
}

static void cmocka_command(const struct suite *suite, const struct suite_case *item,
			   struct command_line *command)
{
	const struct detail *detail = item->detail;

	add_program(command, suite->path);
	command_addf(command, "%lu %lu %s", detail->group, detail->test, detail->name);
}

static bool begins(const char *line, size_t size, const char *with)
{
	return size >= strlen(with) && !memcmp(line, with, strlen(with));
}

/* "m.c:11: error: Failure!", which is behind what failed. */
static bool tell_place(struct judging *judging, const char *line, size_t size, const char *text,
		       size_t text_size)
{
	const char *error = memmem(line, size, ": error: ", 9);
	const char *colon = error ? memrchr(line, ':', error - line) : NULL;
	char file[PATH_MAX];

	if (!colon || !isdigit((unsigned char)colon[1]) || colon - line >= PATH_MAX)
		return false;
	snprintf(file, sizeof(file), "%.*s", (int)(colon - line), line);
	if (!text_size)
		text = error + 9, text_size = line + size - text;
	judging_failure(judging, file, strtoul(colon + 1, NULL, 10), NULL, text, text_size);
	return true;
}

static void tell_failures(const struct said *said, struct judging *judging)
{
	static const char error[] = "[  ERROR   ] --- ", place[] = "[   LINE   ] --- ";
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line, *text = NULL;
	size_t size, text_size = 0;

	while (lines_next(&lines, &line, &size)) {
		if (begins(line, size, error)) {
			line += strlen(error);
			size -= strlen(error);
			text = line;
			text_size = size;
			if (tell_place(judging, line, size, "", 0))
				text_size = 0;
			continue;
		}
		if (begins(line, size, place)) {
			line += strlen(place);
			size -= strlen(place);
		} else if (!text_size) {
			continue;
		}
		if (tell_place(judging, line, size, text, text_size))
			text_size = 0;
	}
}

static void judge_failed(const struct said *said, struct judging *judging)
{
	static const char exception[] = "Test failed with exception: ";
	const char *end = said->out + said->out_size;
	const char *found = memmem(said->out, said->out_size, exception, strlen(exception));
	const char *newline = found ? memchr(found, '\n', end - found) : NULL;
	char reason[256];

	if (newline) {
		snprintf(reason, sizeof(reason), "%.*s", (int)(newline - found), found);
		judging_verdict(judging, VERDICT_CRASH, reason);
		return;
	}
	tell_failures(said, judging);
	if (!WEXITSTATUS(said->wait_status))
		judging_verdict(judging, VERDICT_FAIL,
				"it failed, and its program ended with status 0 all the same");
}

static void cmocka_judge(const struct said *said, struct judging *judging)
{
	const struct detail *detail = said->item->detail;
	bool begun = false, ended = false;
	const char *text, *failed = "";
	char what, skipped[512];
	size_t at = 0;

	if (!WIFEXITED(said->wait_status))
		return;
	while (at < said->result_size && (what = next(said, &at, &text))) {
		begun |= what == PRELOAD_CMOCKA_BEGIN;
		ended |= what == PRELOAD_CMOCKA_END;
		failed = what == PRELOAD_CMOCKA_END ? text : failed;
	}
	snprintf(skipped, sizeof(skipped), "[  SKIPPED ] %s\n", detail->name);
	if (ended && strcmp(failed, "0"))
		judge_failed(said, judging);
	else if (ended && memmem(said->out, said->out_size, skipped, strlen(skipped)) &&
		 !WEXITSTATUS(said->wait_status))
		judging_verdict(judging, VERDICT_SKIP, "it called skip()");
	else if (begun && !ended && !WEXITSTATUS(said->wait_status))
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	else if (!begun && !WEXITSTATUS(said->wait_status))
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
}

const struct kind kind_cmocka = {
	.name = "cmocka",
	.title = "cmocka",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = cmocka_recognise,
	.list_command = cmocka_list_command,
	.list = cmocka_list,
	.command = cmocka_command,
	.judge = cmocka_judge,
};
