/* SPDX-License-Identifier: MIT */
/* Options: text in, value, text out. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "world.h"

static struct cloche_options options;
static const char *why;

static int set(const char *name, const char *value)
{
	const struct option_row *row = world_row_find(name, strlen(name));

	ck_assert_ptr_nonnull(row);
	memset(&options, 0, sizeof(options));
	why = NULL;
	return option_set(row, &options, value, &why);
}

static const struct {
	const char *text;
	double seconds;
} durations[] = {{"2", 2},
		 {"0.5", 0.5},
		 {"500ms", 0.5},
		 {"1h30m", 5400},
		 {"30d", 2592000},
		 {"1w", 604800},
		 {"7us", 7e-6},
		 {"3ns", 3e-9},
		 {"1m1s", 61},
		 {"1.5h", 5400},
		 {".5s", 0.5},
		 {"1000000", 1e6},
		 {"5.", 5},
		 {"010", 10},
		 {"1h30", 3630},
		 {"1000000000000", 1e12},
		 {"1w1d1h1m1s1ms1us1ns", 694861.001001001}};

START_TEST(durations_are_read)
{
	ck_assert_int_eq(set("timeout", durations[_i].text), 0);
	ck_assert_double_eq_tol(options.timeout, durations[_i].seconds,
				durations[_i].seconds * 1e-14);
}
END_TEST

#define DURATION  "' is not a duration (try 2, 500ms, 1h30m or 30d)"
#define POINT     "' is not a point in time (try 497d, or from now +30d or -1h)"
#define SIZE      "' is not a size (try 4096, 64K, 1M, 2G or unlimited)"
#define COUNT     "' is not a number (try 100 or unlimited)"
#define SIGNAL    "' is not a signal (try SIGSEGV, SEGV or 11)"
#define TIMES     "' is not a number from 0 to 1000"
#define NUMBER    "' is not a number from -1000 to 1000, and not 0, which is the default"
#define EMPTY     "' is not a value: it is empty"
#define MISSABLE  "user|mnt|pid|net|ipc|uts|cgroup|time|ids|proc|keyring|all"
#define SIZE_FITS "' is not a size that fits: 1 to 8E"

static const struct {
	const char *name, *text;
	int error;
	const char *sentence; /* after the value */
} refused[] = {
	{"timeout", "", EINVAL, DURATION},
	{"timeout", "3 parsecs", EINVAL, DURATION},
	{"timeout", "3x", EINVAL, DURATION},
	{"timeout", "3mins", EINVAL, DURATION},
	{"timeout", "-3", EINVAL, DURATION},
	{"timeout", "+3", EINVAL, DURATION},
	{"timeout", " 3", EINVAL, DURATION},
	{"timeout", "0", ERANGE, "' is not a duration above 0"},
	{"timeout", "0s0m", ERANGE, "' is not a duration above 0"},
	{"timeout", "1e3", EINVAL, DURATION},
	{"timeout", "1E3", EINVAL, DURATION},
	{"timeout", "1h1E3", EINVAL, DURATION},
	{"timeout", "0X10", EINVAL, DURATION},
	{"timeout", "1.e3", EINVAL, DURATION},
	{"timeout", "1h1e3", EINVAL, DURATION},
	{"timeout", "0x10", EINVAL, DURATION},
	{"timeout", "1m0x10", EINVAL, DURATION},
	{"timeout", "1.2.3", EINVAL, DURATION},
	{"timeout", ".", EINVAL, DURATION},
	{"timeout", ".s", EINVAL, DURATION},
	{"timeout", "nan", EINVAL, DURATION},
	{"timeout", "inf", EINVAL, DURATION},
	{"timeout", "1h nan", EINVAL, DURATION},
	{"timeout", "99999999999999999d", ERANGE, "' is not a duration that fits: it is too long"},
	{"timeout", "1000000000001", ERANGE, "' is not a duration that fits: it is too long"},
	{"timeout", "5s ", EINVAL, DURATION},
	{"timeout", "s", EINVAL, DURATION},
	{"cpu", "unlimited", EINVAL, DURATION},
	{"uptime", "", EINVAL, POINT},
	{"uptime", "later", EINVAL, POINT},
	{"uptime", "+", EINVAL, POINT},
	{"uptime", "-", EINVAL, POINT},
	{"uptime", "--3", EINVAL, POINT},
	{"uptime", "+-3", EINVAL, POINT},
	{"uptime", "+ 3", EINVAL, POINT},
	{"uptime", "+nan", EINVAL, POINT},
	{"uptime", "+1E3", EINVAL, POINT},
	{"uptime", "99999999999999999d", ERANGE,
	 "' is not a point in time that fits: clocks go up to 53375 days (146 years)"},
	{"uptime", "-99999999999999999d", ERANGE,
	 "' is not a point in time that fits: clocks go up to 53375 days (146 years)"},
	{"tmpfs-size", "", EINVAL, SIZE},
	{"tmpfs-size", "12Q", EINVAL, SIZE},
	{"tmpfs-size", "-1", EINVAL, SIZE},
	{"tmpfs-size", " 1", EINVAL, SIZE},
	{"tmpfs-size", "1 ", EINVAL, SIZE},
	{"tmpfs-size", "1.5G", EINVAL, SIZE},
	{"tmpfs-size", "0x10", EINVAL, SIZE},
	{"tmpfs-size", "K", EINVAL, SIZE},
	{"tmpfs-size", "1KK", EINVAL, SIZE},
	{"tmpfs-size", "1iB", EINVAL, SIZE},
	{"tmpfs-size", "1Ki", EINVAL, SIZE},
	{"tmpfs-size", "UNLIMITED", EINVAL, SIZE},
	{"tmpfs-size", "0", ERANGE, SIZE_FITS},
	{"tmpfs-size", "0K", ERANGE, SIZE_FITS},
	{"tmpfs-size", "8E", ERANGE, SIZE_FITS},
	{"tmpfs-size", "99999999999E", ERANGE, SIZE_FITS},
	{"tmpfs-size", "9223372036854775808", ERANGE, SIZE_FITS},
	{"tmpfs-size", "18446744073709551616", ERANGE, SIZE_FITS},
	{"descriptors", "", EINVAL, COUNT},
	{"descriptors", "ten", EINVAL, COUNT},
	{"descriptors", "10K", EINVAL, COUNT},
	{"descriptors", "1.5", EINVAL, COUNT},
	{"descriptors", "-5", EINVAL, COUNT},
	{"descriptors", "+5", EINVAL, COUNT},
	{"descriptors", "0", ERANGE, "' is not a number that fits: at least 1"},
	{"descriptors", "18446744073709551615", ERANGE, "' is not a number that fits: at least 1"},
	{"descriptors", "18446744073709551616", ERANGE, "' is not a number that fits: at least 1"},
	{"expect-signal", "", EINVAL, SIGNAL},
	{"expect-signal", "SIGNOTHING", EINVAL, SIGNAL},
	{"expect-signal", "SIG", EINVAL, SIGNAL},
	{"expect-signal", "SIGSIGSEGV", EINVAL, SIGNAL},
	{"expect-signal", "SIG11", EINVAL, SIGNAL},
	{"expect-signal", "0", EINVAL, SIGNAL},
	{"expect-signal", "-11", EINVAL, SIGNAL},
	{"expect-signal", "+11", EINVAL, SIGNAL},
	{"expect-signal", " 11", EINVAL, SIGNAL},
	{"expect-signal", "11x", EINVAL, SIGNAL},
	{"expect-signal", "65", EINVAL, SIGNAL},
	{"expect-signal", "nal 33", EINVAL, SIGNAL},
	{"expect-signal", "SIGRTMIN+31", EINVAL, SIGNAL},
	{"expect-signal", "9999", EINVAL, SIGNAL},
	{"expect-signal", "4294967307", EINVAL, SIGNAL},
	{"retries", "", EINVAL, TIMES},
	{"retries", "-1", EINVAL, TIMES},
	{"retries", "+1", EINVAL, TIMES},
	{"retries", "1001", EINVAL, TIMES},
	{"retries", "2x", EINVAL, TIMES},
	{"retries", "unlimited", EINVAL, TIMES},
	{"retries", "4294967298", EINVAL, TIMES},
	{"priority", "", EINVAL, NUMBER},
	{"priority", "0", EINVAL, NUMBER},
	{"priority", "-0", EINVAL, NUMBER},
	{"priority", "--1", EINVAL, NUMBER},
	{"priority", "+1", EINVAL, NUMBER},
	{"priority", "1001", EINVAL, NUMBER},
	{"priority", "-1001", EINVAL, NUMBER},
	{"priority", "high", EINVAL, NUMBER},
	{"threads", "0", ERANGE, "' is not a number that fits: at least 1"},
	{"leaks", "maybe", EINVAL, "' is not one of warn|fail|ignore"},
	{"leaks", "", EINVAL, "' is not one of warn|fail|ignore"},
	{"leaks", "warn|fail", EINVAL, "' is not one of warn|fail|ignore"},
	{"leaks", "war", EINVAL, "' is not one of warn|fail|ignore; did you mean 'warn'?"},
	{"leaks", "warning", EINVAL, "' is not one of warn|fail|ignore; did you mean 'warn'?"},
	{"leaks", "WARN", EINVAL, "' is not one of warn|fail|ignore"},
	{"allow-missing", "", EINVAL, EMPTY},
	{"allow-missing", "bogus", EINVAL, "' is not one of " MISSABLE},
	{"allow-missing", "NET", EINVAL, "' is not one of " MISSABLE},
	{"allow-missing", "key-ring", EINVAL,
	 "' is not one of " MISSABLE "; did you mean 'keyring'?"},
	{"hostname", "", EINVAL, EMPTY},
	{"env", "", EINVAL, EMPTY},
	{"tty", "", EINVAL, "' is not true or false"},
	{"tty", "yes", EINVAL, "' is not true or false"},
	{"tty", "1", EINVAL, "' is not true or false"},
};

