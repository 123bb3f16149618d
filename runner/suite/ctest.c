/* SPDX-License-Identifier: MIT */
/*
 * Build trees of CTest, https://cmake.org/cmake/help/latest/manual/ctest.1.html
 *
 * ctest itself lists the tests with their properties. A test is its command, in a world of its
 * properties; where these say more than a world can, or other tests are to be run with it, steps.h
 * runs it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "suite/ctest_tree.h"

#define MOST_THREADS 1000000.0
#define MOST_COST    1000.0 /* the highest priority */
#define NO_DEADLINE  "100000h"
/* What a request to a zygote can hold; the rest of it is for the world. */
#define WORDS_BYTES  60000

static const char *const scrubbed[] = {"CTEST_OUTPUT_ON_FAILURE", "CTEST_PARALLEL_LEVEL",
				       "CTEST_PROGRESS_OUTPUT",   "CTEST_USE_LAUNCHERS_DEFAULT",
				       "CTEST_RESOURCE_GROUP_*",  NULL};

static bool ctest_recognise(struct candidate *candidate)
{
	return candidate_holds(candidate, "CTestTestfile.cmake");
}

static void ctest_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, "ctest");
	command_add(command, "--show-only=json-v1");
	if (suite->build_config) {
		command_add(command, "-C");
		command_add(command, suite->build_config);
	}
	command_world(command, "cwd", suite->path);
}

/* Does it need more than its command, in a world? */
static bool wants_steps(const struct ctest_test *test, const struct ctest_chain *chain)
{
	bool odd = !test->command || test->changes || test->needed || chain->count > 1;

	for (const char *const *at = test->environment; at && *at; at++)
		odd |= !strchr(*at, '=');
	return odd;
}

/* Tags are separated by commas. */
static void put_tags(struct list *list, struct suite_case *item, const char *const *labels)
{
	char *text = list_text(list, "", 0);

	for (; labels && *labels; labels++) {
		char *tag = list_textf(list, "%s", *labels);

		for (char *at = tag; (at = strchr(at, ','));)
			*at = ';';
		text = *text ? list_textf(list, "%s,%s", text, tag) : tag;
	}
	if (*text)
		list_world(list, item, "tags", text);
}

static void put_number(struct list *list, struct suite_case *item, const char *option,
		       double number)
{
	list_world(list, item, option, list_textf(list, "%.0f", number));
}

/* All that is run for it has to end in time. */
static void put_deadline(struct list *list, struct suite_case *item,
			 const struct ctest_chain *chain)
{
	double seconds = 0;
	bool none = false;

	for (size_t i = 0; i < chain->count; i++) {
		double own = chain->steps[i].test->timeout;

		none |= own == 0;
		seconds += own < 0 ? CTEST_TIMEOUT : own;
	}
	list_world(list, item, "timeout",
		   none || seconds > 3.6e8
			   ? NO_DEADLINE
			   : list_textf(list, "%.3f", seconds < 0.001 ? 0.001 : seconds));
}

static void put_locks(struct list *list, struct suite_case *item, const struct ctest_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct ctest_test *test = chain->steps[i].test;

		if (test->alone)
			list_lock(list, item, NULL, "RUN_SERIAL");
		for (const char *const *lock = test->locks; lock && *lock; lock++)
			list_lock(list, item, *lock, "RESOURCE_LOCK");
	}
}

static void put_world(struct list *list, struct suite_case *item, const struct ctest_test *test,
		      const struct ctest_chain *chain)
{
	double threads = 1;

	put_tags(list, item, test->labels);
	put_deadline(list, item, chain);
	put_locks(list, item, chain);
	if (test->directory)
		list_world(list, item, "cwd", test->directory);
	for (size_t i = 0; i < chain->count; i++)
		if (chain->steps[i].test->processors > threads)
			threads = chain->steps[i].test->processors;
	if (threads > 1)
		put_number(list, item, "threads", threads < MOST_THREADS ? threads : MOST_THREADS);
	if (test->cost != 0)
		put_number(list, item, "priority",
			   test->cost > MOST_COST    ? MOST_COST
			   : test->cost < -MOST_COST ? -MOST_COST
						     : test->cost);
	if (wants_steps(test, chain))
		return; /* which say the variables of each */
	for (const char *const *at = test->environment; at && *at; at++)
		list_world(list, item, "env", *at);
}

static int add_case(struct list *list, struct ctest_test *test)
{
	struct suite_case *item = list_add(list, test->name);
	struct ctest_chain chain = {0};
	int result = item ? ctest_chain(test, &chain) : -ENOMEM;

	if (!result) {
		item->detail = test;
		item->file = test->file;
		item->line = test->line;
		item->ignored = test->disabled;
		put_world(list, item, test, &chain);
	}
	ctest_chain_free(&chain);
	return result;
}

