/* SPDX-License-Identifier: MIT */
/* shuffle.h: an order drawn by chance, the same for the same seed on every machine */
#ifndef CLOCHE_SHUFFLE_H
#define CLOCHE_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

/* Fill `order` with a permutation of 0 to count - 1. */
void shuffle(uint32_t *order, size_t count, uint64_t seed);

#endif
