/* SPDX-License-Identifier: MIT */
/* user: who the test is inside, and that root inside is nobody outside. */
#define _GNU_SOURCE
#include <cloche.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_map(const char *path, unsigned long map[3])
{
	FILE *file = fopen(path, "r");

	REQUIRE(file != NULL);
	REQUIRE(fscanf(file, "%lu %lu %lu", &map[0], &map[1], &map[2]), ==, 3);
	fclose(file);
}

static unsigned long long effective_capabilities(void)
{
	unsigned long long set = 0;
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %llx", &set) == 1)
			break;
	fclose(file);
	return set;
}

TEST(root_inside)
{
	EXPECT(getuid(), ==, 0u);
	EXPECT(geteuid(), ==, 0u);
	EXPECT(getgid(), ==, 0u);
	EXPECT(effective_capabilities(), !=, 0u);
}

TEST(one_id_is_mapped)
{
	unsigned long map[3];

	read_map("/proc/self/uid_map", map);
	EXPECT(map[0], ==, 0u);
	EXPECT(map[2], ==, 1u);
	read_map("/proc/self/gid_map", map);
	EXPECT(map[0], ==, 0u);
	EXPECT(map[2], ==, 1u);
}

static const struct {
	const char *name;
	const char *path;
} global_sysctls[] = {
	{"core_pattern", "/proc/sys/kernel/core_pattern"},
	{"panic", "/proc/sys/kernel/panic"},
	{"overcommit", "/proc/sys/vm/overcommit_memory"},
	{"file_max", "/proc/sys/fs/file-max"},
};

/* With uid 0 of the machine behind root of the cell, these could be opened for writing. */
TEST_EACH(global_sysctls, is_not_writable)
{
	EXPECT_ERRNO(EACCES, open(param->path, O_WRONLY));
}

TEST(own_sysctls_are_writable)
{
	EXPECT_OK(open("/proc/sys/net/ipv4/ip_forward", O_WRONLY));
}

TEST(user_by_number, .user = "1234")
{
	EXPECT(getuid(), ==, 1234u);
	EXPECT(geteuid(), ==, 1234u);
	EXPECT(getgid(), ==, 1234u);
	EXPECT(effective_capabilities(), ==, 0u);
	EXPECT_ERRNO(EPERM, sethostname("x", 1));
}

TEST(user_has_a_home, .user = "1234")
{
	int fd = EXPECT_OK(open("/home/user/file", O_WRONLY | O_CREAT, 0644));

	close(fd);
	EXPECT_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0644));
}

TEST(user_me_has_no_capability_unless_root, .user = "me")
{
	if (getuid())
		EXPECT(effective_capabilities(), ==, 0u);
	else
		EXPECT(effective_capabilities(), !=, 0u);
}

TEST(setgroups_is_denied_with_one_id)
{
	gid_t group = 0;

	EXPECT_ERRNO(EPERM, setgroups(1, &group));
}
