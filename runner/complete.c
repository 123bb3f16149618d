/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdbool.h>
#include <string.h>

#include "commands.h"
#include "complete.h"
#include "world.h"

#define EXECS (COMMAND_EXEC | COMMAND_SHELL)

/* "--jobs" or "--jobs=4" of this command; false: there is none. */
static bool find_long(enum command command, const char *word, struct key *ret)
{
	size_t size = strcspn(word + 2, "=");

	for (size_t i = 0; i < key_count(); i++) {
		struct key key = key_at(i);

		if (!key.heading && key.commands & command && strlen(key.name) == size &&
		    !strncmp(key.name, word + 2, size)) {
			*ret = key;
			return true;
		}
	}
	return false;
}

/* The flag of a word, when its value is the next one. */
static bool awaits_value(enum command command, const char *word, struct key *ret)
{
	if (!strncmp(word, "--", 2))
		return !strchr(word, '=') && find_long(command, word, ret) && ret->arg &&
		       !ret->optional;
	for (size_t i = 0; word[0] == '-' && word[1] && !word[2] && i < key_count(); i++) {
		*ret = key_at(i);
		if (!ret->heading && ret->commands & command && ret->letter == word[1])
			return ret->arg != NULL;
	}
	return false;
}

static struct completion value_of(const struct key *key, size_t given)
{
	static const struct {
		const char *arg;
		enum complete_kind kind;
	} known[] = {
		{"NAME[=FILE]", COMPLETE_REPORTS},
		{"GLOB", COMPLETE_CASES},
		{"RUN", COMPLETE_RUNS},
		{"FILE", COMPLETE_FILES},
		{"DIR", COMPLETE_DIRECTORIES},
	};
	struct completion found = {.given = given};

	found.choices = key->world ? key->world->values : key->values;
	/* "minimal|cow|host|DIR", or "failed" */
	if (!found.choices && key->arg && *key->arg >= 'a' && *key->arg <= 'z')
		found.choices = key->arg;
	if (found.choices) {
		found.kind = COMPLETE_CHOICES;
		found.or_directories = strstr(found.choices, "DIR") != NULL;
		return found;
	}
	if (!strcmp(key->name, "exact"))
		found.kind = COMPLETE_CASES;
	if (!strcmp(key->name, "profile"))
		found.kind = COMPLETE_PROFILES;
	for (size_t i = 0; key->arg && i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i].arg, key->arg))
			found.kind = known[i].kind;
	return found;
}

/* What is no flag, as the command's usage names it. */
static struct completion operand_of(const struct command_row *row)
{
	struct completion found = {COMPLETE_NOTHING};
	const char *choices = strchr(row->usage, '|');

	if (!strncmp(row->usage, "ID", 2))
		found.kind = COMPLETE_KEPT;
	else if (strstr(row->usage, "COMMAND"))
		found.kind = COMPLETE_PROGRAMS;
	else if (strstr(row->usage, "PATH"))
		found.kind = COMPLETE_FILES;
	else if (strstr(row->usage, "RUN"))
		found.kind = COMPLETE_RUNS;
	else if (choices) {
		found.kind = COMPLETE_CHOICES;
		while (choices > row->usage && choices[-1] != ' ')
			choices--;
		found.choices = choices;
	}
	return found;
}

struct completion complete_kind(const char *const *words, size_t count)
{
	const char *word = count ? words[count - 1] : "";
	const struct command_row *row;
	struct key key;
	bool ended = false;

	if (count < 2)
		return (struct completion){COMPLETE_NOTHING};
	if (count == 2)
		return (struct completion){COMPLETE_COMMANDS};
	row = command_find(words[1]);
	if (!row)
		return (struct completion){COMPLETE_NOTHING};
	for (size_t i = 2; i + 1 < count; i++) {
		bool value = !ended && awaits_value(row->command, words[i], &key);

		if (value && i + 2 == count)
			return value_of(&key, 0);
		if (row->command & EXECS && (ended || words[i][0] != '-'))
			return (struct completion){COMPLETE_FILES}; /* it is the command's own */
		if (row->command == COMMAND_ENTER && (ended || words[i][0] != '-')) /* the ID */
			return (struct completion){i + 2 == count ? COMPLETE_PROGRAMS
								  : COMPLETE_FILES};
		ended = ended || !strcmp(words[i], "--");
		i += value;
	}
	if (!ended && !strncmp(word, "--", 2) && strchr(word, '='))
		return find_long(row->command, word, &key) ? value_of(&key, strcspn(word, "=") + 1)
							   : (struct completion){COMPLETE_NOTHING};
	if (!ended && *word == '-')
		return (struct completion){.kind = COMPLETE_FLAGS, .commands = row->command};
	return operand_of(row);
}
