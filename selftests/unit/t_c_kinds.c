/* SPDX-License-Identifier: MIT */
/*
 * What programs of C's frameworks say, whole, cut off and damaged: their lists and their results.
 * Memory is of exactly the size that was said (run under ASan).
 */
#include <obstack.h>
#include <stdlib.h>
#include <string.h>

#include "suite/judging.h"
#include "suite/list.h"
#include "unit.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

#define TEXT(text) (text), sizeof(text) - 1

extern const struct kind kind_check, kind_cmocka, kind_criterion, kind_glib, kind_kselftest;

struct bytes {
	const char *text;
	size_t size;
};

/* Where the kind looks for it: one of these is not empty in lists, and one or two in results. */
static const struct row {
	const struct kind *kind;
	struct bytes listed, listed_errors, listed_result;
	size_t cases;
	const char *first;
	struct bytes out, result; /* of the first case */
	enum verdict told;
	const char *reason;
	unsigned failures, line;
} rows[] = {
	{.kind = &kind_glib,
	 .listed = {TEXT("# random seed: R02S\n1..2\n/a\n# Start of a tests\n/a/b\n")},
	 .cases = 2,
	 .first = "/a",
	 .out = {TEXT("# ERROR:a.c:12:f: assertion failed\n# x:ERROR:b.c:1:f: y\nnot ok 1 /a\n")},
	 .failures = 2,
	 .line = 12},
	{.kind = &kind_glib,
	 .listed = {TEXT("/a\n")},
	 .cases = 1,
	 .first = "/a",
	 .out = {TEXT("textok 1 /a # SKIP no device\n1..1\n")},
	 .told = VERDICT_SKIP,
	 .reason = "no device"},
	{.kind = &kind_criterion,
	 .listed = {TEXT("s: 2 tests\n|-- one\n`-- two (skipped)\nt: 1 test\n└── x\n")},
	 .cases = 3,
	 .first = "s::one",
	 .result = {TEXT("TAP version 13\n1..3\nnot ok - s::one  (0.00s)\n  ---\n  failures:\n"
			 "  - a.c:7: |+\n      Assertion failed: x\n        y\n  ...\n")},
	 .failures = 1,
	 .line = 7},
	{.kind = &kind_criterion,
	 .listed = {TEXT("s: 1 test\n`-- one\n")},
	 .cases = 1,
	 .first = "s::one",
	 .result = {TEXT("not ok - s::one unexpected signal after a.c:7\n")},
	 .told = VERDICT_CRASH,
	 .reason = "unexpected signal after a.c:7"},
	{.kind = &kind_cmocka,
	 .listed_result = {TEXT("Gg\0Tone\0Ttwo\0Gh\0Tone\0")},
	 .cases = 3,
	 .first = "g.one",
	 .out = {TEXT("[  ERROR   ] --- 1 != 2\n[   LINE   ] --- a.c:7: error: Failure!\n")},
	 .result = {TEXT("B\0E1\0")},
	 .told = VERDICT_FAIL,
	 .reason = "it failed, and its program ended with status 0 all the same",
	 .failures = 1,
	 .line = 7},
	{.kind = &kind_kselftest,
	 .listed_errors = {TEXT("# FIXTURE            VARIANT                   TEST\n"
				"global                                         one\n"
				"-------------------------\n"
				"f                    v                         one\n"
				"                     w                         two\n")},
	 .cases = 5,
	 .first = "global.one",
	 .out = {TEXT("1..1\n# a.c:7:one:Expected 1 == 2\n# one: Test failed\nnot ok 1 g.one\n")},
	 .failures = 1,
	 .line = 7},
	{.kind = &kind_check,
	 .listed = {TEXT("<testsuites>")},
	 .listed_result = {TEXT("Ss\0Cone\0Ctwo\0Cone\0St\0")},
	 .cases = 2,
	 .first = "s:one",
	 .result = {TEXT("<testsuites><suite><title>s</title><test result='failure'><path>d</path>"
			 "<fn>a.c:7</fn><id>f</id><iteration>0</iteration><description>one"
			 "</description><message>x</message></test></suite></testsuites>")},
	 .failures = 1,
	 .line = 7},
};
#define ROWS (sizeof(rows) / sizeof(*rows))

