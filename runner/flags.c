/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "nearest.h"
#include "world.h"

#define WITH_CASES (COMMAND_RUN | COMMAND_LIST | COMMAND_SELF)
#define RUNS       (COMMAND_RUN | COMMAND_SELF)
#define EVERYWHERE (COMMAND_RUN | COMMAND_LIST | COMMAND_EXEC | COMMAND_SHELL | COMMAND_SELF)

enum flag_type {
	FLAG_HEADING, /* of the rows that follow; no flag */
	FLAG_TRUE,
	FLAG_TEXT,
	FLAG_TEXTS,
	FLAG_COUNT,
	FLAG_SIZE,
	FLAG_SECONDS,
	FLAG_SHUFFLE,
	FLAG_FILTER,
};

#define FIELD(name) offsetof(struct flags, name)

static const struct flag_row {
	const char *name;
	char letter;
	enum flag_type type;
	size_t offset;
	int commands;
	const char *arg, *doc;
	const char *values;
} rows[] = {
	{"Selecting", 0, FLAG_HEADING, 0, WITH_CASES, NULL, NULL, NULL},
	{"filter", 'E', FLAG_FILTER, 0, WITH_CASES, "EXPR",
	 "only cases that match, as 'suite(t_net) and not tag(slow)'; given again, either is "
	 "enough",
	 NULL},
	{"name", 'n', FLAG_TEXTS, FIELD(names), WITH_CASES, "GLOB",
	 "only cases whose name, or 'suite::name', matches; may be given again", NULL},
	{"skip", 's', FLAG_TEXTS, FIELD(skips), WITH_CASES, "GLOB",
	 "not the cases that match; may be given again", NULL},
	{"exact", 0, FLAG_TEXTS, FIELD(exacts), WITH_CASES, "NAME",
	 "only the case of exactly this name; may be given again", NULL},

	{"Running", 0, FLAG_HEADING, 0, RUNS, NULL, NULL, NULL},
	{"jobs", 'j', FLAG_COUNT, FIELD(jobs), RUNS, "N",
	 "cells at once (default: twice the processors)", NULL},
	{"shuffle", 0, FLAG_SHUFFLE, FIELD(shuffle), RUNS, "SEED",
	 "run in an order drawn by chance; the seed is printed, and gives the same order again",
	 NULL},
	{"repeat", 0, FLAG_COUNT, FIELD(repeat), RUNS, "N", "run every case N times", NULL},

	{"dump", 0, FLAG_TEXT, FIELD(dump), RUNS, "WHETHER",
	 "tell the stacks of a case that runs into its deadline: yes (default) or no", "yes|no"},

	{"Seeing", 0, FLAG_HEADING, 0, RUNS, NULL, NULL, NULL},
	{"verbose", 'v', FLAG_TRUE, FIELD(verbose), RUNS, NULL, "a line for every case", NULL},
	{"output", 0, FLAG_TEXT, FIELD(output), RUNS, "WHOSE",
	 "show what cases printed: failed (default), all or none", "failed|all|none"},
	{"output-limit", 0, FLAG_SIZE, FIELD(output_limit), RUNS, "BYTES",
	 "keep so much of what one case prints, its beginning and its end (default 4M)", NULL},
	{"color", 0, FLAG_TEXT, FIELD(color), RUNS, "WHEN", "auto (default), always or never",
	 "auto|always|never"},

	{"Reports", 0, FLAG_HEADING, 0, RUNS, NULL, NULL, NULL},
	{"report", 'r', FLAG_TEXTS, FIELD(reports), RUNS, "NAME[=FILE]",
	 "terminal, tap or jsonl, to FILE or standard output; may be given again with other files",
	 NULL},
	{"artifacts", 0, FLAG_TEXT, FIELD(artifacts), RUNS, "DIR",
	 "keep what cases attach in DIR (default cloche-artifacts)", NULL},

	{"Other", 0, FLAG_HEADING, 0, EVERYWHERE, NULL, NULL, NULL},
	{"format", 0, FLAG_TEXT, FIELD(format), COMMAND_LIST, "HOW", "text (default) or json",
	 "text|json"},
	{"list", 'l', FLAG_TRUE, FIELD(list), COMMAND_SELF, NULL, "list the cases and end", NULL},
	{"help", 'h', FLAG_TRUE, FIELD(help), EVERYWHERE, NULL, "this text", NULL},
};

