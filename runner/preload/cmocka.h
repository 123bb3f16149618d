/* SPDX-License-Identifier: MIT */
/*
 * cmocka.h: what the kind `cmocka` and what it preloads agree on
 *
 * The variable is "list", or "GROUP TEST NAME": numbers from 0, and the name that the test had when
 * it was listed. Told are texts with a NUL at their end, the first letter of which says what it is.
 */
#ifndef CLOCHE_PRELOAD_CMOCKA_H
#define CLOCHE_PRELOAD_CMOCKA_H

#define PRELOAD_CMOCKA    "CLOCHE_CMOCKA"
#define PRELOAD_CMOCKA_TO "/proc/self/fd/249"

#define PRELOAD_CMOCKA_GROUP 'G' /* its name */
#define PRELOAD_CMOCKA_TEST  'T' /* of this group, its name */
#define PRELOAD_CMOCKA_BEGIN 'B' /* the test was found */
#define PRELOAD_CMOCKA_END   'E' /* and has ended; how many failed */

#endif
