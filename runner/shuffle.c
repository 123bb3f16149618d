/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "hash.h"
#include "shuffle.h"

uint64_t shuffle_identity(const char *suite, const char *name)
{
	const char *slash = strrchr(suite, '/');

	return hash_text(hash_text(HASH_START, slash ? slash + 1 : suite), name);
}

uint64_t shuffle_draw(uint64_t seed, uint64_t identity, uint32_t repetition)
{
	return hash_mix(hash_mix(identity + repetition) ^ hash_mix(seed));
}
