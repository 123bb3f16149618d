/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "junit_file.h"
#include "replace.h"

#define ENDS END_OF_SUITE END_OF_ALL

/* A file without a name: where the pieces are when the report is no file. */
static int open_nameless(void)
{
	const char *directory = getenv("TMPDIR");
	char path[PATH_MAX];
	int fd;

	directory = directory && *directory ? directory : "/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd < 0 ? -errno : fd;
	snprintf(path, sizeof(path), "%s/cloche-junit-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static bool can_write_beside(const char *path)
{
	char *directory = strndup(path, strrchr(path, '/') - path + 1);
	bool can = directory && !access(directory, W_OK);

	free(directory);
	return can;
}

/* The file's own path and a second descriptor, if another file can take its place. */
static bool open_again(struct junit_file *file, const char *name)
{
	struct stat stat;
	char self[64];

	if (!name || fstat(file->fd, &stat) || !S_ISREG(stat.st_mode))
		return false;
	file->path = realpath(name, NULL);
	if (file->path && can_write_beside(file->path)) {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", file->fd);
		file->pieces_fd = open(self, O_RDONLY | O_CLOEXEC);
		if (file->pieces_fd >= 0)
			return true;
	}
	free(file->path);
	file->path = NULL;
	return false;
}

int junit_file_open(struct junit_file *file, int fd, const char *name)
{
	*file = (struct junit_file){.fd = fd, .pieces_fd = -1};
	if (open_again(file, name))
		return 0;
	file->pieces_fd = open_nameless();
	file->broken = file->pieces_fd < 0;
	return file->broken ? file->pieces_fd : 0;
}

static int write_at(int fd, const char *text, size_t size, off_t at)
{
	while (size) {
		ssize_t written = pwrite(fd, text, size, at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		size -= written;
		at += written;
	}
	return 0;
}

/*
 * A piece, and in a file of ours what closes it. After a write that failed the ends are written
 * again: there is room for them, since they were there before.
 */
int junit_file_add(struct junit_file *file, const char *text, size_t size)
{
	char *whole = malloc(size + sizeof(ENDS));
	int fd = file->path ? file->fd : file->pieces_fd, result;

	if (!whole)
		return -ENOMEM;
	memcpy(whole, text, size);
	strcpy(whole + size, ENDS);
	result = write_at(fd, whole, size + strlen(ENDS), file->end);
	if (!result) {
		file->end += (off_t)size;
	} else if (!ftruncate(fd, file->end)) {
		write_at(fd, ENDS, strlen(ENDS), file->end);
	}
	free(whole);
	file->broken |= result < 0;
	return result;
}

int junit_file_read(const struct junit_file *file, char *text, size_t size, off_t at)
{
	return pread(file->pieces_fd, text, size, at) == (ssize_t)size ? 0 : -EIO;
}

/* The whole report, to a descriptor that is closed afterwards. */
static int write_whole(int fd, int (*print)(void *context, FILE *out), void *context)
{
	FILE *out = fdopen(fd, "w");
	int result;

	if (!out) {
		close(fd);
		return -ENOMEM;
	}
	result = print(context, out);
	if (ferror(out) && !result)
		result = -EIO;
	if (fclose(out) && !result)
		result = -errno;
	return result;
}

static int replace(const struct junit_file *file, int (*print)(void *context, FILE *out),
		   void *context)
{
	struct replace new;
	int result = replace_begin(&new, file->path), fd;

	if (result < 0)
		return result;
	fd = fcntl(new.fd, F_DUPFD_CLOEXEC, 3);
	result = fd < 0 ? -errno : write_whole(fd, print, context);
	if (!result)
		return replace_end(&new, file->path, file->fd);
	replace_cancel(&new);
	return result;
}

int junit_file_finish(struct junit_file *file, int (*print)(void *context, FILE *out),
		      void *context)
{
	int result = 0;

	if (!file->path) {
		result = write_whole(file->fd, print, context);
	} else {
		if (!file->broken)
			result = replace(file, print, context);
		close(file->fd);
	}
	free(file->path);
	safe_close(file->pieces_fd);
	return result;
}
