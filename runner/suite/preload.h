/* SPDX-License-Identifier: MIT */
/*
 * preload.h: libraries of cloche's own that are loaded into programs to be asked
 *
 * They are beside the program that was built, or below the prefix where it is installed.
 */
#ifndef CLOCHE_PRELOAD_H
#define CLOCHE_PRELOAD_H

#include <stddef.h>

/* Of "check", the file's path; what is not there cannot be loaded, and the program says so. */
void preload_path(const char *name, char *path, size_t size);

#endif
