/* SPDX-License-Identifier: MIT */
/* excerpt.h: a place in a text, shown with a caret below it */
#ifndef CLOCHE_EXCERPT_H
#define CLOCHE_EXCERPT_H

#include <stddef.h>
#include <stdio.h>

/*
 * Two lines, indented, each with a newline before it: the text around `place`, of one line of a
 * terminal, and the mark of the `length` bytes there. Less than 256 bytes.
 */
void excerpt_print(FILE *out, const char *text, const char *place, size_t length);

/* As it looks on a terminal; what is no character is shown by its code. Allocated, or NULL. */
char *excerpt_show(const char *from, size_t length);

#endif
