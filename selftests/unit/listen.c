/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "case.h"
#include "crash.h"
#include "listen.h"
#include "unit.h"

static struct listened listened;

static void hear(void *context, const struct record *record)
{
	struct listened *to = context;
	struct said *said = &to->said[to->count++];

	ck_assert_uint_le(to->count, SAID_MAX);
	*said = (struct said){.type = record->type,
			      .flags = record->flags,
			      .line = record->line,
			      .writer = record->writer,
			      .a = record->a,
			      .b = record->b,
			      .size = record->text.size};
	said->file = strndup(record->file.size ? record->file.data : "", record->file.size);
	said->name = strndup(record->name.size ? record->name.data : "", record->name.size);
	said->text = calloc(1, record->text.size + 1);
	if (record->text.size)
		memcpy(said->text, record->text.data, record->text.size);
}

static void forget(void)
{
	for (size_t i = 0; i < listened.count; i++) {
		free(listened.said[i].file);
		free(listened.said[i].name);
		free(listened.said[i].text);
	}
	memset(&listened, 0, sizeof(listened));
}

static size_t find(const char *name)
{
	for (size_t i = 0; i < case_count(); i++)
		if (!strcmp(case_at(i)->name, name))
			return i;
	ck_abort_msg("there is no case '%s'", name);
	return 0;
}

static _Noreturn void speak(size_t index, int records, int output, void (*before)(void))
{
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	if (before)
		before();
	body_run(index, records);
	body_end();
}

static void hear_records(struct record_reader *reader, struct pollfd *from)
{
	char bytes[4096];
	ssize_t size = read(from->fd, bytes, sizeof(bytes));

	if (size <= 0)
		from->fd = -1;
	else if (record_reader_feed(reader, bytes, (size_t)size, hear, &listened))
		listened.damaged = true;
}

static void hear_output(struct pollfd *from)
{
	size_t used = strlen(listened.output);
	char bytes[4096];
	ssize_t size = read(from->fd, bytes, sizeof(bytes));

	if (size <= 0)
		from->fd = -1;
	else if (used + (size_t)size < sizeof(listened.output))
		memcpy(listened.output + used, bytes, (size_t)size);
}

static struct listened *listen_on(const char *name, bool aloud, void (*before)(void))
{
	struct record_reader reader = {0};
	struct pollfd polled[2] = {{.events = POLLIN}, {.events = POLLIN}};
	size_t index = find(name);
	int records[2], output[2];
	pid_t pid;

	forget();
	crash_prime();
	ck_assert_int_eq(pipe(records), 0);
	ck_assert_int_eq(pipe(output), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(records[0]);
		close(output[0]);
		speak(index, aloud ? -1 : records[1], output[1], before);
	}
	close(records[1]);
	close(output[1]);
	polled[0].fd = records[0];
	polled[1].fd = output[0];
	while ((polled[0].fd >= 0 || polled[1].fd >= 0) && poll(polled, 2, -1) > 0) {
		if (polled[0].revents)
			hear_records(&reader, &polled[0]);
		if (polled[1].revents)
			hear_output(&polled[1]);
	}
	close(records[0]);
	close(output[0]);
	record_reader_free(&reader);
	ck_assert_int_eq(waitpid(pid, &listened.status, 0), pid);
	return &listened;
}

struct listened *listen_to(const char *name, void (*before)(void))
{
	return listen_on(name, false, before);
}

struct listened *listen_aloud(const char *name)
{
	return listen_on(name, true, NULL);
}

const struct said *listened_first(const struct listened *from, enum record_type type)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->said[i].type == type)
			return &from->said[i];
	return NULL;
}

size_t listened_count(const struct listened *from, enum record_type type)
{
	size_t count = 0;

	for (size_t i = 0; i < from->count; i++)
		count += from->said[i].type == type;
	return count;
}
