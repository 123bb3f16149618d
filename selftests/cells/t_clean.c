/* SPDX-License-Identifier: MIT */
/*
 * What a test starts with, and nothing else
 *
 * The suite's program makes a mess before it makes cells: a case that found any of it would show
 * that it was not cleaned up.
 */
#define _GNU_SOURCE
#include "outside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#define KEY_OUTSIDE "cloche-selftest-outside"

/* A descriptor is open, a signal ignored and one blocked, and the session keyring has a key. */
__attribute__((constructor)) static void make_a_mess(void)
{
	sigset_t blocked;

	dup2(0, 77);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	umask(0);
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	syscall(SYS_add_key, "user", KEY_OUTSIDE, "x", 1, KEY_SPEC_SESSION_KEYRING);
}

/* The pipe of the results is out of the way, and the only one. */
TEST(descriptors)
{
	int first = REQUIRE_OK(open("/dev/null", O_RDONLY));
	unsigned count = 0;
	DIR *dir = opendir("/proc/self/fd");

	EXPECT(first, ==, 3);
	REQUIRE(dir != NULL);
	while (readdir(dir))
		count++;
	closedir(dir);
	EXPECT(count, ==, 2u + 3 + 1 + 2); /* . and .., 0 to 2, the pipe, ours and the directory */
	EXPECT(read(0, &first, 1), ==, 0); /* /dev/null */
}

TEST(signals)
{
	struct sigaction action;
	sigset_t mask, none;

	sigemptyset(&none);
	EXPECT_OK(sigprocmask(SIG_SETMASK, NULL, &mask));
	EXPECT_MEM(&mask, ==, &none, sizeof(unsigned long));
	for (int signal = 1; signal < NSIG; signal++) {
		if (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE ||
		    signal == SIGABRT || signal == SIGTRAP || signal == SIGSYS)
			continue; /* cloche's own, which report a crash */
		if (sigaction(signal, NULL, &action))
			continue; /* glibc's own */
		EXPECT(action.sa_handler == SIG_DFL);
	}
}

static const struct {
	const char *name;
	const char *pattern; /* a line of /proc/self/status */
} signal_sets[] = {{"ignored", "^SigIgn:.0000000000000000$"},
		   {"caught", "^SigCgt:.0000000000000000$"},
		   {"blocked", "^SigBlk:.0000000000000000$"}};

/*
 * Of programs, everything: the handlers that report a crash are gone with exec(2). Not by
 * system(3), which lets glibc's internal signals be ignored in what it starts.
 */
TEST_EACH(signal_sets, are_empty_in_programs)
{
	char command[128];

	snprintf(command, sizeof(command), "cat /proc/self/status | grep -q '%s'", param->pattern);
	EXPECT_EXIT(0, execl("/bin/sh", "sh", "-c", command, (char *)NULL));
}

TEST(descriptors_of_programs)
{
	EXPECT(system("[ $(ls /proc/self/fd | wc -l) = 4 ]"), ==, 0); /* 0 to 2, and the list */
}

TEST(umask_is_022)
{
	EXPECT(umask(0), ==, 022u);
}

TEST(session_and_terminal)
{
	EXPECT(getsid(0), ==, getpid());
	EXPECT(getpgrp(), ==, getpid());
	EXPECT_ERRNO(ENXIO, open("/dev/tty", O_RDWR));
	EXPECT(system("[ $(cut -d' ' -f7 /proc/self/stat) = 0 ]"), ==, 0); /* tty_nr */
}

TEST(environment)
{
	EXPECT_STR(getenv("TZ"), ==, "UTC");
	EXPECT_STR(getenv("TEST_TMPDIR"), ==, "/tmp");
	EXPECT_STR(getenv("TMPDIR"), ==, "/tmp");
	EXPECT_STR(getenv("HOME"), ==, "/root");
	EXPECT_STR(getenv("USER"), ==, "root");
	EXPECT(getenv("PATH") != NULL);
	EXPECT(getenv("CLOCHE") != NULL);
	EXPECT(getenv("LD_BIND_NOW") == NULL);
	EXPECT(getenv("SUDO_USER") == NULL);
	EXPECT(getenv("SSH_AUTH_SOCK") == NULL);
}

/* What a test may find: what says how programs are found and how they print, and cloche's own. */
static bool is_expected(const char *variable)
{
	static const char *const names[] = {"PATH=",
					    "LANG=",
					    "LANGUAGE=",
					    "LC_",
					    "TERM=",
					    "COLORTERM=",
					    "SHELL=",
					    "LD_LIBRARY_PATH=",
					    "HOME=",
					    "USER=",
					    "LOGNAME=",
					    "TZ=UTC",
					    "TEST_TMPDIR=",
					    "TMPDIR=",
					    "CLOCHE",
					    "ASAN_OPTIONS=",
					    "LSAN_OPTIONS=",
					    "MSAN_OPTIONS=",
					    "TSAN_OPTIONS=",
					    "UBSAN_OPTIONS=",
					    "GCOV_",
					    "LLVM_PROFILE",
					    "ASAN_SYMBOLIZER_PATH="};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(variable, names[i], strlen(names[i])))
			return true;
	return false;
}

TEST(environment_has_nothing_else)
{
	for (char **variable = environ; *variable; variable++)
		if (!is_expected(*variable))
			fail("there is '%.*s'", (int)strcspn(*variable, "="), *variable);
}

TEST(environment_as_asked, .env = "ONE=1\nTWO=a b=c")
{
	EXPECT_STR(getenv("ONE"), ==, "1");
	EXPECT_STR(getenv("TWO"), ==, "a b=c");
	EXPECT_OK(setenv("THREE", "3", 1));
	EXPECT_STR(getenv("THREE"), ==, "3");
	EXPECT_OK(unsetenv("ONE"));
	EXPECT(getenv("ONE") == NULL);
}

TEST(working_directory)
{
	char path[64];

	EXPECT_STR(getcwd(path, sizeof(path)), ==, "/tmp");
}

TEST(working_directory_as_asked, .cwd = "/var")
{
	char path[64];

	EXPECT_STR(getcwd(path, sizeof(path)), ==, "/var");
}

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

/* A key put into the session keyring by one case is not there in the other, and neither is the one
 * that the suite's program has outside. */
TEST_EACH(twins, session_keyring_is_own)
{
	long found = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			     "cloche-selftest", 0);

	if (found < 0 && errno == ENOSYS)
		skip("this kernel has no keys");
	EXPECT(found, ==, -1);
	EXPECT(errno, ==, ENOKEY);
	EXPECT_ERRNO(ENOKEY, syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
				     KEY_OUTSIDE, 0));
	found = syscall(SYS_add_key, "user", "cloche-selftest", "x", 1, KEY_SPEC_SESSION_KEYRING);
	EXPECT(found > 0 || errno == EDQUOT); /* the quota is shared by all cells of a user */
}

/*
 * Other cells of the caller are the same user to the kernel, and would see it in /proc/keys, and
 * read which keys it has: nobody may who does not possess it, keyctl_setperm(3).
 */
TEST(session_keyring_is_not_for_others)
{
	char text[256] = "";
	long size = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text,
			    sizeof(text) - 1);

	if (size < 0 && errno == ENOSYS)
		skip("this kernel has no keys");
	REQUIRE_OK(size);
	EXPECT(strstr(text, ";3f000000;") != NULL);
	note("%s", text); /* type, uid, gid, permissions, name */
}