START_TEST(bad_values_are_refused_in_a_sentence)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "'%s%s", refused[_i].text, refused[_i].sentence);
	ck_assert_int_eq(set(refused[_i].name, refused[_i].text), -refused[_i].error);
	ck_assert_ptr_nonnull(why);
	ck_assert_str_eq(why, expected);
}
END_TEST

static const struct {
	const char *text;
	uint64_t bytes;
} sizes[] = {{"1", 1},           {"4096", 4096},     {"64K", 65536},
	     {"1M", 1 << 20},    {"2G", 2ull << 30}, {"3T", 3ull << 40},
	     {"1KiB", 1024},     {"1kB", 1024},      {"unlimited", OPTION_UNLIMITED},
	     {"7P", 7ull << 50}, {"7e", 7ull << 60}, {"9223372036854775807", INT64_MAX}};

START_TEST(sizes_are_read)
{
	ck_assert_int_eq(set("tmpfs-size", sizes[_i].text), 0);
	ck_assert_uint_eq(options.tmpfs_size, sizes[_i].bytes);
}
END_TEST

START_TEST(times_are_absolute_or_shifts)
{
	ck_assert_int_eq(set("uptime", "497d"), 0);
	ck_assert(options.uptime == 497 * 86400.0 && options.uptime_shift == 0);
	ck_assert_int_eq(set("uptime", "+30d"), 0);
	ck_assert(options.uptime == 0 && options.uptime_shift == 30 * 86400.0);
	ck_assert_int_eq(set("uptime", "-1h"), 0);
	ck_assert(options.uptime == 0 && options.uptime_shift == -3600);
	ck_assert_int_eq(set("uptime", "0"), 0); /* not the same as not asked for */
	ck_assert(options.uptime > 0 && options.uptime < 1e-6);
}
END_TEST

