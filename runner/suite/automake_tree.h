/* SPDX-License-Identifier: MIT */
/*
 * automake_tree.h: the tests of directories with automake's `make check`
 */
#ifndef CLOCHE_AUTOMAKE_TREE_H
#define CLOCHE_AUTOMAKE_TREE_H

#include "suite/ctest_tree.h"

enum automake_driver {
	DRIVER_PLAIN, /* the exit status says it */
	DRIVER_TAP,
	DRIVER_OTHER, /* of the project's own */
};

struct automake_test {
	struct ctest_test base; /* name, directory, command, and which logs it depends on */
	const char *file;       /* as in TESTS */
	const char *sources;    /* srcdir */
	const char *lock;       /* why no other of its directory runs beside it, or NULL */
	enum automake_driver driver;
	bool fails, hard_errors;
};

/* What the script printed, of the tree at `path`. Returns 0, -EBADMSG by list_fail(), or -ENOMEM.
 */
int automake_read(const char *path, const char *text, size_t size, struct list *list,
		  struct automake_test **ret_tests, size_t *ret_count);

#endif
