/* SPDX-License-Identifier: MIT */
/* user: who the test is inside, and that root inside is nobody outside. */
#define _GNU_SOURCE
#include "outside.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>

/* "CapEff: 00000..." of /proc/self/status. */
static unsigned long long capabilities(const char *set)
{
	unsigned long long value = 0, found = 0;
	char line[256], name[16];
	FILE *file = fopen("/proc/self/status", "r");

	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%15[^:]: %llx", name, &value) == 2 && !strcmp(name, set))
			found = value;
	fclose(file);
	return found;
}

TEST(root_inside)
{
	expect_own(USER);
	EXPECT(getuid(), ==, 0u);
	EXPECT(geteuid(), ==, 0u);
	EXPECT(getgid(), ==, 0u);
	EXPECT(getegid(), ==, 0u);
	EXPECT(capabilities("CapEff"), ==, capabilities("CapBnd"));
	EXPECT(capabilities("CapEff") & 1ull << CAP_SYS_ADMIN);
}

/* The whole of a map: one line, of one id. */
static void expect_one_id(const char *path, unsigned id)
{
	unsigned long map[4] = {0};
	FILE *file = fopen(path, "r");

	REQUIRE(file != NULL);
	EXPECT(fscanf(file, "%lu %lu %lu %lu", &map[0], &map[1], &map[2], &map[3]), ==, 3);
	fclose(file);
	EXPECT(map[0], ==, id);
	EXPECT(map[2], ==, 1u);
}

TEST(one_id_is_mapped)
{
	expect_one_id("/proc/self/uid_map", 0);
	expect_one_id("/proc/self/gid_map", 0);
}

TEST(one_id_is_mapped_for_a_user, .user = "1234")
{
	expect_one_id("/proc/self/uid_map", 1234);
	expect_one_id("/proc/self/gid_map", 1234);
}

TEST(no_other_id_may_own_files)
{
	int fd = REQUIRE_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0600));

	EXPECT_ERRNO(EINVAL, fchown(fd, 1, -1));
	EXPECT_ERRNO(EINVAL, fchown(fd, -1, 1));
	EXPECT_ERRNO(EINVAL, setuid(1));
	EXPECT_ERRNO(EINVAL, setgid(1));
}

/* What belongs to uid 0 of the machine belongs, in a cell, to an id that is not mapped. */
TEST(root_of_the_machine_has_no_id_here)
{
	unsigned overflow = 0;
	struct stat status;
	FILE *file = fopen("/proc/sys/kernel/overflowuid", "r");

	REQUIRE(file != NULL);
	EXPECT(fscanf(file, "%u", &overflow), ==, 1);
	fclose(file);
	REQUIRE_OK(stat("/proc/sys/kernel/core_pattern", &status));
	EXPECT(status.st_uid, ==, overflow);
}

static const struct {
	const char *name;
	const char *path;
} global_sysctls[] = {
	{"core_pattern", "/proc/sys/kernel/core_pattern"},
	{"panic", "/proc/sys/kernel/panic"},
	{"overcommit", "/proc/sys/vm/overcommit_memory"},
	{"drop_caches", "/proc/sys/vm/drop_caches"},
	{"file_max", "/proc/sys/fs/file-max"},
};

/* With uid 0 of the machine behind root of the cell, these could be opened for writing. */
TEST_EACH(global_sysctls, is_not_writable)
{
	EXPECT_ERRNO(EACCES, open(param->path, O_WRONLY));
}

/* Those that the kernel keeps once a namespace, and lets the namespace's root write. */
static const char *const own_sysctls[] = {
	"net/",           "user/",           "fs/mqueue/",   "kernel/sem",
	"kernel/msg",     "kernel/shm",      "kernel/auto_", "kernel/ns_last",
	"kernel/pid_max", "kernel/hostname", "kernel/domain"};

static unsigned sysctl_count;

