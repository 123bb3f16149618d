/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "sys_call.h"

static int speaks_to; /* a descriptor plus one; 0: to standard error, for people */
static atomic_uint speakers;
static atomic_bool finished;

void say_to(int fd)
{
	speaks_to = fd + 1;
	atomic_store(&finished, false);
}

bool say_is_aloud(void)
{
	return !speaks_to;
}

/* One write a piece: the kernel keeps what is not longer than PIPE_BUF together, pipe(7). */
static void write_piece(const uint8_t *bytes, size_t size)
{
	int pipe_fd = speaks_to - 1;
	long written;

	while ((written = sys_call(SYS_write, pipe_fd, bytes, size)) < 0) {
		if (written == -EAGAIN)
			poll(&(struct pollfd){.fd = pipe_fd, .events = POLLOUT}, 1, -1);
		else if (written != -EINTR)
			return; /* the test closed it, or nobody listens */
	}
}

static void write_record(struct record record)
{
	uint8_t buffer[RECORD_MAX];
	size_t offset = 0;

	record.writer = (uint32_t)sys_call(SYS_gettid);
	do
		write_piece(buffer, record_encode(&record, &offset, buffer));
	while (offset < record.text.size);
}

static void say_lines(const struct record_text *text)
{
	const char *at = text->data, *end = text->data + text->size;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		fprintf(stderr, "    %.*s\n", (int)(stop - at), at);
		at = newline ? newline + 1 : end;
	}
}

static void say_aloud(const struct record *record)
{
	if (record->file.size)
		fprintf(stderr, "%.*s:%u: ", (int)record->file.size, record->file.data,
			record->line);
	switch (record->type) {
	case RECORD_FAILURE:
		fprintf(stderr, "%.*s\n", (int)record->name.size, record->name.data);
		say_lines(&record->text);
		break;
	case RECORD_NOTE:
		fprintf(stderr, "%.*s\n", (int)record->text.size, record->text.data);
		break;
	case RECORD_SKIP:
		fprintf(stderr, "skipped: %.*s\n", (int)record->text.size, record->text.data);
		break;
	case RECORD_LIMIT:
		fprintf(stderr, "the limit '%.*s' was hit\n", (int)record->name.size,
			record->name.data);
		break;
	case RECORD_DONE:
		fprintf(stderr, "%llu checks, %llu failures\n", (unsigned long long)record->a,
			(unsigned long long)record->b);
		break;
	default: /* an attachment stays where it is */
		break;
	}
}

void say(const struct record *record)
{
	int saved = errno;

	atomic_fetch_add(&speakers, 1);
	if (!atomic_load(&finished)) {
		if (say_is_aloud())
			say_aloud(record);
		else
			write_record(*record);
	}
	atomic_fetch_sub(&speakers, 1);
	errno = saved;
}

void say_dying(const struct record *record)
{
	if (!atomic_load(&finished) && !say_is_aloud())
		write_record(*record);
}

void say_last(uint64_t checks, uint64_t failures)
{
	const struct record record = {.type = RECORD_DONE, .a = checks, .b = failures};

	atomic_store(&finished, true);
	for (int i = 0; atomic_load(&speakers) && i < 100000; i++)
		sched_yield(); /* one may have been killed with its thread in mid-sentence */
	if (say_is_aloud())
		say_aloud(&record);
	else
		write_record(record);
}
