/* SPDX-License-Identifier: MIT */
/* Which cases, and in which order: filter and shuffle. */
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "filter.h"
#include "shuffle.h"

static bool matches(const struct filter *filter, const char *suite, const char *name)
{
	return filter_matches(filter, &(struct expression_subject){.suite = suite, .name = name});
}

static const struct {
	const char *pattern, *name;
	bool matches;
} patterns[] = {
	{"alpha", "alpha", true},
	{"lph", "alpha", true},
	{"beta", "alpha", false},
	{"a*", "alpha", true},
	{"a*", "beta/a", false},
	{"*", "a/b.c", true},
	{"opens/*", "opens/readonly", true},
	{"o*y", "opens/readonly", true},
	{"?lpha", "alpha", true},
	{"[ab]lpha", "alpha", true},
	{"suite::alpha", "alpha", true},
	{"other::alpha", "alpha", false},
	{"s*::a*", "alpha", true},
	{"*::beta", "alpha", false},
	{"alpha*", "alph", false},
	{"", "alpha", true},
	{"", "", true},
	{"*", "", true},
	{"?", "", false},
	{"a?pha", "alpha", true},
	{"a?pha", "al/pha", false},
	{"opens/*/b", "opens/x/y/b", true},
	{"*.hidden", ".hidden", true},
	{"\\*a", "*a", true},
	{"\\*a", "ba", false},
	{"\\**", "*a", true},
	{"[!a]lpha", "alpha", false},
	{"[", "a[b", false},
	{"[[]*", "[b", true},
	{"suite", "alpha", false},
	{"suite*", "alpha", false},
	{"e::a", "alpha", true},
	{"::", "alpha", true},
	{"a::b", "xa::bx", true}, /* a name may look like both */
	{"a::*", "a::b", true},
	{"suite::a::*", "a::b", true},
	{"b::*", "a::b", false},
};

START_TEST(patterns_match)
{
	const char *pattern = patterns[_i].pattern;
	struct filter names = {.names = &pattern, .name_count = 1};
	struct filter skips = {.skips = &pattern, .skip_count = 1};

	ck_assert_msg(matches(&names, "suite", patterns[_i].name) == patterns[_i].matches, "%s",
		      pattern);
	ck_assert(matches(&skips, "suite", patterns[_i].name) != patterns[_i].matches);
}
END_TEST

START_TEST(exact_is_exact)
{
	const char *exact[] = {"alpha", "suite::beta"}, *skip = "alp";
	struct filter filter = {.exacts = exact, .exact_count = 2};

	ck_assert(matches(&filter, "suite", "alpha"));
	ck_assert(matches(&filter, "suite", "beta"));
	ck_assert(!matches(&filter, "other", "beta"));
	ck_assert(!matches(&filter, "suite", "alphabet"));
	filter.skips = &skip;
	filter.skip_count = 1;
	ck_assert(!matches(&filter, "suite", "alpha"));
	ck_assert(matches(&(struct filter){.names = NULL}, "suite", "anything"));
}
END_TEST

/* Names and expressions have both to match; of the expressions any; a skip wins over all. */
START_TEST(expressions_narrow)
{
	char why[512];
	struct expression *both[] = {expression_parse("test(=alpha)", why, sizeof(why)),
				     expression_parse("test(=beta)", why, sizeof(why))};
	const char *name = "a*", *exact = "gamma", *skip = "alpha";
	struct filter filter = {.expressions = (const struct expression *const *)both,
				.expression_count = 2};

	ck_assert(matches(&filter, "suite", "alpha"));
	ck_assert(matches(&filter, "suite", "beta"));
	ck_assert(!matches(&filter, "suite", "gamma"));
	filter.names = &name;
	filter.name_count = 1;
	ck_assert(matches(&filter, "suite", "alpha"));
	ck_assert(!matches(&filter, "suite", "beta"));
	filter.exacts = &exact;
	filter.exact_count = 1;
	ck_assert(!matches(&filter, "suite", "gamma"));
	filter.skips = &skip;
	filter.skip_count = 1;
	ck_assert(!matches(&filter, "suite", "alpha"));
	expression_free(both[0]);
	expression_free(both[1]);
}
END_TEST

