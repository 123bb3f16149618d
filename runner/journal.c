/* SPDX-License-Identifier: MIT */
/*
 * The journal of a run, being written: JSON lines into a file of its own.
 *
 * It comes into being under another name, is locked, and is renamed when its first lines are in it:
 * nobody sees a journal without them, or one of a living run without its lock. (The lock is one of
 * an open file description, fcntl(2): it ends with the last descriptor, however we end.) When an
 * event could not be written, what was written of it is cut off: the journal stays in good order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "disk.h"
#include "journal.h"
#include "json_text.h"
#include "report/event_json.h"
#include "report/report.h"
#include "state.h"

#define TRIES 100 /* for a name that nobody has */

struct journal {
	struct page page; /* its fd is the journal's */
	off_t good;       /* the file's size after the last event that was written as a whole */
	off_t synced;     /* up to here the disk was asked to have it */
	struct disk disk;
	bool named, failed;
	char id[JOURNAL_ID_MAX];
	char directory[JOURNAL_PATH_MAX - JOURNAL_ID_MAX - 16];
	char hidden[JOURNAL_PATH_MAX], path[JOURNAL_PATH_MAX];
};

int journal_directory(char *path, size_t size, char *why, size_t why_size)
{
	return state_directory("runs", path, size, why, why_size);
}

/* Sorted by name they are sorted by time: the seconds, and 65536ths of one. */
static void make_id(char *id, const struct timespec *moment, unsigned another)
{
	struct tm tm;
	char text[JOURNAL_ID_MAX - 8];

	gmtime_r(&moment->tv_sec, &tm);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%S", &tm);
	snprintf(id, JOURNAL_ID_MAX, "%s-%04x", text,
		 (unsigned)(moment->tv_nsec * 65536ull / 1000000000 + another) & 0xffff);
}

/* A file whose name nobody has, locked; it is still hidden. */
static int make_file(struct journal *journal, const struct timespec *moment)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int error = EEXIST;

	for (unsigned i = 0; i < TRIES && error == EEXIST; i++) {
		make_id(journal->id, moment, i);
		snprintf(journal->hidden, sizeof(journal->hidden), "%s/.%s", journal->directory,
			 journal->id);
		snprintf(journal->path, sizeof(journal->path), "%s/%s.jsonl", journal->directory,
			 journal->id);
		journal->page.fd = open(journal->hidden,
					O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
		error = journal->page.fd < 0 ? errno : 0;
		if (!error && !access(journal->path, F_OK)) {
			unlink(journal->hidden);
			journal->page.fd = safe_close(journal->page.fd);
			error = EEXIST;
		}
	}
	if (!error && fcntl(journal->page.fd, F_OFD_SETLK, &lock))
		error = errno;
	return -error;
}

/* Texts of an event are made with all their bytes from here on, until it is written. */
static struct journal *enter(void *state)
{
	json_text_exact(true);
	return state;
}

/* One event, after what belongs before it, in one write. Or it is as if it had never been. */
static int print(struct journal *journal, json_t *before, json_t *event)
{
	int first = before ? event_print(journal->page.out, before) : 0;
	int second = event_print(journal->page.out, event);
	int result = page_flush(&journal->page);

	json_text_exact(false);
	result = first ? first : second ? second : result;
	if (result < 0) {
		journal->failed = true;
		if (ftruncate(journal->page.fd, journal->good))
			return result; /* the reader passes over what is no line */
	} else {
		journal->good = lseek(journal->page.fd, 0, SEEK_END);
	}
	return result;
}

/* The first line: who ran it, and where. */
static json_t *header(const struct journal *journal)
{
	struct utsname machine = {.nodename = ""};
	memory_free char *cwd = getcwd(NULL, 0);

	uname(&machine);
	return json_pack(
		"{s:i, s:s, s:s, s:o, s:o, s:o, s:i, s:i}", "v", EVENT_VERSION, "event", "journal",
		"id", journal->id, "directory", json_text_of(cwd), "machine",
		json_text_of(machine.nodename), "system",
		json_sprintf("%s %s %s", machine.sysname, machine.release, machine.machine), "uid",
		(int)getuid(), "pid", (int)getpid());
}

