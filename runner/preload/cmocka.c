/* SPDX-License-Identifier: MIT */
/*
 * Loaded into a program of cmocka, in place of the function to which it gives its groups of tests:
 * cmocka itself cannot list them, and before its version 2 nobody outside can choose one. To list
 * them, no group is run; to run one, its group is handed on with nothing else in it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "preload/cmocka.h"

/* cmocka.h, since version 1.1. */
struct test {
	const char *name;
	void (*test)(void **state);
	int (*setup)(void **state);
	int (*teardown)(void **state);
	void *initial_state;
};

typedef int run_function(const char *group, const struct test *tests, size_t count,
			 int (*setup)(void **state), int (*teardown)(void **state));

/* What is asked, of the first that asks: what the program starts is not asked. */
static const char *question(void)
{
	static char *kept;
	const char *value = getenv(PRELOAD_CMOCKA);

	if (!kept && value)
		kept = strdup(value);
	unsetenv(PRELOAD_CMOCKA);
	return kept;
}

/* A list that is not whole is none. */
static void tell(char what, const char *text)
{
	int fd = open(PRELOAD_CMOCKA_TO, O_WRONLY | O_APPEND | O_CLOEXEC);
	size_t size = strlen(text) + 1;

	if (writev(fd, (struct iovec[]){{&what, 1}, {(void *)text, size}}, 2) != (ssize_t)size + 1)
		abort();
	close(fd);
}

static void tell_all(const char *group, const struct test *tests, size_t count)
{
	tell(PRELOAD_CMOCKA_GROUP, group ? group : "");
	for (size_t i = 0; i < count; i++)
		tell(PRELOAD_CMOCKA_TEST, tests[i].name ? tests[i].name : "");
}

run_function _cmocka_run_group_tests;

int _cmocka_run_group_tests(const char *group, const struct test *tests, size_t count,
			    int (*setup)(void **state), int (*teardown)(void **state))
{
	static unsigned long groups;
	const char *asked = question();
	run_function *run = (run_function *)dlsym(RTLD_NEXT, "_cmocka_run_group_tests");
	unsigned long wanted_group, wanted;
	int name = 0, failed;
	char text[32];

	if (!run)
		abort();
	if (!asked)
		return run(group, tests, count, setup, teardown);
	/* A test of version 1.0 is another structure. */
	if (!dlsym(RTLD_NEXT, "cmocka_set_test_filter"))
		return 0;
	if (!strcmp(asked, "list")) {
		tell_all(group, tests, count);
		return 0;
	}
	if (sscanf(asked, "%lu %lu %n", &wanted_group, &wanted, &name) < 2 || !name ||
	    groups++ != wanted_group || wanted >= count || !tests[wanted].name ||
	    strcmp(tests[wanted].name, asked + name))
		return 0;
	tell(PRELOAD_CMOCKA_BEGIN, "");
	failed = run(group, tests + wanted, 1, setup, teardown);
	snprintf(text, sizeof(text), "%d", failed);
	tell(PRELOAD_CMOCKA_END, text);
	return failed;
}
