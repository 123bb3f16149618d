/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "offsets.h"

#define NSEC 1000000000LL
#define PATH "/proc/self/timens_offsets"

static int read_from(int proc, const char *path, struct offsets *ret_offsets)
{
	long long monotonic[2], boottime[2];
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t size = -1;
	char text[256], *boot;

	if (fd >= 0)
		size = read(fd, text, sizeof(text) - 1);
	if (size < 0) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return -error;
	}
	close(fd);
	text[size] = '\0';
	boot = strstr(text, "boottime");
	if (!boot || sscanf(text, "monotonic %lld %lld", &monotonic[0], &monotonic[1]) != 2 ||
	    sscanf(boot, "boottime %lld %lld", &boottime[0], &boottime[1]) != 2)
		return -EBADMSG;
	*ret_offsets = (struct offsets){.monotonic = monotonic[0] * NSEC + monotonic[1],
					.boottime = boottime[0] * NSEC + boottime[1]};
	return 0;
}

int offsets_read(struct offsets *ret_offsets)
{
	return read_from(AT_FDCWD, PATH, ret_offsets);
}

int offsets_read_of(int proc, pid_t pid, struct offsets *ret_offsets)
{
	char path[64];

	snprintf(path, sizeof(path), "%d/timens_offsets", pid);
	return read_from(proc, path, ret_offsets);
}

/* The kernel wants 0 <= nanoseconds < 10^9, with the seconds rounded down. */
static int format(char *buffer, size_t size, const char *clock, long long offset)
{
	long long whole = offset / NSEC, rest = offset % NSEC;

	if (rest < 0) {
		rest += NSEC;
		whole--;
	}
	return snprintf(buffer, size, "%s %lld %lld\n", clock, whole, rest);
}

int offsets_write(const struct offsets *offsets)
{
	char text[128];
	int length = format(text, sizeof(text), "monotonic", offsets->monotonic);
	int fd = open(PATH, O_WRONLY | O_CLOEXEC), result = 0;

	length += format(text + length, sizeof(text) - length, "boottime", offsets->boottime);
	if (fd < 0 || write(fd, text, length) != length)
		result = -errno;
	if (fd >= 0)
		close(fd);
	return result;
}

long long offsets_nanoseconds(double seconds)
{
	return (long long)(seconds * (double)NSEC + (seconds < 0 ? -0.5 : 0.5));
}

long long offsets_to(clockid_t clock, double at, long long present)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return present + offsets_nanoseconds(at) - (now.tv_sec * NSEC + now.tv_nsec);
}
