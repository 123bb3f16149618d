/* SPDX-License-Identifier: MIT */
/* Parts of a run: shards by name and by time, and what the environment says of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "shard.h"
#include "times.h"

/* ---- K/N ---- */

static const struct {
	const char *text;
	struct shard shard; /* of 0: refused */
} shards[] = {
	{"1/1", {1, 1, false}},
	{"2/4", {2, 4, false}},
	{"time:2/4", {2, 4, true}},
	{"007/0008", {7, 8, false}},
	{"100000/100000", {100000, 100000, false}},
	{"", {0}},
	{"1", {0}},
	{"/", {0}},
	{"1/", {0}},
	{"/4", {0}},
	{"0/4", {0}},
	{"5/4", {0}},
	{"1/0", {0}},
	{"1/100001", {0}},
	{"-1/4", {0}},
	{"+1/4", {0}},
	{" 1/4", {0}},
	{"1/4 ", {0}},
	{"1/4/5", {0}},
	{"time:", {0}},
	{"time:0/1", {0}},
	{"hash:1/2", {0}},
	{"Time:1/2", {0}},
	{"1/99999999999999999999", {0}},
	{"0x1/0x2", {0}},
};

START_TEST(what_a_shard_is)
{
	struct shard shard = {7, 7, false};
	int result = shard_parse(shards[_i].text, &shard);

	if (!shards[_i].shard.count) {
		ck_assert_int_eq(result, -EINVAL);
		ck_assert_uint_eq(shard.index, 7); /* untouched */
		return;
	}
	ck_assert_int_eq(result, 0);
	ck_assert_uint_eq(shard.index, shards[_i].shard.index);
	ck_assert_uint_eq(shard.count, shards[_i].shard.count);
	ck_assert(shard.by_time == shards[_i].shard.by_time);
}
END_TEST

START_TEST(shards_as_text)
{
	ck_assert_str_eq(shard_text(&(struct shard){2, 4, false}), "2/4");
	ck_assert_str_eq(shard_text(&(struct shard){3, 5, true}), "time:3/5");
	ck_assert_ptr_null(shard_text(&(struct shard){0}));
}
END_TEST

/* ---- by hash ---- */

START_TEST(shards_are_of_about_the_same_size)
{
	for (unsigned count = 1; count <= 16; count++) {
		unsigned sizes[17] = {0};

		for (int i = 0; i < 16000; i++) {
			char name[16];
			unsigned shard;

			snprintf(name, sizeof(name), "case/%d", i);
			shard = shard_by_hash(count, "build/t_net", name);
			ck_assert(shard >= 1 && shard <= count);
			sizes[shard]++;
		}
		for (unsigned i = 1; i <= count; i++)
			ck_assert_msg(sizes[i] > 16000 / count * 8 / 10 &&
					      sizes[i] < 16000 / count * 12 / 10 + 1,
				      "%u of %u: %u", i, count, sizes[i]);
	}
}
END_TEST

/* The same on every machine and for ever: its shards may be made by different versions. */
START_TEST(shards_are_what_they_were)
{
	static const unsigned known[] = {98, 94, 100, 44, 46, 50, 11, 19};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++) {
		char name[16];

		snprintf(name, sizeof(name), "case_%u", i);
		ck_assert_uint_eq(shard_by_hash(100, "build/t_net", name), known[i]);
	}
	/* where one name ends and the other begins matters */
	ck_assert_uint_ne(shard_by_hash(100000, "ab", "c"), shard_by_hash(100000, "a", "bc"));
}
END_TEST

/* ---- by time ---- */

static struct shard_item items[100];
static char names[100][8];

/* 100 cases, some of which nobody knows. */
static void make_items(void)
{
	for (int i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "%02d", i);
		items[i] = (struct shard_item){.suite = i % 2 ? "a" : "b",
					       .name = names[i],
					       .seconds = i % 10 ? (i * 37) % 100 + 1 : -1};
	}
}

START_TEST(times_are_balanced)
{
	for (unsigned count = 1; count <= 9; count++) {
		double loads[10] = {0}, total = 0;

		make_items();
		ck_assert_int_eq(shard_by_time(count, items, 100), 0);
		for (int i = 0; i < 100; i++) {
			ck_assert(items[i].shard >= 1 && items[i].shard <= count);
			loads[items[i].shard] += items[i].seconds;
			total += items[i].seconds;
		}
		for (unsigned i = 1; i <= count; i++)
			ck_assert_msg(loads[i] > total / count * 0.97 &&
					      loads[i] < total / count * 1.03,
				      "%u of %u: %g", i, count, loads[i]);
	}
}
END_TEST

