/* SPDX-License-Identifier: MIT */
/*
 * cloche enter, kept and drop: cells that stayed, see kept.h
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "flags.h"
#include "kept.h"
#include "message.h"
#include "sys.h"
#include "utf8.h"

#define DROP_MS 3000 /* a cell that is asked to end has so long, and is killed then */

/* Returns the directory, or -1, having complained. */
static int open_register(int *ret_directory, int failure)
{
	char why[PATH_MAX + 256];

	*ret_directory = kept_directory(why, sizeof(why));
	return *ret_directory < 0 ? complain(failure, "%s", why) : 0;
}

static int complain_gone(int exit_code, const char *id, int error)
{
	if (error == -ENOENT)
		return complain(exit_code, "there is no kept cell '%s'; 'cloche kept' lists them",
				id);
	return complain(exit_code, "cannot reach the cell %s: %s; try again", id, strerror(-error));
}

/* ---- enter ---- */

static int send_command(int fd, char **command, size_t count, bool tty)
{
	static char message[sizeof(struct kept_request) + KEPT_ARGV_MAX];
	struct kept_request *request = (struct kept_request *)message;
	const int standard[] = {0, 1, 2};
	size_t used = sizeof(*request);

	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(command[i]) + 1;

		if (size > sizeof(message) - used)
			return -E2BIG;
		memcpy(message + used, command[i], size);
		used += size;
	}
	*request = (struct kept_request){.version = KEPT_VERSION,
					 .kind = KEPT_ENTER,
					 .tty = tty,
					 .argv_size = (uint32_t)(used - sizeof(*request))};
	return message_send(fd, message, used, standard, tty ? 0 : 3);
}

