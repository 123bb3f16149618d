/* SPDX-License-Identifier: MIT */
/*
 * cloche list
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "json_text.h"
#include "keeper.h"
#include "suite/kind.h"
#include "utf8.h"
#include "world.h"

/* As reports show them: who made a file or a row chose the bytes of its name. */
static void print_text(const struct suite *suite, const struct suite_case *item)
{
	utf8_in_line(stdout, suite->shown);
	fputs("::", stdout);
	utf8_in_line(stdout, item->name);
	putchar('\n');
}

/* In one piece: jansson prints in very many small ones, and 100,000 cases are to be listed soon. */
static void print_object(const json_t *object)
{
	static char line[65536];
	size_t size = json_dumpb(object, line, sizeof(line), JSON_COMPACT);

	if (size && size <= sizeof(line))
		fwrite(line, 1, size, stdout);
	else
		json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
}

static json_t *tags_of(const struct suite *suite, const struct suite_case *item)
{
	struct expression_subject subject = suite_subject(suite, item);
	json_t *tags = json_array();
	const char *tag;
	size_t size;

	while (expression_take_tag(&subject, &tag, &size))
		json_array_append_new(tags, json_text(tag, size));
	return tags;
}

/* Seconds in which the case is over: all its attempts, and the delays. */
static double deadline_of(const struct cloche_options *o, const struct flags *flags)
{
	double factor = flags->timeout_multiplier > 0 ? flags->timeout_multiplier : 1;
	double attempt =
		factor * ((o->timeout > 0 ? o->timeout : 60) + (o->grace > 0 ? o->grace : 2));
	double delay = o->retry_delay;

	if (o->retry_backoff && strcmp(o->retry_backoff, "fixed") != 0)
		delay = o->retry_max_delay > 0 ? o->retry_max_delay : 3600;
	return attempt + (o->retries > 0 ? o->retries * (attempt + delay) : 0);
}

/*
 * One object a line; the world as name=value pairs, as flags take them. What others need who run
 * the case, as ctest, is told as it will be in a run with these flags.
 */
static void print_json(const struct suite *suite, const struct suite_case *item,
		       const struct session *session, const struct flags *flags)
{
	json_t *world = json_object(), *object;
	char *copy = strdup(item->world), *rest = copy, *name, *value, *block = NULL;
	struct cloche_options o;

	if (plan_world(item, suite, session, &o, &block) < 0)
		o = (struct cloche_options){0}; /* told when it runs */
	while (copy && world_take(&rest, &name, &value))
		json_object_set_new(world, name, json_text_of(value));
	free(copy);
	object = json_pack("{s:i, s:o, s:o, s:b, s:s, s:b, s:o, s:i, s:o, s:f, s:o, s:I, s:o}", "v",
			   1, "suite", json_text_of(suite->shown), "name", json_text_of(item->name),
			   "native", suite->native, "kind",
			   suite->native ? "native" : suite->kind->name, "ignored", item->ignored,
			   "file", json_text_of(item->file), "line", (int)item->line, "tags",
			   tags_of(suite, item), "deadline", deadline_of(&o, flags), "group",
			   json_text_of(o.group), "threads",
			   (json_int_t)(o.threads ? o.threads : 1), "world", world);
	print_object(object);
	json_decref(object);
	free(block);
}

int command_list(struct flags *flags, struct session *session, const char *self_suite)
{
	static struct suites suites; /* what lives as long as the run is static */
	static struct job *jobs;
	size_t count;
	int result;

	if (!self_suite && !flags->rest_count)
		return complain(EXIT_SETUP, "name the suites to list: a program, or a directory");
	result = select_environment(flags);
	if (result)
		return result;
	result = select_suites(&suites, flags, session, self_suite, NULL);
	if (!result)
		result = select_jobs(&suites, flags, &jobs, &count);
	if (result)
		return result;
	for (size_t i = 0; i < count; i++) {
		const struct suite *suite = suites.list[jobs[i].suite];
		const struct suite_case *item = &suite->cases[jobs[i].index];

		if (!strcmp(flags->format, "json"))
			print_json(suite, item, session, flags);
		else
			print_text(suite, item);
	}
	return output_ended("the list");
}