START_TEST(the_order_of_cases_does_not_matter)
{
	struct shard_item turned[100];

	make_items();
	for (int i = 0; i < 100; i++)
		turned[i] = items[(i * 7 + 3) % 100];
	ck_assert_int_eq(shard_by_time(4, items, 100), 0);
	ck_assert_int_eq(shard_by_time(4, turned, 100), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(turned[i].shard, items[(i * 7 + 3) % 100].shard);
}
END_TEST

/* Of known ones 1, 2, 9 the median is 2. */
START_TEST(unknown_cases_are_the_median)
{
	struct shard_item few[] = {{"s", "a", 1, 0},
				   {"s", "b", -1, 0},
				   {"s", "c", 9, 0},
				   {"s", "d", 2, 0},
				   {"s", "e", -1, 0}};

	ck_assert_int_eq(shard_by_time(2, few, 5), 0);
	ck_assert(few[1].seconds == 2 && few[4].seconds == 2);
	ck_assert_uint_eq(few[2].shard, 1); /* the longest; all others together take 7 */
	ck_assert(few[0].shard == 2 && few[1].shard == 2 && few[3].shard == 2 && few[4].shard == 2);
}
END_TEST

START_TEST(nothing_known_is_divided_by_number)
{
	struct shard_item all[7] = {{0}};
	unsigned sizes[4] = {0};

	for (int i = 0; i < 7; i++)
		all[i] = (struct shard_item){.suite = "s", .name = names[i], .seconds = -1};
	make_items();
	ck_assert_int_eq(shard_by_time(3, all, 7), 0);
	for (int i = 0; i < 7; i++)
		sizes[all[i].shard]++;
	ck_assert(sizes[1] == 3 && sizes[2] == 2 && sizes[3] == 2);
	ck_assert_int_eq(shard_by_time(3, all, 0), 0);
	ck_assert_int_eq(shard_by_time(100, all, 1), 0); /* most have nothing */
	ck_assert_uint_eq(all[0].shard, 1);
}
END_TEST

/* ---- the environment ---- */

static const char *const *environment;

static char *get(const char *name)
{
	for (const char *const *at = environment; *at; at += 2)
		if (!strcmp(at[0], name))
			return (char *)at[1];
	return NULL;
}

#define VARIABLES 9

static const struct {
	const char *variables[VARIABLES]; /* name, value, name, value */
	struct shard shard;               /* of 0: nothing */
	const char *says;                 /* the names, or the sentence of a refusal */
} environments[] = {
	{{NULL}, {0}, NULL},
	{{"TEST_SHARD_INDEX", "0", "TEST_TOTAL_SHARDS", "4"},
	 {1, 4, false},
	 "TEST_SHARD_INDEX and TEST_TOTAL_SHARDS"},
	{{"TEST_SHARD_INDEX", "3", "TEST_TOTAL_SHARDS", "4"},
	 {4, 4, false},
	 "TEST_SHARD_INDEX and TEST_TOTAL_SHARDS"},
	{{"GTEST_SHARD_INDEX", "1", "GTEST_TOTAL_SHARDS", "2"},
	 {2, 2, false},
	 "GTEST_SHARD_INDEX and GTEST_TOTAL_SHARDS"},
	{{"CI_NODE_INDEX", "1", "CI_NODE_TOTAL", "4"},
	 {1, 4, false},
	 "CI_NODE_INDEX and CI_NODE_TOTAL"},
	{{"CI_NODE_INDEX", "4", "CI_NODE_TOTAL", "4"},
	 {4, 4, false},
	 "CI_NODE_INDEX and CI_NODE_TOTAL"},
	{{"CIRCLE_NODE_INDEX", "2", "CIRCLE_NODE_TOTAL", "3"},
	 {3, 3, false},
	 "CIRCLE_NODE_INDEX and CIRCLE_NODE_TOTAL"},
	{{"BUILDKITE_PARALLEL_JOB", "0", "BUILDKITE_PARALLEL_JOB_COUNT", "3"},
	 {1, 3, false},
	 "BUILDKITE_PARALLEL_JOB and BUILDKITE_PARALLEL_JOB_COUNT"},
	{{"SEMAPHORE_JOB_INDEX", "3", "SEMAPHORE_JOB_COUNT", "3"},
	 {3, 3, false},
	 "SEMAPHORE_JOB_INDEX and SEMAPHORE_JOB_COUNT"},
	/* a total of one is nothing, with or without an index; so is what is empty */
	{{"CI_NODE_TOTAL", "1"}, {0}, NULL},
	{{"CIRCLE_NODE_INDEX", "0", "CIRCLE_NODE_TOTAL", "1"}, {0}, NULL},
	{{"TEST_SHARD_INDEX", "", "TEST_TOTAL_SHARDS", ""}, {0}, NULL},
	{{"TEST_TOTAL_SHARDS", "0"}, {0}, NULL},
	/* Bazel sets both; a CI job around it that is not parallel says nothing */
	{{"TEST_SHARD_INDEX", "1", "TEST_TOTAL_SHARDS", "4", "GTEST_SHARD_INDEX", "1",
	  "GTEST_TOTAL_SHARDS", "4"},
	 {2, 4, false},
	 "TEST_SHARD_INDEX and TEST_TOTAL_SHARDS"},
	{{"TEST_SHARD_INDEX", "1", "TEST_TOTAL_SHARDS", "4", "CI_NODE_TOTAL", "1"},
	 {2, 4, false},
	 "TEST_SHARD_INDEX and TEST_TOTAL_SHARDS"},
	/* refused */
	{{"CI_NODE_TOTAL", "4"},
	 {0},
	 "CI_NODE_TOTAL is set and CI_NODE_INDEX is not; give --shard, or unset them"},
	{{"CI_NODE_INDEX", "4"},
	 {0},
	 "CI_NODE_INDEX is set and CI_NODE_TOTAL is not; give --shard, or unset them"},
	{{"CI_NODE_INDEX", "0", "CI_NODE_TOTAL", "4"},
	 {0},
	 "CI_NODE_INDEX is '0', and with CI_NODE_TOTAL=4 goes from 1 to 4; give --shard, or unset "
	 "them"},
	{{"CI_NODE_INDEX", "5", "CI_NODE_TOTAL", "4"},
	 {0},
	 "CI_NODE_INDEX is '5', and with CI_NODE_TOTAL=4 goes from 1 to 4; give --shard, or unset "
	 "them"},
	{{"TEST_SHARD_INDEX", "4", "TEST_TOTAL_SHARDS", "4"},
	 {0},
	 "TEST_SHARD_INDEX is '4', and with TEST_TOTAL_SHARDS=4 goes from 0 to 3; give --shard, or "
	 "unset them"},
	{{"TEST_SHARD_INDEX", "1x", "TEST_TOTAL_SHARDS", "4"},
	 {0},
	 "TEST_SHARD_INDEX is '1x', and with TEST_TOTAL_SHARDS=4 goes from 0 to 3; give --shard, "
	 "or unset them"},
	{{"TEST_SHARD_INDEX", "1", "TEST_TOTAL_SHARDS", "four"},
	 {0},
	 "TEST_TOTAL_SHARDS is 'four', which is no number of shards; give --shard, or unset them"},
	{{"TEST_SHARD_INDEX", "1", "TEST_TOTAL_SHARDS", "-4"},
	 {0},
	 "TEST_TOTAL_SHARDS is '-4', which is no number of shards; give --shard, or unset them"},
	{{"TEST_SHARD_INDEX", "1", "TEST_TOTAL_SHARDS", "4", "CI_NODE_INDEX", "1", "CI_NODE_TOTAL",
	  "4"},
	 {0},
	 "TEST_SHARD_INDEX and TEST_TOTAL_SHARDS say shard 2/4, and CI_NODE_INDEX and "
	 "CI_NODE_TOTAL 1/4; give --shard, or unset those that are not meant"},
};

START_TEST(what_the_environment_says)
{
	struct shard shard = {0};
	const char *says = NULL;
	char why[512] = "";
	int result;

	environment = environments[_i].variables;
	result = shard_from_environment(get, &shard, &says, why, sizeof(why));
	if (environments[_i].shard.count) {
		ck_assert_msg(result == 1, "%d: %s", result, why);
		ck_assert_str_eq(says, environments[_i].says);
		ck_assert_uint_eq(shard.index, environments[_i].shard.index);
		ck_assert_uint_eq(shard.count, environments[_i].shard.count);
	} else if (environments[_i].says) {
		ck_assert_int_eq(result, -EINVAL);
		ck_assert_str_eq(why, environments[_i].says);
	} else {
		ck_assert_int_eq(result, 0);
	}
}
END_TEST

static bool is_variable(const char *name)
{
	return shard_is_variable(name, strlen(name));
}

START_TEST(which_variables_these_are)
{
	unsigned count = 0;

	for (; shard_protocol(count); count++) {
		ck_assert(is_variable(shard_protocol(count)->index));
		ck_assert(is_variable(shard_protocol(count)->count));
	}
	ck_assert_uint_eq(count, 6);
	ck_assert(is_variable("TEST_SHARD_STATUS_FILE"));
	ck_assert(is_variable("GTEST_SHARD_STATUS_FILE"));
	ck_assert(is_variable("TESTBRIDGE_TEST_ONLY"));
	ck_assert(!is_variable("TEST_SHARD"));
	ck_assert(!is_variable("TEST_TMPDIR"));
	ck_assert(!is_variable(""));
	ck_assert(shard_is_variable("CI_NODE_INDEX\nA=1", 13));
}
END_TEST

/* ---- times ---- */

static char path[] = "/tmp/cloche-t-select-XXXXXX";

static struct times *read_times(const char *text, char *why, size_t size)
{
	int fd = mkstemp(strcpy(path, "/tmp/cloche-t-select-XXXXXX"));
	struct times *times;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	times = times_read(path, why, size);
	unlink(path);
	return times;
}

START_TEST(times_are_read_from_a_report)
{
	char why[512] = "";
	struct times *times = read_times(
		"{\"v\":1,\"event\":\"run-started\"}\n"
		"[\"pass\",false,\"case-ended\"]\n"
		"{\"event\":\"case-ended\",\"suite\":\"b/s\",\"name\":\"y\",\"seconds\":2.5}\n"
		"{\"event\":\"case-ended\",\"suite\":\"b/s\",\"name\":\"x\",\"seconds\":1}\n"
		"{\"event\":\"case-ended\",\"suite\":\"b/s\",\"name\":\"y\",\"seconds\":4}\n"
		"{\"event\":\"case-ended\",\"suite\":\"b/s\",\"name\":\"y\",\"seconds\":3}\n"
		"{\"event\":\"case-started\",\"suite\":\"b/s\",\"name\":\"z\",\"seconds\":9}\n"
		"{\"event\":\"message\",\"text\":\"case-ended\"}\n"
		"{\"event\":\"case-ended\",\"suite\":\"b/s\",\"name\":\"n\",\"seconds\":-1}\n"
		"no JSON: case-ended\n"
		"{\"event\":\"case-ended\",\"suite\":\"b/s\",\"name\":\"cut\",\"sec",
		why, sizeof(why));

	ck_assert_msg(times != NULL, "%s", why);
	ck_assert_double_eq(times_find(times, "b/s", "x"), 1);
	ck_assert_double_eq(times_find(times, "b/s", "y"), 4);
	ck_assert_double_lt(times_find(times, "b/s", "z"), 0);
	ck_assert_double_lt(times_find(times, "b/s", "n"), 0);
	ck_assert_double_lt(times_find(times, "b/s", "cut"), 0);
	ck_assert_double_lt(times_find(times, "s", "x"), 0);
	times_free(times);
	times_free(NULL);
}
END_TEST

START_TEST(a_report_without_times)
{
	char why[512] = "", expected[512];

	ck_assert_ptr_null(read_times("{\"event\":\"run-started\"}\n", why, sizeof(why)));
	snprintf(expected, sizeof(expected),
		 "'%s' has no times of cases; give what --report=jsonl=FILE wrote", path);
	ck_assert_str_eq(why, expected);
	ck_assert_ptr_null(read_times("", why, sizeof(why)));
	ck_assert_ptr_null(times_read("/nowhere/at/all", why, sizeof(why)));
	ck_assert_str_eq(why, "cannot read the times in '/nowhere/at/all': No such file or "
			      "directory; give another file");
	ck_assert_ptr_null(times_read("/tmp", why, sizeof(why)));
	ck_assert_str_eq(why, "cannot read the times in '/tmp': Is a directory; give another "
			      "file");
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, what_a_shard_is, 0, sizeof(shards) / sizeof(*shards));
	tcase_add_test(all, shards_as_text);
	tcase_add_test(all, shards_are_of_about_the_same_size);
	tcase_add_test(all, shards_are_what_they_were);
	tcase_add_test(all, times_are_balanced);
	tcase_add_test(all, the_order_of_cases_does_not_matter);
	tcase_add_test(all, unknown_cases_are_the_median);
	tcase_add_test(all, nothing_known_is_divided_by_number);
	tcase_add_loop_test(all, what_the_environment_says, 0,
			    sizeof(environments) / sizeof(*environments));
	tcase_add_test(all, which_variables_these_are);
	tcase_add_test(all, times_are_read_from_a_report);
	tcase_add_test(all, a_report_without_times);
	return unit_run("select", all);
}
