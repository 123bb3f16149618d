/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "captured.h"
#include "keeper.h"
#include "keys.h"

#define TICK_SECONDS 1.0

static bool is_wanted(const struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->reporter_count; i++)
		if (keeper->reporters[i].reporter->tick)
			return true;
	return false;
}

/* Keys are for who looks at a terminal, standard output's. */
void glance_begin(struct keeper *keeper)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = WATCH_KEYS};

	if (!keeper->passthrough && is_wanted(keeper) && isatty(1) && keys_begin())
		epoll_ctl(keeper->epoll, EPOLL_CTL_ADD, 0, &event);
}

void glance_end(void)
{
	keys_end();
}

double glance_next(const struct keeper *keeper, double soonest)
{
	return is_wanted(keeper) && keeper->next_tick < soonest ? keeper->next_tick : soonest;
}

void glance_tick(struct keeper *keeper, double now)
{
	if (now < keeper->next_tick)
		return;
	keeper->next_tick = now + TICK_SECONDS;
	KEEPER_TELL(keeper, tick);
}

static void tell_one(struct keeper *keeper, struct running *running)
{
	struct captured so_far;

	running_read(running, &running->out);
	if (captured_copy(&running->outcome.out, &so_far) < 0)
		return;
	KEEPER_TELL(keeper, case_so_far, &running->info, keeper_since(running->started), &so_far);
	captured_free(&so_far);
}

void glance_tell(struct keeper *keeper)
{
	for (unsigned i = 0; i < keeper->slots; i++)
		if (keeper->running[i] && !keeper->running[i]->over)
			tell_one(keeper, keeper->running[i]);
}

void glance_keys(struct keeper *keeper)
{
	bool asked = false;

	for (char key; (key = keys_next());)
		asked |= key == 't' || key == 'T';
	if (asked)
		glance_tell(keeper);
}
