/* SPDX-License-Identifier: MIT */
/*
 * How build systems and CI services say which part of a run is ours.
 *
 * Left out on purpose: services whose parallel steps are usually different work, where running only
 * a part would be running too little (Bitbucket's BITBUCKET_PARALLEL_STEP).
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shard.h"

static const struct shard_protocol protocols[] = {
	/* https://bazel.build/reference/test-encyclopedia; it sets googletest's as well */
	{"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", "TEST_SHARD_INDEX and TEST_TOTAL_SHARDS", 0,
	 "TEST_SHARD_STATUS_FILE"},
	/* https://google.github.io/googletest/advanced.html */
	{"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", "GTEST_SHARD_INDEX and GTEST_TOTAL_SHARDS", 0,
	 "GTEST_SHARD_STATUS_FILE"},
	/* GitLab; the total is 1 in jobs that are not parallel, and has no index with it */
	{"CI_NODE_INDEX", "CI_NODE_TOTAL", "CI_NODE_INDEX and CI_NODE_TOTAL", 1, NULL},
	/* CircleCI */
	{"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", "CIRCLE_NODE_INDEX and CIRCLE_NODE_TOTAL", 0,
	 NULL},
	{"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT",
	 "BUILDKITE_PARALLEL_JOB and BUILDKITE_PARALLEL_JOB_COUNT", 0, NULL},
	{"SEMAPHORE_JOB_INDEX", "SEMAPHORE_JOB_COUNT",
	 "SEMAPHORE_JOB_INDEX and SEMAPHORE_JOB_COUNT", 1, NULL},
};

#define PROTOCOLS (sizeof(protocols) / sizeof(*protocols))

static const char *value_of(char *(*get)(const char *), const char *name)
{
	const char *value = get(name);

	return value && *value ? value : NULL;
}

static int number_of(const char *text, unsigned *ret)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || number > SHARDS_MAX)
		return -EINVAL;
	*ret = (unsigned)number;
	return 0;
}

/* What one of them says: 1, 0: nothing, or -EINVAL. */
static int ask(const struct shard_protocol *protocol, char *(*get)(const char *), struct shard *ret,
	       char *why, size_t size)
{
	static const char cure[] = "give --shard, or unset them";
	const char *index = value_of(get, protocol->index);
	const char *count = value_of(get, protocol->count);
	unsigned number, total;

	if (count && number_of(count, &total)) {
		snprintf(why, size, "%s is '%s', which is no number of shards; %s", protocol->count,
			 count, cure);
		return -EINVAL;
	}
	if ((count && total <= 1) || (!count && !index))
		return 0;
	if (!count || !index) {
		snprintf(why, size, "%s is set and %s is not; %s",
			 count ? protocol->count : protocol->index,
			 count ? protocol->index : protocol->count, cure);
		return -EINVAL;
	}
	if (number_of(index, &number) || number < protocol->first ||
	    number >= total + protocol->first) {
		snprintf(why, size, "%s is '%s', and with %s=%u goes from %u to %u; %s",
			 protocol->index, index, protocol->count, total, protocol->first,
			 total + protocol->first - 1, cure);
		return -EINVAL;
	}
	*ret = (struct shard){.index = number - protocol->first + 1, .count = total};
	return 1;
}

int shard_from_environment(char *(*get)(const char *), struct shard *ret, const char **ret_names,
			   char *why, size_t size)
{
	const struct shard_protocol *first = NULL;
	struct shard found = {0}, other;

	for (size_t i = 0; i < PROTOCOLS; i++) {
		int result = ask(&protocols[i], get, &other, why, size);

		if (result < 0)
			return result;
		if (!result)
			continue;
		if (first && (other.index != found.index || other.count != found.count)) {
			snprintf(why, size,
				 "%s say shard %u/%u, and %s %u/%u; give --shard, or unset those "
				 "that are not meant",
				 first->names, found.index, found.count, protocols[i].names,
				 other.index, other.count);
			return -EINVAL;
		}
		first = first ? first : &protocols[i];
		found = other;
	}
	if (!first)
		return 0;
	*ret = found;
	*ret_names = first->names;
	return 1;
}

const struct shard_protocol *shard_protocol(size_t number)
{
	return number < PROTOCOLS ? &protocols[number] : NULL;
}

static bool is_name(const char *known, const char *name, size_t size)
{
	return known && strlen(known) == size && !memcmp(known, name, size);
}

bool shard_is_variable(const char *name, size_t size)
{
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (is_name(protocols[i].index, name, size) ||
		    is_name(protocols[i].count, name, size) ||
		    is_name(protocols[i].status, name, size))
			return true;
	return is_name(SHARD_ONLY, name, size);
}
