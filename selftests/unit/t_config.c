/* SPDX-License-Identifier: MIT */
/* cloche.ini as text: what is read of it, what holds, and what is refused and how. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "config.h"
#include "expression.h"
#include "nearest.h"

static struct config config;
static struct flags flags;
static char why[1024];

static int parse_bytes(const char *text, size_t size)
{
	config_free(&config);
	memset(&config, 0, sizeof(config));
	strcpy(config.shown, "cloche.ini");
	memset(why, 0, sizeof(why));
	return config_parse(&config, text, size, why, sizeof(why));
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void check_refused(const char *text, const char *sentence)
{
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_str_eq(why, sentence);
}

/* The flags of a run with that profile. */
static void apply(const char *profile)
{
	flags_free(&flags);
	flags_begin(&flags, COMMAND_RUN);
	ck_assert_msg(!config_choose(&config, profile, why, sizeof(why)), "%s", why);
	ck_assert_msg(!config_to_flags(&config, &flags, why, sizeof(why)), "%s", why);
}

START_TEST(sections_and_values)
{
	ck_assert_int_eq(parse("# nothing\n"
			       "[run]\r\n"
			       "jobs = 3 ; of them\n"
			       "verbose: true\n"
			       "\n"
			       "[profile with two words]\n"
			       "; nor here\n"
			       "[profile last]\n"
			       "jobs=4"),
			 0);
	ck_assert_uint_eq(config.count, 3);
	ck_assert_str_eq(config.sections[0].name, "");
	ck_assert_uint_eq(config.sections[0].line, 2);
	ck_assert_uint_eq(config.sections[0].count, 2);
	ck_assert_str_eq(config.sections[0].values[0].text, "3");
	ck_assert_uint_eq(config.sections[0].values[0].line, 3);
	ck_assert_str_eq(config.sections[0].values[1].name, "verbose");
	ck_assert_uint_eq(config.sections[0].values[1].line, 4);
	ck_assert_str_eq(config.sections[1].name, "with two words");
	ck_assert_uint_eq(config.sections[1].count, 0);
	ck_assert_uint_eq(config.sections[2].line, 8);
	ck_assert_uint_eq(config.sections[2].values[0].line, 9);
}
END_TEST

START_TEST(nothing_is_a_file)
{
	ck_assert_int_eq(parse(""), 0);
	ck_assert_int_eq(parse("\n\n# a\n"), 0);
	ck_assert_int_eq(parse("\xef\xbb\xbf[run]\njobs = 2\n"), 0);
	apply(NULL);
	ck_assert_uint_eq(flags.jobs, 2);
	ck_assert_uint_eq(flags.repeat, 0);
}
END_TEST

START_TEST(profiles_lie_over_run_and_each_other)
{
	const char *text = "[profile top]\n"
			   "inherits = middle\n"
			   "jobs = 5\n"
			   "[run]\n"
			   "jobs = 3\n"
			   "repeat = 2\n"
			   "color = always\n"
			   "verbose = true\n"
			   "shuffle = 7\n"
			   "[profile middle]\n"
			   "repeat = 9\n"
			   "jobs = 4\n"
			   "verbose = false\n"
			   "shuffle = false\n";

	ck_assert_msg(!parse(text), "%s", why);
	apply(NULL);
	ck_assert(flags.jobs == 3 && flags.repeat == 2 && flags.verbose);
	ck_assert(flags.shuffle && flags.seed_given && flags.seed == 7);
	apply("middle");
	ck_assert(flags.jobs == 4 && flags.repeat == 9 && !flags.verbose && !flags.shuffle);
	ck_assert_str_eq(flags.color, "always");
	apply("top");
	ck_assert(flags.jobs == 5 && flags.repeat == 9 && !flags.verbose);
	apply("");
	ck_assert_uint_eq(flags.jobs, 3);
}
END_TEST

START_TEST(lists_add_and_are_emptied)
{
	struct cloche_options options = {0};

	ck_assert_msg(!parse("[run]\n"
			     "skip = a\n"
			     "skip = b\n"
			     "    c\n"
			     "env = A=1\n"
			     "\tB=2\n"
			     "[profile more]\n"
			     "skip = d\n"
			     "env = C\n"
			     "[profile none]\n"
			     "skip =\n"
			     "skip = e\n"
			     "env =\n"),
		      "%s", why);
	apply("more");
	ck_assert_uint_eq(flags.skips.count, 4);
	ck_assert_str_eq(flags.skips.items[2], "c");
	ck_assert_str_eq(flags.skips.items[3], "d");
	config_before(&config, &options);
	ck_assert_str_eq(options.env, "A=1\nB=2\nC");
	apply("none");
	ck_assert_uint_eq(flags.skips.count, 1);
	ck_assert_str_eq(flags.skips.items[0], "e");
	options = (struct cloche_options){0};
	config_before(&config, &options);
	ck_assert_ptr_null(options.env);
}
END_TEST

