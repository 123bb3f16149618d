/* SPDX-License-Identifier: MIT */
/* The command line: flags and paths in any mix, what is refused and how, and --help. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "flags.h"
#include "world.h"

static struct flags flags;
static char why[512];

/* Parse these words, NULL-terminated, the first of them the command's name. */
static int parse(enum command command, char **words)
{
	int count = 0;

	while (words[count])
		count++;
	flags_free(&flags);
	memset(why, 0, sizeof(why));
	return flags_parse(&flags, command, count, words, why, sizeof(why));
}

#define PARSE(command, ...) parse(command, (char *[]){"cloche", __VA_ARGS__, NULL})

/* The rest is exactly these words. */
static void check_rest(const char *const *expected)
{
	size_t i = 0;

	for (; expected[i]; i++) {
		ck_assert_uint_lt(i, flags.rest_count);
		ck_assert_str_eq(flags.rest[i], expected[i]);
	}
	ck_assert_uint_eq(flags.rest_count, i);
	ck_assert_ptr_null(flags.rest[i]);
}

#define REST(...) check_rest((const char *const[]){__VA_ARGS__, NULL})
#define NO_REST() check_rest((const char *const[]){NULL})

/* ---- what is asked for ---- */

START_TEST(defaults)
{
	struct cloche_options nothing = {0};

	ck_assert_int_eq(parse(COMMAND_RUN, (char *[]){"run", NULL}), 0);
	ck_assert(flags.command == COMMAND_RUN && flags.jobs == 0 && flags.repeat == 0);
	ck_assert(!flags.shuffle && !flags.seed_given && !flags.verbose && !flags.help);
	ck_assert_str_eq(flags.output, "immediate");
	ck_assert_str_eq(flags.success_output, "never");
	ck_assert_str_eq(flags.color, "auto");
	ck_assert_str_eq(flags.format, "text");
	ck_assert_str_eq(flags.artifacts, "cloche-artifacts");
	ck_assert_uint_eq(flags.output_limit, 4 << 20);
	ck_assert_uint_eq(flags.names.count, 0);
	ck_assert_mem_eq(&flags.over, &nothing, sizeof(nothing));
	NO_REST();
}
END_TEST

START_TEST(every_form_of_a_flag)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "-j8", "--repeat=3", "--repeat", "4", "-v", "-n", "a*",
			       "-nb", "--name=c", "--skip", "d", "-s=e", "--exact", "f", "-rtap",
			       "--report=jsonl=x", "--output", "final", "--artifacts=out",
			       "--color=never", "--output-limit=64K", "--shuffle"),
			 0);
	ck_assert(flags.jobs == 8 && flags.repeat == 4 && flags.verbose);
	ck_assert_uint_eq(flags.names.count, 3);
	ck_assert_str_eq(flags.names.items[0], "a*");
	ck_assert_str_eq(flags.names.items[1], "b");
	ck_assert_str_eq(flags.names.items[2], "c");
	ck_assert_uint_eq(flags.skips.count, 2);
	ck_assert_str_eq(flags.skips.items[1], "=e");
	ck_assert_str_eq(flags.exacts.items[0], "f");
	ck_assert_str_eq(flags.reports.items[0], "tap");
	ck_assert_str_eq(flags.reports.items[1], "jsonl=x");
	ck_assert_str_eq(flags.output, "final");
	ck_assert_str_eq(flags.artifacts, "out");
	ck_assert_str_eq(flags.color, "never");
	ck_assert_uint_eq(flags.output_limit, 65536);
	ck_assert(flags.shuffle && !flags.seed_given);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "-vj", "3", "-vvj2"), 0);
	ck_assert_uint_eq(flags.jobs, 2);
}
END_TEST

START_TEST(filters)
{
	ck_assert_int_eq(PARSE(COMMAND_LIST, "-E", "test(a)", "--filter=tag(b)"), 0);
	ck_assert_uint_eq(flags.filters.count, 2);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "-E", "test(a)", "-E", "tst(a)"), -EINVAL);
	ck_assert_str_eq(why, "--filter: there is no 'tst'; did you mean 'test()'?\n"
			      "  tst(a)\n"
			      "  ^~~");
	ck_assert_int_eq(PARSE(COMMAND_EXEC, "-E", "test(a)"), -EINVAL);
}
END_TEST

