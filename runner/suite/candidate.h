/* SPDX-License-Identifier: MIT */
/*
 * candidate.h: a path that is to be recognised
 */
#ifndef CLOCHE_CANDIDATE_H
#define CLOCHE_CANDIDATE_H

#include "suite/kind.h"

/* Whatever the path is; its bytes are mapped when somebody asks for them. */
void candidate_look(struct candidate *candidate, const char *path);
void candidate_end(struct candidate *candidate);

#endif
