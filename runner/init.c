/* SPDX-License-Identifier: MIT */
/*
 * init: pid 1 of a cell
 *
 * It sets the world up, forks the test into it, reaps, looks at what is left, and reports.
 *
 * Should: stay outside of the test's reach (not dumpable, its socket closed in the test).
 * Mustn't: print, format for people, or wait for anything that the test could hold back.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "body.h"
#include "case.h"
#include "cleanup.h"
#include "cell_clock.h"
#include "covered.h"
#include "harvest.h"
#include "init.h"
#include "kept.h"
#include "message.h"
#include "protocol.h"
#include "sys.h"
#include "world.h"

#define SETTLE_NS 100000000 /* processes that are just ending get this long, no longer */

/* Together, and what is used always first: each page that is written to is copied for every cell.
 */
static _Alignas(4096) struct {
	struct report report;
	struct cloche_options options;
	struct findings findings;
	struct cell cell;
} now;

static char findings_text[FINDINGS_ROOM];

static _Noreturn void init_fail(void)
{
	now.report.kind = REPORT_FAILED;
	now.report.failed = now.cell.failed;
	send(ZYGOTE_REPORTS, &now.report, sizeof(now.report), MSG_NOSIGNAL);
	if (getpid() == 1) /* not the test */
		covered_end();
	_exit(1);
}

static void init_forget_findings(void)
{
	now.findings = (struct findings){.data = findings_text};
}

static void init_report(enum report_kind kind)
{
	struct iovec iov[2] = {{&now.report, sizeof(now.report)},
			       {now.findings.data, now.findings.size}};
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = 2};

	memcpy(now.report.missing, now.cell.missing, sizeof(now.report.missing));
	now.report.kind = kind;
	now.report.finding_count = now.findings.count;
	now.report.findings_size = now.findings.size;
	now.report.processes = now.findings.processes;
	now.report.alone = now.cell.alone;
	sys_call(SYS_sendmsg, ZYGOTE_REPORTS, &message, MSG_NOSIGNAL);
}

static int test_descriptor(int descriptor, int number, int flags)
{
	if (sys_call(SYS_dup3, descriptor, number, flags) >= 0)
		return 0;
	return cell_fail(&now.cell, "limits", "have 251 descriptors", EPERM);
}

int test_enter(struct cell *cell, const int *descriptors, bool tty)
{
	int result;

	for (int i = 0; i < 3; i++)
		if (descriptors[i] != i)
			sys_call(SYS_dup3, descriptors[i], i, 0);
	result = sys_call(SYS_setsid);
	if (result < 0)
		return cell_fail(cell, "cell", "begin a session of its own", -result);
	result = 0;
	if (tty)
		ioctl(0, TIOCSCTTY, 0);
	for (const struct fixture *const *f = fixture_list(); *f && !result; f++)
		if ((*f)->enter)
			result = (*f)->enter(cell);
	return result;
}

static _Noreturn void test_main(const struct request *request, char *argv, const int *descriptors)
{
	bool native = !request->argv_size;
	uint64_t none = 0; /* the kernel's sigset_t has 64 bits */

	if (native && test_descriptor(descriptors[3], RECORD_FD, O_CLOEXEC) < 0)
		init_fail();
	if (!native && request->descriptor_count == 4 &&
	    test_descriptor(descriptors[3], RESULT_FD, 0) < 0)
		init_fail();
	if (test_enter(&now.cell, descriptors, now.options.tty) < 0)
		init_fail();
	if (native)
		sys_rseq(true);
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
	if (!native) {
		test_execute(&now.cell, argv, request->argv_size);
		init_fail();
	}
	/* of which the kernel keeps 15 */
	sys_call(SYS_prctl, PR_SET_NAME, case_at(request->case_index)->name);
	sys_close_range(3, RECORD_FD - 1);
	sys_close_range(RECORD_FD + 1, ~0u);
	body_run(request->case_index, RECORD_FD);
	body_end();
}

/* Out of the cell's own devpts, so that ttyname(3) agrees with /dev/pts. */
int init_open_terminal(struct cell *cell, int *ret_outer, int *ret_inner)
{
	int outer = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), inner;

	if (outer < 0)
		return cell_fail(cell, "tty", "open /dev/ptmx", errno);
	inner = unlockpt(outer) ? -1 : ioctl(outer, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (inner < 0)
		cell_fail(cell, "tty", "open the terminal", errno);
	else if (cell->full_ids && fchown(inner, cell->uid, -1))
		cell_fail(cell, "tty", "own the terminal", errno);
	if (cell->failed.error) {
		safe_close(outer);
		safe_close(inner);
		return -cell->failed.error;
	}
	*ret_outer = outer;
	*ret_inner = inner;
	return 0;
}

