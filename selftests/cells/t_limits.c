/* SPDX-License-Identifier: MIT */
/* limits: as asked, and by default such that a runaway ends. */
#define _GNU_SOURCE
#include <cloche.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static rlim_t limit(int resource)
{
	struct rlimit values;

	REQUIRE_OK(getrlimit(resource, &values));
	return values.rlim_cur;
}

TEST(defaults)
{
	EXPECT(limit(RLIMIT_FSIZE), <=, 16ull << 30);
	EXPECT(limit(RLIMIT_NOFILE), <=, 1024u);
	EXPECT(limit(RLIMIT_NPROC), <=, 1024u);
	EXPECT(limit(RLIMIT_CPU), <=, 600u);
	EXPECT(limit(RLIMIT_CORE), ==, 0u);
}

TEST(as_asked, .file_size = 4096, .descriptors = 20, .processes = 30, .cpu = 7)
{
	EXPECT(limit(RLIMIT_FSIZE), ==, 4096u);
	EXPECT(limit(RLIMIT_NOFILE), ==, 20u);
	EXPECT(limit(RLIMIT_NPROC), ==, 30u);
	EXPECT(limit(RLIMIT_CPU), ==, 7u);
}

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
	int fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));

	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
}

TEST(processor_time_ends_in_its_signal, .cpu = 1, .expect_signal = SIGXCPU)
{
	for (volatile unsigned i = 0;; i++)
		;
}

TEST(programs_are_limited_too, .descriptors = 33)
{
	EXPECT(system("[ $(ulimit -n) = 33 ]"), ==, 0);
}

TEST(tmpfs_runs_out, .tmpfs_size = 1 << 20)
{
	static char bytes[65536];
	int fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));

	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	EXPECT(errno, ==, ENOSPC);
}
