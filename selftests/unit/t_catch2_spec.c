/* SPDX-License-Identifier: MIT */
/* Which tests a name takes as a test spec of Catch2, and how it is written. */
#include <stdlib.h>
#include <string.h>

#include "suite/catch2_spec.h"
#include "unit.h"

static const struct {
	const char *pattern, *name;
	bool takes;
} rows[] = {
	{"adds", "adds", true},
	{"adds", "Adds", true},
	{" adds ", "adds\n", true},
	{"adds", "adds more", false},
	{"*star", "a star", true},
	{"*star", "*STAR", true},
	{"*star", "start", false},
	{"st*", "start", true},
	{"st*", "a start", false},
	{"*ta*", "start", true},
	{"*ta*", "s", false},
	{"*", "", true},
	{"*", "any", true},
	{"**", "any", true},
	{"", "", true},
	{"", "a", false},
	{"a*b", "a*b", true},
	{"a*b", "axb", false},
	{"?", "a", false},
	{"\303\234", "\303\274", false},
	{"*longer", "er", false},
};

START_TEST(specs)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_msg(catch2_takes(rows[i].pattern, rows[i].name) == rows[i].takes,
			      "'%s' and '%s'", rows[i].pattern, rows[i].name);
}
END_TEST

static char *put(const char *pattern)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	catch2_put_pattern(to, pattern);
	fclose(to);
	return text;
}

START_TEST(is_escaped)
{
	char *text = put("-a, \"b\" \\ [c] [@d] *~");

	ck_assert_str_eq(text, "\"-a\\, \\\"b\\\" \\\\ \\[c] \\[\\@d] *~\"");
	free(text);
}
END_TEST

START_TEST(operator_is_no_name)
{
	char *pattern = catch2_pattern("exclude:this");

	ck_assert_str_eq(pattern, "*xclude:this");
	ck_assert(catch2_takes(pattern, "exclude:this"));
	free(pattern);
}
END_TEST

START_TEST(names_alike)
{
	struct catch2_name names[] = {
		{.name = "twin"},   {.name = "a star"}, {.name = "Twin"}, {.name = "*star"},
		{.name = " twin "}, {.name = "other"},  {.name = "*"},    {.name = "a star"},
	};
	static const unsigned places[] = {0, 0, 1, 1, 2, 0, 6, 1},
			      counts[] = {3, 2, 3, 3, 3, 1, 8, 2};
	size_t count = sizeof(names) / sizeof(*names);

	for (size_t i = 0; i < count; i++)
		names[i].pattern = names[i].name;
	ck_assert_int_eq(catch2_find_peers(names, count), 0);
	for (size_t i = 0; i < count; i++) {
		ck_assert_msg(names[i].peers == counts[i], "%zu: %u peers", i, names[i].peers);
		ck_assert_msg(names[i].place == places[i], "%zu: place %u", i, names[i].place);
	}
}
END_TEST

/* The fast way of finding peers agrees with looking at all, for names that are much alike. */
START_TEST(any_names)
{
	static const char letters[] = "aA *b";
	struct catch2_name names[40];
	char texts[40][5];

	srand(1);
	for (unsigned round = 0; round < 2000; round += unit_every()) {
		for (size_t i = 0; i < 40; i++) {
			size_t size = rand() % 5;

			for (size_t at = 0; at < size; at++)
				texts[i][at] = letters[rand() % 5];
			texts[i][size] = '\0';
			names[i] = (struct catch2_name){.name = texts[i], .pattern = texts[i]};
		}
		ck_assert_int_eq(catch2_find_peers(names, 40), 0);
		for (size_t i = 0; i < 40; i++) {
			unsigned place = 0, peers = 0;

			for (size_t j = 0; j < 40; j++) {
				bool takes = i == j || catch2_takes(texts[i], texts[j]);

				peers += takes;
				place += takes && j < i;
			}
			ck_assert_msg(names[i].peers == peers && names[i].place == place,
				      "'%s': %u of %u, not %u of %u", texts[i], names[i].place,
				      names[i].peers, place, peers);
		}
	}
}
END_TEST

UNIT_MAIN("catch2_spec", specs, is_escaped, operator_is_no_name, names_alike, any_names)
