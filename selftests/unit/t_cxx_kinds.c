/* SPDX-License-Identifier: MIT */
/* Lists and results of frameworks for C++, as they are, cut off and damaged. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "suite/judging.h"
#include "suite/list.h"
#include "unit.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

#define RULE "-------------------------------------------------------------------------------\n"

static const struct {
	const char *kind, *out, *errors, *result;
	size_t cases;
} lists[] = {
	{"catch2",
	 "noise\nMatching test cases:\n  a name\n    t.cc:1\n    (NO DESCRIPTION)\n"
	 "      [one][two\n      words]\n  #b\n    t.cc:2\n    told\n      [!hide][.]\n"
	 "2 matching test cases\n\na name\t@t.cc:1\n\"#b\"\t@t.cc:2\n",
	 "", "", 2},
	{"catch2", "", "",
	 "<MatchingTests><TestCase><Name>a &lt;b&gt;</Name><Tags>[.][c]</Tags><SourceInfo>"
	 "<File>t.cc</File><Line>3</Line></SourceInfo></TestCase><TestCase><Name>*b</Name>"
	 "</TestCase></MatchingTests>",
	 2},
	{"doctest", "", "",
	 "<doctest><TestCase name='a' testsuite='s' filename='t.cc' line='1' skipped='true'/>"
	 "<TestCase name='?'/><TestCase/><OverallResultsTestCases unskipped='2'/></doctest>",
	 3},
	{"boost", "",
	 "noise\ndigraph G {rankdir=LR;\ntu1[shape=ellipse,label=\"module\"];\n{\n"
	 "tu2[shape=Mrecord,color=green,label=\"math|b.cc(1)|labels: @a @b\"];\ntu1 -> tu2;\n{\n"
	 "tu65536[color=yellow,label=\"one|b.cc(2)|timeout=3|labels: @c\"];\n"
	 "tu65536 -> tu65537[color=red];\n}\ntu65537[color=green,label=\"two|b.cc(4)\"];\n}\n}\n",
	 "", 2},
};

static const struct {
	const char *kind, *result;
	int status; /* of exit */
	enum verdict told;
	unsigned failures;
} results[] = {
	{"catch2",
	 "Filters: a\n" RULE "a\n" RULE "t.cc:1\n....\n\nt.cc:2: FAILED:\n  CHECK( a )\n\n"
	 "t.cc:3: warning:\n  w\n\nd: x/t.cc:4: FAILED:\nexplicitly with message:\n  m\n\n" RULE
	 "test cases: 1 | 1 failed\n",
	 2, 0, 2},
	{"catch2",
	 "t.cc:3: SKIPPED:\nexplicitly with message:\n  why\n\ntest cases: 1 | 1 skipped\n", 4,
	 VERDICT_SKIP, 0},
	{"catch2", "No tests ran\n", 2, VERDICT_ERROR, 0},
	{"catch2", "", 0, VERDICT_FAIL, 0},
	{"catch2", "test cases: 2 | 2 passed\n", 0, VERDICT_ERROR, 0},
	{"catch2", "All tests passed (1 assertion in 1 test case)\n", 0, 0, 0},
	{"doctest",
	 "<doctest><TestCase name='x' skipped='true'/><TestCase name='a' filename='t.cc' line='1'>"
	 "<Expression success='false' type='CHECK' filename='t.cc' line='2'><Original>a</Original>"
	 "<Expanded>b</Expanded></Expression><Expression success='false' type='WARN'/>"
	 "<SubCase><Message type='ERROR' line='3'><Text>m</Text></Message></SubCase>"
	 "<Exception crash='false'>e</Exception><OverallResultsAsserts failures='2' "
	 "test_case_success='false'/></TestCase><OverallResultsTestCases/></doctest>",
	 1, 0, 3},
	{"doctest", "<doctest><TestCase name='b'/></doctest>", 0, VERDICT_ERROR, 0},
	{"doctest", "<doctest><TestCase name='a'>", 0, VERDICT_FAIL, 0},
	{"doctest", "<doctest><OverallResultsTestCases/></doctest>", 0, VERDICT_ERROR, 0},
	{"boost",
	 "<TestLog><TestSuite name='m'><TestCase name='a' file='t.cc'><Error file='t.cc' line='1'>"
	 "<![CDATA[e]]><Context><Frame>f</Frame></Context></Error><Exception file='?' line='0'>x"
	 "<LastCheckpoint file='t.cc' line='2'>c</LastCheckpoint></Exception><Message>m</Message>"
	 "</TestCase></TestSuite></TestLog>",
	 201, 0, 2},
	{"boost",
	 "<TestLog><TestSuite name='m'><TestCase name='a' skipped='yes' reason='no'/></TestSuite>"
	 "</TestLog>",
	 0, VERDICT_SKIP, 0},
	{"boost",
	 "<TestLog><TestSuite name='m'><TestCase name='a' skipped='yes' reason='disabled'/>"
	 "</TestSuite></TestLog>",
	 200, VERDICT_ERROR, 0},
	{"boost", "", 0, VERDICT_FAIL, 0},
};

