/* SPDX-License-Identifier: MIT */
/*
 * Build trees of Meson, https://mesonbuild.com/Unit-tests.html
 *
 * meson-info/intro-tests.json has the tests, but not which should fail, nor what variables are with
 * what is added to them. That is in a pickle of Meson's own, which its own Python reads, in the
 * cell that lists, when it can. Benchmarks are told in the same way, and are ignored cases.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite/judging.h"
#include "suite/steps.h"

#define INTRO       "meson-info/intro-tests.json"
#define BENCHMARKS  "meson-info/intro-benchmarks.json"
#define TARGETS     "meson-info/intro-targets.json"
#define NO_DEADLINE "100000h"

/* What a sanitizer finds ends the test, as with `meson test`. */
#define SANITIZERS "halt_on_error=1:abort_on_error=1:print_summary=1"

static const char *const scrubbed[] = {"MESON_TESTTHREADS", "GTEST_OUTPUT", NULL};

static const char script[] =
	"cat " INTRO " || exit\n"
	"echo; cat " TARGETS " || echo '[]'; echo\n"
	"cat " BENCHMARKS " || echo '[]'; echo\n"
	"meson=$(command -v meson) || exit 0\n"
	"python=$(sed -n '1s/^#! *//p' \"$meson\")\n"
	"case $python in *python*) $python -c \"$0\" \"$meson\" ;; esac 2>/dev/null || :\n";

static const char python[] =
	"import json, os, pickle, sys\n"
	"meson = os.path.realpath(sys.argv[1])\n"
	"sys.path[:0] = [meson, os.path.dirname(meson)]\n"
	"def tell(test):\n"
	"    before = dict(os.environ)\n"
	"    env = test.env.get_env(dict(before))\n"
	"    wrapper = []\n"
	"    if test.is_cross_built and test.needs_exe_wrapper and test.cmd_is_exe:\n"
	"        runner = getattr(test, 'exe_wrapper', None) or getattr(test, 'exe_runner', None)\n"
	"        wrapper = runner.get_command() if runner and runner.found() else None\n"
	"    return {'name': test.name, 'should_fail': bool(test.should_fail), 'wrapper': "
	"wrapper,\n"
	"            'env': {k: v for k, v in env.items() if before.get(k) != v}}\n"
	"for name in 'test', 'benchmark':\n"
	"    with open(f'meson-private/meson_{name}_setup.dat', 'rb') as file:\n"
	"        print(json.dumps([tell(test) for test in pickle.load(file)]))\n";

enum protocol { PROTOCOL_EXIT_CODE, PROTOCOL_TAP };

struct test {
	const char *const *command;
	enum protocol protocol;
	const char *missing; /* what is not built, or NULL */
	bool no_wrapper;     /* built for another machine */
	bool benchmark;
};

static bool meson_recognise(struct candidate *candidate)
{
	return candidate_holds(candidate, INTRO);
}

static void meson_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, "sh");
	command_add(command, "-c");
	command_add(command, script);
	command_add(command, python);
	command_world(command, "cwd", suite->path);
}

/* One of the JSON texts, which follow each other; *at moves behind it. */
static json_t *take_json(const char **at, const char *end)
{
	json_error_t error;
	json_t *root;

	if (*at >= end)
		return NULL;
	root = json_loadb(*at, end - *at, JSON_DISABLE_EOF_CHECK, &error);
	if (root)
		*at += error.position;
	return root;
}

static const char *get_text(const json_t *from, const char *key)
{
	return json_string_value(json_object_get(from, key));
}

/* "x:a" is suite a of project x. */
static size_t project_size(const char *suite)
{
	return strcspn(suite, ":");
}

/* The project, its suites, and the suites alone: what `meson test --suite` takes. */
static void put_tags(struct list *list, struct suite_case *item, const json_t *suites)
{
	const json_t *suite;
	char *text = list_text(list, "", 0);
	size_t i;

	json_array_foreach(suites, i, suite)
	{
		const char *name = json_string_value(suite);
		size_t project = name ? project_size(name) : 0;

		if (!name || strchr(name, ','))
			continue;
		if (!i)
			text = list_text(list, name, project);
		if (name[project])
			text = list_textf(list, "%s,%s,%s", text, name, name + project + 1);
	}
	if (*text)
		list_world(list, item, "tags", text);
}

/* As `meson test` prints it: "project:suite+suite / name"; just "name" when all are of one suite.
 */
static const char *full_name(struct list *list, const json_t *test, bool one_suite)
{
	const json_t *suites = json_object_get(test, "suite"), *suite;
	const char *first = json_string_value(json_array_get(suites, 0));
	char *text;
	size_t i;
	const char *between = ":";

	if (one_suite || !first)
		return get_text(test, "name");
	text = list_text(list, first, project_size(first));
	json_array_foreach(suites, i, suite)
	{
		const char *name = json_string_value(suite);

		if (!name || !name[project_size(name)])
			continue;
		text = list_textf(list, "%s%s%s", text, between, name + project_size(name) + 1);
		between = "+";
	}
	return list_textf(list, "%s / %s", text, get_text(test, "name"));
}

