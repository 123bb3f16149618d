/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flag_rows.h"
#include "flag_value.h"
#include "nearest.h"
#include "suite/locks.h"
#include "world.h"

#define KEEP_CELLS 3 /* by --keep without a number */

/* What getopt returns for the first of our options; letters are below. */
#define OPTION_CODE 256

static bool is_texts(const struct flag_row *row)
{
	return row->type == FLAG_TEXTS || row->type == FLAG_GROUP_SLOTS || row->type == FLAG_KIND;
}

size_t key_count(void)
{
	return flag_row_count + world_row_count();
}

struct key key_at(size_t index)
{
	const struct flag_row *row = &flag_rows[index < flag_row_count ? index : 0];
	const struct option_row *world;

	if (index < flag_row_count)
		return (struct key){.name = row->name,
				    .letter = row->letter,
				    .arg = row->arg,
				    .doc = row->doc,
				    .values = row->values,
				    .commands = row->commands,
				    .marks = row->marks,
				    .heading = row->type == FLAG_HEADING,
				    .truth = row->type == FLAG_TRUE || row->type == FLAG_FAIL_FAST,
				    .optional = row->type == FLAG_SHUFFLE || row->type == FLAG_KEEP,
				    .list = is_texts(row) || row->type == FLAG_FILTER,
				    .index = index};
	world = world_row(index - flag_row_count);
	return (struct key){.name = world->name,
			    .arg = world->arg,
			    .doc = world->doc,
			    .values = world->type == OPTION_CHOICE ? world->values : NULL,
			    .commands = world_row_of_run(index - flag_row_count) ? WITH_CASES
										 : WITH_WORLD,
			    .truth = world->type == OPTION_BOOL,
			    .list = world->type == OPTION_LIST,
			    .of_run = world_row_of_run(index - flag_row_count),
			    .world = world,
			    .index = index};
}

struct key key_named(const char *name)
{
	size_t index = 0;

	while (key_at(index).heading || strcmp(key_at(index).name, name) != 0)
		index++;
	return key_at(index);
}

static int set_flag(struct flags *flags, const struct flag_row *row, const char *text, char *why,
		    size_t size)
{
	const struct flag_value value = {row->name, text, why, size};
	void *field = (char *)flags + row->offset;
	bool truth;

	switch (row->type) {
	case FLAG_HEADING:
		break;
	case FLAG_TRUE:
		return flag_truth(&value, field);
	case FLAG_TEXT:
		return flag_choice(&value, row->values, field);
	case FLAG_TEXTS:
		return flag_add_text(&value, field);
	case FLAG_COUNT:
		return flag_number(&value, 1000000, field);
	case FLAG_SIZE:
		return flag_size(&value, field);
	case FLAG_SECONDS:
		return flag_seconds(&value, field);
	case FLAG_FACTOR:
		return flag_factor(&value, field);
	case FLAG_FILTER:
		return flag_add_filter(&value, &flags->filters);
	case FLAG_KIND:
		return flag_add_kind(&value, field);
	case FLAG_SHARD:
		return flag_shard(&value, &flags->shard);
	case FLAG_TRUST:
		return flag_trust(&value, field);
	case FLAG_GROUP_SLOTS:
		return flag_add_group_slots(&value, field);
	case FLAG_MAX_FAIL:
		return flag_max_fail(&value, &flags->max_fail, &flags->max_fail_immediate);
	case FLAG_FAIL_FAST:
		if (flag_truth(&value, &truth) < 0)
			return -EINVAL;
		flags->max_fail = truth;
		flags->max_fail_immediate = false;
		return 0;
	case FLAG_KEEP:
		*(unsigned *)field = KEEP_CELLS;
		return text ? flag_number(&value, 1000, field) : 0;
	case FLAG_SHUFFLE:
		flags->shuffle = true;
		flags->seed_given = text != NULL;
		return text ? flag_seed(&value, &flags->seed) : 0;
	}
	return -EINVAL;
}

static int set_world(struct cloche_options *options, const struct option_row *row,
		     const char *value, char *why, size_t size)
{
	const char *reason = "";
	int result = option_set(row, options, value ? value : "true", &reason);

	if (result < 0)
		snprintf(why, size, "--%s: %s", row->name, reason);
	return result;
}

static void clear_texts(struct text_list *list)
{
	free(list->items);
	*list = (struct text_list){0};
}

