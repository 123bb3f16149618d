/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "suite/digest.h"

#define WORD sizeof(uint32_t)

static uint32_t bit_of(const void *word)
{
	uint32_t value;

	memcpy(&value, word, sizeof(value));
	return value * 2654435761u >> (32 - DIGEST_BITS); /* of Knuth: 2^32 by the golden ratio */
}

void digest_add(struct digest *digest, const unsigned char *text, size_t size)
{
	for (; size >= WORD; text += WORD, size -= WORD) {
		uint32_t bit = bit_of(text);

		digest->words[bit / 64] |= UINT64_C(1) << bit % 64;
	}
}

/* If it is in a text where the first word that is in it as a whole begins at `from`. */
static bool has_words(const struct digest *digest, const char *string, size_t size, size_t from)
{
	for (; from + WORD <= size; from += WORD) {
		uint32_t bit = bit_of(string + from);

		if (!(digest->words[bit / 64] >> bit % 64 & 1))
			return false;
	}
	return true;
}

bool digest_may_hold(const struct digest *digest, const char *string, size_t size)
{
	for (size_t from = 0; from < WORD; from++)
		if (from + WORD > size || has_words(digest, string, size, from))
			return true;
	return false;
}
