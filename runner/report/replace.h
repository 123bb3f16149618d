/* SPDX-License-Identifier: MIT */
/*
 * replace.h: a new file takes the place of one that is there, as a whole
 *
 * 1. replace_begin() makes the new file in the same directory. It has no name, so that nothing is
 *    left of it when we are killed; where a file system has no such files, one that nobody had.
 * 2. Write to replace.fd.
 * 3. replace_end() puts it there with the mode and, if we may, the owner of what `like` is, a
 *    descriptor of the old one; or replace_cancel() leaves all as it was.
 */
#ifndef CLOCHE_REPLACE_H
#define CLOCHE_REPLACE_H

#include <stdbool.h>

struct replace {
	int fd;
	char *beside; /* its name, or where that will be */
	bool has_name;
};

/* `path` is absolute. 0, or -errno with nothing to cancel. */
int replace_begin(struct replace *replace, const char *path);
int replace_end(struct replace *replace, const char *path, int like); /* 0 or -errno */
void replace_cancel(struct replace *replace);

#endif
