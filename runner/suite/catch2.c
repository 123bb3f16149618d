/* SPDX-License-Identifier: MIT */
/*
 * Catch2, https://github.com/catchorg/Catch2/blob/devel/docs/command-line.md
 *
 * Version 3 lists as XML. Version 2 has two lists for people, which are asked for together: one of
 * names as they are, and one that is folded at 80 columns and has the tags. Results are those of
 * the console reporter, in a file: the XML and JUnit reporters of both versions keep back what a
 * test prints by streams until it has ended, and lose it when it crashes or hangs.
 *
 * A spec may take more tests than the one that it names, see catch2_spec.h. Version 3 runs the
 * right one by its sharding; for version 2 the others are excluded by their names.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/candidate.h"
#include "suite/catch2_report.h"
#include "suite/catch2_spec.h"
#include "suite/kind.h"
#include "suite/lines.h"
#include "suite/xml_read.h"

/* Version 3 with its support for Bazel. */
static const char *const scrubbed[] = {"BAZEL_TEST",
				       "TESTBRIDGE_TEST_ONLY",
				       "TEST_SHARD_INDEX",
				       "TEST_SHARD_STATUS_FILE",
				       "TEST_TOTAL_SHARDS",
				       "XML_OUTPUT_FILE",
				       NULL};

struct catch2_case {
	const char *spec;
	unsigned shards, shard; /* version 3, when there is more than one */
	bool version2;
};

static bool catch2_recognise(struct candidate *candidate)
{
	return candidate->elf && (candidate_has(candidate, "list all/matching test cases") ||
				  candidate_has(candidate, "_ZN5Catch7AutoReg"));
}

/* By an option that version 3 has not; of a library of version 2, by its constructor's arguments.
 */
static bool is_version2(const char *path)
{
	struct candidate candidate;
	bool found;

	candidate_look(&candidate, path);
	found = candidate_has(&candidate, "list-test-names-only") ||
		candidate_has(&candidate, "_ZN5Catch7AutoRegC1EPN");
	candidate_end(&candidate);
	return found;
}

/* Hidden tests are listed when a filter takes them. */
static void catch2_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "--list-tests");
	if (is_version2(suite->path)) {
		command_add(command, "--list-test-names-only");
		command_add(command, "--verbosity");
		command_add(command, "high");
	} else {
		command_add(command, "--reporter");
		command_add(command, "xml");
		command_add(command, "--out");
		command_add(command, RESULT_PATH);
	}
	command_add(command, "--order");
	command_add(command, "decl");
	command_add(command, "*");
}

/* "[.][slow][!mayfail]": hidden ones have the first. */
static void set_tags(struct list *list, struct suite_case *item, const char *tags)
{
	char *text = NULL;
	size_t size = 0, count = 0;
	FILE *to = open_memstream(&text, &size);

	while (to && (tags = strchr(tags, '['))) {
		size_t length = strcspn(++tags, "]"), from = strspn(tags, " ");

		if (from < length && tags[from] == '.' && length - from <= 2)
			item->ignored = true;
		else if (!strncmp(tags, "!hide]", 6))
			item->ignored = true;
		else if (from < length)
			fprintf(to, "%s%.*s", count++ ? "," : "", (int)(length - from),
				tags + from);
		tags += length;
	}
	if (to && !fclose(to) && count)
		list_world(list, item, "tags", text);
	free(text);
}

static void set_place(struct list *list, struct suite_case *item, const char *file, size_t size,
		      unsigned line)
{
	item->file = list_text(list, file, size);
	item->line = line;
}

/* ---- version 2 ---- */

/* "name\t@file:12" at the end of what may be many lines. */
static const char *find_place(const char *line, size_t size, const char **ret_number)
{
	const char *end = line + size, *number = end;
	const char *at = memrchr(line, '@', size);

	while (number > line && isdigit((unsigned char)number[-1]))
		number--;
	if (!at || at == line || at[-1] != '\t' || number == end || number - 1 <= at ||
	    number[-1] != ':')
		return NULL;
	*ret_number = number;
	return at;
}

static void read_names(struct list *list, struct lines lines)
{
	const char *line, *begin = NULL, *at, *number;
	size_t size;

	while (lines_next(&lines, &line, &size)) {
		struct suite_case *item;
		const char *name, *end;

		begin = begin ? begin : line;
		at = find_place(line, size, &number);
		if (!at)
			continue;
		name = begin;
		end = at - 1;
		/* A name that begins with '#' is quoted: it would be a comment in a file of names.
		 */
		if (end - name > 2 && !memcmp(name, "\"#", 2) && end[-1] == '"')
			name++, end--;
		item = list_add(list, list_text(list, name, end - name));
		if (item)
			set_place(list, item, at + 1, number - 1 - (at + 1),
				  catch2_number(number, line + size));
		begin = NULL;
	}
}

