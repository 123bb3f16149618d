/* SPDX-License-Identifier: MIT */
/* ids=full: 65536 ids exist in the cell. */
#define _GNU_SOURCE
#include "outside.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define IDS 65536

/* NAME:FIRST:COUNT in /etc/subuid or /etc/subgid: all but one id come from there. */
static bool are_given(const char *path, const char *name)
{
	char line[256], owner[128];
	unsigned long count;
	bool found = false;
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%127[^:]:%*u:%lu", owner, &count) == 2)
			found |= !strcmp(owner, name) && count >= IDS - 1;
	if (file)
		fclose(file);
	return found;
}

static bool possible;

/* Outside: root of the machine needs nothing, others a range of ids and a program to map it. */
__attribute__((constructor)) static void look_whether_possible(void)
{
	struct passwd *user = getpwuid(geteuid());
	unsigned long count = 0;
	FILE *map = fopen("/proc/self/uid_map", "r");

	if (map && fscanf(map, "%*u %*u %lu", &count) != 1)
		count = 0;
	if (map)
		fclose(map);
	possible = (!geteuid() && count > IDS) ||
		   (user && are_given("/etc/subuid", user->pw_name) &&
		    are_given("/etc/subgid", user->pw_name) && !access("/usr/bin/newuidmap", X_OK));
}

static unsigned long ids_in(const char *path)
{
	unsigned long first, count, sum = 0;
	FILE *map = fopen(path, "r");

	REQUIRE(map != NULL);
	while (fscanf(map, "%lu %*u %lu", &first, &count) == 2) {
		EXPECT(first, ==, sum);
		sum += count;
	}
	fclose(map);
	return sum;
}

/*
 * Without a cell, id 0 is the machine's root. The cases allow for less than all ids so as to say
 * why they cannot run; where all are to be had, less is a failure.
 */
static void need_all_ids(void)
{
	spare_the_machine();
	if (!possible)
		skip("needs 65536 ids: root, or newuidmap and a range in /etc/subuid and subgid");
	REQUIRE(ids_in("/proc/self/uid_map"), ==, (unsigned long)IDS);
	REQUIRE(ids_in("/proc/self/gid_map"), ==, (unsigned long)IDS);
}

static const struct {
	const char *name;
	unsigned id;
} ids[] = {{"first", 1}, {"daemon", 33}, {"person", 1000}, {"nobody", 65534}, {"last", 65535}};

FIXTURE(full, .ids = "full", .allow_missing = "ids")
{
	int fd;
};

TEST_EACH(ids, may_own_files, .ids = "full", .allow_missing = "ids")
{
	struct stat status;
	int fd;

	need_all_ids();
	fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
	EXPECT_OK(fchown(fd, param->id, param->id));
	EXPECT_OK(fstat(fd, &status));
	EXPECT(status.st_uid, ==, param->id);
	EXPECT(status.st_gid, ==, param->id);
}

TEST_EACH(ids, may_be_become, .ids = "full", .allow_missing = "ids")
{
	gid_t group = param->id, found = 0;

	need_all_ids();
	EXPECT_OK(setgroups(1, &group));
	EXPECT(getgroups(1, &found), ==, 1);
	EXPECT(found, ==, param->id);
	EXPECT_OK(setresgid(param->id, param->id, param->id));
	EXPECT_OK(setresuid(param->id, param->id, param->id));
	EXPECT(getuid(), ==, param->id);
	EXPECT_ERRNO(EPERM, setuid(0));
}

SETUP(full)
{
	need_all_ids();
	self->fd = REQUIRE_OK(open("/tmp/a-file", O_WRONLY | O_CREAT, 0600));
}

TEST_IN(full, no_more_exist)
{
	EXPECT_ERRNO(EINVAL, fchown(self->fd, IDS, -1));
	EXPECT_ERRNO(EINVAL, fchown(self->fd, -1, IDS));
}

TEST_IN(full, many_groups)
{
	gid_t groups[32], found[64];

	for (unsigned i = 0; i < 32; i++)
		groups[i] = 1000 + i;
	EXPECT_OK(setgroups(32, groups));
	EXPECT(getgroups(64, found), ==, 32);
}

TEST_IN(full, starts_as_root_without_groups)
{
	gid_t groups[16];

	EXPECT(getuid(), ==, 0u);
	EXPECT(getgid(), ==, 0u);
	EXPECT(getgroups(16, groups), ==, 0);
}

/* All the ids there are, and none of them is the machine's root. */
TEST_IN(full, root_of_the_machine_is_not_among_them)
{
	EXPECT_ERRNO(EACCES, open("/proc/sys/kernel/core_pattern", O_WRONLY));
	EXPECT_ERRNO(EACCES, open("/proc/sys/vm/overcommit_memory", O_WRONLY));
}

TEST_IN(full, files_keep_others_out)
{
	EXPECT_OK(fchown(self->fd, 1000, 1000));
	EXPECT_EXIT(0, {
		EXPECT_OK(setuid(1001));
		EXPECT_ERRNO(EACCES, open("/tmp/a-file", O_RDONLY));
	});
	EXPECT_EXIT(0, {
		EXPECT_OK(setuid(1000));
		EXPECT_OK(open("/tmp/a-file", O_RDONLY));
	});
}

TEST(the_test_is_another, .ids = "full", .user = "33", .allow_missing = "ids")
{
	gid_t groups[16];

	need_all_ids();
	EXPECT(getuid(), ==, 33u);
	EXPECT(getgid(), ==, 33u);
	EXPECT(getgroups(16, groups), ==, 0);
	EXPECT_ERRNO(EPERM, setuid(0));
	EXPECT(system("grep -q '^CapEff:.0000000000000000$' /proc/self/status"), ==, 0);
}

/* The caller is who they are outside, among others, and root of the cell is somebody else. */
TEST(me_among_all, .ids = "full", .user = "me", .allow_missing = "ids")
{
	struct stat status;
	int fd;

	need_all_ids();
	EXPECT(getuid(), ==, outside.uid);
	EXPECT(getgid(), ==, outside.gid);
	fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
	REQUIRE_OK(fstat(fd, &status));
	EXPECT(status.st_uid, ==, outside.uid);
	EXPECT(status.st_gid, ==, outside.gid);
	REQUIRE_OK(stat("/etc/passwd", &status));
	EXPECT(status.st_uid, ==, 0u);
	EXPECT(status.st_gid, ==, 0u);
}

TEST(me_may_do_what_users_may, .ids = "full", .user = "me", .allow_missing = "ids")
{
	int fd;

	need_all_ids();
	fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
	EXPECT_OK(fchown(fd, outside.uid, outside.gid));
	if (!outside.uid) {
		EXPECT_OK(fchown(fd, 1, 1)); /* "me" is root, who may */
		return;
	}
	EXPECT_ERRNO(EPERM, fchown(fd, 0, -1));
	EXPECT_ERRNO(EPERM, fchown(fd, -1, 0));
	EXPECT_ERRNO(EPERM, setuid(0));
	EXPECT_ERRNO(EPERM, setgid(0));
	EXPECT_ERRNO(EPERM, setgroups(0, NULL));
	EXPECT_ERRNO(EACCES, open("/etc/passwd", O_WRONLY));
	EXPECT_ERRNO(EPERM, kill(1, 0));
}
