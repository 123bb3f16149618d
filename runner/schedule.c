/* SPDX-License-Identifier: MIT */
/*
 * Cases that ask alike, for the same group and as many slots, are a bucket: its part of the
 * repetition, in order, and how far it has come. What starts next is the best of the buckets' first
 * ones. So a choice costs a look at each bucket, of which there are few, however many cases.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "schedule.h"
#include "shuffle.h"

/* One that is to run again: in the heap until it is due, and then in its bucket's queue. */
struct again {
	struct schedule_ticket ticket;
	double due;
	struct again *next;
};

struct bucket {
	uint32_t group;
	unsigned threads;
	uint32_t *items; /* into schedule->sorted */
	size_t count, at;
	uint64_t repetition; /* of items[at] */
	unsigned passed;     /* others that went before its first one, which had no room */
	struct again *due, **due_end;
};

struct group {
	unsigned slots, used;
};

struct schedule {
	struct schedule_rules rules;
	struct schedule_item *items;
	uint64_t *order; /* of each item, in the repetition that its bucket is in */
	uint32_t *sorted;
	uint32_t *bucket_of;
	size_t count;
	struct bucket *buckets;
	size_t bucket_count;
	struct group *groups;
	unsigned used; /* slots */
	uint64_t started;
	struct again **waiting; /* a heap, the soonest first */
	size_t waiting_count, waiting_room;
	size_t again_count; /* waiting or due */
};

/* ---- order ---- */

static bool is_before(const struct schedule *schedule, const struct schedule_ticket *a,
		      const struct schedule_ticket *b)
{
	int32_t mine = schedule->items[a->item].priority;
	int32_t other = schedule->items[b->item].priority;

	if (a->repetition != b->repetition)
		return a->repetition < b->repetition;
	if (mine != other)
		return mine > other;
	return a->order != b->order ? a->order < b->order : a->item < b->item;
}

static int compare_order(const void *left, const void *right, void *context)
{
	const struct schedule *schedule = context;
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	struct schedule_ticket x = {.item = a, .order = schedule->order[a]};
	struct schedule_ticket y = {.item = b, .order = schedule->order[b]};

	return is_before(schedule, &x, &y) ? -1 : is_before(schedule, &y, &x);
}

static int compare_bucket(const void *left, const void *right, void *context)
{
	const struct schedule *schedule = context;
	const struct schedule_item *a = &schedule->items[*(const uint32_t *)left];
	const struct schedule_item *b = &schedule->items[*(const uint32_t *)right];

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->threads > b->threads) - (a->threads < b->threads);
}

static void put_in_order(struct schedule *schedule, struct bucket *bucket)
{
	for (size_t i = 0; i < bucket->count; i++) {
		uint32_t item = bucket->items[i];

		schedule->order[item] =
			schedule->rules.shuffle
				? shuffle_draw(schedule->rules.seed, schedule->items[item].identity,
					       bucket->repetition)
				: item;
	}
	if (bucket->repetition == 0 || schedule->rules.shuffle)
		qsort_r(bucket->items, bucket->count, sizeof(*bucket->items), compare_order,
			schedule);
}

/* ---- beginning ---- */

static void copy_rules(struct schedule *schedule, const struct schedule_item *items)
{
	for (size_t i = 0; i < schedule->count; i++) {
		struct schedule_item *item = &schedule->items[i];

		*item = items[i];
		if (item->threads < 1)
			item->threads = 1;
		if (item->threads > schedule->rules.slots)
			item->threads = schedule->rules.slots;
		schedule->sorted[i] = i;
	}
	for (size_t i = 0; i < schedule->rules.group_count; i++)
		schedule->groups[i].slots =
			schedule->rules.group_slots[i] ? schedule->rules.group_slots[i] : 1;
}

/* Of items that are sorted by their bucket: is the i-th the first of one? */
static bool begins_bucket(struct schedule *schedule, size_t i)
{
	return i == 0 ||
	       compare_bucket(&schedule->sorted[i - 1], &schedule->sorted[i], schedule) != 0;
}

static int make_buckets(struct schedule *schedule)
{
	struct bucket *bucket;
	size_t buckets = 0;

	qsort_r(schedule->sorted, schedule->count, sizeof(*schedule->sorted), compare_bucket,
		schedule);
	for (size_t i = 0; i < schedule->count; i++)
		buckets += begins_bucket(schedule, i);
	schedule->buckets = calloc(buckets + 1, sizeof(*schedule->buckets));
	if (!schedule->buckets)
		return -ENOMEM;
	bucket = schedule->buckets - 1;
	for (size_t i = 0; i < schedule->count; i++) {
		const struct schedule_item *item = &schedule->items[schedule->sorted[i]];

		if (begins_bucket(schedule, i)) {
			*++bucket = (struct bucket){.group = item->group,
						    .threads = item->threads,
						    .items = &schedule->sorted[i]};
			bucket->due_end = &bucket->due;
		}
		bucket->count++;
		schedule->bucket_of[schedule->sorted[i]] = bucket - schedule->buckets;
	}
	schedule->bucket_count = buckets;
	for (size_t i = 0; i < buckets; i++)
		put_in_order(schedule, &schedule->buckets[i]);
	return 0;
}