/* Is it the first line of this name, folded? A word that is too long is cut by a hyphen. */
static bool begins_name(const char *name, const char *line, size_t size)
{
	while (size && line[size - 1] == ' ')
		size--;
	return size && (!strncmp(name, line, size) ||
			(line[size - 1] == '-' && !strncmp(name, line, size - 1)));
}

/* What a fold put between two lines of tags: nothing at a bracket, else it was a blank. */
static void add_fold(FILE *to, char last, const char *line)
{
	if (last && last != ']' && *line != '[')
		fputc(' ', to);
}

/* The tags of a test stand deepest. Returns how many of the tests were found. */
static size_t read_tags(const struct suite *suite, struct list *list, struct lines lines)
{
	const char *line;
	char *text = NULL, last = '\0';
	size_t size, count = 0, text_size = 0;
	FILE *to = NULL;

	while (true) {
		bool more = lines_next(&lines, &line, &size);
		bool next = more && count < suite->case_count && size > 2 &&
			    !memcmp(line, "  ", 2) &&
			    begins_name(suite->cases[count].name, line + 2, size - 2);

		if ((next || !more) && to) {
			if (!fclose(to))
				set_tags(list, &suite->cases[count - 1], text);
			free(text);
			to = NULL;
		}
		if (!more)
			return count;
		if (next) {
			count++;
			last = '\0';
		} else if (count && size > 6 && !memcmp(line, "      ", 6) &&
			   (last || line[6] == '[')) {
			to = to ? to : open_memstream(&text, &text_size);
			if (to) {
				add_fold(to, last, line + 6);
				fwrite(line + 6, 1, size - 6, to);
				last = line[size - 1];
			}
		}
	}
}

static int list_version2(const struct suite *suite, const struct said *said, struct list *list)
{
	static const char title[] = "Matching test cases:\n";
	const char *at = memmem(said->out, said->out_size, title, sizeof(title) - 1), *line;
	struct lines details, lines;
	unsigned expected = 0;
	size_t size, found;
	bool ended = false;

	if (!at)
		return list_fail(list,
				 "it printed no list of Catch2 2.x, and no XML of Catch2 3.x");
	at += sizeof(title) - 1;
	lines = details = lines_of(at, said->out + said->out_size - at);
	while (!ended && lines_next(&lines, &line, &size)) {
		ended = memmem(line, size, " matching test case", 19) &&
			isdigit((unsigned char)*line);
		expected = ended ? catch2_number(line, line + size) : 0;
	}
	if (ended)
		details.end = line;
	if (ended && lines_next(&lines, &line, &size)) /* an empty one */
		read_names(list, lines);
	if (!ended || suite->case_count != expected)
		return list_fail(list, "its lists have %u and %zu tests", expected,
				 suite->case_count);
	found = read_tags(suite, list, details);
	if (found != expected)
		return list_fail(list, "the tags of '%s' are not in its list",
				 suite->cases[found].name);
	return 0;
}

/* ---- version 3 ---- */

static const char *content(const struct _xmlNode *within, const char *name)
{
	const struct _xmlNode *node = within ? xml_child(within, name) : NULL;

	return node ? xml_content(node) : "";
}

static int list_version3(const struct _xmlNode *root, struct list *list)
{
	const struct _xmlNode *test = NULL;

	if (strcmp(xml_name(root), "MatchingTests") != 0)
		return list_fail(list, "its XML is no list of tests");
	while ((test = xml_find(root, test, "TestCase"))) {
		const struct _xmlNode *source = xml_child(test, "SourceInfo");
		const char *file = content(source, "File"), *number = content(source, "Line");
		struct suite_case *item = list_add(list, content(test, "Name"));

		if (!item)
			return -ENOMEM;
		set_place(list, item, file, strlen(file),
			  catch2_number(number, number + strlen(number)));
		set_tags(list, item, content(test, "Tags"));
	}
	return 0;
}

/* ---- specs ---- */

/* Those that it can exclude without excluding itself. */
static void put_others(FILE *to, const struct catch2_name *one, const struct catch2_name *names,
		       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (&names[i] != one && catch2_takes(one->pattern, names[i].name) &&
		    !catch2_takes(names[i].pattern, one->name)) {
			fputc('~', to);
			catch2_put_pattern(to, names[i].pattern);
		}
}

static int set_spec(struct list *list, struct suite_case *item, bool version2,
		    const struct catch2_name *names, size_t count)
{
	struct catch2_case *detail = list_alloc(list, sizeof(*detail));
	const struct catch2_name *one = &names[item->index];
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	item->detail = detail;
	detail->version2 = version2;
	if (!to)
		return -ENOMEM;
	catch2_put_pattern(to, one->pattern);
	if (version2 && one->peers > 1)
		put_others(to, one, names, count);
	if (fclose(to)) {
		free(text);
		return -ENOMEM;
	}
	detail->spec = list_text(list, text, size);
	free(text);
	if (!version2 && one->peers > 1) {
		detail->shards = one->peers;
		detail->shard = one->place;
	}
	return 0;
}

