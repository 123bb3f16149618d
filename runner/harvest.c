/* SPDX-License-Identifier: MIT */
/*
 * The side of init.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cleanup.h"
#include "harvest.h"
#include "message.h"

#define DEPTH_MAX   64
#define OUTPUTS_MAX 1000
#define WRITES_MAX  50000

struct walk {
	struct report *report;
	enum harvested_kind kind; /* of files */
	unsigned left;            /* so many may still be sent */
	bool too_many;
	size_t skipped;           /* of the path, before what is told */
	const char *told_already; /* a directory; or "" */
	char path[PATH_MAX];
};

static void tell(struct walk *walk, enum harvested_kind kind, const char *text, size_t size,
		 const struct stat *status, int descriptor)
{
	char message[sizeof(struct report) + 2 * PATH_MAX];
	struct report *report = (struct report *)message;

	*report = *walk->report;
	report->kind = REPORT_FILE;
	report->file_kind = kind;
	report->file_mode = status ? status->st_mode : 0;
	report->findings_size = size;
	memcpy(report + 1, text, size);
	message_send(ZYGOTE_REPORTS, message, sizeof(*report) + size, &descriptor, descriptor >= 0);
}

static void tell_link(struct walk *walk, int directory, const char *name)
{
	char text[2 * PATH_MAX];
	size_t size = strlen(walk->path + walk->skipped) + 1;
	ssize_t target;

	memcpy(text, walk->path + walk->skipped, size);
	target = readlinkat(directory, name, text + size, PATH_MAX - 1);
	if (target <= 0)
		return;
	text[size + (size_t)target] = '\0';
	tell(walk, HARVESTED_LINK, text, size + (size_t)target + 1, NULL, -1);
}

/* What overlayfs leaves where a file of the layer below was removed. */
static bool is_whiteout(const struct stat *status)
{
	return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0);
}

static void tell_entry(struct walk *walk, int directory, const char *name,
		       const struct stat *status)
{
	const char *path = walk->path + walk->skipped;
	int fd;

	if (S_ISREG(status->st_mode)) {
		fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			return;
		tell(walk, walk->kind, path, strlen(path) + 1, status, fd);
		close(fd);
	} else if (walk->kind == HARVESTED_FILE && S_ISLNK(status->st_mode)) {
		tell_link(walk, directory, name);
	} else if (walk->kind == HARVESTED_FILE && is_whiteout(status)) {
		tell(walk, HARVESTED_REMOVED, path, strlen(path) + 1, NULL, -1);
	} else {
		walk->left++; /* nothing was told */
	}
}

/* `fd` is closed. The path ends in '/' or is empty. */
static void walk_directory(struct walk *walk, int fd, unsigned depth)
{
	DIR *directory = fdopendir(fd);
	size_t length = strlen(walk->path);
	struct dirent *entry;

	if (!directory) {
		close(fd);
		return;
	}
	while (!walk->too_many && (entry = readdir(directory))) {
		const char *name = entry->d_name;
		struct stat status;
		int inner;

		if (!strcmp(name, ".") || !strcmp(name, "..") ||
		    fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) ||
		    length + strlen(name) + 2 > sizeof(walk->path))
			continue;
		strcpy(walk->path + length, name);
		if (S_ISDIR(status.st_mode)) {
			inner = depth == DEPTH_MAX
					? -1
					: openat(fd, name,
						 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (inner >= 0 && !strcmp(walk->path, walk->told_already))
				inner = safe_close(inner);
			strcat(walk->path, "/");
			if (inner >= 0)
				walk_directory(walk, inner, depth + 1);
		} else if (!walk->left--) {
			walk->too_many = true;
		} else {
			tell_entry(walk, fd, name, &status);
		}
		walk->path[length] = '\0';
	}
	closedir(directory);
}

static void harvest_tree(struct walk *walk, int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	walk->skipped = walk->path[0] == '/';
	if (fd >= 0)
		walk_directory(walk, fd, 0);
}

/* Each upper layer has what was written below one directory of the machine. */
static void harvest_writes(const struct cell *cell, struct walk *walk)
{
	const struct stage *stage = cell->stage;

	for (size_t i = 0; i < stage->lower_count && !walk->too_many; i++) {
		const struct lower *lower = &stage->lowers[i];
		char name[32];

		if (lower->tree || lower->kind != LOWER_OVERLAY)
			continue;
		snprintf(name, sizeof(name), "u%u", lower->number);
		snprintf(walk->path, sizeof(walk->path), "%s/",
			 strcmp(lower->path, "/") ? lower->path : "");
		harvest_tree(walk, cell->storage, name);
	}
}

void harvest(const struct cell *cell, struct report *report, uint32_t what)
{
	static struct walk walk; /* too large for a stack, and one is enough */

	walk = (struct walk){report, HARVESTED_OUTPUT, OUTPUTS_MAX, .told_already = ""};
	if (what & HARVEST_OUTPUTS && cell->outputs[0])
		harvest_tree(&walk, AT_FDCWD, cell->outputs);
	if (walk.too_many)
		tell(&walk, HARVESTED_TOO_MANY, "", 1, NULL, -1);
	walk = (struct walk){report, HARVESTED_FILE, WRITES_MAX, .told_already = cell->outputs};
	if (what & HARVEST_WRITES && cell->storage >= 0)
		harvest_writes(cell, &walk);
	if (walk.too_many)
		tell(&walk, HARVESTED_TOO_MANY, "", 1, NULL, -1);
}
