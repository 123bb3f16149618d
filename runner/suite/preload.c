/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite/preload.h"

void preload_path(const char *name, char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[length > 0 ? length : 0] = '\0';
	if (strrchr(self, '/'))
		*strrchr(self, '/') = '\0';
	snprintf(path, size, "%s/preload/%s.so", self, name);
	if (access(path, R_OK))
		snprintf(path, size, "%s/" CLOCHE_BIN_TO_PRELOAD "/%s.so", self, name);
}
