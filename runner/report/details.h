/* SPDX-License-Identifier: MIT */
/*
 * details.h: what is to be said of one case, as text for people
 */
#ifndef CLOCHE_DETAILS_H
#define CLOCHE_DETAILS_H

#include <stdio.h>

#include "event.h"

/*
 * Failures, crash, notes, attachments, what was left behind, and when verbose what it used; without
 * the output.
 */
void details_print(FILE *out, const struct result *result, bool verbose);

/* What it printed, between two lines that say so; nothing when it printed nothing. */
void details_output(FILE *out, const struct captured *captured, bool color);

/* "file.c:12: ", or nothing. */
void details_place(FILE *out, const struct remark *remark);

/* What was wrong, as a line with its place: the first one, and not too much of it. */
void details_gist(FILE *out, const struct remark *remark);

#endif
