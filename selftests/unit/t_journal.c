/* SPDX-License-Identifier: MIT */
/* Journals: what was told is told again, and what was damaged harms nobody. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"
#include "journal.h"
#include "keeper.h"
#include "reports.h"
#include "utf8.h"

static char state_directory[] = "/tmp/cloche-journal-XXXXXX";

static void set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(state_directory));
	ck_assert_int_eq(setenv("CLOCHE_STATE_DIR", state_directory, 1), 0);
}

static void tear_down(void)
{
	char path[600];
	struct dirent *entry;
	DIR *runs;

	snprintf(path, sizeof(path), "%s/runs", state_directory);
	runs = opendir(path);
	while (runs && (entry = readdir(runs))) {
		snprintf(path, sizeof(path), "%s/runs/%s", state_directory, entry->d_name);
		unlink(path);
	}
	if (runs)
		closedir(runs);
	snprintf(path, sizeof(path), "%s/runs", state_directory);
	rmdir(path);
	rmdir(state_directory);
}

static char why[1024], id[JOURNAL_ID_MAX];

static const char *const command[] = {"cloche", "run", "caf\xe9", NULL};

static struct run_info info_of(time_t second, long nanosecond)
{
	return (struct run_info){.suites = 2,
				 .cases = 12,
				 .jobs = 4,
				 .shuffled = true,
				 .seed = 42,
				 .isolated = true,
				 .version = "1.0",
				 .started = {second, nanosecond},
				 .command = command};
}

static struct journal *begin(struct run_info *info)
{
	struct journal *journal = journal_begin(info, why, sizeof(why));

	ck_assert_msg(journal != NULL, "%s", why);
	memcpy(id, info->id, sizeof(id));
	return journal;
}

static const char *path_of(const char *of)
{
	static char path[600];

	snprintf(path, sizeof(path), "%s/runs/%s.jsonl", state_directory, of);
	return path;
}

/* ---- there and back ---- */

#define TELL(callback, ...)                                                                        \
	for (size_t r = 0; r < count; r++)                                                         \
		if (told[r].reporter->callback)                                                    \
			ck_assert_int_eq(told[r].reporter->callback(told[r].state, __VA_ARGS__), 0);

/* All there is to tell: all sorts of cases, hostile ones, attempts, and a warning. */
static void tell_all(struct running_reporter *told, size_t count)
{
	struct case_info again = cases[1].info;
	struct result failed = result_of(1), passed = result_of(1);
	struct remark crash = {.text = hostile, .size = strlen(hostile)}; /* it has no place */
	struct outcome outcome = hostile_outcome;
	struct result nasty = {.info = &hostile_info,
			       .verdict = VERDICT_FAIL,
			       .failure = true,
			       .reason = hostile,
			       .outcome = &outcome};

	outcome.crash = &crash;
	for (size_t i = 0; i < CASES; i++) {
		struct result result = result_of(i);

		TELL(case_started, result.info);
		if (i == 1)
			TELL(message, "mind\nthe \033[1mgap");
		TELL(case_ended, &result);
	}
	TELL(case_started, &hostile_info);
	TELL(case_ended, &nasty);
	TELL(case_started, failed.info);
	TELL(case_retried, &failed, 0.25);
	again.attempt = 2;
	passed.info = &again;
	passed.verdict = VERDICT_FLAKY;
	passed.failure = false;
	passed.reason = "passed at attempt 2";
	passed.earlier = &failed;
	TELL(case_started, &again);
	TELL(case_ended, &passed);
}

static const struct run_totals totals = {
	.count = {0, 1, 2, 1, 1, 1, 1, 1, 1, 1}, .failed = 6, .not_run = 2, .wall = 3.5};

static void write_all(time_t second)
{
	struct run_info info = info_of(second, 5);
	struct running_reporter told = {.reporter = &journal_reporter, .state = begin(&info)};

	tell_all(&told, 1);
	ck_assert_int_eq(journal_reporter.end(told.state, &totals), 0);
}