/* The world goes below the case, not into the flags, which go above it. */
START_TEST(worlds_are_apart_from_flags)
{
	struct cloche_options options = {0};

	ck_assert_msg(!parse("[run]\ntimeout = 5m\ntty = true\n[profile p]\ntty = false\n"), "%s",
		      why);
	apply("p");
	ck_assert_double_eq(flags.over.timeout, 0);
	config_before(&config, &options);
	ck_assert_double_eq(options.timeout, 300);
	ck_assert(!options.tty);
}
END_TEST

/* They are from where the file is; what stands elsewhere stays what it is. */
START_TEST(paths_are_from_the_file)
{
	const char *text = "[run]\nartifacts = out\nreport = tap\nreport = jsonl=a/b\n"
			   "report = tap=/c\nroot = minimal\n";

	memset(&config, 0, sizeof(config));
	strcpy(config.shown, "cloche.ini");
	strcpy(config.directory, "/home/me");
	ck_assert_msg(!config_parse(&config, text, strlen(text), why, sizeof(why)), "%s", why);
	apply(NULL);
	ck_assert_str_eq(flags.artifacts, "/home/me/out");
	ck_assert_str_eq(flags.reports.items[0], "tap");
	ck_assert_str_eq(flags.reports.items[1], "jsonl=/home/me/a/b");
	ck_assert_str_eq(flags.reports.items[2], "tap=/c");
}
END_TEST

START_TEST(misspelt_sections)
{
	check_refused("[rnu]\n", "cloche.ini:1: there is no section [rnu]; did you mean [run]?");
	check_refused("\n[profil ci]\n", "cloche.ini:2: there is no section [profil ci]; did you "
					 "mean [profile ci]?");
	check_refused("[everything]\n", "cloche.ini:1: there is no section [everything]; "
					"cloche.ini(5) lists those that are");
	check_refused("[run ci]\n", "cloche.ini:1: [run] has no name; did you mean [profile ci]?");
	check_refused("[profile]\n", "cloche.ini:1: [profile] needs a name: [profile NAME]");
	check_refused("[profile a]\n[run]\n[profile a]\n",
		      "cloche.ini:3: [profile a] is there already, in line 1; put them together");
	check_refused("[run]\n[run]\n",
		      "cloche.ini:2: [run] is there already, in line 1; put them together");
	check_refused("[run\n", "cloche.ini:1: a heading is [run], or [profile NAME] and its like");
	check_refused("[]\n", "cloche.ini:1: a heading is [run], or [profile NAME] and its like");
	check_refused("[profile 0123456789012345678901234567890123456789012345]\n",
		      "cloche.ini:1: a heading of more than 49 bytes; take a shorter name");
}
END_TEST

START_TEST(misspelt_keys)
{
	check_refused("[run]\njbos = 3\n",
		      "cloche.ini:2: there is no key 'jbos' in [run]; did you mean 'jobs'?");
	check_refused("[profile ci]\ninherit = a\n", "cloche.ini:2: there is no key 'inherit' in "
						     "[profile ci]; did you mean 'inherits'?");
	check_refused("[run]\ntime-out = 3\n",
		      "cloche.ini:2: there is no key 'time-out' in [run]; did you mean 'timeout'?");
	check_refused("[run]\nsomething = 3\n",
		      "cloche.ini:2: there is no key 'something' in [run]; cloche.ini(5) lists "
		      "those that are");
	check_refused("[run]\nSelecting = 3\n", "cloche.ini:2: there is no key 'Selecting' in "
						"[run]; cloche.ini(5) lists those that are");
	check_refused("[run]\nexact = a\n",
		      "cloche.ini:2: 'exact' is for the command line only; take it out of [run]");
	check_refused("[run]\njobs = 3\njobs = 3\n", "cloche.ini:3: 'jobs' is given already, in "
						     "line 2; it has one value only");
}
END_TEST

START_TEST(values_are_refused_as_flags_do)
{
	check_refused("[run]\njobs = -3\n",
		      "cloche.ini:2: --jobs takes a number from 1 to 1000000, not '-3'");
	check_refused("[run]\ncolor = red\n",
		      "cloche.ini:2: --color is one of auto|always|never, not 'red'");
	check_refused("[profile p]\n\nverbose = yes\n",
		      "cloche.ini:3: --verbose is true or false, not 'yes'");
	check_refused("[profile p]\ntimeout = 3 parsecs\n",
		      "cloche.ini:2: --timeout: '3 parsecs' is not a duration (try 2, 500ms, 1h30m "
		      "or 30d)");
	check_refused("[run]\ntty =\n", "cloche.ini:2: --tty: '' is not true or false");
	check_refused("[run]\nhostname =\n",
		      "cloche.ini:2: --hostname: '' is not a value: it is empty");
}
END_TEST

