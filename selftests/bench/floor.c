/* SPDX-License-Identifier: MIT */
/*
 * floor.c: the raw floor, what a cell costs without cloche
 *
 * A bare program that does what a cell of root=minimal cannot do without, and nothing else: clone3
 * with the namespaces, id maps, a fresh tmpfs root with /usr /etc /proc /sys /dev in it,
 * pivot_root, loopback up, exit. Its time per cell is what bench.sh compares everything with.
 *
 * The launcher enters a mount namespace of its own first, a tmpfs with the few trees that cells
 * copy, because a mount namespace costs by the mount. A cell is one process: the test that an
 * init would fork is left out.
 *
 *   floor [-n CELLS] [-j IN_FLIGHT] [-w LAUNCHERS] [-q] [VARIANTS]
 *   -N       clone3 makes the network namespace, too, and not the cell itself
 *   -U       as root: no user namespace around the launcher, it only gives up its uid
 *   -M       cells use the new mount API (open_tree, move_mount) for copies
 *   -d FORM  device nodes: one (a mount with real nodes, root only), tree (one recursive copy
 *            of a mount with six mounts on it), six (six copies into the cell's own /dev)
 *   -x STEP  leave a step out, may be repeated: net lo ids mnt root usr etc proc sys dev pts
 *            mqueue shm pivot time ipc uts cgroup pid user
 *   -f       fork and reap only (all of the above left out)
 *   -q       print "MICROSECONDS CELLS_PER_SECOND" only
 *   -s       print the rate of each thousand, and what the kernel's slab grew by
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/sched.h>

/* As root: the unprivileged id that cells are outside. */
#define OUTSIDE_ID 0x70000000u

#define ALL_NAMESPACES                                                                             \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	 CLONE_NEWCGROUP | CLONE_NEWTIME)

enum device_form {
	DEVICES_ONE,
	DEVICES_TREE,
	DEVICES_SIX,
};

enum step {
	STEP_LO = 1,
	STEP_IDS = 2,
	STEP_ROOT = 4,
	STEP_USR = 8,
	STEP_ETC = 16,
	STEP_PROC = 32,
	STEP_SYS = 64,
	STEP_DEV = 128,
	STEP_PTS = 256,
	STEP_MQUEUE = 512,
	STEP_SHM = 1024,
	STEP_PIVOT = 2048,
};

static struct {
	unsigned cells, in_flight, launchers;
	uint64_t namespaces;
	unsigned steps;
	enum device_form devices;
	bool devices_chosen;
	bool net_by_clone, no_userns, new_api, quiet, series;
	bool as_root;
} floor_options = {
	.cells = 1000,
	.in_flight = 1,
	.launchers = 1,
	.namespaces = ALL_NAMESPACES,
	.steps = ~0u,
};

