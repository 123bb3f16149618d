/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "commands.h"

#define RUNS      (COMMAND_RUN | COMMAND_SELF)
#define LISTS     (COMMAND_LIST | COMMAND_CONFIG)
#define TELLS     (COMMAND_SHOW | COMMAND_REPLAY | COMMAND_TOP)
#define SHOWS     (LISTS | COMMAND_RUNS | TELLS | COMMAND_COMPLETIONS)
#define REMEMBERS (COMMAND_RUNS | COMMAND_COMPARE | TELLS)
#define EXECS     (COMMAND_EXEC | COMMAND_SHELL)

#define A_RUN                                                                                      \
	"RUN is an ID that 'cloche runs' lists, or the beginning of one; 'last'; or -1 for the "   \
	"run "                                                                                     \
	"before the last, -2 for the one before that."

static int run(struct flags *flags, struct session *session)
{
	return command_run(flags, session, NULL);
}

static int list(struct flags *flags, struct session *session)
{
	return command_list(flags, session, NULL);
}

const struct command_row command_rows[] = {
	{COMMAND_RUN, "run", "[OPTION...] PATH...", "run the cases of suites, in parallel",
	 "Run the cases of suites, each in a cell of its own. PATH is a program, or a directory "
	 "that is searched for them.",
	 run},
	{COMMAND_LIST, "list", "[OPTION...] PATH...", "list them", "List the cases of suites.",
	 list},
	{COMMAND_EXEC, "exec", "[OPTION...] [--] COMMAND [ARGUMENT...]",
	 "run one command in a cell", "Run one command in a cell. Its exit status is ours.",
	 command_exec},
	{COMMAND_SHELL, "shell", "[OPTION...]", "open a shell in a cell", "Open a shell in a cell.",
	 command_shell},
	{COMMAND_KEPT, "kept", "", "list the cells that stayed, see run --keep",
	 "List the cells that stayed because their case failed, and how long they will stay; see "
	 "'cloche run --keep'.",
	 command_kept},
	{COMMAND_ENTER, "enter", "ID [COMMAND [ARGUMENT...]]", "open a shell in one of them",
	 "Run a command, or a shell, in a cell that stayed. Its exit status is ours.",
	 command_enter},
	{COMMAND_DROP, "drop", "ID... | --all", "end them", "End cells that stayed.", command_drop},
	{COMMAND_CLOCK, "clock", "[show|set|step|tai|speed|suspend|advance] [VALUE...]",
	 "in a cell, show and set its clocks",
	 "In a cell that has clocks of its own ('cloche exec --wall now'): show them; set WHEN, or "
	 "step by a DURATION such as -1s, the wall clock; tell how many SECONDS CLOCK_TAI is ahead "
	 "of it (tai), or how many times as fast it goes (speed). Experimental: let a DURATION "
	 "pass, asleep as a machine that is suspended, or at once for everybody (advance), in one "
	 "go or in steps of a second DURATION.",
	 command_clock},
	{COMMAND_CONFIG, "config", "[OPTION...] [PATH...]",
	 "show what cloche.ini and the flags come to",
	 "Show what holds for a run with these options and where it came from: the command line, a "
	 "line of cloche.ini, or the default. With PATH, show also what holds for each case of "
	 "these suites in particular.",
	 command_config},
	{COMMAND_RUNS, "runs", "[OPTION...]", "list the runs that are remembered",
	 "List the runs that are remembered, the last one last.", command_runs},
	{COMMAND_SHOW, "show", "[OPTION...] [RUN]", "show one of them again",
	 "Show the last run again, or another one. " A_RUN, command_show},
	{COMMAND_REPLAY, "replay", "[OPTION...] [RUN]", "write its reports again",
	 "Write reports of the last run, or of another one. " A_RUN, command_replay},
	{COMMAND_COMPARE, "compare", "[OPTION...] [RUN [RUN]]", "what changed between two runs",
	 "What is different in the second run: the last one, unless named. The first is the one "
	 "before the last. " A_RUN,
	 command_compare},
	{COMMAND_TOP, "top", "[OPTION...] [RUN]", "the most expensive cases of a run",
	 "The most expensive cases of the last run, or of another one. " A_RUN, command_top},
	{COMMAND_COMPLETIONS, "completions", "[OPTION...] bash|zsh|fish",
	 "print the completion script of a shell",
	 "Print the script by which a shell completes the words of cloche: commands, flags and "
	 "their values, names of reports, profiles and cases, and runs. Packages install it; "
	 "without one, let the shell read it: source <(cloche completions bash).",
	 command_completions},
	{COMMAND_SELF, "", "[OPTION...] [GLOB...]", "run its own cases",
	 "Run the cases of this program, each in a cell of its own.", NULL},
	{0},
};