/* False at the end of what the terminal shows. */
static bool show(int terminal)
{
	char bytes[4096];
	ssize_t size = read(terminal, bytes, sizeof(bytes));

	if (size > 0)
		terminal_show(bytes, (size_t)size);
	return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

static int tell_failed(const struct failed_step *failed)
{
	char sentence[2048];
	bool missing;

	terminal_restore();
	explain_failed(failed, sentence, sizeof(sentence), &missing);
	complain(0, "%s", sentence);
	if (strcmp(failed->fixture, "exec"))
		return EXIT_EXEC_FAILED;
	return failed->error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* What init says. Returns the exit code, or -1 when more is to come. */
static int hear(int fd, int *terminal, int *failed)
{
	struct kept_reply reply;
	int came;
	ssize_t size = message_receive(fd, &reply, sizeof(reply), &came, 1);

	if (size < 0 && errno == EAGAIN)
		return -1;
	if (size != sizeof(reply)) {
		terminal_restore();
		return complain(EXIT_EXEC_FAILED,
				"the cell has ended: its time was over, or somebody dropped it");
	}
	if (reply.kind == KEPT_TERMINAL) {
		*terminal = came;
		fcntl(came, F_SETFL, O_NONBLOCK);
		terminal_attach(came);
		return -1;
	}
	if (reply.kind == KEPT_FAILED) {
		*failed = tell_failed(&reply.failed);
		return *terminal >= 0 ? -1 : *failed;
	}
	if (*failed)
		return *failed;
	while (*terminal >= 0 && poll(&(struct pollfd){*terminal, POLLIN, 0}, 1, 0) == 1 &&
	       show(*terminal))
		;
	terminal_restore();
	return WIFSIGNALED(reply.status) ? 128 + WTERMSIG(reply.status) : WEXITSTATUS(reply.status);
}

static int attend(int fd)
{
	int terminal = -1, failed = 0, result = -1;

	while (result < 0) {
		struct pollfd watched[] = {{fd, POLLIN, 0}, {terminal, POLLIN, 0}};

		if (poll(watched, 2, -1) < 0 && errno != EINTR)
			return EXIT_EXEC_FAILED;
		if (watched[1].revents && !show(terminal))
			terminal = safe_close(terminal);
		if (watched[0].revents)
			result = hear(fd, &terminal, &failed);
	}
	safe_close(terminal);
	return result;
}

int command_enter(struct flags *flags, struct session *session)
{
	fd_close int directory = -1, fd = -1;
	bool tty = isatty(0) && isatty(1), dashes;
	int result;

	(void)session;
	if (!flags->rest_count)
		return complain(EXIT_EXEC_FAILED,
				"name a kept cell: cloche enter ID [COMMAND...]; 'cloche kept' "
				"lists them");
	result = open_register(&directory, EXIT_EXEC_FAILED);
	if (result)
		return result;
	fd = kept_connect(directory, flags->rest[0]);
	if (fd < 0)
		return complain_gone(EXIT_EXEC_FAILED, flags->rest[0], fd);
	dashes = flags->rest_count > 1 && !strcmp(flags->rest[1], "--"); /* as exec has it */
	result = send_command(fd, flags->rest + 1 + dashes, flags->rest_count - 1 - dashes, tty);
	if (result < 0)
		return complain(EXIT_EXEC_FAILED, "cannot enter the cell %s: %s", flags->rest[0],
				strerror(-result));
	return attend(fd);
}

/* ---- kept ---- */

static void print_entry(const struct kept_entry *entry)
{
	long left = (long)(entry->until - time(NULL));
	char until[32];
	struct tm tm;

	localtime_r(&entry->until, &tm);
	strftime(until, sizeof(until), "%H:%M:%S", &tm);
	printf("%s  ", entry->id);
	utf8_in_line(stdout, entry->suite);
	putchar(' ');
	utf8_in_line(stdout, entry->name);
	printf(": %s, ", entry->verdict);
	utf8_in_line(stdout, entry->reason);
	printf("; until %s (%ld min %ld s)\n", until, left / 60, left % 60);
}

int command_kept(struct flags *flags, struct session *session)
{
	fd_close int directory = -1;
	memory_free char(*ids)[KEPT_ID_MAX] = NULL;
	size_t count = 0;
	int result;

	(void)session;
	if (flags->rest_count)
		return complain(EXIT_SETUP, "kept takes no '%s'; 'cloche enter' opens a cell",
				flags->rest[0]);
	result = open_register(&directory, EXIT_SETUP);
	if (result)
		return result;
	result = kept_list(directory, &ids, &count);
	if (result < 0)
		return complain(EXIT_SETUP, "cannot list the kept cells: %s", strerror(-result));
	for (size_t i = 0; i < count; i++) {
		struct kept_entry entry;

		if (kept_read(directory, ids[i], &entry) < 0) {
			printf("%s  (nothing is known of it)\n", ids[i]);
			continue;
		}
		print_entry(&entry);
		kept_entry_free(&entry);
	}
	return output_ended("the list");
}

/* ---- drop ---- */

/* Of init, if the process of that number is still the one that was registered; or -1. */
static int open_init(int directory, const char *id)
{
	struct kept_entry entry;
	fd_close int fd = -1;

	if (kept_read(directory, id, &entry) < 0)
		return -1;
	fd = sys_pidfd_open(entry.init);
	if (fd < 0 || !entry.born || kept_born(entry.init) != entry.born)
		fd = safe_close(fd < 0 ? -1 : fd);
	kept_entry_free(&entry);
	return fd < 0 ? -1 : fd_take(&fd);
}

/*
 * When the connection is closed init is ending, and when the process is gone so is all that was in
 * the cell.
 */
static int drop(int directory, const char *id)
{
	struct kept_request request = {.version = KEPT_VERSION, .kind = KEPT_DROP};
	fd_close int fd = kept_connect(directory, id), init = -1;
	struct pollfd ended;

	if (fd < 0)
		return complain_gone(EXIT_SETUP, id, fd);
	init = open_init(directory, id);
	message_send(fd, &request, sizeof(request), NULL, 0);
	ended = (struct pollfd){.fd = init >= 0 ? init : fd, .events = POLLIN};
	if (poll(&ended, 1, DROP_MS) == 0) {
		if (init < 0 || sys_pidfd_send_signal(init, SIGKILL) < 0)
			return complain(EXIT_SETUP,
					"the cell %s does not end; send SIGKILL to its "
					"'cloche-init', as ps shows it",
					id);
		poll(&ended, 1, DROP_MS);
	}
	kept_unregister(directory, id);
	return 0;
}

int command_drop(struct flags *flags, struct session *session)
{
	fd_close int directory = -1;
	memory_free char(*ids)[KEPT_ID_MAX] = NULL;
	size_t count = 0;
	int result, all = 0;

	(void)session;
	if (!flags->rest_count == !flags->drop_all)
		return complain(EXIT_SETUP,
				"name the cells to end, or all of them with --all; 'cloche kept' "
				"lists them");
	result = open_register(&directory, EXIT_SETUP);
	if (result)
		return result;
	if (flags->drop_all)
		result = kept_list(directory, &ids, &count);
	if (result < 0)
		return complain(EXIT_SETUP, "cannot list the kept cells: %s", strerror(-result));
	for (size_t i = 0; i < count; i++)
		all |= drop(directory, ids[i]);
	for (size_t i = 0; i < flags->rest_count; i++)
		all |= drop(directory, flags->rest[i]);
	return all;
}
