/* SPDX-License-Identifier: MIT */
/*
 * rust_panic.h: what a Rust program says when it panics
 *
 * since 1.73: thread 'NAME' panicked at FILE:LINE:COLUMN:
 *             TEXT
 * before it:  thread 'NAME' panicked at 'TEXT', FILE:LINE:COLUMN
 */
#ifndef CLOCHE_RUST_PANIC_H
#define CLOCHE_RUST_PANIC_H

#include <stdbool.h>
#include <stddef.h>

struct rust_panic {
	const char *text, *file; /* into the output, with no NUL at their ends */
	size_t size, file_size;
	unsigned line;   /* 0: it does not say where */
	bool of_library; /* in libtest itself */
};

/* Pure. The next one from *at on. Returns false when there is no other. */
bool rust_next_panic(const char **at, const char *end, struct rust_panic *ret_panic);

#endif
