/* SPDX-License-Identifier: MIT */
/*
 * running: one case, from the request for its cell to its verdict
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "captured.h"
#include "cleanup.h"
#include "harvest.h"
#include "keeper.h"
#include "message.h"
#include "retry.h"
#include "suite/command.h"
#include "suite/judging.h"
#include "suite/listing.h"
#include "sys.h"
#include "world.h"

#define DEFAULT_TIMEOUT 60.0
#define QUIET_SECONDS   0.03
#define DEFAULT_GRACE   2.0
#define DEFAULT_SLOW    60.0
#define KILL_SECONDS    2.0   /* for an init to end its case */
#define ERRORS_BYTES    65536 /* kept of what a command that lists cases says on stderr */

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

/* Descriptors for one request, and our ends of the same pipes. */
struct ends {
	int theirs[4]; /* input, output, errors, records or result */
	int out, errors, records, result;
};

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

static void ends_close(struct ends *ends)
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
static int ends_make(struct keeper *keeper, const struct suite *suite, struct ends *ends)
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

/* A case of a native suite is forked from its zygote; everything else is executed. */
static bool is_forked(const struct running *running)
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

	if (is_forked(running))
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

static int send_request(struct running *running, const struct ends *ends)
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
				    .case_index = running->job.index,
				    .flags = running->options.allow_missing != NULL,
				    .descriptor_count = ends->theirs[3] >= 0 ? 4 : 3};
	request->world_size = world_format(&running->options, texts, room / 2);
	if (request->world_size >= room / 2)
		return -E2BIG;
	argv_size = put_arguments(running, texts + request->world_size, room / 2);
	if (argv_size < 0)
		return argv_size;
	request->argv_size = argv_size;
	request->harvest = what_to_harvest(running);
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

static int describe(struct running *running)
{
	const struct suite_case *item = &running->suite->cases[running->job.index];

	running->info = (struct case_info){
		.suite = running->suite->shown,
		.name = item->name,
		.file = item->file,
		.line = item->line,
		.number = running->job.number,
		.repetition = running->job.repetition,
		.attempt = running->retry ? running->retry->attempts + 1 : 1,
		.options = &running->options,
	};
	return plan_world(item, running->suite, running->keeper->session, &running->options,
			  &running->world_block);
}

/* Of a world that could not even be read, the refusal is known already. */
static bool world_is_possible(struct running *running, int parsed, const char **ret_why)
{
	*ret_why = parsed < 0 ? world_refusal() : "";
	return parsed == 0 && world_check(&running->options, ret_why) == 0;
}

/* A world that no machine could give is the case's mistake, and no lack of isolation. */
static void refuse_world(struct running *running, const char *why)
{
	running->outcome.setup_failed = true;
	running->outcome.setup_sentence = obstack_copy0(&running->memory, why, strlen(why));
	running->over = true;
}

static double slow_period(const struct running *running)
{
	return running->options.slow_after > 0 ? running->options.slow_after : DEFAULT_SLOW;
}

/* What was asked for in seconds, times what this machine needs. */
static void set_times(struct running *running)
{
	const struct keeper *keeper = running->keeper;
	struct cloche_options *o = &running->options;
	double factor = keeper->timeout_multiplier > 0 ? keeper->timeout_multiplier : 1;

	if (o->timeout <= 0 && !keeper->passthrough && factor != 1)
		o->timeout = DEFAULT_TIMEOUT; /* and so it is told */
	o->timeout *= factor;
	o->grace = factor * (o->grace > 0 ? o->grace : factor != 1 ? DEFAULT_GRACE : 0);
	o->slow_after = factor * (o->slow_after > 0 ? o->slow_after
				  : factor != 1     ? DEFAULT_SLOW
						    : 0);
	running->slow_at = keeper->passthrough ? INFINITY : running->started + slow_period(running);
	running->deadline = running->started + (keeper->no_deadline   ? 1e9
						: o->timeout > 0      ? o->timeout
						: keeper->passthrough ? 1e9
								      : DEFAULT_TIMEOUT);
}

static struct job job_of(const struct keeper *keeper, const struct schedule_ticket *ticket)
{
	struct job job = keeper->jobs[ticket->item];