START_TEST(seeds)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--shuffle=42"), 0);
	ck_assert(flags.shuffle && flags.seed_given && flags.seed == 42);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--shuffle=0"), 0);
	ck_assert(flags.seed_given && flags.seed == 0);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--shuffle=9223372036854775807"), 0);
	ck_assert(flags.seed == INT64_MAX);                         /* what JSON can say, too */
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--shuffle", "42"), 0); /* that is a path */
	ck_assert(flags.shuffle && !flags.seed_given);
	REST("42");
}
END_TEST

START_TEST(numbers_are_decimal)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--repeat=010"), 0);
	ck_assert_uint_eq(flags.repeat, 10);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "-j", "1000000"), 0);
	ck_assert_uint_eq(flags.jobs, 1000000);
}
END_TEST

/* Every option of a world is a flag, of every command. */
START_TEST(worlds)
{
	static const enum command commands[] = {COMMAND_RUN, COMMAND_LIST, COMMAND_EXEC,
						COMMAND_SHELL, COMMAND_SELF};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		ck_assert_int_eq(PARSE(commands[i], "--hostname=moon", "--uptime", "+30d", "--tty",
				       "--env", "A=1", "--env=B=2", "--address-space=1G",
				       "--expect-signal=SEGV", "--timeout", "2m"),
				 0);
		ck_assert_str_eq(flags.over.hostname, "moon");
		ck_assert(flags.over.uptime_shift == 30 * 86400.0 && flags.over.tty);
		ck_assert_str_eq(flags.over.env, "A=1\nB=2");
		ck_assert(flags.over.address_space == 1 << 30 && flags.over.expect_signal == 11);
		ck_assert(flags.over.timeout == 120);
	}
}
END_TEST

START_TEST(every_row_is_a_flag)
{
	for (size_t i = 0; i < world_row_count(); i++) {
		const struct option_row *row = world_row(i);
		char word[80];

		snprintf(word, sizeof(word), "--%s", row->name);
		ck_assert_msg(PARSE(COMMAND_RUN, word) == (row->arg ? -EINVAL : 0), "%s: %s", word,
			      why);
		ck_assert_msg((PARSE(COMMAND_EXEC, word) == (row->arg ? -EINVAL : 0) &&
			       !strstr(why, "there is no option")) == !world_row_of_run(i),
			      "%s: %s", word, why);
	}
}
END_TEST

/* ---- how often, how long, and until what ---- */

START_TEST(repetitions)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "x"), 0);
	ck_assert_uint_eq(flags_repetitions(&flags), 1);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--repeat=7", "--until-fail", "--for=1h"), 0);
	ck_assert_uint_eq(flags_repetitions(&flags), 7);
	ck_assert(flags.until_fail && flags.run_for == 3600);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--until-fail"), 0);
	ck_assert_uint_eq(flags_repetitions(&flags), 0);
	ck_assert_int_eq(PARSE(COMMAND_SELF, "--for", "500ms"), 0);
	ck_assert_uint_eq(flags_repetitions(&flags), 0);
	ck_assert(flags.run_for == 0.5 && !flags.until_fail);
}
END_TEST

START_TEST(the_last_word_on_failures_counts)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "x"), 0);
	ck_assert(flags.max_fail == 0 && !flags.max_fail_immediate);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--max-fail=12:immediate"), 0);
	ck_assert(flags.max_fail == 12 && flags.max_fail_immediate);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--max-fail=12:immediate", "--fail-fast"), 0);
	ck_assert(flags.max_fail == 1 && !flags.max_fail_immediate);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--fail-fast", "--max-fail=3"), 0);
	ck_assert(flags.max_fail == 3 && !flags.max_fail_immediate);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--fail-fast", "--max-fail=all"), 0);
	ck_assert(flags.max_fail == 0 && !flags.max_fail_immediate);
}
END_TEST