START_TEST(what_is_no_file_of_this_kind)
{
	char line[300];

	check_refused("jobs = 3\n[run]\n",
		      "cloche.ini:1: 'jobs' is in no section; begin with [run]");
	check_refused("[run]\n\nverbose\n", "cloche.ini:3: neither a [section] nor a key = value; "
					    "a comment begins with '#'");
	ck_assert_int_eq(parse_bytes("[run]\njobs\0= 3\n", 15), -EINVAL);
	ck_assert_str_eq(why, "cloche.ini:2: a zero byte, or another that no text has");
	check_refused("[run]\n\001 = 3\n",
		      "cloche.ini:2: a zero byte, or another that no text has");
	snprintf(line, sizeof(line), "[run]\nskip = %0190d\n", 1);
	ck_assert_int_eq(parse(line), 0);
	ck_assert_uint_eq(strlen(config.sections[0].values[0].text), 190);
	snprintf(line, sizeof(line), "[run]\nskip = %0191d\n", 1);
	check_refused(line, "cloche.ini:2: a line of 198 bytes, and 197 is the most; go on in the "
			    "next one, indented");
}
END_TEST

/* In an .ini file that is a trap: an indented key would be part of the one before. */
START_TEST(indented_lines)
{
	check_refused("[run]\n  jobs = 3\n",
		      "cloche.ini:2: an indented line goes on with the key "
		      "above, and there is none; begin the line with its key");
	check_refused("[run]\njobs = 3\n  verbose = true\n",
		      "cloche.ini:3: an indented line goes on with 'jobs' above; begin the line "
		      "with 'verbose'");
	check_refused("[run]\nskip = a\n\ttimeout=3\n",
		      "cloche.ini:3: an indented line goes on with 'skip' above; begin the line "
		      "with 'timeout'");
	check_refused("[run]\njobs = 3\n  4\n", "cloche.ini:3: an indented line goes on with "
						"'jobs' above, which has one value only");
}
END_TEST

START_TEST(profiles_that_are_not)
{
	ck_assert_msg(!parse("[profile quick]\n"), "%s", why);
	ck_assert_int_eq(config_choose(&config, "quikc", why, sizeof(why)), -EINVAL);
	ck_assert_str_eq(why, "there is no profile 'quikc' in cloche.ini; did you mean 'quick'?");
	check_refused("[profile a]\njobs = 1\ninherits = bb\n[profile bbb]\n",
		      "cloche.ini:3: there is no profile 'bb' in cloche.ini; did you mean 'bbb'?");
	check_refused("[profile a]\ninherits = b\n[profile b]\ninherits = a\n",
		      "cloche.ini:4: profile 'a' inherits from itself, or from more than 16");
}
END_TEST

/* ---- overrides ---- */

static struct cloche_options after(const char *suite, const char *name, const char *tags)
{
	struct expression_subject subject = {
		.suite = suite, .name = name, .tags = tags, .tags_size = tags ? strlen(tags) : 0};
	struct cloche_options options = {.hostname = "own", .tty = true, .env = "A=1"};

	config_after(&config, &subject, &options);
	return options;
}

START_TEST(overrides_hold_for_some_cases)
{
	ck_assert_msg(!parse("[override one]\n"
			     "filter = suite(s) and\n"
			     "  not tag(slow)\n"
			     "hostname = one\n"
			     "env = B=2\n"
			     "[override two]\n"
			     "filter = test(b)\n"
			     "hostname = two\n"
			     "tty = false\n"
			     "env =\n"
			     "[override three]\n"
			     "filter = all()\n"
			     "profile = p\n"
			     "hostname = three\n"
			     "[profile p]\n"),
		      "%s", why);
	ck_assert(!config_choose(&config, NULL, why, sizeof(why)));
	ck_assert_str_eq(after("s", "a", NULL).hostname, "one");
	ck_assert_str_eq(after("s", "a", NULL).env, "A=1\nB=2");
	ck_assert_str_eq(after("s", "a", "slow").hostname, "own");
	ck_assert_str_eq(after("t", "a", NULL).hostname, "own");
	ck_assert_str_eq(after("s", "b", NULL).hostname, "two");
	ck_assert(!after("s", "b", NULL).tty && after("s", "a", NULL).tty);
	ck_assert_ptr_null(after("s", "b", NULL).env);
	ck_assert(!config_choose(&config, "p", why, sizeof(why)));
	ck_assert_str_eq(after("s", "b", NULL).hostname, "three");
}
END_TEST

