/* SPDX-License-Identifier: MIT */
/*
 * clock_set_uptime(): a process that has one thread goes to another time by itself
 *
 * It makes a time namespace, writes the offsets, and enters it by setns(2) on
 * /proc/self/ns/time_for_children, time_namespaces(7). Nothing but this process, and the children
 * that it has from now on, is in that namespace.
 *
 * unshare(2) succeeds where setns(2) will not, and would leave children in another time than their
 * parent. So the process first enters the namespace that it is in already, which changes nothing
 * and is refused for the same reasons (timens_install(), kernel/time/namespace.c).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "cloche.h"
#include "offsets.h"

static int enter(const char *namespace)
{
	int fd = open(namespace, O_RDONLY | O_CLOEXEC), result;

	if (fd < 0)
		return -errno;
	result = setns(fd, CLONE_NEWTIME) ? -errno : 0;
	close(fd);
	return result;
}

/* Both clocks, as .uptime has them at the start. */
static int move(double seconds)
{
	struct offsets offsets;
	int result = offsets_read(&offsets);

	if (result < 0)
		return result;
	offsets.boottime = offsets_to(CLOCK_BOOTTIME, seconds, offsets.boottime);
	offsets.monotonic = offsets_to(CLOCK_MONOTONIC, seconds, offsets.monotonic);
	if (unshare(CLONE_NEWTIME))
		return -errno;
	result = offsets_write(&offsets);
	return result < 0 ? result : enter("/proc/self/ns/time_for_children");
}

int cloche_clock_set_uptime(double seconds)
{
	int result = -ERANGE;

	if (seconds >= 0 && seconds < OFFSETS_CLOCK_MAX)
		result = enter("/proc/self/ns/time");
	if (!result) {
		result = move(seconds);
		if (result < 0)
			enter("/proc/self/ns/time"); /* where children are born, too */
	}
	if (!result)
		return 0;
	errno = -result;
	return -1;
}
