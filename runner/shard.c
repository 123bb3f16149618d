/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "shard.h"

static int parse_part(const char **text, unsigned *ret)
{
	unsigned number = 0;
	const char *at = *text;

	if (!isdigit((unsigned char)*at))
		return -EINVAL;
	for (; isdigit((unsigned char)*at); at++) {
		number = number * 10 + (unsigned)(*at - '0');
		if (number > SHARDS_MAX)
			return -EINVAL;
	}
	*text = at;
	*ret = number;
	return 0;
}

int shard_parse(const char *text, struct shard *ret)
{
	struct shard shard = {.by_time = !strncmp(text, "time:", 5)};

	text += shard.by_time ? 5 : 0;
	if (parse_part(&text, &shard.index) || *text++ != '/' || parse_part(&text, &shard.count) ||
	    *text || !shard.index || shard.index > shard.count)
		return -EINVAL;
	*ret = shard;
	return 0;
}

const char *shard_text(const struct shard *shard)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%u/%u", shard->by_time ? "time:" : "", shard->index,
		 shard->count);
	return shard->count ? text : NULL;
}

unsigned shard_by_hash(unsigned count, const char *suite, const char *name)
{
	uint64_t hash = hash_mix(hash_text(hash_text(HASH_START, suite), name));

	return (unsigned)((hash >> 32) * count >> 32) + 1;
}

/* ---- by time ---- */

/* Longest first; what takes as long, in an order that only the names make. */
static int compare_items(const void *a, const void *b)
{
	const struct shard_item *one = *(const struct shard_item *const *)a;
	const struct shard_item *other = *(const struct shard_item *const *)b;
	int result = (one->seconds < other->seconds) - (one->seconds > other->seconds);

	result = result ? result : strcmp(one->suite, other->suite);
	return result ? result : strcmp(one->name, other->name);
}

/* What is not known becomes the median; with nothing known all are alike. */
static void guess_seconds(struct shard_item **sorted, size_t count)
{
	size_t known = 0;
	double median;

	while (known < count && sorted[known]->seconds >= 0)
		known++;
	median = known ? sorted[known / 2]->seconds : 1;
	for (size_t i = known; i < count; i++)
		sorted[i]->seconds = median;
}

struct load {
	double seconds;
	unsigned shard;
};

static bool is_less(const struct load *a, const struct load *b)
{
	return a->seconds < b->seconds || (a->seconds == b->seconds && a->shard < b->shard);
}

/* The first of a heap has become larger. */
static void sink(struct load *heap, size_t count)
{
	for (size_t at = 0;;) {
		size_t child = 2 * at + 1;
		struct load other;

		if (child >= count)
			return;
		if (child + 1 < count && is_less(&heap[child + 1], &heap[child]))
			child++;
		if (!is_less(&heap[child], &heap[at]))
			return;
		other = heap[at];
		heap[at] = heap[child];
		heap[child] = other;
		at = child;
	}
}

int shard_by_time(unsigned count, struct shard_item *items, size_t item_count)
{
	struct shard_item **sorted = calloc(item_count + 1, sizeof(struct shard_item *));
	struct load *heap = calloc(count, sizeof(*heap));

	for (size_t i = 0; sorted && i < item_count; i++)
		sorted[i] = &items[i];
	for (unsigned i = 0; heap && i < count; i++)
		heap[i].shard = i + 1;
	if (sorted && heap) {
		qsort(sorted, item_count, sizeof(*sorted), compare_items);
		guess_seconds(sorted, item_count);
		qsort(sorted, item_count, sizeof(*sorted), compare_items);
		for (size_t i = 0; i < item_count; i++) {
			sorted[i]->shard = heap->shard;
			heap->seconds += sorted[i]->seconds;
			sink(heap, count);
		}
	}
	free(sorted);
	free(heap);
	return sorted && heap ? 0 : -ENOMEM;
}