static void end(struct suite *suite)
{
	free(suite->cases);
	if (suite->has_memory)
		obstack_free(&suite->memory, NULL);
	*suite = (struct suite){0};
}

static int list(const struct row *row, struct bytes out, struct bytes errors, struct bytes result,
		struct suite *suite)
{
	const struct said said = {.out = out.text,
				  .out_size = out.size,
				  .errors = errors.text,
				  .errors_size = errors.size,
				  .result = result.text,
				  .result_size = result.size};
	struct list list;
	int failed;

	*suite = (struct suite){.kind = row->kind, .shown = "suite"};
	list_begin(&list, suite);
	failed = row->kind->list(suite, &said, &list);
	return failed ? failed : list_end(&list);
}

static struct outcome judge(const struct row *row, const struct suite *suite, struct bytes out,
			    struct bytes result, struct obstack *memory)
{
	const struct said said = {.out = out.text,
				  .out_size = out.size,
				  .result = result.text,
				  .result_size = result.size,
				  .item = &suite->cases[0]};
	struct outcome outcome = {0};
	struct judging judging = {memory, &outcome, &outcome.failures};

	row->kind->judge(&said, &judging);
	return outcome;
}

START_TEST(whole)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		struct obstack memory;
		struct outcome outcome;
		struct suite suite;

		obstack_init(&memory);
		ck_assert_int_eq(
			list(row, row->listed, row->listed_errors, row->listed_result, &suite), 0);
		ck_assert_uint_eq(suite.case_count, row->cases);
		ck_assert_str_eq(suite.cases[0].name, row->first);
		outcome = judge(row, &suite, row->out, row->result, &memory);
		ck_assert_msg(outcome.told == row->told, "%zu: told %u", i, outcome.told);
		ck_assert_msg(outcome.failure_count == row->failures, "%zu: %u failures", i,
			      outcome.failure_count);
		if (row->reason)
			ck_assert_str_eq(outcome.told_reason, row->reason);
		if (row->failures)
			ck_assert_uint_eq(outcome.failures->line, row->line);
		obstack_free(&memory, NULL);
		end(&suite);
	}
}
END_TEST

/* The first bytes of it, one of which may be another. */
static struct bytes damage(struct bytes from, size_t size, int turn)
{
	char *copy = malloc(size + !size);

	memcpy(copy, from.text ? from.text : "", size);
	if (size && turn)
		copy[rand() % size] = ":#\n \0-/17"[rand() % 9];
	return (struct bytes){copy, size};
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void damage_list(const struct row *row, size_t size, int turn)
{
	struct bytes out = damage(row->listed, least(size, row->listed.size), turn);
	struct bytes errors =
		damage(row->listed_errors, least(size, row->listed_errors.size), turn);
	struct bytes result =
		damage(row->listed_result, least(size, row->listed_result.size), turn);
	struct suite suite;

	list(row, out, errors, result, &suite);
	ck_assert_uint_le(suite.case_count,
			  row->listed.size + row->listed_errors.size + row->listed_result.size);
	end(&suite);
	free((void *)out.text);
	free((void *)errors.text);
	free((void *)result.text);
}

static void damage_result(const struct row *row, const struct suite *suite, size_t size, int turn)
{
	struct bytes out = damage(row->out, least(size, row->out.size), turn);
	struct bytes result = damage(row->result, least(size, row->result.size), turn);
	struct obstack memory;

	obstack_init(&memory);
	judge(row, suite, out, result, &memory);
	obstack_free(&memory, NULL);
	free((void *)out.text);
	free((void *)result.text);
}

START_TEST(damaged)
{
	srand(1);
	for (size_t i = 0; i < ROWS; i++) {
		struct suite suite;

		list(&rows[i], rows[i].listed, rows[i].listed_errors, rows[i].listed_result,
		     &suite);
		for (size_t size = 0; size < 400; size += unit_every())
			for (int turn = 0; turn < 8; turn++) {
				damage_list(&rows[i], size, turn);
				damage_result(&rows[i], &suite, size, turn);
			}
		end(&suite);
	}
}
END_TEST

UNIT_MAIN("c_kinds", whole, damaged)
