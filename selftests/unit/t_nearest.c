/* SPDX-License-Identifier: MIT */
/* What was meant by a word that is none. */
#include <string.h>

#include "nearest.h"
#include "unit.h"

static const struct {
	const char *word, *meant; /* NULL: nothing that is known */
} words[] = {
	{"net", "net"},
	{"nett", "net"},
	{"cgrop", "cgroup"},
	{"keyrign", "keyring"},
	{"key-ring", "keyring"},
	{"bogus", NULL},
	{"", NULL},
	{"x", NULL},
	{"tme", "time"},
	{"network-devices", NULL},
	{"net|pid", NULL},
	{"utc", "uts"},
	{"ent", "net"},
	{"cgruop", "cgroup"},
};

START_TEST(words_are_near)
{
	static const char *const known[] = {"pid", "net", "uts", "cgroup", "time", "keyring"};
	struct nearest nearest = {.word = words[_i].word};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		nearest_offer(&nearest, known[i]);
	ck_assert_pstr_eq(nearest.found, words[_i].meant);
}
END_TEST

/* Of two that are equally near, the first; and what is very long is near nothing. */
START_TEST(bounds)
{
	struct nearest nearest = {.word = "bat"};
	char longer[300];

	nearest_offer(&nearest, "cat");
	nearest_offer(&nearest, "rat");
	ck_assert_str_eq(nearest.found, "cat");
	ck_assert_uint_eq(nearest.distance, 1);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	nearest = (struct nearest){.word = longer};
	nearest_offer(&nearest, longer);
	ck_assert_ptr_null(nearest.found);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, words_are_near, 0, sizeof(words) / sizeof(*words));
	tcase_add_test(all, bounds);
	return unit_run("nearest", all);
}
