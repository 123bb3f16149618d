/* SPDX-License-Identifier: MIT */
/* The JUnit report: parsed again by libxml2, and asked by XPath. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"
#include "reports.h"

static xmlDocPtr document;

static void parse(const char *bytes, size_t size)
{
	xmlFreeDoc(document);
	document = xmlReadMemory(bytes, (int)size, "junit.xml", NULL, XML_PARSE_NONET);
	ck_assert_msg(document != NULL, "not well-formed: %s", bytes);
}

/* What an XPath expression gives, as a string. */
static void check_path(const char *path, const char *expected)
{
	xmlXPathContextPtr context = xmlXPathNewContext(document);
	xmlXPathObjectPtr object = xmlXPathEvalExpression(BAD_CAST path, context);
	xmlChar *found;

	ck_assert_msg(object != NULL, "no XPath: %s", path);
	found = xmlXPathCastToString(object);
	ck_assert_msg(!strcmp((char *)found, expected), "%s is '%s' and not '%s'", path,
		      (char *)found, expected);
	xmlFree(found);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
}

#define CASE(name) "/testsuites/testsuite/testcase[@name='" name "']"

static void report(void (*what)(const struct reporter *, struct report_options))
{
	what(&reporter_junit, (struct report_options){.failure_output = OUTPUT_IMMEDIATE});
	parse(text, strlen(text));
}

START_TEST(suites_and_counts)
{
	report(report_all);
	check_path("count(/testsuites/testsuite)", "2");
	check_path("concat(/testsuites/@tests, ' ', /testsuites/@failures, ' ', "
		   "/testsuites/@errors, ' ', /testsuites/@skipped, ' ', /testsuites/@time)",
		   "8 2 3 1 3.500");
	check_path("//testsuite[@name='t']/@tests", "7");
	check_path("//testsuite[@name='t']/@failures", "1");
	check_path("//testsuite[@name='t']/@errors", "3");
	check_path("//testsuite[@name='dir/foreign.sh']/@failures", "1");
	check_path("//testsuite[@name='dir/foreign.sh']/testcase/@name", "foreign.sh");
	check_path("count(//testcase[@classname != ../@name])", "0");
	check_path("//testsuite[1]/properties/property[@name='seed']/@value", "42");
	check_path("//testsuite[1]/properties/property[@name='cloche']/@value", "1.0");
	check_path("//testsuite[2]/properties/property[@name='not-run']/@value", "2");
	check_path("normalize-space(//testsuite[1]/system-err)", "mind the gap");
	check_path("count(//testsuite[2]/system-err)", "0");
}
END_TEST

START_TEST(kinds)
{
	report(report_all);
	check_path("count(" CASE("good") "/*[name() != 'properties'])", "0");
	check_path(CASE("good") "/@assertions", "3");
	check_path(CASE("good") "/@time", "0.100");
	check_path(CASE("later") "/skipped/@message", "not # before Tuesday");
	check_path(CASE("boom") "/error/@type", "crash");
	check_path(CASE("boom") "/error",
		   "killed by SIGSEGV\nSIGSEGV at address 0x0\n  #0 f at t.c:3\n");
	check_path(CASE("slow") "/error/@message", "ran into its deadline of 60 s");
	check_path(CASE("never") "/error/@type", "error");
	check_path("count(" CASE("leaks") "/failure | " CASE("leaks") "/error)", "0");
	check_path(CASE("leaks") "/properties/property[@name='left-behind']/@value",
		   "process: pid 5 sleep 'sleep 1000'");
	check_path(CASE("leaks") "/properties/property[@name='verdict']/@value", "leak");
	check_path(CASE("foreign.sh") "/failure/@type", "limit");
	check_path(CASE("foreign.sh") "/properties/property[@name='limit']/@value", "descriptors");
	check_path(CASE("foreign.sh") "/system-out", "\\xff\\x00 caf\xc3\xa9 \\x1b[2J\nx");
}
END_TEST

#define BAD      CASE("bad (repetition 2)")
#define PROPERTY BAD "/properties/property"

