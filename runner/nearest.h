/* SPDX-License-Identifier: MIT */
/*
 * nearest.h: which of the words that exist was meant by one that does not
 *
 *	struct nearest nearest = {.word = "shufle"};
 *	nearest_offer(&nearest, "shuffle");
 *	...
 *	if (nearest.found) "did you mean '%s'?"
 */
#ifndef CLOCHE_NEAREST_H
#define CLOCHE_NEAREST_H

struct nearest {
	const char *word;
	const char *found; /* the nearest that was offered, borrowed; NULL: none is near enough */
	unsigned distance; /* of it */
};

void nearest_offer(struct nearest *nearest, const char *known);

#endif
