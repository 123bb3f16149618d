/* SPDX-License-Identifier: MIT */
/*
 * Locks become groups. A case has one group, and may hold several locks: those that some case holds
 * together are one group, so that nobody runs beside who holds any of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite/list.h"
#include "suite/locks.h"

#define ALL_SLOTS "1000000" /* more than there are is all */
#define TOLD      3         /* suites, and reasons, that are named */

/* Names of locks; those with the same last parent are one group. */
struct lock_name {
	struct lock_name *parent;
	const char *name;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct lock_name *)a)->name, ((const struct lock_name *)b)->name);
}

static struct lock_name *top_of(struct lock_name *lock)
{
	while (lock->parent != lock)
		lock = lock->parent = lock->parent->parent;
	return lock;
}

/* NULL without memory. */
static struct lock_name *name_of(void **names, const char *name)
{
	struct lock_name *wanted = malloc(sizeof(*wanted)), **found;

	if (!wanted)
		return NULL;
	*wanted = (struct lock_name){wanted, name};
	found = tsearch(wanted, names, compare_names);
	if (!found || *found != wanted)
		free(wanted);
	return found ? top_of(*found) : NULL;
}

/* All locks of a case are one. Returns it, or NULL without memory. */
static struct lock_name *join(void **names, const struct case_lock *locks)
{
	struct lock_name *one = name_of(names, locks->name);

	for (const struct case_lock *lock = locks->next; lock && one; lock = lock->next) {
		struct lock_name *other = name_of(names, lock->name);

		if (!other)
			return NULL;
		if (strcmp(other->name, one->name) < 0) { /* the first name is the group's */
			one->parent = other;
			one = other;
		}
		other->parent = one;
	}
	return one;
}

static bool is_alone(const struct case_lock *lock)
{
	while (lock && lock->name)
		lock = lock->next;
	return lock != NULL;
}

static bool is_moot(const struct suite_case *item, const struct suite *suite,
		    const struct flags *flags, const struct session *session)
{
	struct cloche_options options;
	unsigned about = 0;
	char *block;

	if (plan_world(item, suite, session, &options, &block) < 0)
		return false; /* it is refused when its turn comes */
	for (const struct case_lock *lock = item->locks; lock; lock = lock->next)
		about |= lock_about(lock->name);
	free(block);
	return !(about & ~(flags->trust & lock_isolated(&options)));
}

/* The name of a group has no '=' (fixtures/running.c). */
static void put_group(struct list *list, struct suite_case *item, const char *name)
{
	char *group = list_text(list, name, strlen(name));

	for (char *at = group; (at = strchr(at, '='));)
		*at = ':';
	list_world(list, item, "group", group);
}

typedef bool each_locked(struct suite *suite, struct suite_case *item, void *context);

static bool for_each(struct suites *suites, each_locked *function, void *context)
{
	bool result = true;

	for (size_t s = 0; s < suites->count; s++)
		for (size_t c = 0; c < suites->list[s]->case_count && result; c++)
			if (suites->list[s]->cases[c].locks)
				result = function(suites->list[s], &suites->list[s]->cases[c],
						  context);
	return result;
}

struct locking {
	const struct flags *flags;
	const struct session *session;
	void *names; /* of tsearch(3) */
};

static bool look(struct suite *suite, struct suite_case *item, void *context)
{
	struct locking *locking = context;

	item->unlocked = is_moot(item, suite, locking->flags, locking->session);
	return item->unlocked || is_alone(item->locks) || join(&locking->names, item->locks);
}

/* Only when all are joined, the names of their groups are known. */
static bool lock(struct suite *suite, struct suite_case *item, void *context)
{
	struct locking *locking = context;
	struct list list = {.suite = suite};
	const struct lock_name *group = NULL;

	if (item->unlocked)
		return true;
	if (is_alone(item->locks))
		list_world(&list, item, "threads", ALL_SLOTS);
	else if ((group = name_of(&locking->names, item->locks->name)))
		put_group(&list, item, group->name);
	else
		return false;
	return !list.failed;
}

int locks_apply(struct suites *suites, const struct flags *flags, const struct session *session)
{
	struct locking locking = {flags, session, NULL};
	bool done = for_each(suites, look, &locking) && for_each(suites, lock, &locking);

	tdestroy(locking.names, free);
	return done ? 0 : -ENOMEM;
}

/* "a, b and c", "a, b, c and 4 more" */
struct enumeration {
	const char *names[TOLD];
	size_t count;
};

static void add_once(struct enumeration *to, const char *name)
{
	for (size_t i = 0; i < to->count && i < TOLD; i++)
		if (!strcmp(to->names[i], name))
			return;
	if (to->count < TOLD)
		to->names[to->count] = name;
	to->count++;
}

static const char *enumerate(const struct enumeration *from, char *text, size_t size)
{
	size_t named = from->count < TOLD ? from->count : TOLD, used = 0;

	for (size_t i = 0; i < named && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 !i                                       ? ""
					 : i + 1 == named && named == from->count ? " and "
										  : ", ",
					 from->names[i]);
	if (from->count > named && used < size)
		snprintf(text + used, size - used, " and %zu more", from->count - named);
	return text;
}

void locks_tell(const struct suites *suites, const struct job *jobs, size_t count,
		const struct flags *flags)
{
	static const char *const owns[] = {"network", "files", "IPC objects", "host name"};
	struct enumeration whose = {0}, whys = {0}, own = {0};
	char a[1024], b[256], c[128];
	uint32_t last = UINT32_MAX;
	size_t cells = 0;

	for (size_t i = 0; i < count && count > 1; i++) {
		const struct suite *suite = suites->list[jobs[i].suite];
		const struct suite_case *item = &suite->cases[jobs[i].index];

		if (!item->unlocked)
			continue;
		cells++;
		if (jobs[i].suite != last) /* a suite's jobs are together */
			add_once(&whose, suite->shown);
		last = jobs[i].suite;
		for (const struct case_lock *lock = item->locks; lock; lock = lock->next)
			if (whys.count <= TOLD)
				add_once(&whys, lock->why);
	}
	for (unsigned i = 0; i < 4; i++)
		if (flags->trust & 1u << i)
			own.names[own.count < TOLD ? own.count : TOLD - 1] = owns[i], own.count++;
	if (cells)
		complain(0,
			 "%zu case%s of %s %s at once with others, which %s would prevent: a cell "
			 "has "
			 "its own %s; --trust-isolation=none keeps them apart",
			 cells, cells == 1 ? "" : "s", enumerate(&whose, a, sizeof(a)),
			 cells == 1 ? "runs" : "run", enumerate(&whys, b, sizeof(b)),
			 flags->trust == APART_ALL ? "network, files, IPC objects and host name"
						   : enumerate(&own, c, sizeof(c)));
}
