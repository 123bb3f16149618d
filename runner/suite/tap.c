/* SPDX-License-Identifier: MIT */
/*
 * Tests of Perl and of whatever else prints TAP, in files *.t, as prove(1) runs them: one case each
 *
 * One that is executable is executed; another one by the interpreter that its first line names, or
 * by perl.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/candidate.h"
#include "suite/kind.h"
#include "suite/lines.h"

#define LOOK_BYTES 65536

/* A line that only Perl has: files *.t of other kinds are data. */
static bool looks_like_perl(struct candidate *candidate)
{
	size_t size;
	const char *text = (const char *)candidate_bytes(candidate, &size), *line;
	struct lines lines;

	if (!text)
		return false;
	lines = lines_of(text, size < LOOK_BYTES ? size : LOOK_BYTES);
	while (lines_next(&lines, &line, &size))
		if (size > 5 &&
		    (!memcmp(line, "use ", 4) || !memcmp(line, "require ", 8) ||
		     !memcmp(line, "package ", 8)) &&
		    memchr(line, ';', size))
			return true;
	return false;
}

static bool tap_recognise(struct candidate *candidate)
{
	const char *text;
	size_t size;

	if (candidate->directory || candidate->elf || !candidate_ends(candidate, ".t"))
		return false;
	text = (const char *)candidate_bytes(candidate, &size);
	return text && size > 2 && (!memcmp(text, "#!", 2) || looks_like_perl(candidate));
}

static int tap_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct suite_case *item = list_add(list, strrchr(suite->path, '/') + 1);

	(void)said;
	if (item)
		list_world(list, item, "env", "HARNESS_ACTIVE=1");
	return 0;
}

/* As the kernel does: what is behind the interpreter is one word. */
static bool add_interpreter(struct candidate *candidate, struct command_line *command)
{
	size_t size;
	const char *text = (const char *)candidate_bytes(candidate, &size), *line;
	struct lines lines = lines_of(text ? text : "", text ? size : 0);
	char first[512], *word, *end;

	if (!lines_next(&lines, &line, &size) || size < 3 || memcmp(line, "#!", 2) != 0)
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)(size - 2), line + 2);
	word = first + strspn(first, " \t");
	end = word + strcspn(word, " \t\r");
	if (end == word)
		return false;
	size = strspn(end, " \t\r");
	*end = '\0';
	command_add(command, word);
	word = end + size;
	for (end = word + strlen(word); end > word && strchr(" \t\r", end[-1]); end--)
		end[-1] = '\0';
	if (size && *word)
		command_add(command, word);
	return true;
}

static void tap_command(const struct suite *suite, const struct suite_case *item,
			struct command_line *command)
{
	struct candidate candidate;

	(void)item;
	candidate_look(&candidate, suite->path);
	if (!candidate.executable && !add_interpreter(&candidate, command))
		command_add(command, "perl");
	candidate_end(&candidate);
	command_add(command, suite->path);
}

/* " at t/a.t line 12." behind this start of a line. */
static bool take_place(const char *line, size_t size, const char *start, char file[PATH_MAX],
		       unsigned *ret_line)
{
	static const char mark[] = " line ";
	size_t skipped = strlen(start);
	const char *at = line + skipped, *found;

	if (size <= skipped || memcmp(line, start, skipped) != 0)
		return false;
	found = memmem(at, line + size - at, mark, sizeof(mark) - 1);
	if (!found)
		return false;
	snprintf(file, PATH_MAX, "%.*s", (int)(found - at), at);
	*ret_line = 0;
	for (at = found + sizeof(mark) - 1; at < line + size && *at >= '0' && *at <= '9'; at++)
		*ret_line = 10 * *ret_line + (unsigned)(*at - '0');
	return *ret_line > 0;
}

/* Test::More says what failed, in the next line where, and then what it got and expected. */
static void tell_failure(struct lines *lines, const char *failed, size_t failed_size,
			 struct judging *judging)
{
	struct lines ahead = *lines;
	const char *line, *end = failed + failed_size;
	char file[PATH_MAX];
	unsigned number = 0;
	size_t size;

	if (!take_place(failed, failed_size, "#   Failed test at ", file, &number) &&
	    lines_next(&ahead, &line, &size) && take_place(line, size, "#   at ", file, &number)) {
		*lines = ahead;
		end = line + size;
	}
	while (number && lines_next(&ahead, &line, &size) && size > 5 &&
	       !memcmp(line, "#     ", 6)) {
		*lines = ahead;
		end = line + size;
	}
	judging_failure(judging, number ? file : NULL, number, NULL, failed + 4, end - failed - 4);
}

static void tap_judge(const struct said *said, struct judging *judging)
{
	static const char mark[] = "#   Failed ";
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line;
	size_t size;

	if (!WIFEXITED(said->wait_status) || !WEXITSTATUS(said->wait_status))
		return;
	while (lines_next(&lines, &line, &size))
		if (size > sizeof(mark) && !memcmp(line, mark, sizeof(mark) - 1) &&
		    !memmem(line, size, "(TODO)", 6))
			tell_failure(&lines, line, size, judging);
}

const struct kind kind_tap = {
	.name = "tap",
	.title = "a TAP test",
	.order = ORDER_SCRIPT,
	.tap = true,
	.recognise = tap_recognise,
	.list = tap_list,
	.command = tap_command,
	.judge = tap_judge,
};
