/* SPDX-License-Identifier: MIT */
/*
 * keeper: one loop over everything that cells and the user may say
 *
 * Cells end in two steps. What arrives in a round of the loop is handled first and only marks a
 * cell as over; it is judged and freed after the round, so that no event is about a cell that is
 * gone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "keeper.h"
#include "message.h"

#define EVENTS 64
#define TAG    15ul /* the low bits of a pointer from malloc(3) */

double keeper_now(void)
{
	return clock_seconds(CLOCK_MONOTONIC);
}

double keeper_since(double moment)
{
	return (double)(int64_t)((keeper_now() - moment) * 1e6 + 0.5) / 1e6;
}

int keeper_watch(struct keeper *keeper, int fd, void *about, enum watched what)
{
	struct epoll_event event = {.events = EPOLLIN,
				    .data.ptr = (void *)((uintptr_t)about | what)};

	return epoll_ctl(keeper->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int keeper_unwatch(struct keeper *keeper, int fd)
{
	if (fd >= 0)
		epoll_ctl(keeper->epoll, EPOLL_CTL_DEL, fd, NULL);
	return safe_close(fd);
}

void keeper_message(struct keeper *keeper, const char *format, ...)
{
	char sentence[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	if (!keeper->reporter_count)
		fprintf(stderr, "cloche: %s\n", sentence);
	KEEPER_TELL(keeper, message, sentence);
}

static struct running *find(struct keeper *keeper, uint32_t cell)
{
	for (unsigned i = 0; i < keeper->slots; i++)
		if (keeper->running[i] && keeper->running[i]->cell == cell)
			return keeper->running[i];
	return NULL;
}

/* The zygote of a suite died: what it was making, and what it should still make, cannot be had. */
static void zygote_died(struct keeper *keeper, struct zygote *zygote)
{
	struct failed_step failed = {"zygote", "make a cell", EPIPE};

	epoll_ctl(keeper->epoll, EPOLL_CTL_DEL, zygote->requests, NULL);
	zygote->dead = true;
	for (unsigned i = 0; i < keeper->slots; i++) {
		struct running *running = keeper->running[i];

		if (running && running->zygote == zygote && !running->replied)
			running_fail_setup(running, &failed);
	}
}

static void hear_replies(struct keeper *keeper, struct zygote *zygote)
{
	struct reply reply;
	ssize_t size;

	for (;;) {
		struct running *running;

		size = recv(zygote->requests, &reply, sizeof(reply), MSG_DONTWAIT);
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size != sizeof(reply)) {
			zygote_died(keeper, zygote);
			return;
		}
		running = find(keeper, reply.cell);
		if (running)
			running_replied(running, &reply);
	}
}

void keeper_hear_reports(struct keeper *keeper, struct zygote *zygote)
{
	static char buffer[REPORT_MAX];
	const struct report *report = (const struct report *)buffer;

	for (;;) {
		int descriptor;
		ssize_t size =
			message_receive(zygote->reports, buffer, sizeof(buffer), &descriptor, 1);
		struct running *running;

		if (size < (ssize_t)sizeof(*report) ||
		    size != (ssize_t)(sizeof(*report) + report->findings_size)) {
			safe_close(descriptor);
			return;
		}
		running = find(keeper, report->cell);
		if (running)
			running_reported(running, report, buffer + sizeof(*report), descriptor);
		else
			safe_close(descriptor);
	}
}

static void hear_signals(struct keeper *keeper)
{
	struct signalfd_siginfo info;

	while (read(keeper->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (info.ssi_signo == SIGUSR1) {
			glance_tell(keeper);
			continue;
		}
		keeper->cancelled = true;
		keeper->interrupts++;
		if (keeper->interrupts == 1)
			keeper_message(keeper,
				       "interrupted: asking %u running cases to end; again to "
				       "end them at once",
				       keeper->running_count);
		for (unsigned i = 0; i < keeper->slots; i++) {
			struct running *running = keeper->running[i];

			if (!running)
				continue;
			running->outcome.cancelled = true;
			if (keeper->interrupts > 1)
				running_kill(running);
			else
				running_ask_to_end(running);
		}
	}
}

static void handle(struct keeper *keeper, const struct epoll_event *event)
{
	uintptr_t tagged = (uintptr_t)event->data.ptr;
	void *about = (void *)(tagged & ~TAG);
	struct running *running = about;

	switch ((enum watched)(tagged & TAG)) {
	case WATCH_SIGNALS:
		hear_signals(keeper);
		break;
	case WATCH_KEYS:
		glance_keys(keeper);
		break;
	case WATCH_REQUESTS:
		hear_replies(keeper, about);
		break;
	case WATCH_REPORTS:
		keeper_hear_reports(keeper, about);
		break;
	case WATCH_PIDFD:
		running->over = true;
		break;
	case WATCH_OUT:
		running_read(running, &running->out);
		break;
	case WATCH_ERRORS:
		running_read(running, &running->errors);
		break;
	case WATCH_RECORDS:
		running_read(running, &running->records);
		break;
	case WATCH_TERMINAL:
		running_read(running, &running->terminal);
		break;
	case WATCH_DUMP:
		dump_read(running);
		break;
	}
}

static int watch_zygote(struct keeper *keeper, struct zygote *zygote)
{
	int result = keeper_watch(keeper, zygote->requests, zygote, WATCH_REQUESTS);

	return result ? result : keeper_watch(keeper, zygote->reports, zygote, WATCH_REPORTS);
}

int keeper_stage(struct keeper *keeper, struct zygote *zygote, struct failed_step *failed)
{
	char directories[REQUEST_MAX / 2];
	size_t used;
	uint32_t flags = plan_stage(keeper->suites, zygote, keeper->session, directories,
				    sizeof(directories), &used);
	int result = zygote_stage(zygote, keeper->session, flags, directories, used, failed);

	if (!result)
		result = watch_zygote(keeper, zygote);
	else
		zygote->dead = true;
	if (zygote->owners_lost && !keeper->warned_owners) {
		keeper->warned_owners = true;
		keeper_message(keeper,
			       "the machine's files are shown without their owners: their file "
			       "system cannot be id-mapped (mount_setattr(2); a tmpfs can since "
			       "Linux 6.3); what only root may read is not readable in cells");
	}
	return result;
}

static void sweep(struct keeper *keeper)
{
	for (unsigned slot = 0; slot < keeper->slots; slot++) {
		struct running *running = keeper->running[slot];

		if (!running || !running->over)
			continue;
		running_end(running);
		keeper->running[slot] = NULL;
		keeper->running_count--;
	}
}

static int next_timeout(struct keeper *keeper)
{
	double now = keeper_now(), soonest = now + 3600;

	soonest = glance_next(keeper, soonest);
	for (unsigned slot = 0; slot < keeper->slots; slot++) {
		struct running *running = keeper->running[slot];

		if (!running)
			continue;
		if (running->over)
			return 0;
		if (running->watch_at < soonest)
			soonest = running->watch_at;
		if (!running->asked_to_end && running->deadline < soonest)
			soonest = running->deadline;
		if (!running->asked_to_end && !running->outcome.timed_out &&
		    running->slow_at < soonest)
			soonest = running->slow_at;
		if (running->asked_to_end && !running->killed && running->kill_at < soonest)
			soonest = running->kill_at;
	}
	if (schedule_due(keeper->schedule) < soonest)
		soonest = schedule_due(keeper->schedule);
	return soonest <= now ? 0 : (int)((soonest - now) * 1000) + 1;
}

static void turn(struct keeper *keeper)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(keeper->epoll, events, EVENTS, next_timeout(keeper));
	double now;

	for (int i = 0; i < count; i++)
		handle(keeper, &events[i]);
	now = keeper_now();
	for (unsigned slot = 0; slot < keeper->slots; slot++)
		if (keeper->running[slot])
			running_tick(keeper->running[slot], now);
	glance_tick(keeper, now);
	sweep(keeper);
}

static int prepare(struct keeper *keeper, sigset_t *ret_old)
{
	sigset_t watched;

	sigemptyset(&watched);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGHUP);
	if (!keeper->passthrough)
		sigaddset(&watched, SIGUSR1);
	sigprocmask(SIG_BLOCK, &watched, ret_old);
	keeper->epoll = epoll_create1(EPOLL_CLOEXEC);
	keeper->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	keeper->running = calloc(keeper->slots, sizeof(*keeper->running));
	if (keeper->epoll < 0 || keeper->signals < 0 || !keeper->running)
		return -errno;
	glance_begin(keeper);
	return keeper_watch(keeper, keeper->signals, NULL, WATCH_SIGNALS);
}

int keeper_run(struct keeper *keeper)
{
	sigset_t old;
	int result = prepare(keeper, &old);

	keeper->started = keeper_now();
	while (!result) {
		keeper_start_cases(keeper);
		if (!keeper_has_work(keeper))
			break;
		turn(keeper);
	}
	leaving_wait(&keeper->leaving);
	glance_end();
	safe_close(keeper->epoll);
	safe_close(keeper->signals);
	free(keeper->running);
	keeper->totals.not_run = schedule_left(keeper->schedule) + keeper->given_back;
	keeper->totals.wall = keeper_since(keeper->started);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return result;
}
