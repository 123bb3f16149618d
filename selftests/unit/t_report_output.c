/* SPDX-License-Identifier: MIT */
/* Where reports go: full disks, closed pipes, slow readers; and when: every event at once. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "reports.h"

static const struct reporter *const all_reporters[] = {
	&reporter_terminal, &reporter_tap, &reporter_jsonl, &reporter_html, &reporter_libtest};

/* Full from the first byte on; the reporter still ends in good order. */
START_TEST(a_full_disk_is_told)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	const struct reporter *reporter = all_reporters[_i];
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct result result = result_of(1);
	void *state = NULL;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(reporter->start(&state, &(struct report_options){.fd = fd}, &info),
			 -ENOSPC);
	ck_assert_ptr_nonnull(state);
	ck_assert_int_eq(reporter->case_ended(state, &result), -ENOSPC);
	if (reporter->message)
		ck_assert_int_eq(reporter->message(state, "still there"), -ENOSPC);
	ck_assert_int_eq(reporter->end(state, &(struct run_totals){.not_run = 1}), -ENOSPC);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1); /* it closes what it owns */
}
END_TEST

START_TEST(a_closed_pipe_is_told)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	const struct reporter *reporter = all_reporters[_i];
	void *state = NULL;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(reporter->start(&state, &(struct report_options){.fd = ends[1]}, &info),
			 -EPIPE);
	ck_assert_int_eq(reporter->end(state, &(struct run_totals){.not_run = 1}), -EPIPE);
}
END_TEST

/* Much more than a pipe holds, in a pipe that somebody made non-blocking: all of it arrives. */
START_TEST(a_slow_reader_gets_all)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	const struct reporter *reporter = all_reporters[_i];
	size_t total = 0, size = 300000;
	struct outcome outcome = {.out = {.head = malloc(size), .head_size = size, .total = size}};
	struct result result = {&cases[0].info, VERDICT_FAIL, true, "", &outcome};
	void *state = NULL;
	int ends[2];
	pid_t child;

	memset(outcome.out.head, '~', size);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	child = fork();
	if (!child) {
		close(ends[0]);
		reporter->start(
			&state,
			&(struct report_options){.fd = ends[1], .failure_output = OUTPUT_IMMEDIATE},
			&info);
		_exit(reporter->case_ended(state, &result) ||
		      reporter->end(state, &(struct run_totals){0}));
	}
	close(ends[1]);
	fcntl(ends[0], F_SETFL, 0);
	for (ssize_t got; (got = read(ends[0], text, 4096)) > 0;)
		for (ssize_t i = 0; i < got; i++)
			total += text[i] == '~';
	ck_assert_uint_eq(total, size);
	close(ends[0]);
	free(outcome.out.head);
}
END_TEST

static off_t written(int file)
{
	return lseek(file, 0, SEEK_END);
}

/* What has happened can be read, though the next event may be long in coming. */
START_TEST(every_event_is_written_at_once)
{
	static const struct run_info info = {1, 3, 1, false, 0, true, "1.0"};
	const struct reporter *reporter = all_reporters[_i];
	struct result result = result_of(0);
	int file;
	void *state =
		report_begin(reporter, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
			     &file, &info);
	off_t before = written(file);

	ck_assert_int_gt(before, 0);
	for (int i = 0; i < 3; i++) {
		if (reporter->case_started)
			ck_assert_int_eq(reporter->case_started(state, result.info), 0);
		if (reporter == &reporter_jsonl)
			ck_assert_int_gt(written(file), before);
		before = written(file);
		ck_assert_int_eq(reporter->case_ended(state, &result), 0);
		ck_assert_int_gt(written(file), before);
		before = written(file);
	}
	report_end(reporter, state, file, &(struct run_totals){0});
}
END_TEST

/* On a terminal a line is as well, with the status below it; the status alone only now and then. */
START_TEST(a_line_does_not_wait_for_the_status)
{
	static const struct run_info info = {1, 100, 1, false, 0, true, "1.0"};
	struct result passed = result_of(0), skipped = result_of(2);
	int file;
	void *state = report_begin(&reporter_terminal, (struct report_options){.live = true}, &file,
				   &info);
	off_t before;

	ck_assert_int_eq(reporter_terminal.case_started(state, passed.info), 0);
	before = written(file);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(reporter_terminal.case_ended(state, &passed), 0);
	ck_assert_int_lt(written(file), before + 200); /* and not 20 times 80 */
	before = written(file);
	ck_assert_int_eq(reporter_terminal.case_ended(state, &skipped), 0);
	ck_assert_int_gt(written(file), before);
	report_end(&reporter_terminal, state, file, &(struct run_totals){0});
	ck_assert_ptr_nonnull(strstr(text, "Tuesday\n\033[?7l     Running [00:0"));
}
END_TEST

/* A report grows with what happens; after a case that printed much its memory is given back. */
START_TEST(many_and_much)
{
	static const struct run_info info = {1, 2000, 1, false, 0, true, "1.0"};
	const struct reporter *reporter = all_reporters[_i];
	size_t size = 2000000, lines = 0, total = 0;
	struct outcome much = {.out = {.head = malloc(size), .head_size = size, .total = size}};
	struct result result = result_of(0),
		      large = {&cases[1].info, VERDICT_FAIL, true, "", &much};
	int file;
	void *state =
		report_begin(reporter, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
			     &file, &info);
	ssize_t got;

	memset(much.out.head, '~', size);
	for (int i = 0; i < 2000; i++) {
		ck_assert_int_eq(reporter->case_ended(state, &result), 0);
		if (i == 1000)
			ck_assert_int_eq(reporter->case_ended(state, &large), 0);
	}
	ck_assert_int_eq(reporter->end(state, &(struct run_totals){0}), 0);
	for (off_t at = 0; (got = pread(file, text, sizeof(text), at)) > 0; at += got)
		for (ssize_t i = 0; i < got; i++) {
			lines += text[i] == '\n';
			total += text[i] == '~';
		}
	ck_assert_uint_eq(total, size);
	ck_assert_uint_gt(lines, 2000);
	ck_assert_uint_lt(lines, 2020);
	close(file);
	free(much.out.head);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, a_full_disk_is_told, 0, 5);
	tcase_add_loop_test(all, a_closed_pipe_is_told, 0, 5);
	tcase_add_loop_test(all, a_slow_reader_gets_all, 0, 5);
	tcase_add_loop_test(all, every_event_is_written_at_once, 0, 5);
	tcase_add_test(all, a_line_does_not_wait_for_the_status);
	tcase_add_loop_test(all, many_and_much, 0, 3);
	return unit_run("report_output", all);
}