/* Tell the journal to a reporter; what that made of it is in `text`. */
static void replay(const struct reporter *reporter, struct report_options options, bool brief)
{
	static struct keeper keeper;
	struct journal_summary summary;
	int file;

	ck_assert_int_eq(journal_summary(id, &summary), 0);
	keeper = (struct keeper){.reporter_count = 1, .reporters = {{.reporter = reporter}}};
	keeper.reporters[0].state = report_begin(reporter, options, &file, &summary.info);
	ck_assert_int_eq(journal_replay(&summary, &keeper, brief), 0);
	report_end(reporter, keeper.reporters[0].state, file, &keeper.totals);
	ck_assert_int_eq(keeper.reporters[0].error, 0);
	journal_summary_free(&summary);
}

static const struct reporter *const reporters[] = {&reporter_jsonl, &reporter_terminal,
						   &reporter_tap, &reporter_junit};

START_TEST(a_replay_is_the_run)
{
	const struct reporter *reporter = reporters[_i];
	struct report_options options = {.verbose = true,
					 .failure_output = OUTPUT_IMMEDIATE,
					 .success_output = OUTPUT_IMMEDIATE};
	struct run_info info = info_of(1700000000, 123456789);
	struct running_reporter told[2] = {{.reporter = &journal_reporter}, {.reporter = reporter}};
	char *before;
	int file;

	told[0].state = begin(&info);
	told[1].state = report_begin(reporter, options, &file, &info);
	tell_all(told, 2);
	report_end(reporter, told[1].state, file, &totals);
	ck_assert_int_eq(journal_reporter.end(told[0].state, &totals), 0); /* and its id */
	before = strdup(text);
	ck_assert_uint_gt(strlen(before), 1000);
	replay(reporter, options, false);
	check_text(before);
	free(before);
}
END_TEST

/* What shows no more than a line of what passed makes the same of it in brief. */
START_TEST(in_brief_it_is_the_same)
{
	char *whole;

	write_all(1700000000);
	replay(&reporter_terminal, (struct report_options){0}, false);
	whole = strdup(text);
	replay(&reporter_terminal, (struct report_options){0}, true);
	check_text(whole);
	ck_assert_ptr_nonnull(strstr(text, "t good\n"));
	free(whole);
}
END_TEST

START_TEST(the_summary_is_that_of_the_run)
{
	struct journal_summary summary;
	char cwd[4096];

	write_all(1700000000);
	ck_assert_int_eq(journal_summary(id, &summary), 0);
	ck_assert_int_eq(summary.state, JOURNAL_COMPLETE);
	ck_assert_str_eq(summary.id, id);
	ck_assert_str_eq(summary.info.id, id);
	ck_assert_str_eq(summary.info.version, "1.0");
	ck_assert_uint_eq(summary.info.suites, 2);
	ck_assert_uint_eq(summary.info.cases, 12);
	ck_assert_uint_eq(summary.info.jobs, 4);
	ck_assert(summary.info.shuffled && summary.info.isolated && summary.info.seed == 42);
	ck_assert_int_eq(summary.info.started.tv_sec, 1700000000);
	ck_assert_int_eq(summary.info.started.tv_nsec, 5);
	for (size_t i = 0; command[i]; i++)
		ck_assert_str_eq(summary.info.command[i], command[i]);
	ck_assert_ptr_null(summary.info.command[3]);
	ck_assert_str_eq(summary.directory, getcwd(cwd, sizeof(cwd)));
	ck_assert_uint_eq(summary.totals.failed, 6);
	ck_assert_uint_eq(summary.totals.not_run, 2);
	ck_assert_uint_eq(summary.totals.count[VERDICT_FAIL], 2);
	ck_assert_uint_eq(summary.ended, 10);
	journal_summary_free(&summary);
}
END_TEST

