/* SPDX-License-Identifier: MIT */
/*
 * init, in a cell that is kept: see kept.h.
 *
 * Should: end when its time is over, whatever anybody does; hold nothing of the keeper.
 * Mustn't: wait for who comes, nor for what the cell prints.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "body.h"
#include "cleanup.h"
#include "clock.h"
#include "init.h"
#include "kept.h"
#include "message.h"
#include "protocol.h"
#include "sys.h"

#define VISITORS_MAX 16
#define PRINTED_MAX  2

/* Somebody who came by the socket, and the command that runs for them. */
struct visitor {
	int fd;    /* -1: a free place */
	pid_t pid; /* 0: nothing is asked for yet */
};

static struct {
	struct cell *cell;
	int signals, listener;
	int printed[PRINTED_MAX]; /* what the cell prints, and nobody reads any more */
	struct visitor visitors[VISITORS_MAX];
	double until;
	bool dropped;
} kept;

static void leave(struct visitor *visitor)
{
	if (visitor->pid)
		kill(-visitor->pid, SIGKILL); /* what runs for them is a session of its own */
	close(visitor->fd);
	*visitor = (struct visitor){.fd = -1};
}

static void reply_failed(int fd)
{
	struct kept_reply reply = {.kind = KEPT_FAILED, .failed = kept.cell->failed};

	send(fd, &reply, sizeof(reply), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static _Noreturn void run_for(int fd, const int *descriptors, bool tty, char *argv, size_t size)
{
	static char shell[] = "/bin/sh";
	char *own = getenv("SHELL");
	sigset_t none;

	if (test_enter(kept.cell, descriptors, tty) == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (!size && own && *own == '/')
			test_execute(kept.cell, own, strlen(own) + 1);
		kept.cell->failed = (struct failed_step){.error = 0};
		test_execute(kept.cell, size ? argv : shell, size ? size : sizeof(shell));
	}
	reply_failed(fd);
	_exit(127);
}

static void start(struct visitor *visitor, const struct kept_request *request, char *argv,
		  const int *given)
{
	int outer = -1, inner = -1, descriptors[3];
	struct kept_reply reply = {.kind = KEPT_TERMINAL};

	kept.cell->failed = (struct failed_step){.error = 0};
	if (request->tty && init_open_terminal(kept.cell, &outer, &inner) < 0) {
		reply_failed(visitor->fd);
		leave(visitor);
		return;
	}
	for (int i = 0; i < 3; i++)
		descriptors[i] = request->tty ? inner : given[i];
	if (request->tty)
		message_send(visitor->fd, &reply, sizeof(reply), &outer, 1);
	visitor->pid = body_is_sanitized() ? fork() : _Fork();
	if (!visitor->pid)
		run_for(visitor->fd, descriptors, request->tty, argv, request->argv_size);
	if (visitor->pid < 0) {
		visitor->pid = 0;
		cell_fail(kept.cell, "cell", "fork in the cell", errno);
		reply_failed(visitor->fd);
		leave(visitor);
	}
	safe_close(outer);
	safe_close(inner);
}

static void serve(struct visitor *visitor)
{
	static char buffer[sizeof(struct kept_request) + KEPT_ARGV_MAX + 1];
	struct kept_request *request = (struct kept_request *)buffer;
	int given[3];
	ssize_t size = message_receive(visitor->fd, buffer, sizeof(buffer) - 1, given, 3);
	bool complete = size >= (ssize_t)sizeof(*request) && request->version == KEPT_VERSION &&
			size == (ssize_t)(sizeof(*request) + request->argv_size);

	if (size < 0 && errno == EAGAIN)
		return;
	buffer[size > 0 ? size : 0] = '\0';
	if (!complete || visitor->pid)
		leave(visitor); /* they have gone, or talk nonsense */
	else if (request->kind == KEPT_DROP)
		kept.dropped = true;
	else if (request->tty || given[2] >= 0)
		start(visitor, request, (char *)(request + 1), given);
	else
		leave(visitor);
	for (int i = 0; i < 3; i++)
		safe_close(given[i]);
}

static void welcome(void)
{
	int fd = accept4(kept.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (size_t i = 0; i < VISITORS_MAX && fd >= 0; i++)
		if (kept.visitors[i].fd < 0) {
			kept.visitors[i].fd = fd;
			return;
		}
	safe_close(fd);
}

static void reap(void)
{
	struct kept_reply reply = {.kind = KEPT_ENDED};
	pid_t pid;

	while ((pid = waitpid(-1, &reply.status, WNOHANG)) > 0)
		for (size_t i = 0; i < VISITORS_MAX; i++)
			if (kept.visitors[i].fd >= 0 && kept.visitors[i].pid == pid) {
				send(kept.visitors[i].fd, &reply, sizeof(reply),
				     MSG_NOSIGNAL | MSG_DONTWAIT);
				kept.visitors[i].pid = 0;
				leave(&kept.visitors[i]);
			}
}

/* SIGTERM counts only from outside, as in init.c. */
static void hear_signals(void)
{
	struct signalfd_siginfo info;

	while (read(kept.signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGTERM && !info.ssi_pid)
			kept.dropped = true;
	reap();
}

static void discard(int *fd)
{
	char buffer[4096];
	ssize_t size = read(*fd, buffer, sizeof(buffer));

	if (!size || (size < 0 && errno != EAGAIN && errno != EINTR))
		*fd = safe_close(*fd);
}

static void turn(void)
{
	struct pollfd watched[2 + PRINTED_MAX + VISITORS_MAX];
	double left = kept.until - clock_seconds(CLOCK_BOOTTIME);
	int timeout = left > 3600 ? 3600000 : (int)(left * 1000) + 1;
	size_t count = 0;

	watched[count++] = (struct pollfd){kept.signals, POLLIN, 0};
	watched[count++] = (struct pollfd){kept.listener, POLLIN, 0};
	for (size_t i = 0; i < PRINTED_MAX; i++)
		watched[count++] = (struct pollfd){kept.printed[i], POLLIN, 0};
	for (size_t i = 0; i < VISITORS_MAX; i++)
		watched[count++] = (struct pollfd){kept.visitors[i].fd, POLLIN, 0};
	if (poll(watched, count, timeout) <= 0)
		return;
	if (watched[0].revents)
		hear_signals();
	for (size_t i = 0; i < PRINTED_MAX; i++)
		if (watched[2 + i].revents)
			discard(&kept.printed[i]);
	for (size_t i = 0; i < VISITORS_MAX; i++)
		if (watched[2 + PRINTED_MAX + i].revents && kept.visitors[i].fd >= 0)
			serve(&kept.visitors[i]);
	if (watched[1].revents)
		welcome();
}

/* What comes by sockets shall not be 0, 1 or 2, which are replaced in who enters. */
static void occupy_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/", O_PATH | O_CLOEXEC);
	while (fd >= 0 && fd < 2);
	if (fd > 2)
		close(fd);
}

static bool take_order(int door)
{
	struct kept_order order;
	int came[1 + PRINTED_MAX];

	if (message_receive(door, &order, sizeof(order), came, 1 + PRINTED_MAX) != sizeof(order) ||
	    came[0] < 0)
		return false;
	kept.until = clock_seconds(CLOCK_BOOTTIME) + order.seconds;
	kept.listener = came[0];
	memcpy(kept.printed, came + 1, sizeof(kept.printed));
	return true;
}

bool kept_live(struct cell *cell, int door, void (*confirm)(void))
{
	sigset_t watched;

	occupy_standard_descriptors();
	if (!take_order(door))
		return false;
	kept.cell = cell;
	for (size_t i = 0; i < VISITORS_MAX; i++)
		kept.visitors[i].fd = -1;
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGTERM);
	kept.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (kept.signals < 0)
		return false;
	setsid(); /* no terminal of the caller's ends it */
	prctl(PR_SET_PDEATHSIG, 0);
	confirm();
	close(ZYGOTE_REQUESTS);
	close(ZYGOTE_REPORTS);
	close(door);
	reap();
	while (!kept.dropped && clock_seconds(CLOCK_BOOTTIME) < kept.until)
		turn();
	return true;
}