START_TEST(factors_and_groups)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "x"), 0);
	ck_assert(flags.timeout_multiplier == 1 && flags.group_slots.count == 0);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--timeout-multiplier=2.5", "--group-slots=db=2",
			       "--group-slots", "a=b=1000000"),
			 0);
	ck_assert(flags.timeout_multiplier == 2.5 && flags.group_slots.count == 2);
	ck_assert_str_eq(flags.group_slots.items[1], "a=b=1000000");
}
END_TEST

/* ---- what is left ---- */

START_TEST(flags_and_paths_mix)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "a", "-v", "b", "--jobs", "2", "c", "-", ""), 0);
	ck_assert(flags.verbose && flags.jobs == 2);
	REST("a", "b", "c", "-", "");
	ck_assert_int_eq(PARSE(COMMAND_SELF, "glob*", "-v", "other"), 0);
	REST("glob*", "other");
}
END_TEST

START_TEST(two_dashes_end_flags)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "a", "--", "-v", "--", "--nonsense", "b"), 0);
	ck_assert(!flags.verbose);
	REST("a", "-v", "--", "--nonsense", "b");
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--"), 0);
	NO_REST();
	ck_assert_int_eq(PARSE(COMMAND_RUN, "a", "--"), 0);
	REST("a");
	/* as the value of a flag they end nothing */
	ck_assert_int_eq(PARSE(COMMAND_RUN, "--name", "--", "a", "-v"), 0);
	ck_assert(flags.verbose);
	ck_assert_str_eq(flags.names.items[0], "--");
	REST("a");
}
END_TEST

START_TEST(exec_stops_at_the_command)
{
	ck_assert_int_eq(
		PARSE(COMMAND_EXEC, "--tty", "ls", "-v", "--tty", "--hostname=x", "--", "-h"), 0);
	ck_assert(flags.over.tty && !flags.over.hostname && !flags.help);
	REST("ls", "-v", "--tty", "--hostname=x", "--", "-h");
	ck_assert_int_eq(PARSE(COMMAND_EXEC, "--tty", "--", "--nonsense", "x"), 0);
	REST("--nonsense", "x");
	ck_assert_int_eq(PARSE(COMMAND_EXEC, "--", "--", "x"), 0);
	REST("--", "x");
	ck_assert_int_eq(PARSE(COMMAND_EXEC, "--hostname", "--", "ls", "-v"), 0);
	ck_assert_str_eq(flags.over.hostname, "--");
	REST("ls", "-v");
}
END_TEST

/* Nothing is kept from the last time: not flags, not where getopt was. */
START_TEST(parses_again)
{
	ck_assert_int_eq(PARSE(COMMAND_RUN, "-vj3", "a", "--nonsense"), -EINVAL);
	ck_assert_int_eq(PARSE(COMMAND_RUN, "b"), 0);
	ck_assert(!flags.verbose && !flags.jobs);
	REST("b");
	ck_assert_int_eq(PARSE(COMMAND_RUN, "-vx"), -EINVAL); /* in the middle of a word */
	ck_assert_int_eq(PARSE(COMMAND_RUN, "c", "-j4"), 0);
	ck_assert_uint_eq(flags.jobs, 4);
	REST("c");
}
END_TEST

/* ---- what is refused ---- */

#define NO(word)          "there is no option '" word "'; --help lists them"
#define MEANT(word, name) "there is no option '" word "'; did you mean '--" name "'?"
#define JOBS              "--jobs takes a number from 1 to 1000000, not "
#define MAX_FAIL          "--max-fail takes N, N:immediate or all, not "
#define FACTOR            "--timeout-multiplier takes a number from 0.001 to 1000, not "
#define GROUP_SLOTS       "--group-slots takes NAME=N with N from 1 to 1000000, not "
#define SEED              "--shuffle takes a number as its seed, not "

