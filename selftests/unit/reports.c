/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit.h"
#include "reports.h"
#include "utf8.h"

#define EXITED(status) ((status) << 8)
#define TEXT(string)   .text = (char *)(string), .size = sizeof(string) - 1

/* ---- a run of cases that do everything ---- */

const struct cloche_options plain = {0}, worldly = {.hostname = "moon",
						    .uptime_shift = 2592000,
						    .tmpfs_size = 4096,
						    .tty = true};

static struct remark second = {.file = "t.c",
			       .line = 12,
			       .name = "EXPECT_STR_EQ(a, b)",
			       TEXT("  one\n- two\n+ 2"),
			       .cut = true};
struct remark first = {
	.next = &second, .file = "t.c", .line = 7, .name = "EXPECT(a, ==, 1)", TEXT("2 == 1")};
static struct remark note = {.file = "t.c", .line = 9, TEXT("half done")};
static struct remark attached = {.file = "out/a.1.log", .name = "log", .size = 12};
static struct remark unkept = {.next = &attached, .name = "big", .size = 7, .cut = true};
static struct remark crash = {TEXT("SIGSEGV at address 0x0\n  #0 f at t.c:3")};
static struct finding left = {.kind = "process", .text = "pid 5 sleep 'sleep 1000'"};

static char foreign_output[] = "\xff\0\033[31m caf\xc3\xa9 \033[2J\r\nx";

const struct sample_case cases[CASES] = {
	{{.suite = "t",
	  .name = "good",
	  .file = "t.c",
	  .line = 1,
	  .number = 1,
	  .attempt = 1,
	  .options = &plain},
	 {.native = true, .ended = true, .done = true, .checks = 3, .wall = 0.1},
	 VERDICT_PASS,
	 false,
	 ""},
	{{.suite = "t",
	  .name = "bad",
	  .file = "t.c",
	  .line = 5,
	  .number = 2,
	  .attempt = 1,
	  .repetition = 1,
	  .options = &worldly},
	 {.native = true,
	  .ended = true,
	  .done = true,
	  .checks = 40,
	  .wall = 1.25,
	  .failure_count = 3,
	  .failures = &first,
	  .notes = &note,
	  .attachments = &unkept,
	  .remarks_left_out = 1,
	  .namespaces = {1, 2, 0, 4026531840},
	  .usage = {.ru_utime = {1, 500000},
		    .ru_stime = {0, 1},
		    .ru_maxrss = 2048,
		    .ru_inblock = 16,
		    .ru_oublock = 8,
		    .ru_nvcsw = 4,
		    .ru_nivcsw = 2},
	  .out = {.head = "begin\n",
		  .head_size = 6,
		  .tail = "end",
		  .tail_size = 3,
		  .cut = 91,
		  .total = 100}},
	 VERDICT_FAIL,
	 true,
	 "3 of 40 expectations failed"},
	{{.suite = "t",
	  .name = "later",
	  .file = "t.c",
	  .line = 20,
	  .number = 3,
	  .attempt = 1,
	  .options = &plain},
	 {.native = true,
	  .ended = true,
	  .done = true,
	  .wall = 0.0004,
	  .out = {.head = "quiet\n", .head_size = 6, .total = 6}},
	 VERDICT_SKIP,
	 false,
	 "not # before\nTuesday"},
	{{.suite = "t",
	  .name = "boom",
	  .file = "t.c",
	  .line = 30,
	  .number = 4,
	  .attempt = 1,
	  .options = &plain},
	 {.native = true,
	  .ended = true,
	  .wait_status = SIGSEGV,
	  .wall = 0.012,
	  .crash = &crash,
	  .limit_hit = NULL},
	 VERDICT_CRASH,
	 true,
	 "killed by SIGSEGV"},
	{{.suite = "t",
	  .name = "leaks",
	  .file = "t.c",
	  .line = 40,
	  .number = 5,
	  .attempt = 1,
	  .options = &plain},
	 {.native = true, .ended = true, .done = true, .findings = &left, .left_processes = 1},
	 VERDICT_LEAK,
	 false,
	 "left a process behind"},
	{{.suite = "dir/foreign.sh",
	  .name = "foreign.sh",
	  .number = 6,
	  .attempt = 1,
	  .options = &plain},
	 {.ended = true,
	  .wait_status = EXITED(1),
	  .tap = true,
	  .tap_planned = 3,
	  .tap_run = 3,
	  .tap_failed = 1,
	  .tap_skipped = 1,
	  .wall = 10,
	  .limit_hit = "descriptors",
	  .out = {.head = foreign_output,
		  .head_size = sizeof(foreign_output) - 1,
		  .total = sizeof(foreign_output) - 1}},
	 VERDICT_LIMIT,
	 true,
	 "1 of 3 tests failed, at the limit 'descriptors'"},
	{{.suite = "t",
	  .name = "never",
	  .file = "t.c",
	  .line = 50,
	  .number = 7,
	  .attempt = 1,
	  .options = &plain},
	 {.native = true, .setup_failed = true},
	 VERDICT_ERROR,
	 true,
	 "net: cannot unshare"},
	{{.suite = "t",
	  .name = "slow",
	  .file = "t.c",
	  .line = 60,
	  .number = 8,
	  .attempt = 1,
	  .options = &plain},
	 {.native = true, .timed_out = true, .wall = 62.0000004},
	 VERDICT_TIMEOUT,
	 true,
	 "ran into its deadline of 60 s"},
};