struct schedule *schedule_new(const struct schedule_item *items, size_t count,
			      const struct schedule_rules *rules)
{
	struct schedule *schedule = calloc(1, sizeof(*schedule));

	if (!schedule)
		return NULL;
	schedule->rules = *rules;
	schedule->count = count;
	schedule->items = calloc(count + 1, sizeof(*schedule->items));
	schedule->order = calloc(count + 1, sizeof(*schedule->order));
	schedule->sorted = calloc(count + 1, sizeof(*schedule->sorted));
	schedule->bucket_of = calloc(count + 1, sizeof(*schedule->bucket_of));
	schedule->groups = calloc(rules->group_count + 1, sizeof(*schedule->groups));
	if (!schedule->items || !schedule->order || !schedule->sorted || !schedule->bucket_of ||
	    !schedule->groups) {
		schedule_free(schedule);
		return NULL;
	}
	copy_rules(schedule, items);
	if (make_buckets(schedule) < 0) {
		schedule_free(schedule);
		return NULL;
	}
	return schedule;
}

void schedule_free(struct schedule *schedule)
{
	if (!schedule)
		return;
	while (schedule_take_back(schedule))
		;
	free(schedule->items);
	free(schedule->order);
	free(schedule->sorted);
	free(schedule->bucket_of);
	free(schedule->groups);
	free(schedule->buckets);
	free(schedule->waiting);
	free(schedule);
}

/* ---- those that are to run again: a heap by the time when they are due ---- */

static void sink(struct schedule *schedule, size_t at)
{
	struct again **heap = schedule->waiting;

	for (size_t child; (child = 2 * at + 1) < schedule->waiting_count; at = child) {
		struct again *other;

		if (child + 1 < schedule->waiting_count && heap[child + 1]->due < heap[child]->due)
			child++;
		if (heap[at]->due <= heap[child]->due)
			return;
		other = heap[at];
		heap[at] = heap[child];
		heap[child] = other;
	}
}

static void rise(struct schedule *schedule, size_t at)
{
	struct again **heap = schedule->waiting;

	for (; at && heap[at]->due < heap[(at - 1) / 2]->due; at = (at - 1) / 2) {
		struct again *other = heap[at];

		heap[at] = heap[(at - 1) / 2];
		heap[(at - 1) / 2] = other;
	}
}

static struct again *take_soonest(struct schedule *schedule)
{
	struct again *again = schedule->waiting[0];

	schedule->waiting[0] = schedule->waiting[--schedule->waiting_count];
	sink(schedule, 0);
	return again;
}

int schedule_again(struct schedule *schedule, const struct schedule_ticket *ticket, double due,
		   void *what)
{
	size_t room = schedule->waiting_room ? 2 * schedule->waiting_room : 16;
	struct again *again = malloc(sizeof(*again)), **grown;

	if (again && schedule->waiting_count == schedule->waiting_room) {
		grown = reallocarray(schedule->waiting, room, sizeof(struct again *));
		if (grown) {
			schedule->waiting = grown;
			schedule->waiting_room = room;
		}
	}
	if (!again || schedule->waiting_count == schedule->waiting_room) {
		free(again);
		return -ENOMEM;
	}
	*again = (struct again){.ticket = *ticket, .due = due};
	again->ticket.again = what;
	schedule->waiting[schedule->waiting_count] = again;
	rise(schedule, schedule->waiting_count++);
	schedule->again_count++;
	return 0;
}

double schedule_due(const struct schedule *schedule)
{
	return schedule->waiting_count ? schedule->waiting[0]->due : INFINITY;
}

static void queue_due(struct schedule *schedule, double now)
{
	while (schedule->waiting_count && schedule->waiting[0]->due <= now) {
		struct again *again = take_soonest(schedule);
		struct bucket *bucket = &schedule->buckets[schedule->bucket_of[again->ticket.item]];

		again->next = NULL;
		*bucket->due_end = again;
		bucket->due_end = &again->next;
	}
}

/* Out of its bucket's queue, and gone. */
static void *take_due(struct schedule *schedule, struct bucket *bucket)
{
	struct again *again = bucket->due;
	void *what = again->ticket.again;

	bucket->due = again->next;
	if (!bucket->due)
		bucket->due_end = &bucket->due;
	schedule->again_count--;
	free(again);
	return what;
}

void *schedule_take_back(struct schedule *schedule)
{
	queue_due(schedule, INFINITY);
	for (size_t i = 0; i < schedule->bucket_count; i++)
		if (schedule->buckets[i].due)
			return take_due(schedule, &schedule->buckets[i]);
	return NULL;
}

