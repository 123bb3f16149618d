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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "disk.h"
#include "journal.h"
#include "report/event_json.h"
#include "report/report.h"
#include "state.h"

#define TRIES 100 /* for a name that nobody has */

struct journal {
	int fd;
	struct json_writer lines; /* of one event */
	off_t good;               /* the file's size after the last event that is whole in it */
	off_t synced;             /* up to here the disk was asked to have it */
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
		journal->fd = open(journal->hidden,
				   O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
		error = journal->fd < 0 ? errno : 0;
		if (!error && !access(journal->path, F_OK)) {
			unlink(journal->hidden);
			journal->fd = safe_close(journal->fd);
			error = EEXIST;
		}
	}
	if (!error && fcntl(journal->fd, F_OFD_SETLK, &lock))
		error = errno;
	return -error;
}

/* One event, with what belongs before it, in one write. Or it is as if it had never been. */
static int print(struct journal *journal)
{
	size_t size = journal->lines.size;
	int result = event_write(&journal->lines, journal->fd);

	if (result < 0) {
		journal->failed = true;
		if (ftruncate(journal->fd, journal->good))
			return result; /* the reader passes over what is no line */
	} else {
		journal->good += (off_t)size;
	}
	return result;
}

/* The first line: who ran it, and where. */
static void put_header(struct journal *journal)
{
	struct json_writer *to = &journal->lines;
	struct utsname machine = {.nodename = ""};
	char system[sizeof(machine)];
	memory_free char *cwd = getcwd(NULL, 0);

	uname(&machine);
	snprintf(system, sizeof(system), "%s %s %s", machine.sysname, machine.release,
		 machine.machine);
	json_put_begin(to, NULL, '{');
	json_put_number(to, "v", EVENT_VERSION);
	json_put_text(to, "event", "journal");
	json_put_text(to, "id", journal->id);
	json_put_text(to, "directory", cwd);
	json_put_text(to, "machine", machine.nodename);
	json_put_text(to, "system", system);
	json_put_number(to, "uid", getuid());
	json_put_number(to, "pid", getpid());
	json_put_end(to, '}');
	json_put_line_end(to);
}

static int64_t micros_of(struct timeval time)
{
	return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* What lists of cases are made of. */
static void put_index(struct json_writer *to, const struct result *result)
{
	const struct case_info *info = result->info;
	const struct rusage *usage = &result->outcome->usage;
	const int64_t numbers[] = {
		info->number,
		info->repetition,
		info->attempt,
		(int64_t)(result->outcome->wall * 1e6 + 0.5),
		micros_of(usage->ru_utime),
		micros_of(usage->ru_stime),
		usage->ru_maxrss,
		usage->ru_inblock,
		usage->ru_oublock,
		usage->ru_nvcsw,
		usage->ru_nivcsw,
	};

	json_put_begin(to, NULL, '[');
	json_put_text(to, NULL, verdict_name(result->verdict));
	json_put_bool(to, NULL, result->failure);
	json_put_text(to, NULL, info->suite);
	json_put_text(to, NULL, info->name);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		json_put_number(to, NULL, numbers[i]);
	json_put_end(to, ']');
	json_put_line_end(to);
}

/* Its first lines; then it gets its name. */
static int start(struct journal *journal, const struct run_info *info)
{
	int result;

	journal->lines.exact = true;
	disk_begin(&journal->disk, journal->fd,
		   open(journal->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	put_header(journal);
	event_run_started(&journal->lines, info);
	result = print(journal);
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
		journal->fd = -1;
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

	if (!journal->failed) {
		event_run_ended(&journal->lines, totals);
		result = print(journal);
	}
	synced = disk_end(&journal->disk);
	closed = report_close(journal->fd);
	json_writer_free(&journal->lines);
	free(journal);
	return result ? result : synced ? synced : closed;
}

void journal_discard(struct journal *journal)
{
	if (!journal)
		return;
	journal->failed = true;
	if (journal->fd >= 0)
		unlink(journal->named ? journal->path : journal->hidden);
	if (journal->named) {
		end(journal, NULL);
		return;
	}
	safe_close(journal->fd);
	json_writer_free(&journal->lines);
	free(journal);
}

static int case_started(void *state, const struct case_info *info)
{
	struct journal *journal = state;

	event_case_started(&journal->lines, info);
	return print(journal);
}

static int case_retried(void *state, const struct result *result, double delay)
{
	struct journal *journal = state;

	event_case_retried(&journal->lines, result, delay);
	return print(journal);
}

static int case_slow(void *state, const struct case_info *info, double seconds)
{
	struct journal *journal = state;

	event_case_slow(&journal->lines, info, seconds);
	return print(journal);
}

static int case_ended(void *state, const struct result *result)
{
	struct journal *journal = state;

	put_index(&journal->lines, result);
	event_case_ended(&journal->lines, result);
	return print(journal);
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
	struct journal *journal = state;

	event_message(&journal->lines, sentence);
	return print(journal);
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
