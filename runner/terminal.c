/* SPDX-License-Identifier: MIT */
/*
 * The cell's own terminal, shown on ours: `cloche shell`, and exec --tty.
 *
 * Our terminal goes raw, so that every key, Ctrl-C too, belongs to the cell; what is typed goes to
 * the cell's terminal, what it prints to ours, and our size becomes its size.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "keeper.h"

static struct termios saved;
static bool is_raw;
static pid_t typist;

void terminal_restore(void)
{
	if (typist > 0) {
		kill(typist, SIGKILL);
		waitpid(typist, NULL, 0);
		typist = 0;
	}
	if (is_raw)
		tcsetattr(0, TCSADRAIN, &saved);
	is_raw = false;
}

static void copy_size(int to)
{
	struct winsize size;

	if (!ioctl(0, TIOCGWINSZ, &size))
		ioctl(to, TIOCSWINSZ, &size);
}

static void write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);
		struct pollfd room = {.fd = fd, .events = POLLOUT};

		if (written < 0 && errno == EAGAIN) {
			poll(&room, 1, -1);
			continue;
		}
		if (written < 0 && errno != EINTR)
			return;
		bytes += written > 0 ? written : 0;
		size -= written > 0 ? written : 0;
	}
}

void terminal_show(const char *bytes, size_t size)
{
	write_all(1, bytes, size);
}

static volatile sig_atomic_t resized;

static void on_resize(int signal)
{
	(void)signal;
	resized = 1;
}

/* A process of its own, so that typing waits for nothing that the keeper does. */
static _Noreturn void type(int terminal, pid_t parent)
{
	char bytes[4096];
	sigset_t none;
	ssize_t size;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigaction(SIGWINCH, &(struct sigaction){.sa_handler = on_resize}, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (;;) {
		size = read(0, bytes, sizeof(bytes));
		if (resized) {
			resized = 0;
			copy_size(terminal);
		}
		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			break;
		write_all(terminal, bytes, size);
	}
	write_all(terminal, "\4", 1); /* end of input, as Ctrl-D */
	_exit(0);
}

void terminal_attach(int terminal)
{
	pid_t self = getpid();
	struct termios raw;

	copy_size(terminal);
	if (!tcgetattr(0, &saved)) {
		raw = saved;
		cfmakeraw(&raw);
		tcsetattr(0, TCSADRAIN, &raw);
		is_raw = true;
		atexit(terminal_restore);
	}
	typist = fork();
	if (!typist)
		type(terminal, self);
}

void running_terminal(struct running *running)
{
	keeper_watch(running->keeper, running->terminal, running, WATCH_TERMINAL);
	if (running->keeper->passthrough)
		terminal_attach(running->terminal);
}
