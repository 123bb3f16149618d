/* SPDX-License-Identifier: MIT */
/*
 * dump.h: the stacks of all threads of a cell, at the deadline
 *
 * Theory of operation. The keeper starts a dumper, a process of its own: this program again, with
 * DUMP_ARGUMENT. It finds the threads of the cell in /proc, notes what each waits for, stops them
 * by ptrace(2), unwinds their stacks with libdw, writes text into a pipe, and ends, with which they
 * go on. Nothing runs in the cell, and nobody in it is asked.
 *
 * It may: the keeper's user owns the user namespaces of the cell, and so has all capabilities over
 * them, user_namespaces(7).
 *
 * The keeper goes on meanwhile. A dumper that is not ready in time is killed, and what it has
 * written counts. It is executed and not only forked: a copy of the keeper's descriptors would
 * keep closed ones alive in the keeper's epoll.
 */
#ifndef CLOCHE_DUMP_H
#define CLOCHE_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DUMP_ARGUMENT "--cloche-dump"
#define DUMP_FD       3 /* where the dumper writes to */

/* One thread. */
struct task {
	pid_t pid, tid;
	int number, thread; /* the same as the cell counts them; `thread` is 0 for the first one */
	char name[64];
	char state;         /* as in /proc/PID/stat */
	char waits_for[64]; /* function of the kernel, or "" */
	long system_call;   /* number, or -1 */
	bool traced;        /* by somebody else */
	bool seized, stopped;
	int signal; /* that it stopped with, and gets when it goes on */
	int error;  /* why it could not be seized, errno */
};

struct tasks {
	struct task *list;
	size_t count;
	size_t left_out; /* threads beyond the bound */
};

/* dump_tasks.c: all threads of the cell of this init, without init itself. */
void tasks_find(struct tasks *tasks, pid_t init);

/* Stop them all, but wait no longer than so many seconds for it. */
void tasks_stop(struct tasks *tasks, double seconds);

/* Let them go on, and forget them. */
void tasks_release(struct tasks *tasks);

/* dump_cell.c: be the dumper. Returns its exit status. */
int dump_main(char **argv);

#endif
