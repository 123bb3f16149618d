/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "leaving.h"

/* Reap the first. Returns whether it has gone. */
static bool reap_first(struct leaving *leaving, int flags)
{
	pid_t pid;

	do
		pid = waitpid(leaving->pids[leaving->first], NULL, flags);
	while (pid < 0 && errno == EINTR);
	if (!pid)
		return false;
	leaving->first = (leaving->first + 1) % LEAVING_MAX;
	leaving->count--;
	return true;
}

void leaving_add(struct leaving *leaving, pid_t pid)
{
	while (leaving->count && reap_first(leaving, WNOHANG))
		;
	if (leaving->count == LEAVING_MAX)
		reap_first(leaving, 0);
	leaving->pids[(leaving->first + leaving->count++) % LEAVING_MAX] = pid;
}

void leaving_wait(struct leaving *leaving)
{
	while (leaving->count)
		reap_first(leaving, 0);
}
