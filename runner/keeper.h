/* SPDX-License-Identifier: MIT */
/*
 * keeper.h: runs cases in cells, at most so many at once, and tells reporters
 */
#ifndef CLOCHE_KEEPER_H
#define CLOCHE_KEEPER_H

#include <obstack.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "event.h"
#include "leaving.h"
#include "protocol.h"
#include "record.h"
#include "schedule.h"
#include "suite.h"
#include "tap.h"

#define REPORTS_MAX 16

struct running_reporter {
	const struct reporter *reporter;
	void *state;
	const char *file; /* for complaints; NULL: standard output */
	int error;        /* the first write that failed, -errno; it gets nothing any more */
};

/* One case to run. */
struct job {
	uint32_t suite, index, repetition, number;
};

struct retry; /* retry.h */

struct keeper {
	const struct session *session;
	struct suites *suites;
	struct zygote *foreign;
	struct job *jobs; /* of one repetition; the tickets' items */
	size_t job_count;
	unsigned slots;
	struct schedule *schedule; /* plan_schedule() */
	size_t output_limit;       /* bytes kept of what one case prints */
	const char *artifacts;     /* directory for attachments, or NULL */
	const char *keep_writes;   /* directory for what cases write elsewhere, or NULL */
	char **arguments;          /* what to execute in place of the case: for exec, a debugger */
	bool passthrough;          /* the same: the caller's own descriptors 0, 1 and 2 */
	bool no_deadline;          /* whatever the case asks for */
	bool lists;                /* its cases are commands that list cases (suite/listing.c) */
	unsigned keep_max;         /* so many cells that fail may stay; 0: none */
	double keep_seconds;       /* for so long */
	int kept_directory;        /* where they are registered */
	bool dumps;                /* the stacks of a case at its deadline are told */
	bool flaky_fails;          /* --flaky=fail */
	unsigned max_fail;         /* so many failures end the run; 0: none does */
	bool max_fail_immediate, until_fail;
	double run_for;            /* seconds after which no repetition begins; 0: as they come */
	double timeout_multiplier; /* of deadlines, grace and slow_after; 0 is 1 */
	struct running_reporter reporters[REPORTS_MAX + 1]; /* and the journal, the last one */
	size_t reporter_count;

	/* while it runs */
	int epoll, signals;
	struct running **running; /* `slots` of them, NULL when free */
	unsigned running_count;
	struct leaving leaving;
	double started; /* keeper_now() at the run's start */
	double next_tick;
	uint32_t next_cell;
	bool cancelled;      /* no more cases start */
	char stopped_by[32]; /* "--max-fail=3", when it is that */
	unsigned interrupts;
	size_t retry_bytes;  /* kept of earlier attempts */
	unsigned given_back; /* could not be started, with which the run ends */
	struct run_totals totals;
	unsigned isolation_failures;
	unsigned dumpers; /* that run now */
	unsigned kept;    /* cells that stay, or are about to */
	bool warned_owners;
	int exec_status; /* passthrough: what the command's status becomes */
};

/* The stacks of a case at its deadline, while they are read. */
struct dump {
	bool goes_on;
	double patience; /* until then it waits for its turn; 0: it need not */
	pid_t pid;       /* of the dumper */
	int out;         /* what it writes */
	char *text;
	size_t size;
	bool cut;
};

#define PLACES    2
#define PLACE_MAX 40

/*
 * What is known of a case while it runs. Strings of the outcome live in `memory`.
 */