START_TEST(any_bytes_come_back)
{
	static const char *const texts[] = {"plain",
					    "caf\xc3\xa9",
					    "\xff\xfe\x80",
					    "\xf4\x8f\xbf\xbf",
					    "\xf4\x8f\xbe\x80\x80",
					    "\xf4\x8f\xbd\xbf",
					    "\xf0\x90\x80",
					    "\xf4\x8f",
					    ""};
	unsigned seed = 1;

	for (int i = 0; i < 2000; i++) {
		char bytes[64], *escaped = NULL;
		size_t size = rand_r(&seed) % sizeof(bytes), escaped_size = 0;
		FILE *out = open_memstream(&escaped, &escaped_size);

		for (size_t j = 0; j < size; j++)
			bytes[j] = (char)rand_r(&seed);
		if (i < (int)(sizeof(texts) / sizeof(*texts))) {
			size = strlen(texts[i]);
			memcpy(bytes, texts[i], size);
		}
		utf8_escape(out, bytes, size);
		fclose(out);
		for (size_t at = 0, length; at < escaped_size; at += length) {
			length = utf8_length(escaped + at, escaped_size - at);
			ck_assert_uint_gt(length, 0);
		}
		ck_assert_uint_eq(utf8_unescape(escaped, escaped_size), size);
		ck_assert_int_eq(memcmp(escaped, bytes, size), 0);
		free(escaped);
	}
}
END_TEST

/* ---- while it is written ---- */

static enum journal_state state_of(const char *of)
{
	struct journal_summary summary;
	enum journal_state state;

	ck_assert_int_eq(journal_summary(of, &summary), 0);
	state = summary.state;
	journal_summary_free(&summary);
	return state;
}

START_TEST(it_is_locked_until_it_ends)
{
	struct run_info info = info_of(1700000000, 0);
	struct journal *journal = begin(&info);
	const struct journal_limits none = {.runs = 0};

	ck_assert_int_eq(state_of(id), JOURNAL_RUNNING);
	ck_assert_int_eq(journal_prune(&none), 0);
	ck_assert_int_eq(state_of(id), JOURNAL_RUNNING);
	ck_assert_int_eq(journal_reporter.end(journal, &totals), 0);
	ck_assert_int_eq(state_of(id), JOURNAL_COMPLETE);
	ck_assert_int_eq(journal_prune(&none), 1);
}
END_TEST

START_TEST(runs_of_the_same_moment_have_names_of_their_own)
{
	struct run_info info = info_of(1700000000, 999999999), other = info;
	struct journal *first_one = begin(&info), *second_one = begin(&other);
	struct journal_ids ids;

	ck_assert_str_ne(info.id, other.id);
	ck_assert_int_eq(journal_ids(&ids, why, sizeof(why)), 0);
	ck_assert_uint_eq(ids.count, 2);
	journal_ids_free(&ids);
	journal_discard(first_one);
	ck_assert_int_eq(journal_ids(&ids, why, sizeof(why)), 0);
	ck_assert_uint_eq(ids.count, 1);
	ck_assert_str_eq(ids.list[0], id);
	journal_ids_free(&ids);
	ck_assert_int_eq(journal_reporter.end(second_one, &totals), 0);
}
END_TEST

static int disk[2]; /* the disk is slow: what it should have it has when somebody wrote a byte */
static atomic_int syncs_begun, syncs_ended, named; /* the directory has been brought there */
static atomic_long durable;                        /* so much of the file */

int fsync(int fd)
{
	struct stat directory;

	atomic_store(&named, !fstat(fd, &directory) && S_ISDIR(directory.st_mode) &&
				     !access(path_of(id), F_OK));
	return 0;
}