START_TEST(a_failure_in_full)
{
	report(report_all);
	check_path(BAD "/failure/@message",
		   "3 of 40 expectations failed: t.c:7: EXPECT(a, ==, 1): 2 == 1");
	check_path(BAD "/failure", "3 of 40 expectations failed\n"
				   "t.c:7: EXPECT(a, ==, 1)\n2 == 1\n"
				   "t.c:12: EXPECT_STR_EQ(a, b)\n  one\n- two\n+ 2\n... cut\n");
	check_path("substring-before(" BAD "/system-out, '[[')",
		   "begin\n\n... 91 bytes left out, see --output-limit ...\nend\n");
	check_path("substring-after(" BAD "/system-out, '/out/')", "a.1.log]]\n");
	check_path("starts-with(substring-after(" BAD "/system-out, '\n[[ATTACHMENT|'), '/')",
		   "true");
	check_path(BAD "/system-err", "t.c:9: note: half done\n"
				      "attachment big, 7 bytes: not kept\n"
				      "1 more failures, notes and attachments were not kept\n");
	check_path("concat(" BAD "/@file, ':', " BAD "/@line)", "t.c:5");
	check_path(PROPERTY "[@name='isolation']/@value", "user mnt net");
	check_path(PROPERTY "[@name='world.hostname']/@value", "moon");
	check_path(PROPERTY "[@name='world.uptime']/@value", "+2592000");
	check_path(PROPERTY "[@name='usage']/@value",
		   "wall=1.250000 user=1.500000 system=0.000001 max_rss_kib=2048 blocks_read=16 "
		   "blocks_written=8 waits=4 preemptions=2");
	check_path(PROPERTY "[@name='slot']/@value", "0");
}
END_TEST

/* ---- attempts ---- */

static struct outcome first_try = {.native = true,
				   .ended = true,
				   .wall = 1,
				   .out = {.head = (char *)"one", .head_size = 3, .total = 3}},
		      second_try = {.native = true,
				    .ended = true,
				    .wall = 2,
				    .out = {.head = (char *)"two", .head_size = 3, .total = 3}},
		      third_try = {.native = true,
				   .ended = true,
				   .done = true,
				   .wall = 4,
				   .out = {.head = (char *)"three", .head_size = 5, .total = 5}};

static void report_attempts(enum verdict last, bool failure)
{
	const struct case_info *info = &cases[0].info;
	struct case_info ninth = *info; /* what was between is not kept */
	struct result one = {info, VERDICT_FAIL, true, "1 failed", &first_try, NULL},
		      two = {info, VERDICT_CRASH, true, "killed", &second_try, &one},
		      three = {&ninth, last, failure, "the third time", &third_try, &two};

	ninth.attempt = 9;
	report_one(&reporter_junit, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &three);
	parse(text, strlen(text));
}

START_TEST(flaky)
{
	report_attempts(VERDICT_FLAKY, false);
	check_path("count(//testcase)", "1");
	check_path("count(//failure | //error | //rerunFailure | //rerunError)", "0");
	check_path("//testcase/@time", "4.000");
	check_path("//testcase/system-out", "three");
	check_path("//flakyFailure/@message", "1 failed");
	check_path("//flakyFailure/stackTrace", "1 failed\n");
	check_path("//flakyFailure/system-out", "one");
	check_path("//flakyError/@type", "crash");
	check_path("//flakyError/system-out", "two");
	check_path("concat(//testsuite/@failures, //testsuite/@errors)", "00");
	check_path("//property[@name='attempts']/@value", "9");
	check_path("//property[@name='verdict']/@value", "flaky");
}
END_TEST

START_TEST(flaky_as_a_failure)
{
	report_attempts(VERDICT_FLAKY, true);
	check_path("//failure/@type", "flaky");
	check_path("count(//flakyFailure | //flakyError)", "2");
	check_path("//testcase/system-out", "three");
	check_path("//testsuite/@failures", "1");
}
END_TEST

START_TEST(failed_every_time)
{
	report_attempts(VERDICT_TIMEOUT, true);
	check_path("count(//flakyFailure | //flakyError | //rerunFailure)", "0");
	check_path("//failure/@message", "1 failed");
	check_path("//testcase/system-out", "one");
	check_path("//testcase/@time", "1.000");
	check_path("count(//rerunError)", "2");
	check_path("//rerunError[1]/@type", "crash");
	check_path("//rerunError[1]/system-out", "two");
	check_path("//rerunError[2]/@type", "timeout");
	check_path("concat(//testsuite/@failures, //testsuite/@errors)", "10");
}
END_TEST

/* ---- hostile cases ---- */

