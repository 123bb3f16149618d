/* SPDX-License-Identifier: MIT */
/*
 * GLib's test framework, https://docs.gtk.org/glib/testing.html
 *
 * Tests have paths. `-p /a` runs `/a`, and what is below it: all of that (before GLib 2.62), or its
 * first level. So what is known to be below is left out by `-s`, which is exact.
 *
 * Some programs put a number that they draw by chance into a path, "/queue/random/seed:1234". These
 * get the random seed of their list, without which they would not be there.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/kind.h"
#include "suite/lines.h"

#define SEED      "# random seed: "
#define SEED_SIZE (sizeof(SEED) - 1)

struct glib_case {
	bool parent;      /* of others */
	const char *seed; /* or NULL */
};

/* Imported from the library. A program that has all of GLib in itself may be no test at all. */
static bool glib_recognise(struct candidate *candidate)
{
	return candidate->elf && candidate_has(candidate, "g_test_init") &&
	       candidate_has(candidate, "g_test_run");
}

static void glib_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "-l");
	/* Or what the locale does not have is written as "?". */
	command_world(command, "env", "CHARSET=UTF-8");
}

static int compare(const void *a, const void *b)
{
	const struct suite_case *const *first = a, *const *second = b;

	return strcmp((*first)->name, (*second)->name);
}

/* Notes whether others are below it. */
static int note_parents(const struct suite *suite)
{
	size_t count = suite->case_count;
	struct suite_case **sorted = calloc(count + 1, sizeof(*sorted)), **found;
	struct suite_case parent, *key = &parent;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &suite->cases[i];
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count; i++) {
		char *path = strdup(suite->cases[i].name), *slash;

		parent.name = path;
		while (path && (slash = strrchr(path, '/')) && slash > path) {
			*slash = '\0';
			found = bsearch(&key, sorted, count, sizeof(*sorted), compare);
			if (found)
				((struct glib_case *)(*found)->detail)->parent = true;
		}
		free(path);
	}
	free(sorted);
	return 0;
}

static bool add_case(struct list *list, const char *name, const char *seed)
{
	struct suite_case *item = list_add(list, name);
	struct glib_case *detail = list_alloc(list, sizeof(*detail));

	detail->seed = strstr(name, "seed") ? seed : NULL;
	if (item)
		item->detail = detail;
	return item != NULL;
}

/* "1..19" */
static bool read_plan(const char *line, size_t size, unsigned long *ret_planned)
{
	unsigned long planned = 0;

	if (size < 4 || memcmp(line, "1..", 3))
		return false;
	for (size_t i = 3; i < size && isdigit((unsigned char)line[i]); i++)
		planned = 10 * planned + (line[i] - '0');
	*ret_planned = planned;
	return true;
}

/* The paths are all that begins with a slash; the plan, which GLib prints since 2.62, counts them.
 */
static int glib_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->out, said->out_size);
	unsigned long planned = ULONG_MAX;
	const char *line, *seed = NULL;
	size_t size;

	while (lines_next(&lines, &line, &size)) {
		if (size > SEED_SIZE && !memcmp(line, SEED, SEED_SIZE))
			seed = list_text(list, line + SEED_SIZE, size - SEED_SIZE);
		if (read_plan(line, size, &planned) || !size || line[0] != '/')
			continue;
		if (!add_case(list, list_text(list, line, size), seed))
			return -ENOMEM;
	}
	if (planned == ULONG_MAX && !suite->case_count)
		return list_fail(list, "it lists no case");
	if (planned != ULONG_MAX && planned != suite->case_count)
		return list_fail(list, "its list is of %zu tests, and it says that it has %lu",
				 suite->case_count, planned);
	return note_parents(suite);
}

static void glib_command(const struct suite *suite, const struct suite_case *item,
			 struct command_line *command)
{
	const struct suite_case *cases = suite->listed ? suite->listed : suite->cases;
	size_t count = suite->listed ? suite->listed_count : suite->case_count;
	const struct glib_case *detail = item->detail;
	size_t size = strlen(item->name);

	command_add(command, suite->path);
	command_add(command, "--tap");
	if (detail->seed)
		command_addf(command, "--seed=%s", detail->seed);
	command_add(command, "-p");
	command_add(command, item->name);
	for (size_t i = 0; detail->parent && i < count; i++) {
		const char *other = cases[i].name;

		if (!strncmp(other, item->name, size) && other[size] == '/') {
			command_add(command, "-s");
			command_add(command, other);
		}
	}
}

/* What the locale does not have is printed as "?". Returns what follows the name, or NULL. */
static const char *behind_name(const char *at, const char *end, const char *name)
{
	while (*name) {
		bool ascii = !(*name & 0x80);

		if (at == end || (*at != *name && (ascii || *at != '?')))
			return NULL;
		if (ascii || *at != '?') {
			at++, name++;
			continue;
		}
		at++, name++;
		while ((*name & 0xc0) == 0x80)
			name++;
	}
	return at;
}