static int look_at_sysctl(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	const char *name = path + strlen("/proc/sys/");

	(void)status;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	sysctl_count++;
	for (size_t i = 0; i < sizeof(own_sysctls) / sizeof(*own_sysctls); i++)
		if (!strncmp(name, own_sysctls[i], strlen(own_sysctls[i])))
			return 0;
	if (!faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
		fail("root of the cell may write '%s'", path);
	return 0;
}

/* The list above is not all: nothing at all that is the machine's. */
TEST(no_global_sysctl_is_writable)
{
	REQUIRE_OK(nftw("/proc/sys", look_at_sysctl, 16, FTW_PHYS));
	EXPECT(sysctl_count, >, 100u);
}

TEST(own_sysctls_are_writable)
{
	expect_own(USER);
	EXPECT_OK(open("/proc/sys/net/ipv4/ip_forward", O_WRONLY));
	EXPECT_OK(open("/proc/sys/user/max_net_namespaces", O_WRONLY));
}

/* Each of these takes a capability over the machine; none would change anything if it worked. */
TEST(root_has_no_power_over_the_machine)
{
	struct timex clock = {.modes = 0};

	EXPECT_ERRNO(EPERM, mknod("/tmp/null", S_IFCHR | 0600, makedev(1, 3)));
	EXPECT(adjtimex(&clock), >=, 0);
	clock.modes = ADJ_TICK;
	EXPECT_ERRNO(EPERM, adjtimex(&clock));
	EXPECT_ERRNO(EACCES, setpriority(PRIO_PROCESS, 0, -1));
}

static void expect_no_capability(void)
{
	EXPECT(capabilities("CapEff"), ==, 0u);
	EXPECT(capabilities("CapPrm"), ==, 0u);
	EXPECT(capabilities("CapInh"), ==, 0u);
	EXPECT(capabilities("CapAmb"), ==, 0u);
}

TEST(user_by_number, .user = "1234")
{
	EXPECT(getuid(), ==, 1234u);
	EXPECT(geteuid(), ==, 1234u);
	EXPECT(getgid(), ==, 1234u);
	EXPECT(getegid(), ==, 1234u);
	expect_no_capability();
}

/* exec(2) gives back what root has, and a user does not. */
TEST(programs_of_a_user_have_no_capability, .user = "1234")
{
	EXPECT(system("grep -q '^CapEff:.0000000000000000$' /proc/self/status"), ==, 0);
	EXPECT(system("[ $(id -u) = 1234 ] && [ $(id -g) = 1234 ]"), ==, 0);
}

TEST(programs_of_root_have_all)
{
	expect_own(USER);
	EXPECT(system("[ $(sed -n 's/^CapEff:.//p' /proc/self/status) = "
		      "$(sed -n 's/^CapBnd:.//p' /proc/self/status) ]"),
	       ==, 0);
	EXPECT(system("[ $(id -u) = 0 ]"), ==, 0);
}

TEST(user_may_do_what_users_may, .user = "1234")
{
	EXPECT_ERRNO(EPERM, mount("none", "/tmp", "tmpfs", 0, NULL));
	EXPECT_ERRNO(EPERM, umount("/proc"));
	EXPECT_ERRNO(EPERM, chroot("/tmp"));
	EXPECT_ERRNO(EPERM, socket(AF_INET, SOCK_RAW, 1));
	EXPECT_ERRNO(EINVAL, setuid(0)); /* there is no such id */
}

TEST(user_has_a_home, .user = "1234")
{
	int fd = EXPECT_OK(open("/home/user/file", O_WRONLY | O_CREAT, 0644));

	close(fd);
	EXPECT_OK(open("/tmp/file", O_WRONLY | O_CREAT, 0644));
	EXPECT_STR(getenv("HOME"), ==, "/home/user");
	EXPECT_STR(getenv("USER"), ==, "user");
}

TEST(user_me_is_who_runs_it, .user = "me")
{
	expect_own(USER);
	EXPECT(getuid(), ==, outside.uid);
	EXPECT(geteuid(), ==, outside.uid);
	EXPECT(getgid(), ==, outside.gid);
	if (outside.uid)
		expect_no_capability();
	EXPECT_ERRNO(EACCES, open("/proc/sys/kernel/core_pattern", O_WRONLY));
}

TEST(setgroups_is_denied_with_one_id)
{
	gid_t group = 0;

	EXPECT_ERRNO(EPERM, setgroups(1, &group));
}

/* Root of the cell may make user namespaces of its own, as programs that sandbox themselves do. */
TEST(namespaces_nest)
{
	EXPECT(system("unshare --user --map-root-user --mount --pid --fork true"), ==, 0);
}