	job.repetition = ticket->repetition;
	job.number += ticket->repetition * keeper->job_count;
	return job;
}

/* Most cells say little, and that in a moment: it is read in one go when they have ended. */
static void watch_pipes(struct running *running)
{
	struct keeper *keeper = running->keeper;

	running->watch_at = INFINITY;
	if (running->out >= 0)
		keeper_watch(keeper, running->out, running, WATCH_OUT);
	if (running->errors >= 0)
		keeper_watch(keeper, running->errors, running, WATCH_ERRORS);
	if (running->records >= 0)
		keeper_watch(keeper, running->records, running, WATCH_RECORDS);
}

/* Variables of its framework that would make it do something else than its kind says. */
static void scrub(struct running *running)
{
	char *kept = command_environment(running->suite->kind, running->options.env);

	if (kept) /* an empty list is none */
		running->options.env =
			*kept ? obstack_copy0(&running->memory, kept, strlen(kept)) : NULL;
	free(kept);
}

int running_start(struct keeper *keeper, const struct schedule_ticket *ticket, unsigned slot,
		  struct zygote *zygote, struct running **ret_running)
{
	struct running *running = calloc(1, sizeof(*running));
	const char *why;
	struct ends ends = {.out = -1, .errors = -1, .records = -1};
	int result, parsed;

	if (!running)
		return -ENOMEM;
	running->keeper = keeper;
	running->ticket = *ticket;
	running->job = job_of(keeper, ticket);
	running->retry = ticket->again;
	running->cell = keeper->next_cell++;
	running->suite = keeper->suites->list[running->job.suite];
	running->zygote = zygote;
	running->pidfd = running->terminal = running->attachment = running->door = running->writes =
		-1;
	running->result = -1;
	parsed = result = describe(running);
	if (!result || result == -EINVAL)
		result = ends_make(keeper, running->suite, &ends);
	if (result < 0) {
		free(running->world_block);
		free(running);
		return result;
	}
	running->out = ends.out;
	running->errors = ends.errors;
	running->records = ends.records;
	running->result = ends.result;
	obstack_init(&running->memory);
	captured_init(&running->outcome.out, keeper->output_limit);
	captured_init(&running->outcome.errors, ERRORS_BYTES);
	running->outcome.native = is_forked(running);
	running->failures_end = &running->outcome.failures;
	running->notes_end = &running->outcome.notes;
	running->attachments_end = &running->outcome.attachments;
	running->findings_end = &running->outcome.findings;
	if (keeper->lists)
		listing_options(&running->options);
	if (!running->suite->native)
		scrub(running);
	running->started = keeper_now();
	running->outcome.slot = slot;
	running->outcome.started = keeper_since(keeper->started);
	set_times(running);
	KEEPER_TELL(keeper, case_started, &running->info);
	if (!world_is_possible(running, parsed, &why))
		refuse_world(running, why);
	else if (send_request(running, &ends) == -E2BIG)
		running_fail_setup(running, &(struct failed_step){"cell", "send its world", E2BIG});
	/* Two pipes are read as they are written to, so that what they say stays in order. */
	if (running->errors >= 0)
		watch_pipes(running);
	else
		running->watch_at = running->started + QUIET_SECONDS;
	ends_close(&ends);
	*ret_running = running;
	return 0;
}

void running_fail_setup(struct running *running, const struct failed_step *failed)
{
	char sentence[2048];

	if (running->outcome.setup_failed)
		return;
	running->outcome.setup_failed = true;
	explain_failed(failed, sentence, sizeof(sentence), &running->outcome.isolation_missing);
	if (!strcmp(failed->fixture, "exec"))
		running->outcome.exec_error = failed->error;
	running->outcome.setup_sentence =
		obstack_copy0(&running->memory, sentence, strlen(sentence));
	if (!running->pid)
		running->over = true;
}

void running_replied(struct running *running, const struct reply *reply)
{
	running->replied = true;
	if (!reply->pid) {
		running_fail_setup(running, &reply->failed);
		return;
	}
	running->pid = reply->pid;
	running->pidfd = sys_pidfd_open(running->pid);
	if (running->pidfd < 0 ||
	    keeper_watch(running->keeper, running->pidfd, running, WATCH_PIDFD) < 0)
		running->over = true;
	if (running->outcome.cancelled)
		running_ask_to_end(running);
}

