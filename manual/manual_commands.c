/* SPDX-License-Identifier: MIT */
/*
 * cloche(1), and a page for each command
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "manual.h"

void put_flag(FILE *page, const struct key *key)
{
	fputs(".It", page);
	if (key->letter)
		fprintf(page, " Fl %c%s", key->letter, key->arg ? "" : " ,");
	if (key->letter && key->arg) {
		fputs(" Ar", page);
		put_word(page, key->arg);
		fputs(" ,", page);
	}
	fputs(" Fl Fl", page);
	put_word(page, key->name);
	if (key->arg && key->optional)
		fputs(" Ns Op Ns = Ns Ar", page);
	else if (key->arg)
		fputs(" Ns = Ns Ar", page);
	if (key->arg)
		put_word(page, key->arg);
	putc('\n', page);
}

void put_key_doc(FILE *page, const struct key *key)
{
	put_text(page, key->doc);
}

/* "[OPTION...] PATH..." */
static void put_usage(FILE *page, const char *usage)
{
	char copy[128], *saved = NULL;

	snprintf(copy, sizeof(copy), "%s", usage);
	for (char *word = strtok_r(copy, " ", &saved); word; word = strtok_r(NULL, " ", &saved)) {
		size_t closing = strlen(word) - strcspn(word, "]");

		for (; *word == '['; word++)
			fputs(".Oo\n", page);
		word[strcspn(word, "]")] = '\0';
		fputs(*word == '-' ? ".Cm" : ".Ar", page);
		put_word(page, word);
		putc('\n', page);
		while (closing--)
			fputs(".Oc\n", page);
	}
}

static void put_options(FILE *page, enum command command, bool world, bool of_run)
{
	bool listed = false;

	for (size_t i = 0; i < key_count(); i++) {
		const struct key key = key_at(i);

		if (!(key.commands & command) || (key.world != NULL) != world ||
		    key.of_run != of_run)
			continue;
		if (key.heading) {
			fprintf(page, "%s.Ss %s\n.Bl -tag -width Ds\n", listed ? ".El\n" : "",
				key.name);
			listed = true;
			continue;
		}
		if (!listed)
			fputs(".Bl -tag -width Ds\n", page);
		listed = true;
		put_flag(page, &key);
		put_key_doc(page, &key);
	}
	if (listed)
		fputs(".El\n", page);
}

static bool has_world(enum command command, bool of_run)
{
	for (size_t i = 0; i < key_count(); i++)
		if (key_at(i).world && key_at(i).of_run == of_run && key_at(i).commands & command)
			return true;
	return false;
}

static void put_statuses(FILE *page, int commands)
{
	fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n", page);
	for (const struct status_row *row = status_rows; row->status; row++)
		if (row->commands & commands) {
			fputs(".It", page);
			put_word(page, row->status);
			putc('\n', page);
			put_text(page, row->meaning);
		}
	fputs(".El\n", page);
}

static void put_environment(FILE *page, int commands)
{
	bool listed = false;

	for (const struct environment_row *row = environment_rows; row->name; row++) {
		if (!(row->commands & commands))
			continue;
		if (!listed)
			fputs(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n", page);
		listed = true;
		fputs(".It Ev", page);
		put_word(page, row->name);
		putc('\n', page);
		put_text(page, row->doc);
	}
	if (listed)
		fputs(".El\n", page);
}

static void write_command(const char *directory, const struct command_row *row)
{
	char name[64];
	FILE *page;

	snprintf(name, sizeof(name), "cloche-%s", row->name);
	page = manual_open(directory, name, 1, row->summary);
	fprintf(page, ".Sh SYNOPSIS\n.Nm cloche %s\n", row->name);
	put_usage(page, row->usage);
	fputs(".Sh DESCRIPTION\n", page);
	put_text(page, row->about);
	fputs(".Sh OPTIONS\n", page);
	put_options(page, row->command, false, false);
	if (has_world(row->command, true)) {
		fputs(".Ss How cases are run\nIn place of what cases ask for themselves.\n", page);
		put_options(page, row->command, true, true);
	}
	if (has_world(row->command, false)) {
		fputs(".Ss The world of the cell\nIn place of what cases ask for themselves.\n",
		      page);
		put_options(page, row->command, true, false);
	}
	put_environment(page, row->command);
	put_statuses(page, row->command);
	fputs(".Sh SEE ALSO\n.Xr cloche 1 ,\n.Xr cloche 3 ,\n.Xr cloche.ini 5\n", page);
	manual_close(page);
}

/* To the pages of all commands, in the order of their names. */
static void put_references(FILE *page)
{
	const struct command_row *last = NULL, *next;

	do {
		next = NULL;
		for (const struct command_row *row = command_rows; row->name; row++)
			if (*row->name && (!last || strcmp(row->name, last->name) > 0) &&
			    (!next || strcmp(row->name, next->name) < 0))
				next = row;
		if (next)
			fprintf(page, ".Xr cloche-%s 1 ,\n", next->name);
		last = next;
	} while (next);
}

static void write_program(const char *directory)
{
	FILE *page = manual_open(directory, "cloche", 1, "every test case in a world of its own");
	int all = 0;

	fputs(".Sh SYNOPSIS\n.Nm\n.Ar COMMAND\n.Op Ar OPTION...\n.Op Ar ARGUMENT...\n"
	      ".Nm\n.Fl Fl help\n.Nm\n.Fl Fl version\n.Sh DESCRIPTION\n.Nm\n"
	      "runs test cases, each in a cell of its own: fresh namespaces and a fresh file\n"
	      "system, so that a test may set the host name, claim a port, mount, fill the disk "
	      "or\n"
	      "kill whatever it sees, and no other test, nor the machine, notices.\n"
	      ".Pp\n"
	      "A suite is a program that holds cases.\nIt is native when it is built with\n"
	      ".In cloche.h ,\nsee\n.Xr cloche 3 ;\n"
	      "every other program is foreign, and is one case.\n"
	      ".Sh COMMANDS\nEach has a page of its own.\n.Bl -tag -width Ds\n",
	      page);
	for (const struct command_row *row = command_rows; row->name; row++) {
		if (!*row->name)
			continue;
		fprintf(page, ".It Xr cloche-%s 1\n", row->name);
		put_text(page, row->summary);
		all |= row->command;
	}
	fputs(".El\n", page);
	put_environment(page, all);
	fputs(".Sh FILES\n.Bl -tag -width Ds\n.It Pa cloche.ini\n"
	      "the configuration, see\n.Xr cloche.ini 5\n.El\n",
	      page);
	put_statuses(page, COMMAND_RUN);
	fputs("The pages of the commands tell what others mean.\n"
	      ".Sh SEE ALSO\n",
	      page);
	put_references(page);
	fputs(".Xr cloche 3 ,\n.Xr cloche.ini 5 ,\n.Xr namespaces 7\n", page);
	manual_close(page);
}

void write_commands(const char *directory)
{
	write_program(directory);
	for (const struct command_row *row = command_rows; row->name; row++)
		if (*row->name)
			write_command(directory, row);
}
