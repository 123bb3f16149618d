/* SPDX-License-Identifier: MIT */
/* limits: as asked, and by default such that a runaway ends. */
#define _GNU_SOURCE
#include "outside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* `asked` is what the case below asks for; the CPU's hard limit is a second later than its signal.
 */
static const struct {
	const char *name;
	int resource;
	rlim_t fallback, asked;
	unsigned hard_later;
	const char *line; /* of /proc/self/limits */
} limits[] = {
	{"file_size", RLIMIT_FSIZE, 16ull << 30, 4096, 0, "Max file size"},
	{"descriptors", RLIMIT_NOFILE, 1024, 20, 0, "Max open files"},
	{"processes", RLIMIT_NPROC, 1024, 30, 0, "Max processes"},
	{"cpu", RLIMIT_CPU, 600, 7, 1, "Max cpu time"},
};

/* The default, where whoever runs the suite is not allowed less. */
static rlim_t at_most(rlim_t value, int resource)
{
	rlim_t hard = outside.limits[resource].rlim_max;

	return value < hard ? value : hard;
}

static void expect_limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit found;

	REQUIRE_OK(getrlimit(resource, &found));
	EXPECT(found.rlim_cur, ==, soft);
	EXPECT(found.rlim_max, ==, hard);
}

/* What a program started by the test has, as the kernel prints it. */
static void expect_limit_of_programs(const char *name, rlim_t soft)
{
	FILE *programs = popen("cat /proc/self/limits", "r");
	unsigned long long found = 0;
	char line[256];

	REQUIRE(programs != NULL);
	while (fgets(line, sizeof(line), programs))
		if (!strncmp(line, name, strlen(name)))
			EXPECT(sscanf(line + strlen(name), "%llu", &found), ==, 1);
	EXPECT(pclose(programs), ==, 0);
	EXPECT(found, ==, soft);
}

TEST_EACH(limits, by_default)
{
	rlim_t soft = at_most(param->fallback, param->resource);
	rlim_t hard = at_most(param->fallback + param->hard_later, param->resource);

	expect_limit(param->resource, soft, hard);
	expect_limit_of_programs(param->line, soft);
}

TEST_EACH(limits, as_asked, .file_size = 4096, .descriptors = 20, .processes = 30, .cpu = 7)
{
	expect_limit(param->resource, param->asked, param->asked + param->hard_later);
	expect_limit_of_programs(param->line, param->asked);
}

/* By 1, which also ends what core_pattern pipes to a program; 0 does not, core(5). */
TEST(no_core_is_dumped)
{
	rlim_t none = at_most(1, RLIMIT_CORE);

	expect_limit(RLIMIT_CORE, none, none);
	EXPECT_EXIT(0, expect_limit(RLIMIT_CORE, none, none)); /* whose crash may be expected */
}

/* Not even root of the cell may have more than what it was given. */
TEST(may_not_be_raised, .descriptors = 20)
{
	struct rlimit more = {21, 21};

	EXPECT_ERRNO(EPERM, setrlimit(RLIMIT_NOFILE, &more));
}

#if !SANITIZED /* which reserve terabytes */
TEST(address_space_by_default)
{
	rlim_t space = at_most(8ull << 30, RLIMIT_AS);

	expect_limit(RLIMIT_AS, space, space);
	expect_limit_of_programs("Max address space", space);
	EXPECT_ERRNO(ENOMEM, mmap(NULL, 9ull << 30, PROT_READ,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
}

TEST(address_space_as_asked, .address_space = 256 << 20)
{
	void *memory;

	expect_limit(RLIMIT_AS, 256 << 20, 256 << 20);
	expect_limit_of_programs("Max address space", 256 << 20);
	EXPECT_ERRNO(ENOMEM, mmap(NULL, 256 << 20, PROT_READ,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
	memory = EXPECT_OK(malloc(1 << 20));
	free(memory);
}
#endif

TEST(descriptors_run_out, .descriptors = 20)
{
	int fd, last = 0;

	while ((fd = dup(0)) >= 0)
		last = fd;
	EXPECT(errno, ==, EMFILE);
	EXPECT(last, ==, 19);
	close(last); /* leak checkers want one, too */
	close(last - 1);
}

TEST(processes_run_out, .processes = 10)
{
	unsigned count = 0;
	pid_t child;

	expect_own(PID);
	REQUIRE(getpid(), ==, 2); /* before all that is seen is killed */
	while ((child = fork()) > 0)
		count++;
	if (!child)
		for (;;)
			pause();
	EXPECT(errno, ==, EAGAIN);
	EXPECT(count, ==, 8u); /* init and the test count, too */
	kill(-1, SIGKILL);
	while (wait(NULL) > 0)
		;
}

TEST(file_size_ends_in_its_signal, .file_size = 4096, .expect_signal = SIGXFSZ)
{
	char bytes[8192] = "";
	int fd;

	spare_the_machine();
	fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
}

TEST(processor_time_ends_in_its_signal, .cpu = 1, .expect_signal = SIGXCPU)
{
	for (volatile unsigned i = 0;; i++)
		;
}

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}};

/* Every twin has its own count, though all of them are the same user outside. */
TEST_EACH(twins, processes_are_counted_by_cell, .processes = 10)
{
	pid_t children[16];
	unsigned count = 0;

	spare_the_machine();
	while (count < 7) {
		pid_t child = REQUIRE_OK(fork());

		if (!child)
			for (;;)
				pause();
		children[count++] = child;
	}
	linger();
	while (count--) {
		EXPECT_OK(kill(children[count], SIGKILL));
		EXPECT_OK(waitpid(children[count], NULL, 0));
	}
}

TEST(tmpfs_runs_out, .tmpfs_size = 1 << 20)
{
	static char bytes[65536];
	int fd;

	spare_the_machine();
	fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	EXPECT(errno, ==, ENOSPC);
}