static int read_list(const struct kind *kind, const struct said *said, struct suite *suite)
{
	struct list list;
	int result;

	list_begin(&list, suite);
	result = kind->list(suite, said, &list);
	return result ? result : list_end(&list);
}

static void list_free(struct suite *suite)
{
	free(suite->cases);
	obstack_free(&suite->memory, NULL);
}

START_TEST(are_read)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct suite suite = {.kind = kind_find(lists[i].kind)};
		const struct said said = {lists[i].out,    strlen(lists[i].out),
					  lists[i].errors, strlen(lists[i].errors),
					  lists[i].result, strlen(lists[i].result)};

		ck_assert_int_eq(read_list(suite.kind, &said, &suite), 0);
		ck_assert_uint_eq(suite.case_count, lists[i].cases);
		list_free(&suite);
	}
}
END_TEST

/* A copy of exactly that size, so that a sanitizer sees what is read behind it. */
static char *damage(const char *text, size_t size, bool change)
{
	char *copy = malloc(size + !size);

	memcpy(copy, text, size);
	if (size && change)
		copy[rand() % size] = "\n \0@:<>(|[]\"'{}9"[rand() % 16];
	return copy;
}

START_TEST(damaged_lists)
{
	srand(1);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (unsigned turn = 0; turn < 3000; turn += unit_every()) {
			struct suite suite = {.kind = kind_find(lists[i].kind), .path = "/none"};
			size_t sizes[] = {strlen(lists[i].out), strlen(lists[i].errors),
					  strlen(lists[i].result)};
			char *texts[3];

			for (size_t at = 0; at < 3 && turn % 2; at++)
				sizes[at] = sizes[at] ? rand() % sizes[at] : 0;
			texts[0] = damage(lists[i].out, sizes[0], turn);
			texts[1] = damage(lists[i].errors, sizes[1], turn);
			texts[2] = damage(lists[i].result, sizes[2], turn);
			read_list(suite.kind,
				  &(struct said){texts[0], sizes[0], texts[1], sizes[1], texts[2],
						 sizes[2]},
				  &suite);
			list_free(&suite);
			for (size_t at = 0; at < 3; at++)
				free(texts[at]);
		}
}
END_TEST

/* What each kind notes of the case "a" that it judges. */
static void list_one(const char *kind, struct suite *suite)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (!strcmp(lists[i].kind, kind) && !suite->has_memory) {
			suite->kind = kind_find(kind);
			read_list(suite->kind,
				  &(struct said){lists[i].out, strlen(lists[i].out),
						 lists[i].errors, strlen(lists[i].errors),
						 lists[i].result, strlen(lists[i].result)},
				  suite);
			suite->cases[0].name = "a";
		}
}

static struct outcome judge(const struct suite *suite, const char *result, size_t size, int status)
{
	struct outcome outcome = {0};
	struct obstack memory;
	struct judging judging = {&memory, &outcome, &outcome.failures};
	const struct said said = {.out = "",
				  .errors = "",
				  .result = result,
				  .result_size = size,
				  .wait_status = status << 8,
				  .item = suite->cases};

	obstack_init(&memory);
	suite->kind->judge(&said, &judging);
	obstack_free(&memory, NULL);
	return outcome;
}

START_TEST(are_judged)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
		struct suite suite = {0};
		struct outcome outcome;

		list_one(results[i].kind, &suite);
		outcome = judge(&suite, results[i].result, strlen(results[i].result),
				results[i].status);
		ck_assert_msg(outcome.told == results[i].told &&
				      outcome.failure_count == results[i].failures,
			      "result %zu: verdict %d, %u failures", i, outcome.told,
			      outcome.failure_count);
		list_free(&suite);
	}
}
END_TEST

START_TEST(damaged_results)
{
	srand(2);
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
		struct suite suite = {0};

		list_one(results[i].kind, &suite);
		for (unsigned turn = 0; turn < 3000; turn += unit_every()) {
			size_t size = strlen(results[i].result);
			char *text;

			size = size && turn % 2 ? rand() % size : size;
			text = damage(results[i].result, size, turn);
			judge(&suite, text, size, rand() % 3);
			free(text);
		}
		list_free(&suite);
	}
}
END_TEST

UNIT_MAIN("cxx_kinds", are_read, damaged_lists, are_judged, damaged_results)
