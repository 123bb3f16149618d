/* SPDX-License-Identifier: MIT */
/*
 * Directories that init has made for a case on the machine itself, with root=host and without
 * isolation. init removes them; what an init that was killed has left of them goes here.
 *
 * The case may have been anybody, and others like it may still run: nothing is followed, and each
 * directory is entered from the one above it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keeper.h"

#define DEPTH_MAX 100 /* a descriptor each */
#define PLACE     "/tmp/cloche-"

void places_note(struct running *running, const struct report *report, const char *texts)
{
	const char *end = texts + report->findings_size;

	while (texts < end && running->place_count < PLACES) {
		const char *path = texts + strlen(texts) + 1;

		snprintf(running->places[running->place_count++], PLACE_MAX, "%s", path);
		texts = path + strlen(path) + 1;
	}
}

/* What cannot be removed must not keep the rest. */
static void remove_below(int parent, const char *name, unsigned depth)
{
	DIR *directory;
	int fd;

	if (!unlinkat(parent, name, 0) || depth == DEPTH_MAX)
		return;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			remove_below(fd, entry->d_name, depth + 1);
	if (directory)
		closedir(directory);
	unlinkat(parent, name, AT_REMOVEDIR);
}

void places_remove(struct running *running)
{
	for (unsigned i = 0; i < running->place_count && !running->kept; i++) {
		const char *path = running->places[i];

		if (!strncmp(path, PLACE, strlen(PLACE)) && !strchr(path + strlen(PLACE), '/'))
			remove_below(AT_FDCWD, path, 0);
	}
}
