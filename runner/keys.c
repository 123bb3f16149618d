/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "keys.h"

static struct termios saved;
static bool is_on;

/* Only the foreground may set the terminal, or read from it, without being stopped. */
static bool is_ours(void)
{
	return tcgetpgrp(0) == getpgrp();
}

void keys_end(void)
{
	if (is_on && is_ours())
		tcsetattr(0, TCSADRAIN, &saved);
	is_on = false;
}

bool keys_begin(void)
{
	struct termios keys;

	if (!isatty(0) || !is_ours() || tcgetattr(0, &saved))
		return false;
	keys = saved;
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	keys.c_cc[VMIN] = 1;
	keys.c_cc[VTIME] = 0;
	if (tcsetattr(0, TCSADRAIN, &keys))
		return false;
	if (!is_on)
		atexit(keys_end);
	is_on = true;
	return true;
}

char keys_next(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	char key;

	if (!is_on || !is_ours() || poll(&input, 1, 0) != 1 || !(input.revents & POLLIN) ||
	    read(0, &key, 1) != 1)
		return 0;
	return key;
}