/* ---- which one is next ---- */

static bool is_through(const struct bucket *bucket)
{
	return bucket->at == bucket->count;
}

/* The first repetition of which some case did not start. */
static uint64_t first_repetition(const struct schedule *schedule)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < schedule->bucket_count; i++) {
		const struct bucket *bucket = &schedule->buckets[i];
		uint64_t repetition = bucket->repetition + is_through(bucket);

		first = repetition < first ? repetition : first;
	}
	return first;
}

/* A bucket that is through goes on with its next repetition, unless it is too far ahead. */
static void go_on(struct schedule *schedule, struct bucket *bucket, uint64_t first)
{
	uint64_t next = bucket->repetition + 1;

	if (!is_through(bucket) || next > first + 1 ||
	    (schedule->rules.repetitions && next >= schedule->rules.repetitions))
		return;
	bucket->repetition = next;
	bucket->at = 0;
	put_in_order(schedule, bucket);
}

/* The first of a bucket; false when there is none at present. */
static bool look(const struct schedule *schedule, const struct bucket *bucket,
		 struct schedule_ticket *ret_ticket)
{
	uint64_t end = schedule->rules.repetitions;
	bool fresh = !is_through(bucket) && (!end || bucket->repetition < end) &&
		     schedule->again_count < SCHEDULE_WAITING;
	uint32_t item;

	if (fresh) {
		item = bucket->items[bucket->at];
		*ret_ticket = (struct schedule_ticket){.order = schedule->order[item],
						       .item = item,
						       .repetition = bucket->repetition};
	}
	if (bucket->due && (!fresh || !is_before(schedule, ret_ticket, &bucket->due->ticket))) {
		*ret_ticket = bucket->due->ticket;
		return true;
	}
	return fresh;
}

static void start(struct schedule *schedule, struct bucket *bucket,
		  const struct schedule_ticket *ticket)
{
	if (ticket->again) {
		take_due(schedule, bucket);
	} else {
		bucket->at++;
		schedule->started++;
	}
	bucket->passed = 0;
	schedule->used += bucket->threads;
	if (bucket->group != SCHEDULE_NO_GROUP)
		schedule->groups[bucket->group].used++;
}

static bool group_is_full(const struct schedule *schedule, const struct bucket *bucket)
{
	const struct group *group = &schedule->groups[bucket->group];

	return bucket->group != SCHEDULE_NO_GROUP && group->used >= group->slots;
}

bool schedule_next(struct schedule *schedule, double now, struct schedule_ticket *ret_ticket)
{
	unsigned room = schedule->rules.slots - schedule->used;
	unsigned patience = SCHEDULE_PATIENCE * schedule->rules.slots;
	struct schedule_ticket best = {0}, without_room = {0}, ticket;
	struct bucket *found = NULL, *large = NULL;
	uint64_t first;

	queue_due(schedule, now);
	if (!room)
		return false;
	first = first_repetition(schedule);
	for (size_t i = 0; i < schedule->bucket_count; i++) {
		struct bucket *bucket = &schedule->buckets[i];

		go_on(schedule, bucket, first);
		if (group_is_full(schedule, bucket) || !look(schedule, bucket, &ticket))
			continue;
		if (bucket->threads > room) {
			if (!large || is_before(schedule, &ticket, &without_room))
				large = bucket, without_room = ticket;
		} else if (!found || is_before(schedule, &ticket, &best)) {
			found = bucket;
			best = ticket;
		}
	}
	if (!found)
		return false;
	if (large && is_before(schedule, &without_room, &best) && large->passed++ >= patience)
		return false;
	*ret_ticket = best;
	start(schedule, found, &best);
	return true;
}

void schedule_ended(struct schedule *schedule, const struct schedule_ticket *ticket)
{
	const struct schedule_item *item = &schedule->items[ticket->item];

	schedule->used -= item->threads;
	if (item->group != SCHEDULE_NO_GROUP)
		schedule->groups[item->group].used--;
}

/* ---- the end ---- */

static uint64_t begun(const struct schedule *schedule)
{
	uint64_t last = 0;

	for (size_t i = 0; i < schedule->bucket_count; i++) {
		const struct bucket *bucket = &schedule->buckets[i];
		uint64_t mine = bucket->repetition + (bucket->at > 0);

		last = mine > last ? mine : last;
	}
	return last;
}

void schedule_stop(struct schedule *schedule)
{
	uint64_t last = begun(schedule);

	last = last ? last : 1;
	if (!schedule->rules.repetitions || last < schedule->rules.repetitions)
		schedule->rules.repetitions = last;
}

uint64_t schedule_left(const struct schedule *schedule)
{
	uint64_t repetitions = schedule->rules.repetitions;

	return (repetitions ? repetitions : begun(schedule)) * schedule->count - schedule->started;
}