static void clear_filters(struct filter_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		expression_free(list->items[i]);
	free(list->items);
	*list = (struct filter_list){0};
}

int key_set(const struct key *key, struct flags *flags, struct cloche_options *options,
	    const char *value, char *why, size_t size)
{
	if (key->list && !*value && key->world)
		*(const char **)((char *)options + key->world->offset) = NULL;
	else if (key->list && !*value && flag_rows[key->index].type == FLAG_FILTER)
		clear_filters(&flags->filters);
	else if (key->list && !*value)
		clear_texts((void *)((char *)flags + flag_rows[key->index].offset));
	else if (key->world)
		return set_world(options, key->world, value, why, size);
	else if (flag_rows[key->index].type == FLAG_SHUFFLE && !strcmp(value, "false"))
		flags->shuffle = flags->seed_given = false;
	else if (flag_rows[key->index].type == FLAG_KEEP && !strcmp(value, "false"))
		flags->keep_cells = 0;
	else if (key->optional && !strcmp(value, "true"))
		return set_flag(flags, &flag_rows[key->index], NULL, why, size);
	else
		return set_flag(flags, &flag_rows[key->index], value, why, size);
	return 0;
}

/* The option of this command whose name is nearest, or NULL when none is near. */
static const char *nearest_option(enum command command, const char *name)
{
	struct nearest nearest = {.word = name};

	for (size_t i = 0; i < key_count(); i++)
		if (!key_at(i).heading && key_at(i).commands & command)
			nearest_offer(&nearest, key_at(i).name);
	return nearest.found;
}

/* A long option that is shortened to what several begin with; else false. */
static bool explain_short(enum command command, const char *word, const char *name, char *why,
			  size_t size)
{
	size_t used = snprintf(why, size, "option '%s' is short for more than one:", word);
	unsigned found = 0;

	for (size_t i = 0; i < key_count() && used < size; i++) {
		const struct key key = key_at(i);

		if (!key.heading && key.commands & command &&
		    !strncmp(key.name, name, strlen(name)))
			used += snprintf(why + used, size - used, "%s --%s", found++ ? "," : "",
					 key.name);
	}
	if (used < size)
		snprintf(why + used, size - used, "; write one of them out");
	return found > 1;
}

static void explain_unknown(enum command command, const char *word, char *why, size_t size)
{
	const char *bare = word + strspn(word, "-"), *nearest;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(bare, "="), bare);
	if (name[0] && !strncmp(word, "--", 2) && explain_short(command, word, name, why, size))
		return;
	nearest = nearest_option(command, name);
	if (nearest)
		snprintf(why, size, "there is no option '%s'; did you mean '--%s'?", word, nearest);
	else
		snprintf(why, size, "there is no option '%s'; --help lists them", word);
}

/* getopt's '?': an unknown word or letter, or a value where none is taken. */
static void explain_refused(enum command command, const char *word, char *why, size_t size)
{
	char letter[] = {'-', (char)optopt, '\0'};

	if (optopt >= OPTION_CODE)
		snprintf(why, size, "option '%.*s' takes no value", (int)strcspn(word, "="), word);
	else
		explain_unknown(command, optopt ? letter : word, why, size);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, and each once. */
static void sort_texts(struct text_list *list)
{
	size_t used = 0;

	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_texts);
	for (size_t i = 0; i < list->count; i++)
		if (!used || strcmp(list->items[i], list->items[used - 1]))
			list->items[used++] = list->items[i];
	list->count = used;
}

/* getopt_long's own tables; option i of ours is its value OPTION_CODE + i. */
static struct option *build_options(enum command command, char *letters)
{
	size_t total = flag_row_count + world_row_count(), used = 0;
	struct option *options = calloc(total + 1, sizeof(*options));

	if (!options)
		return NULL;
	*letters++ = '+';
	*letters++ = ':';
	for (size_t i = 0; i < total; i++) {
		const struct key key = key_at(i);

		if (key.heading || !(key.commands & command))
			continue;
		options[used++] = (struct option){.name = key.name,
						  .has_arg = key.truth      ? no_argument
							     : key.optional ? optional_argument
									    : required_argument,
						  .val = OPTION_CODE + (int)i};
		if (key.letter) {
			*letters++ = key.letter;
			if (!key.truth)
				*letters++ = ':';
		}
	}
	*letters = '\0';
	return options;
}

