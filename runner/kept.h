/* SPDX-License-Identifier: MIT */
/*
 * kept.h: cells that stay after their case failed
 *
 * Theory of operation. With --keep, the keeper sends a *door* with each request: one end of a
 * socket pair, for init. When the test has ended, init reports and waits at the door. Most cells
 * are done with then: the keeper closes its end, and init ends. A case that failed is kept:
 *
 *   1. The keeper registers it under the state directory: `kept/ID.socket`, which it listens on,
 *      and `kept/ID.json`, which tells what it is.
 *   2. It sends the listening socket through the door, and the other ends of the pipes that the
 *      cell's processes still print to.
 *   3. init takes them, is no more to die with the keeper, reports that, and lives on: it serves
 *      those who come by the socket, throws away what is printed, and ends when its time is over.
 *
 * So a cell is registered before it is kept, whenever the keeper is killed. A registration whose
 * socket nobody listens on is that of a cell that has gone, and is cleaned by whoever sees it. No
 * process number is believed: whoever answers at the socket is the cell.
 *
 * A case that runs into its deadline is kept as it hangs, and not asked to end.
 *
 * Who enters sends a command and descriptors. init forks into the cell, as it forked the test: same
 * ids, limits, environment, time. Nobody needs rights over the cell but those of the directory.
 */
#ifndef CLOCHE_KEPT_H
#define CLOCHE_KEPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#include "fixture.h"

#define KEPT_ARGV_MAX 65536
#define KEPT_ID_MAX   8 /* bytes, with the 0 */

/* Keeper to init, through the door; with the socket and one or two ends of pipes. */
struct kept_order {
	double seconds; /* that it may live */
};

enum kept_request_kind {
	KEPT_ENTER = 1,
	KEPT_DROP,
};

/* Who comes by the socket, to init. Strings follow; input, output and errors without `tty`. */
struct kept_request {
	uint32_t version;
	uint32_t kind;
	uint32_t tty;
	uint32_t argv_size; /* 0: a shell */
};

#define KEPT_VERSION 1u

enum kept_reply_kind {
	KEPT_TERMINAL = 1, /* with a descriptor: the outer end of the terminal */
	KEPT_FAILED,
	KEPT_ENDED,
};

/* init to who came. */
struct kept_reply {
	uint32_t kind;
	int32_t status; /* KEPT_ENDED: as wait(2) has it */
	struct failed_step failed;
};

/* init_kept.c: live on, until the time is over or somebody drops the cell. False: no order came. */
bool kept_live(struct cell *cell, int door, void (*confirm)(void));

/* ---- the register: kept.c ---- */

struct kept_entry {
	char id[KEPT_ID_MAX];
	pid_t init;
	unsigned long long born; /* start of init, in ticks since boot */
	time_t until;
	char *suite, *name, *verdict, *reason;
};

/* The directory, made if it is missing; or -errno with a sentence in `why`. */
int kept_directory(char *why, size_t size);

/* A listening socket under a name that is free, written to entry->id; or -errno. */
int kept_register(int directory, struct kept_entry *entry);
void kept_unregister(int directory, const char *id);

/* Connect to a cell. -ENOENT: there is none of that id; what is left of it is removed. */
int kept_connect(int directory, const char *id);

/* Returns 0, or -errno; texts are to be freed. */
int kept_read(int directory, const char *id, struct kept_entry *ret_entry);
void kept_entry_free(struct kept_entry *entry);

/* When a process started, in ticks since boot; 0 when that cannot be read. */
unsigned long long kept_born(pid_t pid);

/*
 * Remove what is left of cells whose time is over; at the end of each run. Those that have gone
 * before stay registered for whoever asks: the directory may be that of another machine as well.
 */
void kept_prune(void);

/* The ids of all that are there, sorted, in an allocated list; those that are gone are removed. */
int kept_list(int directory, char (**ret_ids)[KEPT_ID_MAX], size_t *ret_count);

#endif
