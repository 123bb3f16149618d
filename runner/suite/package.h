/* SPDX-License-Identifier: MIT */
/*
 * package.h: the directory of the package that a test program was built from
 *
 * cargo and go run tests there, and their tests open files beside their sources.
 */
#ifndef CLOCHE_PACKAGE_H
#define CLOCHE_PACKAGE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* By the list of sources that cargo wrote beside the program, PATH.d. False: there is none. */
bool package_of_cargo(const char *path, char directory[PATH_MAX]);

/* By the names of sources in the program, or by those beside it. */
bool package_of_go(const char *path, char directory[PATH_MAX]);
/* Pure: the next absolute name of a test's source in these bytes, from *at on; NULL: no more. */
const char *package_go_source(const char **at, const char *end);

#endif
