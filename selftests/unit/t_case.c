/* SPDX-License-Identifier: MIT */
#define CLOCHE_NO_SHORT_NAMES
#include <stdio.h>
#include <string.h>

#include "case.h"
#include "unit.h"

TEST(zebra, .hostname = "moon")
{
}

TEST(linux) /* a macro in GNU C, and still a name */
{
}

static const struct {
	const char *name;
	int number;
} rows[] = {{"two", 2}, {"one", 1}};

TEST_EACH(rows, counts, .tags = "each")
{
	EXPECT(param->number, >, 0);
}

FIXTURE(house, .timeout = 2, .hostname = "house", .uptime = 100, .monotonic_shift = 5)
{
	int door;
};

TEST_IN(house, is_built, .hostname = "own", .uptime_shift = 7)
{
	self->door = 1;
}

TEST_IN(house, zebra)
{
	self->door = 1;
}

START_TEST(are_listed_by_line_with_their_full_names)
{
	static const char *const names[] = {"zebra",      "linux",          "counts/two",
					    "counts/one", "house.is_built", "house.zebra"};

	ck_assert_uint_eq(case_count(), 6);
	for (size_t i = 0; i < 6; i++) {
		ck_assert_str_eq(case_at(i)->name, names[i]);
		ck_assert_ptr_nonnull(strstr(case_at(i)->file, "t_case.c"));
	}
	ck_assert_ptr_null(case_at(6));
	ck_assert_uint_lt(case_at(0)->line, case_at(1)->line);
	ck_assert_ptr_eq(case_at(3)->row, &rows[1]);
	ck_assert_ptr_null(case_at(0)->row);
}
END_TEST

START_TEST(options_are_their_own_or_their_fixtures)
{
	ck_assert_str_eq(case_at(0)->options.hostname, "moon");
	ck_assert(case_at(0)->options.timeout == 0);
	ck_assert_str_eq(case_at(2)->options.tags, "each");
	ck_assert_str_eq(case_at(4)->options.hostname, "own");
	ck_assert(case_at(4)->options.timeout == 2);
	ck_assert_str_eq(case_at(5)->options.hostname, "house");
}
END_TEST

/* An absolute time and a shift are one choice. */
START_TEST(times_are_one_choice)
{
	ck_assert(case_at(4)->options.uptime == 0);
	ck_assert(case_at(4)->options.uptime_shift == 7);
	ck_assert(case_at(4)->options.monotonic_shift == 5);
	ck_assert(case_at(5)->options.uptime == 100);
}
END_TEST

/* Every field: a new one that case_merge_options() does not know leaves a hole. */
START_TEST(no_option_is_forgotten)
{
	struct cloche_options defaults, options = {0};
	const unsigned char *bytes = (const unsigned char *)&options;
	size_t holes = 0;

	memset(&defaults, 1, sizeof(defaults));
	case_merge_options(&options, &defaults);
	for (size_t i = 0; i < sizeof(options); i++)
		holes += bytes[i] != 1;
	/* Padding: 3 bytes after expect_failure, 4 after retries, 7 after retry_jitter, 4 after
	 * priority, 6 after walls, 7 after tty, 7 after no_isolation. */
	ck_assert_uint_le(holes, 38);
	memset(&defaults, 2, sizeof(defaults));
	memset(&options, 1, sizeof(options));
	case_merge_options(&options, &defaults);
	for (size_t i = 0; i < sizeof(options); i++)
		ck_assert_uint_ne(bytes[i], 2);
}
END_TEST

static void nothing(void *self, const void *row)
{
	(void)self;
	(void)row;
}

static void add(const struct cloche_case *source)
{
	static const struct cloche_case *entry[8];
	static size_t count;

	entry[count] = source;
	cloche_register(&(struct cloche_unit){.size = sizeof(struct cloche_unit),
					      .first = &entry[count],
					      .end = &entry[count + 1]});
	count++;
}

static const struct cloche_options no_options;
static const struct cloche_fixture other_house = {.name = "house", .options = &no_options};

START_TEST(different_names_are_no_duplicates)
{
	char sentence[256] = "";

	ck_assert_int_eq(case_check_duplicates(sentence, sizeof(sentence)), 0);
	ck_assert_str_eq(sentence, "");
}
END_TEST

