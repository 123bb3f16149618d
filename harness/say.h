/* SPDX-License-Identifier: MIT */
/*
 * say.h: records, from the test to whoever listens
 */
#ifndef CLOCHE_SAY_H
#define CLOCHE_SAY_H

#include "record.h"

/* From now on to this pipe; -1: to standard error, in words. */
void say_to(int fd);
bool say_is_aloud(void);

/* Fills in the writer. Thread-safe; keeps errno; nothing is said after the last word. */
void say(const struct record *record);

/* The same, safe in a signal handler, whoever may be speaking just then. */
void say_dying(const struct record *record);

/* DONE. Waits until other threads have finished their sentences. */
void say_last(uint64_t checks, uint64_t failures);

#endif
