/* SPDX-License-Identifier: MIT */
/*
 * shell.h: words and quotes as sh(1) has them. Pure.
 */
#ifndef CLOCHE_SHELL_H
#define CLOCHE_SHELL_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Take a line apart into words, each with its NUL, without expanding anything. `words` has room for
 * strlen(line) + 1. Returns the size of the words, or -EINVAL: a quote is not closed.
 */
ssize_t shell_words(const char *line, char *words);

#endif
