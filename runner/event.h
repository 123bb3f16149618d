/* SPDX-License-Identifier: MIT */
/*
 * event.h: what the keeper tells, and what reporters get
 *
 * The keeper fills a `struct outcome` with what it saw of one case; verdict() judges it; the
 * reporters are called with the result. Nothing here does input or output.
 */
#ifndef CLOCHE_EVENT_H
#define CLOCHE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cloche.h"

enum verdict {
	VERDICT_PASS = 1,
	VERDICT_FAIL,
	VERDICT_SKIP,
	VERDICT_ERROR,   /* cloche could not do what the case asked, or the test tampered */
	VERDICT_TIMEOUT, /* it ran into its deadline */
	VERDICT_CRASH,   /* it died of a signal that nobody expected */
	VERDICT_LEAK,    /* it passed and left a process behind */
	VERDICT_LIMIT,   /* it ran into one of its limits, and failed */
	VERDICT_FLAKY,   /* it failed, was run again, and passed */
};

#define VERDICTS (VERDICT_FLAKY + 1)

/* The name as printed everywhere: "pass", "fail", ... */
const char *verdict_name(enum verdict verdict);

/*
 * Does it make the run fail? `leak` does only where the case or the run says leaks=fail. `flaky` is
 * given by the keeper, which has seen all attempts; here it is no failure.
 */
bool verdict_is_failure(enum verdict verdict, const struct cloche_options *options);

#define NAMESPACES 8
/* In the order of the inode numbers in struct outcome: user mnt pid net ipc uts cgroup time. */
extern const char *const namespace_names[NAMESPACES];

/* A piece of text that the test, or its init, said; lists keep the order in which it was said. */
struct remark {
	struct remark *next;
	const char *file; /* may be NULL */
	unsigned line;
	const char *name; /* a failure's expression as written, an attachment's name; may be NULL */
	const char *text;
	size_t size; /* of text; attachments: of the file */
	bool cut;
};

#define REMARKS_COUNT 1000 /* failures kept of one case */

/* What was left behind, as init saw it after the test. */
struct finding {
	struct finding *next;
	const char *kind; /* "process", "sysv-shm", "sysv-sem", "sysv-msg", "posix-shm", "mqueue",
			   * "mount", "socket"; or "clock", see finding_is_left() */
	const char *text; /* one line: "pid 5 sleep 'sleep 1000', listening on tcp 0.0.0.0:80" */
};

/* A process with a clock that is not the cell's is nothing left, but why the case is an error. */
static inline bool finding_is_left(const struct finding *finding)
{
	return strcmp(finding->kind, "clock");
}

/*
 * A bounded copy of what a test printed: its first and its last bytes, and how many were cut. With
 * nothing cut, `head` is all.
 */
struct captured {
	char *head;
	size_t head_size;
	char *tail;
	size_t tail_size;
	uint64_t cut;   /* bytes between head and tail that were not kept */
	uint64_t total; /* bytes the test printed */
	size_t half;    /* captured.c: the most that head, or tail, may hold */
	size_t head_room, tail_room, tail_at;
};

struct outcome {
	/* from init, which is trusted */
	bool setup_failed;
	const char *setup_sentence; /* what could not be had, and the cure */
	bool isolation_missing;     /* it was a namespace or a resource: exit code 97 */
	int exec_error;             /* it was the program itself: the errno of its execve(2) */
	bool ended;                 /* init reported the test's end */
	int wait_status;            /* of the test, as wait(2) gives it; valid when `ended` */
	bool init_died;             /* init ended without a report, and the keeper did not do it */
	bool rebooted;              /* that was the test, by reboot(2) */
	uint64_t namespaces[NAMESPACES]; /* inode numbers read back in the cell; 0: not isolated */
	const char
		*missing; /* what the cell does without, as the case allows: "ids,net"; or NULL */
	struct finding *findings;
	unsigned left_processes;
	const char *limit_hit; /* option name of the limit, or NULL */
	struct rusage usage;   /* of the test and all it waited for */

	/* from the test, which is not */
	bool native;     /* it speaks records */
	bool done;       /* a DONE record came */
	bool tampered;   /* the record stream was damaged */
	bool late;       /* somebody said something after DONE */
	uint64_t checks; /* as DONE said */
	struct remark *failures, *notes, *attachments;
	unsigned failure_count;    /* as received; may exceed the remarks kept */
	uint64_t remarks_left_out; /* failures, notes and attachments that were too many to keep */
	struct remark *skip;       /* the reason, or NULL */
	struct remark *crash;      /* text: signal, address, backtrace, ready to print; or NULL */
	struct remark *stacks;     /* of all threads, at the deadline, ready to print; or NULL */

	/* foreign: what its kind says (suite/kind.h), in place of exit status and TAP; or 0 */
	enum verdict told;
	const char *told_reason;

	/* foreign: TAP, when the program printed some */
	bool tap;
	unsigned tap_planned, tap_run, tap_failed, tap_skipped;
	bool tap_plan_seen, tap_bail_out;
	const char *tap_complaint; /* what was not right, or why all was skipped; or NULL */