START_TEST(hostile_junit)
{
	enum verdict verdict = hostile_verdicts[_i];
	struct result result = {&hostile_info, verdict, verdict == VERDICT_FAIL, hostile,
				&hostile_outcome};

	report_one(&reporter_junit, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	check_harmless();
	parse(text, strlen(text));
	check_path("count(//testcase)", "1");
	check_path("count(//testsuite)", "1");
	check_path("count(//failure) + count(//skipped)", verdict == VERDICT_PASS ? "0" : "1");
	check_path("starts-with(//testcase/@name, 'a ok 9 - b')", "true");
	check_path("contains(//testcase/system-out, '\n... 1 bytes left out')", "true");
	check_path("//testsuite/@name = //testcase/@classname", "true");
}
END_TEST

/* Colours between the brackets do not help. */
START_TEST(a_test_names_no_attachments)
{
	char output[] = "[[ATTACHMENT|/etc/shadow]]\n[\033[0m[ATTACHMENT|/etc/passwd]]\n"
			"[[[ATTACHMENT|x]]";
	struct remark said = {.file = "t.c", .text = output, .size = sizeof(output) - 1};
	struct outcome outcome = {
		.native = true,
		.failures = &said,
		.notes = &said,
		.out = {.head = output, .head_size = sizeof(output) - 1, .total = 1}};
	struct result result = {&cases[0].info, VERDICT_FAIL, true, output, &outcome};

	report_one(&reporter_junit, (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
		   &result);
	parse(text, strlen(text));
	check_path("//testcase/system-out", "[ [ATTACHMENT|/etc/shadow]]\n[ [ATTACHMENT|/etc/"
					    "passwd]]\n[[ [ATTACHMENT|x]]");
	check_path("contains(//testcase/system-err, '[[ATTACHMENT')", "false");
	check_path("contains(//testcase/system-err, '[ [ATTACHMENT')", "true");
}
END_TEST

/* Binary output is four times as long when it is shown, and no parser takes 16 million bytes. */
START_TEST(much_output)
{
	size_t size = 8 << 20;
	char *bytes = malloc(size);
	struct outcome outcome = {.out = {.head = bytes, .head_size = size, .total = size}};
	struct result result = {&cases[0].info, VERDICT_PASS, false, "", &outcome};
	int file;
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	void *state = report_begin(&reporter_junit,
				   (struct report_options){.failure_output = OUTPUT_IMMEDIATE},
				   &file, &info);
	struct stat stat;
	char *whole;

	memset(bytes, '\1', size);
	memcpy(bytes + (1 << 20) - 1, "\xc3\xa9", 2); /* across the cut */
	ck_assert_int_eq(reporter_junit.case_ended(state, &result), 0);
	ck_assert_int_eq(reporter_junit.end(state, &(struct run_totals){0}), 0);
	ck_assert_int_eq(fstat(file, &stat), 0);
	whole = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	ck_assert_ptr_ne(whole, MAP_FAILED);
	parse(whole, (size_t)stat.st_size);
	check_path("contains(//system-out, '\\x01\n... 6291457 bytes left out ...\n\\x01')",
		   "true");
	munmap(whole, (size_t)stat.st_size);
	close(file);
	free(bytes);
}
END_TEST

/* One writer has them all, and gives the memory of a large one back. */
START_TEST(a_case_after_a_large_one)
{
	static char bytes[100000];
	struct outcome outcome = {
		.out = {.head = bytes, .head_size = sizeof(bytes), .total = sizeof(bytes)}};
	struct result large = {&cases[1].info, VERDICT_PASS, false, "", &outcome};
	struct result result = result_of(0);
	static const struct run_info info = {1, 3, 1, false, 0, true, "1.0"};
	int file;
	void *state = report_begin(&reporter_junit, (struct report_options){0}, &file, &info);

	memset(bytes, 'x', sizeof(bytes));
	ck_assert_int_eq(reporter_junit.case_ended(state, &result), 0);
	ck_assert_int_eq(reporter_junit.case_ended(state, &large), 0);
	ck_assert_int_eq(reporter_junit.case_ended(state, &result), 0);
	report_end(&reporter_junit, state, file, &(struct run_totals){0});
	parse(text, strlen(text));
	check_path("count(//testcase)", "3");
	check_path("string-length(//testcase[2]/system-out)", "100000");
	check_path("//testcase[3]/@name", "good");
	check_path("count(//testcase[3]/properties/property) = "
		   "count(//testcase[1]/properties/property)",
		   "true");
}
END_TEST

/* ---- files ---- */

static char directory[64], path[128];

static void *begin_file(void)
{
	static const struct run_info info = {1, 3, 1, false, 0, true, "1.0"};
	void *state = NULL;
	struct report_options options = {.file = path};

	strcpy(directory, "/tmp/t_report_junit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/junit.xml", directory);
	options.fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	ck_assert_int_ge(options.fd, 0);
	ck_assert_int_eq(reporter_junit.start(&state, &options, &info), 0);
	return state;
}

static void parse_file(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, text, sizeof(text) - 1);

	ck_assert_int_gt(size, 0);
	text[size] = '\0';
	close(fd);
	parse(text, (size_t)size);
}

/* A run that is killed leaves what has ended, and the file says that it is not all. */
START_TEST(a_file_is_well_formed_all_the_while)
{
	void *state = begin_file();
	struct stat before, after;

	parse_file();
	check_path("count(//testcase)", "0");
	for (size_t i = 0; i < CASES; i++) {
		struct result result = result_of(i);
		char count[16];

		ck_assert_int_eq(reporter_junit.case_ended(state, &result), 0);
		parse_file();
		snprintf(count, sizeof(count), "%zu", i + 1);
		check_path("count(//testcase)", count);
		check_path("count(//testsuite)", "1");
		check_path("//testsuite/@name", "cloche: this run has not ended");
	}
	ck_assert_int_eq(stat(path, &before), 0);
	ck_assert_int_eq(reporter_junit.end(state, &(struct run_totals){.wall = 1}), 0);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_ne(before.st_ino, after.st_ino); /* replaced in one go */
	ck_assert_uint_eq(after.st_mode & 07777, before.st_mode & 07777);
	parse_file();
	check_path("count(//testcase)", "8");
	check_path("count(//testsuite)", "2");
	check_path("count(//testsuite[contains(@name, 'not ended')])", "0");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(directory), 0); /* nothing else is left */
}
END_TEST

