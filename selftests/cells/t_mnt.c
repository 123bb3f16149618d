/* SPDX-License-Identifier: MIT */
/*
 * mnt: the case may mount what it likes, and nobody else sees it
 *
 * Nobody unmounts what it mounted: in one world, the second of two twins would find it.
 */
#define _GNU_SOURCE
#include "outside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

TEST_EACH(twins, mounts_are_for_oneself)
{
	int fd;

	spare_the_machine();
	expect_own(MNT);
	EXPECT_ERRNO(ENOENT, open("/home/a-file", O_RDONLY));
	REQUIRE_OK(mount("tmpfs", "/home", "tmpfs", 0, NULL));
	fd = EXPECT_OK(open("/home/a-file", O_WRONLY | O_CREAT | O_EXCL, 0644));
	EXPECT(write(fd, param->name, 1), ==, 1);
	linger();
	close(fd);
	EXPECT_OK(umount("/home"));
	EXPECT_ERRNO(ENOENT, open("/home/a-file", O_RDONLY));
	EXPECT_OK(mount("/tmp", "/home", NULL, MS_BIND, NULL)); /* and stays */
	EXPECT_OK(open("/tmp/a-file", O_WRONLY | O_CREAT | O_EXCL, 0644));
	EXPECT_OK(open("/home/a-file", O_RDONLY));
}

/* The system's directories are read-only, and can still be covered. */
TEST_EACH(twins, programs_are_covered_for_oneself)
{
	spare_the_machine();
	expect_own(MNT);
	EXPECT_OK(open("/usr/bin/env", O_RDONLY));
	REQUIRE_OK(mount("tmpfs", "/usr/bin", "tmpfs", 0, NULL));
	EXPECT_ERRNO(ENOENT, open("/usr/bin/env", O_RDONLY));
	linger();
}

/* Each of these is in the table of a cell, and nothing else is. */
static bool is_expected(const char *point)
{
	static const char *const points[] = {
		"/",           "/proc",       "/sys",         "/dev",     "/dev/null", "/dev/zero",
		"/dev/full",   "/dev/random", "/dev/urandom", "/dev/tty", "/dev/pts",  "/dev/shm",
		"/dev/mqueue", "/usr",        "/bin",         "/sbin",    "/lib",      "/lib32",
		"/lib64",      "/libx32",     "/run/host/etc"};
	static const char program[] = "/t_mnt", coverage[] = "/run/cloche/";
	size_t size = strlen(point);

	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
		if (!strcmp(point, points[i]))
			return true;
	if (!strncmp(point, "/usr/", 5)) /* where the machine has mounted something there */
		return true;
	/* Under sanitizers and with coverage: the suite's own program, and where its data goes. */
	return (size > strlen(program) && !strcmp(point + size - strlen(program), program)) ||
	       !strncmp(point, coverage, strlen(coverage));
}

/* A mount that is shared, or a slave, has a peer in another namespace: mount_namespaces(7). */
TEST(table_has_what_it_should)
{
	char line[2048], point[1024];
	FILE *table = fopen("/proc/self/mountinfo", "r");

	expect_own(MNT);
	REQUIRE(table != NULL);
	while (fgets(line, sizeof(line), table)) {
		REQUIRE(sscanf(line, "%*d %*d %*s %*s %1023s", point), ==, 1);
		if (!is_expected(point))
			fail("'%s' is mounted", point);
		if (strstr(line, " shared:") || strstr(line, " master:"))
			fail("'%s' has peers elsewhere", point);
	}
	fclose(table);
}

static const struct {
	const char *name;
	const char *data;
} types[] = {{"tmpfs", "size=1m"},      {"proc", NULL}, {"sysfs", NULL}, {"mqueue", NULL},
	     {"devpts", "newinstance"}, {"ramfs", NULL}};

TEST_EACH(types, can_be_mounted)
{
	spare_the_machine();
	expect_own(MNT);
	REQUIRE_OK(mkdir("/tmp/place", 0755));
	EXPECT_OK(mount(param->name, "/tmp/place", param->name, 0, param->data));
}

/* As `ip netns exec` does it. */
TEST(sysfs_can_be_replaced)
{
	spare_the_machine();
	expect_own(MNT);
	REQUIRE_OK(unshare(CLONE_NEWNET | CLONE_NEWNS));
	REQUIRE_OK(umount2("/sys", MNT_DETACH));
	REQUIRE_OK(mount("other", "/sys", "sysfs", 0, NULL));
	EXPECT_OK(access("/sys/class/net/lo", F_OK));
}

TEST(overlays_can_be_mounted)
{
	spare_the_machine();
	expect_own(MNT);
	REQUIRE_OK(mkdir("/tmp/upper", 0755));
	REQUIRE_OK(mkdir("/tmp/work", 0755));
	REQUIRE_OK(mkdir("/tmp/merged", 0755));
	if (mount("overlay", "/tmp/merged", "overlay", 0,
		  "lowerdir=/usr,upperdir=/tmp/upper,workdir=/tmp/work,userxattr")) {
		REQUIRE(errno, ==, ENODEV);
		skip("this kernel has no overlayfs");
	}
	EXPECT_OK(open("/tmp/merged/bin/env", O_RDONLY));
	EXPECT_OK(open("/tmp/merged/a-file", O_WRONLY | O_CREAT | O_EXCL, 0644));
	EXPECT_OK(open("/tmp/upper/a-file", O_RDONLY));
}

/* Programs mount, too, and see what the test mounted. */
TEST(programs_share_the_mounts)
{
	spare_the_machine();
	expect_own(MNT);
	REQUIRE_OK(mount("tmpfs", "/home", "tmpfs", 0, NULL));
	EXPECT(system("grep -q ' /home tmpfs ' /proc/self/mounts"), ==, 0);
	EXPECT(system("umount /home"), ==, 0);
	EXPECT_ERRNO(EINVAL, umount("/home"));
}

TEST(may_leave_its_root)
{
	spare_the_machine();
	expect_own(MNT);
	REQUIRE_OK(mkdir("/tmp/root", 0755));
	EXPECT_EXIT(0, {
		REQUIRE_OK(chroot("/tmp/root"));
		REQUIRE_OK(chdir("/"));
		EXPECT_ERRNO(ENOENT, open("/usr", O_RDONLY));
	});
	EXPECT_OK(open("/usr", O_RDONLY));
}
