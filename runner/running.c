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
#include <sys/wait.h>
#include <unistd.h>

#include "captured.h"
#include "cleanup.h"
#include "keeper.h"
#include "request.h"
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
	running->outcome.native = running_is_forked(running);
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
	else if (running_request(running, &ends) == -E2BIG)
		running_fail_setup(running, &(struct failed_step){"cell", "send its world", E2BIG});
	/* Two pipes are read as they are written to, so that what they say stays in order. */
	if (running->errors >= 0)
		running_watch(running);
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
	/* What it has told came first, or it is watched from the start. */
	if (running->outcome.ended || running->outcome.setup_failed || isinf(running->watch_at))
		running_watch_init(running);
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
		running_watch_init(running);
		break;
	case REPORT_ENDED:
		running->outcome.ended = true;
		running->undecided = running->door >= 0;
		running->outcome.wait_status = report->wait_status;
		running->outcome.usage = report->usage;
		keep_findings(running, report, findings);
		running->leaves = report->alone && running->pid && !running->undecided;
		running->over |= running->leaves;
		if (!running->leaves)
			running_watch_init(running);
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

/*
 * With init dies its pid namespace. What it has made on the machine outlives it, and so do the
 * processes of a case without that namespace: then init is to end them, and has a while for it.
 */
void running_kill(struct running *running)
{
	running->asked_to_end = true;
	running_watch_init(running);
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
	running_watch_init(running);
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
	if (!isinf(running->watch_at) && (now >= running->watch_at || now >= running->deadline))
		running_watch(running);
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

/* reboot(2) is told as one of these two, which init blocks. */
static bool is_by_reboot(int status)
{
	return WIFSIGNALED(status) && (WTERMSIG(status) == SIGHUP || WTERMSIG(status) == SIGINT);
}

static void reap(struct running *running)
{
	int status = 0;

	if (!running->pid || running->kept)
		return;
	if (running->leaves) {
		leaving_add(&running->keeper->leaving, running->pid);
		return;
	}
	if (waitpid(running->pid, &status, 0) == running->pid && !running->outcome.ended &&
	    !running->outcome.setup_failed && !running->killed) {
		running->outcome.init_died = true;
		running->outcome.rebooted = is_by_reboot(status);
	}
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
	if (!running->leaves) /* else it has told all */
		keeper_hear_reports(running->keeper, running->zygote);
	if (running->outcome.ended)
		running->outcome.init_died = false;
	running_drain(running);
	places_remove(running);
	record_reader_finish(&running->reader, hear_record, running);
	safe_close(running->attachment);
	safe_close(running->writes);
	keeper_unwatch(running->keeper, running->pidfd);
	running->outcome.wall = keeper_since(running->started);
	captured_finish(&running->outcome.out);
	captured_finish(&running->outcome.errors);
	if (running_speaks_tap(running))
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
