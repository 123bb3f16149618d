/* SPDX-License-Identifier: MIT */
/*
 * case.h: the cases of this program
 *
 * The list is expanded (one entry a row of TEST_EACH) and sorted by file and line. It costs eight
 * bytes an entry, since a zygote pays for every page at each fork; the entries themselves are made
 * on demand.
 */
#ifndef CLOCHE_CASE_H
#define CLOCHE_CASE_H

#include <stddef.h>

#include "cloche.h"

struct case_entry {
	const char *name; /* "hostname_is_mine", "opens/readonly", "pipes.carries_a_byte" */
	const char *file;
	unsigned line;
	struct cloche_options options; /* with its fixture's defaults */
	const struct cloche_case *source;
	const void *row; /* of TEST_EACH, or NULL */
};

size_t case_count(void);

/* The entry is valid until the next call. */
const struct case_entry *case_at(size_t index);

/*
 * Every case needs a name of its own. Returns 0; -EEXIST with a sentence in `buffer` that names
 * both places; -EINVAL likewise when a row has no name; -ENOMEM.
 */
int case_check_duplicates(char *buffer, size_t size);

/* Fields of `options` that are zero become those of `defaults`. */
void case_merge_options(struct cloche_options *options, const struct cloche_options *defaults);

/* What the program was built with, as its units registered it. */
const struct cloche_unit *case_coverage(void); /* NULL without */

#endif
