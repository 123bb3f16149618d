/* SPDX-License-Identifier: MIT */
/*
 * The list of tests as ctest prints it,
 * https://cmake.org/cmake/help/latest/manual/ctest.1.html#show-as-json-object-model
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "suite/ctest_tree.h"

static const char *text_of(struct list *list, const json_t *value)
{
	return list_text(list, json_string_value(value), json_string_length(value));
}

/* Of a list, or of one that is no list, its texts; NULL when there are none. */
static const char *const *texts_of(struct list *list, const json_t *value)
{
	size_t count = json_is_array(value) ? json_array_size(value) : 1, used = 0;
	const char **texts;

	if (!count || !value)
		return NULL;
	texts = list_alloc(list, (count + 1) * sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;

		if (json_is_string(item))
			texts[used++] = text_of(list, item);
	}
	return used ? texts : NULL;
}

static double number_of(const json_t *value)
{
	if (json_is_string(value))
		return strtod(json_string_value(value), NULL);
	return json_number_value(value);
}

static const struct {
	const char *name;
	size_t offset;
} lists[] = {
	{"ENVIRONMENT", offsetof(struct ctest_test, environment)},
	{"ENVIRONMENT_MODIFICATION", offsetof(struct ctest_test, changes)},
	{"REQUIRED_FILES", offsetof(struct ctest_test, needed)},
	{"LABELS", offsetof(struct ctest_test, labels)},
	{"RESOURCE_LOCK", offsetof(struct ctest_test, locks)},
	{"DEPENDS", offsetof(struct ctest_test, depends)},
	{"FIXTURES_SETUP", offsetof(struct ctest_test, setup_of)},
	{"FIXTURES_CLEANUP", offsetof(struct ctest_test, cleanup_of)},
	{"FIXTURES_REQUIRED", offsetof(struct ctest_test, requires_)},
	{"PASS_REGULAR_EXPRESSION", offsetof(struct ctest_test, rules.pass)},
	{"FAIL_REGULAR_EXPRESSION", offsetof(struct ctest_test, rules.fail)},
	{"SKIP_REGULAR_EXPRESSION", offsetof(struct ctest_test, rules.skip)},
};

static const struct {
	const char *name;
	size_t offset;
} truths[] = {
	{"DISABLED", offsetof(struct ctest_test, disabled)},
	{"RUN_SERIAL", offsetof(struct ctest_test, alone)},
	{"WILL_FAIL", offsetof(struct ctest_test, rules.will_fail)},
};

static void take_property(struct list *list, struct ctest_test *test, const char *name,
			  const json_t *value)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (!strcmp(lists[i].name, name))
			*(const char *const **)((char *)test + lists[i].offset) =
				texts_of(list, value);
	for (size_t i = 0; i < sizeof(truths) / sizeof(*truths); i++)
		if (!strcmp(truths[i].name, name))
			*(bool *)((char *)test + truths[i].offset) = json_is_true(value);
	if (!strcmp(name, "WORKING_DIRECTORY") && json_is_string(value))
		test->directory = text_of(list, value);
	else if (!strcmp(name, "TIMEOUT"))
		test->timeout = number_of(value);
	else if (!strcmp(name, "COST"))
		test->cost = number_of(value);
	else if (!strcmp(name, "PROCESSORS"))
		test->processors = number_of(value);
	else if (!strcmp(name, "TIMEOUT_AFTER_MATCH"))
		test->timeout_after_match = true;
	else if (!strcmp(name, "SKIP_RETURN_CODE")) {
		test->rules.has_skip_status = true;
		test->rules.skip_status = (int)number_of(value);
	}
}

/* The place of its add_test(). */
static void take_place(struct list *list, struct ctest_test *test, const json_t *from,
		       const json_t *graph)
{
	const json_t *node = json_array_get(json_object_get(graph, "nodes"),
					    json_integer_value(json_object_get(from, "backtrace")));
	const json_t *file = json_array_get(json_object_get(graph, "files"),
					    json_integer_value(json_object_get(node, "file")));

	if (!json_is_string(file) || !json_is_integer(json_object_get(node, "line")))
		return;
	test->file = text_of(list, file);
	test->line = json_integer_value(json_object_get(node, "line"));
}

static bool take_test(struct list *list, struct ctest_test *test, const json_t *from,
		      const json_t *graph)
{
	const json_t *property, *name = json_object_get(from, "name");
	size_t i;

	if (!json_is_string(name))
		return false;
	test->name = text_of(list, name);
	test->command = texts_of(list, json_object_get(from, "command"));
	test->timeout = -1;
	json_array_foreach(json_object_get(from, "properties"), i, property)
	{
		const char *key = json_string_value(json_object_get(property, "name"));

		if (key)
			take_property(list, test, key, json_object_get(property, "value"));
	}
	take_place(list, test, from, graph);
	return true;
}

int ctest_read(const char *text, size_t size, struct list *list, struct ctest_test **ret_tests,
	       size_t *ret_count)
{
	/* scripts of the tree, which ctest runs, may print something before */
	const char *begin = size ? memmem(text, size, "{\n", 2) : NULL;
	json_t *root =
		begin ? json_loadb(begin, text + size - begin, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	const json_t *graph = json_object_get(root, "backtraceGraph");
	const json_t *tests = json_object_get(root, "tests");
	size_t count = json_array_size(tests);
	int result = 0;

	if (!json_is_array(tests)) {
		json_decref(root);
		return list_fail(list, "ctest has printed no list of tests; cmake 3.14 and newer "
				       "can, and 'ctest --show-only=json-v1' shows what it says");
	}
	*ret_tests = list_alloc(list, (count + 1) * sizeof(**ret_tests));
	*ret_count = count;
	for (size_t i = 0; i < count && !result; i++)
		if (!take_test(list, &(*ret_tests)[i], json_array_get(tests, i), graph))
			result = list_fail(list, "test %zu in its list has no name", i + 1);
	json_decref(root);
	return result;
}