/* What getopt returns for the first of our options; letters are below. */
#define OPTION_CODE 256

#define ROWS (sizeof(rows) / sizeof(*rows))

static int add_text(struct text_list *list, const char *text)
{
	const char **grown = reallocarray(list->items, list->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->items = grown;
	list->items[list->count++] = text;
	return 0;
}

static bool is_choice(const char *values, const char *value)
{
	size_t size = strlen(value);

	for (; values && *values; values += strcspn(values, "|"), values += *values == '|')
		if (strcspn(values, "|") == size && !strncmp(values, value, size))
			return true;
	return !values;
}

/* Decimal, as people write numbers: 010 is ten. At most what JSON integers hold. */
static int parse_number(const char *text, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno || *end || *ret > INT64_MAX ? -EINVAL : 0;
}

static int add_filter(struct flags *flags, const char *text, char *why, size_t size)
{
	size_t used = (size_t)snprintf(why, size, "--filter: ");
	struct expression **grown =
		reallocarray(flags->filters.items, flags->filters.count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	flags->filters.items = grown;
	grown[flags->filters.count] =
		expression_parse(text, why + used, size > used ? size - used : 0);
	if (!grown[flags->filters.count])
		return -EINVAL;
	flags->filters.count++;
	return 0;
}

static int set_flag(struct flags *flags, const struct flag_row *row, const char *value, char *why,
		    size_t size)
{
	static const struct option_row bytes = {
		.name = "bytes", .type = OPTION_SIZE, .offset = OPTION(tmpfs_size)};
	static const struct option_row seconds = {
		.name = "seconds", .type = OPTION_DURATION, .offset = OPTION(timeout)};
	struct cloche_options scratch = {0};
	void *field = (char *)flags + row->offset;
	const char *reason = "";
	uint64_t number;

	switch (row->type) {
	case FLAG_HEADING:
		break;
	case FLAG_TRUE:
		*(bool *)field = true;
		return 0;
	case FLAG_TEXT:
		if (!is_choice(row->values, value)) {
			snprintf(why, size, "--%s is one of %s, not '%s'", row->name, row->values,
				 value);
			return -EINVAL;
		}
		*(const char **)field = value;
		return 0;
	case FLAG_TEXTS:
		return add_text(field, value);
	case FLAG_COUNT:
		if (parse_number(value, &number) || !number || number > 1000000) {
			snprintf(why, size, "--%s takes a number from 1 to 1000000, not '%s'",
				 row->name, value);
			return -EINVAL;
		}
		*(unsigned *)field = number;
		return 0;
	case FLAG_SIZE:
		if (option_set(&bytes, &scratch, value, &reason)) {
			snprintf(why, size, "--%s: %s", row->name, reason);
			return -EINVAL;
		}
		*(uint64_t *)field = scratch.tmpfs_size;
		return 0;
	case FLAG_SECONDS:
		if (option_set(&seconds, &scratch, value, &reason)) {
			snprintf(why, size, "--%s: %s", row->name, reason);
			return -EINVAL;
		}
		*(double *)field = scratch.timeout;
		return 0;
	case FLAG_FILTER:
		return add_filter(flags, value, why, size);
	case FLAG_SHUFFLE:
		flags->shuffle = true;
		flags->seed_given = value != NULL;
		if (value && parse_number(value, &flags->seed)) {
			snprintf(why, size, "--shuffle takes a number as its seed, not '%s'",
				 value);
			return -EINVAL;
		}
		return 0;
	}
	return -EINVAL;
}

static int set_world(struct flags *flags, const struct option_row *row, const char *value,
		     char *why, size_t size)
{
	const char *reason = "";
	int result = option_set(row, &flags->over, value ? value : "true", &reason);

	if (result < 0)
		snprintf(why, size, "--%s: %s", row->name, reason);
	return result;
}

/* The option of this command whose name is nearest, or NULL when none is near. */
static const char *nearest_option(enum command command, const char *name)
{
	struct nearest nearest = {.word = name};

	for (size_t i = 0; i < ROWS + world_row_count(); i++)
		if (i >= ROWS)
			nearest_offer(&nearest, world_row(i - ROWS)->name);
		else if (rows[i].type != FLAG_HEADING && rows[i].commands & command)
			nearest_offer(&nearest, rows[i].name);
	return nearest.found;
}

static void explain_unknown(enum command command, const char *word, char *why, size_t size)
{
	const char *bare = word + strspn(word, "-"), *nearest;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(bare, "="), bare);
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

/* getopt_long's own tables; option i of ours is its value OPTION_CODE + i. */
static struct option *build_options(enum command command, char *letters)
{
	size_t total = ROWS + world_row_count(), used = 0;
	struct option *options = calloc(total + 1, sizeof(*options));

	if (!options)
		return NULL;
	*letters++ = '+';
	*letters++ = ':';
	for (size_t i = 0; i < total; i++) {
		const struct flag_row *row = i < ROWS ? &rows[i] : NULL;
		bool none = row ? row->type == FLAG_TRUE : world_row(i - ROWS)->type == OPTION_BOOL;
		bool maybe = row && row->type == FLAG_SHUFFLE;

		if (row && (row->type == FLAG_HEADING || !(row->commands & command)))
			continue;
		options[used++] =
			(struct option){.name = row ? row->name : world_row(i - ROWS)->name,
					.has_arg = none    ? no_argument
						   : maybe ? optional_argument
							   : required_argument,
					.val = OPTION_CODE + (int)i};
		if (row && row->letter) {
			*letters++ = row->letter;
			if (!none)
				*letters++ = ':';
		}
	}
	*letters = '\0';
	return options;
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
	for (size_t i = 0; code < OPTION_CODE && i < ROWS; i++)
		if (rows[i].letter == code && rows[i].commands & flags->command)
			return set_flag(flags, &rows[i], optarg, why, size);
	code -= OPTION_CODE;
	if (code < (int)ROWS)
		return set_flag(flags, &rows[code], optarg, why, size);
	return set_world(flags, world_row(code - ROWS), optarg, why, size);
}

/* Flags and paths may be mixed, except for exec, where what follows the command is its own. */
int flags_parse(struct flags *flags, enum command command, int argc, char **argv, char *why,
		size_t size)
{
	char letters[64];
	struct option *options;
	int code, before, result = 0;

	*flags = (struct flags){.command = command,
				.repeat = 1,
				.output = "failed",
				.color = "auto",
				.dump = "yes",
				.format = "text",
				.output_limit = 4 << 20,
				.artifacts = "cloche-artifacts"};
	options = build_options(command, letters);
	flags->rest = calloc(argc + 1, sizeof(*flags->rest));
	if (!options || !flags->rest) {
		snprintf(why, size, "there is no memory left");
		free(options);
		return -ENOMEM;
	}
	opterr = 0;
	optind = 0;
	while (!result) {
		before = optind ? optind : 1;
		code = getopt_long(argc, argv, letters, options, NULL);
		if (code >= 0) {
			result = apply(flags, code, argv, why, size);
			continue;
		}
		if (optind >= argc)
			break;
		if (command & (COMMAND_EXEC | COMMAND_SHELL) || optind > before) { /* by "--" */
			while (optind < argc)
				flags->rest[flags->rest_count++] = argv[optind++];
			break;
		}
		flags->rest[flags->rest_count++] = argv[optind++];
	}
	free(options);
	return result;
}

void flags_free(struct flags *flags)
{
	for (size_t i = 0; i < flags->filters.count; i++)
		expression_free(flags->filters.items[i]);
	free(flags->filters.items);
	free(flags->names.items);
	free(flags->skips.items);
	free(flags->exacts.items);
	free(flags->reports.items);
	free(flags->rest);
	*flags = (struct flags){0};
}

#define HELP_INDENT 34
#define HELP_WIDTH  100

/* In lines of at most HELP_WIDTH columns; the first may have its indent already. */
static void help_doc(FILE *out, const char *doc, bool indent)
{
	while (*doc) {
		size_t size = strlen(doc), room = HELP_WIDTH - HELP_INDENT;

		if (size > room)
			for (size = room; size > 1 && doc[size] != ' ';)
				size--;
		fprintf(out, "%*s%.*s\n", indent ? HELP_INDENT : 0, "", (int)size, doc);
		doc += size + (doc[size] == ' ');
		indent = true;
	}
}

static void help_row(FILE *out, char letter, const char *name, const char *arg, bool optional,
		     const char *doc)
{
	char left[80];
	int size = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s%s", letter ? '-' : ' ',
			    letter ? letter : ' ', letter ? "," : " ", name,
			    !arg       ? ""
			    : optional ? "[="
				       : " ",
			    arg ? arg : "", arg && optional ? "]" : "");

	fprintf(out, "%-*s%s", HELP_INDENT, left, size >= HELP_INDENT ? "\n" : "");
	help_doc(out, doc, size >= HELP_INDENT);
}

void flags_help(FILE *out, enum command command, const char *program)
{
	static const struct {
		enum command command;
		const char *usage, *about;
	} texts[] = {
		{COMMAND_RUN, "run [OPTION...] PATH...",
		 "Run the cases of suites, each in a cell of its own. PATH is a program, or a "
		 "directory\nthat is searched for them."},
		{COMMAND_LIST, "list [OPTION...] PATH...", "List the cases of suites."},
		{COMMAND_EXEC, "exec [OPTION...] [--] COMMAND [ARGUMENT...]",
		 "Run one command in a cell. Its exit status is ours."},
		{COMMAND_SHELL, "shell [OPTION...]", "Open a shell in a cell."},
		{COMMAND_SELF, "[OPTION...] [GLOB...]",
		 "Run the cases of this program, each in a cell of its own."},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].command == command)
			fprintf(out, "Usage: %s %s\n%s\n", program, texts[i].usage, texts[i].about);
	for (size_t i = 0; i < ROWS; i++)
		if (!(rows[i].commands & command))
			continue;
		else if (rows[i].type == FLAG_HEADING)
			fprintf(out, "\n%s:\n", rows[i].name);
		else
			help_row(out, rows[i].letter, rows[i].name, rows[i].arg,
				 rows[i].type == FLAG_SHUFFLE, rows[i].doc);
	fprintf(out, "\nThe world of the cell (in place of what cases ask for themselves):\n");
	for (size_t i = 0; i < world_row_count(); i++)
		help_row(out, 0, world_row(i)->name, world_row(i)->arg, false, world_row(i)->doc);
	fprintf(out, "\nExit status: ");
	if (command & (COMMAND_EXEC | COMMAND_SHELL))
		fprintf(out,
			"that of the command; 128 + N when signal N ended it; 124 it ran into\n"
			"--timeout; 125 cloche failed; 126 the command cannot be executed; 127 it "
			"is not found.\n");
	else
		fprintf(out,
			"0; 100 a case failed; 4 nothing to run; 96 the set-up of the run failed;\n"
			"97 required isolation cannot be had; 104 listing failed; 110 a report "
			"could\n"
			"not be written; 130 interrupted.\n");
}
