/* SPDX-License-Identifier: MIT */
/*
 * The sentence for a step that failed, with its cure last. Only here is the machine asked why, and
 * only when something failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "explain.h"
#include "keeper.h"

#ifndef SYSCTLS /* t_explain.c has some of its own */
#define SYSCTLS "/proc/sys"
#endif

/* The number that a sysctl holds, or `fallback` where there is none. */
static long sysctl_number(const char *name, long fallback)
{
	char path[PATH_MAX];
	file_close FILE *file = NULL;
	long value;

	snprintf(path, sizeof(path), "%s/%s", SYSCTLS, name);
	file = fopen(path, "re");
	return file && fscanf(file, "%ld", &value) == 1 ? value : fallback;
}

/*
 * ENOSPC: one of the limits on namespaces was hit, and the kernel does not say which. When they are
 * not all alike, as they are by default, it was the lowest.
 */
static const char *count_cure(void)
{
	static char sentence[192];
	const char *lowest = NULL;
	long least = LONG_MAX, most = -1;

	for (size_t i = 0; i < NAMESPACES; i++) {
		char name[64];
		long value;

		snprintf(name, sizeof(name), "user/max_%s_namespaces", namespace_names[i]);
		value = sysctl_number(name, LONG_MAX);
		if (value == LONG_MAX)
			continue;
		if (value < least) {
			least = value;
			lowest = namespace_names[i];
		}
		most = value > most ? value : most;
	}
	if (!lowest || least == most)
		return "too many namespaces exist, or they are nested too deep; raise the sysctls "
		       "user.max_*_namespaces, or lower -j";
	snprintf(sentence, sizeof(sentence),
		 least ? "too many %s namespaces exist; raise the sysctl user.max_%s_namespaces, "
			 "or lower -j"
		       : "%s namespaces are off on this machine; as root: sysctl "
			 "user.max_%s_namespaces=10000",
		 lowest, lowest);
	return sentence;
}

/* Why are user namespaces refused? */
static const char *userns_cure(int error)
{
	if (!sysctl_number("kernel/unprivileged_userns_clone", 1))
		return "user namespaces are off for ordinary users here; as root: sysctl "
		       "kernel.unprivileged_userns_clone=1";
	if (error == ENOSPC || error == EUSERS)
		return count_cure();
	if (sysctl_number("kernel/apparmor_restrict_unprivileged_userns", 0))
		return "AppArmor restricts user namespaces here; as root: sysctl "
		       "kernel.apparmor_restrict_unprivileged_userns=0, or give cloche an AppArmor "
		       "profile with the rule 'userns,'";
	if (error == EINVAL)
		return "this kernel lacks one of the namespaces; cloche needs Linux 6.1 or newer "
		       "with "
		       "all of them";
	return "a container's seccomp filter or security policy forbids namespaces; start it with "
	       "--security-opt seccomp=unconfined (Docker, Podman) and without a no-namespaces "
	       "policy";
}

static const char *limit_cure(void)
{
	return "the machine is out of processes or memory; lower -j, or raise 'ulimit -u'";
}

/* What whoever runs it named wrongly, asked too much of, or killed, is no lack of isolation. */
static bool is_lack(const struct failed_step *failed)
{
	static const struct {
		const char *fixture, *step; /* NULL: any */
		int error;                  /* 0: any */
	} others[] = {
		{"exec", NULL, 0},
		{"zygote", NULL, 0},
		{"session", NULL, 0},
		{"limits", NULL, EPERM}, /* more than the caller's hard limit */
		{"time", NULL, ERANGE},  /* before 0, or past the kernel's bound */
		{"root", "find the prepared directory", 0},
		{"root", "find the tree to be shown", 0},
		{"root", "read the tree to be shown", 0},
		{"cell", "send its world", 0},
		{"case", NULL, 0},
	};

	if (failed->error == EFBIG) /* RLIMIT_FSIZE of the caller */
		return false;
	/* keyctl(2) is refused; a quota that is used up is no lack. */
	if (!strcmp(failed->step, "join a session keyring"))
		return failed->error != EDQUOT;
	/* The tmpfs that was asked for is too small; mounts have a limit of the machine's. */
	if (!strcmp(failed->fixture, "root") && failed->error == ENOSPC)
		return !strncmp(failed->step, "mount", 5);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(failed->fixture, others[i].fixture) &&
		    (!others[i].step || !strcmp(failed->step, others[i].step)) &&
		    (!others[i].error || failed->error == others[i].error))
			return false;
	return true;
}

static const char *own_cure(const struct failed_step *failed, bool *ret_missing)
{
	bool namespaces = !strcmp(failed->fixture, "stage") || !strcmp(failed->step, "clone") ||
			  !strcmp(failed->step, "unshare");
	bool files = !strncmp(failed->step, "copy", 4) || !strncmp(failed->step, "put", 3);

	*ret_missing = namespaces || is_lack(failed);
	if (!strcmp(failed->fixture, "zygote"))
		return "the suite's program died; it may not be killed, and must not use threads "
		       "before "
		       "main";
	if (failed->error == EAGAIN || failed->error == ENOMEM)
		return limit_cure();
	if (failed->error == EMFILE)
		return "the caller's limit on descriptors is too low; raise it: ulimit -n 1024";
	if (failed->error == EFBIG)
		return CURE_FILE_SIZE;
	if (failed->error == ENOSYS && (files || !namespaces))
		return "this kernel does not have it, or a container's seccomp filter hides it; "
		       "cloche needs Linux 6.1 or newer, and --security-opt seccomp=unconfined "
		       "(Docker, Podman)";
	if (files)
		return "this is about the files of the machine, not about its kernel; use "
		       "--root=minimal if that is enough";
	if (namespaces)
		return userns_cure(failed->error);
	if (*ret_missing && (failed->error == EPERM || failed->error == EACCES))
		return "a container's seccomp filter or security policy forbids it; start it with "
		       "--security-opt seccomp=unconfined (Docker, Podman) and without that policy";
	return NULL;
}

/* What was to be run is no part of cloche: whoever named it sees to it. */
static const char *exec_cure(const struct failed_step *failed)
{
	if (failed->error == ENOEXEC)
		return "; it is for another architecture, or cut off: build it for this machine";
	if (failed->error == ENOENT && strstr(failed->step, "interpreter"))
		return "; what a script's first line names, or the loader of a program, is to be "
		       "in the cell, too";
	return "";
}

void explain_failed(const struct failed_step *failed, char *buffer, size_t size, bool *ret_missing)
{
	const struct fixture *fixture = fixture_find(failed->fixture);
	const char *cure = NULL, *name = strerrorname_np(failed->error);
	const char *general = own_cure(failed, ret_missing);

	if (fixture && fixture->explain)
		cure = fixture->explain(failed);
	if (!cure)
		cure = general;
	if (!strcmp(failed->fixture, "exec"))
		snprintf(buffer, size, "cannot %s: %s (%s)%s", failed->step,
			 strerror(failed->error), name ? name : "?", exec_cure(failed));
	else
		snprintf(buffer, size, "%s: cannot %s: %s (%s)%s%s", failed->fixture, failed->step,
			 strerror(failed->error), name ? name : "?", cure ? "; " : "",
			 cure ? cure : "");
}