int fdatasync(int fd)
{
	struct stat file;
	char byte;

	fstat(fd, &file);

	atomic_fetch_add(&syncs_begun, 1);
	if (disk[0] > 0 && read(disk[0], &byte, 1) != 1)
		return -1;
	atomic_store(&durable, file.st_size);
	atomic_fetch_add(&syncs_ended, 1);
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

static void wait_until(const atomic_int *counter, int value)
{
	while (atomic_load(counter) < value)
		nanosleep(&(struct timespec){0, 1000000}, NULL);
}

/* What was written goes to the disk while the run goes on, and the run does not wait for it. */
START_TEST(a_slow_disk_holds_nobody_up)
{
	struct run_info info = info_of(1700000000, 0);
	struct journal *journal = begin(&info);
	struct result good = result_of(0);

	ck_assert_int_eq(pipe2(disk, O_CLOEXEC), 0);
	ck_assert_int_eq(journal_reporter.tick(journal), 0);
	wait_until(&syncs_begun, 1);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(journal_reporter.case_ended(journal, &good), 0);
		ck_assert_int_eq(journal_reporter.tick(journal), 0);
	}
	ck_assert_int_eq(atomic_load(&syncs_ended), 0);
	ck_assert_int_eq(write(disk[1], "12", 2), 2);
	wait_until(&syncs_ended, 2); /* one for all three */
	ck_assert_int_eq(journal_reporter.tick(journal), 0);
	ck_assert_int_eq(write(disk[1], "3", 1), 1);
	ck_assert_int_eq(journal_reporter.end(journal, &totals), 0);
	ck_assert_int_eq(atomic_load(&syncs_begun), 3);
	ck_assert_int_eq(atomic_load(&syncs_ended), 3); /* the end waits */
}
END_TEST

static long size_now(void)
{
	struct stat file;

	ck_assert_int_eq(stat(path_of(id), &file), 0);
	return file.st_size;
}

/* All of a run that has ended, and its name; of one that goes on what it had at the last tick. */
START_TEST(what_the_disk_has)
{
	struct run_info info = info_of(1700000000, 0);
	struct journal *journal = begin(&info);
	struct result good = result_of(0);
	long before;

	ck_assert_int_eq(journal_reporter.case_ended(journal, &good), 0);
	before = size_now();
	ck_assert_int_eq(journal_reporter.tick(journal), 0);
	wait_until(&syncs_ended, 1);
	ck_assert_int_eq(atomic_load(&durable), before);
	wait_until(&named, 1);
	ck_assert_int_eq(journal_reporter.case_ended(journal, &good), 0);
	ck_assert_int_gt(size_now(), before);
	ck_assert_int_eq(atomic_load(&durable), before);
	ck_assert_int_eq(journal_reporter.end(journal, &totals), 0);
	ck_assert_int_eq(atomic_load(&durable), size_now());
}
END_TEST

/* The disk is full in the middle of an event: the ones before are whole, and nothing is after. */
START_TEST(a_full_disk_leaves_whole_lines)
{
	struct run_info info = info_of(1700000000, 0);
	struct journal *journal = begin(&info);
	struct result good = result_of(0), large = result_of(1);
	struct outcome much = cases[1].outcome;
	struct rlimit limit = {.rlim_max = RLIM_INFINITY};
	struct journal_cases list;
	struct stat file;

	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(journal_reporter.case_ended(journal, &good), 0);
	ck_assert_int_eq(stat(path_of(id), &file), 0);
	limit.rlim_cur = file.st_size + 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	much.out.head_size = 100000;
	much.out.head = calloc(1, much.out.head_size);
	large.outcome = &much;
	ck_assert_int_eq(journal_reporter.case_ended(journal, &large), -EFBIG);
	ck_assert_int_eq(journal_reporter.end(journal, &totals), 0);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	free(much.out.head);

	ck_assert_int_eq(journal_cases(id, &list), 0);
	ck_assert_uint_eq(list.count, 3);
	ck_assert_uint_eq(list.damaged, 0);
	journal_cases_free(&list);
	ck_assert_int_eq(state_of(id), JOURNAL_INTERRUPTED);
	ck_assert_int_eq(stat(path_of(id), &file), 0);
	ck_assert_int_eq(truncate(path_of(id), file.st_size), 0);
}
END_TEST

