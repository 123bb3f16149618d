/* SPDX-License-Identifier: MIT */
/*
 * covered.h: how much of cloche itself its tests reach
 *
 * Only in a build with -DCLOCHE_COVERED (ci/coverage.sh), and there only where GCOV_PREFIX is set.
 * Zygotes and inits end by _exit(2), and where they are, no path leads to the coverage data: so the
 * zygote opens that directory at its start, and whoever ends writes relative to it.
 */
#ifndef CLOCHE_COVERED_H
#define CLOCHE_COVERED_H

#include <stdbool.h>

#ifdef CLOCHE_COVERED
void covered_begin(void); /* in a zygote that starts, which must have closed what it inherited */
void covered_fork(void);  /* in an init: what the zygote did is not its own */
void covered_end(void);   /* before _exit(2) of either */
bool covered_is_on(void);
#else
static inline void covered_begin(void)
{
}
static inline void covered_fork(void)
{
}
static inline void covered_end(void)
{
}
static inline bool covered_is_on(void)
{
	return false;
}
#endif

#endif
