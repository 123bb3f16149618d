/* SPDX-License-Identifier: MIT */
/*
 * outside.h: what a suite's program saw of the machine before it made cells
 *
 * A constructor runs in the zygote before that enters any namespace, and every case is a copy of
 * the zygote. So a case can compare its world with the one around it, whatever that is.
 */
#ifndef OUTSIDE_H
#define OUTSIDE_H

#include <cloche.h>

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum namespace_index { USER, MNT, PID, NET, IPC, UTS, CGROUP, TIME, NAMESPACES };

static const struct {
	const char *name;
	const char *path;
} namespaces[NAMESPACES] = {
	[USER] = {"user", "/proc/self/ns/user"},       [MNT] = {"mnt", "/proc/self/ns/mnt"},
	[PID] = {"pid", "/proc/self/ns/pid"},          [NET] = {"net", "/proc/self/ns/net"},
	[IPC] = {"ipc", "/proc/self/ns/ipc"},          [UTS] = {"uts", "/proc/self/ns/uts"},
	[CGROUP] = {"cgroup", "/proc/self/ns/cgroup"}, [TIME] = {"time", "/proc/self/ns/time"},
};

static struct {
	ino_t namespaces[NAMESPACES];
	pid_t pid; /* of the zygote, which lives while its cells do */
	uid_t uid;
	gid_t gid;
	struct timespec boottime, monotonic;
	struct rlimit limits[RLIM_NLIMITS];
} outside;

static inline ino_t namespace_inode(size_t i)
{
	struct stat status = {0};

	return stat(namespaces[i].path, &status) ? 0 : status.st_ino;
}

/* EXPECT that the test is not in the namespace that the suite's program was started in. */
static inline void expect_own(enum namespace_index i)
{
	ino_t inode = namespace_inode(i);

	EXPECT(inode, !=, 0u);
	EXPECT(inode, !=, outside.namespaces[i]);
}

__attribute__((constructor)) static void look_outside(void)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		outside.namespaces[i] = namespace_inode(i);
	for (int i = 0; i < RLIM_NLIMITS; i++)
		getrlimit(i, &outside.limits[i]);
	outside.pid = getpid();
	outside.uid = geteuid();
	outside.gid = getegid();
	clock_gettime(CLOCK_BOOTTIME, &outside.boottime);
	clock_gettime(CLOCK_MONOTONIC, &outside.monotonic);
}

/*
 * Ends a test that would change the machine itself, when it is run there without a cell: the
 * machine's ids are all mapped to themselves. (A world that several cases share for a trial is had
 * by `cloche exec -- ./t_uts --no-isolation`.)
 */
static inline void spare_the_machine(void)
{
	unsigned long inside = 0, beyond = 0, count = 0;
	FILE *map = fopen("/proc/self/uid_map", "r");

	REQUIRE(map != NULL);
	REQUIRE(fscanf(map, "%lu %lu %lu", &inside, &beyond, &count), ==, 3);
	fclose(map);
	REQUIRE(count, <, 65536u);
}

/*
 * Give the other cases time to come while this one holds what there is only one of. In cells it
 * makes no difference; where they share a world, they meet.
 */
static inline void linger(void)
{
	struct timespec moment = {.tv_nsec = 20000000};

	nanosleep(&moment, NULL);
}

#endif
