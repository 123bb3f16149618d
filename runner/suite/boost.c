/* SPDX-License-Identifier: MIT */
/*
 * Boost.Test, https://www.boost.org/doc/libs/release/libs/test/
 *
 * Of the two forms of its list, that for graphviz says where cases are, which are disabled, and
 * their labels. A node comes before what is in it, which stands in braces. Names have nothing that
 * its filters would take for something else: Boost.Test replaces it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/kind.h"
#include "suite/lines.h"
#include "suite/xml_read.h"

#define DEPTH_MAX  64
#define FIRST_CASE 65536 /* numbers below are those of suites */

static const char *const scrubbed[] = {"BOOST_TEST_*", NULL};

static bool boost_recognise(struct candidate *candidate)
{
	return candidate->elf &&
	       (candidate_has(candidate, "is a Boost.Test module containing unit tests") ||
		candidate_has(candidate, "_ZN5boost9unit_test14unit_test_main"));
}

static void boost_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "--list_content=DOT");
}

/* Names of the suites that a line is in, and the labels of each. */
struct place {
	char path[4096], labels[4096];
	size_t path_ends[DEPTH_MAX], labels_ends[DEPTH_MAX];
	unsigned depth;
	size_t path_size, labels_size; /* of the node that was last, for a brace that follows */
};

/* 'name|file(12)|labels: @a @b', in which the name may have '|'; returns the one before the file.
 */
static const char *find_file(const char *label, const char *end)
{
	const char *found = NULL;

	for (const char *at = label; (at = memchr(at, '|', end - at)); at++) {
		const char *next = memchr(at + 1, '|', end - at - 1);
		const char *last = next ? next : end;

		if (last - at > 3 && last[-1] == ')' && isdigit((unsigned char)last[-2]))
			found = at;
	}
	return found;
}

static void set_file(struct list *list, struct suite_case *item, const char *file, const char *end)
{
	const char *next = memchr(file, '|', end - file);
	const char *open = memrchr(file, '(', (next ? next : end) - file);

	if (!open)
		return;
	item->file = list_text(list, file, open - file);
	item->line = strtoul(open + 1, NULL, 10);
}

/* Puts text behind what is in a buffer; returns the new size, or 0 when there is no room. */
static size_t append(char *buffer, size_t room, size_t used, const char *text, size_t size)
{
	if (size >= room - used)
		return 0;
	memcpy(buffer + used, text, size);
	buffer[used + size] = '\0';
	return used + size;
}

/* "@a @b" becomes ",a,b". */
static bool add_labels(struct place *place, size_t used, const char *at, const char *end)
{
	const char *labels = memmem(at, end - at, "|labels:", 8);

	place->labels_size = used;
	place->labels[used] = '\0';
	for (at = labels ? labels + 8 : end; at < end;) {
		size_t size;

		while (at < end && strchr(" @", *at))
			at++;
		for (size = 0; at + size < end && at[size] != ' ';)
			size++;
		if (!size)
			break;
		place->labels_size =
			append(place->labels, sizeof(place->labels), place->labels_size, ",", 1);
		place->labels_size =
			append(place->labels, sizeof(place->labels), place->labels_size, at, size);
		if (!place->labels_size)
			return false;
		at += size;
	}
	return true;
}

/* tu65536[shape=Mrecord,fontname=Helvetica,color=green,label="name|file(12)"]; */
static int read_node(struct list *list, struct place *place, const char *line, size_t size)
{
	const char *label = memmem(line, size, ",label=\"", 8), *end = line + size, *file;
	size_t used = place->depth ? place->path_ends[place->depth - 1] : 0;
	size_t labels = place->depth ? place->labels_ends[place->depth - 1] : 0;
	bool master = memmem(line, size, "shape=ellipse", 13);
	unsigned long number = strtoul(line + 2, NULL, 10);
	struct suite_case *item;

	if (!label || size < 3 || memcmp(end - 3, "\"];", 3) || end - 3 < label + 8)
		return list_fail(list, "'%.*s' in its list is no test", (int)size, line);
	label += 8;
	end -= 3;
	file = find_file(label, end);
	if (!master && !file)
		return list_fail(list, "'%.*s' in its list has no place", (int)size, line);
	if (!master && used)
		used = append(place->path, sizeof(place->path), used, "/", 1);
	place->path_size =
		master ? 0 : append(place->path, sizeof(place->path), used, label, file - label);
	if (!add_labels(place, labels, file ? file : label, end) || (!master && !place->path_size))
		return list_fail(list, "a name in its list is longer than 4 KiB");
	if (master || number < FIRST_CASE)
		return 0;
	item = list_add(list, place->path);
	if (!item)
		return -ENOMEM;
	item->ignored = memmem(line, label - line, "color=yellow", 12);
	set_file(list, item, file + 1, end);
	if (place->labels_size)
		list_world(list, item, "tags", place->labels + 1);
	return 0;
}

static int read_line(struct list *list, struct place *place, const char *line, size_t size)
{
	const char *arrow = memmem(line, size, " -> ", 4), *bracket = memchr(line, '[', size);

	if (size == 1 && *line == '{') {
		if (place->depth == DEPTH_MAX)
			return list_fail(list, "its suites are nested deeper than %d", DEPTH_MAX);
		place->path_ends[place->depth] = place->path_size;
		place->labels_ends[place->depth++] = place->labels_size;
	} else if (size == 1 && *line == '}') {
		place->depth -= !!place->depth;
	} else if (size > 2 && !memcmp(line, "tu", 2) && bracket && (!arrow || bracket < arrow)) {
		return read_node(list, place, line, size);
	}
	return 0;
}