	/* from the keeper itself */
	bool timed_out;
	bool timeout_expected;    /* its kind says that it was to run into its deadline */
	const char *cancelled_by; /* "--max-fail=1:immediate"; NULL: an interrupt */
	bool cancelled;           /* by Ctrl-C or --max-fail */
	double started;           /* seconds since the run's start */
	double wall;              /* seconds */
	unsigned slot;            /* 0.. of the cells at once: its lane in a picture of the run */
	const char *kept;         /* the id of the cell that stays, for `cloche enter`; or NULL */
	struct captured out;      /* stdout and stderr as they came */
	/* of a command that lists cases (suite/listing.c): stderr apart, and what is not for people
	 */
	struct captured errors;
	const char *result;
	size_t result_size;
};

/*
 * Judge one case. Pure. *ret_reason gets one line that says why ("killed by SIGSEGV", "3 of 40
 * expectations failed", "exit status 2", "ran into its deadline of 2 s"), in `buffer` or static.
 */
enum verdict verdict_of(const struct outcome *outcome, const struct cloche_options *options,
			char *buffer, size_t size, const char **ret_reason);

/* One case as the keeper knows it. */
struct case_info {
	const char *suite; /* as given on the command line, without a leading "./" */
	const char
		*name; /* "hostname_is_mine", "opens/readonly"; a foreign program: its base name */
	const char *file; /* NULL for foreign suites */
	unsigned line;
	unsigned number;     /* 1.. in this run, in the order in which the cases are listed */
	unsigned repetition; /* 0.. with --repeat */
	unsigned attempt;    /* 1.. with --retries */
	const struct cloche_options *options; /* the world as it will be */
};

struct result {
	const struct case_info *info;
	enum verdict verdict;
	bool failure; /* verdict_is_failure() */
	const char *reason;
	const struct outcome *outcome;
	/*
	 * The attempt before this one, or NULL. Of earlier ones only so much is kept: of many
	 * attempts the first and the latest ones, of each a part of its output and remarks.
	 */
	const struct result *earlier;
	bool given_up; /* case_retried told of it, and then the run ended before the next one */
	bool slow;     /* case_slow told of this attempt */
};

struct run_info {
	unsigned suites;
	unsigned cases; /* with repetitions; 0 when open_ended */
	unsigned jobs;
	bool shuffled;
	uint64_t seed;
	bool isolated; /* false with --no-isolation */
	const char *version;
	const char *id;             /* of its journal, "20261124T122310-7f3a"; NULL without one */
	struct timespec started;    /* CLOCK_REALTIME */
	const char *const *command; /* as it was called, NULL-terminated; or NULL */
	const char *machine;        /* its host name; NULL: this one */
	const char *shard;          /* "2/4", "time:2/4"; NULL: these are all cases */
	unsigned chosen;            /* cases of one repetition */
	bool open_ended; /* nobody knows how many repetitions there will be: --until-fail, --for */
};

struct run_totals {
	unsigned count[VERDICTS]; /* by verdict */
	unsigned failed;          /* results that make the run fail */
	unsigned not_run;         /* cancelled before they started */
	double wall;
};

/*
 * A reporter. One file each in runner/report/. Callbacks may be NULL. They return 0 or -errno of
 * the write that failed (the run goes on, and ends with exit code 110).
 */
enum output_when {
	OUTPUT_NEVER = 0,
	OUTPUT_IMMEDIATE = 1, /* when the case has ended */
	OUTPUT_FINAL = 2,     /* when the run has */
	OUTPUT_BOTH = 3,
};

struct report_options {
	int fd;           /* where to write; the reporter owns it from start to end */
	const char *file; /* its name, or NULL for standard output */
	bool color;       /* the terminal reporter only */
	bool live;        /* the same: a status line may be drawn (fd is a terminal) */
	enum output_when failure_output, success_output; /* what cases printed */
	bool verbose;                                    /* a line for passed cases, too */
};

struct reporter {
	const char *name;      /* "terminal", "tap", "jsonl": --report NAME[=FILE] */
	const char *doc;       /* one line for help */
	bool wants_namespaces; /* the inode numbers in outcome->namespaces: reading them costs */
	bool mixes;            /* its lines may stand among those of a report for people */
	const char *(*refusal)(void); /* why it cannot be had here, and the cure; or NULL */
	int (*start)(void **ret_state, const struct report_options *, const struct run_info *);
	int (*case_started)(void *state, const struct case_info *);
	/*
	 * An attempt that failed; the next one may start after so many seconds, and is told by
	 * case_started like the first.
	 */
	int (*case_retried)(void *state, const struct result *, double delay);
	int (*case_slow)(void *state, const struct case_info *, double seconds); /* still running */
	/* The last attempt. When it is `given_up`, no case_started came after its case_retried. */
	int (*case_ended)(void *state, const struct result *);
	int (*tick)(void *state); /* about once a second, while cases run */
	/* Asked by somebody who waits: a case that runs, and what it has printed so far. */
	int (*case_so_far)(void *state, const struct case_info *, double seconds,
			   const struct captured *);
	int (*message)(void *state, const char *sentence);  /* a warning about the run as a whole */
	int (*end)(void *state, const struct run_totals *); /* frees the state, closes fd */
};

#endif
