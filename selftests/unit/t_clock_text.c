/* SPDX-License-Identifier: MIT */
/*
 * clock_text: points in time as people write them
 */
#include <errno.h>

#include "clock_text.h"
#include "unit.h"

static const struct {
	const char *text;
	int64_t seconds;
	long nanoseconds;
	bool relative;
} good[] = {
	{"1970-01-01", 0, 0, false},
	{"1970-01-01T00:00:00Z", 0, 0, false},
	{"2038-01-19T03:14:08Z", 2147483648, 0, false},
	{"2038-01-19 03:14:08", 2147483648, 0, false},
	{"2038-01-19t03:14z", 2147483640, 0, false},
	{"2038-01-19T04:14:08+01:00", 2147483648, 0, false},
	{"2038-01-18T19:14:08-0800", 2147483648, 0, false},
	{"2038-01-19T03:14:07.999999999Z", 2147483647, 999999999, false},
	{"2038-01-19T03:14:07.5Z", 2147483647, 500000000, false},
	{"2016-12-31T23:59:60Z", 1483228800, 0, false},
	{"2000-02-29", 951782400, 0, false},
	{"9999-12-31T23:59:59Z", 253402300799, 0, false},
	{"@0", 0, 0, false},
	{"@2147483647.25", 2147483647, 250000000, false},
	{"now", 0, 0, true},
	{"+0", 0, 0, true},
	{"+30d", 2592000, 0, true},
	{"+1h30m", 5400, 0, true},
	{"+0.5d", 43200, 0, true},
	{"-1h", -3600, 0, true},
	{"-250ms", -1, 750000000, true},
	{"-1.5", -2, 500000000, true},
	{"+1500ms", 1, 500000000, true},
	{"+1ns", 0, 1, true},
};

START_TEST(good_times)
{
	struct timespec time = {-1, -1};
	bool relative = !good[_i].relative;

	ck_assert_int_eq(clock_text_parse(good[_i].text, &time, &relative), 0);
	ck_assert_int_eq(time.tv_sec, good[_i].seconds);
	ck_assert_int_eq(time.tv_nsec, good[_i].nanoseconds);
	ck_assert(relative == good[_i].relative);
}
END_TEST

static const struct {
	const char *text;
	int error;
} bad[] = {
	{"", EINVAL},
	{"tomorrow", EINVAL},
	{"2038", EINVAL},
	{"2038-13-01", EINVAL},
	{"2038-02-30", EINVAL},
	{"2100-02-29", EINVAL},
	{"2038-01-19T24:00:00Z", EINVAL},
	{"2038-01-19T03:14:07.Z", EINVAL},
	{"2038-01-19T03:14:07Zulu", EINVAL},
	{"2038-01-19T03:14:07+25:00", EINVAL},
	{"2038-01-19 03:14:07 UTC", EINVAL},
	{"10000-01-01", EINVAL},
	{"1969-12-31", ERANGE},
	{"1970-01-01T00:00:00+01:00", ERANGE},
	{"9999-12-31T23:59:59-01:00", ERANGE},
	{"@", EINVAL},
	{"@-1", EINVAL},
	{"@12x", EINVAL},
	{"@253402300800", ERANGE},
	{"+", EINVAL},
	{"+1 d", EINVAL},
	{"+1y", EINVAL},
	{"+-1h", EINVAL},
	{"+1e3", EINVAL},
};

START_TEST(bad_times)
{
	struct timespec time = {7, 8};
	bool relative;

	ck_assert_int_eq(clock_text_parse(bad[_i].text, &time, &relative), -bad[_i].error);
	ck_assert_int_eq(time.tv_sec, 7);
	ck_assert_int_eq(time.tv_nsec, 8);
}
END_TEST

START_TEST(what_is_printed_can_be_read)
{
	struct timespec time = {2147483647, 999999999}, again;
	char text[CLOCK_TEXT_MAX];
	bool relative;

	clock_text_format(&time, text);
	ck_assert_str_eq(text, "2038-01-19T03:14:07.999Z");
	ck_assert_int_eq(clock_text_parse(text, &again, &relative), 0);
	ck_assert_int_eq(again.tv_sec, time.tv_sec);
	time = (struct timespec){253402300799, 0};
	clock_text_format(&time, text);
	ck_assert_str_eq(text, "9999-12-31T23:59:59.000Z");
}
END_TEST

#define ROWS(table) (sizeof(table) / sizeof(*(table)))

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, good_times, 0, ROWS(good));
	tcase_add_loop_test(all, bad_times, 0, ROWS(bad));
	tcase_add_test(all, what_is_printed_can_be_read);
	return unit_run("clock_text", all);
}
