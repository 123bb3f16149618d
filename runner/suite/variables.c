/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite/variables.h"

static const struct operation {
	const char *name, *between; /* NULL: it adds nothing to what is there */
	int prepend;
} operations[] = {
	{"set", NULL, 0},
	{"unset", NULL, 0},
	{"reset", NULL, 0},
	{"string_append", "", 0},
	{"string_prepend", "", 1},
	{"path_list_append", ":", 0},
	{"path_list_prepend", ":", 1},
	{"cmake_list_append", ";", 0},
	{"cmake_list_prepend", ";", 1},
};

static int add(const struct operation *operation, const char *name, const char *value)
{
	const char *old = getenv(name);
	char *text;
	int result;

	if (!old || !*old)
		return setenv(name, value, 1) ? -errno : 0;
	if (asprintf(&text, "%s%s%s", operation->prepend ? value : old, operation->between,
		     operation->prepend ? old : value) < 0)
		return -ENOMEM;
	result = setenv(name, text, 1) ? -errno : 0;
	free(text);
	return result;
}

/* Of the environment as it was. */
static const char *value_in(char *const *environment, const char *name)
{
	size_t size = strlen(name);

	for (; environment && *environment; environment++)
		if (!strncmp(*environment, name, size) && (*environment)[size] == '=')
			return *environment + size + 1;
	return NULL;
}

static int put(const char *name, const char *value)
{
	if (!value)
		return unsetenv(name) ? -errno : 0;
	return setenv(name, value, 1) ? -errno : 0;
}

static int apply(const struct operation *operation, const char *name, const char *value,
		 char *const *before)
{
	if (operation->between)
		return add(operation, name, value);
	if (operation == &operations[2])
		return put(name, value_in(before, name));
	return put(name, operation == &operations[0] ? value : NULL);
}

/* "NAME=OPERATION:VALUE" */
static int change(const char *text, char *const *before)
{
	const char *equals = strchr(text, '='), *colon = equals ? strchr(equals, ':') : NULL;
	char *name;
	int result = -EINVAL;

	if (!colon || equals == text)
		return -EINVAL;
	name = strndup(text, equals - text);
	if (!name)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (strlen(operations[i].name) == (size_t)(colon - equals - 1) &&
		    !strncmp(operations[i].name, equals + 1, colon - equals - 1))
			result = apply(&operations[i], name, colon + 1, before);
	free(name);
	return result;
}

static int set_one(const char *text)
{
	const char *equals = strchr(text, '=');
	char *name = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
	int result = name ? put(name, equals ? equals + 1 : NULL) : -ENOMEM;

	free(name);
	return result;
}

/* An array of its own: setenv(3) changes the one that there is. */
static char **copy_environment(void)
{
	size_t count = 0;
	char **copy;

	while (environ && environ[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (copy && count)
		memcpy(copy, environ, count * sizeof(*copy));
	return copy;
}

int variables_apply(const char *const *set, const char *const *changed, const char **ret_wrong)
{
	char **mine = copy_environment(), **before = NULL;
	int result = mine ? 0 : -ENOMEM;

	if (!result)
		environ = mine; /* for good */
	for (; !result && *set; set++)
		result = set_one(*ret_wrong = *set);
	if (!result && !(before = copy_environment()))
		result = -ENOMEM;
	for (; !result && *changed; changed++)
		result = change(*ret_wrong = *changed, before);
	free(before);
	return result;
}