static int boost_list(const struct suite *suite, const struct said *said, struct list *list)
{
	static const char start[] = "digraph G {";
	const char *at = memmem(said->errors, said->errors_size, start, sizeof(start) - 1), *line;
	struct place place = {.depth = 0};
	struct lines lines;
	size_t size;
	int result = 0;

	(void)suite;
	if (!at)
		return list_fail(list, "it wrote no list; Boost.Test has --list_content=DOT since "
				       "1.59");
	lines = lines_of(at, said->errors + said->errors_size - at);
	while (!result && lines_next(&lines, &line, &size))
		result = read_line(list, &place, line, size);
	return result;
}

static void boost_command(const struct suite *suite, const struct suite_case *item,
			  struct command_line *command)
{
	command_add(command, suite->path);
	command_addf(command, "--run_test=%s", item->name);
	command_add(command, "--logger=HRF,error,stdout:XML,test_suite," RESULT_PATH);
	command_add(command, "--report_level=no");
	command_add(command, "--color_output=no");
	/* A signal is the cell's to tell. */
	command_add(command, "--catch_system_errors=no");
}

/* In the suites that its name says; they have the name of each as Boost.Test wrote it. */
static const struct _xmlNode *find_case(const struct _xmlNode *within, const char *path)
{
	for (const struct _xmlNode *node = xml_child(within, NULL); node;
	     node = xml_next(node, NULL)) {
		const char *name = xml_get(node, "name");
		size_t size = name ? strlen(name) : 0;
		const struct _xmlNode *found;

		if (!name || strncmp(path, name, size))
			continue;
		if (!strcmp(xml_name(node), "TestCase") && !path[size])
			return node;
		if (strcmp(xml_name(node), "TestSuite") || path[size] != '/')
			continue;
		found = find_case(node, path + size + 1);
		if (found)
			return found;
	}
	return NULL;
}

static void put_part(FILE *to, const char *title, const struct _xmlNode *node)
{
	if (*xml_content(node))
		fprintf(to, "\n  %s: %s", title, xml_content(node));
}

static void tell_failure(const struct _xmlNode *node, struct judging *judging)
{
	const struct _xmlNode *checkpoint = xml_child(node, "LastCheckpoint"), *frame = NULL;
	const char *file = xml_get(node, "file"), *line = xml_get(node, "line");
	unsigned long number = line ? strtoul(line, NULL, 10) : 0;
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return;
	fputs(xml_content(node), to);
	while ((frame = xml_find(node, frame, "Frame")))
		put_part(to, "context", frame);
	if (checkpoint && !number) { /* "unknown location", of an exception */
		put_part(to, "last checkpoint", checkpoint);
		file = xml_get(checkpoint, "file");
		line = xml_get(checkpoint, "line");
		number = line ? strtoul(line, NULL, 10) : 0;
	}
	if (!fclose(to))
		judging_failure(judging, number ? file : NULL, number, NULL, text, size);
	free(text);
}

static void tell_failures(const struct _xmlNode *test, struct judging *judging)
{
	for (const struct _xmlNode *node = xml_child(test, NULL); node; node = xml_next(node, NULL))
		if (!strcmp(xml_name(node), "Error") || !strcmp(xml_name(node), "FatalError") ||
		    !strcmp(xml_name(node), "Exception"))
			tell_failure(node, judging);
}

/* All that the filter did not take are "disabled". */
static bool is_left_out(const struct _xmlNode *test)
{
	const char *reason = xml_get(test, "reason");

	return reason && !strcmp(reason, "disabled");
}

static void judge_test(const struct said *said, const struct _xmlNode *test,
		       struct judging *judging)
{
	const char *skipped = xml_get(test, "skipped"), *reason = xml_get(test, "reason");

	if (skipped && !strcmp(skipped, "yes"))
		judging_verdict(judging, VERDICT_SKIP, reason ? reason : "");
	else if (!WIFEXITED(said->wait_status) || WEXITSTATUS(said->wait_status))
		tell_failures(test, judging);
	else if (!xml_child(test, "TestingTime"))
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
}

static void boost_judge(const struct said *said, struct judging *judging)
{
	const struct _xmlNode *root = xml_read(said->result, said->result_size);
	const struct _xmlNode *master = root ? xml_child(root, "TestSuite") : NULL;
	const struct _xmlNode *test = master ? find_case(master, said->item->name) : NULL;

	if (test && !is_left_out(test))
		judge_test(said, test, judging);
	else if (master || memmem(said->out, said->out_size, "no test cases matching filter", 29))
		judging_verdict(judging, VERDICT_ERROR,
				"the program has no such test any more; list it again by "
				"--fresh-list");
	else if (WIFEXITED(said->wait_status) && !WEXITSTATUS(said->wait_status))
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	xml_read_end(root);
}

const struct kind kind_boost = {
	.name = "boost",
	.title = "Boost.Test",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.scrubbed = scrubbed,
	.recognise = boost_recognise,
	.list_command = boost_list_command,
	.list = boost_list,
	.command = boost_command,
	.judge = boost_judge,
};