/* Note that it was given, for `cloche config`, and set it. */
static int give(struct flags *flags, size_t index, const char *value, char *why, size_t size)
{
	struct given *grown =
		reallocarray(flags->given, flags->given_count + 1, sizeof(*flags->given));

	if (!grown) {
		snprintf(why, size, "there is no memory left");
		return -ENOMEM;
	}
	flags->given = grown;
	if (index < flag_row_count && flag_rows[index].marks & KEY_NAMES_PATH && value && !*value) {
		clear_texts((void *)((char *)flags + flag_rows[index].offset));
		return 0; /* --report= forgets what cloche.ini says */
	}
	flags->given[flags->given_count++] = (struct given){index, value};
	if (index < flag_row_count)
		return set_flag(flags, &flag_rows[index], value, why, size);
	return set_world(&flags->over, world_row(index - flag_row_count), value, why, size);
}

static int apply(struct flags *flags, int code, char **argv, char *why, size_t size)
{
	const char *word = argv[optind - 1];

	if (code == ':') {
		snprintf(why, size, "option '%s' needs a value", word);
		return -EINVAL;
	}
	if (code == '?') {
		explain_refused(flags->command, word, why, size);
		return -EINVAL;
	}
	for (size_t i = 0; code < OPTION_CODE && i < flag_row_count; i++)
		if (flag_rows[i].letter == code && flag_rows[i].commands & flags->command)
			return give(flags, i, optarg, why, size);
	return give(flags, code - OPTION_CODE, optarg, why, size);
}

uint64_t flags_repetitions(const struct flags *flags)
{
	if (flags->repeat)
		return flags->repeat;
	return flags->until_fail || flags->run_for > 0 ? 0 : 1;
}

void flags_begin(struct flags *flags, enum command command)
{
	*flags = (struct flags){.command = command,
				.timeout_multiplier = 1,
				.flaky = "pass",
				.run_ignored = "default",
				.trust = APART_ALL,
				.coverage = "auto",
				.output = "immediate",
				.success_output = "never",
				.color = "auto",
				.dump = "yes",
				.keep_seconds = 3600,
				.format = "text",
				.by = "wall",
				.count = 20,
				.keep = {.runs = 100, .days = 30, .bytes = 1 << 30},
				.output_limit = 4 << 20,
				.artifacts = "cloche-artifacts"};
}

/* "-2", a run and no flag */
static bool is_run_before(const char *word)
{
	return *word == '-' && word[1] && !word[1 + strspn(word + 1, "0123456789")];
}

/* Flags and paths may be mixed, except for exec, where what follows the command is its own. */
int flags_words(struct flags *flags, int argc, char **argv, char *why, size_t size)
{
	enum command command = flags->command;
	char letters[64];
	struct option *options;
	int code, before, result = 0;

	options = build_options(command, letters);
	flags->rest = calloc(argc + 1, sizeof(*flags->rest));
	if (!options || !flags->rest) {
		snprintf(why, size, "there is no memory left");
		free(options);
		return -ENOMEM;
	}
	opterr = 0;
	optind = 0;
	getopt_long(1, argv, letters, options, NULL); /* forget what another call left */
	while (!result) {
		before = optind;
		if (command & NAMES_RUNS && optind < argc && is_run_before(argv[optind])) {
			flags->rest[flags->rest_count++] = argv[optind++];
			continue;
		}
		code = getopt_long(argc, argv, letters, options, NULL);
		if (code >= 0) {
			result = apply(flags, code, argv, why, size);
			continue;
		}
		if (optind >= argc)
			break;
		if (command & (COMMAND_EXEC | COMMAND_SHELL | COMMAND_ENTER | COMMAND_CLOCK) ||
		    optind > before) { /* by "--" */
			while (optind < argc)
				flags->rest[flags->rest_count++] = argv[optind++];
			break;
		}
		flags->rest[flags->rest_count++] = argv[optind++];
	}
	free(options);
	sort_texts(&flags->exacts);
	return result;
}

int flags_parse(struct flags *flags, enum command command, int argc, char **argv, char *why,
		size_t size)
{
	flags_begin(flags, command);
	return flags_words(flags, argc, argv, why, size);
}

void flags_free(struct flags *flags)
{
	for (size_t i = 0; i < flag_row_count; i++)
		if (is_texts(&flag_rows[i]))
			clear_texts((void *)((char *)flags + flag_rows[i].offset));
	clear_filters(&flags->filters);
	free(flags->given);
	free(flags->rest);
	*flags = (struct flags){0};
}