static bool is_one_suite(const json_t *tests)
{
	const char *only = NULL;
	const json_t *test, *suite;
	size_t i, s;

	json_array_foreach(tests, i, test)
		json_array_foreach(json_object_get(test, "suite"), s, suite)
	{
		const char *name = json_string_value(suite);

		if (name && only && strcmp(name, only) != 0)
			return false;
		only = name ? name : only;
	}
	return true;
}

static const char *const *words_of(struct list *list, const json_t *wrapper, const json_t *command)
{
	size_t before = json_array_size(wrapper), count = before + json_array_size(command);
	const char **words = list_alloc(list, (count + 1) * sizeof(*words));

	for (size_t i = 0; i < count; i++) {
		const json_t *word = i < before ? json_array_get(wrapper, i)
						: json_array_get(command, i - before);

		if (!json_is_string(word))
			return NULL;
		words[i] = list_text(list, json_string_value(word), json_string_length(word));
	}
	return count ? words : NULL;
}

/* The first file of what it depends on that is not there. */
static const char *find_missing(struct list *list, const json_t *test, const json_t *targets)
{
	const json_t *target, *wanted, *file;
	size_t t, d, f;

	json_array_foreach(json_object_get(test, "depends"), d, wanted)
		json_array_foreach(targets, t, target)
	{
		if (!json_equal(json_object_get(target, "id"), wanted))
			continue;
		json_array_foreach(
			json_object_get(target, "filename"), f,
			file) if (json_is_string(file) &&
				  access(json_string_value(file),
					 F_OK)) return list_text(list, json_string_value(file),
								 json_string_length(file));
	}
	return NULL;
}

static void put_variables(struct list *list, struct suite_case *item, const json_t *env)
{
	static const char *const sanitizers[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "MSAN_OPTIONS"};
	const char *name;
	json_t *value;

	list_world(list, item, "env", "MESON_TEST_ITERATION=1");
	for (size_t i = 0; i < sizeof(sanitizers) / sizeof(*sanitizers); i++)
		if (!json_object_get(env, sanitizers[i]))
			list_world(list, item, "env",
				   list_textf(list, "%s=" SANITIZERS, sanitizers[i]));
	json_object_foreach((json_t *)env, name, value) if (json_is_string(value)) list_world(
		list, item, "env", list_textf(list, "%s=%s", name, json_string_value(value)));
}

static void put_world(const struct suite *suite, struct list *list, struct suite_case *item,
		      const json_t *test, const json_t *more)
{
	const json_t *env = json_object_get(more, "env"),
		     *timeout = json_object_get(test, "timeout");
	const char *directory = get_text(test, "workdir");
	json_int_t priority = json_integer_value(json_object_get(test, "priority"));

	put_tags(list, item, json_object_get(test, "suite"));
	put_variables(list, item, env ? env : json_object_get(test, "env"));
	list_world(list, item, "cwd", directory ? directory : suite->path);
	list_world(list, item, "timeout",
		   json_number_value(timeout) > 0
			   ? list_textf(list, "%.0f", json_number_value(timeout))
			   : NO_DEADLINE);
	if (priority > 1000 || priority < -1000)
		priority = priority > 0 ? 1000 : -1000;
	if (priority)
		list_world(list, item, "priority", list_textf(list, "%d", (int)priority));
	if (((const struct test *)item->detail)->benchmark)
		list_lock(list, item, "benchmark", "a benchmark");
	else if (json_is_false(json_object_get(test, "is_parallel")))
		list_lock(list, item, NULL, "is_parallel: false");
	if (json_is_true(json_object_get(more, "should_fail")) ||
	    json_is_true(json_object_get(test, "should_fail")))
		list_world(list, item, "expect-failure", "true");
}

/* What a tree tells of its tests, or of its benchmarks. */
struct told {
	const json_t *tests, *targets, *more; /* NULL: Meson itself does not read it here */
	bool benchmarks;
};

/* What the intro file says of one test; `more` is what Meson itself added, or NULL. */
static int add_test(const struct suite *suite, struct list *list, const char *name,
		    const json_t *test, const json_t *more, const struct told *told)
{
	const json_t *wrapper = json_object_get(more, "wrapper");
	const char *protocol = get_text(test, "protocol");
	struct test *detail = list_alloc(list, sizeof(*detail));
	struct suite_case *item;

	detail->command = words_of(list, wrapper, json_object_get(test, "cmd"));
	if (!detail->command)
		return list_fail(list, INTRO " has a test without a command");
	detail->protocol = protocol && !strcmp(protocol, "tap") ? PROTOCOL_TAP : PROTOCOL_EXIT_CODE;
	detail->missing = find_missing(list, test, told->targets);
	detail->no_wrapper = json_is_null(wrapper);
	detail->benchmark = told->benchmarks;
	item = list_add(list, name);
	if (!item)
		return -ENOMEM;
	item->detail = detail;
	item->ignored = told->benchmarks;
	put_world(suite, list, item, test, more);
	return 0;
}