static void keep_finding(struct running *running, const char *kind, const char *text)
{
	struct finding *finding = obstack_alloc(&running->memory, sizeof(*finding));

	*finding = (struct finding){
		.kind = obstack_copy0(&running->memory, kind, strlen(kind)),
		.text = obstack_copy0(&running->memory, text, strlen(text)),
	};
	*running->findings_end = finding;
	running->findings_end = &finding->next;
}

static void keep_findings(struct running *running, const struct report *report,
			  const char *findings)
{
	const char *end = findings + report->findings_size;

	running->outcome.findings = NULL; /* what was seen last counts */
	running->findings_end = &running->outcome.findings;
	while (findings < end) {
		const char *text = findings + strlen(findings) + 1;

		keep_finding(running, findings, text);
		findings = text + strlen(text) + 1;
	}
	running->outcome.left_processes = report->processes;
	memcpy(running->outcome.namespaces, report->namespaces, sizeof(report->namespaces));
	if (report->missing[0])
		running->outcome.missing =
			obstack_copy0(&running->memory, report->missing,
				      strnlen(report->missing, sizeof(report->missing)));
	if (report->limit[0])
		running->outcome.limit_hit =
			obstack_copy0(&running->memory, report->limit,
				      strnlen(report->limit, sizeof(report->limit)));
}

void running_reported(struct running *running, const struct report *report, const char *findings,
		      int descriptor)
{
	switch (report->kind) {
	case REPORT_FAILED:
		running_fail_setup(running, &report->failed);
		break;
	case REPORT_ENDED:
		running->outcome.ended = true;
		running->undecided = running->door >= 0;
		running->outcome.wait_status = report->wait_status;
		running->outcome.usage = report->usage;
		keep_findings(running, report, findings);
		break;
	case REPORT_FILE:
		running_harvested(running, report, findings, descriptor);
		break;
	case REPORT_DYING:
		keep_findings(running, report, findings);
		break;
	case REPORT_KEPT:
		keep_confirmed(running);
		break;
	case REPORT_PLACES:
		places_note(running, report, findings);
		break;
	case REPORT_TERMINAL:
		running->terminal = descriptor;
		fcntl(descriptor, F_SETFL, O_NONBLOCK);
		running_terminal(running);
		return;
	}
	safe_close(descriptor);
}

static bool speaks_tap(const struct running *running)
{
	return !running->suite->native && running->suite->kind->tap;
}

/* Hand bytes on to whom they belong. */
static void consume(struct running *running, const int *fd, const char *bytes, size_t size)
{
	if (fd == &running->records) {
		if (record_reader_feed(&running->reader, bytes, size, hear_record, running) < 0)
			running->outcome.tampered = true;
		return;
	}
	if (fd == &running->terminal && running->keeper->passthrough) {
		terminal_show(bytes, size);
		return;
	}
	if (fd == &running->errors && running->keeper->lists) {
		captured_feed(&running->outcome.errors, bytes, size);
		return;
	}
	captured_feed(&running->outcome.out, bytes, size);
	if (fd == &running->out && speaks_tap(running))
		tap_feed(&running->tap, bytes, size);
}

/* At most a few buffers at a time: one case that prints for ever must not hold up the others. */
void running_read(struct running *running, int *fd)
{
	static char buffer[65536];

	for (int i = 0; i < 4 && *fd >= 0; i++) {
		ssize_t size = read(*fd, buffer, sizeof(buffer));

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size <= 0) { /* a terminal says EIO when its last user is gone */
			*fd = keeper_unwatch(running->keeper, *fd);
			return;
		}
		consume(running, fd, buffer, size);
	}
}

/* Everybody who could write is dead: what is in the pipe is all. */
static void drain(struct running *running, int *fd)
{
	int bytes = 1 << 20; /* a pipe's size is bounded, fcntl(2) F_SETPIPE_SZ */

	if (*fd < 0)
		return;
	for (int i = 0; i < bytes / 65536 && *fd >= 0; i++)
		running_read(running, fd);
	*fd = keeper_unwatch(running->keeper, *fd);
}

