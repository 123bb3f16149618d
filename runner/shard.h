/* SPDX-License-Identifier: MIT */
/*
 * shard.h: one part of several that together are all cases
 *
 * By hash, a case's shard depends on nothing but the names of its suite and its own, and on how
 * many shards there are. By time, it depends on all cases and on how long they took: they are
 * dealt out, longest first, each to the shard that has least to do.
 */
#ifndef CLOCHE_SHARD_H
#define CLOCHE_SHARD_H

#include <stdbool.h>
#include <stddef.h>

struct shard {
	unsigned index, count; /* 1 to count; 0 of 0: there are none */
	bool by_time;
};

#define SHARDS_MAX 100000

/* "2/4", "time:2/4". Returns 0, or -EINVAL. */
int shard_parse(const char *text, struct shard *ret);

/* The same back, in a static buffer; NULL when there are none. */
const char *shard_text(const struct shard *shard);

/* Which of `count` shards, 1 and up. */
unsigned shard_by_hash(unsigned count, const char *suite, const char *name);

struct shard_item {
	const char *suite, *name;
	double seconds; /* below 0: not known; such a case counts as the median of the others */
	unsigned shard; /* the result */
};

/* Fills in `shard`, whatever the order of the items is. Returns 0, or -ENOMEM. */
int shard_by_time(unsigned count, struct shard_item *items, size_t item_count);

/*
 * What the environment says, as build systems and CI services do; `get` is getenv(3). Returns 1
 * with *ret and the variables' names ("CI_NODE_INDEX and CI_NODE_TOTAL"), 0: nothing, or -EINVAL
 * with a sentence in `why`: the values are none, or contradict each other.
 */
int shard_from_environment(char *(*get)(const char *), struct shard *ret, const char **ret_names,
			   char *why, size_t size);

/* The variables of one of them. Cases see none of these. */
struct shard_protocol {
	const char *index, *count, *names;
	unsigned first; /* the index of the first shard */
	const char
		*status; /* holds the path of a file to touch, for who knows of shards; or NULL */
};

/* NULL behind the last one. */
const struct shard_protocol *shard_protocol(size_t number);

/* bazel test --test_filter=GLOB */
#define SHARD_ONLY "TESTBRIDGE_TEST_ONLY"

/* Is it one of all these variables? */
bool shard_is_variable(const char *name, size_t size);

#endif