/* ---- what lists need ---- */

static void write_run(time_t second, const char *name, enum verdict verdict, double seconds)
{
	struct run_info info = info_of(second, 0);
	struct journal *journal = begin(&info);
	struct outcome outcome = {.wall = seconds,
				  .usage = {.ru_utime = {1, 250000},
					    .ru_stime = {0, 5},
					    .ru_maxrss = 4,
					    .ru_inblock = 3,
					    .ru_oublock = 2,
					    .ru_nvcsw = 7,
					    .ru_nivcsw = 6}};
	struct case_info one = {
		.suite = "s\xff", .name = name, .number = 9, .attempt = 2, .options = &plain};
	struct result result = {.info = &one,
				.verdict = verdict,
				.failure = verdict == VERDICT_FAIL,
				.reason = "",
				.outcome = &outcome};

	ck_assert_int_eq(journal_reporter.case_ended(journal, &result), 0);
	one.repetition = 1;
	outcome.wall = seconds / 2;
	result.verdict = VERDICT_PASS;
	result.failure = false;
	ck_assert_int_eq(journal_reporter.case_ended(journal, &result), 0);
	ck_assert_int_eq(journal_reporter.end(journal, &totals), 0);
}

START_TEST(lists_have_every_case)
{
	struct journal_cases list;
	const struct journal_case *one;

	write_run(1700000000, "a\xfe", VERDICT_FAIL, 2);
	ck_assert_int_eq(journal_cases(id, &list), 0);
	ck_assert_uint_eq(list.count, 2);
	one = &list.list[0];
	ck_assert_str_eq(one->suite, "s\xff");
	ck_assert_str_eq(one->name, "a\xfe");
	ck_assert(one->verdict == VERDICT_FAIL && one->failure && one->number == 9);
	ck_assert(one->attempt == 2 && one->repetition == 0 && list.list[1].repetition == 1);
	ck_assert(one->seconds == 2 && one->user == 1.25 && one->system == 5e-6);
	ck_assert(one->max_rss_kib == 4 && one->blocks_read == 3 && one->blocks_written == 2);
	ck_assert(one->waits == 7 && one->preemptions == 6);
	journal_cases_merge(&list);
	ck_assert_uint_eq(list.count, 1);
	one = journal_cases_find(&list, "s\xff", "a\xfe");
	ck_assert(one && one->failure && one->seconds == 2);
	ck_assert_ptr_null(journal_cases_find(&list, "s", "a\xfe"));
	journal_cases_free(&list);
}
END_TEST

/* Of each case the newest, of runs that were started here. */
START_TEST(the_last_run_is_found)
{
	char cwd[4096], last[JOURNAL_ID_MAX];
	struct journal_cases list;
	const struct journal_case *one;

	ck_assert_ptr_nonnull(getcwd(cwd, sizeof(cwd)));
	ck_assert_int_eq(journal_last(cwd, 1, &list, NULL, why, sizeof(why)), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why, "no run"));
	write_run(1700000000, "a", VERDICT_FAIL, 2);
	write_run(1700000001, "b", VERDICT_FAIL, 3);
	write_run(1700000002, "a", VERDICT_PASS, 1);
	memcpy(last, id, sizeof(last));
	ck_assert_int_eq(chdir("/"), 0);
	write_run(1700000003, "c", VERDICT_PASS, 1);
	ck_assert_int_eq(chdir(cwd), 0);

	ck_assert_int_eq(journal_last(cwd, 1, &list, id, why, sizeof(why)), 0);
	ck_assert_str_eq(id, last);
	ck_assert_uint_eq(list.count, 1);
	one = journal_cases_find(&list, "s\xff", "a");
	ck_assert(one && !one->failure && one->seconds == 1);
	journal_cases_free(&list);

	ck_assert_int_eq(journal_last(cwd, 9, &list, NULL, why, sizeof(why)), 0);
	ck_assert_uint_eq(list.count, 2);
	one = journal_cases_find(&list, "s\xff", "a");
	ck_assert(one && !one->failure && one->run == 0 && one->seconds == 1);
	one = journal_cases_find(&list, "s\xff", "b");
	ck_assert(one && one->failure && one->run == 1);
	journal_cases_free(&list);
}
END_TEST

