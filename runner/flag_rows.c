/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "flag_rows.h"

#define PRUNES     (RUNS | COMMAND_RUNS)
#define CONFIGURED (WITH_CASES | COMMAND_RUNS)
#define TELLS      (RUNS | TOLD_AGAIN)
#define OF_KEPT    (COMMAND_ENTER | COMMAND_KEPT | COMMAND_DROP)
#define EVERYWHERE                                                                                 \
	(WITH_WORLD | COMMAND_RUNS | NAMES_RUNS | COMMAND_COMPLETIONS | OF_KEPT | COMMAND_CLOCK)

#define FIELD(name) offsetof(struct flags, name)
#define OUTPUT_WHEN "immediate|final|immediate-final|never"

static const char report_doc[] = "one of "
#define REPORTER(name) #name ", "
#include "report-table.h"
#undef REPORTER
				 "to FILE or standard output; may be given again with other files";

const struct flag_row flag_rows[] = {
	{"Selecting", 0, FLAG_HEADING, 0, WITH_CASES, NULL, NULL, NULL},
	{"filter", 'E', FLAG_FILTER, 0, WITH_CASES, "EXPR",
	 "only cases that match, as 'suite(t_net) and not tag(slow)'; given again, either is "
	 "enough",
	 NULL, KEY_ONE_TEXT},
	{"name", 'n', FLAG_TEXTS, FIELD(names), WITH_CASES, "GLOB",
	 "only cases whose name, or 'suite::name', matches; may be given again", NULL},
	{"skip", 's', FLAG_TEXTS, FIELD(skips), WITH_CASES, "GLOB",
	 "not the cases that match; may be given again", NULL},
	{"exact", 0, FLAG_TEXTS, FIELD(exacts), WITH_CASES, "NAME",
	 "only the case of exactly this name; may be given again", NULL, KEY_NOT_IN_FILE},
	{"run-ignored", 0, FLAG_TEXT, FIELD(run_ignored), WITH_CASES, "WHICH",
	 "cases that their framework leaves out, being disabled, ignored or hidden: none of them "
	 "(default), only them, or all cases",
	 "default|only|all"},
	{"kind", 'k', FLAG_KIND, FIELD(kinds), WITH_CASES, "KIND[=GLOB]",
	 "what the suites, or those whose path or name matches, are, where that is not found out; "
	 "'program' is one case; may be given again",
	 NULL},
	{"build-config", 'C', FLAG_TEXT, FIELD(build_config), WITH_CASES, "NAME",
	 "the build configuration of CTest trees that have several, as Debug", NULL},
	{"list-command", 0, FLAG_TEXT, FIELD(list_command), WITH_CASES, "COMMAND",
	 "a suite that no kind knows: a piece of sh(1) that prints the name of a case a line; "
	 "{suite} "
	 "in it is the suite's path",
	 NULL},
	{"case-command", 0, FLAG_TEXT, FIELD(case_command), WITH_CASES, "COMMAND",
	 "likewise what runs one of them, {name}; without --list-command the suite is one case",
	 NULL},
	{"pass-regex", 0, FLAG_TEXT, FIELD(pass_regex), WITH_CASES, "REGEX",
	 "a case passes only if a line of its output matches as well (POSIX extended)", NULL},
	{"fail-regex", 0, FLAG_TEXT, FIELD(fail_regex), WITH_CASES, "REGEX",
	 "a case fails if a line of its output matches", NULL},
	{"skip-regex", 0, FLAG_TEXT, FIELD(skip_regex), WITH_CASES, "REGEX",
	 "a case is skipped if a line of its output matches, whatever its exit status", NULL},
	{"fresh-list", 0, FLAG_TRUE, FIELD(fresh_list), WITH_CASES, NULL,
	 "ask programs for their cases again, and not what is remembered of them", NULL,
	 KEY_NOT_IN_FILE},
	{"rerun", 0, FLAG_TEXT, FIELD(rerun), WITH_CASES, "failed",
	 "only cases that failed when they ran last, as remembered, or never ran", "failed",
	 KEY_NOT_IN_FILE},
	{"shard", 0, FLAG_SHARD, 0, WITH_CASES, "[time:]K/N",
	 "only part K of N, which together are all cases; with 'time:' they take about as long",
	 NULL, KEY_NOT_IN_FILE},
	{"times", 0, FLAG_TEXT, FIELD(times), WITH_CASES, "FILE",
	 "--shard=time: by how long cases took in this report, that --report=jsonl=FILE wrote "
	 "(default: when they ran last, as remembered)",
	 NULL, KEY_NOT_IN_FILE},

	{"Running", 0, FLAG_HEADING, 0, RUNS, NULL, NULL, NULL},
	{"jobs", 'j', FLAG_COUNT, FIELD(jobs), RUNS, "N",
	 "cells at once (default: twice the processors)", NULL},
	{"shuffle", 0, FLAG_SHUFFLE, FIELD(shuffle), RUNS, "SEED",
	 "run in an order drawn by chance; the seed is printed, and gives the same order again",
	 NULL},
	{"repeat", 0, FLAG_COUNT, FIELD(repeat), RUNS, "N", "run every case N times (default 1)",
	 NULL},
	{"until-fail", 0, FLAG_TRUE, FIELD(until_fail), RUNS, NULL,
	 "repeat until a case fails, or as often as --repeat or as long as --for says", NULL},
	{"for", 0, FLAG_SECONDS, FIELD(run_for), RUNS, "TIME",
	 "repeat for so long: after it no repetition begins", NULL},
	{"max-fail", 0, FLAG_MAX_FAIL, 0, RUNS, "N[:immediate]",
	 "start no more cases once N have failed, and with :immediate end those that run; or all "
	 "(default)",
	 NULL},
	{"fail-fast", 0, FLAG_FAIL_FAST, 0, RUNS, NULL, "as --max-fail=1", NULL},
	{"flaky", 0, FLAG_TEXT, FIELD(flaky), RUNS, "WHAT",
	 "does a case that passes on a retry pass (default) or fail the run", "pass|fail"},
	{"group-slots", 0, FLAG_GROUP_SLOTS, FIELD(group_slots), RUNS, "NAME=N",
	 "how many cases of a group run at once, where that is not one; may be given again", NULL},
	{"trust-isolation", 0, FLAG_TRUST, FIELD(trust), WITH_CASES, "WHAT,...",
	 "cases that their framework runs one at a time, or alone, run at once when that is about "
	 "no more than these, of which each cell has its own: net, tmp, ipc, hostname (default "
	 "all four), or none",
	 NULL},
	{"timeout-multiplier", 0, FLAG_FACTOR, FIELD(timeout_multiplier), RUNS, "X",
	 "every deadline, grace and --slow-after is X times as long (default 1): for slow "
	 "machines, "
	 "valgrind, sanitizers",
	 NULL},
	{"skip-status", 0, FLAG_COUNT, FIELD(skip_status), RUNS, "N",
	 "end with this status when every case was skipped (default 0)", NULL},
	{"dump", 0, FLAG_TEXT, FIELD(dump), RUNS, "WHETHER",
	 "tell the stacks of a case that runs into its deadline: yes (default) or no", "yes|no"},
	{"coverage", 0, FLAG_TEXT, FIELD(coverage), RUNS, "WHETHER",
	 "bring coverage data of cells home: auto (default: where suites are seen to be built for "
	 "it), yes or no",
	 "auto|yes|no"},
	{"keep", 0, FLAG_KEEP, FIELD(keep_cells), RUNS, "N",
	 "cells of cases that fail stay, to be entered: at most N (without a number 3)", NULL},
	{"keep-for", 0, FLAG_SECONDS, FIELD(keep_seconds), RUNS, "TIME",
	 "for so long they stay (default 1h)", NULL},
	{"debugger", 0, FLAG_TEXT, FIELD(debugger), RUNS, "COMMAND",
	 "run one case under this, in its cell, at the caller's terminal and without a deadline: "
	 "'gdb --args'",
	 NULL, KEY_NOT_IN_FILE},
	{"tracer", 0, FLAG_TEXT, FIELD(tracer), RUNS, "COMMAND",
	 "the same for what needs no terminal: 'strace -f'", NULL, KEY_NOT_IN_FILE},

	{"Seeing", 0, FLAG_HEADING, 0, TELLS, NULL, NULL, NULL},
	{"verbose", 'v', FLAG_TRUE, FIELD(verbose), TELLS, NULL, "a line for every case", NULL},
	{"output", 0, FLAG_TEXT, FIELD(output), TELLS, "WHEN",
	 "show what failed cases printed: immediate (default), final (when the run ends), "
	 "immediate-final or never",
	 OUTPUT_WHEN},
	{"success-output", 0, FLAG_TEXT, FIELD(success_output), TELLS, "WHEN",
	 "the same for cases that passed (default never)", OUTPUT_WHEN},
	{"output-limit", 0, FLAG_SIZE, FIELD(output_limit), RUNS, "BYTES",
	 "keep so much of what one case prints, its beginning and its end (default 4M)", NULL},
	{"color", 0, FLAG_TEXT, FIELD(color), TELLS, "WHEN", "auto (default), always or never",
	 "auto|always|never"},

	{"Reports", 0, FLAG_HEADING, 0, RUNS | COMMAND_REPLAY, NULL, NULL, NULL},
	{"report", 'r', FLAG_TEXTS, FIELD(reports), RUNS | COMMAND_REPLAY, "NAME[=FILE]",
	 report_doc, NULL, KEY_NAMES_PATH},
	{"artifacts", 0, FLAG_TEXT, FIELD(artifacts), RUNS, "DIR",
	 "keep what cases attach in DIR (default cloche-artifacts)", NULL, KEY_IS_PATH},

	{"keep-writes", 0, FLAG_TEXT, FIELD(keep_writes), RUNS, "DIR",
	 "keep what cases write to the machine's files (root=cow), each in a directory of its own "
	 "in DIR",
	 NULL, KEY_IS_PATH},

	{"Configuration", 0, FLAG_HEADING, 0, CONFIGURED, NULL, NULL, NULL},
	{"profile", 'P', FLAG_TEXT, FIELD(profile), CONFIGURED, "NAME",
	 "what [profile NAME] of cloche.ini says, over its [run] (default: $CLOCHE_PROFILE)", NULL,
	 KEY_NOT_IN_FILE},
	{"config", 0, FLAG_TEXT, FIELD(config), CONFIGURED, "FILE",
	 "read this file (default: $CLOCHE_CONFIG, else the nearest cloche.ini, in the working "
	 "directory or above)",
	 NULL, KEY_NOT_IN_FILE},
	{"no-config", 0, FLAG_TRUE, FIELD(no_config), CONFIGURED, NULL, "read no cloche.ini", NULL,
	 KEY_NOT_IN_FILE},

	{"Remembering", 0, FLAG_HEADING, 0, PRUNES, NULL, NULL, NULL},
	{"no-journal", 0, FLAG_TRUE, FIELD(no_journal), RUNS, NULL, "do not remember this run",
	 NULL},
	{"prune", 0, FLAG_TRUE, FIELD(prune), COMMAND_RUNS, NULL,
	 "forget runs that are too many or too old, as every run does at its end", NULL,
	 KEY_NOT_IN_FILE},
	{"keep-runs", 0, FLAG_COUNT, FIELD(keep.runs), PRUNES, "N",
	 "remember the last N runs (default 100)", NULL},
	{"keep-days", 0, FLAG_COUNT, FIELD(keep.days), PRUNES, "N",
	 "remember runs for N days (default 30)", NULL},
	{"keep-size", 0, FLAG_SIZE, FIELD(keep.bytes), PRUNES, "BYTES",
	 "remember so much in all, and the last run however large (default 1G)", NULL},

	{"all", 0, FLAG_TRUE, FIELD(drop_all), COMMAND_DROP, NULL, "all kept cells", NULL,
	 KEY_NOT_IN_FILE},

	{"Other", 0, FLAG_HEADING, 0, EVERYWHERE, NULL, NULL, NULL},
	{"by", 0, FLAG_TEXT, FIELD(by), COMMAND_TOP, "WHAT",
	 "wall (default), user, system, cpu (both), memory, io or switches",
	 "wall|user|system|cpu|memory|io|switches", KEY_NOT_IN_FILE},
	{"count", 'n', FLAG_COUNT, FIELD(count), COMMAND_TOP, "N", "so many (default 20)", NULL,
	 KEY_NOT_IN_FILE},
	{"format", 0, FLAG_TEXT, FIELD(format), COMMAND_LIST | COMMAND_SELF | COMMAND_RUNS | TABLES,
	 "HOW", "text (default) or json", "text|json", KEY_NOT_IN_FILE},
	{"list", 'l', FLAG_TRUE, FIELD(list), COMMAND_SELF, NULL, "list the cases and end", NULL,
	 KEY_NOT_IN_FILE},
	{"help", 'h', FLAG_TRUE, FIELD(help), EVERYWHERE, NULL, "this text", NULL, KEY_NOT_IN_FILE},
};

const size_t flag_row_count = sizeof(flag_rows) / sizeof(*flag_rows);
