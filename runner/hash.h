/* SPDX-License-Identifier: MIT */
/*
 * hash.h: numbers out of names, the same on every machine and for ever
 *
 * Shards and seeds depend on them: whoever changes this moves everybody's cases.
 */
#ifndef CLOCHE_HASH_H
#define CLOCHE_HASH_H

#include <stdint.h>

/* FNV-1a, over the text and its 0, so that ("a", "bc") is not ("ab", "c"). Begin with HASH_START.
 */
#define HASH_START 0xcbf29ce484222325u

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	while (*text++);
	return hash;
}

/* Every bit of the result depends on every bit of `z`: the end of splitmix64 (Steele, Lea, Flood).
 */
static inline uint64_t hash_mix(uint64_t z)
{
	z += 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

#endif
