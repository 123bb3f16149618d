/* SPDX-License-Identifier: MIT */
/*
 * utf8.h: bytes that a test printed, made safe to show
 *
 * All of them append to a memory stream (open_memstream(3)), whose errors its owner looks at.
 */
#ifndef CLOCHE_UTF8_H
#define CLOCHE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The length of the valid UTF-8 character at the start of `bytes`: 1 to 4, or 0. Overlong forms,
 * surrogates and what is above U+10FFFF are not valid (RFC 3629).
 */
size_t utf8_length(const char *bytes, size_t size);

/*
 * For a terminal: bytes that are no UTF-8, and characters that act on others (control characters
 * but newline and tab, separators of lines, changes of direction), as \xNN a byte. "\r\n" is a
 * newline. Sequences that only set colours (ESC [ ... m) are left out without `color`; with it they
 * are kept, and colours end where the text does.
 */
void utf8_for_terminal(FILE *out, const char *bytes, size_t size, bool color);

/* The same for a line that it must not break, without colours: newlines and tabs become spaces. */
void utf8_in_line(FILE *out, const char *text);
bool utf8_fits_line(const char *text); /* it would be printed as it is */

/* For JSON and the like: what is no UTF-8 becomes U+FFFD. Returns whether anything was. */
bool utf8_repair(FILE *out, const char *bytes, size_t size);

/*
 * UTF-8 that can become the same bytes again: each byte that is no UTF-8 becomes the private
 * character U+10FF00 + byte (U+10FF80 to U+10FFFF); so do the four of such a character itself.
 * Returns whether anything was no UTF-8. The second is the way back, in place; it returns the size.
 */
bool utf8_escape(FILE *out, const char *bytes, size_t size);
size_t utf8_unescape(char *text, size_t size);

#endif
