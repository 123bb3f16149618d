/* SPDX-License-Identifier: MIT */
/* Tests in files of bats, whole, cut off and damaged. */
#include <stdlib.h>
#include <string.h>

#include "suite/bats_file.h"
#include "unit.h"

static const char text[] = "#!/usr/bin/env bats\n"
			   "@test \"one\" {\n"
			   "  # bats file_tags=a, b\n"
			   "}\r\n"
			   "\t@test 'it''s' { true; }\r\n"
			   "# bats test_tags=c:d\n"
			   "two() { # @test\n"
			   "@test bare {\n"
			   "function three { # @test\n"
			   "@testing \"not\" {\n"
			   "@test \"no brace\"\n"
			   "#@test \"commented\" {\n"
			   "@test \"a { b\" { true; }\n"
			   "@test \"\" {\n"
			   "@test \"last\" {";

START_TEST(tests_of_a_file)
{
	static const struct {
		const char *name, *tags;
		unsigned line;
	} rows[] = {
		{"one", "", 2},     {"it''s", "a,b", 5}, {"two", "a,b,c:d", 7},
		{"bare", "a,b", 8}, {"three", "a,b", 9}, {"a { b", "a,b", 13},
		{"", "a,b", 14},    {"last", "a,b", 15},
	};
	struct bats_file file;
	struct bats_test test;

	ck_assert_int_eq(bats_file_begin(&file, text, strlen(text)), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert(bats_file_next(&file, &test));
		ck_assert_str_eq(test.name, rows[i].name);
		ck_assert_str_eq(test.tags, rows[i].tags);
		ck_assert_uint_eq(test.line, rows[i].line);
	}
	ck_assert(!bats_file_next(&file, &test));
	bats_file_end(&file);
}
END_TEST

START_TEST(names_as_printed)
{
	static const char *const rows[][2] = {
		{"plain", "plain"},
		{"\\$a \\\"b\\\" \\\\ \\`", "$a \"b\" \\ `"},
		{"a \"b\" c", "a b c"},
		{"\\n \\", "\\n \\"},
		{"costs $X \\$", "costs $X \\$"},
		{"", ""},
	};
	char printed[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bats_print_name(rows[i][0], printed);
		ck_assert_str_eq(printed, rows[i][1]);
	}
}
END_TEST

/* Cut at every byte and with bytes turned, in memory of exactly that size (run under ASan). */
START_TEST(damaged)
{
	srand(1);
	for (size_t size = 0; size <= strlen(text); size += unit_every())
		for (int turn = 0; turn < 8; turn++) {
			char *copy = malloc(size + !size);
			struct bats_file file;
			struct bats_test test;

			memcpy(copy, text, size);
			if (size && turn)
				copy[rand() % size] = "\"'\n\\\0@{#"[rand() % 8];
			ck_assert_int_eq(bats_file_begin(&file, copy, size), 0);
			while (bats_file_next(&file, &test)) {
				char *printed = malloc(strlen(test.name) + 1);

				bats_print_name(test.name, printed);
				free(printed);
			}
			bats_file_end(&file);
			free(copy);
		}
}
END_TEST

UNIT_MAIN("bats_file", tests_of_a_file, names_as_printed, damaged)
