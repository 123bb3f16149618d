/* SPDX-License-Identifier: MIT */
/*
 * crash.h: the last words of a test that dies of a signal
 *
 *  1. crash_prime(), once in the zygote: what the handler needs is loaded, and made.
 *  2. crash_install(), in the test's own process.
 *
 * The handler says RECORD_CRASH, and dies of the signal, so that the wait status tells it as well.
 */
#ifndef CLOCHE_CRASH_H
#define CLOCHE_CRASH_H

#include <stdint.h>

void crash_prime(void);

/*
 * Does nothing under sanitizers that report crashes themselves. Handlers that the test installs
 * later replace these; children of the test die without words.
 * `address_space` as for limit_reached().
 */
void crash_install(uint64_t address_space);

#endif
