/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "directories.h"
#include "state.h"

int state_directory(const char *part, char *path, size_t size, char *why, size_t why_size)
{
	const char *own = getenv("CLOCHE_STATE_DIR"), *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int length;

	if (own && *own)
		length = snprintf(path, size, "%s/%s", own, part);
	else if (state && *state == '/')
		length = snprintf(path, size, "%s/cloche/%s", state, part);
	else if (home && *home == '/')
		length = snprintf(path, size, "%s/.local/state/cloche/%s", home, part);
	else
		return snprintf(why, why_size,
				"HOME is not set to an absolute path; set it, or CLOCHE_STATE_DIR"),
		       -ENOENT;
	if ((size_t)length >= size)
		return snprintf(why, why_size,
				"the path of the state directory is too long; set "
				"CLOCHE_STATE_DIR to a shorter one"),
		       -ENAMETOOLONG;
	return 0;
}

int state_make(char *path)
{
	directories_above(path, 0700);
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}
