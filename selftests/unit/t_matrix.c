/* SPDX-License-Identifier: MIT */
/* One case at many times: the points, and the cases that are made of them. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"
#include "keeper.h"
#include "matrix.h"
#include "world.h"

/* ---- points ---- */

static const struct {
	const char *name;
	double end, unit; /* so many of these units, and one more is too many */
} wraps[] = {
	{"24.8d", INT32_MAX, 0.001},  {"49.7d", UINT32_MAX, 0.001}, {"248.5d", INT32_MAX, 0.01},
	{"497.1d", UINT32_MAX, 0.01}, {"24855.1d", INT32_MAX, 1},
};

START_TEST(five_seconds_before)
{
	struct matrix_point points[MATRIX_POINTS];
	const struct option_row *row = world_row_find("uptime", 6);
	struct cloche_options options = {0};
	const char *why;
	double days;

	ck_assert_uint_eq(matrix_uptimes(points), sizeof(wraps) / sizeof(*wraps) + 1);
	ck_assert_int_eq(option_set(row, &options, points[_i + 1].value, &why), 0);
	ck_assert(fabs(options.uptime + 5 - (wraps[_i].end + 1) * wraps[_i].unit) < 0.0006);
	ck_assert_str_eq(points[_i + 1].name, wraps[_i].name);
	ck_assert_int_eq(sscanf(points[_i + 1].name, "%lfd", &days), 1);
	ck_assert(fabs(days - options.uptime / 86400) < 0.06);
	ck_assert_int_eq(world_check(&options, &why), 0);
}
END_TEST

START_TEST(the_start)
{
	struct matrix_point points[MATRIX_POINTS];

	matrix_uptimes(points);
	ck_assert_str_eq(points->name, "0");
	ck_assert_str_eq(points->value, "0");
}
END_TEST

START_TEST(names_of_points)
{
	size_t size = 99;

	ck_assert_str_eq(matrix_flag_of("a@uptime=0", &size), "uptime-matrix");
	ck_assert_uint_eq(size, 1);
	ck_assert_str_eq(matrix_flag_of("suite::opens/x@uptime=49.7d", &size), "uptime-matrix");
	ck_assert_uint_eq(size, strlen("suite::opens/x"));
	ck_assert_ptr_null(matrix_flag_of("a@uptime", &size));
	ck_assert_ptr_null(matrix_flag_of("uptime=0", &size));
	ck_assert_ptr_null(matrix_flag_of("", &size));
}
END_TEST

/* ---- dates ---- */

#define FIXED 7 /* that are there in every zone */

static time_t moment_of(const char *value)
{
	struct tm tm = {0};
	const char *end = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &tm);

	ck_assert_msg(end && (!*end || !strcmp(end, ",leap")), "%s", value);
	return timegm(&tm);
}

static const struct {
	const char *zone;
	const char *forward, *back; /* five seconds before */
} zones[] = {
	{"UTC", NULL, NULL},
	{"Europe/Berlin", "2027-03-28T00:59:55Z", "2027-10-31T00:59:55Z"},
	{"America/New_York", "2027-03-14T06:59:55Z", "2027-11-07T05:59:55Z"},
	{"Australia/Lord_Howe", "2027-10-02T15:29:55Z", "2027-04-03T14:59:55Z"}, /* 30 minutes */
	{"Asia/Tokyo", NULL, NULL},
	{"XST-3XDT,M4.1.0/2,M9.1.0/2", "2027-04-03T22:59:55Z", "2027-09-04T21:59:55Z"},
	{"No/Where", NULL, NULL}, /* as libc has it: UTC */
};

START_TEST(zones_move_their_clocks)
{
	struct matrix_point points[MATRIX_POINTS];
	const char *zone = zones[_i].zone, *forward = NULL, *back = NULL;
	size_t count;

	if (strchr(zone, '/') && access("/usr/share/zoneinfo/Europe/Berlin", F_OK))
		return; /* no zones here */
	setenv("TZ", "Asia/Kathmandu", 1);
	tzset();
	for (int again = 0; again < 2; again++) {
		count = matrix_walls(zone, points);
		forward = back = NULL;
		for (size_t i = 0; i < count; i++) {
			if (!strcmp(points[i].name, "dst-forward"))
				forward = points[i].value;
			if (!strcmp(points[i].name, "dst-back"))
				back = points[i].value;
		}
		ck_assert_pstr_eq(forward, zones[_i].forward);
		ck_assert_pstr_eq(back, zones[_i].back);
		ck_assert_uint_eq(count, FIXED + (forward != NULL) + (back != NULL));
	}
	ck_assert_str_eq(getenv("TZ"), "Asia/Kathmandu"); /* nothing of ours has changed */
	ck_assert_int_eq(timezone, -20700);
}
END_TEST