struct result result_of(size_t i)
{
	return (struct result){.info = &cases[i].info,
			       .verdict = cases[i].verdict,
			       .failure = cases[i].failure,
			       .reason = cases[i].reason,
			       .outcome = &cases[i].outcome};
}

char text[1 << 20];

void *report_begin(const struct reporter *reporter, struct report_options options, int *ret_file,
		   const struct run_info *info)
{
	void *state = NULL;

	*ret_file = memfd_create("report", MFD_CLOEXEC);
	ck_assert_int_ge(*ret_file, 0);
	options.fd = fcntl(*ret_file, F_DUPFD_CLOEXEC, 3);
	ck_assert_int_eq(reporter->start(&state, &options, info), 0);
	ck_assert_ptr_nonnull(state);
	return state;
}

void report_end(const struct reporter *reporter, void *state, int file,
		const struct run_totals *totals)
{
	ssize_t size;

	ck_assert_int_eq(reporter->end(state, totals), 0);
	size = pread(file, text, sizeof(text) - 1, 0);
	ck_assert_int_ge(size, 0);
	text[size] = '\0';
	ck_assert_uint_eq(strlen(text), size); /* no byte 0 in any report */
	close(file);
}

void report_one(const struct reporter *reporter, struct report_options options,
		const struct result *result)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	int file;
	void *state = report_begin(reporter, options, &file, &info);

	if (reporter->case_started)
		ck_assert_int_eq(reporter->case_started(state, result->info), 0);
	ck_assert_int_eq(reporter->case_ended(state, result), 0);
	report_end(reporter, state, file, &(struct run_totals){.wall = 1});
}

void report_all(const struct reporter *reporter, struct report_options options)
{
	static const struct run_info info = {2, 10, 4, true, 42, true, "1.0"};
	struct run_totals totals = {.count = {0, 1, 1, 1, 1, 1, 1, 1, 1}, 5, 2, 3.5};
	int file;
	void *state = report_begin(reporter, options, &file, &info);

	for (size_t i = 0; i < CASES; i++) {
		struct result result = result_of(i);

		if (reporter->case_started)
			ck_assert_int_eq(reporter->case_started(state, result.info), 0);
		if (i == 1 && reporter->message)
			ck_assert_int_eq(reporter->message(state, "mind\nthe \033[1mgap"), 0);
		ck_assert_int_eq(reporter->case_ended(state, &result), 0);
	}
	report_end(reporter, state, file, &totals);
}

void check_text(const char *expected)
{
	const char *found = text, *wanted = expected;
	size_t line = 1;

	while (*found && *found == *wanted) {
		line += *found == '\n';
		found++;
		wanted++;
	}
	if (!*found && !*wanted)
		return;
	while (found > text && found[-1] != '\n') {
		found--;
		wanted--;
	}
	fprintf(stderr, "%s", text);
	ck_abort_msg("line %zu is '%.*s' and not '%.*s'", line, (int)strcspn(found, "\n"), found,
		     (int)strcspn(wanted, "\n"), wanted);
}

/* What acts on a terminal, breaks lines, TAP, YAML or JSON, or is no UTF-8. */
#define HOSTILE                                                                                    \
	"a\nok 9 - b\r\n  ...\n\033[2J\033[31m\a\177\xc2\x9b#x\\ '\"{}: \xff\xe2\x82\xe2\x80\xa8"  \
	"1..7\xe2\x80\xae\xef\xbb\xbf\t\n"

char hostile[] = HOSTILE;
static char hostile_binary[] = HOSTILE "\0Bail out!\n  ---\n";

static struct remark hostile_remark = {.file = hostile,
				       .line = 1,
				       .name = hostile,
				       .text = hostile_binary,
				       .size = sizeof(hostile_binary) - 1};
static struct remark hostile_text = {
	.next = &hostile_remark, .file = hostile, .text = hostile, .size = sizeof(hostile) - 1};
static struct finding hostile_finding = {.kind = "process", .text = hostile};

const struct case_info hostile_info = {
	.suite = hostile, .name = hostile, .file = hostile, .options = &plain};

struct outcome hostile_outcome = {
	.native = true,
	.ended = true,
	.failures = &hostile_text,
	.notes = &hostile_text,
	.attachments = &hostile_remark,
	.crash = &hostile_remark,
	.findings = &hostile_finding,
	.out = {.head = hostile_binary,
		.head_size = sizeof(hostile_binary) - 1,
		.tail = hostile_binary,
		.tail_size = sizeof(hostile_binary) - 1,
		.cut = 1,
		.total = 1000},
};

/* What a terminal or a reader acts on: controls, and what turns, ends or hides a line. */
static bool is_harmless(const char *c)
{
	return (*c == '\n' || *c == '\t' || (unsigned char)*c >= 0x20) && *c != 0x7f &&
	       strncmp(c, "\xc2\x9b", 2) && strncmp(c, "\xe2\x80\xa8", 3) &&
	       strncmp(c, "\xe2\x80\xae", 3) && strncmp(c, "\xef\xbb\xbf", 3);
}

void check_harmless(void)
{
	const char *end = text + strlen(text);
	size_t length;

	for (const char *c = text; *c; c += length) {
		length = utf8_length(c, (size_t)(end - c));
		if (!length)
			ck_abort_msg("no UTF-8: %s", c);
		if (!is_harmless(c))
			ck_abort_msg("control: %s", c);
	}
}

size_t count_lines(const char *start)
{
	size_t count = 0;

	for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL)
		count += !strncmp(line, start, strlen(start));
	return count;
}

const enum verdict hostile_verdicts[3] = {VERDICT_FAIL, VERDICT_SKIP, VERDICT_PASS};
