/* SPDX-License-Identifier: MIT */
/* root=minimal: what is there, what is writable, and that nothing else is. */
#define _GNU_SOURCE
#include "outside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/magic.h>
#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

TEST(root_is_a_tmpfs)
{
	struct statfs fs;

	REQUIRE_OK(statfs("/", &fs));
	EXPECT(fs.f_type, ==, TMPFS_MAGIC);
	EXPECT(fs.f_blocks * fs.f_bsize, ==, 1ull << 30);
}

TEST(root_is_as_large_as_asked, .tmpfs_size = 3 << 20)
{
	struct statfs fs;

	REQUIRE_OK(statfs("/", &fs));
	EXPECT(fs.f_blocks * fs.f_bsize, ==, 3ull << 20);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted and joined by blanks. */
static void list(const char *path, char *text, size_t size)
{
	char *names[64];
	size_t count = 0, used = 0;
	DIR *dir = opendir(path);

	REQUIRE(dir != NULL);
	for (struct dirent *entry; (entry = readdir(dir)) && count < 64;)
		if (entry->d_name[0] != '.')
			names[count++] = strdup(entry->d_name);
	closedir(dir);
	qsort(names, count, sizeof(*names), compare);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		used += snprintf(text + used, size - used, "%s%s", i ? " " : "", names[i]);
		free(names[i]);
	}
}

TEST(dev_has_just_what_it_should)
{
	char names[1024];

	list("/dev", names, sizeof(names));
	EXPECT_STR(names, ==, "full mqueue null ptmx pts random shm tty urandom zero");
}

