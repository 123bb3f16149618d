/* SPDX-License-Identifier: MIT */
/*
 * diff.h: where two texts, or two pieces of memory, differ. Pure.
 */
#ifndef CLOCHE_DIFF_H
#define CLOCHE_DIFF_H

#include "text.h"

/* A side: how it was written in the source, and what it is. data may be NULL. */
struct diff_side {
	const char *label;
	int label_size;
	const char *data;
	size_t size;
};

/* A literal says itself what it is. */
bool diff_label_is_literal(const struct diff_side *side);

/* Both texts, with the first place at which they differ; a diff of lines where there are several.
 */
void diff_strings(struct text *text, const struct diff_side *a, const struct diff_side *b);

/* A diff of lines: ' ' both, '-' a's, '+' b's, with three lines around what differs. */
void diff_lines(struct text *text, const struct diff_side *a, const struct diff_side *b);

/* Rows of eight bytes, a's beside b's, around the places at which they differ. */
void diff_memory(struct text *text, const unsigned char *a, const unsigned char *b, size_t size);

#endif
