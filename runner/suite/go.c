/* SPDX-License-Identifier: MIT */
/*
 * Go's test programs, as `go test -c` makes them: https://pkg.go.dev/cmd/go#hdr-Testing_flags
 *
 * -test.list names tests, fuzz tests, which run with the inputs that they have, examples, and
 * benchmarks, which are left out unless they are asked for, and then run once. Whether a test
 * skipped, or ended at all, only -test.v tells.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/go_output.h"
#include "suite/kind.h"
#include "suite/package.h"

#define LEAVES_COUNT 100 /* failed subtests that are told of one test */
#define REASON_ROOM  512

static const char *const scrubbed[] = {"GOFLAGS",
				       "GO_TEST_WRAP*",
				       "TESTBRIDGE_TEST_ONLY",
				       "TEST_SHARD_INDEX",
				       "TEST_SHARD_STATUS_FILE",
				       "TEST_TOTAL_SHARDS",
				       "XML_OUTPUT_FILE",
				       NULL};

struct detail {
	const char *name;      /* its own, where two have one */
	const char *directory; /* of its package, or "" */
};

/* Only the main function of a test program calls this one. */
static bool go_recognise(struct candidate *candidate)
{
	return candidate->elf && candidate_has(candidate, "testing.MainStart") &&
	       candidate_has(candidate, "\xff Go buildinf:");
}

static void go_list_command(const struct suite *suite, struct command_line *command)
{
	char directory[PATH_MAX];

	command_add(command, suite->path);
	command_add(command, "-test.list=.");
	if (package_of_go(suite->path, directory))
		command_world(command, "cwd", directory);
}

static bool is_benchmark(const char *name)
{
	return !strncmp(name, "Benchmark", 9);
}

/* A name begins with one of these; whatever else TestMain prints must not have one inside. */
static const char *find_name(const char *line, size_t size)
{
	static const char *const starts[] = {"Test", "Benchmark", "Example", "Fuzz"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		const char *found = memmem(line, size, starts[i], strlen(starts[i]));

		if (found)
			return found == line && !memchr(line, ' ', size) ? line : found;
	}
	return NULL;
}

static int go_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->out, said->out_size);
	char directory[PATH_MAX];
	const char *line, *shared;
	size_t size;

	if (said->wait_status)
		return list_fail(list, "its list ends in the middle");
	if (!package_of_go(suite->path, directory))
		directory[0] = '\0';
	shared = list_text(list, directory, strlen(directory));
	while (lines_next(&lines, &line, &size)) {
		const char *found = find_name(line, size);
		struct suite_case *item;
		struct detail *detail;

		if (!found)
			continue;
		if (found != line || memchr(line, ' ', size))
			return list_fail(list, "'%.*s' in its list is no test", (int)size, line);
		item = list_add(list, list_text(list, line, size));
		if (!item)
			return 0;
		detail = list_alloc(list, sizeof(*detail));
		*detail = (struct detail){item->name, shared};
		item->detail = detail;
		item->ignored = is_benchmark(item->name);
		if (*shared)
			list_world(list, item, "cwd", shared);
	}
	return 0;
}

/* Names are words of letters and digits, and yet no expression is made of one unquoted. */
static void add_pattern(struct command_line *command, const char *option, const char *name)
{
	char quoted[4096], *to = quoted;

	for (; *name && to < quoted + sizeof(quoted) - 2; name++) {
		if (strchr("\\.+*?()|[]{}^$", *name))
			*to++ = '\\';
		*to++ = *name;
	}
	*to = '\0';
	command_addf(command, "%s=^%s$", option, quoted);
}

static void go_command(const struct suite *suite, const struct suite_case *item,
		       struct command_line *command)
{
	const struct detail *detail = item->detail;

	command_add(command, suite->path);
	command_add(command, "-test.v");
	if (is_benchmark(detail->name)) {
		command_add(command, "-test.run=^$");
		command_add(command, "-test.benchtime=1x");
		add_pattern(command, "-test.bench", detail->name);
	} else {
		add_pattern(command, "-test.run", detail->name);
	}
}

/* Go names files of a package by their base name. */
static void tell_log(const struct said *said, const struct go_log *log, struct judging *judging)
{
	const struct detail *detail = said->item->detail;
	bool whole = log->line && log->file[0] == '/';
	char file[PATH_MAX];

	snprintf(file, sizeof(file), "%s%s%.*s", whole ? "" : detail->directory,
		 whole || !*detail->directory ? "" : "/", (int)log->file_size, log->file);
	judging_failure(judging, log->line ? file : NULL, log->line, NULL, log->text, log->size);
}