START_TEST(signals_by_name_and_number)
{
	ck_assert_int_eq(set("expect-signal", "SIGSEGV"), 0);
	ck_assert_int_eq(options.expect_signal, 11);
	ck_assert_int_eq(set("expect-signal", "segv"), 0);
	ck_assert_int_eq(options.expect_signal, 11);
	ck_assert_int_eq(set("expect-signal", "9"), 0);
	ck_assert_int_eq(options.expect_signal, 9);
	ck_assert_int_eq(set("expect-signal", "SIGRTMIN+6"), 0); /* as verdicts name it */
	ck_assert_int_eq(options.expect_signal, SIGRTMIN + 6);
}
END_TEST

static const struct {
	const char *name, *text;
} round_trips[] = {
	{"timeout", "0.000000001"},
	{"timeout", "0.1"},
	{"timeout", "7.007000007"},
	{"grace", "10"},
	{"cpu", "0.3"},
	{"uptime", "0.000000001"},
	{"monotonic", "-0.000000001"},
	{"tmpfs-size", "unlimited"},
	{"descriptors", "18446744073709551614"},
	{"expect-signal", "64"},
	{"env", "A=1\nB=\\2"},
	{"timeout", "86400.123456789"},
	{"uptime", "42940800"},
	{"uptime", "+3600"},
	{"uptime", "-0.5"},
	{"tmpfs-size", "1048576"},
	{"processes", "unlimited"},
	{"expect-signal", "SIGSEGV"},
	{"priority", "-1000"},
	{"priority", "7"},
	{"threads", "unlimited"},
	{"retries", "0"},
	{"retries", "1"},
	{"retries", "1000"},
	{"tty", "true"},
	{"leaks", "fail"},
	{"hostname", "moon"},
};

