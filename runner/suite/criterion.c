/* SPDX-License-Identifier: MIT */
/*
 * Criterion, https://criterion.readthedocs.io/en/master/env.html
 *
 * A list has a line "suite: 2 tests" for each suite and a branch of a tree for each test. Names are
 * identifiers, so no filter has to be escaped. All parameters of a test are one case.
 *
 * A result is read from its TAP, which has skips with their reason, as XML has not. It has a line
 * for every test; those that were not asked for are told as skipped.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/kind.h"
#include "suite/lines.h"

static const char *const scrubbed[] = {"CRITERION_*", NULL};

static bool criterion_recognise(struct candidate *candidate)
{
	return candidate->elf && candidate_has(candidate, "criterion_internal_test_main");
}

static void criterion_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "--list");
}

static size_t identifier_size(const char *at, const char *end)
{
	size_t size = 0;

	while (at + size < end &&
	       (isalnum((unsigned char)at[size]) || at[size] == '_' || at[size] & 0x80))
		size++;
	return size;
}

/* "|-- adds", "`-- adds", and the same with lines of Unicode. Returns the name, or NULL. */
static const char *branch(const char *line, const char *end)
{
	static const char *const branches[] = {"|-- ", "`-- ", "├── ", "└── "};

	for (size_t i = 0; i < sizeof(branches) / sizeof(*branches); i++) {
		size_t size = strlen(branches[i]);

		if ((size_t)(end - line) > size && !memcmp(line, branches[i], size))
			return line + size;
	}
	return NULL;
}

static bool is_suite(const char *behind, const char *end)
{
	const char *at = behind;

	if (end - at < 3 || memcmp(at, ": ", 2))
		return false;
	for (at += 2; at < end && isdigit((unsigned char)*at);)
		at++;
	return end - at >= 5 && !memcmp(at, " test", 5);
}

static int criterion_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line, *group = NULL;
	size_t size, group_size = 0;

	(void)suite;
	while (lines_next(&lines, &line, &size)) {
		const char *end = line + size, *name = branch(line, end);
		struct suite_case *item;
		size_t name_size;

		if (!name) {
			group_size = identifier_size(line, end);
			group = group_size && is_suite(line + group_size, end) ? line : NULL;
			continue;
		}
		name_size = identifier_size(name, end);
		if (!group || !name_size || (name + name_size < end && name[name_size] != ' '))
			return list_fail(list, "'%.*s' in its list is no test", (int)size, line);
		item = list_add(list, list_textf(list, "%.*s::%.*s", (int)group_size, group,
						 (int)name_size, name));
		if (!item)
			return -ENOMEM;
		item->ignored = memmem(name, end - name, "(skipped)", 9);
	}
	return 0;
}

static void criterion_command(const struct suite *suite, const struct suite_case *item,
			      struct command_line *command)
{
	const char *colons = strstr(item->name, "::");

	command_add(command, suite->path);
	command_add(command, "--jobs");
	command_add(command, "1");
	command_add(command, "--filter");
	command_addf(command, "%.*s/%s", (int)(colons - item->name), item->name, colons + 2);
	command_add(command, "--tap=" RESULT_PATH);
}

/* What follows "not ok - suite::name" in this line, or NULL: it tells of another test. */
static const char *behind_test(const char *line, const char *end, const char *name, bool *ret_ok)
{
	size_t size = strlen(name);

	*ret_ok = end - line > 5 && !memcmp(line, "ok - ", 5);
	if (!*ret_ok && (end - line <= 9 || memcmp(line, "not ok - ", 9)))
		return NULL;
	line += *ret_ok ? 5 : 9;
	if ((size_t)(end - line) < size || memcmp(line, name, size))
		return NULL;
	line += size;
	return line == end || *line == ' ' ? line : NULL;
}

/* "  - file.c:12: |+", behind which lines say what, deeper. */
static bool tell_failure(struct judging *judging, const char *line, size_t size,
			 struct lines *lines)
{
	static const char prefix[] = "Assertion failed: ";
	const char *end = line + size, *colon, *text, *stop;
	char file[PATH_MAX];

