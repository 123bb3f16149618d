/* SPDX-License-Identifier: MIT */
/*
 * keys.h: single keys while a run goes on
 *
 * Only where standard input is our own terminal: keys come one by one and are not shown. Signals of
 * the keyboard stay what they are. The terminal is set back at the end, whatever the end is.
 */
#ifndef CLOCHE_KEYS_H
#define CLOCHE_KEYS_H

#include <stdbool.h>

/* True when descriptor 0 now gives keys; it is to be read when it is readable. */
bool keys_begin(void);

/* The next key, or 0 when there is none. */
char keys_next(void);

void keys_end(void);

#endif
