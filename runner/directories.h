/* SPDX-License-Identifier: MIT */
#ifndef CLOCHE_DIRECTORIES_H
#define CLOCHE_DIRECTORIES_H

#include <sys/types.h>

/*
 * Make the directories that lead to `path`, which is changed meanwhile. What cannot be made is told
 * by whoever wants to use the last of them.
 */
void directories_above(char *path, mode_t mode);

#endif