/* ---- damage ---- */

static void rewrite(const char *bytes, size_t size)
{
	int fd = open(path_of(id), O_WRONLY | O_CLOEXEC); /* ext4 writes what O_TRUNC emptied */

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	ck_assert_int_eq(ftruncate(fd, size), 0);
	close(fd);
}

static size_t read_all(char *bytes, size_t room)
{
	int fd = open(path_of(id), O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, bytes, room);

	ck_assert_int_gt(size, 0);
	ck_assert_int_lt(size, (ssize_t)room);
	close(fd);
	return size;
}

/* Every reader reads it, and every reporter is told of it. */
static void read_every_way(void)
{
	struct journal_summary summary;
	struct journal_cases list;

	ck_assert_int_eq(journal_summary(id, &summary), 0);
	ck_assert_int_ge(summary.state, JOURNAL_COMPLETE);
	journal_summary_free(&summary);
	ck_assert_int_eq(journal_cases(id, &list), 0);
	journal_cases_merge(&list);
	journal_cases_free(&list);
	for (size_t i = 0; i < sizeof(reporters) / sizeof(*reporters); i++)
		replay(reporters[i], (struct report_options){.verbose = true}, false);
	replay(&reporter_terminal, (struct report_options){0}, true);
}

static char whole[1 << 20];

START_TEST(a_cut_journal_is_read_as_far_as_it_goes)
{
	struct journal_cases list;
	size_t size, ended = 0, step = (size_t)97 * unit_every();

	write_all(1700000000);
	size = read_all(whole, sizeof(whole));
	for (size_t cut = 0; cut < size; cut++) {
		bool line = cut && whole[cut - 1] == '\n';

		ended += line && whole[cut] == '[';
		if (cut % step && (!line || cut % unit_every()))
			continue;
		rewrite(whole, cut);
		read_every_way();
		ck_assert_int_eq(journal_cases(id, &list), 0);
		ck_assert_uint_ge(list.count + 1, ended);
		ck_assert_uint_le(list.count, ended);
		journal_cases_free(&list);
	}
	ck_assert_uint_eq(ended, 10);
}
END_TEST

/* What is told of the first bytes of a journal, with so many zeroes behind them. */
static char *told_of(size_t size, size_t zeroes)
{
	static char bytes[1 << 16];
	struct journal_summary summary;
	struct journal_cases list;
	char *told, *lines;
	int length;

	ck_assert_uint_le(size + zeroes, sizeof(bytes));
	memcpy(bytes, whole, size);
	memset(bytes + size, 0, zeroes);
	rewrite(bytes, size + zeroes);
	ck_assert_int_eq(journal_summary(id, &summary), 0);
	ck_assert_int_eq(journal_cases(id, &list), 0);
	if (summary.state == JOURNAL_DAMAGED) {
		length = asprintf(&told, "nothing");
	} else {
		replay(&reporter_jsonl, (struct report_options){0}, false);
		lines = strdup(text);
		replay(&reporter_terminal, (struct report_options){0}, true);
		length = asprintf(
			&told, "%s%s%s %u ended, %u failed, %.6f s; %zu cases, %u damaged", lines,
			text, journal_state_name(summary.state), summary.ended,
			summary.totals.failed, summary.totals.wall, list.count, list.damaged);
		free(lines);
	}
	ck_assert_int_gt(length, 0);
	journal_summary_free(&summary);
	journal_cases_free(&list);
	return told;
}

