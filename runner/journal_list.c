/* SPDX-License-Identifier: MIT */
/*
 * The journals that there are, and which of them go.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "journal.h"

#define SUFFIX ".jsonl"

/* "20261124T122310-7f3a" */
static bool is_id(const char *text, size_t size)
{
	if (size < 17 || size >= JOURNAL_ID_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		if (i == 8    ? text[i] != 'T'
		    : i == 15 ? text[i] != '-'
			      : !isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

static int only_journals(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name), suffix = sizeof(SUFFIX) - 1;

	return size > suffix && !strcmp(entry->d_name + size - suffix, SUFFIX) &&
	       is_id(entry->d_name, size - suffix);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int journal_ids(struct journal_ids *ret_ids, char *why, size_t size)
{
	char directory[JOURNAL_PATH_MAX];
	struct dirent **entries = NULL;
	struct journal_ids ids = {0};
	int result = journal_directory(directory, sizeof(directory), why, size), count;

	if (result < 0)
		return result;
	count = scandir(directory, &entries, only_journals, by_name);
	if (count < 0 && errno != ENOENT) {
		result = -errno;
		snprintf(why, size, "cannot read '%.512s': %s", directory, strerror(-result));
		return result;
	}
	ids.list = calloc(count > 0 ? count : 1, sizeof(*ids.list));
	for (int i = 0; i < count; i++) {
		if (ids.list)
			snprintf(ids.list[ids.count++], JOURNAL_ID_MAX, "%.*s",
				 (int)(strlen(entries[i]->d_name) - (sizeof(SUFFIX) - 1)),
				 entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	*ret_ids = ids;
	return 0;
}

void journal_ids_free(struct journal_ids *ids)
{
	free(ids->list);
	*ids = (struct journal_ids){0};
}

/* "-3" and "last": how many before the last; or -1. */
static long back_from_last(const char *name)
{
	char *end;
	long back;

	if (!strcmp(name, "last"))
		return 0;
	if (*name != '-' || !isdigit((unsigned char)name[1]))
		return -1;
	back = strtol(name + 1, &end, 10);
	return *end ? -1 : back;
}

static int find_back(const struct journal_ids *ids, long back, char *ret_id, char *why, size_t size)
{
	if ((size_t)back >= ids->count) {
		if (ids->count)
			snprintf(why, size,
				 "only %zu runs are remembered; 'cloche runs' lists them",
				 ids->count);
		else
			snprintf(why, size, "no run is remembered yet; 'cloche run' makes one");
		return -ENOENT;
	}
	memcpy(ret_id, ids->list[ids->count - 1 - back], JOURNAL_ID_MAX);
	return 0;
}

static int find_prefix(const struct journal_ids *ids, const char *name, char *ret_id, char *why,
		       size_t size)
{
	size_t length = strlen(name), matches = 0, at = 0;

	for (size_t i = 0; i < ids->count && length; i++) {
		if (strncmp(ids->list[i], name, length))
			continue;
		matches++;
		at = i;
		if (!ids->list[i][length]) { /* the whole of it */
			matches = 1;
			break;
		}
	}
	if (matches == 1) {
		memcpy(ret_id, ids->list[at], JOURNAL_ID_MAX);
		return 0;
	}
	if (matches)
		snprintf(why, size, "%zu runs begin with '%s'; give more of it", matches, name);
	else
		snprintf(why, size, "no run '%.64s' is remembered; 'cloche runs' lists them", name);
	return matches ? -EINVAL : -ENOENT;
}

int journal_find(const char *name, char *ret_id, char *why, size_t size)
{
	struct journal_ids ids = {0};
	int result = journal_ids(&ids, why, size);
	long back = back_from_last(name);

	if (result < 0)
		return result;
	result = back >= 0 ? find_back(&ids, back, ret_id, why, size)
			   : find_prefix(&ids, name, ret_id, why, size);
	journal_ids_free(&ids);
	return result;
}

/* The path of one, or of what is in the same directory. Returns its length, or 0. */
static int path_of(char *path, size_t size, const char *name, const char *suffix)
{
	char directory[JOURNAL_PATH_MAX], why[256];
	int length;

	if (journal_directory(directory, sizeof(directory), why, sizeof(why)) < 0)
		return 0;
	length = snprintf(path, size, "%s/%s%s", directory, name, suffix);
	return (size_t)length < size ? length : 0;
}

FILE *journal_open(const char *id)
{
	char path[JOURNAL_PATH_MAX];

	if (!path_of(path, sizeof(path), id, SUFFIX)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(path, "re");
}

bool journal_is_running(int fd)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

/* Remove it if nobody writes it. Returns whether it is gone. */
static bool remove_one(const char *path)
{
	fd_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && journal_is_running(fd))
		return false;
	return !unlink(path);
}

/* What a run left that was killed while it made its journal; that takes less than a minute. */
static void remove_hidden(void)
{
	char directory[JOURNAL_PATH_MAX], path[JOURNAL_PATH_MAX];
	struct dirent *entry;
	struct stat file = {0};
	DIR *open;

	if (!path_of(directory, sizeof(directory), "", ""))
		return;
	open = opendir(directory);
	while (open && (entry = readdir(open)))
		if (entry->d_name[0] == '.' &&
		    is_id(entry->d_name + 1, strlen(entry->d_name + 1)) &&
		    path_of(path, sizeof(path), entry->d_name, "") && !lstat(path, &file) &&
		    file.st_mtime < time(NULL) - 60)
			remove_one(path);
	if (open)
		closedir(open);
}

int journal_prune(const struct journal_limits *limits)
{
	struct journal_ids ids = {0};
	char why[256], path[JOURNAL_PATH_MAX];
	time_t oldest = time(NULL) - (time_t)limits->days * 86400;
	uint64_t bytes = 0;
	int removed = 0, result = journal_ids(&ids, why, sizeof(why));

	if (result < 0)
		return result;
	remove_hidden();
	for (size_t newer = 0; newer < ids.count; newer++) {
		struct stat file = {0};

		if (!path_of(path, sizeof(path), ids.list[ids.count - 1 - newer], SUFFIX) ||
		    lstat(path, &file))
			continue;
		bytes += file.st_size;
		if (newer >= limits->runs || file.st_mtime < oldest ||
		    (newer && bytes > limits->bytes))
			removed += remove_one(path);
	}
	journal_ids_free(&ids);
	return removed;
}
