/* SPDX-License-Identifier: MIT */
/*
 * The keeper's side of a dump: start the dumper, take what it writes, end it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "dump.h"
#include "keeper.h"

#define DUMPS_AT_ONCE    4 /* each reads debug information */
#define DUMP_SECONDS     10.0
#define DUMP_BYTES       (256u << 10)
#define LEFT_OUT         "(not all stacks are here: %s)\n"
#define PATIENCE_SECONDS 30.0 /* a case waits no longer for dumpers of others */
#define LOOK_SECONDS     0.1  /* for a dumper that may start, when there are too many */

static int spawn_dumper(struct running *running, int to)
{
	char init[16], keeper[16];
	char *arguments[] = {"cloche", DUMP_ARGUMENT, init, keeper, NULL};
	posix_spawn_file_actions_t actions;
	int error;

	snprintf(init, sizeof(init), "%d", running->pid);
	snprintf(keeper, sizeof(keeper), "%d", getpid());
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, 2, 1); /* what a suite's constructors print */
	posix_spawn_file_actions_adddup2(&actions, to, DUMP_FD);
	error = posix_spawn(&running->dump.pid, "/proc/self/exe", &actions, NULL, arguments,
			    running->keeper->session->environment);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

static void add_text(struct dump *dump, const char *text, size_t size)
{
	size_t room = DUMP_BYTES - dump->size;

	memcpy(dump->text + dump->size, text, size < room ? size : room);
	dump->size += size < room ? size : room;
	dump->cut |= size > room;
}

static void add_sentence(struct dump *dump, const char *format, const char *word)
{
	char sentence[128];

	snprintf(sentence, sizeof(sentence), format, word);
	add_text(dump, sentence, strlen(sentence));
}

static int start(struct running *running, struct dump *dump)
{
	int ends[2], result;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	result = spawn_dumper(running, ends[1]);
	close(ends[1]);
	dump->out = ends[0];
	return result < 0 ? result : keeper_watch(running->keeper, dump->out, running, WATCH_DUMP);
}

/* Returns false at the end. */
static bool read_some(struct dump *dump)
{
	char buffer[16384];

	for (;;) {
		ssize_t size = read(dump->out, buffer, sizeof(buffer));

		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return size < 0 && errno == EAGAIN;
		add_text(dump, buffer, (size_t)size);
	}
}

static void keep_stacks(struct running *running)
{
	struct dump *dump = &running->dump;
	struct remark *stacks = obstack_alloc(&running->memory, sizeof(*stacks));

	*stacks = (struct remark){
		.text = obstack_copy0(&running->memory, dump->text, dump->size),
		.size = dump->size,
		.cut = dump->cut,
	};
	running->outcome.stacks = stacks;
	free(dump->text);
	dump->text = NULL;
}

/* With `why` as the last word, if it is not NULL. */
static void finish(struct running *running, const char *why)
{
	struct dump *dump = &running->dump;
	int status = 0;

	dump->goes_on = false;
	running->keeper->dumpers--;
	if (dump->pid > 0) {
		kill(dump->pid, SIGKILL); /* or it has ended, and nothing happens */
		waitpid(dump->pid, &status, 0);
		read_some(dump);
	}
	dump->out = keeper_unwatch(running->keeper, dump->out);
	if (!why && status)
		why = "the dumper was ended";
	if (why)
		add_sentence(dump, LEFT_OUT, why);
	keep_stacks(running);
}

void dump_end(struct running *running)
{
	if (running->dump.goes_on)
		finish(running, NULL);
}

static void begin(struct running *running)
{
	int result;

	running->dump.out = -1;
	running->dump.goes_on = true;
	running->keeper->dumpers++;
	result = start(running, &running->dump);
	if (result < 0)
		finish(running, strerror(-result));
}

/* Too many others are at it. Until when is this one to wait? */
static bool waits_for_others(struct running *running, double now)
{
	struct dump *dump = &running->dump;

	if (!dump->patience)
		dump->patience = now + PATIENCE_SECONDS;
	running->deadline = now + LOOK_SECONDS;
	return now < dump->patience;
}

bool dump_at_deadline(struct running *running, double now)
{
	struct dump *dump = &running->dump;

	if (!running->keeper->dumps || running->pidfd < 0 || running->outcome.stacks)
		return false;
	if (dump->goes_on) {
		finish(running, "reading them took too long");
		return false;
	}
	if (running->keeper->dumpers >= DUMPS_AT_ONCE && waits_for_others(running, now))
		return true;
	dump->text = malloc(DUMP_BYTES);
	if (!dump->text)
		return false;
	if (running->keeper->dumpers >= DUMPS_AT_ONCE) {
		add_sentence(dump, LEFT_OUT, "too many cases are at their deadline");
		keep_stacks(running);
		return false;
	}
	running->deadline = now + DUMP_SECONDS;
	begin(running);
	return dump->goes_on;
}

void dump_read(struct running *running)
{
	int status = 0;

	if (!running->dump.goes_on || read_some(&running->dump))
		return;
	if (waitpid(running->dump.pid, &status, 0) == running->dump.pid)
		running->dump.pid = 0;
	finish(running, status ? "the dumper was ended" : NULL);
	running_ask_to_end(running);
}