START_TEST(text_comes_back)
{
	const struct option_row *row =
		world_row_find(round_trips[_i].name, strlen(round_trips[_i].name));
	char text[128];

	ck_assert_int_eq(set(round_trips[_i].name, round_trips[_i].text), 0);
	ck_assert(option_is_set(row, &options));
	option_format(row, &options, text, sizeof(text));
	ck_assert_str_eq(text, round_trips[_i].text);
}
END_TEST

static const struct {
	const char *name;
	struct cloche_options options;
	const char *text;
} fields[] = {
	/* What a C field can hold and text cannot must be refused, and not become something else.
	 */
	{"timeout", {.timeout = -3}, NULL},
	{"timeout", {.timeout = NAN}, NULL},
	{"timeout", {.timeout = -NAN}, NULL},
	{"timeout", {.timeout = INFINITY}, NULL},
	{"timeout", {.timeout = 1e300}, NULL},
	{"timeout", {.timeout = -1e-10}, NULL},
	{"uptime", {.uptime = -1}, NULL},
	{"uptime", {.uptime = NAN}, NULL},
	{"uptime", {.uptime_shift = INFINITY}, NULL},
	{"uptime", {.uptime_shift = -INFINITY}, NULL},
	{"uptime", {.uptime = 5, .uptime_shift = 3}, NULL},
	{"uptime", {.uptime = 1e13}, NULL},
	{"expect-signal", {.expect_signal = 999}, NULL},
	{"expect-signal", {.expect_signal = -11}, NULL},
	{"retries", {.retries = 1001}, NULL},
	{"priority", {.priority = 1001}, NULL},
	{"priority", {.priority = INT_MIN}, NULL},
	{"leaks", {.leaks = "perhaps"}, NULL},
	{"leaks", {.leaks = ""}, NULL},
	{"hostname", {.hostname = ""}, NULL},
	{"tmpfs-size", {.tmpfs_size = UINT64_MAX - 1}, NULL},
	{"tmpfs-size", {.tmpfs_size = 1ull << 63}, NULL},
	/* And what is too small for text stays set. */
	{"timeout", {.timeout = 1e-12}, "0.000000001"},
	{"uptime", {.uptime = 1e-12}, "0.000000001"},
	{"uptime", {.uptime_shift = 1e-12}, "+0.000000001"},
	{"uptime", {.uptime_shift = -1e-12}, "-0.000000001"},
	{"timeout", {.timeout = 0.1}, "0.1"},
	{"timeout", {.timeout = 1e12}, "1000000000000"},
	{"tmpfs-size", {.tmpfs_size = (1ull << 63) - 1}, "9223372036854775807"},
	{"processes", {.processes = UINT64_MAX}, "unlimited"},
	{"processes", {.processes = UINT64_MAX - 1}, "18446744073709551614"},
	{"retries", {.retries = -1}, "0"},
	{"retries", {.retries = -2}, "0"},
	{"expect-signal", {.expect_signal = 40}, "40"}, /* real-time signals have no names */
};

