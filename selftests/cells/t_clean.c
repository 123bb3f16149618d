/* SPDX-License-Identifier: MIT */
/* What a test starts with, and nothing else. */
#define _GNU_SOURCE
#include <cloche.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

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

TEST(umask_is_022)
{
	EXPECT(umask(0), ==, 022u);
}

TEST(session_and_terminal)
{
	EXPECT(getsid(0), ==, getpid());
	EXPECT(getpgrp(), ==, getpid());
	EXPECT_ERRNO(ENXIO, open("/dev/tty", O_RDWR));
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

/* A key put into the session keyring by one case is not there in the other, and neither is the
 * caller's. */
static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}};

TEST_EACH(twins, session_keyring_is_own)
{
	long found = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			     "cloche-selftest", 0);

	if (found < 0 && errno == ENOSYS)
		skip("this kernel has no keys");
	EXPECT(found, ==, -1);
	EXPECT(errno, ==, ENOKEY);
	found = syscall(SYS_add_key, "user", "cloche-selftest", "x", 1, KEY_SPEC_SESSION_KEYRING);
	EXPECT(found > 0 || errno == EDQUOT); /* the quota is shared by all cells of a user */
}
