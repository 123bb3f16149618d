/* SPDX-License-Identifier: MIT */
/*
 * The keeper's side of cells that stay: which, and how they are handed over. See kept.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "flags.h"
#include "kept.h"
#include "suite/kind.h"
#include "message.h"
#include "sys.h"

#define ANSWER_SECONDS 60 /* init has nothing to do but to answer, or to end */

int keep_offer(struct running *running)
{
	struct keeper *keeper = running->keeper;
	int ends[2];

	if (!keeper->keep_max || keeper->kept >= keeper->keep_max || keeper->passthrough ||
	    running->options.no_isolation)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	running->door = ends[0];
	return ends[1];
}

static int send_order(struct running *running, int listener)
{
	struct kept_order order = {.seconds = running->keeper->keep_seconds};
	const int printed[] = {running->out, running->errors, running->records};
	int descriptors[4] = {listener};
	size_t count = 1;

	for (size_t i = 0; i < 3; i++)
		if (printed[i] >= 0)
			descriptors[count++] = printed[i];
	return message_send(running->door, &order, sizeof(order), descriptors, count);
}

/* False, having said why, when it cannot be kept. */
static bool keep_begin(struct running *running, const struct result *result)
{
	struct keeper *keeper = running->keeper;
	struct kept_entry entry = {.init = running->pid,
				   .born = kept_born(running->pid),
				   .until = time(NULL) + (time_t)keeper->keep_seconds,
				   .suite = (char *)running->info.suite,
				   .name = (char *)running->info.name,
				   .verdict = (char *)verdict_name(result->verdict),
				   .reason = (char *)result->reason};
	int listener = kept_register(keeper->kept_directory, &entry);
	int failed = listener < 0 ? listener : send_order(running, listener);

	safe_close(listener);
	if (failed < 0) {
		if (listener >= 0)
			kept_unregister(keeper->kept_directory, entry.id);
		keeper_message(keeper,
			       "the cell of %s cannot be kept: %s; set CLOCHE_STATE_DIR to a "
			       "directory of your own, on a disk of this machine with room",
			       running->info.name, strerror(-failed));
		return false;
	}
	keeper->kept++;
	running->kill_at = keeper_now() + ANSWER_SECONDS;
	strcpy(running->kept_id, entry.id);
	sys_pidfd_send_signal(running->pidfd, SIGUSR1); /* look at the door */
	return true;
}

static void read_what_is_there(struct running *running)
{
	for (int i = 0; i < 16; i++) { /* a pipe's size is bounded */
		running_read(running, &running->out);
		running_read(running, &running->errors);
		running_read(running, &running->records);
	}
}

/* What the result will be, as far as it is known. */
static bool is_to_be_kept(struct running *running, struct result *result, char *reason, size_t size)
{
	struct keeper *keeper = running->keeper;
	struct outcome outcome = running->outcome;
	struct tap tap = running->tap;

	if (keeper->kept >= keeper->keep_max || running->outcome.cancelled)
		return false;
	if (!running->suite->native && running->suite->kind->tap)
		tap_finish(&tap, &outcome);
	*result = (struct result){.info = &running->info, .outcome = &outcome, .reason = ""};
	result->verdict = verdict_of(&outcome, &running->options, reason, size, &result->reason);
	result->failure = verdict_is_failure(result->verdict, &running->options);
	return result->failure && judge_is_last(running, result);
}

bool keep_instead_of_ending(struct running *running)
{
	char reason[1024];
	struct result result;

	if (running->door < 0 || running->outcome.setup_failed)
		return false;
	read_what_is_there(running);
	return is_to_be_kept(running, &result, reason, sizeof(reason)) &&
	       keep_begin(running, &result);
}

void keep_decide(struct running *running, double now)
{
	running->undecided = false;
	running->asked_to_end = true;
	running->kill_at = now + ANSWER_SECONDS;
	if (!keep_instead_of_ending(running))
		running->door = safe_close(running->door);
}

void keep_confirmed(struct running *running)
{
	running->kept = true;
	running->over = true;
	running->outcome.kept =
		obstack_copy0(&running->memory, running->kept_id, strlen(running->kept_id));
}

void keep_end(struct running *running)
{
	running->door = safe_close(running->door);
	if (!running->kept_id[0] || running->kept)
		return;
	running->keeper->kept--;
	kept_unregister(running->keeper->kept_directory, running->kept_id);
	running->kept_id[0] = '\0';
}

int keep_prepare(struct keeper *keeper, const struct flags *flags)
{
	char why[PATH_MAX + 256];

	if (keeper->session->over.no_isolation)
		return complain(EXIT_SETUP, "without isolation there are no cells to keep; leave "
					    "out --keep, or --no-isolation");
	keeper->kept_directory = kept_directory(why, sizeof(why));
	if (keeper->kept_directory < 0)
		return complain(EXIT_SETUP, "%s", why);
	keeper->keep_max = flags->keep_cells;
	keeper->keep_seconds = flags->keep_seconds;
	return 0;
}
