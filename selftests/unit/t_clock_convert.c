/* SPDX-License-Identifier: MIT */
/*
 * clock_convert: between the clocks of the kernel and those of a cell
 */
#include "clock_supervisor.h"
#include "unit.h"

#define RATE 4294967296.0

static struct timespec there(const struct clock_base *base, int64_t seconds, long nanoseconds)
{
	struct timespec time = {seconds, nanoseconds};

	clock_base_add(base, &time);
	return time;
}

static void expect(struct timespec time, int64_t seconds, long nanoseconds)
{
	ck_assert_int_eq(time.tv_sec, seconds);
	ck_assert_int_eq(time.tv_nsec, nanoseconds);
}

START_TEST(an_offset_is_added_and_taken_away)
{
	struct clock_base base = {0};
	struct timespec wall = {2147483640, 500000000}, native = {1700000000, 900000000}, back;

	ck_assert(clock_base_is_none(&base));
	clock_base_set(&base, &wall, &native);
	ck_assert(!clock_base_is_none(&base));
	expect(there(&base, 1700000000, 900000000), 2147483640, 500000000);
	expect(there(&base, 1700000001, 500000000), 2147483641, 100000000);
	clock_base_native(&base, &wall, &back);
	expect(back, native.tv_sec, native.tv_nsec);
}
END_TEST

START_TEST(what_is_past_stays_past)
{
	struct clock_base base = {0};
	struct timespec back;

	clock_base_set(&base, &(struct timespec){2000, 0}, &(struct timespec){1000, 0});
	clock_base_native(&base, &(struct timespec){10, 0}, &back);
	expect(back, 0, 0);
}
END_TEST

START_TEST(a_base_moves)
{
	struct clock_base base = {0};

	clock_base_move(&base, &(struct timespec){-2, 500000000}); /* -1.5 s */
	expect(there(&base, 100, 0), 98, 500000000);
	clock_base_move(&base, &(struct timespec){1, 500000000});
	ck_assert(clock_base_is_none(&base));
}
END_TEST

static const double speeds[] = {100, 1000000, 0.5, 0.001, 1.0 / 3};

/* A wait may end late by a nanosecond of the cell's, and never early. */
START_TEST(a_speed_is_exact_and_never_early)
{
	struct clock_base base = {.scaled = 1, .rate = (uint64_t)(speeds[_i] * RATE + 0.5)};
	struct timespec start = {2147483640, 0}, wanted = {2147483640L + 12345, 678901234}, native;

	clock_base_set(&base, &start, &(struct timespec){1700000000, 5});
	expect(there(&base, 1700000000, 5), 2147483640, 0);
	clock_base_native(&base, &wanted, &native);
	clock_base_add(&base, &native);
	ck_assert_int_eq(native.tv_sec, wanted.tv_sec);
	ck_assert_int_ge(native.tv_nsec, wanted.tv_nsec);
	ck_assert_int_le(native.tv_nsec - wanted.tv_nsec, speeds[_i] < 1 ? 1 : (long)speeds[_i]);
}
END_TEST

START_TEST(a_clock_that_stands_still)
{
	struct clock_base base = {.scaled = 1, .rate = 0};
	struct timespec start = {1000, 7}, native;

	clock_base_set(&base, &start, &(struct timespec){500, 0});
	expect(there(&base, 99999, 0), 1000, 7);
	clock_base_native(&base, &(struct timespec){1000, 8}, &native);
	ck_assert_int_eq(native.tv_sec, CLOCK_NEVER);
	clock_base_native(&base, &start, &native);
	expect(native, 500, 0);
	clock_base_native(&base, &(struct timespec){999, 0}, &native);
	expect(native, 500, 0);
}
END_TEST

START_TEST(what_is_out_of_reach_is_never)
{
	struct clock_base base = {.scaled = 1, .rate = 1};
	struct timespec native;

	clock_base_set(&base, &(struct timespec){0, 0}, &(struct timespec){1700000000, 0});
	clock_base_native(&base, &(struct timespec){2147483647, 0}, &native);
	ck_assert_int_eq(native.tv_sec, CLOCK_NEVER);
}
END_TEST

START_TEST(a_coarse_clock_is_not_behind_a_jump)
{
	struct clock_base base = {.since = 1000500000000};
	struct timespec before = {1000, 498000000}, after = {1000, 501000000};

	clock_base_floor(&base, &before);
	expect(before, 1000, 500000000);
	clock_base_floor(&base, &after);
	expect(after, 1000, 501000000);
}
END_TEST

START_TEST(nanoseconds_have_a_sign_and_times_do_not)
{
	expect(clock_from_ns(1500000000), 1, 500000000);
	expect(clock_from_ns(-1500000000), -2, 500000000);
	expect(clock_from_ns(-1), -1, 999999999);
	expect(clock_from_ns(-2000000000), -2, 0);
	ck_assert_int_eq(clock_to_ns(&(struct timespec){-2, 500000000}), -1500000000);
}
END_TEST

START_TEST(clocks_have_lines)
{
	bool is_known;

	ck_assert_int_eq(clock_line_of(CLOCK_TAI, &is_known), LINE_WALL);
	ck_assert(is_known);
	ck_assert_int_eq(clock_line_of(CLOCK_MONOTONIC_RAW, &is_known), LINE_MONOTONIC);
	ck_assert_int_eq(clock_line_of(CLOCK_BOOTTIME_ALARM, &is_known), LINE_BOOTTIME);
	clock_line_of(CLOCK_PROCESS_CPUTIME_ID, &is_known);
	ck_assert(!is_known);
	clock_line_of(-6, &is_known);
	ck_assert(!is_known);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, an_offset_is_added_and_taken_away);
	tcase_add_test(all, what_is_past_stays_past);
	tcase_add_test(all, a_base_moves);
	tcase_add_loop_test(all, a_speed_is_exact_and_never_early, 0,
			    sizeof(speeds) / sizeof(*speeds));
	tcase_add_test(all, a_clock_that_stands_still);
	tcase_add_test(all, what_is_out_of_reach_is_never);
	tcase_add_test(all, a_coarse_clock_is_not_behind_a_jump);
	tcase_add_test(all, nanoseconds_have_a_sign_and_times_do_not);
	tcase_add_test(all, clocks_have_lines);
	return unit_run("clock_convert", all);
}
