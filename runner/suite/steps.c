/* SPDX-License-Identifier: MIT */
/*
 * The list of steps as words: pairs of what is said and its value; "run" has a number, and so many
 * words follow.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite/steps.h"
#include "suite/steps_words.h"

static void pair(struct command_line *command, const char *what, const char *value)
{
	command_add(command, what);
	command_add(command, value);
}

void steps_begin(struct command_line *command)
{
	char self[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[size > 0 ? size : 0] = '\0';
	command_add(command, self);
	command_add(command, STEPS_ARGUMENT);
}

void steps_add(struct command_line *command, enum step_role role, const char *name)
{
	pair(command, step_roles[role], name);
}

void steps_directory(struct command_line *command, const char *directory)
{
	pair(command, STEPS_DIRECTORY, directory);
}

void steps_set(struct command_line *command, const char *variable)
{
	pair(command, STEPS_SET, variable);
}

void steps_change(struct command_line *command, const char *change)
{
	pair(command, STEPS_CHANGE, change);
}

void steps_need(struct command_line *command, const char *file)
{
	pair(command, STEPS_NEED, file);
}

static void pairs(struct command_line *command, const char *what, const char *const *values)
{
	for (; values && *values; values++)
		pair(command, what, *values);
}

void steps_rules(struct command_line *command, const struct rules *rules)
{
	char status[16];

	pairs(command, STEPS_PASS, rules->pass);
	pairs(command, STEPS_FAIL, rules->fail);
	pairs(command, STEPS_SKIP, rules->skip);
	snprintf(status, sizeof(status), "%d", rules->skip_status);
	if (rules->has_skip_status)
		pair(command, STEPS_SKIP_STATUS, status);
	if (rules->will_fail)
		pair(command, STEPS_WILL_FAIL, "");
}

void steps_run(struct command_line *command, const char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	command_add(command, STEPS_RUN);
	command_addf(command, "%zu", count);
	for (size_t i = 0; i < count; i++)
		command_add(command, words[i]);
}

void steps_refuse(struct command_line *command, const char *sentence)
{
	pair(command, STEPS_REFUSE, sentence);
}

/* The last line, when it is that of a refusal. */
char *steps_refusal(const struct said *said)
{
	static const char mark[] = STEPS_REFUSAL;
	const char *end = said->out + said->out_size, *line;

	if (!WIFEXITED(said->wait_status) || WEXITSTATUS(said->wait_status) != STEPS_STATUS)
		return NULL;
	while (end > said->out && end[-1] == '\n')
		end--;
	line = said->out_size ? memrchr(said->out, '\n', end - said->out) : NULL;
	line = line ? line + 1 : said->out;
	if ((size_t)(end - line) < sizeof(mark) - 1 || memcmp(line, mark, sizeof(mark) - 1) != 0)
		return NULL;
	return strndup(line + sizeof(mark) - 1, end - line - (sizeof(mark) - 1));
}

/* Behind the line that announces the test, and before the one of what comes after it. */
void steps_output(const struct said *said, const char **ret_text, size_t *ret_size)
{
	static const char begin[] = STEPS_TEST, end[] = STEPS_AFTER;
	const char *text = said->out, *found;
	size_t size = said->out_size;

	found = size ? memmem(text, size, begin, sizeof(begin) - 1) : NULL;
	found = found ? memchr(found, '\n', text + size - found) : NULL;
	if (found) {
		size -= found + 1 - text;
		text = found + 1;
	}
	found = size ? memmem(text, size, end, sizeof(end) - 1) : NULL;
	*ret_text = text;
	*ret_size = found ? (size_t)(found - text) : size;
}
