/* SPDX-License-Identifier: MIT */
/* Children that are on their way out: all are reaped, and nobody is waited for that need not be. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "leaving.h"
#include "unit.h"

static struct leaving leaving;

/* A child that has exited, or one that stays until it is killed. */
static pid_t child(bool stays)
{
	pid_t pid = fork();
	siginfo_t info;

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		while (stays)
			pause();
		_exit(0);
	}
	if (!stays)
		ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	return pid;
}

static bool is_reaped(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) < 0 && errno == ECHILD;
}

START_TEST(the_dead_are_reaped_when_another_leaves)
{
	pid_t first = child(false), second = child(false), last;

	leaving_add(&leaving, first);
	ck_assert(!is_reaped(first));
	leaving_add(&leaving, second);
	ck_assert(is_reaped(first));
	last = child(false);
	leaving_add(&leaving, last);
	ck_assert(is_reaped(second));
	leaving_wait(&leaving);
	ck_assert(is_reaped(last));
	ck_assert_uint_eq(leaving.count, 0);
}
END_TEST

START_TEST(one_that_stays_holds_nobody_up)
{
	pid_t stays = child(true);

	leaving_add(&leaving, stays);
	for (int i = 1; i < LEAVING_MAX; i++)
		leaving_add(&leaving, child(false));
	ck_assert_uint_eq(leaving.count, LEAVING_MAX);
	kill(stays, SIGKILL);
	leaving_add(&leaving, child(false)); /* no room: waits for the first */
	ck_assert(is_reaped(stays));
	leaving_wait(&leaving);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* Somebody else has reaped it. */
START_TEST(one_that_has_gone_is_no_trouble)
{
	pid_t pid = child(false);

	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	leaving_add(&leaving, pid);
	leaving_wait(&leaving);
	ck_assert_uint_eq(leaving.count, 0);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, the_dead_are_reaped_when_another_leaves);
	tcase_add_test(all, one_that_stays_holds_nobody_up);
	tcase_add_test(all, one_that_has_gone_is_no_trouble);
	return unit_run("leaving", all);
}