	if (size < 10 || memcmp(line, "  - ", 4) || memcmp(end - 4, ": |+", 4))
		return false;
	colon = memrchr(line, ':', end - 4 - line);
	if (!colon)
		return false;
	snprintf(file, sizeof(file), "%.*s", (int)(colon - line - 4), line + 4);
	text = stop = lines->at;
	while (lines->end - lines->at > 6 && !memcmp(lines->at, "      ", 6) &&
	       lines_next(lines, &line, &size))
		stop = line + size;
	while (text < stop && *text == ' ')
		text++;
	if ((size_t)(stop - text) > strlen(prefix) && !memcmp(text, prefix, strlen(prefix)))
		text += strlen(prefix);
	judging_failure(judging, file, strtoul(colon + 1, NULL, 10), NULL, text, stop - text);
	return true;
}

static void tell(struct judging *judging, enum verdict verdict, const char *text, size_t size)
{
	char reason[1024];

	snprintf(reason, sizeof(reason), "%.*s", (int)(size < 1000 ? size : 1000), text);
	judging_verdict(judging, verdict, reason);
}

/* What the lines of one test said; it has several when it has parameters. */
struct told {
	unsigned count, skipped, crashed, timed_out, failed, places;
	const char *why; /* of a crash, or of the last one that skipped */
	size_t size;
};

static void read_line(struct told *told, bool ok, const char *rest, const char *end)
{
	static const char crash[] = "unexpected signal after ", skip[] = "# SKIP ";
	const char *crashed = ok ? NULL : memmem(rest, end - rest, crash, strlen(crash));
	/* One that ran ends with how long it took: "# SKIP" may be in its description. */
	bool ran = end - rest > 2 && !memcmp(end - 2, "s)", 2);
	const char *skipped = ok && !ran ? memmem(rest, end - rest, skip, strlen(skip)) : NULL;

	told->count++;
	told->failed += !ok;
	told->skipped += skipped != NULL;
	told->crashed += crashed != NULL;
	told->timed_out += !ok && memmem(rest, end - rest, "timed out (", 11);
	if (crashed) {
		told->why = crashed;
		told->size = end - crashed;
	} else if (skipped && !told->crashed) {
		told->why = skipped + strlen(skip);
		told->size = end - told->why;
	}
}

static void judge_told(const struct told *told, int status, struct judging *judging)
{
	if (!told->count && !status)
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
	else if (told->crashed)
		tell(judging, VERDICT_CRASH, told->why, told->size);
	else if (told->timed_out)
		judging_verdict(judging, VERDICT_TIMEOUT, "ran into a timeout of its own");
	else if (told->failed && !told->places)
		judging_verdict(judging, VERDICT_FAIL,
				"it ended in another way than it is to, and no assertion failed");
	else if (told->count && told->skipped == told->count && !status)
		memmem(told->why, told->size, "test was skipped", 16)
			? judging_verdict(judging, VERDICT_SKIP, "it is disabled in its source")
			: tell(judging, VERDICT_SKIP, told->why, told->size);
}

static void criterion_judge(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->result, said->result_size);
	struct told told = {0};
	bool mine = false, ok;
	const char *line;
	size_t size;

	if (!WIFEXITED(said->wait_status))
		return;
	while (lines_next(&lines, &line, &size)) {
		const char *rest = behind_test(line, line + size, said->item->name, &ok);

		if (rest)
			read_line(&told, ok, rest, line + size);
		else if (mine)
			told.places += tell_failure(judging, line, size, &lines);
		mine = rest || (mine && size && *line == ' ');
	}
	judge_told(&told, WEXITSTATUS(said->wait_status), judging);
}

const struct kind kind_criterion = {
	.name = "criterion",
	.title = "Criterion",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = criterion_recognise,
	.list_command = criterion_list_command,
	.list = criterion_list,
	.command = criterion_command,
	.judge = criterion_judge,
};
