/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/stat.h>

#include "directories.h"

void directories_above(char *path, mode_t mode)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, mode);
		*slash = '/';
	}
}
