/* SPDX-License-Identifier: MIT */
/*
 * hint.h: what a cell cannot do, where a program says no more than errno. Pure.
 */
#ifndef CLOCHE_HINT_H
#define CLOCHE_HINT_H

#include <stddef.h>

#include "cloche.h"

/* For a case that failed, from what it printed and its world: a sentence with a cure, or NULL. */
const char *hint_find(const struct cloche_options *options, const char *text, size_t size);

#endif