START_TEST(slots_of_groups)
{
	ck_assert_msg(!parse("[group db]\nslots = 2\n[profile p]\ngroup-slots = db=4\n"), "%s",
		      why);
	apply(NULL);
	ck_assert_uint_eq(flags.group_slots.count, 1);
	ck_assert_str_eq(flags.group_slots.items[0], "db=2");
	apply("p");
	ck_assert_uint_eq(flags.group_slots.count, 2);
	ck_assert_str_eq(flags.group_slots.items[1], "db=4");
	check_refused("[group db]\n", "cloche.ini:1: [group db] needs 'slots = N'");
	check_refused("[group db]\nslots = none\n",
		      "cloche.ini:2: slots: 'none' is not a number (try 100 or unlimited)");
	check_refused("[group db]\nslots = 2000000\n",
		      "cloche.ini:2: --group-slots takes NAME=N with N from 1 to 1000000, not "
		      "'db=2000000'");
	check_refused("[group db]\njobs = 3\n",
		      "cloche.ini:2: 'jobs' is not for [group db]; put it "
		      "into [run] or [profile NAME]");
}
END_TEST

/* ---- what setups write ---- */

static void check_variables(const char *text, size_t size, const char *list, const char *sentence)
{
	char *got = NULL;

	memset(why, 0, sizeof(why));
	ck_assert_int_eq(setup_variables(text, size, &got, why, sizeof(why)), list ? 0 : -EINVAL);
	ck_assert_pstr_eq(got, list);
	ck_assert_str_eq(why, sentence);
	free(got);
}

#define VARIABLES(text, list, sentence) check_variables(text, sizeof(text) - 1, list, sentence)

START_TEST(variables_of_setups)
{
	VARIABLES("", "", "");
	VARIABLES("\n\n", "", "");
	VARIABLES("A=1", "A=1", "");
	VARIABLES("A=1\n\n_b2=x=y \\n\nC=\n", "A=1\n_b2=x=y \\n\nC=", "");
	VARIABLES("A=1\nB\n", NULL, "line 2, 'B': it is no NAME=VALUE");
	VARIABLES("=1\n", NULL, "line 1, '=1': it is no NAME=VALUE");
	VARIABLES("export A=1\n", NULL,
		  "line 1, 'export A=1': its name is not made of letters, digits and '_'");
	VARIABLES("1A=1\n", NULL,
		  "line 1, '1A=1': its name is not made of letters, digits and '_'");
	VARIABLES("CLOCHE=2\n", NULL,
		  "line 1, 'CLOCHE=2': names that begin with CLOCHE are cloche's own");
	VARIABLES("A=\0b\n", NULL, "line 1, 'A=': there is a zero byte in it");
}
END_TEST

/* Whatever is cut off or added: read, or refused with a line; never anything else. */
START_TEST(every_cut_is_read_or_refused)
{
	static const char text[] = "# c\n[run]\njobs = 3 ; x\nenv = A=1\n  B=2\n[profile ci]\n"
				   "inherits = base\n[profile base]\ntimeout = 1h30m\n"
				   "[override o]\nfilter = all()\n[setup s]\ncommand = true\n";

	for (size_t size = 0; size < sizeof(text); size++) {
		char changed[sizeof(text)];

		if (parse_bytes(text, size))
			ck_assert_msg(!strncmp(why, "cloche.ini:", 11), "%zu: %s", size, why);
		for (unsigned c = size % unit_every(); size && c < 256; c += unit_every()) {
			memcpy(changed, text, sizeof(text));
			changed[size - 1] = (char)c;
			if (parse_bytes(changed, sizeof(text) - 1))
				ck_assert_msg(!strncmp(why, "cloche.ini:", 11), "%s", why);
		}
	}
}
END_TEST

START_TEST(nearest_words)
{
	static const struct {
		const char *word, *known, *found;
	} rows[] = {
		{"rnu", "run", "run"},
		{"jobs", "jobs", "jobs"},
		{"job", "jobs", "jobs"},
		{"jobz", "jobs", "jobs"},
		{"xy", "jobs", NULL},
		{"hostnmae", "hostname", "hostname"},
		{"", "run", NULL},
		{"run", "", NULL},
		{"abcdefgh", "stuvwxyz", NULL},
		{"timeouts", "timeout", "timeout"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct nearest nearest = {.word = rows[i].word};

		nearest_offer(&nearest, rows[i].known);
		ck_assert_pstr_eq(nearest.found, rows[i].found);
	}
}
END_TEST

UNIT_MAIN("config", sections_and_values, nothing_is_a_file, profiles_lie_over_run_and_each_other,
	  lists_add_and_are_emptied, worlds_are_apart_from_flags, paths_are_from_the_file,
	  misspelt_sections, misspelt_keys, values_are_refused_as_flags_do,
	  what_is_no_file_of_this_kind, indented_lines, profiles_that_are_not,
	  overrides_hold_for_some_cases, slots_of_groups, variables_of_setups,
	  every_cut_is_read_or_refused, nearest_words)