static const struct {
	const char *name;
	unsigned major_number, minor_number;
} devices[] = {
	{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
	{"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

#define DEVICE_COUNT (sizeof(devices) / sizeof(*devices))

static void must(bool ok, const char *what)
{
	if (!ok) {
		warn("%s", what);
		_exit(1);
	}
}

static bool wants(enum step step)
{
	return floor_options.steps & step;
}

/* The launcher: a small tree of its own */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static void map_ids(unsigned outside_uid, unsigned outside_gid)
{
	char map[32];

	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", outside_uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", outside_gid);
	write_file("/proc/self/gid_map", map);
}

static void copy_mount(const char *from, const char *to, unsigned long flags)
{
	must(!mount(from, to, NULL, MS_BIND | flags, NULL), from);
}

static void template_device(const char *base, size_t i)
{
	char from[64], to[64];

	snprintf(from, sizeof(from), "/dev/%s", devices[i].name);
	snprintf(to, sizeof(to), "%s/dev/%s", base, devices[i].name);
	if (floor_options.devices == DEVICES_ONE) {
		must(!mknod(to, S_IFCHR | 0666,
			    makedev(devices[i].major_number, devices[i].minor_number)),
		     to);
		return;
	}
	must(!mknod(to, S_IFREG | 0666, 0), to);
	copy_mount(from, to, 0);
}

static void template_dev(const char *base)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/dev", base);
	must(!mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755"), "mount /dev");
	for (size_t i = 0; i < DEVICE_COUNT; i++)
		template_device(base, i);
	must(!chdir(path), path);
	must(!mkdir("pts", 0755) && !mkdir("mqueue", 0755), "make directories in /dev");
	must(!symlink("pts/ptmx", "ptmx") && !symlink("/run/shm", "shm"), "make links in /dev");
	must(!mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC,
		    NULL),
	     "make /dev read-only");
}

/* /proc and /sys must be visible for the kernel to allow fresh ones in the cells. */
static void template_tree(void)
{
	static const char base[] = "/tmp";
	static const char *const made[] = {"usr", "etc", "dev", "proc", "sys", "cell"};

	must(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make mounts private");
	must(!mount("tmpfs", base, "tmpfs", 0, "mode=755"), "mount the template");
	must(!chdir(base), base);
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		must(!mkdir(made[i], 0755), made[i]);
	copy_mount("/usr", "usr", MS_REC);
	copy_mount("/etc", "etc", MS_REC);
	must(!mount(NULL, "usr", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "usr read-only");
	must(!mount(NULL, "etc", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "etc read-only");
	copy_mount("/proc", "proc", MS_REC);
	must(!mount("sysfs", "sys", "sysfs", 0, NULL), "mount /sys");
	template_dev(base);
	must(!chdir(base), base);
	must(!syscall(SYS_pivot_root, ".", ".") && !umount2(".", MNT_DETACH) && !chdir("/"),
	     "enter the template");
}

/*
 * As root the device nodes are made while the tmpfs still belongs to the machine's user namespace:
 * nodes of any other tmpfs do not open. Only then does the launcher give up being root.
 */
static void launcher_enter(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (!floor_options.as_root) {
		must(!unshare(CLONE_NEWUSER), "make a user namespace");
		map_ids(uid, gid);
	}
	must(!unshare(CLONE_NEWNS | CLONE_NEWNET), "make a mount namespace");
	template_tree();
	if (!floor_options.as_root)
		return;
	must(!setresgid(OUTSIDE_ID, OUTSIDE_ID, OUTSIDE_ID) &&
		     !setresuid(OUTSIDE_ID, OUTSIDE_ID, OUTSIDE_ID),
	     "give up root");
	must(!prctl(PR_SET_DUMPABLE, 1), "become dumpable");
	if (floor_options.no_userns)
		return;
	must(!unshare(CLONE_NEWUSER), "make a user namespace");
	map_ids(OUTSIDE_ID, OUTSIDE_ID);
}

/* The cell */

/* With a launcher that has denied setgroups(2), its cells have it denied from birth. */
static void cell_ids(void)
{
	bool inside = !floor_options.as_root || !floor_options.no_userns;
	const char *map = inside ? "0 0 1" : "0 1879048192 1";

	_Static_assert(OUTSIDE_ID == 1879048192, "as in the map");
	if (!inside)
		write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", map);
	write_file("/proc/self/gid_map", map);
}

static void cell_lo(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &request), "bring up lo");
	close(fd);
}

static void cell_copy(const char *from, const char *to, unsigned long flags)
{
	int fd;

	if (!floor_options.new_api) {
		copy_mount(from, to, flags);
		return;
	}
	fd = open_tree(AT_FDCWD, from,
		       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (flags & MS_REC ? AT_RECURSIVE : 0));
	must(fd >= 0 && !move_mount(fd, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH), from);
	close(fd);
}

static void cell_devices(void)
{
	char from[32];

	if (floor_options.devices != DEVICES_SIX) {
		cell_copy("/dev", "dev", floor_options.devices == DEVICES_TREE ? MS_REC : 0);
		return;
	}
	for (size_t i = 0; i < DEVICE_COUNT; i++) {
		snprintf(from, sizeof(from), "/dev/%s", devices[i].name);
		must(!mknod(from + 1, S_IFREG | 0666, 0), from);
		cell_copy(from, from + 1, 0);
	}
	must(!mkdir("dev/pts", 0755) && !mkdir("dev/mqueue", 0755), "make directories in /dev");
	must(!symlink("pts/ptmx", "dev/ptmx") && !symlink("/run/shm", "dev/shm"), "make links");
}

static void cell_dev(void)
{
	if (wants(STEP_DEV))
		cell_devices();
	if (wants(STEP_PTS))
		must(!mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
			    "newinstance,ptmxmode=0666,mode=620"),
		     "mount devpts");
	if (wants(STEP_MQUEUE))
		must(!mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			    NULL),
		     "mount mqueue");
}