/* A link stays one, and what it leads to is the report. */
START_TEST(a_link_is_followed)
{
	static const struct run_info info = {1, 3, 1, false, 0, true, "1.0"};
	struct report_options options = {.file = path};
	struct result result = result_of(0);
	char link[128];
	struct stat stat;
	void *state = begin_file();

	ck_assert_int_eq(reporter_junit.end(state, &(struct run_totals){0}), 0);
	snprintf(link, sizeof(link), "%s/link", directory);
	ck_assert_int_eq(symlink("junit.xml", link), 0);
	options.file = link;
	options.fd = open(link, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ck_assert_int_eq(reporter_junit.start(&state, &options, &info), 0);
	ck_assert_int_eq(reporter_junit.case_ended(state, &result), 0);
	ck_assert_int_eq(reporter_junit.end(state, &(struct run_totals){0}), 0);
	ck_assert_int_eq(lstat(link, &stat), 0);
	ck_assert(S_ISLNK(stat.st_mode));
	parse_file();
	check_path("count(//testcase)", "1");
	unlink(link);
	unlink(path);
	rmdir(directory);
}
END_TEST

/* Nothing of a full disk is in the file but whole cases. */
START_TEST(a_full_disk_leaves_whole_cases)
{
	void *state = begin_file();
	struct result result = result_of(0), large = result_of(1);
	struct rlimit limit = {.rlim_cur = 6000, .rlim_max = RLIM_INFINITY};
	unsigned whole = 0;
	char count[16];
	int error;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	while (!(error = reporter_junit.case_ended(state, whole % 2 ? &large : &result)))
		whole++;
	ck_assert_int_eq(error, -EFBIG);
	ck_assert_int_gt(whole, 1);
	reporter_junit.end(state, &(struct run_totals){0});
	parse_file();
	snprintf(count, sizeof(count), "%u", whole);
	check_path("count(//testcase)", count);
	check_path("//testsuite/@name", "cloche: this run has not ended");
	unlink(path);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

/* What is no file gets all of it at the end. */
START_TEST(a_device_that_is_full_is_told)
{
	static const struct run_info info = {1, 1, 1, false, 0, true, "1.0"};
	struct report_options options = {.fd = open("/dev/full", O_WRONLY | O_CLOEXEC),
					 .file = "/dev/full"};
	struct result result = result_of(1);
	void *state = NULL;

	ck_assert_int_eq(reporter_junit.start(&state, &options, &info), 0);
	ck_assert_int_eq(reporter_junit.case_ended(state, &result), 0);
	ck_assert_int_eq(reporter_junit.end(state, &(struct run_totals){0}), -ENOSPC);
	ck_assert_int_eq(fcntl(options.fd, F_GETFD), -1); /* it closes what it owns */
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, suites_and_counts);
	tcase_add_test(all, kinds);
	tcase_add_test(all, a_failure_in_full);
	tcase_add_test(all, flaky);
	tcase_add_test(all, flaky_as_a_failure);
	tcase_add_test(all, failed_every_time);
	tcase_add_loop_test(all, hostile_junit, 0, 3);
	tcase_add_test(all, a_test_names_no_attachments);
	tcase_add_test(all, much_output);
	tcase_add_test(all, a_case_after_a_large_one);
	tcase_add_test(all, a_file_is_well_formed_all_the_while);
	tcase_add_test(all, a_link_is_followed);
	tcase_add_test(all, a_full_disk_leaves_whole_cases);
	tcase_add_test(all, a_device_that_is_full_is_told);
	return unit_run("report_junit", all);
}