static int ctest_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct ctest_test *tests;
	size_t count, unheeded = 0;
	int result = ctest_read(said->out, said->out_size, list, &tests, &count);

	(void)suite;
	if (!result)
		result = ctest_link(list, tests, count);
	for (size_t i = 0; i < count && !result; i++) {
		unheeded += tests[i].timeout_after_match;
		result = add_case(list, &tests[i]);
	}
	if (unheeded)
		list_message(list,
			     "TIMEOUT_AFTER_MATCH of %zu test%s is not heeded; their deadline is "
			     "that of TIMEOUT",
			     unheeded, unheeded == 1 ? "" : "s");
	return result;
}

static void refuse_unbuilt(const struct suite *suite, const struct ctest_test *test,
			   struct command_line *command)
{
	char sentence[PATH_MAX + 512];

	snprintf(sentence, sizeof(sentence),
		 "the program of '%s' is not built; 'cmake --build %s' builds it%s", test->name,
		 suite->path,
		 suite->build_config ? ""
				     : ", and --build-config=NAME says which build configuration "
				       "is meant, when there are several");
	steps_refuse(command, sentence);
}

static void add_step(const struct suite *suite, struct command_line *command,
		     const struct ctest_step *step)
{
	const struct ctest_test *test = step->test;

	if (!test->command && (step->role == STEP_BEFORE || step->role == STEP_AFTER))
		return; /* its own case tells */
	steps_add(command, step->role, test->name);
	if (!test->command) {
		refuse_unbuilt(suite, test, command);
		return;
	}
	if (test->directory)
		steps_directory(command, test->directory);
	for (const char *const *at = test->environment; at && *at; at++)
		steps_set(command, *at);
	for (const char *const *at = test->changes; at && *at; at++)
		steps_change(command, *at);
	for (const char *const *at = test->needed; at && *at; at++)
		steps_need(command, *at);
	if (step->role != STEP_TEST)
		steps_rules(command, &test->rules);
	steps_run(command, test->command);
}

static size_t words_size(const struct ctest_chain *chain)
{
	size_t size = 0;

	for (size_t i = 0; i < chain->count; i++) {
		const struct ctest_test *test = chain->steps[i].test;
		const char *const *const lists[] = {
			test->command,    test->environment, test->changes,   test->needed,
			test->rules.pass, test->rules.fail,  test->rules.skip};

		for (size_t l = 0; l < sizeof(lists) / sizeof(*lists); l++)
			for (const char *const *at = lists[l]; at && *at; at++)
				size += strlen(*at) + sizeof("environment");
		size += 64 + strlen(test->name);
	}
	return size;
}

static void ctest_command(const struct suite *suite, const struct suite_case *item,
			  struct command_line *command)
{
	struct ctest_test *test = (struct ctest_test *)item->detail;
	struct ctest_chain chain;

	if (ctest_chain(test, &chain) == 0 && !wants_steps(test, &chain)) {
		for (const char *const *word = test->command; *word; word++)
			command_add(command, *word);
		ctest_chain_free(&chain);
		return;
	}
	steps_begin(command);
	if (words_size(&chain) > WORDS_BYTES)
		steps_refuse(command, "what is to be run with it is longer than 60000 bytes; "
				      "shorten DEPENDS, or commands and variables");
	for (size_t i = 0; i < chain.count && words_size(&chain) <= WORDS_BYTES; i++)
		add_step(suite, command, &chain.steps[i]);
	ctest_chain_free(&chain);
}

static void ctest_judge(const struct said *said, struct judging *judging)
{
	const struct ctest_test *test = said->item->detail;
	memory_free char *refusal = steps_refusal(said);
	const char *out = said->out;
	size_t size = said->out_size;
	char reason[512];
	enum verdict verdict;

	if (refusal) {
		judging_verdict(judging, VERDICT_ERROR, refusal);
		return;
	}
	if (!WIFEXITED(said->wait_status))
		return;
	steps_output(said, &out, &size);
	verdict = rules_judge(&test->rules, out, size, WEXITSTATUS(said->wait_status), reason,
			      sizeof(reason));
	judging_verdict(judging, verdict, reason);
}

const struct kind kind_ctest = {
	.name = "ctest",
	.title = "a CTest build tree",
	.order = ORDER_DIRECTORY,
	.directories = true,
	.scrubbed = scrubbed,
	.recognise = ctest_recognise,
	.list_command = ctest_list_command,
	.list = ctest_list,
	.command = ctest_command,
	.judge = ctest_judge,
};
