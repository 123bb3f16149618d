/* SPDX-License-Identifier: MIT */
/*
 * ctest_tree.h: the tests of a CTest build tree, and what each is to run with. Pure.
 */
#ifndef CLOCHE_CTEST_TREE_H
#define CLOCHE_CTEST_TREE_H

#include "suite/kind.h"
#include "suite/rules.h"
#include "suite/steps.h"

#define CTEST_TIMEOUT 1500.0 /* seconds of a test that has none: what ctest gives it */

/* Lists end with NULL, and are NULL when empty. */
struct ctest_test {
	const char *name, *file;
	unsigned line;
	const char *const *command; /* NULL: its program is not built */
	const char *directory;
	const char *const *environment, *const *changes, *const *needed, *const *labels;
	const char *const *locks, *const *depends, *const *setup_of, *const *cleanup_of;
	const char *const *requires_;
	struct rules rules;
	double timeout; /* below 0: none is given; 0: it has no deadline */
	double cost, processors;
	bool disabled, alone, timeout_after_match;

	/* ctest_link(): the same by what they are */
	struct ctest_test **first, **setups, **cleanups;
};

/* What `ctest --show-only=json-v1` printed. Returns 0, -EBADMSG by list_fail(), or -ENOMEM. */
int ctest_read(const char *text, size_t size, struct list *list, struct ctest_test **ret_tests,
	       size_t *ret_count);

/* Find each other by names of tests and fixtures. Returns 0 or -ENOMEM. */
int ctest_link(struct list *list, struct ctest_test *tests, size_t count);

/* What is run for a test, in this order. */
struct ctest_step {
	struct ctest_test *test;
	enum step_role role;
	bool entered;
};

struct ctest_chain {
	struct ctest_step *steps; /* allocated */
	size_t count;
	struct ctest_step *seen;
	size_t seen_count;
	bool failed; /* not enough memory */
};

/* Freed by ctest_chain_free(), whatever it says. */
int ctest_chain(struct ctest_test *test, struct ctest_chain *chain);
void ctest_chain_free(struct ctest_chain *chain);

#endif
