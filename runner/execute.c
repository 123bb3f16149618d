/* SPDX-License-Identifier: MIT */
/*
 * The program of a cell, started by the test that it replaces.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"
#include "suite/candidate.h"

static char **split(char *text, size_t size)
{
	size_t count = 0;
	char **list;

	for (size_t i = 0; i < size; i++)
		count += !text[i];
	list = calloc(count + 1, sizeof(*list));
	for (size_t i = 0; list && i < count; i++, text += strlen(text) + 1)
		list[i] = text;
	return list;
}

static bool is_elf(const char *path)
{
	struct candidate candidate;

	candidate_look(&candidate, path);
	return candidate.elf;
}

/*
 * As env(1) does: execvp(3) gives sh(1) what the kernel does not take (ENOEXEC), for a script
 * without a first line. A program of another architecture, or half of one, is none. Returns the
 * errno.
 */
static int replace_by(char **arguments)
{
	if (strchr(arguments[0], '/')) {
		execv(arguments[0], arguments);
		if (errno != ENOEXEC)
			return errno;
		if (is_elf(arguments[0]))
			return ENOEXEC;
	}
	execvp(arguments[0], arguments);
	return errno;
}

void test_execute(struct cell *cell, char *argv, size_t size)
{
	char **arguments = split(argv, size);
	const char *program = arguments ? arguments[0] : NULL, *step = "execute the program";
	int error = program ? replace_by(arguments) : errno;

	/* execve(2) says so, too, of what a script's first line names, and of a program's loader */
	if (error == ENOENT && program && strchr(program, '/') && !access(program, F_OK))
		step = "find the program's interpreter";
	else if (error == ENOENT)
		step = "find the program";
	cell_fail(cell, "exec", step, error);
	free(arguments);
}