/* As the power may leave it: torn at any byte, with zeroes where something should have come. */
START_TEST(a_torn_journal_is_what_it_was_at_its_last_line)
{
	static const size_t zeroes[] = {0, 1, 5000};
	struct run_info info = info_of(1700000000, 0);
	struct journal *journal = begin(&info);
	char *expected = NULL, *told;
	unsigned lines = 0;
	size_t size;

	for (size_t i = 0; i < 3; i++) {
		struct result result = result_of(i);

		ck_assert_int_eq(journal_reporter.case_started(journal, result.info), 0);
		ck_assert_int_eq(journal_reporter.case_ended(journal, &result), 0);
	}
	ck_assert_int_eq(journal_reporter.end(journal, &totals), 0);
	size = read_all(whole, sizeof(whole));
	for (size_t cut = 0; cut <= size; cut++) {
		if (!cut || whole[cut - 1] == '\n') {
			lines += cut > 0;
			free(expected);
			expected = told_of(cut, 0);
			/* the two first lines tell what it is of, the last that it is all */
			ck_assert(!strcmp(expected, "nothing") == (lines < 2));
			ck_assert(!strstr(expected, "was cut short") == (lines < 2 || cut == size));
			ck_assert_ptr_null(strstr(expected, "cannot be read"));
		}
		if (cut % unit_every())
			continue;
		told = told_of(cut, zeroes[_i]);
		ck_assert_msg(!strcmp(told, expected), "cut at %zu, %zu zeroes: %s", cut,
			      zeroes[_i], told);
		free(told);
	}
	ck_assert_uint_eq(lines, 12);
	free(expected);
}
END_TEST

static void damage(char *bytes, size_t size, unsigned *seed)
{
	for (int changes = 1 + rand_r(seed) % 8; changes; changes--) {
		size_t at = rand_r(seed) % size, length = 1 + rand_r(seed) % 40;
		size_t from = rand_r(seed) % size;

		length = length < size - at ? length : size - at;
		length = length < size - from ? length : size - from;
		switch (rand_r(seed) % 5) {
		case 0:
			bytes[at] = (char)rand_r(seed);
			break;
		case 1:
			memset(bytes + at, rand_r(seed) % 2 ? 0 : '9', length);
			break;
		case 2: /* another value, or half of one */
			memmove(bytes + at, bytes + from, length);
			break;
		case 3:
			bytes[at] = "\"[]{}:,\\-0e\n"[rand_r(seed) % 12];
			break;
		default: /* a value of another type */
			memcpy(bytes + at, "null,true,[[{}],{}],-1e300,99999999999999999999,",
			       length < 48 ? length : 48);
		}
	}
}

START_TEST(a_damaged_journal_harms_nobody)
{
	static char bytes[1 << 20];
	size_t size;
	unsigned seed = 1 + _i;

	write_all(1700000000);
	size = read_all(whole, sizeof(whole));
	for (unsigned i = 0; i < 200; i += unit_every()) {
		memcpy(bytes, whole, size);
		damage(bytes, size, &seed);
		rewrite(bytes, size);
		read_every_way();
	}
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_loop_test(all, a_replay_is_the_run, 0, 4);
	tcase_add_test(all, in_brief_it_is_the_same);
	tcase_add_test(all, the_summary_is_that_of_the_run);
	tcase_add_test(all, any_bytes_come_back);
	tcase_add_test(all, it_is_locked_until_it_ends);
	tcase_add_test(all, runs_of_the_same_moment_have_names_of_their_own);
	tcase_add_test(all, a_slow_disk_holds_nobody_up);
	tcase_add_test(all, what_the_disk_has);
	tcase_add_test(all, a_full_disk_leaves_whole_lines);
	tcase_add_test(all, lists_have_every_case);
	tcase_add_test(all, the_last_run_is_found);
	tcase_add_test(all, a_cut_journal_is_read_as_far_as_it_goes);
	tcase_add_loop_test(all, a_torn_journal_is_what_it_was_at_its_last_line, 0, 3);
	tcase_add_loop_test(all, a_damaged_journal_harms_nobody, 0, 4);
	return unit_run("journal", all);
}
