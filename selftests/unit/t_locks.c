/* SPDX-License-Identifier: MIT */
/* Locks: what they are about, when they are moot, and which groups become of the others. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "suite/list.h"
#include "suite/locks.h"

START_TEST(about)
{
	ck_assert_uint_eq(lock_about(NULL), APART_ALL);
	ck_assert_uint_eq(lock_about("db"), APART_ALL);
	ck_assert_uint_eq(lock_about(""), APART_ALL);
	ck_assert_uint_eq(lock_about("port8080"), APART_NET);
	ck_assert_uint_eq(lock_about("My_Port"), APART_NET);
	ck_assert_uint_eq(lock_about("report"), APART_ALL);
	ck_assert_uint_eq(lock_about("tmp/port"), APART_NET | APART_TMP);
	ck_assert_uint_eq(lock_about("gpu-0"), APART_NOTHING);
}
END_TEST

START_TEST(isolated)
{
	struct cloche_options o = {.root = "cow"};

	ck_assert_uint_eq(lock_isolated(&o), APART_ALL);
	o.root = "host";
	ck_assert_uint_eq(lock_isolated(&o), APART_ALL & ~APART_TMP);
	o.allow_missing = "uts\nnet";
	ck_assert_uint_eq(lock_isolated(&o), APART_IPC);
	o.no_isolation = true;
	ck_assert_uint_eq(lock_isolated(&o), 0);
}
END_TEST

START_TEST(trust)
{
	static const char *const wrong[] = {"",         "all",      "net,", ",net",
					    "net, tmp", "none,net", "ne"};
	unsigned all = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_int_eq(lock_trust_parse(wrong[i], &all), -EINVAL);
	ck_assert_uint_eq(all, 77);
	ck_assert_int_eq(lock_trust_parse("none", &all), 0);
	ck_assert_uint_eq(all, 0);
	ck_assert_int_eq(lock_trust_parse("hostname,net", &all), 0);
	ck_assert_uint_eq(all, APART_HOSTNAME | APART_NET);
}
END_TEST

/* Cases "0", "1", ... each with the locks of one row, of which NULL ends them. */
static void make(struct suites *suites, struct suite *suite, const char *const locks[][4],
		 size_t count)
{
	static struct suite *one[1];
	struct list list;

	suite->kind = &kind_program;
	suite->shown = "tree";
	list_begin(&list, suite);
	for (size_t i = 0; i < count; i++) {
		char name[] = {(char)('0' + i), '\0'};
		struct suite_case *item = list_add(&list, name);

		for (size_t l = 0; locks[i][l]; l++)
			list_lock(&list, item, *locks[i][l] ? locks[i][l] : NULL, "LOCK");
	}
	ck_assert_int_eq(list_end(&list), 0);
	one[0] = suite;
	*suites = (struct suites){one, 1};
}

static const char *const some[][4] = {{"db"}, {"net"}, {"z", "db"},   {"k"},   {"z", "a=b"},
				      {""},   {NULL},  {"db", "tcp"}, {"gpu"}, {"gpu", "net"}};
#define SOME (sizeof(some) / sizeof(*some))

static void check_worlds(unsigned trusted, const char *const *expected)
{
	struct suites suites;
	struct suite suite = {0};
	struct session session = {0};
	struct flags flags = {.trust = trusted};

	make(&suites, &suite, some, SOME);
	ck_assert_int_eq(locks_apply(&suites, &flags, &session), 0);
	for (size_t i = 0; i < SOME; i++) {
		ck_assert_str_eq(suite.cases[i].world, expected[i]);
		ck_assert_int_eq(suite.cases[i].unlocked, some[i][0] && !*expected[i]);
	}
	free(suite.cases);
	obstack_free(&suite.memory, NULL);
}

START_TEST(moot)
{
	static const char *const expected[SOME] = {
		"", "", "", "", "", "", "", "", "group=gpu\n", "group=gpu\n"};

	check_worlds(APART_ALL, expected);
}
END_TEST

START_TEST(honoured)
{
	static const char *const expected[SOME] = {"group=a:b\n",
						   "group=gpu\n",
						   "group=a:b\n",
						   "group=k\n",
						   "group=a:b\n",
						   "threads=1000000\n",
						   "",
						   "group=a:b\n",
						   "group=gpu\n",
						   "group=gpu\n"};

	check_worlds(0, expected);
}
END_TEST

START_TEST(only_what_is_trusted)
{
	static const char *const expected[SOME] = {
		"group=a:b\n",       "", "group=a:b\n", "group=k\n",   "group=a:b\n",
		"threads=1000000\n", "", "group=a:b\n", "group=gpu\n", "group=gpu\n"};

	check_worlds(APART_NET, expected);
}
END_TEST

UNIT_MAIN("locks", about, isolated, trust, moot, honoured, only_what_is_trusted)
