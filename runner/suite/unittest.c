/* SPDX-License-Identifier: MIT */
/*
 * Python's unittest: a directory, or a file, of which --kind says it
 *
 * unittest.py finds the cases as `python3 -m unittest discover` does, and runs one.
 */
#include "scripts.h"
#include "suite/python.h"

static void unittest_list_command(const struct suite *suite, struct command_line *command)
{
	python_list_command(suite, script_unittest, command);
}

static void unittest_command(const struct suite *suite, const struct suite_case *item,
			     struct command_line *command)
{
	python_command(suite, script_unittest, item, command);
}

const struct kind kind_unittest = {
	.name = "unittest",
	.title = "unittest",
	.order = ORDER_DIRECTORY,
	.wants_result = true,
	.directories = true,
	.list_command = unittest_list_command,
	.list = python_list,
	.command = unittest_command,
	.judge = python_judge,
};
