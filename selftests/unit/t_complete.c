/* SPDX-License-Identifier: MIT */
/* What may stand where the cursor is. */
#define _GNU_SOURCE
#include <string.h>

#include "unit.h"
#include "commands.h"
#include "complete.h"

#define KIND(...)                                                                                  \
	complete_kind((const char *const[]){"cloche", __VA_ARGS__},                                \
		      sizeof((const char *const[]){"cloche", __VA_ARGS__}) / sizeof(char *))

static void check(struct completion found, enum complete_kind kind, size_t given)
{
	ck_assert_int_eq(found.kind, kind);
	ck_assert_uint_eq(found.given, given);
}

START_TEST(commands_come_first)
{
	check(KIND(""), COMPLETE_COMMANDS, 0);
	check(KIND("ru"), COMPLETE_COMMANDS, 0);
	check(KIND("nothing", ""), COMPLETE_NOTHING, 0);
	check(complete_kind(NULL, 0), COMPLETE_NOTHING, 0);
}
END_TEST

START_TEST(flags_are_those_of_the_command)
{
	check(KIND("run", "-"), COMPLETE_FLAGS, 0);
	check(KIND("run", "--jo"), COMPLETE_FLAGS, 0);
	check(KIND("run", "path", "--jo"), COMPLETE_FLAGS, 0);
	ck_assert_int_eq(KIND("list", "--").commands, COMMAND_LIST);
	check(KIND("run", "--", "-x"), COMPLETE_FILES, 0);
}
END_TEST

START_TEST(values)
{
	check(KIND("run", "--output", ""), COMPLETE_CHOICES, 0);
	check(KIND("run", "--output=im"), COMPLETE_CHOICES, 9);
	check(KIND("run", "--leaks="), COMPLETE_CHOICES, 8);
	ck_assert_str_eq(KIND("run", "--leaks=").choices, "warn|fail|ignore");
	check(KIND("run", "--report", ""), COMPLETE_REPORTS, 0);
	check(KIND("run", "-r", ""), COMPLETE_REPORTS, 0);
	check(KIND("run", "-P", ""), COMPLETE_PROFILES, 0);
	check(KIND("run", "a", "-n", ""), COMPLETE_CASES, 0);
	check(KIND("run", "a", "--exact=b"), COMPLETE_CASES, 8);
	check(KIND("run", "--config", ""), COMPLETE_FILES, 0);
	check(KIND("run", "--artifacts="), COMPLETE_DIRECTORIES, 12);
	check(KIND("run", "--jobs", ""), COMPLETE_NOTHING, 0);
	check(KIND("run", "--none=x"), COMPLETE_NOTHING, 0);
	ck_assert(KIND("run", "--root", "").or_directories);
	check(KIND("run", "--root", ""), COMPLETE_CHOICES, 0);
}
END_TEST

/* A value may look like a flag, and a flag without one has none. */
START_TEST(what_is_a_value_and_what_is_not)
{
	check(KIND("run", "-n", "-r", ""), COMPLETE_FILES, 0);
	check(KIND("run", "-v", ""), COMPLETE_FILES, 0);
	check(KIND("run", "--shuffle", ""), COMPLETE_FILES, 0);
	check(KIND("run", "--jobs=4", ""), COMPLETE_FILES, 0);
	check(KIND("run", "--output", "final", ""), COMPLETE_FILES, 0);
	check(KIND("run", "--", "-n", ""), COMPLETE_FILES, 0);
}
END_TEST

START_TEST(operands)
{
	check(KIND("run", ""), COMPLETE_FILES, 0);
	check(KIND("show", ""), COMPLETE_RUNS, 0);
	check(KIND("exec", ""), COMPLETE_PROGRAMS, 0);
	check(KIND("exec", "--", ""), COMPLETE_PROGRAMS, 0);
	check(KIND("exec", "--timeout", "3s", ""), COMPLETE_PROGRAMS, 0);
	check(KIND("exec", "ls", ""), COMPLETE_FILES, 0);
	check(KIND("exec", "ls", "--r"), COMPLETE_FILES, 0);
	check(KIND("exec", "--", "ls", ""), COMPLETE_FILES, 0);
	check(KIND("drop", ""), COMPLETE_KEPT, 0);
	check(KIND("drop", "7f3a", ""), COMPLETE_KEPT, 0);
	check(KIND("enter", ""), COMPLETE_KEPT, 0);
	check(KIND("enter", "7f3a", ""), COMPLETE_PROGRAMS, 0);
	check(KIND("enter", "7f3a", "ls", "-l", ""), COMPLETE_FILES, 0);
	check(KIND("completions", ""), COMPLETE_CHOICES, 0);
	ck_assert_str_eq(KIND("completions", "").choices, "bash|zsh|fish");
	check(KIND("shell", ""), COMPLETE_NOTHING, 0);
}
END_TEST

UNIT_MAIN("complete", commands_come_first, flags_are_those_of_the_command, values,
	  what_is_a_value_and_what_is_not, operands)
