/* SPDX-License-Identifier: MIT */
/*
 * flags.h: the command line
 *
 * Flags of the commands stand in one table (flag_rows.c); every option of a world is a flag as
 * well, out of the fixtures' tables. Parsing and --help come from these, and nothing else knows
 * them.
 */
#ifndef CLOCHE_FLAGS_H
#define CLOCHE_FLAGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cloche.h"
#include "expression.h"
#include "journal.h"
#include "keeper.h"
#include "shard.h"

enum command {
	COMMAND_RUN = 1 << 0,
	COMMAND_LIST = 1 << 1,
	COMMAND_EXEC = 1 << 2,
	COMMAND_SHELL = 1 << 3,
	COMMAND_SELF = 1 << 4, /* a suite's own program, run bare */
	COMMAND_CONFIG = 1 << 5,
	COMMAND_RUNS = 1 << 6,
	COMMAND_SHOW = 1 << 7,
	COMMAND_REPLAY = 1 << 8,
	COMMAND_COMPARE = 1 << 9,
	COMMAND_TOP = 1 << 10,
	COMMAND_COMPLETIONS = 1 << 11,
	COMMAND_ENTER = 1 << 12,
	COMMAND_KEPT = 1 << 13,
	COMMAND_DROP = 1 << 14,
	COMMAND_CLOCK = 1 << 15,
};

/* The exit codes of the program. */
enum exit_code {
	EXIT_NOTHING_TO_RUN = 4,
	EXIT_SETUP = 96,
	EXIT_ISOLATION = 97,
	EXIT_CASE_FAILED = 100,
	EXIT_LISTING = 104,
	EXIT_REPORT = 110,
	EXIT_TIMEOUT = 124,     /* exec: it ran into its deadline, as timeout(1) */
	EXIT_EXEC_FAILED = 125, /* exec: cloche itself failed, as env(1) */
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_INTERRUPTED = 130,
};

struct text_list {
	const char **items;
	size_t count;
};

struct filter_list {
	struct expression **items;
	size_t count;
};

/* A flag as it was given on the command line. */
struct given {
	size_t key; /* key_at() */
	const char *value;
};

struct flags {
	enum command command;
	unsigned skip_status;
	unsigned jobs;
	unsigned repeat; /* 0: not asked for, see flags_repetitions() */
	bool until_fail;
	double run_for;    /* --for */
	unsigned max_fail; /* 0: all may */
	bool max_fail_immediate;
	double timeout_multiplier;
	bool shuffle, seed_given, verbose, help, list;
	bool no_journal, prune;
	struct journal_limits keep;
	const char *by; /* top: "wall", ... */
	unsigned count; /* top: so many */
	uint64_t seed, output_limit;
	const char *output, *success_output; /* "immediate", "final", "immediate-final", "never" */
	const char *flaky;                   /* "pass", "fail" */
	const char *color;                   /* "auto", "always", "never" */
	const char *artifacts, *keep_writes;
	const char *dump;     /* "yes", "no" */
	const char *coverage; /* "auto", "yes", "no" */
	const char *debugger, *tracer;
	unsigned keep_cells; /* 0: none */
	bool drop_all;
	double keep_seconds;
	const char *format; /* list: "text", "json" */
	struct shard shard;
	const char *rerun; /* "failed" */
	const char *times; /* a report, for shards by time */
	const char *only;  /* the environment's own GLOB, or NULL */
	struct filter_list filters;
	const char *profile, *config;
	bool no_config;
	const char *run_ignored; /* "default", "only", "all" */
	bool fresh_list;         /* nothing remembered of lists counts */
	const char *build_config;
	unsigned trust; /* --trust-isolation, enum apart */
	struct text_list names, skips, exacts, reports, group_slots; /* exacts: sorted, each once */
	const char *list_command, *case_command;                     /* of templates */
	const char *pass_regex, *fail_regex, *skip_regex;
	struct text_list kinds; /* "KIND" or "KIND=GLOB" */
	struct cloche_options over;
	struct given *given; /* all of these, in their order */
	size_t given_count;
	char **rest; /* what is no flag; NULL-terminated */
	size_t rest_count;
	char **words; /* the whole command line; NULL-terminated */
};

/*
 * Returns 0, or -EINVAL or -ENOMEM with a sentence in `why`; either way the flags are to be freed,
 * or live as long as the program. Texts are borrowed from argv.
 */
int flags_parse(struct flags *flags, enum command command, int argc, char **argv, char *why,
		size_t size);

void flags_free(struct flags *flags);

/* How many repetitions there are; 0: until something else ends the run. */
uint64_t flags_repetitions(const struct flags *flags);

