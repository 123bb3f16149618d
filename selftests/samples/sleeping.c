/* SPDX-License-Identifier: MIT */
/*
 * Fifty cases that do all they can to be alive: trees of processes in sessions of their own,
 * forked twice, deaf to SIGTERM. Each has the marker in its command line, and says so in a file.
 */
#include <cloche.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

extern char **environ;

static void be_deaf(void)
{
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_IGN);
}

/* sleep(1) under a name that the one who looks for us knows; ignored signals stay ignored. */
static _Noreturn void sleep_marked(void)
{
	char *arguments[] = {getenv("MARKER"), "1000", NULL};

	execve("/bin/sleep", arguments, environ);
	_exit(127);
}

static void grow_tree(void)
{
	for (int i = 0; i < 2; i++) {
		if (fork())
			continue;
		setsid();
		if (!fork())
			sleep_marked();
		sleep_marked();
	}
}

static const struct {
	const char *name;
} fifty[] = {
	{"01"}, {"02"}, {"03"}, {"04"}, {"05"}, {"06"}, {"07"}, {"08"}, {"09"}, {"10"},
	{"11"}, {"12"}, {"13"}, {"14"}, {"15"}, {"16"}, {"17"}, {"18"}, {"19"}, {"20"},
	{"21"}, {"22"}, {"23"}, {"24"}, {"25"}, {"26"}, {"27"}, {"28"}, {"29"}, {"30"},
	{"31"}, {"32"}, {"33"}, {"34"}, {"35"}, {"36"}, {"37"}, {"38"}, {"39"}, {"40"},
	{"41"}, {"42"}, {"43"}, {"44"}, {"45"}, {"46"}, {"47"}, {"48"}, {"49"}, {"50"},
};

TEST_EACH(fifty, sleeps, .timeout = 1000)
{
	REQUIRE(getenv("MARKER") != NULL);
	REQUIRE_OK(mount("tmpfs", "/tmp", "tmpfs", 0, "size=64k"));
	be_deaf();
	grow_tree();
	sleep_marked();
}

/* Polite: what SIGTERM is for. */
TEST(sleeps_politely, .timeout = 1000)
{
	REQUIRE(getenv("MARKER") != NULL);
	sleep_marked();
}
