/* SPDX-License-Identifier: MIT */
/*
 * list.h: the cases of one suite, while they are listed
 */
#ifndef CLOCHE_LIST_H
#define CLOCHE_LIST_H

#include "suite/kind.h"

struct list {
	struct suite *suite; /* whose memory has all texts */
	size_t room;         /* of suite->cases */
	bool failed;         /* not enough memory */
	char why[512];
};

/* Whatever the suite had of an earlier attempt is forgotten. */
void list_begin(struct list *list, struct suite *suite);
/* Names become unique: the second "a" is "a#2". Returns 0 or -ENOMEM. */
int list_end(struct list *list);

#endif