static json_int_t micros_of(struct timeval time)
{
	return (json_int_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* What lists of cases are made of. Times are in microseconds: integers are printed faster. */
static json_t *index_of(const struct result *result)
{
	const struct case_info *info = result->info;
	const struct rusage *usage = &result->outcome->usage;

	return json_pack(
		"[s, b, o, o, I, i, i, I, I, I, I, I, I, I, I]", verdict_name(result->verdict),
		(int)result->failure, json_text_of(info->suite), json_text_of(info->name),
		(json_int_t)info->number, (int)info->repetition, (int)info->attempt,
		(json_int_t)(result->outcome->wall * 1e6 + 0.5), micros_of(usage->ru_utime),
		micros_of(usage->ru_stime), (json_int_t)usage->ru_maxrss,
		(json_int_t)usage->ru_inblock, (json_int_t)usage->ru_oublock,
		(json_int_t)usage->ru_nvcsw, (json_int_t)usage->ru_nivcsw);
}

/* Its first lines; then it gets its name. */
static int start(struct journal *journal, const struct run_info *info)
{
	int result = page_open(&journal->page, journal->page.fd);

	if (result < 0)
		return result;
	disk_begin(&journal->disk, journal->page.fd);
	enter(journal);
	result = print(journal, header(journal), event_run_started(info));
	if (!result && rename(journal->hidden, journal->path))
		result = -errno;
	journal->named = !result;
	return result;
}

/* The steps of journal_begin(), in their order. */
static int begin(struct journal *journal, struct run_info *info, char *why, size_t size)
{
	int result = journal_directory(journal->directory, sizeof(journal->directory), why, size);

	if (result < 0)
		return result;
	result = state_make(journal->directory);
	if (!result)
		result = make_file(journal, &info->started);
	info->id = journal->id;
	if (!result)
		result = start(journal, info);
	if (result < 0)
		snprintf(why, size, "cannot write in '%.150s': %s; set CLOCHE_STATE_DIR",
			 journal->directory, strerror(-result));
	return result;
}

struct journal *journal_begin(struct run_info *info, char *why, size_t size)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	char reason[256] = "not enough memory";

	if (journal) {
		journal->page.fd = -1;
		if (!begin(journal, info, reason, sizeof(reason)))
			return journal;
	}
	snprintf(why, size, "this run has no journal: %s, or say --no-journal", reason);
	info->id = NULL;
	journal_discard(journal);
	return NULL;
}

static int end(void *state, const struct run_totals *totals)
{
	struct journal *journal = state;
	int result = 0, synced, closed;

	if (!journal->failed)
		result = print(enter(journal), NULL, event_run_ended(totals));
	synced = disk_end(&journal->disk);
	closed = page_close(&journal->page);
	free(journal);
	return result ? result : synced ? synced : closed;
}

void journal_discard(struct journal *journal)
{
	if (!journal)
		return;
	journal->failed = true;
	if (journal->page.fd >= 0)
		unlink(journal->named ? journal->path : journal->hidden);
	if (journal->page.out) {
		end(journal, NULL);
		return;
	}
	safe_close(journal->page.fd);
	free(journal);
}

static int case_started(void *state, const struct case_info *info)
{
	struct journal *journal = enter(state);

	return print(journal, NULL, event_case_started(info));
}

static int case_retried(void *state, const struct result *result, double delay)
{
	struct journal *journal = enter(state);

	return print(journal, NULL, event_case_retried(result, delay));
}

static int case_slow(void *state, const struct case_info *info, double seconds)
{
	struct journal *journal = enter(state);

	return print(journal, NULL, event_case_slow(info, seconds));
}

static int case_ended(void *state, const struct result *result)
{
	struct journal *journal = enter(state);

	return print(journal, index_of(result), event_case_ended(result));
}

/* A machine that loses its power loses a second or two of the run. */
static int tick(void *state)
{
	struct journal *journal = state;

	if (journal->synced != journal->good)
		disk_sync(&journal->disk);
	journal->synced = journal->good;
	return 0;
}

static int message(void *state, const char *sentence)
{
	struct journal *journal = enter(state);

	return print(journal, NULL, event_message(sentence));
}

const struct reporter journal_reporter = {
	.name = "journal",
	.case_started = case_started,
	.case_retried = case_retried,
	.case_slow = case_slow,
	.case_ended = case_ended,
	.tick = tick,
	.message = message,
	.end = end,
};