/* A line of TAP that tells how the test ended, also behind something that had no newline. */
struct told {
	bool found, ok;
	const char *rest; /* " # SKIP reason", " - message" */
	size_t size;
};

static struct told find_result(const struct said *said)
{
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line, *end, *at, *rest;
	size_t size;

	while (lines_next(&lines, &line, &size)) {
		end = line + size;
		for (at = line; (at = memmem(at, end - at, "ok ", 3)); at++) {
			const char *number = at + 3;

			while (number < end && isdigit((unsigned char)*number))
				number++;
			if (number == at + 3 || number == end || *number != ' ')
				continue;
			rest = behind_name(number + 1, end, said->item->name);
			if (rest && (rest == end || *rest == ' '))
				return (struct told){true,
						     at - line < 4 || memcmp(at - 4, "not ", 4),
						     rest, end - rest};
		}
	}
	return (struct told){0};
}

/* "GLib:ERROR:../tests/list.c:12:test_sort: assertion failed: (a == b)", or it says no place. */
static bool tell_place(struct judging *judging, const char *text, size_t size)
{
	const char *end = text + size, *error = memmem(text, size, "ERROR:", 6), *colon = error;
	const char *start = error ? error + 6 : NULL;
	char file[PATH_MAX];

	if (error && memchr(text, ' ', error - text))
		return false; /* told of what a child has said */
	while (colon && (colon = memchr(colon + 1, ':', end - colon - 1))) {
		const char *digit = colon + 1;

		while (digit < end && isdigit((unsigned char)*digit))
			digit++;
		if (colon < start || digit == colon + 1 || digit == end || *digit != ':')
			continue;
		snprintf(file, sizeof(file), "%.*s", (int)(colon - start), start);
		judging_failure(judging, file, strtoul(colon + 1, NULL, 10), NULL, digit + 1,
				end - digit - 1);
		return true;
	}
	return false;
}

static const char *bail_out(const char *line, size_t size)
{
	return size >= 9 && !memcmp(line, "Bail out!", 9) ? line + 9 : NULL;
}

static unsigned tell_places(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line, *text;
	unsigned count = 0;
	size_t size;

	while (lines_next(&lines, &line, &size)) {
		text = size > 2 && !memcmp(line, "# ", 2) ? line + 2 : bail_out(line, size);
		if (!text)
			continue;
		while (text < line + size && *text == ' ')
			text++;
		count += tell_place(judging, text, line + size - text);
	}
	return count;
}

/* What it gave up with; NULL: it did not. */
static const char *find_bail_out(const struct said *said, size_t *ret_size)
{
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line, *text, *found = NULL;
	size_t size;

	while (lines_next(&lines, &line, &size)) {
		text = bail_out(line, size);
		if (text) {
			found = text;
			*ret_size = line + size - text;
		}
	}
	return found;
}

static bool begins(const struct told *told, const char *with)
{
	return told->size >= strlen(with) && !strncasecmp(told->rest, with, strlen(with));
}

/* Behind " - ", "# SKIP " or "Bail out! ". */
static void tell(struct judging *judging, enum verdict verdict, const char *text, size_t size)
{
	char reason[1024];

	while (size && strchr(" -", *text))
		text++, size--;
	snprintf(reason, sizeof(reason), "%.*s", (int)(size < 1000 ? size : 1000), text);
	judging_verdict(judging, verdict, reason);
}

static void judge_without_result(const struct said *said, struct judging *judging)
{
	if (WEXITSTATUS(said->wait_status))
		return; /* which says enough */
	if (memmem(said->out, said->out_size, "1..0\n", 5))
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
	else
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
}

/* Aborting is how it ends when a test has failed: no crash, as long as that was said. */
static void glib_judge(const struct said *said, struct judging *judging)
{
	struct told told = find_result(said);
	size_t size = 0;
	const char *gave_up = find_bail_out(said, &size);
	bool killed = WIFSIGNALED(said->wait_status);
	unsigned places;

	if (killed && !gave_up)
		return;
	if (!killed && !told.found) {
		judge_without_result(said, judging);
		return;
	}
	if (!killed && told.ok) {
		if (begins(&told, " # SKIP"))
			tell(judging, VERDICT_SKIP, told.rest + 7, told.size - 7);
		return;
	}
	if (!killed && begins(&told, " # TODO"))
		return;
	places = tell_places(said, judging);
	if (begins(&told, " - "))
		tell(judging, VERDICT_FAIL, told.rest, told.size);
	else if (size)
		tell(judging, VERDICT_FAIL, gave_up, size);
	else if (killed || !places)
		judging_verdict(judging, VERDICT_FAIL, "it said that it failed: g_test_fail()");
}

const struct kind kind_glib = {
	.name = "glib",
	.title = "GLib tests",
	.order = ORDER_PROGRAM,
	.remembered = true,
	.recognise = glib_recognise,
	.list_command = glib_list_command,
	.list = glib_list,
	.command = glib_command,
	.judge = glib_judge,
};
