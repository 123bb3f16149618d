/* SPDX-License-Identifier: MIT */
/*
 * offsets.h: the clocks of a time namespace, as offsets from the machine's, time_namespaces(7)
 *
 * /proc/PID/timens_offsets tells those of the namespace that PID's next child is born in, which is
 * its own until it calls unshare(CLONE_NEWTIME). They may be written from then on until somebody is
 * in that namespace. They count from the machine's clocks, whatever namespace one is in.
 */
#ifndef CLOCHE_OFFSETS_H
#define CLOCHE_OFFSETS_H

#include <sys/types.h>
#include <time.h>

/* KTIME_SEC_MAX / 2, the kernel's own bound on a shifted clock: 146 years. */
#define OFFSETS_CLOCK_MAX 4611686018.0

/* Nanoseconds. */
struct offsets {
	long long monotonic, boottime;
};

/* Those that this process's next child has. Returns 0, or -errno; ENOENT: the kernel has none. */
int offsets_read(struct offsets *ret_offsets);

/* Those of the process `pid`; `proc` is a descriptor of /proc. */
int offsets_read_of(int proc, pid_t pid, struct offsets *ret_offsets);

/* Returns 0, or -errno; ERANGE: a clock would be before 0, or past OFFSETS_CLOCK_MAX. */
int offsets_write(const struct offsets *offsets);

/* The offset with which a clock, which has `present` now, shows `at` seconds. */
long long offsets_to(clockid_t clock, double at, long long present);

/* Seconds as nanoseconds, rounded. */
long long offsets_nanoseconds(double seconds);

#endif
