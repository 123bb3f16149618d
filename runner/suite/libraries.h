/* SPDX-License-Identifier: MIT */
/*
 * libraries.h: the shared libraries that a program brings along
 */
#ifndef CLOCHE_LIBRARIES_H
#define CLOCHE_LIBRARIES_H

#include <stdio.h>

/* What tells one version of a file from the next, as a line. */
struct stat;
void put_version(FILE *to, const struct stat *status);

/*
 * A line for each library that the program at `path` asks for itself and that its own search path
 * leads to, DT_RUNPATH or else DT_RPATH of ld.so(8): with a build tree these change without it.
 * Those of the system, of LD_LIBRARY_PATH and what libraries ask for are left out. Nothing for
 * what is no 64-bit ELF program, or a damaged one.
 */
void libraries_put(FILE *to, const char *path);

#endif
