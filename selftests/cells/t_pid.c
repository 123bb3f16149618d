/* SPDX-License-Identifier: MIT */
/* pid: the test is alone with its init. */
#define _GNU_SOURCE
#include "outside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

/* Before anything here is killed that is not the cell's. */
static void be_in_a_cell(void)
{
	REQUIRE(namespace_inode(PID), !=, outside.namespaces[PID]);
	REQUIRE(getpid(), ==, 2);
}

static pid_t start_sleeper(void)
{
	pid_t child = REQUIRE_OK(fork());

	if (!child)
		for (;;)
			pause();
	return child;
}

TEST_EACH(twins, is_pid_2)
{
	EXPECT(getpid(), ==, 2);
	EXPECT(getppid(), ==, 1);
	linger(); /* and so are the others, at once */
}

TEST(program_is_pid_2_or_a_child_of_it)
{
	EXPECT(system("[ $PPID = 2 ]"), ==, 0);
}

TEST(zygote_is_not_to_be_found)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", outside.pid);
	EXPECT_ERRNO(ESRCH, kill(outside.pid, 0));
	EXPECT_ERRNO(ENOENT, open(path, O_RDONLY));
}

TEST(kill_all_reaches_nobody_else)
{
	be_in_a_cell();
	EXPECT_ERRNO(ESRCH, kill(-1, SIGKILL)); /* the caller and init are left out, kill(2) */
}

/* Each twin kills all it can see, while the others have a child that must live until then. */
TEST_EACH(twins, kill_all_reaches_own_children_only)
{
	pid_t child;
	int status = 0;

	be_in_a_cell();
	child = start_sleeper();
	linger();
	EXPECT(waitpid(child, &status, WNOHANG), ==, 0);
	EXPECT_OK(kill(-1, SIGKILL));
	EXPECT(waitpid(child, &status, 0), ==, child);
	EXPECT(WIFSIGNALED(status));
	EXPECT(WTERMSIG(status), ==, SIGKILL);
}

TEST(init_cannot_be_killed)
{
	be_in_a_cell();
	EXPECT_OK(kill(1, SIGKILL)); /* ignored, pid_namespaces(7) */
	EXPECT_OK(kill(1, SIGTERM));
	EXPECT_OK(kill(1, SIGSTOP));
	EXPECT_OK(kill(1, SIGSEGV));
	EXPECT_OK(kill(1, 0));
}

TEST(init_cannot_be_traced)
{
	be_in_a_cell();
	EXPECT_ERRNO(EPERM, ptrace(PTRACE_ATTACH, 1, NULL, NULL));
	EXPECT_ERRNO(EACCES, open("/proc/1/mem", O_RDWR));
	EXPECT_ERRNO(EACCES, open("/proc/1/fd/0", O_RDWR));
}

/* An orphan comes to init, which reaps it: its pid is gone, and no zombie is left. */
TEST(orphans_are_reaped)
{
	int ends[2];
	pid_t orphan = 0;

	be_in_a_cell();
	REQUIRE_OK(pipe(ends));
	if (!REQUIRE_OK(fork())) {
		pid_t child = fork();

		if (child)
			_exit(write(ends[1], &child, sizeof(child)) != sizeof(child));
		_exit(0);
	}
	REQUIRE_OK(wait(NULL));
	REQUIRE(read(ends[0], &orphan, sizeof(orphan)), ==, (ssize_t)sizeof(orphan));
	while (!kill(orphan, 0))
		usleep(1000);
	EXPECT(errno, ==, ESRCH);
}

/* Many at once: of their signals to init, most are one. kill(2) finds zombies, too. */
TEST(many_orphans_are_reaped)
{
	int gate[2];

	be_in_a_cell();
	REQUIRE_OK(pipe(gate));
	if (!REQUIRE_OK(fork())) {
		char byte;

		close(gate[1]);
		for (int i = 0; i < 50; i++)
			if (!fork())
				_exit((int)read(gate[0], &byte, 1)); /* until the gate is closed */
		_exit(0);
	}
	REQUIRE_OK(wait(NULL));
	close(gate[0]);
	close(gate[1]);
	while (!kill(-1, 0))
		usleep(1000);
	EXPECT(errno, ==, ESRCH);
}

/* In an orphan: wait until the parent has gone, and tell who it has become. */
static _Noreturn void tell_new_parent(int out, pid_t parent)
{
	pid_t now;

	while (getppid() == parent)
		usleep(1000);
	now = getppid();
	_exit(write(out, &now, sizeof(now)) != sizeof(now));
}

TEST(orphans_come_to_init)
{
	int ends[2];
	pid_t parent = 0;

	be_in_a_cell();
	REQUIRE_OK(pipe(ends));
	if (!REQUIRE_OK(fork())) {
		pid_t self = getpid();

		if (!fork())
			tell_new_parent(ends[1], self);
		_exit(0);
	}
	REQUIRE_OK(wait(NULL));
	REQUIRE(read(ends[0], &parent, sizeof(parent)), ==, (ssize_t)sizeof(parent));
	EXPECT(parent, ==, 1);
}

TEST(default_signal_actions_work, .expect_signal = SIGABRT)
{
	be_in_a_cell();
	abort(); /* as pid 1 it would be ignored */
}

static const struct {
	const char *name;
	int number;
} signals[] = {{"SIGTERM", SIGTERM}, {"SIGINT", SIGINT}, {"SIGHUP", SIGHUP}, {"SIGALRM", SIGALRM}};

TEST_EACH(signals, ends_children)
{
	be_in_a_cell();
	EXPECT_SIGNAL(param->number, raise(param->number));
}