START_TEST(dates_of_note)
{
	static const struct {
		const char *name;
		long long moment;
	} dates[FIXED] = {
		{"1970-01-01", 0},
		{"leap-second", 1483228800 - 5},
		{"2028-02-29", 1835395200 - 5},
		{"2036-02-07", 0x100000000 - 2208988800 - 5},
		{"2038-01-19", 0x80000000 - 5},
		{"2100-03-01", 4107542400 - 5},
		{"9999-12-31", 253402300800 - 5},
	};
	struct matrix_point points[MATRIX_POINTS];
	struct cloche_options options = {0};
	const char *why;

	ck_assert_uint_eq(matrix_walls("UTC", points), FIXED);
	ck_assert_str_eq(points[_i].name, dates[_i].name);
	ck_assert_int_eq(moment_of(points[_i].value), dates[_i].moment);
	options.wall = points[_i].value;
	ck_assert_int_eq(world_check(&options, &why), 0);
}
END_TEST

/* ---- cases ---- */

static const struct suite_case three[] = {
	{.name = "first", .world = "hostname=moon\n"},
	{.name = "second",
	 .world = "tags=a,b\nuptime=+30\nuptime-matrix=true\nenv=uptime=3\\nuptimes=4\n",
	 .index = 1},
	{.name = "third", .world = "uptime-matrix=true\nno-isolation=true\n", .index = 2},
};

#define COUNT (sizeof(three) / sizeof(*three))

struct made {
	struct session session;
	struct suite suite, *list;
	struct suites suites;
};

static void make(struct made *made, const struct cloche_options *over)
{
	*made = (struct made){.session.over = *over, .suite = {.native = true, .shown = "s"}};
	made->suite.cases = malloc(sizeof(three));
	memcpy(made->suite.cases, three, sizeof(three));
	made->suite.case_count = COUNT;
	made->list = &made->suite;
	made->suites = (struct suites){.list = &made->list, .count = 1};
	ck_assert_int_eq(matrix_expand(&made->suites, &made->session), 0);
}

static void unmake(struct made *made)
{
	for (size_t c = 0; c < made->suite.case_count; c++)
		if (made->suite.cases[c].held) {
			free((char *)made->suite.cases[c].name);
			free((char *)made->suite.cases[c].world);
		}
	free(made->suite.cases);
	free(made->suite.listed);
}

static struct cloche_options world_of(struct made *made, size_t index, char **ret_block)
{
	struct cloche_options options;

	ck_assert_int_eq(plan_world(&made->suite.cases[index], &made->suite, &made->session,
				    &options, ret_block),
			 0);
	return options;
}

START_TEST(points_are_cases)
{
	static const char world[] = "tags=a,b\nenv=uptime=3\\nuptimes=4\nuptime=0\n";
	struct made made;
	struct expression_subject subject;
	struct cloche_options options;
	char *block;

	make(&made, &(struct cloche_options){0});
	ck_assert_uint_eq(made.suite.case_count, 1 + 6 + 1);
	ck_assert_str_eq(made.suite.cases[0].name, "first");
	ck_assert_str_eq(made.suite.cases[1].name, "second@uptime=0");
	ck_assert_str_eq(made.suite.cases[6].name, "second@uptime=24855.1d");
	ck_assert_str_eq(made.suite.cases[7].name, "third");
	ck_assert_uint_eq(made.suite.cases[6].index, 1);
	ck_assert_uint_eq(made.suite.cases[7].index, 2);
	ck_assert_str_eq(made.suite.cases[1].world, world); /* in place of what it had */
	ck_assert_ptr_eq(suite_listed(&made.suite, &made.suite.cases[6]), &made.suite.listed[1]);
	subject = suite_subject(&made.suite, &made.suite.cases[6]);
	ck_assert_str_eq(subject.name, "second@uptime=24855.1d");
	ck_assert_str_eq(subject.listed, "second");
	ck_assert_ptr_null(suite_subject(&made.suite, &made.suite.cases[0]).listed);
	options = world_of(&made, 6, &block);
	ck_assert(options.uptime == 2147483643.0 && options.uptime_shift == 0);
	ck_assert(!options.uptimes); /* it is one no more */
	free(block);
	unmake(&made);
}
END_TEST

START_TEST(a_flag_asks_for_all)
{
	struct made made;
	struct cloche_options options;
	char *block;

	make(&made, &(struct cloche_options){.uptimes = true, .hostname = "sun"});
	ck_assert_uint_eq(made.suite.case_count, 6 + 6 + 1);
	ck_assert_str_eq(made.suite.cases[0].name, "first@uptime=0");
	ck_assert_str_eq(made.suite.cases[0].world, "hostname=moon\nuptime=0\n");
	options = world_of(&made, 5, &block);
	ck_assert(options.uptime == 2147483643.0 && !options.uptimes);
	ck_assert_str_eq(options.hostname, "sun");
	free(block);
	unmake(&made);
}
END_TEST

