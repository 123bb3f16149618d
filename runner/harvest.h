/* SPDX-License-Identifier: MIT */
/*
 * harvest.h: files of a cell that outlive it
 *
 * Init walks through what the test has left, and sends each file to the keeper: its path as text,
 * and an open descriptor. The keeper copies it as the caller (harvested.c). What a test leaves is
 * not trusted: only regular files are opened, no link is followed, and there are bounds on depth
 * and number.
 */
#ifndef CLOCHE_HARVEST_H
#define CLOCHE_HARVEST_H

#include "fixture.h"
#include "protocol.h"

enum harvest {
	HARVEST_OUTPUTS = 1 << 0, /* what is in TEST_UNDECLARED_OUTPUTS_DIR */
	HARVEST_WRITES = 1 << 1,  /* what was written to the machine's files */
};

enum harvested_kind {
	HARVESTED_OUTPUT = 1, /* with a descriptor, relative to that directory */
	HARVESTED_FILE,       /* with a descriptor, relative to the root */
	HARVESTED_LINK,       /* the path, a NUL, and where it leads */
	HARVESTED_REMOVED,    /* a file or directory of the machine that is gone */
	HARVESTED_TOO_MANY,   /* and what follows is left out */
};

/* In init. `report` is to be sent with; `what`: enum harvest. */
void harvest(const struct cell *cell, struct report *report, uint32_t what);

#endif
