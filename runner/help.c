/* SPDX-License-Identifier: MIT */
/*
 * What --help prints, out of the tables.
 */
#include <stdio.h>
#include <string.h>

#include "flags.h"

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

static void help_row(FILE *out, const struct key *key)
{
	const char *arg = key->arg;
	char left[80];
	int size = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s%s", key->letter ? '-' : ' ',
			    key->letter ? key->letter : ' ', key->letter ? "," : " ", key->name,
			    !arg            ? ""
			    : key->optional ? "[="
					    : " ",
			    arg ? arg : "", arg && key->optional ? "]" : "");

	fprintf(out, "%-*s%s", HELP_INDENT, left, size >= HELP_INDENT ? "\n" : "");
	help_doc(out, key->doc, size >= HELP_INDENT);
}

/* Options of worlds: those of the run, or those of the cell. */
static void help_world(FILE *out, enum command command, bool of_run, const char *heading)
{
	for (size_t i = 0; i < key_count(); i++) {
		const struct key key = key_at(i);

		if (!key.world || !(key.commands & command) || key.of_run != of_run)
			continue;
		if (heading)
			fprintf(out, "\n%s (in place of what cases ask for themselves):\n",
				heading);
		heading = NULL;
		help_row(out, &key);
	}
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
		{COMMAND_CONFIG, "config [OPTION...] [PATH...]",
		 "Show what holds for a run, and for each case of these suites, and where it came "
		 "from."},
		{COMMAND_RUNS, "runs [OPTION...]",
		 "List the runs that are remembered, the last one last."},
		{COMMAND_SELF, "[OPTION...] [GLOB...]",
		 "Run the cases of this program, each in a cell of its own."},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].command == command)
			fprintf(out, "Usage: %s %s\n%s\n", program, texts[i].usage, texts[i].about);
	for (size_t i = 0; i < key_count(); i++) {
		const struct key key = key_at(i);

		if (key.world || !(key.commands & command))
			continue;
		if (key.heading)
			fprintf(out, "\n%s:\n", key.name);
		else
			help_row(out, &key);
	}
	help_world(out, command, true, "How cases are run");
	help_world(out, command, false, "The world of the cell");
	if (command & COMMAND_RUNS)
		return;
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
