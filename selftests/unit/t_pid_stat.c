/* SPDX-License-Identifier: MIT */
/* Which processes are on their way out, by what /proc/PID/stat says. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pid_stat.h"
#include "unit.h"

/* state, flags, pending signals and exit code, in their places among the others */
#define STAT(name, state, flags, pending, code)                                                    \
	"42 (" name ") " state " 1 42 42 0 -1 " flags " 91 0 0 0 0 0 0 0 20 0 1 0 8127 2371584 "   \
	"144 18446744073709551615 1 1 0 0 0 " pending                                              \
	" 0 0 0 1 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 " code "\n"

static const struct {
	const char *stat;
	bool dying, killed;
} rows[] = {
	{STAT("sleep", "S", "4194304", "0", "0"), false, false},
	{STAT("spin", "R", "4194304", "0", "0"), false, false},
	{STAT("stuck", "D", "4194304", "0", "0"), false, false},
	/* SIGTERM is pending, and waits */
	{STAT("stopped", "T", "4194304", "16384", "19"), false, false},
	{STAT("traced", "t", "4194304", "0", "5"), false, false},
	{STAT("zombie", "Z", "4227084", "0", "0"), true, false},
	{STAT("zombie that failed", "Z", "4227084", "0", "256"), true, false},
	{STAT("dead", "X", "4227084", "0", "0"), true, false},
	{STAT("exits", "R", "4194308", "0", "0"), true, false},
	{STAT("killed", "R", "4194304", "256", "9"), true, true},
	{STAT("killed", "S", "4194304", "16640", "9"), true, true},
	{STAT("between", "R", "4194304", "0", "9"), false, true},
	{STAT("a) Z 1 (b", "S", "4194304", "0", "0"), false, false},
	{STAT("a) S 1 (b", "Z", "4194304", "0", "0"), true, false},
	{"", true, true},
	{"42 (sleep", true, true},
	{"42 (sleep) S 1 42", true, true},
};

START_TEST(lines)
{
	ck_assert_int_eq(pid_stat_is_dying(rows[_i].stat), rows[_i].dying);
	ck_assert_int_eq(pid_stat_is_killed(rows[_i].stat), rows[_i].killed);
}
END_TEST

static bool is_dying(pid_t pid)
{
	char path[64], stat[1024] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	stat[fread(stat, 1, sizeof(stat) - 1, file)] = '\0';
	fclose(file);
	return pid_stat_is_killed(stat) || pid_stat_is_dying(stat);
}

/* The fields are where this kernel has them. A process is dying from when it is killed. */
START_TEST(this_kernel)
{
	siginfo_t info;
	pid_t child;

	ck_assert(!is_dying(getpid()));
	for (int i = 0; i < 1000; i++) {
		child = fork();
		ck_assert_int_ge(child, 0);
		if (!child)
			for (;;)
				pause();
		ck_assert(!is_dying(child));
		kill(child, SIGKILL);
		ck_assert(is_dying(child));
		ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
		ck_assert(is_dying(child));
		waitpid(child, NULL, 0);
	}
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, lines, 0, sizeof(rows) / sizeof(*rows));
	tcase_add_test(all, this_kernel);
	return unit_run("pid_stat", all);
}
