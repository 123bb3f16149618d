/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hash.h"
#include "shuffle.h"

uint64_t shuffle_draw(uint64_t seed, const char *suite, const char *name, uint32_t repetition)
{
	const char *slash = strrchr(suite, '/');
	uint64_t hash = hash_text(hash_text(HASH_START, slash ? slash + 1 : suite), name);

	return hash_mix(hash_mix(hash + repetition) ^ hash_mix(seed));
}