/* The keeper removes them if init is killed. */
static void init_tell_places(void)
{
	if (!cell_tmp_stays(&now.cell))
		return;
	finding_add(&now.findings, "place", "%s", now.cell.tmp);
	if (now.cell.outputs[0])
		finding_add(&now.findings, "place", "%s", now.cell.outputs);
	init_report(REPORT_PLACES);
	init_forget_findings();
}

/* The test gets the inner end as its standard descriptors, the keeper the other one. */
static void init_terminal(int *descriptors)
{
	int outer = -1, inner = -1;

	if (init_open_terminal(&now.cell, &outer, &inner) < 0)
		init_fail();
	now.report.kind = REPORT_TERMINAL;
	message_send(ZYGOTE_REPORTS, &now.report, sizeof(now.report), &outer, 1);
	close(outer);
	descriptors[0] = descriptors[1] = descriptors[2] = inner;
}

static void init_look_at_processes(void)
{
	for (const struct fixture *const *f = fixture_list(); *f; f++)
		if (!strcmp((*f)->name, "pid"))
			(*f)->inspect(&now.cell, &now.findings);
	init_report(REPORT_DYING);
	init_forget_findings();
}

static void init_confirm_kept(void)
{
	init_report(REPORT_KEPT);
}

/* Its time was over, or somebody dropped it. */
static _Noreturn void init_end(void)
{
	cell_remove_tmp(&now.cell);
	covered_end();
	_exit(0);
}

/* Is this cell to be kept, with the test still in it? */
static void init_look_at_door(int door)
{
	struct pollfd watched = {.fd = door, .events = POLLIN};

	if (door < 0 || poll(&watched, 1, 0) != 1 || !(watched.revents & POLLIN))
		return;
	init_look_at_processes();
	if (kept_live(&now.cell, door, init_confirm_kept))
		init_end();
}

/* All of the cell; without a pid namespace, all in the test's process group. */
static void init_signal(pid_t test, int number)
{
	kill(now.cell.cloned & CLONE_NEWPID ? -1 : -test, number);
}

/*
 * Wait for the test. Its descendants come to init when their parents end, and are reaped on the
 * way. SIGTERM asks it to end, SIGUSR2 ends it. Both count only from outside (si_pid 0: the sender
 * is in no namespace that is seen here).
 */
static int init_wait(pid_t test, int door)
{
	uint64_t waited = SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGUSR2) |
			  SIGNAL_BIT(SIGIO) | (door >= 0 ? SIGNAL_BIT(SIGUSR1) : 0);
	siginfo_t info = {0};
	int status = 0, number;

	for (;;) {
		pid_t pid = sys_call(SYS_wait4, -1, &status, WNOHANG, &now.report.usage);

		if (pid == test)
			return status;
		if (pid > 0)
			continue;
		number = sys_sigtimedwait(waited, &info, NULL);
		if (number == SIGIO && clock_has_failed(&now.cell))
			kill(-1, SIGKILL);
		if (number == SIGUSR1)
			init_look_at_door(door); /* whoever sent it */
		if (info.si_pid && now.cell.cloned & CLONE_NEWPID)
			continue;
		if (number == SIGUSR2)
			init_signal(test, SIGKILL);
		if (number != SIGTERM)
			continue;
		init_look_at_processes();
		init_signal(test, SIGTERM);
	}
}

/* Reap what ends by itself within a moment; true when nobody is left. */
static bool init_settle(void)
{
	struct timespec moment = {0, SETTLE_NS};
	pid_t pid;

	for (;;) {
		while ((pid = sys_call(SYS_wait4, -1, NULL, WNOHANG, NULL)) > 0)
			;
		if (pid < 0)
			return true;
		if (sys_sigtimedwait(SIGNAL_BIT(SIGCHLD), NULL, &moment) == -EAGAIN)
			return false;
	}
}

static void init_look(void)
{
	struct statfs fs = {0};

	init_settle();
	for (const struct fixture *const *f = fixture_list(); *f; f++)
		if ((*f)->inspect)
			(*f)->inspect(&now.cell, &now.findings);
	if (now.cell.stage->isolated &&
	    (now.cell.storage < 0 ? sys_call(SYS_statfs, "/", &fs)
				  : sys_call(SYS_fstatfs, now.cell.storage, &fs)) >= 0 &&
	    fs.f_type == TMPFS_MAGIC && fs.f_blocks && !fs.f_bfree)
		strcpy(now.report.limit, "tmpfs-size");
	else if (now.findings.processes + 2 >=
		 (now.options.processes ? now.options.processes : 1024))
		strcpy(now.report.limit,
		       "processes"); /* init counts, and the test that has ended did */
}

