/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "body.h"
#include "case.h"
#include "crash.h"
#include "limit.h"
#include "say.h"

#define FAILURES_SAID 1000
#define LIMIT_LOOKS   8

#define EXIT_CASE_FAILED 100 /* of a case run in the program itself; else the keeper decides */

static struct {
	pid_t process, thread; /* that run the case; 0: no case runs */
	bool in_phase;         /* `end` can be jumped to */
	jmp_buf end;
	atomic_ullong checks, failures;
	atomic_int limit_looks;
	atomic_bool limit_said;
	uint64_t address_space; /* as the case asked for it */
} body;

void body_check(void)
{
	atomic_fetch_add_explicit(&body.checks, 1, memory_order_relaxed);
}

static struct record_text text_of(const char *string)
{
	return (struct record_text){string, string ? strlen(string) : 0};
}

/* A failure may be the consequence of a limit: tell which, once. */
static void look_for_limit(int error)
{
	const char *name;

	if (atomic_load(&body.limit_said) || say_is_aloud() || getpid() != body.process)
		return;
	name = limit_reached(error, body.address_space);
	if (name && !atomic_exchange(&body.limit_said, true))
		say(&(struct record){.type = RECORD_LIMIT, .name = text_of(name)});
}

void body_failure(const char *file, unsigned line, const char *expression, const char *text,
		  size_t size, int error)
{
	if (limit_is_suspect(error) && atomic_fetch_add(&body.limit_looks, 1) < LIMIT_LOOKS)
		look_for_limit(error);
	if (atomic_fetch_add(&body.failures, 1) >= FAILURES_SAID)
		return;
	say(&(struct record){
		.type = RECORD_FAILURE,
		.line = line,
		.file = text_of(file),
		.name = text_of(expression),
		.text = {text, size},
	});
}

void body_note(const char *file, unsigned line, const char *text, size_t size)
{
	say(&(struct record){
		.type = RECORD_NOTE, .line = line, .file = text_of(file), .text = {text, size}});
}

void body_skip(const char *file, unsigned line, const char *text, size_t size)
{
	say(&(struct record){
		.type = RECORD_SKIP, .line = line, .file = text_of(file), .text = {text, size}});
}

void cloche_end_test(void)
{
	if (!body.process) {
		fflush(NULL);
		_exit(EXIT_CASE_FAILED);
	}
	if (getpid() != body.process) {
		fflush(NULL);
		_exit(1);
	}
	if (gettid() != body.thread)
		pthread_exit(NULL);
	if (!body.in_phase)
		abort(); /* from an atexit handler: nowhere to go */
	longjmp(body.end, 1);
}

enum phase { PHASE_SETUP, PHASE_BODY, PHASE_TEARDOWN };

static void phase_call(enum phase phase, const struct case_entry *entry, void *self)
{
	const struct cloche_fixture *fixture = entry->source->fixture;

	switch (phase) {
	case PHASE_SETUP:
		fixture->setup(self);
		break;
	case PHASE_BODY:
		entry->source->call(self, entry->row);
		break;
	case PHASE_TEARDOWN:
		fixture->teardown(self);
		break;
	}
}

/* Returns whether it came to its own end. Children of the test that return from it end here. */
static bool phase_run(enum phase phase, const struct case_entry *entry, void *self)
{
	if (setjmp(body.end)) {
		body.in_phase = false;
		return false;
	}
	body.in_phase = true;
	phase_call(phase, entry, self);
	body.in_phase = false;
	if (getpid() != body.process)
		cloche_child_finish();
	return true;
}

static void run_phases(const struct case_entry *entry)
{
	const struct cloche_fixture *fixture = entry->source->fixture;
	void *self = fixture ? calloc(1, entry->source->self_size + 1) : NULL;

	if (!fixture || !fixture->setup || phase_run(PHASE_SETUP, entry, self)) {
		phase_run(PHASE_BODY, entry, self);
		if (fixture && fixture->teardown)
			phase_run(PHASE_TEARDOWN, entry, self);
	}
	if (self) /* in a cell, what is not called is not copied */
		free(self);
}

static void begin(const struct case_entry *entry, int record_fd)
{
	const struct cloche_unit *coverage = case_coverage();

	body.process = getpid();
	body.thread = body.process; /* of a program, or of a copy: its first */
	body.address_space = entry->options.address_space;
	atomic_store(&body.checks, 0);
	atomic_store(&body.failures, 0);
	say_to(record_fd);
	if (coverage && coverage->coverage_reset)
		coverage->coverage_reset();
	if (record_fd < 0)
		return;
	crash_install(entry->options.address_space);
	if (entry->options.expect_signal > 0)
		signal(entry->options.expect_signal, SIG_DFL); /* no last words */
}

void body_run(size_t index, int record_fd)
{
	const struct case_entry *entry = case_at(index);

	begin(entry, record_fd);
	run_phases(entry);
	fflush(NULL);
	if (atomic_load(&body.failures))
		look_for_limit(0);
	say_last(atomic_load(&body.checks), atomic_load(&body.failures));
}

void body_end(void)
{
	int status = say_is_aloud() && atomic_load(&body.failures) ? EXIT_CASE_FAILED : 0;

	fflush(NULL);
	if (body_is_sanitized() || body_has_coverage())
		exit(status);
	_exit(status);
}