/* The two halves of flags_parse(), for what a file says in between. */
void flags_begin(struct flags *flags, enum command command);
int flags_words(struct flags *flags, int argc, char **argv, char *why, size_t size);

enum key_mark {
	KEY_NOT_IN_FILE = 1 << 0, /* it is for the command line only */
	KEY_IS_PATH = 1 << 1,     /* a file's relative path is from the file's directory */
	KEY_NAMES_PATH = 1 << 2,  /* likewise what is behind a '=' in it */
	KEY_ONE_TEXT = 1 << 3,    /* a list whose indented lines are more of one item */
};

/* A flag of the commands, or an option of a world: help, files and pages are made of these. */
struct key {
	const char *name, *arg, *doc;
	const char *values; /* "a|b|c", or NULL */
	char letter;
	bool heading;  /* no flag: the title of those that follow */
	bool truth;    /* it takes no value; in a file true or false */
	bool optional; /* its value may be left out */
	bool list;     /* given again, it adds */
	bool of_run;   /* of a world, but it says how a case is run, struct fixture */
	int commands, marks;
	const struct option_row *world; /* NULL: a flag of the commands */
	size_t index;
};

size_t key_count(void);
struct key key_at(size_t index);
struct key key_named(const char *name); /* one that there is */

/*
 * Set it as a file does: a flag of the commands in `flags`, an option of a world in `options`. An
 * empty value empties a list. Returns as flags_parse().
 */
int key_set(const struct key *key, struct flags *flags, struct cloche_options *options,
	    const char *value, char *why, size_t size);

/* help.c */
void program_help(FILE *out);
void flags_help(FILE *out, enum command command, const char *program);

/* caller.c: who and where we are, and the clean environment. */
struct config;
int session_begin(struct session *session, const struct flags *flags, struct config *config,
		  char *why, size_t size);

/*
 * Would this list pass on what divides the run among machines? A case would divide its own work
 * again. Then `why` says so. A value of its own is another matter.
 */
bool session_refuses(const char *env, char *why, size_t size);

/* The commands; each returns the exit code. */
int command_run(struct flags *flags, struct session *session, const char *self_suite);
int command_list(struct flags *flags, struct session *session, const char *self_suite);
int command_exec(struct flags *flags, struct session *session);
int command_shell(struct flags *flags, struct session *session);
int command_enter(struct flags *flags, struct session *session);
int command_kept(struct flags *flags, struct session *session);
int command_drop(struct flags *flags, struct session *session);
int command_clock(struct flags *flags, struct session *session);
int command_runs(struct flags *flags, struct session *session);
int command_config(struct flags *flags, struct session *session);
int command_completions(struct flags *flags, struct session *session);
int command_show(struct flags *flags, struct session *session);
int command_replay(struct flags *flags, struct session *session);
int command_compare(struct flags *flags, struct session *session);
int command_top(struct flags *flags, struct session *session);

/* remembered.c: a run, as the user names it. Return 0, or the exit code, having said why. */
int remembered_run(const char *name, struct journal_summary *ret_summary);
int remembered_cases(const char *name, struct journal_summary *ret_summary,
		     struct journal_cases *ret_cases);

/* debug.c: the one job of this run becomes a command. Returns 0 or the exit code. */
int debug_prepare(struct keeper *keeper, const struct flags *flags, struct session *session);

/* select_part.c: what the environment says of it all; before suites are looked for. */
int select_environment(struct flags *flags);

/* keep.c: cells that fail will stay. Returns 0 or the exit code. */
int keep_prepare(struct keeper *keeper, const struct flags *flags);

/* select.c: find, list and choose. Returns 0 or the exit code, having said why on stderr. */
int select_suites(struct suites *suites, const struct flags *flags, const struct session *session,
		  const char *self_suite, struct zygote **foreign);
int select_jobs(struct suites *suites, const struct flags *flags, struct job **ret_jobs,
		size_t *ret_count);

/*
 * reports.c: open and start those that the flags name; end them. 0, or the exit code. `id` is that
 * of a journal from which they can be had again, or NULL.
 */
const struct reporter *report_at(size_t index); /* NULL after the last */
int reports_start(struct keeper *keeper, const struct flags *flags, const struct run_info *info);
int reports_end(struct keeper *keeper, const char *id);

/* plan_schedule.c: keeper->schedule, of its jobs and slots, which become fewer where some would be
 * of no use. Returns 0 or -ENOMEM. */
int plan_schedule(struct keeper *keeper, const struct flags *flags);

/* main.c: the program `cloche`. */
int cloche_program(int argc, char **argv);

/* complain.c: "cloche: " and a sentence, on stderr. Returns the code. */
int complain(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Standard output has all of `what` on it. Returns 0, or complains and returns EXIT_REPORT. */
int output_ended(const char *what);

#endif