static void cell_directories(void)
{
	static const char *const made[] = {"usr",      "etc",          "proc",   "sys",  "dev",
					   "tmp",      "home",         "run",    "root", "var",
					   "run/host", "run/host/etc", "run/shm"};

	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		must(!mkdir(made[i], 0755), made[i]);
	must(!symlink("usr/bin", "bin") && !symlink("usr/lib", "lib") &&
		     !symlink("usr/lib64", "lib64") && !symlink("usr/sbin", "sbin"),
	     "make links");
}

static void cell_root(void)
{
	must(!mount("tmpfs", "/cell", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1g"),
	     "mount the root");
	must(!chdir("/cell"), "/cell");
	cell_directories();
	if (wants(STEP_USR))
		cell_copy("/usr", "usr", 0);
	if (wants(STEP_ETC))
		cell_copy("/etc", "run/host/etc", 0);
	cell_dev();
	if (wants(STEP_SHM))
		must(!mount("tmpfs", "run/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"),
		     "mount /dev/shm");
	if (wants(STEP_PROC))
		must(!mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
		     "mount /proc");
	if (wants(STEP_SYS))
		must(!mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
			    NULL),
		     "mount /sys");
	if (wants(STEP_PIVOT))
		must(!syscall(SYS_pivot_root, ".", ".") && !umount2(".", MNT_DETACH) && !chdir("/"),
		     "enter the root");
}

static void cell_main(void)
{
	uint64_t namespaces = floor_options.namespaces;

	if (namespaces & CLONE_NEWNET && !floor_options.net_by_clone)
		must(!unshare(CLONE_NEWNET), "make a network namespace");
	if (namespaces & CLONE_NEWUSER && wants(STEP_IDS))
		cell_ids();
	if (namespaces & CLONE_NEWNET && wants(STEP_LO))
		cell_lo();
	if (namespaces & CLONE_NEWNS && wants(STEP_ROOT))
		cell_root();
	_exit(0);
}

/* The loop */

static pid_t launch(void)
{
	struct clone_args args = {.flags = floor_options.namespaces, .exit_signal = SIGCHLD};
	pid_t pid;

	if (!floor_options.net_by_clone)
		args.flags &= ~(uint64_t)CLONE_NEWNET;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	must(pid >= 0, "clone3");
	if (!pid)
		cell_main();
	return pid;
}

static void reap(void)
{
	int status;

	must(waitpid(-1, &status, 0) > 0, "waitpid");
	if (status)
		errx(1, "a cell ended with status 0x%x", status);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run_cells(unsigned cells, unsigned in_flight)
{
	double start = now();
	unsigned running = 0;

	for (unsigned started = 0; started < cells; started++) {
		if (running == in_flight)
			reap();
		else
			running++;
		launch();
		if (floor_options.series && started % 1000 == 999) {
			fprintf(stderr, "%u %.0f\n", started + 1, 1000 / (now() - start));
			start = now();
		}
	}
	while (running--)
		reap();
}

static void run_launcher(unsigned index, int ready, int go)
{
	unsigned launchers = floor_options.launchers;
	unsigned cells =
		floor_options.cells / launchers + (index < floor_options.cells % launchers);
	unsigned in_flight = floor_options.in_flight / launchers;
	char byte = 0;

	launcher_enter();
	run_cells(8, 1);
	must(write(ready, &byte, 1) == 1 && !close(ready) && read(go, &byte, 1) == 0, "start");
	run_cells(cells, in_flight ? in_flight : 1);
	_exit(0);
}

/* All launchers build their trees first, and start at once: "go" is an end of file. */
static double run_all(void)
{
	int ready[2], go[2];
	double start;
	char byte;

	must(!pipe2(ready, O_CLOEXEC) && !pipe2(go, O_CLOEXEC), "pipe");
	for (unsigned i = 0; i < floor_options.launchers; i++) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (!pid) {
			close(go[1]);
			run_launcher(i, ready[1], go[0]);
		}
	}
	close(ready[1]);
	for (unsigned i = 0; i < floor_options.launchers; i++)
		if (read(ready[0], &byte, 1) != 1)
			errx(1, "a launcher could not set up");
	start = now();
	close(go[1]);
	for (unsigned i = 0; i < floor_options.launchers; i++)
		reap();
	return now() - start;
}

