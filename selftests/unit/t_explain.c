/* SPDX-License-Identifier: MIT */
/* From a failed step to a sentence with its cure, and whether it is isolation that is missing. */
#define _GNU_SOURCE
#include <sys/stat.h>

#include "unit.h"

static char sysctls[64]; /* a directory that stands for /proc/sys */
#define SYSCTLS sysctls
#include "../../runner/explain.c"

struct sentence {
	struct failed_step failed;
	bool missing;
	const char *sentence;
};

static void check(const struct sentence *expected)
{
	char sentence[2048];
	bool missing = !expected->missing;

	explain_failed(&expected->failed, sentence, sizeof(sentence), &missing);
	ck_assert_str_eq(sentence, expected->sentence);
	ck_assert_int_eq(missing, expected->missing);
}

/* What no sysctl has a say in. */
static const struct sentence sentences[] = {
	{{"exec", "find the program", ENOENT},
	 false,
	 "cannot find the program: No such file or directory (ENOENT)"},
	{{"exec", "find the program's interpreter", ENOENT},
	 false,
	 "cannot find the program's interpreter: No such file or directory (ENOENT); what a "
	 "script's first line names, or the loader of a program, is to be in the cell, too"},
	{{"exec", "execute the program", ENOEXEC},
	 false,
	 "cannot execute the program: Exec format error (ENOEXEC); it is for another architecture, "
	 "or cut off: build it for this machine"},
	{{"exec", "execute the program", EACCES},
	 false,
	 "cannot execute the program: Permission denied (EACCES)"},
	{{"zygote", "make a cell", EPIPE},
	 false,
	 "zygote: cannot make a cell: Broken pipe (EPIPE); the suite's program died; it may not be "
	 "killed, and must not use threads before main"},
	{{"cell", "clone", EAGAIN},
	 true,
	 "cell: cannot clone: Resource temporarily unavailable (EAGAIN); the machine is out of "
	 "processes or memory; lower -j, or raise 'ulimit -u'"},
	{{"cell", "fork the test", ENOMEM},
	 true,
	 "cell: cannot fork the test: Cannot allocate memory (ENOMEM); the machine is out of "
	 "processes or memory; lower -j, or raise 'ulimit -u'"},
	{{"root", "read the tree to be shown", EMFILE},
	 false,
	 "root: cannot read the tree to be shown: Too many open files (EMFILE); the caller's limit "
	 "on descriptors is too low; raise it: ulimit -n 1024"},
	{{"root", "read the tree to be shown", EFBIG},
	 false,
	 "root: cannot read the tree to be shown: File too large (EFBIG); the caller's limit on "
	 "the "
	 "size of files is too low; raise it: ulimit -f unlimited"},
	{{"root", "write /etc/hosts", EFBIG},
	 false,
	 "root: cannot write /etc/hosts: File too large (EFBIG); the caller's limit on the size of "
	 "files is too low; raise it: ulimit -f unlimited"},
	{{"cell", "send its world", E2BIG},
	 false,
	 "cell: cannot send its world: Argument list too long (E2BIG)"},
	{{"root", "copy /etc", EACCES},
	 true,
	 "root: cannot copy /etc: Permission denied (EACCES); this is about the files of the "
	 "machine, not about its kernel; use --root=minimal if that is enough"},
	{{"stage", "put a file in its place", ENOENT},
	 true,
	 "stage: cannot put a file in its place: No such file or directory (ENOENT); this is about "
	 "the files of the machine, not about its kernel; use --root=minimal if that is enough"},
	{{"stage", "copy the system directories", ENOSYS},
	 true,
	 "stage: cannot copy the system directories: Function not implemented (ENOSYS); this "
	 "kernel "
	 "does not have it, or a container's seccomp filter hides it; cloche needs Linux 6.1 or "
	 "newer, and --security-opt seccomp=unconfined (Docker, Podman)"},
	{{"cell", "clone", EPERM},
	 true,
	 "cell: cannot clone: Operation not permitted (EPERM); a container's seccomp filter or "
	 "security policy forbids namespaces; start it with --security-opt seccomp=unconfined "
	 "(Docker, Podman) and without a no-namespaces policy"},
	{{"cgroup", "unshare", EINVAL},
	 true,
	 "cgroup: cannot unshare: Invalid argument (EINVAL); this kernel lacks one of the "
	 "namespaces; cloche needs Linux 6.1 or newer with all of them"},
	/* of the fixtures */
	{{"limits", "set the limit descriptors", EPERM},
	 false,
	 "limits: cannot set the limit descriptors: Operation not permitted (EPERM); ask for less, "
	 "or raise the hard limit of the shell that starts cloche ('ulimit -H')"},
	{{"time", "write timens_offsets", ERANGE},
	 false,
	 "time: cannot write timens_offsets: Numerical result out of range (ERANGE); a clock "
	 "cannot "
	 "be set to before 0 nor past 146 years; a shift counts from the machine's own clock: make "
	 "it smaller, or ask for a time since boot, as 0 or 497d"},
	{{"time", "write timens_offsets", EPERM},
	 true,
	 "time: cannot write timens_offsets: Operation not permitted (EPERM); a container's "
	 "seccomp "
	 "filter or security policy forbids it; start it with --security-opt seccomp=unconfined "
	 "(Docker, Podman) and without that policy"},
	{{"user", "write the full map", EPERM},
	 true,
	 "user: cannot write the full map: Operation not permitted (EPERM); start cloche as root, "
	 "or "
	 "give yourself 65536 subordinate ids with 'usermod --add-subuids 100000-165535 "
	 "--add-subgids 100000-165535 NAME' and install newuidmap (package uidmap)"},
	{{"net", "unshare", ENOSPC},
	 true,
	 "net: cannot unshare: No space left on device (ENOSPC); raise the sysctl "
	 "user.max_net_namespaces, or run fewer cells at once with -j; the kernel takes ended ones "
	 "down with a delay"},
	{{"session", "enter the working directory", EACCES},
	 false,
	 "session: cannot enter the working directory: Permission denied (EACCES); give another "
	 "one "
	 "with --cwd, or make it readable for the user of the cell"},
	{{"session", "join a session keyring", EDQUOT},
	 false,
	 "session: cannot join a session keyring: Disk quota exceeded (EDQUOT); raise the sysctl "
	 "kernel.keys.maxkeys, or run fewer cells at once with -j"},
	{{"session", "join a session keyring", EPERM},
	 true,
	 "session: cannot join a session keyring: Operation not permitted (EPERM); a container's "
	 "seccomp filter forbids keyctl(2): start it with --security-opt seccomp=unconfined "
	 "(Docker, Podman), or let cases do without with --allow-missing=keyring"},
	{{"root", "mount /proc", EPERM},
	 true,
	 "root: cannot mount /proc: Operation not permitted (EPERM); a container covers parts of "
	 "its "
	 "/proc: start it with --security-opt systempaths=unconfined (Docker, Podman), or let "
	 "cases "
	 "do without with --allow-missing=proc"},
	{{"root", "write /etc", ENOSPC},
	 false,
	 "root: cannot write /etc: No space left on device (ENOSPC); what every cell has in its "
	 "root "
	 "does not fit in the tmpfs; ask for a larger tmpfs-size (64K is enough)"},
	{{"root", "mount /sys", ENOSPC},
	 true,
	 "root: cannot mount /sys: No space left on device "
	 "(ENOSPC)"},
	{{"root", "mount an overlay", ENODEV},
	 true,
	 "root: cannot mount an overlay: No such device (ENODEV); this kernel has no overlayfs "
	 "(CONFIG_OVERLAY_FS): as root 'modprobe overlay', or use --root=minimal"},
	{{"root", "mount an overlay", EPERM},
	 true,
	 "root: cannot mount an overlay: Operation not permitted (EPERM); a security policy keeps "
	 "overlayfs from user namespaces; allow it for cloche, or use --root=minimal"},
	{{"root", "mount an overlay", EINVAL},
	 true,
	 "root: cannot mount an overlay: Invalid argument (EINVAL); overlays cannot lie on "
	 "overlays "
	 "of overlays, as in a cell in a container: use --root=minimal, or work in a directory "
	 "that "
	 "is a file system of another kind, such as a volume of the container"},
	{{"root", "read the tree to be shown", ENOENT},
	 false,
	 "root: cannot read the tree to be shown: No such file or directory (ENOENT); the "
	 "directory "
	 "was there and has gone; prepare it again, for instance with debootstrap"},
	{{"root", "read the tree to be shown", EACCES},
	 false,
	 "root: cannot read the tree to be shown: Permission denied (EACCES); make the directory "
	 "readable for the user who runs cloche, or start it as root"},
	{{"root", "find the prepared directory", E2BIG},
	 false,
	 "root: cannot find the prepared directory: Argument list too long (E2BIG); the machine "
	 "has "
	 "more mounts, or the run more trees, than a cell can show; unmount some, or use "
	 "--root=minimal"},
	{{"uts", "sethostname", EPERM},
	 true,
	 "uts: cannot sethostname: Operation not permitted (EPERM); a container's seccomp filter "
	 "or security policy forbids it; start it with --security-opt seccomp=unconfined (Docker, "
	 "Podman) and without that policy"},
	/* no cure is known */
	{{"root", "pivot_root", 9999}, true, "root: cannot pivot_root: Unknown error 9999 (?)"},
};

