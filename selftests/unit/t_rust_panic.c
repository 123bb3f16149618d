/* SPDX-License-Identifier: MIT */
/* What a Rust program says when it panics, in all its forms, and cut off or damaged. */
#include <stdlib.h>
#include <string.h>

#include "suite/rust_panic.h"
#include "unit.h"

static const struct {
	const char *said, *text, *file; /* NULL: no panic; no place */
	unsigned line;
	bool of_library;
} rows[] = {
	{"thread 't' panicked at src/a b.rs:7:26:\nfirst\n  second\nnote: run with\n",
	 "first\n  second", "src/a b.rs", 7, false},
	{"test t ... thread 't' (123) panicked at a.rs:7:26:\n\nx\n\ny\nstack backtrace:\n",
	 "\nx\n\ny", "a.rs", 7, false},
	{"thread 'main' panicked at 'x', a.rs:9:69\n", "x", "a.rs", 9, false},
	{"thread 'main' panicked at 'it's 'x', a', b\nand 'c', src/a.rs:1:2\nnote: more",
	 "it's 'x', a', b\nand 'c", "src/a.rs", 1, false},
	{"thread 't' panicked at 'x', /usr/src/rustc-1.63.0/library/test/src/lib.rs:184:5\n", "x",
	 "/usr/src/rustc-1.63.0/library/test/src/lib.rs", 184, true},
	{"thread 't' panicked at without a place\n", "without a place", NULL, 0, false},
	{"thread 't' panicked at a.rs:0:1:\n", "a.rs:0:1:", NULL, 0, false},
	{"thread 't' panicked at a.rs:12345678901:1:\n", "a.rs:12345678901:1:", NULL, 0, false},
	{"thread 't' panicked at :7:1:\n", ":7:1:", NULL, 0, false},
	{"thread 't' panicked at a.rs:7:26:", "", "a.rs", 7, false},
	{"thread 't' panicked at '", "'", NULL, 0, false},
	{"thread 't' panicked at ", "", NULL, 0, false},
	{"somebody panicked at a.rs:7:26:\nx\n", NULL, NULL, 0, false},
	{"thread 't' panicked", NULL, NULL, 0, false},
	{"", NULL, NULL, 0, false},
};

START_TEST(forms)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *at = rows[i].said, *end = at + strlen(at);
		struct rust_panic panic;

		ck_assert_msg(rust_next_panic(&at, end, &panic) == (rows[i].text != NULL), "%zu",
			      i);
		if (!rows[i].text)
			continue;
		ck_assert_msg(panic.size == strlen(rows[i].text) &&
				      !memcmp(panic.text, rows[i].text, panic.size),
			      "%zu: '%.*s'", i, (int)panic.size, panic.text);
		ck_assert_msg(panic.line == rows[i].line && panic.of_library == rows[i].of_library,
			      "%zu", i);
		ck_assert_msg(!panic.line || (panic.file_size == strlen(rows[i].file) &&
					      !memcmp(panic.file, rows[i].file, panic.file_size)),
			      "%zu", i);
		ck_assert(!rust_next_panic(&at, end, &panic));
	}
}
END_TEST

START_TEST(several)
{
	static const char said[] =
		"thread 'a' panicked at a.rs:1:1:\none\n\n"
		"thread 'b' panicked at 'two', b.rs:2:2\n"
		"thread 'c' panicked at c.rs:3:3:\nthree\ntest result: FAILED.\n";
	static const char *const texts[] = {"one", "two", "three"};
	const char *at = said, *end = said + sizeof(said) - 1;
	struct rust_panic panic;

	for (unsigned i = 0; i < 3; i++) {
		ck_assert(rust_next_panic(&at, end, &panic));
		ck_assert_uint_eq(panic.line, i + 1);
		ck_assert_uint_eq(panic.size, strlen(texts[i]));
		ck_assert_int_eq(memcmp(panic.text, texts[i], panic.size), 0);
	}
	ck_assert(!rust_next_panic(&at, end, &panic));
}
END_TEST

/* Cut at every byte and with bytes turned, in memory of exactly that size (run under ASan). */
START_TEST(damaged)
{
	srand(1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t size = 0; size <= strlen(rows[i].said); size++)
			for (int turn = 0; turn < 8; turn++) {
				char *copy = malloc(size + !size);
				const char *at = copy, *end = copy + size;
				struct rust_panic panic;

				memcpy(copy, rows[i].said, size);
				if (size && turn)
					copy[rand() % size] = "':\n \0a/0"[rand() % 8];
				while (rust_next_panic(&at, end, &panic)) {
					ck_assert(panic.text >= copy &&
						  panic.text + panic.size <= end);
					ck_assert(!panic.line ||
						  (panic.file >= copy &&
						   panic.file + panic.file_size <= end));
				}
				free(copy);
			}
}
END_TEST

UNIT_MAIN("rust_panic", forms, several, damaged)
