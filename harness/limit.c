/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "limit.h"

#define FULL_BELOW 65536 /* bytes free on the root's tmpfs */

bool limit_is_suspect(int error)
{
	return error == ENOMEM || error == EMFILE || error == EAGAIN || error == ENOSPC ||
	       error == EFBIG;
}

static bool is_limited(int resource, rlim_t *ret_limit)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return false;
	*ret_limit = limit.rlim_cur;
	return true;
}

/* The highest address space so far, in bytes; 0 where /proc does not say. */
static uint64_t peak(void)
{
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char buffer[2048];
	uint64_t kib = 0;
	ssize_t size;
	char *at;

	if (fd < 0)
		return 0;
	size = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	buffer[size > 0 ? size : 0] = '\0';
	at = strstr(buffer, "VmPeak:");
	for (at = at ? at + strcspn(at, "0123456789") : NULL; at && *at >= '0' && *at <= '9'; at++)
		kib = kib * 10 + (uint64_t)(*at - '0');
	return kib * 1024;
}

/*
 * A request that was refused leaves no trace in VmPeak. So the limit counts as hit when the peak
 * came near it, or when memory is what a call lacked and the case had asked for a limit of its own.
 */
static bool is_out_of_address_space(int error, uint64_t asked)
{
	rlim_t limit;

	if (body_owns_crashes() || !is_limited(RLIMIT_AS, &limit))
		return false;
	return (error == ENOMEM && asked) || peak() >= limit - limit / 16;
}

static bool is_out_of_descriptors(void)
{
	int saved = errno, fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	bool out = fd < 0 && errno == EMFILE;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return out;
}

/* Fork a child that nobody else notices: without a signal at its end, wait(2) does not see it. */
static bool is_out_of_processes(void)
{
	rlim_t limit;
	long pid;

	if (!is_limited(RLIMIT_NPROC, &limit))
		return false;
	pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
	if (!pid)
		syscall(SYS_exit_group, 0);
	if (pid > 0)
		while (waitpid((pid_t)pid, NULL, __WCLONE) < 0 && errno == EINTR)
			;
	return pid < 0 && errno == EAGAIN;
}

static bool is_out_of_tmpfs(void)
{
	struct statfs fs;

	return !statfs("/", &fs) && fs.f_type == TMPFS_MAGIC && fs.f_blocks &&
	       (uint64_t)fs.f_bfree * (uint64_t)fs.f_bsize < FULL_BELOW;
}

const char *limit_reached_dying(int error, uint64_t address_space)
{
	rlim_t limit;

	if (is_out_of_descriptors())
		return "descriptors";
	if (is_out_of_address_space(error, address_space))
		return "address-space";
	if (error == EFBIG && is_limited(RLIMIT_FSIZE, &limit))
		return "file-size";
	if (is_out_of_tmpfs())
		return "tmpfs-size";
	return NULL;
}

const char *limit_reached(int error, uint64_t address_space)
{
	if (error == EAGAIN && is_out_of_processes())
		return "processes";
	return limit_reached_dying(error, address_space);
}