/* Who names a case means each point of its matrix; and a point can be named alone. */
START_TEST(a_case_is_all_its_points)
{
	static const struct {
		const char *text;
		bool at_0, at_1;
	} rows[] = {
		{"alpha", true, true},           {"suite::alpha", true, true},
		{"alpha@uptime=1", false, true}, {"suite::alpha@uptime=0", true, false},
		{"beta", false, false},
	};
	const struct expression_subject at_0 = {
		.suite = "suite", .name = "alpha@uptime=0", .listed = "alpha"};
	const struct expression_subject at_1 = {
		.suite = "suite", .name = "alpha@uptime=1", .listed = "alpha"};
	const char *text = rows[_i].text;
	struct filter exact = {.exacts = &text, .exact_count = 1};
	struct filter skips = {.skips = &text, .skip_count = 1};
	char filter[64], why[512];
	struct expression *expression;

	ck_assert(filter_matches(&exact, &at_0) == rows[_i].at_0);
	ck_assert(filter_matches(&exact, &at_1) == rows[_i].at_1);
	ck_assert(filter_matches(&skips, &at_0) != rows[_i].at_0);
	ck_assert(filter_matches(&skips, &at_1) != rows[_i].at_1);
	snprintf(filter, sizeof(filter), "test(=%s)", text);
	expression = expression_parse(filter, why, sizeof(why));
	ck_assert_ptr_nonnull(expression);
	ck_assert(expression_matches(expression, &at_0) == rows[_i].at_0);
	ck_assert(expression_matches(expression, &at_1) == rows[_i].at_1);
	expression_free(expression);
}
END_TEST

#define COUNT 1000

/* The order of the cases "0", "1", ... */
static void draw_order(uint32_t *order, size_t count, uint64_t seed)
{
	uint64_t drawn[COUNT];

	for (size_t i = 0; i < count; i++) {
		char name[24];
		size_t at = i;

		snprintf(name, sizeof(name), "%zu", i);
		drawn[i] = shuffle_draw(seed, shuffle_identity("build/suite", name), 0);
		for (; at && drawn[order[at - 1]] > drawn[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

START_TEST(seeds_make_orders)
{
	uint32_t order[COUNT], again[COUNT], other[COUNT];
	size_t in_place = 0, alike = 0;

	draw_order(order, COUNT, 42);
	draw_order(again, COUNT, 42);
	draw_order(other, COUNT, 43);
	ck_assert_mem_eq(order, again, sizeof(order));
	for (size_t i = 0; i < COUNT; i++) {
		in_place += order[i] == i;
		alike += order[i] == other[i];
	}
	ck_assert_uint_lt(in_place, 20); /* 1 is to be expected */
	ck_assert_uint_lt(alike, 20);
}
END_TEST

/* All orders come up, about as often: of three, each one in six. */
START_TEST(all_orders_come_up)
{
	unsigned count[3][3] = {{0}};

	for (uint64_t seed = 0; seed < 6000; seed++) {
		uint32_t order[3];

		draw_order(order, 3, seed);
		count[order[0]][order[1]]++;
	}
	for (int a = 0; a < 3; a++)
		for (int b = 0; b < 3; b++)
			ck_assert_msg(a == b ? !count[a][b]
					     : count[a][b] > 850 && count[a][b] < 1150,
				      "%d %d: %u", a, b, count[a][b]);
}
END_TEST

/* The same on every machine and for ever: a seed in a report is to mean something. */
START_TEST(what_is_drawn_is_what_it_was)
{
	static const uint32_t known[] = {3, 5, 0, 2, 1, 4, 7, 6};
	uint32_t order[8];

	draw_order(order, 8, 1);
	ck_assert_mem_eq(order, known, sizeof(order));
	ck_assert_uint_eq(shuffle_draw(1, shuffle_identity("suite", "name"), 0),
			  0x30f1d7e824eed863u);
}
END_TEST

START_TEST(what_is_drawn_depends_on)
{
	uint64_t drawn = shuffle_draw(1, shuffle_identity("a/suite", "name"), 0);

	ck_assert_uint_eq(drawn, shuffle_draw(1, shuffle_identity("suite", "name"),
					      0)); /* not on where it is */
	ck_assert_uint_eq(drawn, shuffle_draw(1, shuffle_identity("/b/c/suite", "name"), 0));
	ck_assert_uint_ne(drawn, shuffle_draw(2, shuffle_identity("suite", "name"), 0));
	ck_assert_uint_ne(drawn, shuffle_draw(1, shuffle_identity("suite", "name"), 1));
	ck_assert_uint_ne(drawn, shuffle_draw(1, shuffle_identity("suit", "ename"), 0));
	ck_assert_uint_ne(drawn, shuffle_draw(1, shuffle_identity("other", "name"), 0));
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, patterns_match, 0, sizeof(patterns) / sizeof(*patterns));
	tcase_add_test(all, exact_is_exact);
	tcase_add_test(all, expressions_narrow);
	tcase_add_loop_test(all, a_case_is_all_its_points, 0, 5);
	tcase_add_test(all, seeds_make_orders);
	tcase_add_test(all, all_orders_come_up);
	tcase_add_test(all, what_is_drawn_is_what_it_was);
	tcase_add_test(all, what_is_drawn_depends_on);
	return unit_run("choice", all);
}
