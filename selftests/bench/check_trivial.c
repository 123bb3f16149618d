/* SPDX-License-Identifier: MIT */
/* The same thousand cases in Check, each in a process of its own and in nobody's cell. */
#include <check.h>
#include <stdlib.h>

START_TEST(trivial)
{
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trivial");
	TCase *group = tcase_create("trivial");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(group, trivial, 0, 1000);
	suite_add_tcase(suite, group);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
