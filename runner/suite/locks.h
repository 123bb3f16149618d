/* SPDX-License-Identifier: MIT */
/*
 * locks.h: cases that their framework keeps from running at once
 *
 * It does so because they would share what a cell has for itself: ports, files, IPC objects, the
 * host name. A lock is moot for a case when its cell has all of its own that the lock may be about,
 * and --trust-isolation says that this is enough. Of what it is about, there is only its name: one
 * that says "port" is about the network, one that says "gpu" about what no cell has for itself, and
 * all others may be about any of the four. Locks that are not moot become groups, and a case that
 * is to run alone takes all slots.
 */
#ifndef CLOCHE_LOCKS_H
#define CLOCHE_LOCKS_H

#include "flags.h"
#include "suite/kind.h"

enum apart {
	APART_NET = 1 << 0,
	APART_TMP = 1 << 1,
	APART_IPC = 1 << 2,
	APART_HOSTNAME = 1 << 3,
	APART_ALL = (1 << 4) - 1,
	APART_NOTHING = 1 << 4, /* what cells share */
};

/* A lock of a case, list_lock(). */
struct case_lock {
	const struct case_lock *next;
	const char *name; /* NULL: beside nobody */
	const char *why;
};

/* What a lock of this name may be about. */
unsigned lock_about(const char *name);
/* What a cell of this world has for itself. */
unsigned lock_isolated(const struct cloche_options *options);
/* "net,tmp", "none". Returns 0 or -EINVAL. */
int lock_trust_parse(const char *text, unsigned *ret);

/* Of all cases that are listed: which locks are moot, and what becomes of the others. 0, -ENOMEM.
 */
int locks_apply(struct suites *suites, const struct flags *flags, const struct session *session);
/* Which of these run beside others though their framework would not have it; once. */
void locks_tell(const struct suites *suites, const struct job *jobs, size_t count,
		const struct flags *flags);

#endif
