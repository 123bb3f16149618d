/* SPDX-License-Identifier: MIT */
/*
 * Anything that can be executed: one case, which has the program's name.
 */
#include <string.h>

#include "suite/kind.h"

static int program_list(const struct suite *suite, const struct said *said, struct list *list)
{
	(void)said;
	list_add(list, strrchr(suite->path, '/') + 1);
	return 0;
}

static void program_command(const struct suite *suite, const struct suite_case *item,
			    struct command_line *command)
{
	(void)item;
	command_add(command, suite->path);
}

const struct kind kind_program = {
	.name = "program",
	.title = "a program",
	.order = ORDER_LAST,
	.tap = true,
	.list = program_list,
	.command = program_command,
};