START_TEST(duplicates_are_named_with_both_places)
{
	static const struct cloche_case twin = {
		.name = "zebra", .file = "a.c", .line = 3, .options = &no_options, .call = nothing};
	char sentence[256], place[256];

	snprintf(place, sizeof(place), "%s:%u", case_at(0)->file, case_at(0)->line);
	add(&twin);
	ck_assert_uint_eq(case_count(), 7);
	ck_assert_int_eq(case_check_duplicates(sentence, sizeof(sentence)), -EEXIST);
	ck_assert_ptr_nonnull(strstr(sentence, "two cases are named 'zebra': "));
	ck_assert_ptr_nonnull(strstr(sentence, place));
	ck_assert_ptr_nonnull(strstr(sentence, "a.c:3"));
}
END_TEST

START_TEST(duplicates_in_fixtures_of_one_name)
{
	static const struct cloche_case twin = {.name = "zebra",
						.file = "z.c",
						.line = 9,
						.options = &no_options,
						.call = nothing,
						.fixture = &other_house,
						.self_size = 1};
	char sentence[256];

	add(&twin);
	ck_assert_int_eq(case_check_duplicates(sentence, sizeof(sentence)), -EEXIST);
	ck_assert_ptr_nonnull(strstr(sentence, "'house.zebra'"));
	ck_assert_ptr_nonnull(strstr(sentence, "z.c:9"));
}
END_TEST

START_TEST(duplicate_rows)
{
	static const struct {
		const char *name;
	} twins[] = {{"a"}, {"b"}, {"a"}};
	static const struct cloche_case each = {.name = "each",
						.file = "z.c",
						.line = 9,
						.options = &no_options,
						.call = nothing,
						.rows = twins,
						.row_count = 3,
						.row_size = sizeof(twins[0])};
	char sentence[256];

	add(&each);
	ck_assert_int_eq(case_check_duplicates(sentence, sizeof(sentence)), -EEXIST);
	ck_assert_ptr_nonnull(strstr(sentence, "'each/a' (z.c:9), rows 1 and 3"));
}
END_TEST

START_TEST(rows_without_a_name)
{
	static const struct {
		const char *name;
	} nameless[] = {{"a"}, {NULL}};
	static const struct cloche_case each = {.name = "each",
						.file = "z.c",
						.line = 9,
						.options = &no_options,
						.call = nothing,
						.rows = nameless,
						.row_count = 2,
						.row_size = sizeof(nameless[0])};
	char sentence[256];

	add(&each);
	ck_assert_int_eq(case_check_duplicates(sentence, sizeof(sentence)), -EINVAL);
	ck_assert_ptr_nonnull(strstr(sentence, "row 2 of 'each' has no name (z.c:9)"));
}
END_TEST

START_TEST(no_rows_are_no_cases)
{
	static const struct cloche_case each = {.name = "each",
						.file = "z.c",
						.line = 9,
						.options = &no_options,
						.call = nothing,
						.rows = rows,
						.row_count = 0,
						.row_size = sizeof(rows[0])};

	add(&each);
	ck_assert_uint_eq(case_count(), 6);
}
END_TEST

START_TEST(a_hundred_thousand_rows)
{
	struct row {
		const char *name;
	} *many = calloc(100000, sizeof(*many));
	struct cloche_case each = {.name = "each",
				   .file = "z.c",
				   .line = 9,
				   .options = &no_options,
				   .call = nothing,
				   .rows = many,
				   .row_count = 100000,
				   .row_size = sizeof(*many)};
	char *names = malloc(100000 * 12), sentence[256];

	for (int i = 0; i < 100000; i++) {
		many[i].name = names + 12 * (size_t)i;
		snprintf(names + 12 * (size_t)i, 12, "%d", i);
	}
	add(&each);
	ck_assert_uint_eq(case_count(), 100006);
	ck_assert_int_eq(case_check_duplicates(sentence, sizeof(sentence)), 0);
	ck_assert_str_eq(case_at(100005)->name, "each/99999");
	free(names);
	free(many);
}
END_TEST

/* Every translation unit registers the same section. */
START_TEST(a_section_counts_once)
{
	static const struct cloche_case one = {
		.name = "one", .file = "z.c", .line = 9, .options = &no_options, .call = nothing};
	static const struct cloche_case *section[] = {&one, NULL};
	const struct cloche_unit unit = {
		.size = sizeof(unit), .first = section, .end = section + 2};

	cloche_register(&unit);
	cloche_register(&unit);
	ck_assert_uint_eq(case_count(), 7);
}
END_TEST

UNIT_MAIN("case", are_listed_by_line_with_their_full_names, options_are_their_own_or_their_fixtures,
	  times_are_one_choice, no_option_is_forgotten, different_names_are_no_duplicates,
	  duplicates_are_named_with_both_places, duplicates_in_fixtures_of_one_name, duplicate_rows,
	  rows_without_a_name, no_rows_are_no_cases, a_hundred_thousand_rows, a_section_counts_once)