static const struct {
	const char *name;
	unsigned major, minor;
} devices[] = {{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
	       {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};

TEST_EACH(devices, device)
{
	struct stat status;

	expect_own(MNT);
	REQUIRE_OK(stat(param->name, &status));
	EXPECT(S_ISCHR(status.st_mode));
	EXPECT(major(status.st_rdev), ==, param->major);
	EXPECT(minor(status.st_rdev), ==, param->minor);
	if (param->minor != 0) /* there is no controlling terminal to open */
		EXPECT_OK(open(param->name, O_RDWR));
}

TEST(devices_work)
{
	unsigned char bytes[4096], zero[4096] = {0};
	int fd = REQUIRE_OK(open("/dev/zero", O_RDONLY));

	expect_own(MNT);
	EXPECT(read(fd, bytes, sizeof(bytes)), ==, (ssize_t)sizeof(bytes));
	EXPECT_MEM(bytes, ==, zero, sizeof(bytes));
	fd = REQUIRE_OK(open("/dev/urandom", O_RDONLY));
	EXPECT(read(fd, bytes, sizeof(bytes)), ==, (ssize_t)sizeof(bytes));
	EXPECT_MEM(bytes, !=, zero, sizeof(bytes));
	fd = REQUIRE_OK(open("/dev/full", O_WRONLY));
	EXPECT_ERRNO(ENOSPC, write(fd, "x", 1));
	fd = REQUIRE_OK(open("/dev/null", O_RDWR));
	EXPECT(write(fd, "x", 1), ==, 1);
	EXPECT(read(fd, bytes, 1), ==, 0);
}

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

/* All of them have the first one. */
TEST_EACH(twins, terminals_are_own)
{
	char name[64];
	int fd = REQUIRE_OK(posix_openpt(O_RDWR | O_NOCTTY));

	EXPECT_OK(unlockpt(fd));
	EXPECT(ptsname_r(fd, name, sizeof(name)), ==, 0);
	EXPECT_STR(name, ==, "/dev/pts/0");
	linger();
	EXPECT_OK(open(name, O_RDWR | O_NOCTTY));
}

static const char *const writable[] = {"/tmp",  "/home",    "/run", "/var",     "/var/tmp", "/etc",
				       "/root", "/dev/shm", "/",    "/run/shm", "/var/run"};

/* Nobody removes what it made: in one world, the second twin would find it. */
TEST_EACH(twins, directories_are_written_for_oneself)
{
	char path[64];

	spare_the_machine();
	for (size_t i = 0; i < sizeof(writable) / sizeof(*writable); i++) {
		snprintf(path, sizeof(path), "%s/file-by-a-twin-%zu", writable[i], i);
		EXPECT_OK(open(path, O_WRONLY | O_CREAT | O_EXCL, 0644));
	}
}

static const struct {
	const char *name;
	const char *content;
	mode_t mode;
} contents[] = {
	{"/tmp", "", 01777},
	{"/home", "", 0755},
	{"/root", "", 0700},
	{"/run", "host shm", 0755},
	{"/run/host", "etc", 0755},
	{"/var", "run tmp", 0755},
	{"/var/tmp", "", 01777},
	{"/dev/shm", "", 01777},
	{"/dev/mqueue", "", 01777},
	{"/etc",
	 "alternatives group hostname hosts ld.so.cache nsswitch.conf passwd protocols resolv.conf "
	 "services ssl",
	 0755},
};

/* With coverage, its data goes to a directory in /run. */
TEST_EACH(contents, has_what_it_should)
{
	char names[1024];
	struct stat status;

	list(param->name, names, sizeof(names));
	/* A sanitized suite's own program is at its path, which may be below /tmp. */
	if (strcmp(names, "cloche host shm") && strcmp(param->name, "/tmp"))
		EXPECT_STR(names, ==, param->content);
	REQUIRE_OK(stat(param->name, &status));
	EXPECT(status.st_mode & 07777, ==, param->mode);
}

static const struct {
	const char *name;
} read_only[] = {{"/usr"}, {"/usr/bin"}, {"/bin"}, {"/lib"}, {"/run/host/etc"}, {"/dev"}};

/* The kernel looks at the mount before it looks for the name: nothing is changed in any case. */
TEST_EACH(read_only, is_read_only)
{
	char path[64];
	struct statvfs fs;

	expect_own(MNT);
	snprintf(path, sizeof(path), "%s/no-such-file", param->name);
	EXPECT_ERRNO(EROFS, unlink(path));
	EXPECT_OK(statvfs(param->name, &fs));
	EXPECT(fs.f_flag & ST_RDONLY);
}

/* A cell that is root may not make it writable again either: the mount is locked. */
TEST(read_only_cannot_be_undone)
{
	spare_the_machine();
	EXPECT_ERRNO(EPERM, mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
}

TEST(old_root_is_gone)
{
	char line[1024];
	FILE *table = fopen("/proc/self/mountinfo", "r");
	unsigned roots = 0;

	REQUIRE(table != NULL);
	while (fgets(line, sizeof(line), table)) {
		char point[256];

		REQUIRE(sscanf(line, "%*d %*d %*s %*s %255s", point), ==, 1);
		roots += !strcmp(point, "/");
		EXPECT(strstr(line, "/lower") == NULL);
	}
	EXPECT(roots, ==, 1u);
	EXPECT_ERRNO(ENOENT, open("/old", O_RDONLY));
	EXPECT_ERRNO(ENOENT, open("/boot", O_RDONLY));
}

TEST(users_agree_with_the_ids)
{
	struct passwd *user = getpwuid(0);
	struct group *group = getgrgid(0);

	expect_own(MNT);
	REQUIRE(user != NULL);
	EXPECT_STR(user->pw_name, ==, "root");
	EXPECT_STR(user->pw_dir, ==, getenv("HOME"));
	REQUIRE(group != NULL);
	EXPECT_STR(group->gr_name, ==, "root");
	EXPECT(getpwnam("nobody") != NULL);
}

TEST(users_agree_with_another_id, .user = "4242")
{
	struct passwd *user = getpwuid(4242);

	REQUIRE(user != NULL);
	EXPECT_STR(user->pw_name, ==, "user");
	EXPECT_STR(user->pw_dir, ==, getenv("HOME"));
	EXPECT(getgrgid(4242) != NULL);
}

TEST(hosts_know_the_host_name, .hostname = "moon")
{
	struct addrinfo *found = NULL;
	char name[65] = "";
	FILE *file = fopen("/etc/hostname", "r");

	EXPECT(getaddrinfo("moon", "80", NULL, &found), ==, 0);
	REQUIRE(found != NULL);
	freeaddrinfo(found);
	REQUIRE(getaddrinfo("localhost", "http", NULL, &found), ==, 0);
	freeaddrinfo(found);
	REQUIRE(file != NULL);
	EXPECT(fscanf(file, "%64s", name), ==, 1);
	fclose(file);
	EXPECT_STR(name, ==, "moon");
	/* Names of elsewhere are not known, and nobody is asked: this returns at once. */
	EXPECT(getaddrinfo("elsewhere.example", NULL, NULL, &found), !=, 0);
}

static void expect_line(const char *path, const char *expected)
{
	char line[256];
	bool found = false;
	FILE *file = fopen(path, "r");

	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file))
		found |= !strcmp(line, expected);
	fclose(file);
	if (!found)
		fail("%s does not say '%s'", path, expected);
}

TEST(names_are_asked_of_files_only)
{
	expect_line("/etc/nsswitch.conf", "hosts: files\n");
	expect_line("/etc/nsswitch.conf", "passwd: files\n");
	expect_line("/etc/resolv.conf", "options attempts:1 timeout:1\n");
	expect_line("/etc/hosts", "127.0.0.1 localhost\n");
	expect_line("/etc/hosts", "127.0.1.1 cloche\n");
}

/* The host name that nobody asked for is known as well. */
TEST(hosts_know_the_default_name)
{
	struct addrinfo *found = NULL;
	char name[65] = "";

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, "cloche");
	expect_own(MNT);
	EXPECT(getaddrinfo(name, "80", NULL, &found), ==, 0);
	REQUIRE(found != NULL);
	freeaddrinfo(found);
}

TEST(proc_shows_the_cell)
{
	char *end;
	DIR *dir = opendir("/proc");
	unsigned processes = 0;

	REQUIRE(dir != NULL);
	for (struct dirent *entry; (entry = readdir(dir));)
		processes += strtoul(entry->d_name, &end, 10) && !*end;
	closedir(dir);
	EXPECT(processes, ==, 2u); /* init and the test */
}

/* Its names, and that they are of this namespace: what is changed here is seen there. */
TEST(sys_shows_the_net_of_the_cell)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_mtu = 1400};
	int fd = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	char names[1024];
	FILE *file;
	int mtu = 0;

	spare_the_machine();
	expect_own(NET);
	list("/sys/class/net", names, sizeof(names));
	EXPECT_STR(names, ==, "lo");
	EXPECT_OK(ioctl(fd, SIOCSIFMTU, &request));
	file = fopen("/sys/class/net/lo/mtu", "r");
	REQUIRE(file != NULL);
	EXPECT(fscanf(file, "%d", &mtu), ==, 1);
	fclose(file);
	EXPECT(mtu, ==, 1400);
}

TEST(programs_run)
{
	expect_own(MNT);
	EXPECT(system("ls / >/dev/null"), ==, 0);
	EXPECT(system("id -un | grep -qx root"), ==, 0);
}
