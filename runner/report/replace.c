/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "replace.h"

#define NAME  ".cloche-XXXXXX"
#define TRIES 100 /* for a name that nobody has */

static void free_all(struct replace *replace)
{
	free(replace->beside);
	safe_close(replace->fd);
	*replace = (struct replace){.fd = -1};
}

int replace_begin(struct replace *replace, const char *path)
{
	int size = (int)(strrchr(path, '/') - path) + 1, error;
	char *name;

	*replace = (struct replace){.fd = -1};
	if (asprintf(&replace->beside, "%.*s" NAME, size, path) < 0) {
		replace->beside = NULL;
		return -ENOMEM;
	}
	name = replace->beside + size;
	*name = '\0'; /* the directory alone */
	replace->fd = open(replace->beside, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	*name = *NAME;
	if (replace->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		replace->fd = mkostemp(replace->beside, O_CLOEXEC);
		replace->has_name = replace->fd >= 0;
	}
	if (replace->fd >= 0)
		return 0;
	error = errno;
	free_all(replace);
	return -error;
}

/* link(2) replaces nothing: it needs a name of its own before it can have that of another. */
static int give_name(struct replace *replace)
{
	char *end = replace->beside + strlen(replace->beside) - strlen("XXXXXX"), self[64];
	unsigned number;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", replace->fd);
	for (int i = 0; i < TRIES && !replace->has_name; i++) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -EIO;
		sprintf(end, "%06x", number & 0xffffff);
		replace->has_name =
			!linkat(AT_FDCWD, self, AT_FDCWD, replace->beside, AT_SYMLINK_FOLLOW);
		if (!replace->has_name && errno != EEXIST)
			return -errno;
	}
	return replace->has_name ? 0 : -EEXIST;
}

int replace_end(struct replace *replace, const char *path, int like)
{
	int result = give_name(replace);
	struct stat old;

	if (!result && !fstat(like, &old))
		fchmod(replace->fd, fchown(replace->fd, old.st_uid, old.st_gid)
					    ? old.st_mode & 0777
					    : old.st_mode & 07777);
	if (!result && rename(replace->beside, path))
		result = -errno;
	if (result) {
		replace_cancel(replace);
		return result;
	}
	free_all(replace);
	return 0;
}

void replace_cancel(struct replace *replace)
{
	if (replace->has_name)
		unlink(replace->beside);
	free_all(replace);
}