static const struct {
	enum command command;
	char *words[4];
	const char *why;
} refused[] = {
	/* options that are none */
	{COMMAND_RUN, {"--shufle"}, MEANT("--shufle", "shuffle")},
	{COMMAND_RUN, {"--hostnmae=x"}, MEANT("--hostnmae=x", "hostname")},
	{COMMAND_RUN, {"--tempfs-size=1"}, MEANT("--tempfs-size=1", "tmpfs-size")},
	{COMMAND_RUN, {"--nonsense"}, NO("--nonsense")},
	{COMMAND_RUN, {"--xyz"}, NO("--xyz")},
	{COMMAND_RUN, {"-x"}, NO("-x")},
	{COMMAND_RUN, {"a", "-vx"}, NO("-x")},
	{COMMAND_RUN, {"a", "-xv"}, NO("-x")},
	{COMMAND_RUN, {"a", "-x", "-v"}, NO("-x")},
	{COMMAND_RUN, {"-tty"}, NO("-t")},
	/* and those of other commands, which are no suggestions either */
	{COMMAND_RUN, {"--by=wall"}, NO("--by=wall")},
	{COMMAND_LIST, {"--jobs=2"}, NO("--jobs=2")},
	{COMMAND_LIST, {"-j2"}, NO("-j")},
	{COMMAND_LIST, {"--fromat=x"}, MEANT("--fromat=x", "format")},
	{COMMAND_RUN, {"--format=json"}, MEANT("--format=json", "for")},
	{COMMAND_EXEC, {"--verbose", "ls"}, NO("--verbose")},
	{COMMAND_SHELL, {"--shuffle"}, NO("--shuffle")},
	/* values missing, or too many */
	{COMMAND_RUN, {"--exact"}, "option '--exact' needs a value"},
	{COMMAND_RUN, {"-j"}, "option '-j' needs a value"},
	{COMMAND_RUN, {"a", "--hostname"}, "option '--hostname' needs a value"},
	{COMMAND_RUN, {"--verbose=1"}, "option '--verbose' takes no value"},
	{COMMAND_RUN, {"--tty=true"}, "option '--tty' takes no value"},
	/* values of flags */
	{COMMAND_RUN, {"-j0"}, JOBS "'0'"},
	{COMMAND_RUN, {"-j", "-1"}, JOBS "'-1'"},
	{COMMAND_RUN, {"--jobs= 1"}, JOBS "' 1'"},
	{COMMAND_RUN, {"--jobs=+1"}, JOBS "'+1'"},
	{COMMAND_RUN, {"--jobs="}, JOBS "''"},
	{COMMAND_RUN, {"--jobs=0x10"}, JOBS "'0x10'"},
	{COMMAND_RUN, {"--jobs=2.5"}, JOBS "'2.5'"},
	{COMMAND_RUN, {"--jobs=1000001"}, JOBS "'1000001'"},
	{COMMAND_RUN, {"--jobs=4294967297"}, JOBS "'4294967297'"},
	{COMMAND_RUN, {"--jobs=99999999999999999999"}, JOBS "'99999999999999999999'"},
	{COMMAND_RUN, {"--repeat=many"}, "--repeat takes a number from 1 to 1000000, not 'many'"},
	{COMMAND_RUN, {"--shuffle=x"}, SEED "'x'"},
	{COMMAND_RUN, {"--shuffle="}, SEED "''"},
	{COMMAND_RUN, {"--shuffle=-1"}, SEED "'-1'"},
	{COMMAND_RUN, {"--shuffle=9223372036854775808"}, SEED "'9223372036854775808'"},
	{COMMAND_RUN,
	 {"--output=some"},
	 "--output is one of immediate|final|immediate-final|never, not 'some'"},
	{COMMAND_RUN,
	 {"--output="},
	 "--output is one of immediate|final|immediate-final|never, not ''"},
	{COMMAND_RUN,
	 {"--output=final|never"},
	 "--output is one of immediate|final|immediate-final|never, not 'final|never'"},
	{COMMAND_RUN, {"--color=blue"}, "--color is one of auto|always|never, not 'blue'"},
	{COMMAND_LIST, {"--format=xml"}, "--format is one of text|json, not 'xml'"},
	{COMMAND_RUN,
	 {"--output-limit=-5"},
	 "--output-limit: '-5' is not a size (try 4096, 64K, 1M, 2G or unlimited)"},
	{COMMAND_RUN, {"--max-fail=0"}, MAX_FAIL "'0'"},
	{COMMAND_RUN, {"--max-fail="}, MAX_FAIL "''"},
	{COMMAND_RUN, {"--max-fail=1:soon"}, MAX_FAIL "'1:soon'"},
	{COMMAND_RUN, {"--max-fail=:immediate"}, MAX_FAIL "':immediate'"},
	{COMMAND_RUN, {"--max-fail=all:immediate"}, MAX_FAIL "'all:immediate'"},
	{COMMAND_RUN, {"--max-fail=-1"}, MAX_FAIL "'-1'"},
	{COMMAND_RUN, {"--max-fail=4294967297"}, MAX_FAIL "'4294967297'"},
	{COMMAND_RUN, {"--fail-fast=1"}, "option '--fail-fast' takes no value"},
	{COMMAND_RUN, {"--until-fail=1"}, "option '--until-fail' takes no value"},
	{COMMAND_RUN, {"--for=0"}, "--for: '0' is not a duration above 0"},
	{COMMAND_RUN, {"--timeout-multiplier=0"}, FACTOR "'0'"},
	{COMMAND_RUN, {"--timeout-multiplier=1e3"}, FACTOR "'1e3'"},
	{COMMAND_RUN, {"--timeout-multiplier=-1"}, FACTOR "'-1'"},
	{COMMAND_RUN, {"--timeout-multiplier=x"}, FACTOR "'x'"},
	{COMMAND_RUN, {"--timeout-multiplier="}, FACTOR "''"},
	{COMMAND_RUN, {"--timeout-multiplier=."}, FACTOR "'.'"},
	{COMMAND_RUN, {"--timeout-multiplier=1.2.3"}, FACTOR "'1.2.3'"},
	{COMMAND_RUN, {"--timeout-multiplier=1001"}, FACTOR "'1001'"},
	{COMMAND_RUN, {"--group-slots=db"}, GROUP_SLOTS "'db'"},
	{COMMAND_RUN, {"--group-slots=db=0"}, GROUP_SLOTS "'db=0'"},
	{COMMAND_RUN, {"--group-slots=db="}, GROUP_SLOTS "'db='"},
	{COMMAND_RUN, {"--group-slots==2"}, GROUP_SLOTS "'=2'"},
	{COMMAND_RUN, {"--group-slots=db=many"}, GROUP_SLOTS "'db=many'"},
	/* values of worlds */
	{COMMAND_RUN,
	 {"--timeout=soon"},
	 "--timeout: 'soon' is not a duration (try 2, 500ms, 1h30m or 30d)"},
	{COMMAND_EXEC, {"--leaks=maybe", "ls"}, "--leaks: 'maybe' is not one of warn|fail|ignore"},
	{COMMAND_SHELL, {"--hostname="}, "--hostname: '' is not a value: it is empty"},
	/* the first mistake is told */
	{COMMAND_RUN, {"-j0", "--nonsense"}, JOBS "'0'"},
};