static int set_specs(const struct suite *suite, struct list *list, bool version2)
{
	struct catch2_name *names = list_alloc(list, (suite->case_count + 1) * sizeof(*names));
	int result = 0;

	for (size_t i = 0; i < suite->case_count; i++) {
		char *pattern = catch2_pattern(suite->cases[i].name);

		if (!pattern)
			return -ENOMEM;
		names[i].name = suite->cases[i].name;
		names[i].pattern = list_text(list, pattern, strlen(pattern));
		free(pattern);
	}
	result = catch2_find_peers(names, suite->case_count);
	for (size_t i = 0; !result && i < suite->case_count; i++)
		result = set_spec(list, &suite->cases[i], version2, names, suite->case_count);
	return result;
}

static int catch2_list(const struct suite *suite, const struct said *said, struct list *list)
{
	const struct _xmlNode *root = xml_read(said->result, said->result_size);
	int result = root ? list_version3(root, list) : list_version2(suite, said, list);

	if (!result)
		result = set_specs(suite, list, !root);
	xml_read_end(root);
	return result;
}

static void catch2_command(const struct suite *suite, const struct suite_case *item,
			   struct command_line *command)
{
	const struct catch2_case *detail = item->detail;

	command_add(command, suite->path);
	command_add(command, "--reporter");
	command_add(command, "console");
	if (!command_is_watched(command)) {
		command_add(command, "--out");
		command_add(command, RESULT_PATH);
	}
	command_add(command, "--order");
	command_add(command, "decl");
	command_add(command, detail->version2 ? "--use-colour" : "--colour-mode");
	command_add(command, detail->version2 ? "no" : "none");
	if (detail->shards) {
		command_add(command, "--shard-count");
		command_addf(command, "%u", detail->shards);
		command_add(command, "--shard-index");
		command_addf(command, "%u", detail->shard);
	}
	command_add(command, detail->spec);
}

/* ---- results ---- */

static void tell_failure(const struct catch2_message *message, struct judging *judging)
{
	static const char said[] = "explicitly with message";
	const char *text = message->text, *end = text + message->text_size, *newline;
	char *file = strndup(message->file, message->file_size);

	if (end - text > (ptrdiff_t)sizeof(said) && !memcmp(text, said, sizeof(said) - 1)) {
		newline = memchr(text, '\n', end - text);
		text = newline ? newline + 1 : end;
	}
	while (text < end && *text == ' ')
		text++;
	if (text == end) /* a FAIL() without a text */
		judging_failure(judging, file, message->line, NULL, "FAIL()", 6);
	else
		judging_failure(judging, file, message->line, NULL, text, end - text);
	free(file);
}

/* What SKIP() was given, on one line. */
static void tell_skip(const struct catch2_message *message, struct judging *judging)
{
	struct lines lines = lines_of(message->text, message->text_size);
	const char *line;
	char *reason = NULL;
	size_t size, reason_size = 0, count = 0;
	FILE *to = open_memstream(&reason, &reason_size);

	while (to && lines_next(&lines, &line, &size))
		if (size > 2 && !memcmp(line, "  ", 2))
			fprintf(to, "%s%.*s", count++ ? " " : "", (int)size - 2, line + 2);
	if (to && !fclose(to))
		judging_verdict(judging, VERDICT_SKIP, reason);
	free(reason);
}

/* Returns whether a check failed. */
static bool tell_messages(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->result, said->result_size);
	struct catch2_message message, skip = {0};
	bool failed = false;

	while (catch2_next_message(&lines, &message))
		if (message.failed) {
			failed = true;
			tell_failure(&message, judging);
		} else if (message.skipped) {
			skip = message;
		}
	if (!failed && skip.skipped && WIFEXITED(said->wait_status))
		tell_skip(&skip, judging);
	return failed || skip.skipped;
}

static void catch2_judge(const struct said *said, struct judging *judging)
{
	bool passed = WIFEXITED(said->wait_status) && !WEXITSTATUS(said->wait_status);
	long count = catch2_count_tests(said->result, said->result_size);
	char reason[128];

	/* A message of a test that passed is of a failure that it may have. */
	if (!passed && !tell_messages(said, judging) && count == 1 &&
	    WIFEXITED(said->wait_status) && WEXITSTATUS(said->wait_status) == 1)
		judging_verdict(judging, VERDICT_FAIL,
				"it should fail, by its tag [!shouldfail], and did not");
	if (!count) {
		judging_verdict(judging, VERDICT_ERROR,
				"the program has no such test any more; list it again by "
				"--fresh-list");
	} else if (count > 1) {
		snprintf(reason, sizeof(reason),
			 "Catch2 runs %ld tests of this name, in which it sees no case; rename one",
			 count);
		judging_verdict(judging, VERDICT_ERROR, reason);
	} else if (passed && count < 0) {
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	}
}

const struct kind kind_catch2 = {
	.name = "catch2",
	.title = "Catch2",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = catch2_recognise,
	.list_command = catch2_list_command,
	.list = catch2_list,
	.command = catch2_command,
	.judge = catch2_judge,
};
