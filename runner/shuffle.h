/* SPDX-License-Identifier: MIT */
/*
 * shuffle.h: an order drawn by chance, the same for the same seed on every machine
 *
 * Each case draws a number of its own, and they run from the smallest to the largest: what is left
 * out by a filter, or comes anew, does not change the order of the others. Where the suite is does
 * not either: only the last part of its path counts.
 */
#ifndef CLOCHE_SHUFFLE_H
#define CLOCHE_SHUFFLE_H

#include <stdint.h>

/* What a case is in this: a hash of its names. */
uint64_t shuffle_identity(const char *suite, const char *name);

/* Its number. */
uint64_t shuffle_draw(uint64_t seed, uint64_t identity, uint32_t repetition);

#endif