static void set_reason(char reason[REASON_ROOM], const char *name, const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);

	snprintf(reason, REASON_ROOM, "%.200s%s%.*s", name, *name && size ? ": " : "",
		 (int)(end ? (size_t)(end - text) : size), text);
}

/* What an example printed stands behind its result. */
static void tell_rest(struct lines rest, const char *name, struct judging *judging,
		      char reason[REASON_ROOM])
{
	const char *end = memmem(rest.at, rest.end - rest.at, "\nFAIL\n", 6);

	end = end ? end : rest.end;
	set_reason(reason, name, "", 0);
	if (end - rest.at <= 4 || memcmp(rest.at, "got:", 4) != 0)
		return;
	set_reason(reason, "", "printed something else than is wanted", 37);
	judging_failure(judging, NULL, 0, NULL, rest.at, end - rest.at);
}

/* Of a test whose subtests failed, they say why. */
static void tell_leaf(const struct said *said, const char *name, struct lines rest,
		      struct judging *judging, char reason[REASON_ROOM])
{
	const struct detail *detail = said->item->detail;
	const char *of = strcmp(name, detail->name) != 0 ? name : "";
	struct go_logs logs = go_logs_of(said->out, said->out_size, name, detail->name);
	struct go_log log;
	bool any = false;

	while (go_next_log(&logs, &log)) {
		tell_log(said, &log, judging);
		set_reason(reason, of, log.text, log.size);
		any = true;
	}
	if (!any)
		tell_rest(rest, of, judging, reason);
}

static void judge_failure(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->out, said->out_size);
	char reason[REASON_ROOM] = "", below[4096];
	struct go_log panic;
	const char *name;
	size_t size;

	for (unsigned told = 0;
	     told < LEAVES_COUNT && go_next_result(&lines, "FAIL", &name, &size);) {
		int length = snprintf(below, sizeof(below), "--- FAIL: %.*s/", (int)size, name);

		if (length >= (int)sizeof(below) ||
		    memmem(said->out, said->out_size, below, length))
			continue;
		below[length - 1] = '\0';
		tell_leaf(said, below + 10, lines, judging, reason);
		told++;
	}
	if (go_find_panic(said->out, said->out_size, &panic)) {
		tell_log(said, &panic, judging);
		set_reason(reason, "", panic.text, panic.size);
	}
	if (!*reason)
		snprintf(reason, sizeof(reason), "exit status %d", WEXITSTATUS(said->wait_status));
	judging_verdict(judging, VERDICT_FAIL, reason);
}

static bool has(const struct said *said, const char *text)
{
	return memmem(said->out, said->out_size, text, strlen(text));
}

/* Is this result there, of the test itself? */
static bool ended_so(const struct said *said, const char *how)
{
	const struct detail *detail = said->item->detail;
	char text[4096];

	snprintf(text, sizeof(text), "--- %s: %s%s", how, detail->name,
		 is_benchmark(detail->name) ? "" : " (");
	return has(said, text);
}

static void tell_skip(const struct said *said, struct judging *judging)
{
	const struct detail *detail = said->item->detail;
	struct go_logs logs = go_logs_of(said->out, said->out_size, detail->name, detail->name);
	char reason[REASON_ROOM] = "";
	struct go_log log;

	while (go_next_log(&logs, &log))
		set_reason(reason, "", log.text, log.size);
	judging_verdict(judging, VERDICT_SKIP, reason);
}

static void go_judge(const struct said *said, struct judging *judging)
{
	const struct detail *detail = said->item->detail;
	bool benchmark = is_benchmark(detail->name);

	if (!WIFEXITED(said->wait_status))
		return;
	if (WEXITSTATUS(said->wait_status) || ended_so(said, "FAIL"))
		judge_failure(said, judging);
	else if (ended_so(said, "SKIP"))
		tell_skip(said, judging);
	else if (!has(said, "PASS\n") || (!benchmark && !ended_so(said, "PASS") &&
					  !has(said, "testing: warning: no tests to run")))
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	else if (benchmark ? !has(said, detail->name) : !ended_so(said, "PASS"))
		judging_verdict(
			judging, VERDICT_ERROR,
			"the program has no such test any more; list it again by --fresh-list");
}

const struct kind kind_go = {
	.name = "go",
	.title = "a Go test program",
	.order = ORDER_PROGRAM,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = go_recognise,
	.list_command = go_list_command,
	.list = go_list,
	.command = go_command,
	.judge = go_judge,
};
