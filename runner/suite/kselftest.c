/* SPDX-License-Identifier: MIT */
/*
 * Programs of the kernel's kselftest_harness.h, since Linux 6.4, which has -l and -r
 *
 * A list is a table on standard error. Of each fixture it has the variants in one column and the
 * tests in the next, side by side; each variant runs each test. Its end has status 4.
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

#define EXIT_SKIP 4

static bool kselftest_recognise(struct candidate *candidate)
{
	return candidate->elf && candidate_has(candidate, "-r name  run specified test");
}

static void kselftest_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "-l");
}

struct name {
	const char *text;
	size_t size;
};

/* Of one fixture. */
struct block {
	struct name fixture, *variants, *tests;
	size_t variant_count, test_count, room;
};

/* The next column, which is empty or wider when its name is. */
static struct name column(const char **at, const char *end, size_t width)
{
	struct name name = {*at, 0};

	while (*at + name.size < end && (*at)[name.size] != ' ')
		name.size++;
	if (name.size > width)
		width = name.size;
	*at += (size_t)(end - *at) > width ? width + 1 : (size_t)(end - *at);
	return name;
}

static int read_row(struct block *block, const char *line, const char *end, struct list *list)
{
	const char *at = line;
	struct name fixture = column(&at, end, 20), variant = column(&at, end, 25),
		    test = column(&at, end, 0);

	if (at != end || !(variant.size || test.size) ||
	    !fixture.size != (block->variant_count || block->test_count))
		return list_fail(list, "'%.*s' in its list is no test", (int)(end - line), line);
	if (fixture.size)
		block->fixture = fixture;
	if (variant.size)
		block->variants[block->variant_count++] = variant;
	if (test.size)
		block->tests[block->test_count++] = test;
	return 0;
}

/* Each variant runs each test. */
static int add_block(struct block *block, struct list *list)
{
	static const struct name none = {"", 0};
	size_t variants = block->variant_count ? block->variant_count : 1;

	for (size_t i = 0; i < variants; i++) {
		const struct name *variant = block->variant_count ? &block->variants[i] : &none;

		for (size_t j = 0; j < block->test_count; j++)
			if (!list_add(list,
				      list_textf(list, "%.*s%s%.*s.%.*s", (int)block->fixture.size,
						 block->fixture.text, variant->size ? "." : "",
						 (int)variant->size, variant->text,
						 (int)block->tests[j].size, block->tests[j].text)))
				return -ENOMEM;
	}
	block->variant_count = block->test_count = 0;
	return 0;
}

static bool is_ruler(const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (line[i] != '-')
			return false;
	return size > 20;
}

static int read_table(struct lines *lines, struct block *block, struct list *list)
{
	const char *line;
	int result = 0;
	size_t size;

	while (!result && lines_next(lines, &line, &size))
		if (is_ruler(line, size))
			result = add_block(block, list);
		else
			result = read_row(block, line, line + size, list);
	return result ? result : add_block(block, list);
}

static int kselftest_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->errors, said->errors_size);
	size_t rows = 1, size;
	const char *line;
	int result;

	(void)suite;
	do
		if (!lines_next(&lines, &line, &size))
			return list_fail(list, "it prints no table of its tests");
	while (size < 9 || memcmp(line, "# FIXTURE", 9));
	for (const char *at = lines.at; at < lines.end; at++)
		rows += *at == '\n';

	struct block block = {.variants = calloc(rows, sizeof(*block.variants)),
			      .tests = calloc(rows, sizeof(*block.tests))};

	result = block.variants && block.tests ? read_table(&lines, &block, list) : -ENOMEM;
	free(block.variants);
	free(block.tests);
	return result;
}

static void kselftest_command(const struct suite *suite, const struct suite_case *item,
			      struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "-r");
	command_add(command, item->name);
}

/* "# file.c:12:name:Expected 1 (1) == 2 (2)" */
static bool tell_failure(struct judging *judging, const char *line, size_t size)
{
	const char *end = line + size, *colon = memchr(line, ':', size), *at;
	char file[PATH_MAX];

	if (size < 3 || memcmp(line, "# ", 2) || !colon || colon + 1 == end ||
	    memchr(line + 2, ' ', colon - line - 2))
		return false;
	for (at = colon + 1; at < end && isdigit((unsigned char)*at); at++)
		;
	if (at == colon + 1 || at == end || *at != ':')
		return false;
	snprintf(file, sizeof(file), "%.*s", (int)(colon - line - 2), line + 2);
	judging_failure(judging, file, strtoul(colon + 1, NULL, 10), NULL, at + 1, end - at - 1);
	return true;
}

static void tell(struct judging *judging, enum verdict verdict, const char *text, size_t size)
{
	char reason[1024];

	snprintf(reason, sizeof(reason), "%.*s", (int)(size < 1000 ? size : 1000), text);
	judging_verdict(judging, verdict, reason);
}

struct told {
	bool ok, not_ok, nothing;
	unsigned places;
	struct name skip, end; /* "no device", "Test terminated by timeout" */
};

static void read_line(struct told *told, const char *line, size_t size)
{
	const char *end = line + size, *found;
	bool ok = size > 5 && !memcmp(line, "ok 1 ", 5);
	bool none = size >= 4 && !memcmp(line, "1..0", 4);

	told->ok |= ok;
	told->not_ok |= size > 9 && !memcmp(line, "not ok 1 ", 9);
	told->nothing |= none;
	found = ok || none ? memmem(line, size, "# SKIP", 6) : NULL;
	if (found)
		told->skip = (struct name){found + 6, end - found - 6};
	found = memmem(line, size, ": Test ", 7);
	if (found && size > 2 && !memcmp(line, "# ", 2))
		told->end = (struct name){found + 2, end - found - 2};
}

static void tell_end(const struct told *told, struct judging *judging)
{
	const struct name *end = &told->end;

	if (end->size && memmem(end->text, end->size, "unexpectedly by signal", 22))
		tell(judging, VERDICT_CRASH, end->text, end->size);
	else if (end->size && memmem(end->text, end->size, "by timeout", 10))
		tell(judging, VERDICT_TIMEOUT, end->text, end->size);
	else if (!told->places && end->size)
		tell(judging, VERDICT_FAIL, end->text, end->size);
}

static void kselftest_judge(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->out, said->out_size);
	int status = WEXITSTATUS(said->wait_status);
	struct told told = {0};
	const char *line;
	size_t size;

	if (!WIFEXITED(said->wait_status))
		return;
	while (lines_next(&lines, &line, &size))
		read_line(&told, line, size);
	while (told.skip.size && *told.skip.text == ' ')
		told.skip.text++, told.skip.size--;
	lines = lines_of(said->out, said->out_size);
	while (told.not_ok && lines_next(&lines, &line, &size))
		told.places += tell_failure(judging, line, size);
	if (told.not_ok)
		tell_end(&told, judging);
	else if (told.skip.text && (!status || status == EXIT_SKIP))
		tell(judging, VERDICT_SKIP, told.skip.text, told.skip.size);
	else if (told.nothing && !status)
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
	else if (!told.ok && !status)
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
}

const struct kind kind_kselftest = {
	.name = "kselftest",
	.title = "kselftest_harness.h",
	.order = ORDER_PROGRAM,
	.remembered = true,
	.recognise = kselftest_recognise,
	.list_command = kselftest_list_command,
	.list = kselftest_list,
	.command = kselftest_command,
	.judge = kselftest_judge,
};