/* Its name says when it is: only that is not what the command line says. */
START_TEST(a_point_holds)
{
	struct made made;
	struct cloche_options options;
	char *block;

	make(&made, &(struct cloche_options){0});
	made.session.over.uptime_shift = -5;
	options = world_of(&made, 6, &block);
	ck_assert(options.uptime == 2147483643.0 && options.uptime_shift == 0);
	free(block);
	options = world_of(&made, 0, &block);
	ck_assert(options.uptime == 0 && options.uptime_shift == -5);
	free(block);
	unmake(&made);
}
END_TEST

/* As a flag wins over all that a case says. */
START_TEST(an_uptime_wins_over_a_matrix)
{
	static const struct cloche_options over[] = {{.uptime = 5}, {.uptime_shift = 5}};
	struct made made;
	struct cloche_options options;
	char *block;

	make(&made, &over[_i]);
	ck_assert_uint_eq(made.suite.case_count, COUNT);
	ck_assert_str_eq(made.suite.cases[1].name, "second");
	ck_assert(!made.suite.cases[1].held);
	options = world_of(&made, 1, &block);
	ck_assert(options.uptime == over[_i].uptime &&
		  options.uptime_shift == over[_i].uptime_shift);
	free(block);
	unmake(&made);
}
END_TEST

static size_t count_named(const struct made *made, const char *part)
{
	size_t count = 0;

	for (size_t c = 0; c < made->suite.case_count; c++)
		count += strstr(made->suite.cases[c].name, part) != NULL;
	return count;
}

START_TEST(two_matrices_multiply)
{
	struct made made;
	struct cloche_options options;
	char *block;

	make(&made, &(struct cloche_options){.walls = true});
	ck_assert_uint_eq(made.suite.case_count, FIXED + 6 * FIXED + 1);
	ck_assert_str_eq(made.suite.cases[0].name, "first@wall=1970-01-01");
	ck_assert_str_eq(made.suite.cases[FIXED].name, "second@uptime=0@wall=1970-01-01");
	ck_assert_str_eq(made.suite.cases[FIXED + 1].name, "second@uptime=24.8d@wall=1970-01-01");
	ck_assert_uint_eq(count_named(&made, "second@uptime=49.7d@wall="), FIXED);
	made.session.over.wall = "+1d";
	options = world_of(&made, FIXED + 1, &block);
	ck_assert_str_eq(options.wall, "1970-01-01T00:00:00Z");
	ck_assert(fabs(options.uptime - 2147478.648) < 1e-6 && !options.walls);
	free(block);
	unmake(&made);
}
END_TEST

static const struct {
	const char *env;
	size_t changes;
} envs[] = {
	{NULL, 0},
	{"TZ=Europe/Berlin", 2},
	{"A=1\nTZ=Europe/Berlin\nTZ=UTC", 0},
	{"TZ=UTC\nTZ=Europe/Berlin\nTZX=UTC", 2},
	{"TZ=UTC\nTZ", 2}, /* the caller's */
	{"TZ=", 0},
};

START_TEST(the_zone_is_the_case_s)
{
	struct made made;

	if (access("/usr/share/zoneinfo/Europe/Berlin", F_OK))
		return;
	setenv("TZ", "Europe/Berlin", 1);
	make(&made, &(struct cloche_options){.walls = true, .env = envs[_i].env});
	ck_assert_uint_eq(count_named(&made, "first@wall=dst-"), envs[_i].changes);
	ck_assert_uint_eq(count_named(&made, "first@"), FIXED + envs[_i].changes);
	unmake(&made);
}
END_TEST

/* As a flag wins over all that a case says. */
START_TEST(a_wall_clock_wins_over_a_matrix)
{
	struct made made;

	make(&made, &(struct cloche_options){.walls = true, .wall = "now"});
	ck_assert_uint_eq(made.suite.case_count, 1 + 6 + 1);
	unmake(&made);
}
END_TEST

START_TEST(without_cells_there_is_one)
{
	struct made made;

	make(&made, &(struct cloche_options){.no_isolation = true, .walls = true});
	ck_assert_uint_eq(made.suite.case_count, COUNT);
	ck_assert_str_eq(made.suite.cases[1].name, "second");
	unmake(&made);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("all");

	tcase_add_loop_test(cases, five_seconds_before, 0, sizeof(wraps) / sizeof(*wraps));
	tcase_add_test(cases, the_start);
	tcase_add_test(cases, names_of_points);
	tcase_add_test(cases, points_are_cases);
	tcase_add_test(cases, a_flag_asks_for_all);
	tcase_add_test(cases, a_point_holds);
	tcase_add_loop_test(cases, an_uptime_wins_over_a_matrix, 0, 2);
	tcase_add_loop_test(cases, zones_move_their_clocks, 0, sizeof(zones) / sizeof(*zones));
	tcase_add_loop_test(cases, dates_of_note, 0, FIXED);
	tcase_add_test(cases, two_matrices_multiply);
	tcase_add_loop_test(cases, the_zone_is_the_case_s, 0, sizeof(envs) / sizeof(*envs));
	tcase_add_test(cases, a_wall_clock_wins_over_a_matrix);
	tcase_add_test(cases, without_cells_there_is_one);
	return unit_run("matrix", cases);
}