START_TEST(steps)
{
	check(&sentences[_i]);
}
END_TEST

static void set_sysctl(const char *name, long value)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", sysctls, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%ld\n", value);
	fclose(file);
}

static void set_limits(long value)
{
	for (size_t i = 0; i < NAMESPACES; i++) {
		char name[64];

		snprintf(name, sizeof(name), "user/max_%s_namespaces", namespace_names[i]);
		set_sysctl(name, value);
	}
}

#define FULL                                                                                       \
	{                                                                                          \
		"stage", "make a user namespace", ENOSPC                                           \
	}
#define WHERE "stage: cannot make a user namespace: No space left on device (ENOSPC); "

START_TEST(numbers_of_namespaces)
{
	/* Nothing is known about them, or they are all alike. */
	check(&(struct sentence){FULL, true,
				 WHERE "too many namespaces exist, or they are nested too deep; "
				       "raise the sysctls user.max_*_namespaces, or lower -j"});
	set_limits(63000);
	check(&(struct sentence){FULL, true,
				 WHERE "too many namespaces exist, or they are nested too deep; "
				       "raise the sysctls user.max_*_namespaces, or lower -j"});
	set_sysctl("user/max_ipc_namespaces", 20);
	check(&(struct sentence){FULL, true,
				 WHERE "too many ipc namespaces exist; raise the sysctl "
				       "user.max_ipc_namespaces, or lower -j"});
	set_sysctl("user/max_user_namespaces", 0);
	check(&(struct sentence){FULL, true,
				 WHERE "user namespaces are off on this machine; as root: sysctl "
				       "user.max_user_namespaces=10000"});
	/* EUSERS: older kernels' word for it */
	check(&(struct sentence){{"cell", "clone", EUSERS},
				 true,
				 "cell: cannot clone: Too many users (EUSERS); user namespaces are "
				 "off on this machine; as root: sysctl "
				 "user.max_user_namespaces=10000"});
}
END_TEST

