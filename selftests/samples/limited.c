/* SPDX-License-Identifier: MIT */
/* One case for each limit of a cell, which runs into it. */
#include <cloche.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char block[65536];

static void fill(const char *path)
{
	int fd = REQUIRE_OK(open(path, O_WRONLY | O_CREAT, 0600));

	for (;;)
		REQUIRE_OK(write(fd, block, sizeof(block)));
}

TEST(address_space, .address_space = 200 << 20)
{
	REQUIRE_OK(mmap(NULL, 1 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

TEST(file_size, .file_size = 4096)
{
	fill("/tmp/large");
}

TEST(file_size_ignored, .file_size = 4096)
{
	signal(SIGXFSZ, SIG_IGN);
	fill("/tmp/large");
}

TEST(descriptors, .descriptors = 10)
{
	for (;;)
		if (dup(0) < 0)
			break;
	REQUIRE_OK(dup(0));
}

TEST(processes, .processes = 5)
{
	for (;;) {
		pid_t pid = REQUIRE_OK(fork());

		if (!pid)
			for (;;)
				pause();
	}
}

TEST(cpu, .cpu = 1)
{
	for (volatile unsigned i = 0;; i++)
		;
}

TEST(tmpfs_size, .tmpfs_size = 1 << 20)
{
	fill("/tmp/large");
}

TEST(tmpfs_size_of_dev_shm, .tmpfs_size = 1 << 20)
{
	fill("/dev/shm/large");
}
