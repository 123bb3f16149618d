/* SPDX-License-Identifier: MIT */
/* TAP, as programs print it; each text is fed at once and byte by byte. */
#include <string.h>

#include "unit.h"
#include "tap.h"

static const struct {
	const char *text;
	bool tap;
	unsigned planned, run, failed, skipped;
	const char *complaint; /* a part of it; with '=' in front the whole; NULL: none */
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
	{"1..1\nok 1\nok 2\n", true, 1, 2, 0, 0, "planned 1 test, and ran 2"},
	{"TAP version 13\nok 1\n", true, 0, 1, 0, 0, "no plan"},
	{"1..2\nok 2\nok 1\n", true, 2, 2, 0, 0, "came after"},
	{"1..2\nok 1\nok 1\n", true, 2, 2, 0, 0, "came after"},
	{"1..1\n1..1\nok 1\n", true, 1, 1, 0, 0, "more than one plan"},
	{"TAP version 13\n1..3\nok 1\nBail out! no luck\n", true, 3, 1, 0, 0, "no luck"},
	/* the words of the specification: directives */
	{"1..2\nok 1 - do it later # Skipped\nok 2 - on windows # Skipped: only there\n", true, 2,
	 2, 0, 2, NULL},
	{"1..3\nok 1 # skip this\nok 2 not: https://example.com/page.html#skip is a url\n"
	 "ok 3 - #SkIp case\n",
	 true, 3, 3, 0, 2, NULL},
	{"1..2\nnot ok 1 - bug #12 is fixed # TODO not yet\nnot ok 2 # # TODO twice\n", true, 2, 2,
	 0, 0, NULL},
	{"1..4\nnot ok 1 a# TODO b\nnot ok 2 a \\# TODO b\nnot ok 3 # b TODO\nnot ok 4 # to do\n",
	 true, 4, 4, 4, 0, NULL},
	{"1..2\nnot ok 1 back\\\\ # TODO slash\nnot ok 2\t#\ttodo\n", true, 2, 2, 0, 0, NULL},
	{"1..1\nnot ok 1 a \\ # TODO b\n", true, 1, 1, 0, 0, NULL}, /* escapes nothing */
	{"1..1\nok 1 # TODO done already\n", true, 1, 1, 0, 0, NULL},
	{"1..1\nnot ok 1 # SKIP failed, and is not to count\n", true, 1, 1, 0, 1, NULL},
	{"1..1\nok # SKIP without a number\n", true, 1, 1, 0, 1, NULL},
	/* plans of nothing */
	{"1..0\n", true, 0, 0, 0, 0, NULL},
	{"1..0 # SKIP depends on a disk\n", true, 0, 0, 0, 0, "=depends on a disk"},
	{"1..0 # Skipped: depends\n", true, 0, 0, 0, 0, "=depends"},
	{"1..0 # skip\n", true, 0, 0, 0, 0, NULL},
	{"1..0 # WWW::Mechanize not installed\n", true, 0, 0, 0, 0,
	 "=WWW::Mechanize not installed"},
	{"TAP version 13\n1..0 #\n", true, 0, 0, 0, 0, NULL},
	{"1..0 # SKIP no disk\nok 1\n", true, 0, 1, 0, 0, "=planned 0 tests, and ran 1"},
	{"1..0\n1..0\n", true, 0, 0, 0, 0, "=more than one plan"},
	{"1..00 # SKIP zeros\n", true, 0, 0, 0, 0, "=zeros"},
	/* numbers */
	{"1..2\nok 1\nok 18446744073709551617\n", true, 2, 2, 0, 0, "came after"},
	{"1..99999999999999999999\nok 1\n", true, 100000000, 1, 0, 0,
	 "=planned 100000000 tests, and ran 1"},
	{"1..1\nok 0\n", true, 1, 1, 0, 0, "=test 0 came after test 0"},
	{"1..3\nok 1\nok\nok 3\n", true, 3, 3, 0, 0, NULL},
	{"1..2\nok 01\nok 002\n", true, 2, 2, 0, 0, NULL},
	{"1..2\nok - 7 a name that is a number\nok - 8\n", true, 2, 2, 0, 0, NULL},
	/* ends in the middle */
	{"TAP version 13\n1..2\nok 1\nBail out!\n", true, 2, 1, 0, 0, "=bailed out"},
	{"1..2\nok 1\nbail OUT! for reasons\nok 2\n", true, 2, 2, 0, 0, "=bailed out: for reasons"},
	{"1..3\nok 3\nBail out! so it was\n", true, 3, 1, 0, 0, "=bailed out: so it was"},
	{"ok 1\nBail out! no plan yet\n", true, 0, 1, 0, 0, "=bailed out: no plan yet"},
	{"TAP version 14\nBail out! at once", true, 0, 0, 0, 0, "=bailed out: at once"},
	{"1..4\nBail out! at once\n", true, 4, 0, 0, 0, "=bailed out: at once"},
	{"TAP version 13\n1..2\nok 1\nok", true, 2, 2, 0, 0, NULL}, /* no end of line */
	{"TAP version 13\n1..2\nok 1\nno", true, 2, 1, 0, 0, "=planned 2 tests, and ran 1"},
	{"TAP version 13\n", true, 0, 0, 0, 0, "=printed no plan; did it end in the middle?"},
	/* GLib: g_assert() fails; g_test_fail(), g_test_skip(), g_test_incomplete(); no tests */
	{"TAP version 13\n# random seed: R02S2b1d\n1..2\n# Start of a tests\nok 1 /a/b\n"
	 "# GLib:ERROR:a.c:7:b: assertion failed (1 == 2): (1 == 2)\n"
	 "Bail out! ERROR:a.c:7:b: assertion failed (1 == 2): (1 == 2)\n",
	 true, 2, 1, 0, 0, "=bailed out: ERROR:a.c:7:b: assertion failed (1 == 2): (1 == 2)"},
	{"TAP version 13\n# random seed: R02S2b1d\n1..4\nok 1 /a\nnot ok 2 /b\n"
	 "ok 3 /c # SKIP not here\nnot ok 4 /d # TODO later\n",
	 true, 4, 4, 1, 1, NULL},
	{"# random seed: R02S2b1d\n1..0\n", true, 0, 0, 0, 0, NULL},
	/* GLib from 2.78 on: version 14, subtests, YAML-less diagnostics */
	{"TAP version 14\n# random seed: R02S2b1d\n1..1\n# Subtest: a\n    ok 1 /a/b\n"
	 "    not ok 2 /a/c - assertion failed\n    1..2\nnot ok 1 /a # Fail\n",
	 true, 1, 1, 1, 0, NULL},
	/* subtests and YAML are indented */
	{"TAP version 14\n1..2\nok 1 - a\n  ---\n  not ok: 1\n  1..7: x\n  Bail out!: y\n  ...\n"
	 "# Subtest: b\n    TAP version 14\n    1..0 # SKIP\n\tBail out! no\nok 2 - b # SKIP\n"
	 "pragma +strict\n\n# Bail out! not really\n",
	 true, 2, 2, 0, 1, NULL},
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
	{"1..2x\nok 1\n", false, 0, 0, 0, 0, NULL},
	{"2..3\nok 2\nok 3\n", false, 0, 0, 0, 0, NULL},
	{" 1..1\n ok 1\n", false, 0, 0, 0, 0, NULL},
	{"1..2: okay\nok, done\nOK 1\nokay\nnot  ok 1\n", false, 0, 0, 0, 0, NULL},
	{"a TAP version 13\nTAP version 2\n", false, 0, 0, 0, 0, NULL},
	{"Bail out! 1..1 ok 1\n", false, 0, 0, 0, 0, NULL},
	{"1..5 is a range\nand not ok either\n", false, 0, 0, 0, 0, NULL},
	/* after a line of digits, what is left of it in the buffer is no plan */
	{"1..77777777\n1\nok 1\n", true, 77777777, 1, 0, 0, "planned"},
	{"9999999999\n1\n1.\nok\n", false, 0, 0, 0, 0, NULL},
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
		ck_assert_msg(!outcome.tap_complaint, "'%s': %s", texts[i].text,
			      outcome.tap_complaint);
	else if (texts[i].complaint[0] == '=')
		ck_assert_pstr_eq(outcome.tap_complaint, texts[i].complaint + 1);
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

/* Of no length of line, whatever is in it, is anything read or written beyond the buffer. */
START_TEST(lines_of_every_length)
{
	static const char *const starts[] = {"1..0 # SKIP ", "Bail out! ",    "ok 1 # ", "1..",
					     "not ok ",      "TAP version 1", "",        "\\"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		for (int length = 0; length < 2 * TAP_LINE; length += length < 100 ? 1 : 13)
			for (const char *c = "7# \\\r\xff"; *c; c++) {
				struct tap *tap = calloc(1, sizeof(*tap));
				struct outcome outcome = {0};

				tap_feed(tap, "1..1\nok 1\n", 10);
				tap_feed(tap, starts[i], strlen(starts[i]));
				for (int j = 0; j < length; j++)
					tap_feed(tap, c, 1);
				tap_feed(tap, "\nTAP version 13", 15);
				tap_finish(tap, &outcome);
				ck_assert(outcome.tap);
				free(tap);
			}
}
END_TEST

/* A byte 0 ends what is read of a line, and not the line. */
START_TEST(binary_output_goes_by)
{
	static const char text[] = "1..1\nok 1\0 # SKIP\n\0\0not ok 2\n\xff\xfe\n";
	struct tap tap = {.filled = 0};
	struct outcome outcome = {0};

	tap_feed(&tap, text, sizeof(text) - 1);
	tap_finish(&tap, &outcome);
	ck_assert(outcome.tap && !outcome.tap_complaint);
	ck_assert_uint_eq(outcome.tap_run, 1);
	ck_assert_uint_eq(outcome.tap_skipped, 0);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, reads, 0, sizeof(texts) / sizeof(*texts));
	tcase_add_test(all, long_lines_are_bounded);
	tcase_add_test(all, lines_of_every_length);
	tcase_add_test(all, binary_output_goes_by);
	return unit_run("tap", all);
}
