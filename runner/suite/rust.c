/* SPDX-License-Identifier: MIT */
/*
 * Rust's libtest, https://doc.rust-lang.org/rustc/tests/index.html
 *
 * A list has a line "NAME: test" or "NAME: benchmark" for each; a second one, behind an empty line,
 * names those that are ignored. Cases run with --nocapture: what they print is there even when they
 * are killed. Benchmarks run as tests do, once. Doctests are in no program that stays.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/kind.h"
#include "suite/lines.h"
#include "suite/package.h"
#include "suite/rust_panic.h"

#define EXIT_PANICKED 101
#define REASON_ROOM   512

static const char *const scrubbed[] = {"RUST_TEST_*", "__RUST_TEST_INVOKE", NULL};

/* The library that makes a test of a program has both. */
static bool rust_recognise(struct candidate *candidate)
{
	return candidate->elf && candidate_has(candidate, "RUST_TEST_THREADS") &&
	       candidate_has(candidate, "__RUST_TEST_INVOKE");
}

static void rust_list_command(const struct suite *suite, struct command_line *command)
{
	char directory[PATH_MAX];

	command_add(command, "/bin/sh");
	command_add(command, "-c");
	command_add(command, "\"$0\" --list --format terse && echo && "
			     "exec \"$0\" --list --ignored --format terse");
	command_add(command, suite->path);
	if (package_of_cargo(suite->path, directory))
		command_world(command, "cwd", directory);
}

static bool ends(const char *line, size_t *size, const char *ending)
{
	size_t length = strlen(ending);

	if (*size <= length || memcmp(line + *size - length, ending, length) != 0)
		return false;
	*size -= length;
	return true;
}

/* Both lists are in one order. */
static bool ignore(const struct suite *suite, size_t *at, const char *name, size_t size)
{
	while (*at < suite->case_count) {
		struct suite_case *item = &suite->cases[(*at)++];

		if (strlen(item->name) == size && !memcmp(item->name, name, size)) {
			item->ignored = true;
			return true;
		}
	}
	return false;
}

static void add(struct list *list, const char *name, size_t size, const char *directory)
{
	char *text = list_text(list, name, size);
	struct suite_case *item = list_add(list, text);

	if (!item)
		return;
	item->detail = text; /* its own name, where two have one */
	if (*directory) {
		list_world(list, item, "cwd", directory);
		list_world(list, item, "env", list_textf(list, "CARGO_MANIFEST_DIR=%s", directory));
	}
}

static int rust_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->out, said->out_size);
	char directory[PATH_MAX];
	bool ignored = false;
	const char *line;
	size_t size, at = 0;

	if (!package_of_cargo(suite->path, directory))
		directory[0] = '\0';
	while (lines_next(&lines, &line, &size)) {
		if (!size && !ignored)
			ignored = true;
		else if (!ends(line, &size, ": test") && !ends(line, &size, ": benchmark"))
			return list_fail(list, "'%.*s' in its list is no test", (int)size, line);
		else if (!ignored)
			add(list, line, size, directory);
		else if (!ignore(suite, &at, line, size))
			return list_fail(list, "its list of ignored tests has another order");
	}
	if (!ignored || said->wait_status)
		return list_fail(list, "its list ends in the middle");
	return 0;
}

static void rust_command(const struct suite *suite, const struct suite_case *item,
			 struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "--exact");
	command_add(command, "--nocapture");
	command_add(command, "--color=never");
	if (item->ignored)
		command_add(command, "--include-ignored");
	command_add(command, "--");
	command_add(command, item->detail);
}

/* What is behind this in a line, as the reason of a verdict; "" when there is no such line. */
static void behind(const struct said *said, const char *start, char reason[REASON_ROOM])
{
	const char *at = memmem(said->out, said->out_size, start, strlen(start)), *end;
	size_t size;

	reason[0] = '\0';
	if (!at)
		return;
	at += strlen(start);
	end = memchr(at, '\n', said->out + said->out_size - at);
	size = (end ? end : said->out + said->out_size) - at;
	snprintf(reason, REASON_ROOM, "%.*s", (int)(size < REASON_ROOM ? size : REASON_ROOM - 1),
		 at);
}

static void judge_success(const struct said *said, struct judging *judging)
{
	unsigned passed = 0, ignored = 0, measured = 0;
	char reason[REASON_ROOM];

	behind(said, "test result: ok. ", reason);
	if (sscanf(reason, "%u passed; %*u failed; %u ignored; %u measured", &passed, &ignored,
		   &measured) != 3) {
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	} else if (!passed && !measured && ignored) {
		behind(said, " ... ignored, ", reason);
		judging_verdict(judging, VERDICT_SKIP, *reason ? reason : "ignored");
	} else if (!passed && !measured) {
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
	}
}

static void tell_panic(const struct rust_panic *panic, struct judging *judging)
{
	char file[PATH_MAX];

	snprintf(file, sizeof(file), "%.*s", (int)panic->file_size, panic->file);
	judging_failure(judging, panic->line ? file : NULL, panic->line, NULL, panic->text,
			panic->size);
}

static void judge_failure(const struct said *said, struct judging *judging)
{
	const char *at = said->out, *end = said->out + said->out_size;
	struct rust_panic panic, first = {0};
	char reason[REASON_ROOM];

	while (rust_next_panic(&at, end, &panic)) {
		if (panic.of_library) /* it says that the test returned an error */
			continue;
		tell_panic(&panic, judging);
		if (!first.text)
			first = panic;
	}
	if (memmem(said->out, said->out_size, "note: test did not panic as expected", 36)) {
		snprintf(reason, sizeof(reason), "did not panic, though it should");
	} else if (memmem(said->out, said->out_size, "note: panic did not contain expected", 36)) {
		snprintf(reason, sizeof(reason), "panicked with another message than expected");
	} else if (first.text) {
		size_t size = strcspn(first.text, "\n");

		size = size < first.size ? size : first.size;
		snprintf(reason, sizeof(reason), "panicked: %.*s",
			 (int)(size < REASON_ROOM ? size : REASON_ROOM), first.text);
	} else {
		behind(said, "Error: ", reason);
		memmove(reason + 7, reason, REASON_ROOM - 7);
		reason[REASON_ROOM - 1] = '\0';
		memcpy(reason, "Error: ", 7);
	}
	judging_verdict(judging, VERDICT_FAIL, reason);
}

static void rust_judge(const struct said *said, struct judging *judging)
{
	int status = WEXITSTATUS(said->wait_status);
	char reason[REASON_ROOM];

	if (!WIFEXITED(said->wait_status))
		return;
	if (!status) {
		judge_success(said, judging);
	} else if (memmem(said->out, said->out_size, "test result: FAILED. ", 21)) {
		judge_failure(said, judging);
	} else if (status != EXIT_PANICKED) {
		snprintf(reason, sizeof(reason), "ended in the middle, by exit(%d)", status);
		judging_verdict(judging, VERDICT_FAIL, reason);
	}
}

const struct kind kind_rust = {
	.name = "rust",
	.title = "a Rust test program",
	.order = ORDER_PROGRAM,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = rust_recognise,
	.list_command = rust_list_command,
	.list = rust_list,
	.command = rust_command,
	.judge = rust_judge,
};
