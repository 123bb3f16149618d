/* SPDX-License-Identifier: MIT */
/* Build trees: what lists say whole, cut anywhere and damaged, and what is run with a test. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "suite/automake_tree.h"
#include "suite/ctest_tree.h"
#include "suite/list.h"

#define TEST(name, properties)                                                                     \
	"{\"name\":\"" name "\",\"command\":[\"/bin/true\",\"a b\"],\"backtrace\":1,"              \
	"\"properties\":[" properties "]}"
#define P(name, value) "{\"name\":\"" name "\",\"value\":" value "}"

static const char ctest_list[] =
	"noise\n{\n\"backtraceGraph\":{\"files\":[\"CMakeLists.txt\"],\"nodes\":[{},{\"file\":0,"
	"\"line\":7}]},\"tests\":[" TEST("clean", P("FIXTURES_CLEANUP", "[\"F\"]")) "," TEST(
		"test",
		P("FIXTURES_REQUIRED", "[\"F\"]") "," P("DEPENDS", "[\"before\",\"none\"]") "," P("TIMEOUT", "2.5") "," P(
			"SKIP_RETURN_CODE",
			"5")) "," TEST("before",
				       P("DEPENDS",
					 "[\"test\"]")) "," TEST("off",
								 P("DISABLED", "true") "," P(
									 "FIXTURES_SETUP",
									 "[\"F\"]")) "," TEST("setu"
											      "p",
											      P("FI"
												"XT"
												"UR"
												"ES"
												"_S"
												"ET"
												"U"
												"P",
												"["
												"\""
												"F"
												"\""
												"]") "," P("FIXTURES_REQUIRED",
													   "[\"G\"]")) "," TEST("lower",
																P("FIXTURES_SETUP",
																  "[\"G\"]")) ","
																	      "{\"name\":\"unbuilt\"}]}";

static const char automake_list[] =
	"DIRECTORY=\nsrcdir=..\nTESTS=a.sh b.sh ../c\nXFAIL_TESTS=c\nTEST_EXTENSIONS=.sh\n"
	"am__check_pre=env;\nDRIVER=sh ../test-driver\nCOMPILE=\nDRIVER.sh=sh ../own\n"
	"COMPILE.sh=sh\nLOGS=b.log: b.sh a.log\nEND=\n"
	"DIRECTORY=sub/\nsrcdir=.\nTESTS=a.sh\nNOTPARALLEL=\nTESTS_ENVIRONMENT=X=\1Y\nEND=\n";

static struct suite suite;
static struct list list;

static void begin(void)
{
	suite = (struct suite){.kind = &kind_program, .shown = "tree"};
	list_begin(&list, &suite);
}

static void end(void)
{
	free(suite.cases);
	obstack_free(&suite.memory, NULL);
}

/* "setup:lower test:test", of the test of this number. */
static const char *chain_of(struct ctest_test *test)
{
	static const char *const roles[] = {"setup", "before", "test", "after"};
	static char text[512];
	struct ctest_chain chain;
	size_t used = 0;

	ck_assert_int_eq(ctest_chain(test, &chain), 0);
	for (size_t i = 0; i < chain.count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s:%s", i ? " " : "",
					 roles[chain.steps[i].role], chain.steps[i].test->name);
	ctest_chain_free(&chain);
	return text;
}

START_TEST(ctest_is_read)
{
	struct ctest_test *tests;
	size_t count;

	begin();
	ck_assert_int_eq(ctest_read(ctest_list, strlen(ctest_list), &list, &tests, &count), 0);
	ck_assert_uint_eq(count, 7);
	ck_assert_str_eq(tests[1].command[1], "a b");
	ck_assert_str_eq(tests[1].file, "CMakeLists.txt");
	ck_assert_uint_eq(tests[1].line, 7);
	ck_assert(tests[1].timeout == 2.5 && tests[0].timeout < 0);
	ck_assert(tests[1].rules.has_skip_status && tests[1].rules.skip_status == 5);
	ck_assert(tests[3].disabled && !tests[6].command);
	ck_assert_int_eq(ctest_link(&list, tests, count), 0);
	ck_assert_str_eq(chain_of(&tests[0]), "setup:lower setup:setup test:clean");
	ck_assert_str_eq(chain_of(&tests[1]),
			 "setup:lower setup:setup before:before test:test after:clean");
	ck_assert_str_eq(chain_of(&tests[3]), "test:off");
	ck_assert_str_eq(chain_of(&tests[4]), "setup:lower test:setup");
	end();
}
END_TEST

START_TEST(automake_is_read)
{
	struct automake_test *tests;
	size_t count;

	begin();
	ck_assert_int_eq(
		automake_read("/top", automake_list, strlen(automake_list), &list, &tests, &count),
		0);
	ck_assert_uint_eq(count, 4);
	ck_assert(tests[0].driver == DRIVER_OTHER && tests[2].driver == DRIVER_PLAIN);
	ck_assert_str_eq(tests[2].base.name, "c");
	ck_assert(tests[2].fails && !tests[0].fails);
	ck_assert_str_eq(tests[3].base.name, "sub/a.sh");
	ck_assert_str_eq(tests[3].base.directory, "/top/sub");
	ck_assert_str_eq(tests[3].lock, ".NOTPARALLEL");
	ck_assert_ptr_nonnull(strstr(tests[3].base.command[2], "X=\nY ${dir}$tst"));
	ck_assert_ptr_nonnull(strstr(tests[2].base.command[2], "p='../c'; env;  \"$tst\""));
	ck_assert_str_eq(chain_of(&tests[1].base), "before:a.sh test:b.sh");
	end();
}
END_TEST

static void read_any(const char *text, size_t size)
{
	struct ctest_test *tests;
	struct automake_test *others;
	size_t count;

	begin();
	if (!ctest_read(text, size, &list, &tests, &count)) {
		ck_assert_int_eq(ctest_link(&list, tests, count), 0);
		for (size_t i = 0; i < count; i++)
			chain_of(&tests[i]);
	}
	end();
	begin();
	if (!automake_read("/top", text, size, &list, &others, &count))
		for (size_t i = 0; i < count; i++)
			chain_of(&others[i].base);
	end();
}

/* In memory of just its size, for a sanitizer to see who reads further. */
static void read_copy(const char *text, size_t size, size_t at, char byte)
{
	char *copy = malloc(size ? size : 1);

	memcpy(copy, text, size);
	if (at < size)
		copy[at] = byte;
	read_any(copy, size);
	free(copy);
}

START_TEST(damaged)
{
	static const char bytes[] = "\n\1= ,\"[]{}:\\\0x";
	const char *const texts[] = {ctest_list, automake_list};
	const size_t sizes[] = {sizeof(ctest_list) - 1, sizeof(automake_list) - 1};

	for (int t = 0; t < 2; t++)
		for (size_t at = 0; at <= sizes[t]; at++) {
			read_copy(texts[t], at, SIZE_MAX, 0);
			read_copy(texts[t], sizes[t], at, bytes[at % sizeof(bytes)]);
		}
}
END_TEST

UNIT_MAIN("trees", ctest_is_read, automake_is_read, damaged)
