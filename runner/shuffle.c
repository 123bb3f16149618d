/* SPDX-License-Identifier: MIT */
#include "shuffle.h"

/* splitmix64 (Steele, Lea, Flood 2014): every seed is good, and it is six lines. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* A number below `bound`, each as likely: what is left over at the top is drawn again. */
static uint64_t below(uint64_t *state, uint64_t bound)
{
	uint64_t rest = -bound % bound, drawn;

	do
		drawn = next(state);
	while (drawn < rest);
	return drawn % bound;
}

/* Fisher and Yates. */
void shuffle(uint32_t *order, size_t count, uint64_t seed)
{
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t j = below(&seed, i);
		uint32_t other = order[j];

		order[j] = order[i - 1];
		order[i - 1] = other;
	}
}