const struct status_row status_rows[] = {
	{"0", "every case passed or was skipped", RUNS},
	{"0", "it was shown", SHOWS | COMMAND_KEPT},
	{"0", "they have ended", COMMAND_DROP},
	{"0", "it was shown, or done", COMMAND_CLOCK},
	{"96", "it cannot be done, or this is no cell with clocks of its own", COMMAND_CLOCK},
	{"96", "there is no such cell, or it cannot be reached", COMMAND_KEPT | COMMAND_DROP},
	{"0", "no case is newly failing", COMMAND_COMPARE},
	{"100", "a case failed", RUNS},
	{"100", "a case is newly failing", COMMAND_COMPARE},
	{"4", "there is no such case, or none at all", RUNS | LISTS},
	{"96",
	 "the set-up of the run failed: an option, a file, or what else comes before the first "
	 "case",
	 RUNS | SHOWS | COMMAND_COMPARE},
	{"97", "required isolation cannot be had", RUNS},
	{"104", "listing failed", RUNS | LISTS},
	{"110", "a report could not be written", RUNS | SHOWS},
	{"130", "it was interrupted", RUNS},
	{"N", "that of the command", EXECS | COMMAND_ENTER},
	{"128 + N", "signal N ended the command", EXECS | COMMAND_ENTER},
	{"124", "it ran into --timeout", EXECS},
	{"125", "cloche failed", EXECS},
	{"125", "cloche failed, or the cell has ended", COMMAND_ENTER},
	{"126", "the command cannot be executed", EXECS | COMMAND_ENTER},
	{"127", "the command is not found", EXECS | COMMAND_ENTER},
	{NULL, NULL, 0},
};

const struct environment_row environment_rows[] = {
	{"CLOCHE_CONFIG", "the configuration, where there is no --config",
	 RUNS | LISTS | COMMAND_RUNS},
	{"LTPROOT", "where LTP is, for runtest files that are not in it (default: /opt/ltp)",
	 RUNS | LISTS},
	{"CLOCHE_PROFILE", "its profile, where there is no --profile", RUNS | LISTS | COMMAND_RUNS},
	{"CLOCHE_STATE_DIR",
	 "where runs are remembered, in place of a directory below XDG_STATE_HOME",
	 RUNS | REMEMBERS},
	{"XDG_STATE_HOME", "runs are remembered in its cloche (default: ~/.local/state)",
	 RUNS | REMEMBERS},
	{"TMPDIR", "where a [setup NAME] finds the file that CLOCHE_ENV names (default: /tmp)",
	 RUNS},
	{"NO_COLOR", "no colours with --color=auto, whatever its value", RUNS | TELLS},
	{"CLICOLOR_FORCE",
	 "colours with --color=auto where the output is no terminal, unless it is 0", RUNS | TELLS},
	{"PATH",
	 "passed on to cells, as are LANG, LC_*, TERM, SHELL, HOME where its files are shown, "
	 "LD_LIBRARY_PATH and the options of sanitizers",
	 RUNS | EXECS},
	{"LLVM_PROFILE_FILE",
	 "where the coverage data of clang and rustc that cells wrote come to (default: the "
	 "working directory); none is written over",
	 RUNS},
	{"CLOCHE_PYTHON", "what suites of pytest and unittest run with (default: python3 of PATH)",
	 RUNS | COMMAND_LIST},
	{"SHELL", "what is opened", COMMAND_SHELL},
	{"TZ", "the zone of --wall-matrix for cases that it is passed on to, by --env=TZ",
	 RUNS | LISTS},
	{"TEST_SHARD_INDEX",
	 "with TEST_TOTAL_SHARDS the part to run, where there is neither --shard nor --exact; so "
	 "are GTEST_SHARD_INDEX and GTEST_TOTAL_SHARDS, CI_NODE_INDEX and CI_NODE_TOTAL, and the "
	 "variables of CircleCI, Buildkite and Semaphore",
	 RUNS | COMMAND_LIST},
	{"TEST_SHARD_STATUS_FILE",
	 "a file to touch, which says that shards are known; likewise GTEST_SHARD_STATUS_FILE",
	 RUNS},
	{"TESTBRIDGE_TEST_ONLY", "one more GLOB that cases have to match, as Bazel's --test_filter",
	 RUNS | COMMAND_LIST},
	{"GITHUB_STEP_SUMMARY", "where the report github appends its summary", RUNS},
	{"GITHUB_WORKSPACE", "what the report github takes paths of files to be relative to", RUNS},
	{"GITHUB_ACTIONS",
	 "where it is true, the report github is written, too, and output on the terminal folds",
	 RUNS},
	{"GITLAB_CI", "where it is true, output on the terminal folds", RUNS},
	{NULL, NULL, 0},
};

const struct command_row *command_find(const char *name)
{
	for (const struct command_row *row = command_rows; row->name; row++)
		if (*name && !strcmp(row->name, name))
			return row;
	return NULL;
}

const struct command_row *command_row(enum command command)
{
	const struct command_row *row = command_rows;

	while (row->command != command)
		row++;
	return row;
}
