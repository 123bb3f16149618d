/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "suite/command.h"

int command_begin(struct command_line *command)
{
	*command = (struct command_line){0};
	command->words_to = open_memstream(&command->words, &command->words_size);
	command->world_to = open_memstream(&command->world, &command->world_size);
	return command->words_to && command->world_to ? 0 : -ENOMEM;
}

static int end_stream(FILE **stream)
{
	int result = 0;

	if (*stream && fclose(*stream))
		result = -ENOMEM;
	*stream = NULL;
	return result;
}

int command_end(struct command_line *command)
{
	int words = end_stream(&command->words_to), world = end_stream(&command->world_to);

	return words ? words : world;
}

void command_free(struct command_line *command)
{
	command_end(command);
	free(command->words);
	free(command->world);
	*command = (struct command_line){0};
}

void command_add(struct command_line *command, const char *word)
{
	fwrite(word, 1, strlen(word) + 1, command->words_to);
}

void command_addf(struct command_line *command, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(command->words_to, format, arguments);
	va_end(arguments);
	fputc('\0', command->words_to);
}

bool command_is_watched(const struct command_line *command)
{
	return command->watched;
}

void command_in_empty_directory(struct command_line *command)
{
	command_add(command, "/bin/sh");
	command_add(command, "-c");
	command_add(command, "cd \"$TMPDIR\" && exec \"$@\"");
	command_add(command, "sh");
}

void world_line(FILE *to, const char *option, const char *value)
{
	fprintf(to, "%s=", option);
	for (; *value; value++)
		if (*value == '\n' || *value == '\\')
			fprintf(to, "\\%c", *value == '\n' ? 'n' : '\\');
		else
			fputc(*value, to);
	fputc('\n', to);
}

void command_world(struct command_line *command, const char *option, const char *value)
{
	world_line(command->world_to, option, value);
}

int command_of_case(struct command_line *command, const struct suite *suite,
		    const struct suite_case *item, bool watched)
{
	int result = command_begin(command);

	command->watched = watched;
	if (!result)
		suite->kind->command(suite, suite_listed(suite, item), command);
	if (!result)
		result = command_end(command);
	return result;
}

static bool is_scrubbed(const struct kind *kind, const char *name)
{
	for (const char *const *pattern = kind->scrubbed; *pattern; pattern++)
		if (!fnmatch(*pattern, name, 0))
			return true;
	return false;
}

char *command_environment(const struct kind *kind, const char *env)
{
	char *kept = env && kind->scrubbed ? malloc(strlen(env) + 1) : NULL, *to = kept;
	bool all = true;

	while (kept && *env) {
		size_t size = strcspn(env, "\n");
		char *name = strndup(env, strcspn(env, "=\n"));

		if (name && is_scrubbed(kind, name)) {
			all = false;
		} else {
			to = stpcpy(to, to > kept ? "\n" : "");
			to = mempcpy(to, env, size);
		}
		free(name);
		env += size + (env[size] == '\n');
	}
	if (kept)
		*to = '\0';
	if (!all)
		return kept;
	free(kept);
	return NULL;
}
