/* SPDX-License-Identifier: MIT */
/*
 * What --help prints, out of the tables.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"

#define HELP_INDENT 34
#define HELP_WIDTH  100

/* In lines of at most `width` columns, all but the first indented. */
static void print_wrapped(FILE *out, const char *text, int width, int indent)
{
	size_t room = width - indent;

	for (bool first = true; *text; first = false) {
		size_t size = strlen(text);

		if (size > room)
			for (size = room; size > 1 && text[size] != ' ';)
				size--;
		fprintf(out, "%*s%.*s\n", first ? 0 : indent, "", (int)size, text);
		text += size + (text[size] == ' ');
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

	fprintf(out, "%-*s", HELP_INDENT, left);
	if (size >= HELP_INDENT)
		fprintf(out, "\n%*s", HELP_INDENT, "");
	print_wrapped(out, key->doc, HELP_WIDTH, HELP_INDENT);
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
	const struct command_row *row = command_row(command);

	fprintf(out, "Usage: %s%s%s %s\n", program, *row->name ? " " : "", row->name, row->usage);
	print_wrapped(out, row->about, HELP_WIDTH, 0);
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
	fprintf(out, "\nExit status:\n");
	for (const struct status_row *status = status_rows; status->status; status++) {
		if (!(status->commands & command))
			continue;
		fprintf(out, "  %-9s ", status->status);
		print_wrapped(out, status->meaning, HELP_WIDTH, 12);
	}
}

void program_help(FILE *out)
{
	fputs("cloche " CLOCHE_VERSION " - every test case in a world of its own\n\nUsage:\n", out);
	for (const struct command_row *row = command_rows; row->name; row++)
		if (*row->name)
			fprintf(out, "  cloche %s %-*s %s\n", row->name,
				45 - (int)strlen(row->name), row->usage, row->summary);
	fprintf(out, "  cloche %-46s %s\n", "COMMAND --help", "all options");
}
