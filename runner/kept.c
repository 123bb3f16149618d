/* SPDX-License-Identifier: MIT */
/*
 * The register of kept cells, a directory: see kept.h.
 *
 * The directory is locked while a cell is registered or what is gone is removed: between bind(2)
 * and listen(2) a socket looks as if its cell were gone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "kept.h"
#include "state.h"

#define TRIES  1000 /* for an id that nobody has */
#define SUFFIX ".socket"

int kept_directory(char *why, size_t size)
{
	char path[PATH_MAX];
	struct stat status;
	int result = state_directory("kept", path, sizeof(path), why, size);
	fd_close int fd = -1;

	if (result < 0)
		return result;
	result = state_make(path);
	fd = result < 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &status)) {
		result = result < 0 ? result : -errno;
		snprintf(why, size,
			 "cannot use '%s': %s; set CLOCHE_STATE_DIR to a directory of "
			 "your own",
			 path, strerror(-result));
		return result;
	}
	if (status.st_uid != geteuid() || status.st_mode & 077) {
		snprintf(why, size,
			 "'%s' must be yours alone, with mode 0700: whoever can write "
			 "there could enter cells",
			 path);
		return -EPERM;
	}
	return fd_take(&fd);
}

/* Who has the lock is done in a moment, or is stopped: the keeper does not wait for that. */
static int lock(int directory)
{
	struct timespec moment = {0, 10000000};

	for (int i = 0; i < 200; i++) {
		if (!flock(directory, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		nanosleep(&moment, NULL);
	}
	return -EBUSY;
}

/* sun_path is short, and the directory may be anywhere. */
static void address_of(int directory, const char *id, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s" SUFFIX, directory, id);
}

static bool is_id(const char *id)
{
	return strspn(id, "0123456789abcdef") == 4 && !id[4];
}

void kept_unregister(int directory, const char *id)
{
	char name[32];

	snprintf(name, sizeof(name), "%s.json", id);
	unlinkat(directory, name, 0);
	snprintf(name, sizeof(name), "%s" SUFFIX, id);
	unlinkat(directory, name, 0);
}

static int write_entry(int directory, const struct kept_entry *entry)
{
	char name[32], hidden[32];
	json_t *object = json_pack(
		"{s:i, s:i, s:I, s:I, s:s%, s:s%, s:s, s:s%}", "v", 1, "init", (int)entry->init,
		"born", (json_int_t)entry->born, "until", (json_int_t)entry->until, "suite",
		entry->suite, strlen(entry->suite), "name", entry->name, strlen(entry->name),
		"verdict", entry->verdict, "reason", entry->reason, strlen(entry->reason));
	int fd, result = object ? 0 : -ENOMEM;

	snprintf(name, sizeof(name), "%s.json", entry->id);
	snprintf(hidden, sizeof(hidden), ".%s.json", entry->id);
	fd = result ? -1
		    : openat(directory, hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (!result && fd < 0)
		result = -errno;
	if (!result && json_dumpfd(object, fd, JSON_COMPACT))
		result = -EIO;
	safe_close(fd);
	json_decref(object);
	if (!result && renameat(directory, hidden, directory, name))
		result = -errno;
	if (result)
		unlinkat(directory, hidden, 0);
	return result;
}

static int bind_free(int directory, int fd, char *id)
{
	for (unsigned i = 0; i < TRIES; i++) {
		struct sockaddr_un address;

		snprintf(id, KEPT_ID_MAX, "%04x", (unsigned)arc4random() & 0xffff);
		address_of(directory, id, &address);
		if (!bind(fd, (struct sockaddr *)&address, sizeof(address)))
			return 0;
		if (errno != EADDRINUSE)
			return -errno;
	}
	return -EEXIST;
}

int kept_register(int directory, struct kept_entry *entry)
{
	fd_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result;

	if (fd < 0)
		return -errno;
	result = lock(directory);
	if (result < 0)
		return result;
	result = bind_free(directory, fd, entry->id);
	if (!result) {
		result = listen(fd, 8) ? -errno : write_entry(directory, entry);
		if (result < 0)
			kept_unregister(directory, entry->id);
	}
	flock(directory, LOCK_UN);
	return result < 0 ? result : fd_take(&fd);
}

/* Somebody who does not answer at once is there all the same. */
static int try_connect(int directory, const char *id)
{
	struct sockaddr_un address;
	fd_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	address_of(directory, id, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	fcntl(fd, F_SETFL, 0);
	return fd_take(&fd);
}

int kept_connect(int directory, const char *id)
{
	int result;

	if (!is_id(id))
		return -ENOENT;
	result = lock(directory);
	if (result < 0)
		return result;
	result = try_connect(directory, id);
	if (result == -ECONNREFUSED || result == -ENOENT) {
		kept_unregister(directory, id);
		result = -ENOENT;
	}
	flock(directory, LOCK_UN);
	return result;
}

int kept_read(int directory, const char *id, struct kept_entry *ret_entry)
{
	const char *suite = "", *name = "", *verdict = "", *reason = "";
	json_int_t born = 0, until = 0;
	char file[32];
	json_t *object;
	int fd, init = 0;

	*ret_entry = (struct kept_entry){0};
	snprintf(file, sizeof(file), "%s.json", id);
	fd = openat(directory, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	object = json_loadfd(fd, 0, NULL);
	close(fd);
	if (!object)
		return -EBADMSG;
	json_unpack(object, "{s?i, s?I, s?I, s?s, s?s, s?s, s?s}", "init", &init, "born", &born,
		    "until", &until, "suite", &suite, "name", &name, "verdict", &verdict, "reason",
		    &reason);
	snprintf(ret_entry->id, sizeof(ret_entry->id), "%s", id);
	ret_entry->init = init;
	ret_entry->born = (unsigned long long)born;
	ret_entry->until = (time_t)until;
	ret_entry->suite = strdup(suite);
	ret_entry->name = strdup(name);
	ret_entry->verdict = strdup(verdict);
	ret_entry->reason = strdup(reason);
	json_decref(object);
	if (ret_entry->suite && ret_entry->name && ret_entry->verdict && ret_entry->reason)
		return 0;
	kept_entry_free(ret_entry);
	return -ENOMEM;
}

void kept_entry_free(struct kept_entry *entry)
{
	free(entry->suite);
	free(entry->name);
	free(entry->verdict);
	free(entry->reason);
	*entry = (struct kept_entry){0};
}

/* "7f3a.socket", or "7f3a.json" of which the socket is gone. */
static bool read_id(const char *file, char *id)
{
	size_t size = strcspn(file, ".");

	if (size != 4 || (strcmp(file + size, SUFFIX) && strcmp(file + size, ".json")))
		return false;
	memcpy(id, file, size);
	id[size] = '\0';
	return is_id(id);
}

unsigned long long kept_born(pid_t pid)
{
	char path[64], text[1024] = "", *end;
	unsigned long long ticks = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	end = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	fclose(file);
	/* Fields 3 to 22, proc(5). */
	if (end)
		sscanf(end + 1,
		       " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
		       "%*d %*d %llu",
		       &ticks);
	return ticks;
}

/* ".7f3a.json": of somebody who was killed while writing it; they had the lock. */
static void remove_unfinished(int directory, const char *file)
{
	char id[KEPT_ID_MAX];

	if (*file != '.' || !read_id(file + 1, id) || lock(directory) < 0)
		return;
	unlinkat(directory, file, 0);
	flock(directory, LOCK_UN);
}

static bool is_over(int directory, const char *id)
{
	struct kept_entry entry;
	bool over;
	int fd;

	if (kept_read(directory, id, &entry) < 0)
		return false;
	over = entry.until <= time(NULL);
	kept_entry_free(&entry);
	fd = over ? try_connect(directory, id) : -EAGAIN;
	safe_close(fd);
	return fd == -ECONNREFUSED || fd == -ENOENT;
}

/* Most have no such directory. Whoever has the lock is not waited for: there are other runs. */
void kept_prune(void)
{
	char path[PATH_MAX], why[256], id[KEPT_ID_MAX];
	int directory;
	DIR *dir;

	if (state_directory("kept", path, sizeof(path), why, sizeof(why)) < 0)
		return;
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	dir = directory < 0 ? NULL : fdopendir(directory);
	if (!dir) {
		safe_close(directory);
		return;
	}
	if (!flock(directory, LOCK_EX | LOCK_NB))
		for (struct dirent *entry; (entry = readdir(dir));)
			if (read_id(entry->d_name, id) && is_over(directory, id))
				kept_unregister(directory, id);
	closedir(dir);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

int kept_list(int directory, char (**ret_ids)[KEPT_ID_MAX], size_t *ret_count)
{
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	char(*ids)[KEPT_ID_MAX] = NULL;
	size_t count = 0;

	if (!dir)
		return -errno;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char(*grown)[KEPT_ID_MAX] = reallocarray(ids, count + 1, sizeof(*ids));
		int fd;

		if (!grown)
			break;
		ids = grown;
		if (!read_id(entry->d_name, ids[count])) {
			remove_unfinished(directory, entry->d_name);
			continue;
		}
		fd = kept_connect(directory, ids[count]);
		safe_close(fd);
		if ((fd >= 0 || fd == -EAGAIN) && strstr(entry->d_name, SUFFIX))
			count++;
	}
	closedir(dir);
	if (count)
		qsort(ids, count, sizeof(*ids), compare_ids);
	*ret_ids = ids;
	*ret_count = count;
	return 0;
}