/* Both have the same tests in the same order, or what Meson said is of no use. */
static bool agree(const json_t *tests, const json_t *more)
{
	const json_t *test;
	size_t i;

	if (!json_is_array(more) || json_array_size(more) != json_array_size(tests))
		return false;
	json_array_foreach(tests, i, test) if (!json_equal(json_object_get(test, "name"),
							   json_object_get(json_array_get(more, i),
									   "name"))) return false;
	return true;
}

static int list_tests(const struct suite *suite, struct list *list, const struct told *told)
{
	const json_t *tests = told->tests;
	bool one_suite = is_one_suite(tests), known = agree(tests, told->more);
	const json_t *test;
	size_t i;
	int result = 0;

	if (!json_is_array(tests))
		return list_fail(list, "its " INTRO " is no list of tests; 'meson setup "
				       "--reconfigure' writes it again");
	if (!known && !told->benchmarks)
		list_message(
			list,
			"which tests should fail, and what is added to variables, is not "
			"known, since 'meson' does not read this tree here; put the Meson that "
			"made it into PATH");
	json_array_foreach(tests, i, test)
	{
		if (!get_text(test, "name"))
			result = list_fail(list, INTRO " has a test without a name");
		if (!result)
			result = add_test(suite, list, full_name(list, test, one_suite), test,
					  known ? json_array_get(told->more, i) : NULL, told);
		if (result)
			break;
	}
	return result;
}

static int meson_list(const struct suite *suite, const struct said *said, struct list *list)
{
	const char *at = said->out, *end = said->out + said->out_size;
	json_t *tests = take_json(&at, end), *targets = tests ? take_json(&at, end) : NULL;
	json_t *benchmarks = targets ? take_json(&at, end) : NULL;
	json_t *more[2] = {NULL, NULL};
	int result;

	for (int i = 0; benchmarks && i < 2; i++)
		more[i] = take_json(&at, end);
	result = list_tests(suite, list, &(struct told){tests, targets, more[0], false});
	if (!result && json_is_array(benchmarks))
		result =
			list_tests(suite, list, &(struct told){benchmarks, targets, more[1], true});
	json_decref(tests);
	json_decref(targets);
	json_decref(benchmarks);
	json_decref(more[0]);
	json_decref(more[1]);
	return result;
}

static void refuse(struct command_line *command, const char *format, const char *what,
		   const char *path)
{
	char sentence[2 * PATH_MAX + 256];

	snprintf(sentence, sizeof(sentence), format, what, path);
	steps_begin(command);
	steps_refuse(command, sentence);
}

static void meson_command(const struct suite *suite, const struct suite_case *item,
			  struct command_line *command)
{
	static const char unbuilt[] = "'%s' is not built; 'meson compile -C %s' builds it";
	const struct test *test = item->detail;
	const char *program = *test->command;

	if (test->no_wrapper)
		refuse(command,
		       "%s is built for another machine than %s; set exe_wrapper in its "
		       "cross file",
		       program, "this one");
	else if (test->missing && access(test->missing, F_OK))
		refuse(command, unbuilt, test->missing, suite->path);
	else if (*program == '/' && access(program, F_OK))
		refuse(command, unbuilt, program, suite->path);
	else
		for (const char *const *word = test->command; *word; word++)
			command_add(command, *word);
}

/* TAP, which others may print as well, counts only where that is the protocol. */
static void meson_judge(const struct said *said, struct judging *judging)
{
	const struct test *test = said->item->detail;
	char reason[64], *refusal = steps_refusal(said);
	int status = WEXITSTATUS(said->wait_status);

	snprintf(reason, sizeof(reason), "exit status %d%s", status,
		 status == 99 ? ", a hard error" : "");
	if (refusal)
		judging_verdict(judging, VERDICT_ERROR, refusal);
	else if (WIFEXITED(said->wait_status) && test->protocol == PROTOCOL_EXIT_CODE)
		judging_verdict(judging,
				!status        ? VERDICT_PASS
				: status == 77 ? VERDICT_SKIP
				: status == 99 ? VERDICT_ERROR
					       : VERDICT_FAIL,
				status ? reason : "");
	else if (!said->wait_status && !judging->outcome->tap)
		judging_verdict(judging, VERDICT_SKIP, "printed no TAP, which is its protocol");
	free(refusal);
}

const struct kind kind_meson = {
	.name = "meson",
	.title = "a Meson build tree",
	.order = ORDER_DIRECTORY,
	.directories = true,
	.tap = true,
	.scrubbed = scrubbed,
	.recognise = meson_recognise,
	.list_command = meson_list_command,
	.list = meson_list,
	.command = meson_command,
	.judge = meson_judge,
};
