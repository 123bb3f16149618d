/* SPDX-License-Identifier: MIT */
/*
 * The schedule of a run, out of what its cases ask for: groups, threads, priorities.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "shuffle.h"

/* Names of groups and their numbers. */
struct group_name {
	uint32_t number;
	char name[];
};

struct groups {
	void *names; /* of tsearch(3) */
	unsigned *slots;
	size_t count;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct group_name *)a)->name, ((const struct group_name *)b)->name);
}

/* How many cases of a group run at once: "db=2" of the flags, the last one that is about it. */
static unsigned slots_of(const char *name, const struct text_list *list)
{
	size_t size = strlen(name);

	for (size_t i = list->count; i > 0; i--) {
		const char *equals = strrchr(list->items[i - 1], '=');

		if (equals && (size_t)(equals - list->items[i - 1]) == size &&
		    !memcmp(list->items[i - 1], name, size))
			return strtoul(equals + 1, NULL, 10);
	}
	return 1;
}

/* The number of a group; SCHEDULE_NO_GROUP without a name, or without memory. */
static uint32_t number_of(struct groups *groups, const char *name, const struct text_list *list)
{
	struct group_name *wanted, **found;
	unsigned *grown;

	if (!name)
		return SCHEDULE_NO_GROUP;
	wanted = malloc(sizeof(*wanted) + strlen(name) + 1);
	grown = reallocarray(groups->slots, groups->count + 1, sizeof(*grown));
	groups->slots = grown ? grown : groups->slots;
	if (!wanted || !grown) {
		free(wanted);
		return SCHEDULE_NO_GROUP;
	}
	strcpy(wanted->name, name);
	wanted->number = groups->count;
	found = tsearch(wanted, &groups->names, compare_names);
	if (!found || *found != wanted)
		free(wanted);
	else
		groups->slots[groups->count++] = slots_of(name, list);
	return found ? (*found)->number : SCHEDULE_NO_GROUP;
}

static void plan_item(const struct keeper *keeper, const struct job *job,
		      struct schedule_item *item, struct groups *groups,
		      const struct text_list *list)
{
	const struct suite *suite = keeper->suites->list[job->suite];
	struct cloche_options options;
	char *block;

	*item = (struct schedule_item){
		.group = SCHEDULE_NO_GROUP,
		.identity = shuffle_identity(suite->shown, suite->cases[job->index].name)};
	if (plan_world(&suite->cases[job->index], suite, keeper->session, &options, &block) < 0)
		return; /* it is refused when its turn comes */
	item->threads = options.threads;
	item->priority = options.priority;
	item->group = number_of(groups, options.group, list);
	free(block);
}

/* No more slots than the run could ever use. */
static unsigned useful_slots(const struct keeper *keeper, const struct schedule_item *items,
			     uint64_t repetitions)
{
	uint64_t most = 0;

	for (size_t i = 0; i < keeper->job_count && most < keeper->slots; i++) {
		uint64_t threads = items[i].threads ? items[i].threads : 1;

		threads = threads < keeper->slots ? threads : keeper->slots;
		most += repetitions ? threads * repetitions : keeper->slots;
	}
	return most && most < keeper->slots ? (unsigned)most : keeper->slots;
}

/* Zygotes stay until the last case of their suite has ended. */
static void count_repetitions(const struct keeper *keeper, uint64_t repetitions)
{
	for (size_t i = 0; i < keeper->suites->count; i++) {
		struct suite *suite = keeper->suites->list[i];

		if (repetitions)
			suite->left *= repetitions;
		else if (suite->left)
			suite->left = SIZE_MAX;
	}
}

int plan_schedule(struct keeper *keeper, const struct flags *flags)
{
	struct schedule_item *items = calloc(keeper->job_count + 1, sizeof(*items));
	struct groups groups = {0};
	struct schedule_rules rules = {.repetitions = flags_repetitions(flags),
				       .shuffle = flags->shuffle,
				       .seed = flags->seed};

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < keeper->job_count; i++)
		plan_item(keeper, &keeper->jobs[i], &items[i], &groups, &flags->group_slots);
	count_repetitions(keeper, rules.repetitions);
	keeper->slots = useful_slots(keeper, items, rules.repetitions);
	rules.slots = keeper->slots;
	rules.group_slots = groups.slots;
	rules.group_count = groups.count;
	keeper->schedule = schedule_new(items, keeper->job_count, &rules);
	tdestroy(groups.names, free);
	free(groups.slots);
	free(items);
	return keeper->schedule ? 0 : -ENOMEM;
}
