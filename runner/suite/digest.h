/* SPDX-License-Identifier: MIT */
/*
 * digest.h: what a large text surely does not hold, in one pass over it
 *
 * Each kind of foreign suites looks for marks of its own in a program, two dozen in all. Of the
 * words of four bytes that a text is made of, a bit is set for each; a string that is in the text
 * covers some of them, wherever it begins. When one of these is missing, so is the string.
 */
#ifndef CLOCHE_DIGEST_H
#define CLOCHE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BITS 19

/* All zero is the digest of no text. */
struct digest {
	uint64_t words[(1u << DIGEST_BITS) / 64];
};

/* A further text; no string is looked for across two of them. */
void digest_add(struct digest *digest, const unsigned char *text, size_t size);

/* False: none of the texts holds `string`. True says nothing, as for less than seven bytes. */
bool digest_may_hold(const struct digest *digest, const char *string, size_t size);

#endif
