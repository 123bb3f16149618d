/* SPDX-License-Identifier: MIT */
/*
 * What comes from a case: its pipes, and the end of its init.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "captured.h"
#include "cleanup.h"
#include "keeper.h"
#include "suite/kind.h"
#include "sys.h"

void running_watch_init(struct running *running)
{
	if (running->pidfd >= 0 || !running->pid)
		return;
	running->pidfd = sys_pidfd_open(running->pid);
	if (running->pidfd < 0 ||
	    keeper_watch(running->keeper, running->pidfd, running, WATCH_PIDFD) < 0)
		running->over = true;
}

void running_watch(struct running *running)
{
	struct keeper *keeper = running->keeper;

	running->watch_at = INFINITY;
	running_watch_init(running);
	if (running->out >= 0)
		keeper_watch(keeper, running->out, running, WATCH_OUT);
	if (running->errors >= 0)
		keeper_watch(keeper, running->errors, running, WATCH_ERRORS);
	if (running->records >= 0)
		keeper_watch(keeper, running->records, running, WATCH_RECORDS);
}

bool running_speaks_tap(const struct running *running)
{
	return !running->suite->native && running->suite->kind->tap;
}

/* Hand bytes on to whom they belong. */
static void consume(struct running *running, const int *fd, const char *bytes, size_t size)
{
	if (fd == &running->records) {
		if (record_reader_feed(&running->reader, bytes, size, hear_record, running) < 0)
			running->outcome.tampered = true;
		return;
	}
	if (fd == &running->terminal && running->keeper->passthrough) {
		terminal_show(bytes, size);
		return;
	}
	if (fd == &running->errors && running->keeper->lists) {
		captured_feed(&running->outcome.errors, bytes, size);
		return;
	}
	captured_feed(&running->outcome.out, bytes, size);
	if (fd == &running->out && running_speaks_tap(running))
		tap_feed(&running->tap, bytes, size);
}

/* What never came into the loop need not be taken out of it. */
static int unwatch(struct running *running, int fd)
{
	bool watched = isinf(running->watch_at) || fd == running->terminal;

	return watched ? keeper_unwatch(running->keeper, fd) : safe_close(fd);
}

/* At most a few buffers at a time: one case that prints for ever must not hold up the others. */
void running_read(struct running *running, int *fd)
{
	static char buffer[65536];

	for (int i = 0; i < 4 && *fd >= 0; i++) {
		ssize_t size = read(*fd, buffer, sizeof(buffer));

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size <= 0) { /* a terminal says EIO when its last user is gone */
			*fd = unwatch(running, *fd);
			return;
		}
		consume(running, fd, buffer, size);
	}
}

/* Everybody who could write is dead: what is in the pipe is all. */
static void drain(struct running *running, int *fd)
{
	int bytes = 1 << 20; /* a pipe's size is bounded, fcntl(2) F_SETPIPE_SZ */

	if (*fd < 0)
		return;
	for (int i = 0; i < bytes / 65536 && *fd >= 0; i++)
		running_read(running, fd);
	*fd = unwatch(running, *fd);
}

void running_drain(struct running *running)
{
	drain(running, &running->out);
	drain(running, &running->errors);
	drain(running, &running->records);
	drain(running, &running->terminal);
}
