/* SPDX-License-Identifier: MIT */
/*
 * The pipes of a case, and the message to its zygote: see protocol.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cell_clock.h"
#include "cleanup.h"
#include "harvest.h"
#include "message.h"
#include "request.h"
#include "suite/command.h"
#include "world.h"

static int make_pipe(int *ret_ours, int *ret_theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fchmod(ends[1], 0666); /* a test, whoever it is, may open /dev/stderr */
	*ret_ours = ends[0];
	*ret_theirs = ends[1];
	return 0;
}

/* Standard input of all cells; open as long as we are. */
static int nothing_to_read(void)
{
	static int null = -1;

	if (null < 0)
		null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return null < 0 ? -errno : null;
}

void ends_close(struct ends *ends)
{
	for (int i = 1; i < 4; i++)
		if (ends->theirs[i] > 2 && (i != 2 || ends->theirs[2] != ends->theirs[1]))
			close(ends->theirs[i]);
}

/* A file that only we, and who is given a copy, can reach: whoever the test is, it may open it. */
static int make_result(struct ends *ends)
{
	ends->result = memfd_create("result", MFD_CLOEXEC);
	if (ends->result < 0 || fchmod(ends->result, 0666))
		return -errno;
	ends->theirs[3] = fcntl(ends->result, F_DUPFD_CLOEXEC, 3);
	return ends->theirs[3] < 0 ? -errno : 0;
}

/* stderr shares the pipe of stdout, which keeps their order; TAP needs its own, and so do lists. */
int ends_make(struct keeper *keeper, const struct suite *suite, struct ends *ends)
{
	bool native = suite->native, has_result = !native && suite->kind->wants_result;
	bool apart = !native && (suite->kind->tap || keeper->lists);
	int result = 0;

	*ends = (struct ends){{-1, -1, -1, -1}, -1, -1, -1, -1};
	if (keeper->passthrough) {
		*ends = (struct ends){{0, 1, 2, -1}, -1, -1, -1, -1};
		return has_result ? make_result(ends) : 0;
	}
	ends->theirs[0] = nothing_to_read();
	if (ends->theirs[0] < 0)
		return ends->theirs[0];
	result = make_pipe(&ends->out, &ends->theirs[1]);
	if (!apart)
		ends->theirs[2] = ends->theirs[1];
	else if (!result)
		result = make_pipe(&ends->errors, &ends->theirs[2]);
	if (!result && native)
		result = make_pipe(&ends->records, &ends->theirs[3]);
	else if (!result && has_result)
		result = make_result(ends);
	if (result < 0)
		ends_close(ends);
	return result;
}

static enum full_map full_map(const struct cloche_options *options)
{
	if (!options->ids || strcmp(options->ids, "full"))
		return FULL_MAP_NONE;
	return options->user && !strcmp(options->user, "me") ? FULL_MAP_ME : FULL_MAP_ALIKE;
}

bool running_is_forked(const struct running *running)
{
	return running->suite->native && !running->keeper->arguments;
}

/* The command of the case itself. Returns its size, -E2BIG or -ENOMEM. */
static ssize_t put_command(const struct running *running, char *room, size_t size)
{
	const struct suite *suite = running->suite;
	struct command_line command;
	ssize_t result = command_of_case(&command, suite, &suite->cases[running->job.index], false);

	if (!result)
		result = command.words_size <= size ? (ssize_t)command.words_size : -E2BIG;
	if (result > 0)
		memcpy(room, command.words, result);
	command_free(&command);
	return result;
}

/* What is to be executed, or nothing for a case that is forked. Returns its size, or -errno. */
static ssize_t put_arguments(const struct running *running, char *room, size_t size)
{
	size_t used = 0;

	if (running_is_forked(running))
		return 0;
	if (!running->keeper->arguments)
		return put_command(running, room, size);
	for (char **word = running->keeper->arguments; *word; word++) {
		size_t length = strlen(*word) + 1;

		if (length > size - used)
			return -E2BIG;
		memcpy(room + used, *word, length);
		used += length;
	}
	return used;
}

static uint32_t what_to_harvest(const struct running *running)
{
	const struct keeper *keeper = running->keeper;

	if (keeper->passthrough || keeper->lists)
		return 0;
	return (running->suite->native ? 0 : HARVEST_OUTPUTS) |
	       (keeper->keep_writes ? HARVEST_WRITES : 0);
}

int running_request(struct running *running, const struct ends *ends)
{
	static _Alignas(struct request) char message[REQUEST_MAX];
	struct keeper *keeper = running->keeper;
	struct request *request = (struct request *)message;
	char *texts = (char *)(request + 1);
	size_t room = sizeof(message) - sizeof(*request), count;
	int descriptors[5];
	fd_close int door = -1;
	ssize_t argv_size;

	*request = (struct request){.kind = MESSAGE_CELL,
				    .cell = running->cell,
				    .case_index = running->suite->cases[running->job.index].index,
				    .flags = running->options.allow_missing != NULL,
				    .descriptor_count = ends->theirs[3] >= 0 ? 4 : 3};
	request->world_size = world_format(&running->options, texts, room / 2);
	if (request->world_size >= room / 2)
		return -E2BIG;
	for (size_t i = 0; i < request->world_size; i++)
		if (texts[i] == '\n')
			texts[i] = '\0';
	argv_size = put_arguments(running, texts + request->world_size, room / 2);
	if (argv_size < 0)
		return argv_size;
	request->argv_size = argv_size;
	request->harvest = what_to_harvest(running);
	request->has_clock = clock_is_wanted(&running->options);
	request->full_map = full_map(&running->options);
	for (size_t i = 0; i < keeper->reporter_count; i++)
		request->read_namespaces |= keeper->reporters[i].reporter->wants_namespaces;
	plan_namespaces(&running->options, &request->namespaces, &request->clone_now);
	count = request->descriptor_count;
	memcpy(descriptors, ends->theirs, count * sizeof(int));
	door = keep_offer(running);
	request->has_door = door >= 0;
	if (request->has_door)
		descriptors[count++] = door;
	return message_send(running->zygote->requests, message,
			    sizeof(*request) + request->world_size + request->argv_size,
			    descriptors, count);
}
