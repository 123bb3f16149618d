/* SPDX-License-Identifier: MIT */
/*
 * unit.h: what every unit test needs of Check, and a listener for cases
 */
#ifndef CLOCHE_UNIT_H
#define CLOCHE_UNIT_H

#include <check.h>
#include <stdlib.h>

/* Where a test tries thousands of damages: one in how many. All of them, but with
 * CLOCHE_UNIT_EVERY=N, for valgrind, under which each takes fifty times as long. */
static inline unsigned unit_every(void)
{
	const char *every = getenv("CLOCHE_UNIT_EVERY");

	return every ? (unsigned)strtoul(every, NULL, 10) : 1;
}

/* Run the tests of `all`; what main() returns. */
static inline int unit_run(const char *name, TCase *all)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(all, 60);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* UNIT_MAIN("record", a, b, c): a program that runs these tests, each in a process of its own. */
#define UNIT_MAIN(name, ...)                                                                       \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = {__VA_ARGS__};                                        \
		TCase *all = tcase_create("all");                                                  \
                                                                                                   \
		for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)                        \
			tcase_add_test(all, tests[i]);                                             \
		return unit_run(name, all);                                                        \
	}

#endif