/*
 * With init dies its pid namespace. What it has made on the machine outlives it, and so do the
 * processes of a case without that namespace: then init is to end them, and has a while for it.
 */
void running_kill(struct running *running)
{
	running->asked_to_end = true;
	dump_end(running);
	if (running->place_count && !running->told_to_kill && running->pidfd >= 0) {
		running->told_to_kill = true;
		running->kill_at = keeper_now() + KILL_SECONDS;
		sys_pidfd_send_signal(running->pidfd, SIGUSR2);
		return;
	}
	running->killed = true;
	if (running->pidfd >= 0)
		sys_pidfd_send_signal(running->pidfd, SIGKILL);
}

void running_ask_to_end(struct running *running)
{
	if (running->asked_to_end || running->pidfd < 0)
		return;
	running->asked_to_end = true;
	dump_end(running);
	if (running->outcome.timed_out && keep_instead_of_ending(running))
		return;
	running->kill_at = keeper_now() +
			   (running->options.grace > 0 ? running->options.grace : DEFAULT_GRACE);
	sys_pidfd_send_signal(running->pidfd, SIGTERM);
}

void running_tick(struct running *running, double now)
{
	if (now >= running->watch_at)
		watch_pipes(running);
	if (now >= running->slow_at && now < running->deadline && !running->asked_to_end &&
	    !running->outcome.timed_out) {
		double ran = keeper_since(running->started);

		running->slow = true;
		KEEPER_TELL(running->keeper, case_slow, &running->info, ran);
		running->slow_at += slow_period(running);
	}
	if (running->undecided && !running->over) {
		keep_decide(running, now);
	} else if (!running->asked_to_end && now >= running->deadline) {
		running->outcome.timed_out = true;
		if (dump_at_deadline(running, now))
			return;
		running_ask_to_end(running);
		if (running->pidfd < 0) /* not even made: the zygote hangs */
			running->over = true;
	} else if (running->asked_to_end && !running->killed && now >= running->kill_at) {
		running_kill(running);
	}
}

static void reap(struct running *running)
{
	int status = 0;

	if (!running->pid || running->kept)
		return;
	if (waitpid(running->pid, &status, 0) == running->pid && !running->outcome.ended &&
	    !running->outcome.setup_failed && !running->killed)
		running->outcome.init_died = true;
}

/* What its kind makes of what it said; or, of a command that lists cases, the list itself. */
static void hear_kind(struct running *running)
{
	const struct suite *suite = running->suite;
	struct judging judging = {&running->memory, &running->outcome, running->failures_end};

	if (suite->native || running->keeper->arguments)
		return;
	if (!running->outcome.ended && !running->outcome.timed_out)
		return;
	if (running->keeper->lists)
		judging_result(running->result, &judging);
	else if (suite->kind->judge || suite->template)
		judging_kind(suite, &suite->cases[running->job.index], running->result, &judging);
}

void running_end(struct running *running)
{
	dump_end(running);
	reap(running);
	keep_end(running);
	keeper_hear_reports(running->keeper, running->zygote);
	if (running->outcome.ended)
		running->outcome.init_died = false;
	drain(running, &running->out);
	drain(running, &running->errors);
	drain(running, &running->records);
	drain(running, &running->terminal);
	places_remove(running);
	record_reader_finish(&running->reader, hear_record, running);
	safe_close(running->attachment);
	safe_close(running->writes);
	keeper_unwatch(running->keeper, running->pidfd);
	running->outcome.wall = keeper_since(running->started);
	captured_finish(&running->outcome.out);
	captured_finish(&running->outcome.errors);
	if (speaks_tap(running))
		tap_finish(&running->tap, &running->outcome);
	hear_kind(running);
	safe_close(running->result);
	running_judge(running);
	record_reader_free(&running->reader);
	captured_free(&running->outcome.out);
	captured_free(&running->outcome.errors);
	obstack_free(&running->memory, NULL);
	free(running->world_block);
	free(running);
}