START_TEST(refusals)
{
	char *words[6] = {"cloche"};

	memcpy(words + 1, refused[_i].words, sizeof(refused[_i].words));
	ck_assert_int_eq(parse(refused[_i].command, words), -EINVAL);
	ck_assert_str_eq(why, refused[_i].why);
}
END_TEST

/* However long the word, and however small the room for the sentence. */
START_TEST(sentences_are_bounded)
{
	char word[4000];

	memset(word, 'n', sizeof(word));
	memcpy(word, "--", 2);
	word[sizeof(word) - 1] = '\0';
	ck_assert_int_eq(PARSE(COMMAND_RUN, word), -EINVAL);
	ck_assert_uint_eq(strlen(why), sizeof(why) - 1);
	memcpy(word, "--jobs=", 7);
	for (size_t size = 1; size < 60; size++) {
		char *room = malloc(size);

		flags_free(&flags);
		ck_assert_int_eq(flags_parse(&flags, COMMAND_RUN, 2,
					     (char *[]){"cloche", word, NULL}, room, size),
				 -EINVAL);
		ck_assert_uint_eq(strlen(room), size - 1);
		free(room);
	}
}
END_TEST

/* ---- help ---- */

static char text[16384];

static void help(enum command command)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	ck_assert_ptr_nonnull(out);
	flags_help(out, command, "cloche");
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_lt(strlen(text), sizeof(text) - 1);
}