/* From the birth of the test to the end of the cell. */
static _Noreturn void init_attend(pid_t test, int door, uint32_t what)
{
	now.report.wait_status = init_wait(test, door);
	init_look();
	if (what)
		harvest(&now.cell, &now.report, what);
	if (door < 0)
		cell_remove_tmp(&now.cell);
	init_report(REPORT_ENDED);
	if (door < 0) {
		covered_end();
		_exit(0);
	}
	poll(&(struct pollfd){.fd = door, .events = POLLIN}, 1, -1);
	kept_live(&now.cell, door, init_confirm_kept);
	init_end();
}

/*
 * PR_SET_PDEATHSIG may come too late: if the keeper is gone already, its end of the requests
 * socket is closed, whatever it has left in it to be read.
 */
static void init_die_with_keeper(void)
{
	struct pollfd requests = {.fd = ZYGOTE_REQUESTS};

	sys_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	if (sys_poll(&requests, 1) > 0 && requests.revents & POLLHUP)
		_exit(1);
}

static void init_begin(const struct stage *stage, const struct request *request, char *world,
		       int maps_ready, uint64_t cloned)
{
	covered_fork();
	init_die_with_keeper();
	sys_call(SYS_prctl, PR_SET_NAME, "cloche-init");
	init_forget_findings();
	now.report.cell = request->cell;
	if (world_parse_in_place(world, request->world_size, &now.options) < 0) {
		cell_fail(&now.cell, "case", "read the world", EINVAL);
		init_fail();
	}
	now.cell.options = &now.options;
	now.cell.stage = stage;
	now.cell.flags = request->namespaces;
	now.cell.cloned = cloned;
	now.cell.native = !request->argv_size;
	now.cell.maps_ready = maps_ready;
	now.cell.mounts = -1;
	now.cell.clock_page = -1;
	memset(now.cell.clock_device, -1, sizeof(now.cell.clock_device));
	memset(now.cell.clock_mount, -1, sizeof(now.cell.clock_mount));
	now.cell.storage = -1;
	now.cell.wants_outputs = request->harvest & HARVEST_OUTPUTS;
	if (!now.options.root)
		now.options.root = now.cell.native ? ROOT_MINIMAL : ROOT_COW;
	for (size_t i = 0; i < NAMESPACES && stage->isolated && now.options.allow_missing; i++)
		if (!(now.cell.flags & namespace_flags[i])) /* left out by the zygote */
			cell_does_without(&now.cell, namespace_names[i]);
}

_Noreturn void init_main(const struct stage *stage, const struct request *request, char *world,
			 char *argv, const int *descriptors, int maps_ready, uint64_t cloned)
{
	int ends[4];
	bool copied;
	pid_t test;

	memcpy(ends, descriptors, sizeof(ends));

	init_begin(stage, request, world, maps_ready, cloned);
	if (!stage->isolated)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (const struct fixture *const *f = fixture_list(); *f && stage->isolated; f++)
		if ((*f)->setup && (*f)->setup(&now.cell) < 0)
			init_fail();
	init_die_with_keeper(); /* a change of ids took it away */
	if (cell_make_tmp(&now.cell) < 0) {
		cell_remove_tmp(&now.cell);
		init_fail();
	}
	init_tell_places();
	if (now.options.tty)
		init_terminal(ends);
	/*
	 * Root of the cell may trace what is dumpable: init is not, so that nobody in the cell
	 * writes its memory. Only now, because /proc/self belongs to somebody else from here on.
	 */
	if (stage->isolated)
		sys_call(SYS_prctl, PR_SET_DUMPABLE, 0);
	/*
	 * A case of a native suite is a copy of its program. One that is executed needs no copy: it
	 * borrows init's memory for the few calls until then, and what it leaves in it harms
	 * nothing. _Fork(2) leaves out the handlers that make fork safe with threads; sanitizers
	 * have threads.
	 */
	copied = now.cell.native || clock_is_wanted(&now.options); /* which traces it at its exec */
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork) */
	test = copied ? -1 : vfork();
	/* Linux 6.1 has no vfork(2) into another time. */
	if (test < 0 && (copied || errno == EINVAL))
		test = stage->sanitized ? fork() : _Fork();
	if (test < 0) {
		cell_fail(&now.cell, "cell", "fork the test", errno);
		init_fail();
	}
	if (!test)
		test_main(request, argv, ends);
	for (uint32_t i = 0; i < request->descriptor_count; i++)
		safe_close(ends[i] > 2 ? ends[i] : -1);
	sys_close_range(0, 2);
	if (request->read_namespaces)
		init_read_namespaces(now.cell.cloned, now.report.namespaces);
	init_attend(test,
		    request->has_door && cloned & CLONE_NEWPID
			    ? descriptors[request->descriptor_count]
			    : -1,
		    request->harvest);
}
