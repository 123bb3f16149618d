/* SPDX-License-Identifier: MIT */
/* What Go test programs print, whole, cut off and damaged. */
#include <stdlib.h>
#include <string.h>

#include "suite/go_output.h"
#include "unit.h"

static const char said[] = "=== RUN   TestA\n"
			   "    a_test.go:3: parent\n"
			   "        of it\n"
			   "no line of it:4: x\n"
			   "    with space.go:4: x\n"
			   "    a_test.go:x: x\n"
			   "    a_test.go:0: x\n"
			   "=== RUN   TestA/b\n"
			   "    a_test.go:7: inner\n"
			   "=== PAUSE TestA/b\n"
			   "=== CONT  TestA\n"
			   "    a_test.go:9:\n"
			   "=== NAME  TestA/b\n"
			   "    /abs/b.go:11: more: a.go:5: x\n"
			   "--- FAIL: TestA (0.00s)\n"
			   "    --- FAIL: TestA/b (0.00s)\n"
			   "    --- SKIP: TestA/c (0.00s)\n"
			   "--- FAIL: BenchmarkA\n"
			   "panic: boom\nbang [recovered]\n\tpanic: boom\n\n"
			   "goroutine 6 [running]:\n"
			   "panic({0x1})\n\t/usr/lib/go/src/runtime/panic.go:884 +0x2\n"
			   "m.TestA(0x0?)\n\t/src/m/a_test.go:8 +0x3a\n";

static bool is(const char *text, size_t size, const char *expected)
{
	return size == strlen(expected) && !memcmp(text, expected, size);
}

START_TEST(logs_are_their_tests_own)
{
	static const struct {
		const char *of, *file, *text;
		unsigned line;
	} rows[] = {
		{"TestA", "a_test.go", "parent\n        of it", 3},
		{"TestA", "a_test.go", "", 9},
		{"TestA/b", "a_test.go", "inner", 7},
		{"TestA/b", "/abs/b.go", "more: a.go:5: x", 11},
	};
	struct go_logs logs;
	struct go_log log;

	for (size_t i = 0; i < 4; i++) {
		if (i % 2 == 0)
			logs = go_logs_of(said, strlen(said), rows[i].of, "TestA");
		ck_assert_msg(go_next_log(&logs, &log), "%zu", i);
		ck_assert_msg(is(log.file, log.file_size, rows[i].file) &&
				      is(log.text, log.size, rows[i].text) &&
				      log.line == rows[i].line,
			      "%zu: %.*s:%u: %.*s", i, (int)log.file_size, log.file, log.line,
			      (int)log.size, log.text);
		ck_assert(i % 2 == 0 || !go_next_log(&logs, &log));
	}
}
END_TEST

START_TEST(results)
{
	static const char *const names[] = {"TestA", "TestA/b", "BenchmarkA"};
	struct lines lines = lines_of(said, strlen(said));
	const char *name;
	size_t size;

	for (size_t i = 0; i < 3; i++) {
		ck_assert(go_next_result(&lines, "FAIL", &name, &size));
		ck_assert(is(name, size, names[i]));
	}
	ck_assert(!go_next_result(&lines, "FAIL", &name, &size));
	lines = lines_of(said, strlen(said));
	ck_assert(go_next_result(&lines, "SKIP", &name, &size) && is(name, size, "TestA/c"));
}
END_TEST

START_TEST(panics_have_a_place_in_a_test)
{
	struct go_log panic;

	ck_assert(go_find_panic(said, strlen(said), &panic));
	ck_assert(is(panic.text, panic.size, "panic: boom\nbang [recovered]\n\tpanic: boom"));
	ck_assert(is(panic.file, panic.file_size, "/src/m/a_test.go") && panic.line == 8);
	ck_assert(!go_find_panic(said, 40, &panic));
}
END_TEST

/* Cut at every byte and with bytes turned, in memory of exactly that size (run under ASan). */
START_TEST(damaged)
{
	srand(1);
	for (size_t size = 0; size <= strlen(said); size++)
		for (int turn = 0; turn < 8; turn++) {
			char *copy = malloc(size + !size);
			struct lines lines = lines_of(copy, size);
			struct go_logs logs;
			struct go_log log;
			const char *name;
			size_t length;

			memcpy(copy, said, size);
			if (size && turn)
				copy[rand() % size] = ":\n \t=-a9"[rand() % 8];
			logs = go_logs_of(copy, size, "TestA", "TestA");
			while (go_next_log(&logs, &log))
				ck_assert(log.line && log.text + log.size <= copy + size);
			while (go_next_result(&lines, "FAIL", &name, &length))
				ck_assert(name + length <= copy + size);
			if (go_find_panic(copy, size, &log))
				ck_assert(log.text + log.size <= copy + size);
			free(copy);
		}
}
END_TEST

UNIT_MAIN("go_output", logs_are_their_tests_own, results, panics_have_a_place_in_a_test, damaged)