/* The command line */

static void leave_out(const char *name)
{
	static const struct {
		const char *name;
		uint64_t namespace;
		unsigned step;
	} rows[] = {
		{"user", CLONE_NEWUSER, 0},
		{"mnt", CLONE_NEWNS, 0},
		{"pid", CLONE_NEWPID, 0},
		{"net", CLONE_NEWNET, STEP_SYS},
		{"ipc", CLONE_NEWIPC, STEP_MQUEUE},
		{"uts", CLONE_NEWUTS, 0},
		{"cgroup", CLONE_NEWCGROUP, 0},
		{"time", CLONE_NEWTIME, 0},
		{"lo", 0, STEP_LO},
		{"ids", 0, STEP_IDS},
		{"root", 0, STEP_ROOT},
		{"usr", 0, STEP_USR},
		{"etc", 0, STEP_ETC},
		{"proc", 0, STEP_PROC},
		{"sys", 0, STEP_SYS},
		{"dev", 0, STEP_DEV | STEP_PTS | STEP_MQUEUE},
		{"pts", 0, STEP_PTS},
		{"mqueue", 0, STEP_MQUEUE},
		{"shm", 0, STEP_SHM},
		{"pivot", 0, STEP_PIVOT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name)) {
			floor_options.namespaces &= ~rows[i].namespace;
			floor_options.steps &= ~rows[i].step;
			return;
		}
	errx(2, "no step '%s'", name);
}

static void choose_devices(const char *form)
{
	floor_options.devices_chosen = true;
	if (!strcmp(form, "one"))
		floor_options.devices = DEVICES_ONE;
	else if (!strcmp(form, "tree"))
		floor_options.devices = DEVICES_TREE;
	else if (!strcmp(form, "six"))
		floor_options.devices = DEVICES_SIX;
	else
		errx(2, "no form '%s'", form);
}

static unsigned number(const char *text)
{
	int value = atoi(text);

	if (value < 1)
		errx(2, "not a number from 1: '%s'", text);
	return (unsigned)value;
}

static void take_option(int option)
{
	switch (option) {
	case 'n':
		floor_options.cells = number(optarg);
		break;
	case 'j':
		floor_options.in_flight = number(optarg);
		break;
	case 'w':
		floor_options.launchers = number(optarg);
		break;
	case 'N':
		floor_options.net_by_clone = true;
		break;
	case 'U':
		floor_options.no_userns = true;
		break;
	case 'M':
		floor_options.new_api = true;
		break;
	case 'd':
		choose_devices(optarg);
		break;
	case 'x':
		leave_out(optarg);
		break;
	case 'f':
		floor_options.namespaces = 0;
		break;
	case 'q':
		floor_options.quiet = true;
		break;
	case 's':
		floor_options.series = true;
		break;
	default:
		errx(2, "usage: floor [-n CELLS] [-j IN_FLIGHT] [-w LAUNCHERS] [-NUMfqs] "
			"[-d one|tree|six] [-x STEP]...");
	}
}

int main(int argc, char **argv)
{
	double elapsed;
	int option;

	floor_options.as_root = !geteuid();
	while ((option = getopt(argc, argv, "n:j:w:NUMd:x:fqs")) != -1)
		take_option(option);
	if (floor_options.launchers > floor_options.in_flight)
		floor_options.launchers = floor_options.in_flight;
	if (!floor_options.devices_chosen)
		floor_options.devices = floor_options.as_root ? DEVICES_ONE : DEVICES_TREE;
	elapsed = run_all();
	printf(floor_options.quiet ? "%.1f %.0f\n" : "%.1f us per cell, %.0f cells per second\n",
	       elapsed * 1e6 / floor_options.cells, floor_options.cells / elapsed);
	return 0;
}
