/* SPDX-License-Identifier: MIT */
/*
 * catch2_spec.h: which tests a test spec of Catch2 takes, and the spec that takes one
 *
 * A name in a spec is compared without regard to case and to blanks at its ends, and an asterisk at
 * either end stands for anything. Nothing escapes that. So a spec may take more tests than the one
 * whose name it is: these are its peers.
 */
#ifndef CLOCHE_CATCH2_SPEC_H
#define CLOCHE_CATCH2_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct catch2_name {
	const char *name;
	const char *pattern; /* what stands in a spec; the same but for rare ones */
	unsigned place;      /* among its peers, from 0, in their order */
	unsigned peers;      /* with itself */
};

/* The pattern of a name: "exclude:" at its begin is an operator. Allocated, or NULL. */
char *catch2_pattern(const char *name);
bool catch2_takes(const char *pattern, const char *name);
/* Counts the peers of all. Returns 0 or -ENOMEM. */
int catch2_find_peers(struct catch2_name *names, size_t count);
/* "pattern", with what has to be escaped. */
void catch2_put_pattern(FILE *to, const char *pattern);

#endif
