/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "nearest.h"

#define LENGTH_MAX 255

/*
 * How many changes of a letter, or swaps of two neighbours, make one word of the other; enough to
 * guess what was meant. Stops at `enough`, which is returned for all that is at least so far.
 */
static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size,
			 unsigned enough)
{
	unsigned rows[3][LENGTH_MAX + 1]; /* of i, i - 1 and i - 2 */
	unsigned *row = rows[0], *above = rows[1], *before = rows[2], *other;

	for (unsigned j = 0; j <= b_size; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a_size; i++) {
		unsigned least = i;

		other = before, before = above, above = row, row = other;
		row[0] = i;
		for (unsigned j = 1; j <= b_size; j++) {
			unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);

			best = above[j] + 1 < best ? above[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
			least = best < least ? best : least;
		}
		if (least > enough) /* one less is still to be had, by a swap */
			return enough;
	}
	return row[b_size] < enough ? row[b_size] : enough;
}

void nearest_offer(struct nearest *nearest, const char *known)
{
	size_t size = strlen(nearest->word), known_size = strlen(known);
	size_t apart = size < known_size ? known_size - size : size - known_size;
	unsigned enough = size < 6 ? (unsigned)size / 2 + 1 : 4, found;

	if (nearest->found)
		enough = nearest->distance;
	if (apart >= enough || size > LENGTH_MAX || known_size > LENGTH_MAX)
		return;
	found = distance(nearest->word, size, known, known_size, enough);
	if (found < enough) {
		nearest->found = known;
		nearest->distance = found;
	}
}