START_TEST(policies)
{
	const struct failed_step refused = {"stage", "make a user namespace", EPERM};

	set_sysctl("kernel/apparmor_restrict_unprivileged_userns", 1);
	check(&(struct sentence){
		refused, true,
		"stage: cannot make a user namespace: Operation not permitted (EPERM); AppArmor "
		"restricts user namespaces here; as root: sysctl "
		"kernel.apparmor_restrict_unprivileged_userns=0, or give cloche an AppArmor "
		"profile "
		"with the rule 'userns,'"});
	set_sysctl("kernel/unprivileged_userns_clone", 0);
	check(&(struct sentence){
		refused, true,
		"stage: cannot make a user namespace: Operation not permitted (EPERM); user "
		"namespaces are off for ordinary users here; as root: sysctl "
		"kernel.unprivileged_userns_clone=1"});
	set_sysctl("kernel/unprivileged_userns_clone", 1);
	set_sysctl("kernel/apparmor_restrict_unprivileged_userns", 0);
	check(&(struct sentence){
		refused, true,
		"stage: cannot make a user namespace: Operation not permitted (EPERM); a "
		"container's seccomp filter or security policy forbids namespaces; start it with "
		"--security-opt seccomp=unconfined (Docker, Podman) and without a no-namespaces "
		"policy"});
}
END_TEST

static void begin(void)
{
	char path[PATH_MAX];

	strcpy(sysctls, "/tmp/cloche-sysctls-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(sysctls));
	snprintf(path, sizeof(path), "%s/user", sysctls);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/kernel", sysctls);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", sysctls);
	ck_assert_int_eq(system(command), 0);
}

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, begin, end);
	tcase_add_loop_test(all, steps, 0, sizeof(sentences) / sizeof(*sentences));
	tcase_add_test(all, numbers_of_namespaces);
	tcase_add_test(all, policies);
	return unit_run("explain", all);
}
