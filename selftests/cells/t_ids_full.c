/* SPDX-License-Identifier: MIT */
/* ids=full: 65536 ids exist in the cell. */
#define _GNU_SOURCE
#include <cloche.h>

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned id;
} ids[] = {{"first", 1}, {"daemon", 33}, {"person", 1000}, {"nobody", 65534}, {"last", 65535}};

TEST_EACH(ids, may_own_files, .ids = "full")
{
	struct stat status;
	int fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));

	EXPECT_OK(fchown(fd, param->id, param->id));
	EXPECT_OK(fstat(fd, &status));
	EXPECT(status.st_uid, ==, param->id);
	EXPECT(status.st_gid, ==, param->id);
}

TEST_EACH(ids, may_be_become, .ids = "full")
{
	gid_t group = param->id;

	EXPECT_OK(setgroups(1, &group));
	EXPECT_OK(setresgid(param->id, param->id, param->id));
	EXPECT_OK(setresuid(param->id, param->id, param->id));
	EXPECT(getuid(), ==, param->id);
}

TEST(the_test_is_another, .ids = "full", .user = "33")
{
	gid_t groups[16];

	EXPECT(getuid(), ==, 33u);
	EXPECT(getgid(), ==, 33u);
	EXPECT(getgroups(16, groups), ==, 0);
}
