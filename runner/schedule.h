/* SPDX-License-Identifier: MIT */
/*
 * schedule.h: which case starts next
 *
 * Pure: it neither starts nor times anything, and is told of all that happens.
 *
 *   1. schedule_new() with the cases of one repetition, and how many slots there are.
 *   2. schedule_next() whenever a case may have become possible, until it says no.
 *   3. schedule_ended() for each one that has ended; before that, schedule_again() when it is to
 *      run once more.
 *
 * The order is: repetition by repetition; in each, by priority, the highest first; then as listed,
 * or by chance. A case goes before its turn only when those before it have no room:
 *
 *  - its group has all its slots in use, or
 *  - it takes more slots than are free. Then others may go first, but no more than
 *    SCHEDULE_PATIENCE for each slot; after these nobody starts until it fits.
 *
 * So slots stay in use, and nobody waits for ever. A repetition begins when at most the one before
 * it still has cases that did not start. Memory is that of one repetition, however many there are.
 */
#ifndef CLOCHE_SCHEDULE_H
#define CLOCHE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_NO_GROUP UINT32_MAX
#define SCHEDULE_PATIENCE 4
#define SCHEDULE_WAITING  10000 /* that wait to run again; with as many, no others start */

struct schedule_item {
	uint64_t threads;  /* slots it takes: 0 is 1, and more than there are is all */
	uint32_t group;    /* one slot of this group, or SCHEDULE_NO_GROUP */
	int32_t priority;  /* higher goes first */
	uint64_t identity; /* what shuffle_draw() takes, when shuffled */
};

struct schedule_rules {
	unsigned slots;
	const unsigned *group_slots; /* of each group; 0 is 1 */
	size_t group_count;
	uint64_t repetitions; /* 0: until schedule_stop() */
	bool shuffle;         /* an order drawn by `seed`, another one in each repetition */
	uint64_t seed;
};

/* A case that was chosen, once. */
struct schedule_ticket {
	uint64_t order; /* among those of its priority */
	uint32_t item, repetition;
	void *again; /* as schedule_again() was told; NULL the first time */
};

struct schedule;

/* Items and group slots are copied. NULL without memory. */
struct schedule *schedule_new(const struct schedule_item *items, size_t count,
			      const struct schedule_rules *rules);
void schedule_free(struct schedule *schedule);

/* The next one to start, which now has its slots. `now` is in seconds, of any clock. */
bool schedule_next(struct schedule *schedule, double now, struct schedule_ticket *ret_ticket);

/* It has ended: its slots are free. */
void schedule_ended(struct schedule *schedule, const struct schedule_ticket *ticket);

/* It is to run again, not before `due`, and `again` comes back with its ticket. -ENOMEM. */
int schedule_again(struct schedule *schedule, const struct schedule_ticket *ticket, double due,
		   void *again);

/* Begin no further repetition. */
void schedule_stop(struct schedule *schedule);

/* When the next one that waits is due; INFINITY when none does. */
double schedule_due(const struct schedule *schedule);

/* Give up one that is to run again: its `again`, or NULL when there is none any more. */
void *schedule_take_back(struct schedule *schedule);

/* How many did not start so far. Without an end: of the repetitions that have begun. */
uint64_t schedule_left(const struct schedule *schedule);

#endif
