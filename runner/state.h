/* SPDX-License-Identifier: MIT */
/*
 * state.h: what outlives a run, below $CLOCHE_STATE_DIR, $XDG_STATE_HOME/cloche or
 * ~/.local/state/cloche
 */
#ifndef CLOCHE_STATE_H
#define CLOCHE_STATE_H

#include <stddef.h>

/* The path of a part of it. Returns 0, or -errno with a sentence in `why`. */
int state_directory(const char *part, char *path, size_t size, char *why, size_t why_size);

/* Make `path` and all that lead to it; what is made is the caller's alone. Returns 0 or -errno. */
int state_make(char *path);

#endif
