/* SPDX-License-Identifier: MIT */
/*
 * cloche.ini(5)
 */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "manual.h"

static const char *const about[] = {
	[SECTION_RUN] = "what holds for every run",
	[SECTION_PROFILE] = "what holds, over [run], for a run with --profile=NAME or "
			    "$CLOCHE_PROFILE; no profile is chosen by itself",
	[SECTION_OVERRIDE] = "what holds for some cases, over what they ask for themselves",
	[SECTION_GROUP] = "how many cases of the group NAME run at once, of those that say "
			  "group = NAME",
	[SECTION_SUITES] = "how suites that no kind knows are run, and how their cases are judged",
	[SECTION_SETUP] =
		"a program that runs once, outside of cells, before the cases it is for. "
		"What it writes to the file $CLOCHE_ENV, a NAME=VALUE a line, is in their "
		"environment. When it fails, no case is run",
};

#define SECTIONS (sizeof(about) / sizeof(*about))

static void put_sections(FILE *page)
{
	fputs(".Sh SECTIONS\n", page);
	for (size_t kind = 0; kind < SECTIONS; kind++) {
		bool listed = false;

		fprintf(page, ".Ss [%s%s]\n", section_word(kind),
			kind == SECTION_RUN ? "" : " NAME");
		put_text(page, about[kind]);
		for (size_t i = 0; i < section_key_count(); i++) {
			const struct section_key *key = section_key_at(i);

			if (key->kind != kind)
				continue;
			if (!listed)
				fputs(".Bl -tag -width Ds\n", page);
			listed = true;
			fputs(".It Cm", page);
			put_word(page, key->name);
			fputs(" No = Ar", page);
			put_word(page, key->arg);
			fprintf(page, "%s\n", key->required ? " Pq required" : "");
			put_text(page, key->doc);
		}
		if (listed)
			fputs(".El\n", page);
		if (kind != SECTION_SETUP && kind != SECTION_GROUP && kind != SECTION_SUITES)
			put_text(page, kind == SECTION_OVERRIDE
					       ? "Besides, the keys of worlds below."
					       : "The keys are those below.");
	}
}

static void put_keys(FILE *page, bool world)
{
	bool listed = false;

	for (size_t i = 0; i < key_count(); i++) {
		const struct key key = key_at(i);

		if (key.heading || key.marks & KEY_NOT_IN_FILE || (key.world != NULL) != world ||
		    !(key.commands & (COMMAND_RUN | COMMAND_LIST)))
			continue;
		if (!listed)
			fputs(".Bl -tag -width Ds\n", page);
		listed = true;
		fputs(".It Cm", page);
		put_word(page, key.name);
		fputs(" No = Ar", page);
		put_word(page, key.truth      ? "true|false"
			       : key.optional ? "true|false|SEED"
			       : key.values   ? key.values
					      : key.arg);
		fprintf(page, "%s\n", key.list ? " Pq a list" : "");
		put_key_doc(page, &key);
	}
	if (listed)
		fputs(".El\n", page);
}

void write_ini(const char *directory)
{
	FILE *page = manual_open(directory, "cloche.ini", 5, "configuration of cloche");

	fputs(".Sh DESCRIPTION\n"
	      ".Xr cloche-run 1 ,\n.Xr cloche-list 1\nand programs built with\n.Xr cloche 3\n"
	      "read the file that\n.Fl Fl config\nnames, else the one of\n.Ev CLOCHE_CONFIG ,\n"
	      "else the nearest\n.Nm\n"
	      "in the working directory or above it, up to the home directory when the search "
	      "begins\nbelow that.\n"
	      "A file above the working directory that belongs neither to the caller nor to root "
	      "nor to\nthe owner of the working directory is refused unless it is named.\n"
	      ".Pp\n"
	      "It has\n.Li [section]\nlines with\n.Li key = value\nlines below.\n"
	      "A line that begins with\n.Ql #\nor\n.Ql \\&;\nis a comment, and so is what "
	      "follows\n.Ql \\ \\&;\nin a line.\n"
	      "Keys are the flags of\n.Xr cloche-run 1\nwithout their dashes.\n"
	      "Of a list, a key may be given again, or go on in indented lines, an item each; an "
	      "empty\nvalue forgets the items before.\n"
	      "Of\n.Cm filter\nand\n.Cm command ,\nan indented line is more of the text.\n"
	      "Relative paths of\n.Cm artifacts\nand\n.Cm report\nare from the directory of the "
	      "file.\n"
	      ".Pp\n"
	      "What is misspelt ends the run before any case.\n"
	      "A line is at most 197 bytes long, the file 1 MiB.\n",
	      page);
	put_sections(page);
	fputs(".Sh KEYS\n.Ss Of runs\n", page);
	put_keys(page, false);
	fputs(".Ss Of worlds\nIn\n.Li [run]\nand profiles they are the defaults of cases.\n", page);
	put_keys(page, true);
	fputs(".Sh PRECEDENCE\nWeakest first:\n.Bl -enum -compact\n"
	      ".It\nthe default\n.It\n.Li [run]\n.It\nthe profile, after those that it "
	      "inherits from\n"
	      ".It\nof its world, what the case asks for itself\n.It\noverrides that take the "
	      "case, in the order of the file\n.It\nthe command line\n.El\n"
	      "Lists are joined in this order.\n.Xr cloche-config 1\nshows what holds, and where "
	      "it came from.\n"
	      ".Sh EXAMPLES\n.Bd -literal\n[run]\njobs = 8\ntimeout = 30s\n\n"
	      "[profile ci]\nretries = 2\nreport = terminal\n    junit=build/junit.xml\n\n"
	      "[override slow]\nfilter = tag(slow)\ntimeout = 10m\n\n"
	      "[setup database]\n"
	      "command = ./make\\-database && echo \"DATABASE=$PWD/db\" >> \"$CLOCHE_ENV\"\n"
	      "filter = suite(t_database)\n.Ed\n"
	      ".Sh SEE ALSO\n.Xr cloche 1 ,\n.Xr cloche-config 1 ,\n.Xr cloche-run 1\n",
	      page);
	manual_close(page);
}
