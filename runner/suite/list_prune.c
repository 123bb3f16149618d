/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "suite/list_prune.h"

#define DAY      (24 * 60 * 60)
#define KEPT_FOR (30 * DAY)
#define LOOK_AT  256 /* files at a time */

void list_used(int fd, const struct stat *status)
{
	if (time(NULL) - status->st_mtim.tv_sec > DAY)
		futimens(fd, NULL);
}

/* The third line of a file: behind that of sizes and that of the version and the kind. */
static bool names_a_program_that_is_gone(int fd)
{
	char text[2 * PATH_MAX], *at = text, *end;
	struct stat status;
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);

	text[size > 0 ? size : 0] = '\0';
	for (int i = 0; i < 2 && at; i++) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	end = at ? strchr(at, '\n') : NULL;
	if (!end)
		return false; /* somebody may be writing it, else its age will tell */
	*end = '\0';
	return stat(at, &status) && (errno == ENOENT || errno == ENOTDIR);
}

static void look_at(int directory, const char *name)
{
	fd_close int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode))
		return;
	if (time(NULL) - status.st_mtim.tv_sec > KEPT_FOR || names_a_program_that_is_gone(fd))
		unlinkat(directory, name, 0);
}

void list_prune(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX] = "";
	DIR *lists = NULL;
	int count = 0;

	memcpy(directory, path, slash - path);
	lists = opendir(directory);
	for (struct dirent *entry; lists && count < LOOK_AT && (entry = readdir(lists));)
		if (entry->d_name[0] == slash[1]) {
			look_at(dirfd(lists), entry->d_name);
			count++;
		}
	if (lists)
		closedir(lists);
}