struct running {
	struct keeper *keeper;
	struct schedule_ticket ticket;
	struct job job;
	struct retry *retry; /* when it failed before */
	uint32_t cell;
	struct suite *suite;
	struct zygote *zygote; /* of the suite's two, the one that makes this cell */
	struct case_info info;
	struct cloche_options options;
	char *world_block;
	pid_t pid;
	int pidfd, out, errors, records, terminal;
	int result; /* foreign: where it writes what is not for people, a memfd; or -1 */
	bool replied, asked_to_end, killed;
	bool told_to_kill; /* init was, and has kill_at to do it */
	bool slow;         /* and that was told */
	bool leaves;       /* its init, alone: it is not waited for (leaving.h) */
	bool over;         /* to be judged and freed at the end of this round of the loop */
	double started, deadline, kill_at, slow_at;
	double watch_at; /* when its pipes come into the loop; INFINITY: they are in it */
	struct record_reader reader;
	struct tap tap;
	struct obstack memory;
	struct remark **failures_end, **notes_end, **attachments_end;
	struct finding **findings_end;
	size_t remembered; /* bytes in remarks */
	int attachment;    /* being written, or -1 */
	int writes;        /* the directory for what it wrote, harvested.c; or -1 */
	bool harvest_failed;
	bool attaching;  /* more pieces of it are to come */
	size_t attached; /* bytes of all attachments */
	struct dump dump;
	int door;             /* to an init that waits for the keeper's decision, kept.h; or -1 */
	bool undecided;       /* it waits now */
	unsigned place_count; /* directories on the machine, places.c */
	char places[PLACES][PLACE_MAX];
	bool kept;       /* it has taken the order to stay */
	char kept_id[8]; /* once that was given */
	struct outcome outcome;
};

/* Seconds on CLOCK_MONOTONIC. */
double keeper_now(void);

/* The same to the microsecond, for what reports tell: a journal has no more digits than that. */
double keeper_since(double moment);

/* What an epoll event is about; kept in the low bits of its pointer. */
enum watched {
	WATCH_SIGNALS,
	WATCH_KEYS,
	WATCH_REQUESTS,
	WATCH_REPORTS,
	WATCH_PIDFD,
	WATCH_OUT,
	WATCH_ERRORS,
	WATCH_RECORDS,
	WATCH_TERMINAL,
	WATCH_DUMP,
};

int keeper_watch(struct keeper *keeper, int fd, void *about, enum watched what);
/*
 * Close fd, and tell of it no more. close(2) alone is not enough: while a copy of fd is open in a
 * child that is about to exec, epoll(7) goes on to report it. Returns -EBADF, the new value of fd.
 */
int keeper_unwatch(struct keeper *keeper, int fd);

/* Hand over what inits have said so far. */
void keeper_hear_reports(struct keeper *keeper, struct zygote *zygote);

/* Run all jobs. Returns 0, or -errno when the keeper itself cannot go on. */
int keeper_run(struct keeper *keeper);

