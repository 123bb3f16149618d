/* SPDX-License-Identifier: MIT */
/*
 * matrix.h: one case at many times, each of which is a case of its own
 *
 * A case whose world asks for a matrix (.uptimes or .walls, --uptime-matrix) is as many cases, one
 * for each point: of the same place in its suite, with a name of its own, "lease@uptime=49.7d", and
 * the point's time in its world. From then on nothing knows of matrices: lists, filters, retries,
 * reports and journals have cases, as they are used to. Where the suite itself is asked, for the
 * command of a case or what became of it, it is asked for the case that it knows, suite_listed().
 */
#ifndef CLOCHE_MATRIX_H
#define CLOCHE_MATRIX_H

#include <stddef.h>
#include <time.h>

#include "suite.h"

/* Of what a point is one; suite_case.held has those that its name tells, which nothing changes. */
enum matrix_axis {
	MATRIX_UPTIME = 1 << 0,
	MATRIX_WALL = 1 << 1,
};

struct matrix_point {
	char name[32];  /* "49.7d" */
	char value[32]; /* of the option of a world: "4294962.296" */
};

#define MATRIX_POINTS 16 /* of an axis, at most */

/*
 * Five seconds before what programs keep of the time since boot comes to an end in 31 or 32 bits,
 * as milliseconds, hundredths or seconds; and the start itself. Returns how many these are.
 */
size_t matrix_uptimes(struct matrix_point points[MATRIX_POINTS]);

/*
 * Dates of note, in their order, and both on which the clocks of `zone`, a value of TZ, are moved
 * in MATRIX_YEAR, where they are. Returns how many these are.
 */
size_t matrix_walls(const char *zone, struct matrix_point points[MATRIX_POINTS]);

#define MATRIX_YEAR 2027

/*
 * The first moments of that year from which a zone's clocks are ahead of, and behind, what they
 * were before; 0: there is none.
 */
void matrix_zone_changes(const char *zone, int year, time_t *ret_forward, time_t *ret_back);

/*
 * Make these cases of all suites. To be called once, when they are listed. Returns 0, or the exit
 * code, having said why.
 */
int matrix_expand(struct suites *suites, const struct session *session);

/*
 * "lease@uptime=49.7d": the flag that makes such points, and the size of the case's own name; or
 * NULL, when it is none.
 */
const char *matrix_flag_of(const char *name, size_t *ret_size);

#endif
