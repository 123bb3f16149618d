/* SPDX-License-Identifier: MIT */
/* Options: text in, value, text out; and worlds made of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "fixture.h"
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
} durations[] = {{"2", 2},         {"0.5", 0.5},   {"500ms", 0.5}, {"1h30m", 5400},
		 {"30d", 2592000}, {"1w", 604800}, {"7us", 7e-6},  {"3ns", 3e-9},
		 {"1m1s", 61},     {"1.5h", 5400}, {".5s", 0.5},   {"1000000", 1e6}};

START_TEST(durations_are_read)
{
	ck_assert_int_eq(set("timeout", durations[_i].text), 0);
	ck_assert_double_eq_tol(options.timeout, durations[_i].seconds, 1e-12);
}
END_TEST

static const struct {
	const char *name, *text;
	int error;
} refused[] = {
	{"timeout", "", EINVAL},
	{"timeout", "3 parsecs", EINVAL},
	{"timeout", "3x", EINVAL},
	{"timeout", "-3", EINVAL},
	{"timeout", "0", ERANGE},
	{"timeout", "1e3", EINVAL},
	{"timeout", "0x10", EINVAL},
	{"timeout", "nan", EINVAL},
	{"timeout", "inf", EINVAL},
	{"timeout", "99999999999999999d", ERANGE},
	{"timeout", "5s ", EINVAL},
	{"timeout", "s", EINVAL},
	{"uptime", "later", EINVAL},
	{"uptime", "+", EINVAL},
	{"uptime", "--3", EINVAL},
	{"tmpfs-size", "", EINVAL},
	{"tmpfs-size", "12Q", EINVAL},
	{"tmpfs-size", "-1", EINVAL},
	{"tmpfs-size", "0", ERANGE},
	{"tmpfs-size", "99999999999E", ERANGE},
	{"tmpfs-size", "18446744073709551616", ERANGE},
	{"tmpfs-size", "1KK", EINVAL},
	{"descriptors", "ten", EINVAL},
	{"descriptors", "10K", EINVAL},
	{"descriptors", "0", ERANGE},
	{"descriptors", "-5", EINVAL},
	{"expect-signal", "SIGNOTHING", EINVAL},
	{"expect-signal", "0", EINVAL},
	{"expect-signal", "9999", EINVAL},
	{"leaks", "maybe", EINVAL},
	{"leaks", "", EINVAL},
	{"leaks", "warn|fail", EINVAL},
	{"hostname", "", EINVAL},
	{"env", "", EINVAL},
	{"tty", "yes", EINVAL},
};

START_TEST(bad_values_are_refused_in_a_sentence)
{
	ck_assert_int_eq(set(refused[_i].name, refused[_i].text), -refused[_i].error);
	ck_assert_ptr_nonnull(why);
	ck_assert_ptr_nonnull(strstr(why, refused[_i].text));
	ck_assert_ptr_nonnull(strstr(why, "is not"));
}
END_TEST

static const struct {
	const char *text;
	uint64_t bytes;
} sizes[] = {{"1", 1},        {"4096", 4096},     {"64K", 65536},
	     {"1M", 1 << 20}, {"2G", 2ull << 30}, {"3T", 3ull << 40},
	     {"1KiB", 1024},  {"1kB", 1024},      {"unlimited", OPTION_UNLIMITED}};

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
}
END_TEST

static const struct {
	const char *name, *text;
} round_trips[] = {
	{"timeout", "0.000000001"},
	{"timeout", "86400.123456789"},
	{"uptime", "42940800"},
	{"uptime", "+3600"},
	{"uptime", "-0.5"},
	{"tmpfs-size", "1048576"},
	{"processes", "unlimited"},
	{"expect-signal", "SIGSEGV"},
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

/* Rows are the C fields: the names differ by '-' and '_' alone, and no two share a field. */
START_TEST(rows_are_unique)
{
	for (size_t i = 0; i < world_row_count(); i++)
		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(world_row(i)->name, world_row(j)->name);
			ck_assert_uint_ne(world_row(i)->offset, world_row(j)->offset);
		}
	ck_assert_uint_ge(world_row_count(), 24);
	ck_assert_ptr_null(world_row(world_row_count()));
}
END_TEST

START_TEST(a_world_comes_back)
{
	struct cloche_options world = {.hostname = "a\\b",
				       .env = "A=1\nB=2",
				       .uptime = 3.25,
				       .processes = 7,
				       .tty = true,
				       .leaks = "fail"};
	struct cloche_options back = {0};
	char text[512], *block;
	size_t size = world_format(&world, text, sizeof(text));

	ck_assert_uint_lt(size, sizeof(text));
	ck_assert_int_eq(world_parse(text, size, &back, &block), 0);
	ck_assert_str_eq(back.hostname, "a\\b");
	ck_assert_str_eq(back.env, "A=1\nB=2");
	ck_assert(back.uptime == 3.25 && back.processes == 7 && back.tty);
	ck_assert_str_eq(back.leaks, "fail");
	free(block);
}
END_TEST

START_TEST(a_damaged_world_is_refused)
{
	static const char *const damaged[] = {"hostname", "hostname=x",      "nonsense=1\n",
					      "=\n",      "timeout=never\n", "\n"};
	struct cloche_options back = {0};
	char *block;

	for (size_t i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
		ck_assert_int_eq(world_parse(damaged[i], strlen(damaged[i]), &back, &block),
				 -EINVAL);
		free(block);
	}
}
END_TEST

START_TEST(the_command_line_comes_before_the_case)
{
	struct cloche_options world = {.hostname = "moon", .timeout = 3, .env = "A=1"};
	struct cloche_options over = {.hostname = "mars", .env = "B=2", .cpu = 4};

	world_override(&world, &over);
	ck_assert_str_eq(world.hostname, "mars");
	ck_assert_str_eq(world.env, "A=1\nB=2");
	ck_assert(world.timeout == 3 && world.cpu == 4);
}
END_TEST

START_TEST(impossible_worlds_are_refused)
{
	static const struct cloche_options worlds[] = {
		{.uptime = 5e9},
		{.uptime = -1},
		{.monotonic = 1e10},
		{.uptime_shift = -5e9},
		{.user = "somebody"},
		{.user = "-1"},
		{.user = "70000", .ids = "full"},
		{.root = "elsewhere"},
		{.root = "/does/not/exist"},
		{.hostname = "0123456789012345678901234567890123456789012345678901234567890123x"}};

	for (size_t i = 0; i < sizeof(worlds) / sizeof(*worlds); i++) {
		why = NULL;
		ck_assert_int_eq(world_check(&worlds[i], &why), -EINVAL);
		ck_assert_ptr_nonnull(why);
	}
	ck_assert_int_eq(world_check(
				 &(struct cloche_options){
					 .uptime = 1, .root = "cow", .user = "me", .ids = "full"},
				 &why),
			 0);
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
	tcase_add_test(all, rows_are_unique);
	tcase_add_test(all, a_world_comes_back);
	tcase_add_test(all, a_damaged_world_is_refused);
	tcase_add_test(all, the_command_line_comes_before_the_case);
	tcase_add_test(all, impossible_worlds_are_refused);
	return unit_run("option", all);
}
