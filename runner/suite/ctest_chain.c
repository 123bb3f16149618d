/* SPDX-License-Identifier: MIT */
/*
 * Which tests are run for one: those that set its fixtures up and what it depends on, first those
 * that these need; then itself; then what cleans its fixtures up. In ctest one run of all serves
 * everybody, since what they leave stays.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "suite/ctest_tree.h"

/* Tests by their name, or by the fixture that they set up or clean up. */
struct named {
	const char *name;
	struct ctest_test **tests;
	size_t count;
};

struct index {
	void *tests, *setups, *cleanups; /* of tsearch(3) */
	bool failed;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static const struct named *find(void *const *tree, const char *name)
{
	const struct named wanted = {.name = name};
	struct named **found = tfind(&wanted, tree, compare_names);

	return found ? *found : NULL;
}

static void note(struct index *index, void **tree, const char *name, struct ctest_test *test)
{
	struct named *wanted = calloc(1, sizeof(*wanted)), **found;
	struct ctest_test **grown;

	if (wanted)
		wanted->name = name;
	found = wanted ? tsearch(wanted, tree, compare_names) : NULL;
	if (!found || *found != wanted)
		free(wanted);
	grown = found ? reallocarray((*found)->tests, (*found)->count + 1, sizeof(*grown)) : NULL;
	if (!grown) {
		index->failed = true;
		return;
	}
	(*found)->tests = grown;
	grown[(*found)->count++] = test;
}

static void note_all(struct index *index, void **tree, const char *const *names,
		     struct ctest_test *test)
{
	for (; names && *names; names++)
		note(index, tree, *names, test);
}

static void free_named(void *named)
{
	free(((struct named *)named)->tests);
	free(named);
}

/* All tests of all these names, and of these others; NULL when there are none. */
static struct ctest_test **find_all(struct list *list, void *const *tree, const char *const *names,
				    const char *const *others)
{
	const char *const *const both[] = {names, others};
	struct ctest_test **all = NULL;
	size_t count = 0;

	for (int pass = 0; pass < 2; pass++) {
		size_t used = 0;

		for (int i = 0; i < 2; i++)
			for (const char *const *name = both[i]; name && *name; name++) {
				const struct named *found = find(tree, *name);

				if (found && all)
					memcpy(all + used, found->tests,
					       found->count * sizeof(*all));
				used += found ? found->count : 0;
			}
		count = used;
		if (!pass)
			all = count ? list_alloc(list, (count + 1) * sizeof(struct ctest_test *))
				    : NULL;
	}
	return all;
}

int ctest_link(struct list *list, struct ctest_test *tests, size_t count)
{
	struct index index = {0};

	for (size_t i = 0; i < count; i++) {
		const char *const name[] = {tests[i].name, NULL};

		note_all(&index, &index.tests, name, &tests[i]);
		note_all(&index, &index.setups, tests[i].setup_of, &tests[i]);
		note_all(&index, &index.cleanups, tests[i].cleanup_of, &tests[i]);
	}
	for (size_t i = 0; i < count && !index.failed; i++) {
		struct ctest_test *test = &tests[i];

		test->first = find_all(list, &index.tests, test->depends, NULL);
		/* what cleans up needs something to clean */
		test->setups = find_all(list, &index.setups, test->requires_, test->cleanup_of);
		test->cleanups = find_all(list, &index.cleanups, test->requires_, NULL);
	}
	tdestroy(index.tests, free_named);
	tdestroy(index.setups, free_named);
	tdestroy(index.cleanups, free_named);
	return index.failed ? -ENOMEM : 0;
}

static struct ctest_step *push(struct ctest_chain *chain, struct ctest_step **steps, size_t *count,
			       struct ctest_test *test, enum step_role role)
{
	struct ctest_step *grown = *count & (*count - 1) ? *steps : NULL;

	if (!grown) /* room doubles when it is a power of two */
		grown = reallocarray(*steps, *count ? 2 * *count : 1, sizeof(*grown));
	if (!grown) {
		chain->failed = true;
		return NULL;
	}
	*steps = grown;
	grown[*count] = (struct ctest_step){.test = test, .role = role};
	return &grown[(*count)++];
}

static struct ctest_step *seen(const struct ctest_chain *chain, const struct ctest_test *test)
{
	for (size_t i = 0; i < chain->seen_count; i++)
		if (chain->seen[i].test == test)
			return &chain->seen[i];
	return NULL;
}

static enum step_role role_of_setups(enum step_role role)
{
	return role == STEP_TEST ? STEP_SETUP : role;
}

/* Those that the case needs, and what these need; a circle is entered once. */
static void mark(struct ctest_chain *chain, struct ctest_test *test, enum step_role role)
{
	struct ctest_step *before = seen(chain, test);

	if (chain->failed || (before && !(role == STEP_SETUP && before->role == STEP_BEFORE)))
		return;
	if (before)
		before->role = role;
	else if (test->disabled && role != STEP_TEST)
		return;
	else
		push(chain, &chain->seen, &chain->seen_count, test, role);
	for (struct ctest_test **at = test->setups; at && *at; at++)
		mark(chain, *at, role_of_setups(role));
	for (struct ctest_test **at = test->first; at && *at; at++)
		mark(chain, *at, role == STEP_AFTER ? STEP_AFTER : STEP_BEFORE);
}

/* What it needs goes before it. */
static void order(struct ctest_chain *chain, struct ctest_test *test)
{
	struct ctest_step *step = seen(chain, test);

	if (!step || step->entered || chain->failed)
		return;
	step->entered = true;
	for (struct ctest_test **at = test->setups; at && *at; at++)
		order(chain, *at);
	for (struct ctest_test **at = test->first; at && *at; at++)
		order(chain, *at);
	push(chain, &chain->steps, &chain->count, test, step->role);
}

int ctest_chain(struct ctest_test *test, struct ctest_chain *chain)
{
	*chain = (struct ctest_chain){0};
	mark(chain, test, STEP_TEST);
	for (size_t i = 0; i < chain->seen_count; i++)
		for (struct ctest_test **at = chain->seen[i].test->cleanups; at && *at; at++)
			mark(chain, *at, STEP_AFTER);
	order(chain, test);
	for (size_t i = 0; i < chain->seen_count; i++)
		order(chain, chain->seen[i].test);
	return chain->failed ? -ENOMEM : 0;
}

void ctest_chain_free(struct ctest_chain *chain)
{
	free(chain->steps);
	free(chain->seen);
	*chain = (struct ctest_chain){0};
}
