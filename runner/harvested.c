/* SPDX-License-Identifier: MIT */
/*
 * Files of a cell that outlive it: the keeper's side. Outputs become attachments of the case; what
 * was written to the machine's files goes below --keep-writes, into a directory of the case's own.
 * Init is trusted, the test that has made the files is not: paths are taken apart, and no link is
 * followed on the way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "harvest.h"
#include "keeper.h"

#define REMOVED "REMOVED" /* beside the files: the paths of what the case has removed */

static void complain_once(struct running *running, const char *what, int error)
{
	if (!running->harvest_failed)
		keeper_message(running->keeper, "%s %s cannot be kept: %s", what,
			       running->info.name, strerror(error));
	running->harvest_failed = true;
}

static int copy(int from, int to, off_t size)
{
	while (size > 0) {
		ssize_t copied = sendfile(to, from, NULL, size);

		if (copied <= 0)
			return copied ? -errno : -EIO;
		size -= copied;
	}
	return 0;
}

static void keep_output(struct running *running, const char *path, int file, off_t size)
{
	struct record record = {.name = {path, strlen(path)}};
	struct remark *remark = hear_file(running, &record);
	int result;

	if (!remark)
		return;
	remark->size = size;
	if (running->attachment < 0)
		return;
	if (running->attached + (size_t)size > ATTACHED_BYTES) {
		remark->cut = true;
	} else {
		running->attached += size;
		result = copy(file, running->attachment, size);
		remark->cut = result < 0;
		if (result < 0)
			complain_once(running, "outputs of", -result);
	}
	running->attachment = safe_close(running->attachment);
}

/* The directory of the case: opened when the first of its files comes. Returns it, or -errno. */
static int case_directory(struct running *running)
{
	const char *place = running->keeper->keep_writes;
	fd_close int parent = -1;
	char name[NAME_MAX];

	mkdir(place, 0777);
	parent = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return -errno;
	hear_place(running, name, sizeof(name));
	if (mkdirat(parent, name, 0777) && errno != EEXIST)
		return -errno;
	parent = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return parent < 0 ? -errno : fd_take(&parent);
}

/*
 * The directory in which the last part of `path` is, made where it is missing; *ret_name is that
 * part. Returns a descriptor, or -errno.
 */
static int enter(int directory, char *path, const char **ret_name)
{
	fd_close int at = dup(directory);
	char *part = path, *slash;

	for (; at >= 0 && (slash = strchr(part, '/')); part = slash + 1) {
		int next;

		*slash = '\0';
		if (!*part || !strcmp(part, ".") || !strcmp(part, ".."))
			return -EINVAL;
		mkdirat(at, part, 0777);
		next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
	}
	*ret_name = part;
	if (at < 0)
		return -errno;
	return !*part || !strcmp(part, ".") || !strcmp(part, "..") ? -EINVAL : fd_take(&at);
}

static int keep_removed(int directory, const char *path)
{
	fd_close int file = openat(directory, REMOVED,
				   O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);

	return file < 0 || dprintf(file, "%s\n", path) < 0 ? -errno : 0;
}

static int keep_write(int directory, const struct report *report, char *path, const char *target,
		      int file, off_t size)
{
	fd_close int parent = -1, copied = -1;
	const char *name = NULL;

	if (report->file_kind == HARVESTED_REMOVED)
		return keep_removed(directory, path);
	parent = enter(directory, path, &name);
	if (parent < 0)
		return parent;
	unlinkat(parent, name, 0); /* of an earlier run */
	if (report->file_kind == HARVESTED_LINK)
		return symlinkat(target, parent, name) ? -errno : 0;
	copied = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			report->file_mode & 0777);
	return copied < 0 ? -errno : copy(file, copied, size);
}

void running_harvested(struct running *running, const struct report *report, const char *texts,
		       int file)
{
	char path[2 * PATH_MAX];
	struct stat status = {0};
	int result;

	if (report->findings_size < 1 || report->findings_size >= sizeof(path) ||
	    texts[report->findings_size - 1])
		return;
	memcpy(path, texts, report->findings_size);
	path[report->findings_size] = '\0'; /* a link's target, also when there is none */
	if (file >= 0 && (fstat(file, &status) || !S_ISREG(status.st_mode)))
		return;
	switch ((enum harvested_kind)report->file_kind) {
	case HARVESTED_TOO_MANY:
		keeper_message(running->keeper,
			       "%s left more files than are kept; those that came first are",
			       running->info.name);
		return;
	case HARVESTED_OUTPUT:
		if (file >= 0)
			keep_output(running, path, file, status.st_size);
		return;
	default:
		break;
	}
	if (!running->keeper->keep_writes || (report->file_kind == HARVESTED_FILE && file < 0))
		return;
	if (running->writes < 0)
		running->writes = case_directory(running);
	result = running->writes < 0 ? running->writes
				     : keep_write(running->writes, report, path,
						  path + strlen(path) + 1, file, status.st_size);
	if (result < 0)
		complain_once(running, "what was written by", -result);
}
