/* SPDX-License-Identifier: MIT */
/* TAP, as programs print it; each text is fed at once and byte by byte. */
#include <string.h>

#include "unit.h"
#include "tap.h"

static const struct {
	const char *text;
	bool tap;
	unsigned planned, run, failed, skipped;
	const char *complaint; /* a part of it, or NULL */
} texts[] = {
	{"TAP version 13\n1..2\nok 1\nok 2\n", true, 2, 2, 0, 0, NULL},
	{"TAP version 14\n1..2\nok 1 - a\nnot ok 2 - b\n", true, 2, 2, 1, 0, NULL},
	{"1..1\nok\n", true, 1, 1, 0, 0, NULL},
	{"ok 1\nok 2\n1..2\n", true, 2, 2, 0, 0, NULL}, /* the plan may come last */
	{"TAP version 13\r\n1..1\r\nok 1\r\n", true, 1, 1, 0, 0, NULL},
	/* as GLib's tests print it */
	{"TAP version 13\n# random seed: R02S1\n1..2\n# Start of a tests\nok 1 /a/b\n"
	 "ok 2 /a/c # SKIP not here\n# End of a tests\n",
	 true, 2, 2, 0, 1, NULL},
	{"1..2\nok 1 # skip no net\nnot ok 2 # TODO later\n", true, 2, 2, 0, 1, NULL},
	{"1..1\nok 1 - a \\# SKIP b\n", true, 1, 1, 0, 0, NULL},
	{"1..0 # SKIP no disk\n", true, 0, 0, 0, 0, "no disk"},
	{"1..3\nok 1\nok 2\n", true, 3, 2, 0, 0, "planned 3 tests, and ran 2"},
	{"1..1\nok 1\nok 2\n", true, 1, 2, 0, 0, "planned 1 tests, and ran 2"},
	{"TAP version 13\nok 1\n", true, 0, 1, 0, 0, "no plan"},
	{"1..2\nok 2\nok 1\n", true, 2, 2, 0, 0, "came after"},
	{"1..2\nok 1\nok 1\n", true, 2, 2, 0, 0, "came after"},
	{"1..1\n1..1\nok 1\n", true, 1, 1, 0, 0, "more than one plan"},
	{"TAP version 13\n1..3\nok 1\nBail out! no luck\n", true, 3, 1, 0, 0, "no luck"},
	/* subtests and YAML are indented */
	{"TAP version 14\n1..1\n    1..2\n    ok 1\n    not ok 2\nok 1 - sub\n", true, 1, 1, 0, 0,
	 NULL},
	{"1..1\nnot ok 1\n  ---\n  ok: 1\n  ...\n", true, 1, 1, 1, 0, NULL},
	/* what only looks like it */
	{"", false, 0, 0, 0, 0, NULL},
	{"ok\n", false, 0, 0, 0, 0, NULL},
	{"ok 1\nok 2\n", false, 0, 0, 0, 0, NULL},
	{"all is ok\nnot okay\n", false, 0, 0, 0, 0, NULL},
	{"1..10\n", false, 0, 0, 0, 0, NULL},
	{"Bail out!\n", false, 0, 0, 0, 0, NULL},
	{"1..\nok 1\n", false, 0, 0, 0, 0, NULL},
};

static void check(int i, size_t step)
{
	struct tap tap = {.filled = 0};
	struct outcome outcome = {0};
	size_t size = strlen(texts[i].text);

	for (size_t at = 0; at < size; at += step)
		tap_feed(&tap, texts[i].text + at, size - at < step ? size - at : step);
	tap_finish(&tap, &outcome);
	ck_assert_msg(outcome.tap == texts[i].tap, "'%s'", texts[i].text);
	ck_assert_uint_eq(outcome.tap_planned, texts[i].planned);
	ck_assert_uint_eq(outcome.tap_run, texts[i].run);
	ck_assert_uint_eq(outcome.tap_failed, texts[i].failed);
	ck_assert_uint_eq(outcome.tap_skipped, texts[i].skipped);
	if (!texts[i].complaint)
		ck_assert_ptr_null(outcome.tap_complaint);
	else
		ck_assert_msg(outcome.tap_complaint &&
				      strstr(outcome.tap_complaint, texts[i].complaint),
			      "'%s': %s", texts[i].text,
			      outcome.tap_complaint ? outcome.tap_complaint : "nothing");
}

START_TEST(reads)
{
	check(_i, 1);
	check(_i, 2);
	check(_i, 7);
	check(_i, 100000);
}
END_TEST

START_TEST(long_lines_are_bounded)
{
	struct tap tap = {.filled = 0};
	struct outcome outcome = {0};

	tap_feed(&tap, "1..1\nok 1 ", 10);
	for (int i = 0; i < 100000; i++)
		tap_feed(&tap, "x", 1);
	tap_feed(&tap, "\n", 1);
	tap_finish(&tap, &outcome);
	ck_assert(outcome.tap);
	ck_assert_uint_eq(outcome.tap_run, 1);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, reads, 0, sizeof(texts) / sizeof(*texts));
	tcase_add_test(all, long_lines_are_bounded);
	return unit_run("tap", all);
}