START_TEST(fields_have_a_text_or_are_refused)
{
	const struct option_row *row = world_row_find(fields[_i].name, strlen(fields[_i].name));
	char text[128];

	ck_assert(option_is_set(row, &fields[_i].options));
	option_format(row, &fields[_i].options, text, sizeof(text));
	if (fields[_i].text) {
		ck_assert_str_eq(text, fields[_i].text);
		ck_assert_int_eq(set(fields[_i].name, text), 0);
		ck_assert(option_is_set(row, &options));
	} else {
		ck_assert_msg(set(fields[_i].name, text) < 0, "'%s' is taken", text);
		ck_assert_msg(why && *why && !option_is_set(row, &options), "'%s'", text);
	}
}
END_TEST

START_TEST(text_is_cut_as_by_snprintf)
{
	const struct option_row *row = world_row_find("timeout", strlen("timeout"));
	char text[4] = "zzz";

	ck_assert_int_eq(set("timeout", "86400.5"), 0);
	ck_assert_int_eq(option_format(row, &options, text, sizeof(text)), 7);
	ck_assert_str_eq(text, "864");
	ck_assert_int_eq(option_format(row, &options, NULL, 0), 7);
}
END_TEST

/* Every type: what is not asked for is not set, and a refusal changes nothing. */
START_TEST(refusals_change_nothing)
{
	for (size_t i = 0; i < world_row_count(); i++) {
		const struct option_row *row = world_row(i);
		struct cloche_options before = {.timeout = 3, .hostname = "moon", .env = "A=1"};
		struct cloche_options after = before;

		ck_assert(!option_is_set(row, &(struct cloche_options){0}));
		ck_assert_int_lt(option_set(row, &after, "", &why), 0);
		ck_assert_mem_eq(&before, &after, sizeof(before));
	}
}
END_TEST

START_TEST(lists_are_joined)
{
	const struct option_row *row = world_row_find("env", 3);

	ck_assert_int_eq(set("env", "A=1"), 0);
	ck_assert_int_eq(option_set(row, &options, "B=2", &why), 0);
	ck_assert_int_eq(option_set(row, &options, "C=3", &why), 0);
	ck_assert_str_eq(options.env, "A=1\nB=2\nC=3");
}
END_TEST

START_TEST(long_values_are_cut_in_sentences_only)
{
	char value[5000];

	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	ck_assert_int_eq(set("hostname", value), 0);
	ck_assert_str_eq(options.hostname, value);
	ck_assert_int_eq(set("timeout", value), -EINVAL);
	ck_assert_uint_lt(strlen(why), 256);
	ck_assert_int_eq(set("leaks", value), -EINVAL);
	ck_assert_uint_lt(strlen(why), 256);
}
END_TEST

#define ROWS(table) (sizeof(table) / sizeof(*(table)))

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, durations_are_read, 0, ROWS(durations));
	tcase_add_loop_test(all, bad_values_are_refused_in_a_sentence, 0, ROWS(refused));
	tcase_add_loop_test(all, sizes_are_read, 0, ROWS(sizes));
	tcase_add_test(all, times_are_absolute_or_shifts);
	tcase_add_test(all, signals_by_name_and_number);
	tcase_add_loop_test(all, text_comes_back, 0, ROWS(round_trips));
	tcase_add_loop_test(all, fields_have_a_text_or_are_refused, 0, ROWS(fields));
	tcase_add_test(all, text_is_cut_as_by_snprintf);
	tcase_add_test(all, refusals_change_nothing);
	tcase_add_test(all, lists_are_joined);
	tcase_add_test(all, long_values_are_cut_in_sentences_only);
	return unit_run("option", all);
}