static const struct {
	enum command command;
	const char *usage, *flag, *no_flag, *status;
} helps[] = {
	{COMMAND_RUN, "Usage: cloche run [OPTION...] PATH...\n", "-j, --jobs N", "--format", "100"},
	{COMMAND_LIST, "Usage: cloche list", "--format HOW", "--jobs", "104"},
	{COMMAND_EXEC, "Usage: cloche exec", "-h, --help", "--name", "127"},
	{COMMAND_SHELL, "Usage: cloche shell", "-h, --help", "--name", "125"},
	{COMMAND_SELF, "Usage: cloche [OPTION...] [GLOB...]\n", "-l, --list", "--prune", "100"},
};

#define HELPS (sizeof(helps) / sizeof(*helps))

START_TEST(help_names_all_that_is_taken)
{
	help(helps[_i].command);
	ck_assert_int_eq(strncmp(text, helps[_i].usage, strlen(helps[_i].usage)), 0);
	ck_assert_ptr_nonnull(strstr(text, helps[_i].flag));
	ck_assert_ptr_null(strstr(text, helps[_i].no_flag));
	ck_assert_ptr_nonnull(strstr(strstr(text, "Exit status:"), helps[_i].status));
	for (size_t i = 0; i < world_row_count(); i++) {
		const char *arg = world_row(i)->arg;
		char flag[80];

		snprintf(flag, sizeof(flag), "  --%s%s%s", world_row(i)->name, arg ? " " : "",
			 arg ? arg : "");
		ck_assert_msg((strstr(text, flag) != NULL) ==
				      !(world_row_of_run(i) &&
					helps[_i].command & (COMMAND_EXEC | COMMAND_SHELL)),
			      "%s", flag);
	}
}
END_TEST

START_TEST(help_fits)
{
	help(helps[_i].command);
	for (char *line = text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		ck_assert_ptr_nonnull(end);
		ck_assert_msg(end - line <= 100, "%.*s", (int)(end - line), line);
	}
}
END_TEST

START_TEST(help_is_asked_for)
{
	ck_assert_int_eq(PARSE(COMMAND_EXEC, "-h"), 0);
	ck_assert(flags.help);
	ck_assert_int_eq(PARSE(COMMAND_SHELL, "--help"), 0);
	ck_assert(flags.help);
	flags_free(&flags);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, defaults);
	tcase_add_test(all, every_form_of_a_flag);
	tcase_add_test(all, filters);
	tcase_add_test(all, seeds);
	tcase_add_test(all, numbers_are_decimal);
	tcase_add_test(all, worlds);
	tcase_add_test(all, every_row_is_a_flag);
	tcase_add_test(all, repetitions);
	tcase_add_test(all, the_last_word_on_failures_counts);
	tcase_add_test(all, factors_and_groups);
	tcase_add_test(all, flags_and_paths_mix);
	tcase_add_test(all, two_dashes_end_flags);
	tcase_add_test(all, exec_stops_at_the_command);
	tcase_add_test(all, parses_again);
	tcase_add_loop_test(all, refusals, 0, sizeof(refused) / sizeof(*refused));
	tcase_add_test(all, sentences_are_bounded);
	tcase_add_loop_test(all, help_names_all_that_is_taken, 0, HELPS);
	tcase_add_loop_test(all, help_fits, 0, HELPS);
	tcase_add_test(all, help_is_asked_for);
	return unit_run("flags", all);
}
