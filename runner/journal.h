/* SPDX-License-Identifier: MIT */
/*
 * journal.h: runs, remembered
 *
 * A run is one file under the state directory, `runs/ID.jsonl`: JSON lines, appended as things
 * happen, one write for each event. docs/journal.md has the format. In short:
 *
 *	{"event":"journal", ...}      who ran what, where
 *	{"event":"run-started", ...}  from here on the events of the report "jsonl"
 *	["pass",false,"suite", ...]   before each "case-ended", in the same write: what lists need
 *	{"event":"run-ended", ...}    only of a run that came to its end
 *
 * While it is written it is locked, so what has neither its end nor a lock was interrupted. A line
 * that is cut, or is none, is passed over and counted.
 */
#ifndef CLOCHE_JOURNAL_H
#define CLOCHE_JOURNAL_H

#include <obstack.h>
#include <stdio.h>
#include <sys/types.h>

#include "event.h"

#define JOURNAL_ID_MAX   32 /* bytes, with the 0 */
#define JOURNAL_PATH_MAX 4096

/* The text form of times: "2026-11-24T12:23:10.000123456Z". */
#define JOURNAL_MOMENT "%Y-%m-%dT%H:%M:%S"

/*
 * Where they are: `runs` in $CLOCHE_STATE_DIR, $XDG_STATE_HOME/cloche or ~/.local/state/cloche.
 * Returns 0, or -errno with a sentence in `why`.
 */
int journal_directory(char *path, size_t size, char *why, size_t why_size);

/* ---- writing: journal.c ---- */

struct journal;

/*
 * Begin the journal of a run: 1. fill in `info`; 2. journal_begin(), which sets info->id;
 * 3. make it one of the keeper's reporters, with this as its state, or discard it.
 * Returns NULL with a sentence in `why` when there can be none.
 */
struct journal *journal_begin(struct run_info *info, char *why, size_t size);
void journal_discard(struct journal *journal);

/* Its callbacks return -errno, as those of all reporters do; `start` is none of them. */
extern const struct reporter journal_reporter;

/* ---- which there are: journal_list.c ---- */

struct journal_ids {
	char (*list)[JOURNAL_ID_MAX]; /* oldest first */
	size_t count;
};

int journal_ids(struct journal_ids *ret_ids, char *why, size_t size);
void journal_ids_free(struct journal_ids *ids);

/*
 * A run as the user names it: its id, the beginning of one, "last", or "-1" for the one before,
 * "-2" ... Returns 0, or -ENOENT and the like with a sentence in `why`.
 */
int journal_find(const char *name, char *ret_id, char *why, size_t size);

FILE *journal_open(const char *id); /* NULL and errno */

/* Is it still being written? */
bool journal_is_running(int fd);

struct journal_limits {
	unsigned runs, days; /* keep at most so many, for so long */
	uint64_t bytes;      /* and not more than that, but always the newest */
};

/* Remove what is too much; never a run that goes on. Returns how many, or -errno. */
int journal_prune(const struct journal_limits *limits);

/* ---- what is in one: journal_read.c ---- */

/* Its lines, one after the other. */
struct journal_lines {
	FILE *in;
	char *line;
	size_t size, room; /* size: of the line, without its end */
};

/* The next one that is whole, or false. */
bool journal_next_line(struct journal_lines *lines);
void journal_close(struct journal_lines *lines);

enum journal_state {
	JOURNAL_COMPLETE = 1,
	JOURNAL_INTERRUPTED,
	JOURNAL_RUNNING,
	JOURNAL_DAMAGED, /* where it says what run it is of */
};

const char *journal_state_name(enum journal_state state);

/* Of a run as a whole. What is missing in a damaged journal is 0, "" or NULL. */
struct journal_summary {
	char id[JOURNAL_ID_MAX];
	enum journal_state state;
	struct run_info info;     /* the command is in `command` */
	const char *directory;    /* in which it was started */
	struct run_totals totals; /* of what has ended so far, when it is not complete */
	unsigned ended;
	const char **command;
	void *header, *start; /* json_t: what the strings are in */
};

/* Reads the beginning and the end, and all of it only when there is no end. 0 or -errno. */
int journal_summary(const char *id, struct journal_summary *ret_summary);
void journal_summary_free(struct journal_summary *summary);

/* A case that ended. */
struct journal_case {
	const char *suite, *name;
	unsigned run; /* journal_last(): of the runs that it looks at; 0 is the newest */
	unsigned number, repetition, attempt;
	enum verdict verdict;
	bool failure;
	double seconds, user, system;
	int64_t max_rss_kib, blocks_read, blocks_written, waits, preemptions;
};

/* The line before its event (a json_t; the texts stay in it, escaped). False when it is none. */
bool journal_read_index(const void *line, struct journal_case *ret_case);

struct journal_cases {
	struct journal_case *list;
	size_t count, room;
	unsigned damaged; /* lines that could not be understood */
	unsigned runs;    /* journal_last(): so many were read */
	struct obstack memory;
};

/* To be filled by journal_cases_add(); texts live in its memory. 0 or -ENOMEM. */
void journal_cases_begin(struct journal_cases *cases);
int journal_cases_add(struct journal_cases *cases, const struct journal_case *one);

/* By suite and name, as strcmp(3) says. */
int journal_case_order(const struct journal_case *a, const struct journal_case *b);

/* In the order in which they ended. 0 or -errno. */
int journal_cases(const char *id, struct journal_cases *ret_cases);
void journal_cases_free(struct journal_cases *cases);

/*
 * Sort them by suite and name, and make one of repetitions: a failure if there is one, else a
 * flaky one, and the seconds of the longest.
 */
void journal_cases_merge(struct journal_cases *cases);

/* Of merged ones; NULL when there is none. */
const struct journal_case *journal_cases_find(const struct journal_cases *cases, const char *suite,
					      const char *name);

/*
 * What became of each case when it ran last, out of the last `runs` runs that were started in the
 * directory `cwd` and have ended; 1 for the last run alone. Merged. ret_id (may be NULL) is the id
 * of the newest. Returns 0, -ENOENT when there is none, or -errno; with a sentence in `why`.
 */
int journal_last(const char *cwd, unsigned runs, struct journal_cases *ret_cases, char *ret_id,
		 char *why, size_t size);

/* ---- told again: journal_replay.c ---- */

struct keeper;

/*
 * Tell the keeper's reporters, which have been started, what they were told in that run, and leave
 * its totals in the keeper. `brief`: they show one line of a case that passed, and no more.
 */
int journal_replay(const struct journal_summary *summary, struct keeper *keeper, bool brief);

#endif