/* Send a sentence about the run as a whole to all reporters. */
void keeper_message(struct keeper *keeper, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One callback of every reporter that has it, and whose writes have not failed; arguments are
 * evaluated for each. */
#define KEEPER_TELL(keeper, callback, ...)                                                         \
	for (size_t at_ = 0; at_ < (keeper)->reporter_count; at_++) {                              \
		struct running_reporter *to_ = &(keeper)->reporters[at_];                          \
                                                                                                   \
		if (to_->reporter->callback && !to_->error)                                        \
			to_->error = to_->reporter->callback(to_->state, ##__VA_ARGS__);           \
	}

/* A zygote enters its namespaces when the first of its cases is about to run. */
int keeper_stage(struct keeper *keeper, struct zygote *zygote, struct failed_step *failed);

/* starting.c: as many as there are slots for; and those that wait give up when the run ends. */
void keeper_start_cases(struct keeper *keeper);
bool keeper_has_work(const struct keeper *keeper);

/* A case has failed for good: were these too many? */
void keeper_failed(struct keeper *keeper);

/* A case of this suite has its result: after the last one, its zygote goes. */
void keeper_case_done(struct suite *suite);

/* judge.c: an attempt has ended; and there will be no other one, for the run ends. */
void running_judge(struct running *running);
void retry_give_up(struct keeper *keeper, struct retry *retry);

/* running.c: one case. */
int running_start(struct keeper *keeper, const struct schedule_ticket *ticket, unsigned slot,
		  struct zygote *zygote, struct running **ret_running);
void running_replied(struct running *running, const struct reply *reply);
void running_reported(struct running *running, const struct report *report, const char *findings,
		      int descriptor);
void running_tick(struct running *running, double now);
void running_end(struct running *running);
void running_ask_to_end(struct running *running);
void running_kill(struct running *running);
void running_fail_setup(struct running *running, const struct failed_step *failed);

/* watching.c: as soon as it has a pid, be told of the end of its init, and able to send signals. */
void running_watch_init(struct running *running);

/*
 * The same, and its pipes. Most cells say little, and that in a moment, and then their inits tell
 * that they leave: that is read in one go when they have ended.
 */
void running_watch(struct running *running);
void running_read(struct running *running, int *fd);
void running_drain(struct running *running); /* when it has ended */
bool running_speaks_tap(const struct running *running);

/*
 * dump.c: at the deadline, before anybody is asked to end. True: the case goes on until its stacks
 * have been read, which moves its deadline.
 */
bool dump_at_deadline(struct running *running, double now);
void dump_read(struct running *running);
/* Give up what is not read yet; nothing when no dump goes on. */
void dump_end(struct running *running);

/*
 * glance.c: what runs now, told each second, when the key 't' is pressed, and at SIGUSR1.
 * glance_next: when it is time again, if that is before `soonest`.
 */
void glance_begin(struct keeper *keeper);
double glance_next(const struct keeper *keeper, double soonest);
void glance_tick(struct keeper *keeper, double now);
void glance_tell(struct keeper *keeper);
void glance_keys(struct keeper *keeper);
void glance_end(void);

/*
 * keep.c: cells that stay after their case failed. keep_offer() returns init's end of the door, or
 * -1. keep_instead_of_ending() is for a case that runs into its deadline; true: it stays.
 */
int keep_offer(struct running *running);
bool keep_instead_of_ending(struct running *running);
void keep_decide(struct running *running, double now);
void keep_confirmed(struct running *running);
void keep_end(struct running *running);

/* judge.c: is there no further attempt after this result? */
bool judge_is_last(const struct running *running, const struct result *result);

/* terminal.c: the cell's own terminal, shown on ours. */
void running_terminal(struct running *running);
void terminal_attach(int terminal);
void terminal_show(const char *bytes, size_t size);
void terminal_restore(void);

/* command_exec.c: what became of the one case of `exec`. */
void exec_ended(struct keeper *keeper, const struct result *result);

/* coverage_look.c: is any suite built for it? `whether`: --coverage. */
bool coverage_is_wanted(const struct suites *suites, const char *whether);

/* coverage.c: coverage data of the cells, gathered in one directory and brought home at the end. */
int coverage_begin(struct session *session);
void coverage_end(struct session *session, struct keeper *keeper);

/* hear.c: a record of the test becomes part of the outcome. */
void hear_record(void *running, const struct record *record);
/* Begin an attachment: running->attachment is its file, or -1. NULL: there is no room for more. */
struct remark *hear_file(struct running *running, const struct record *record);
/* A name for files of this case: "suite.case.7", no path. */
void hear_place(const struct running *running, char *buffer, size_t size);
#define ATTACHED_BYTES (256u << 20) /* of all attachments of a case */

/* harvested.c: a file of the cell outlives it. */
void running_harvested(struct running *running, const struct report *report, const char *texts,
		       int file);

/* places.c: init has made directories on the machine; what is left of them at the end goes. */
void places_note(struct running *running, const struct report *report, const char *texts);
void places_remove(struct running *running);

/* plan.c: the namespaces that a world wants, and which of them clone makes. */
void plan_namespaces(const struct cloche_options *options, uint64_t *ret_namespaces,
		     uint64_t *ret_clone_now);
/* Does the case itself want no cell, in a run that makes some? */
bool plan_is_bare(const struct suite_case *item, const struct session *session);
uint32_t plan_stage(const struct suites *suites, const struct zygote *zygote,
		    const struct session *session, char *directories, size_t size,
		    size_t *ret_used);
/*
 * The world of a case of this run: its own, and the command line's over it. plan_asked(): with the
 * matrices that it asks for, before its points are made, matrix.h.
 */
int plan_asked(const struct suite_case *item, const struct suite *suite,
	       const struct session *session, struct cloche_options *options, char **ret_block);
int plan_world(const struct suite_case *item, const struct suite *suite,
	       const struct session *session, struct cloche_options *options, char **ret_block);

/* explain.c: the sentence for a failed step. *ret_missing: isolation that cannot be had. */
void explain_failed(const struct failed_step *failed, char *buffer, size_t size, bool *ret_missing);

/* symbolise.c: "SIGSEGV at address 0x0" and a line each frame, from a CRASH record. */
void symbolise(const struct record *crash, const char *program, struct obstack *memory,
	       const char **ret_text);

#endif
