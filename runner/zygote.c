/* SPDX-License-Identifier: MIT */
/*
 * zygote: makes cells on the keeper's command, out of namespaces that it entered once
 *
 * It must stay single-threaded (clone of a user namespace), small (fork costs by the page), and
 * with nothing inherited but standard descriptors and its two sockets.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "case.h"
#include "cleanup.h"
#include "cell_clock.h"
#include "covered.h"
#include "crash.h"
#include "mappings.h"
#include "message.h"
#include "protocol.h"
#include "stage.h"
#include "sys.h"
#include "world.h"

#define DESCRIPTORS_MAX 5

const uint64_t namespace_flags[NAMESPACES] = {CLONE_NEWUSER,   CLONE_NEWNS,  CLONE_NEWPID,
					      CLONE_NEWNET,    CLONE_NEWIPC, CLONE_NEWUTS,
					      CLONE_NEWCGROUP, CLONE_NEWTIME};

static struct stage stage;
static char buffer[REQUEST_MAX];
static bool no_clone3;

/* By the system call, too: libc refuses its own two, which posix_spawn(3) has programs ignore. */
static void clean_signals(void)
{
	static const unsigned long none[4]; /* struct sigaction of the kernel */
	sigset_t all;

	for (int signal = 1; signal < NSIG; signal++)
		if (sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL))
			sys_call(SYS_rt_sigaction, signal, none, NULL, sizeof(long));
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static void zygote_send(const struct reply *reply, int descriptor)
{
	if (message_send(ZYGOTE_REQUESTS, reply, sizeof(*reply), &descriptor, descriptor >= 0) < 0)
		_exit(0); /* the keeper has gone */
}

/* Returns the size of the message, 0 at the end; at most DESCRIPTORS_MAX descriptors. */
static ssize_t zygote_receive(int descriptors[DESCRIPTORS_MAX], size_t *ret_count)
{
	struct iovec iov = {buffer, sizeof(buffer) - 1};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header;
	ssize_t size;

	do
		size = recvmsg(ZYGOTE_REQUESTS, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	*ret_count = 0;
	header = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_type == SCM_RIGHTS) {
		*ret_count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(descriptors, CMSG_DATA(header), *ret_count * sizeof(int));
	}
	return size;
}

/* name \0 file \0 line \0 world \0, one after the other. */
static void list_write(FILE *list)
{
	for (size_t i = 0; i < case_count(); i++) {
		const struct case_entry *entry = case_at(i);
		char small[1024], *world = small;
		size_t size = world_format(&entry->options, small, sizeof(small));

		if (size >= sizeof(small)) {
			world = malloc(size + 1);
			if (!world)
				_exit(1);
			world_format(&entry->options, world, size + 1);
		}
		fprintf(list, "%s%c%s%c%u%c%s%c", entry->name, 0, entry->file, 0, entry->line, 0,
			world, 0);
		if (world != small)
			free(world);
	}
}

static void say_hello(void)
{
	struct reply reply = {.kind = MESSAGE_HELLO,
			      .version = PROTOCOL_VERSION,
			      .pid = getpid(),
			      .case_count = case_count(),
			      .sanitized = body_is_sanitized(),
			      .coverage = body_has_coverage()};
	char sentence[512] = "";
	fd_close int fd = memfd_create("cases", MFD_CLOEXEC);
	FILE *list = fd < 0 ? NULL : fdopen(dup(fd), "w");

	if (!list)
		_exit(1);
	if (case_check_duplicates(sentence, sizeof(sentence))) {
		reply.failed.error = EEXIST;
		fputs(sentence, list);
	} else {
		list_write(list);
	}
	if (fflush(list) || ferror(list)) /* RLIMIT_FSIZE counts for memory files, too */
		reply.failed.error = errno;
	else
		reply.list_size = ftell(list);
	fclose(list);
	zygote_send(&reply, fd);
}

/* Strings one after the other, up to `end`. */
static char **keep_strings(char *text, const char *end, char **list, size_t room)
{
	size_t count = 0;

	for (; text < end && count + 1 < room; text += strlen(text) + 1)
		list[count++] = strdup(text);
	return count ? list : NULL;
}

/* Texts: cwd \0 coverage directory \0, what is shown \0 each, then root directories \0 each. */
static void enter_stage(const struct request *request, const char *program)
{
	struct reply reply = {.kind = MESSAGE_STAGED};
	static char *directories[64], *shown[SHOWN_MAX + 1];
	char *text = (char *)(request + 1), *middle = text + request->world_size;
	char *coverage = text + strlen(text) + 1;

	stage.isolated = request->flags & ZYGOTE_ISOLATED;
	stage.as_root = request->flags & ZYGOTE_AS_ROOT;
	stage.wants_full = request->flags & ZYGOTE_FULL_IDS;
	stage.wants_cow = request->flags & ZYGOTE_COW;
	stage.wants_host = request->flags & ZYGOTE_HOST;
	stage.sanitized = body_is_sanitized();
	stage.uid = request->uid;
	stage.gid = request->gid;
	snprintf(stage.cwd, sizeof(stage.cwd), "%.*s", PATH_MAX - 1, text);
	snprintf(stage.coverage, sizeof(stage.coverage), "%.*s", PATH_MAX - 1, coverage);
	stage.shown = keep_strings(coverage + strlen(coverage) + 1, middle, shown, SHOWN_MAX + 1);
	if (!stage.shown && stage.sanitized) { /* whose symbolizers read it */
		shown[0] = (char *)program;
		stage.shown = shown;
	}
	stage.directories = keep_strings(middle, middle + request->argv_size, directories, 64);
	if (stage.isolated && stage_enter(&stage, &reply.failed) < 0 && !reply.failed.error)
		reply.failed.error = EINVAL;
	reply.owners_lost = stage.owners_lost;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* changing ids took it away */
	zygote_send(&reply, -1);
}

/*
 * clone3, or where a seccomp filter hides it (ENOSYS, as containers do) clone and, for the time
 * namespace that clone cannot name, unshare in init.
 */
static pid_t clone_init(uint64_t namespaces, uint64_t *cloned)
{
	pid_t pid = -ENOSYS;

	if (!no_clone3) {
		pid = sys_clone3(namespaces | CLONE_PARENT);
		if (pid == -ENOSYS)
			no_clone3 = true;
	}
	if (no_clone3) {
		*cloned = namespaces & ~(uint64_t)CLONE_NEWTIME;
		pid = sys_clone(*cloned | CLONE_PARENT);
	}
	return pid;
}

/*
 * Namespaces that cannot be had and that the case can do without are left out one by one. Not
 * inlined: every page of stack that the zygote uses is copied for every cell.
 */
static __attribute__((noinline)) pid_t clone_without(struct request *request,
						     const struct cloche_options *options,
						     pid_t pid, uint64_t *cloned)
{
	struct cell probe = {.options = options};

	for (size_t i = 0; i < NAMESPACES && pid < 0; i++) {
		if (!(request->clone_now & namespace_flags[i]) ||
		    !cell_allows_missing(&probe, namespace_names[i]))
			continue;
		request->clone_now &= ~namespace_flags[i];
		request->namespaces &= ~namespace_flags[i];
		*cloned = request->clone_now;
		pid = clone_init(request->clone_now, cloned);
	}
	return pid;
}

static int write_full_map(pid_t pid, enum full_map kind)
{
	static const char *const names[] = {"uid_map", "gid_map"};
	bool is_me = kind == FULL_MAP_ME && !stage.as_root; /* for root they are alike */
	const unsigned own[] = {is_me ? stage.uid : 0, is_me ? stage.gid : 0};
	char path[64], map[ID_MAP_MAX];

	for (int i = 0; i < 2; i++) {
		int size = id_map_format(map, own[i]);
		fd_close int fd = -1;

		snprintf(path, sizeof(path), "%d/%s", pid, names[i]);
		fd = openat(stage_proc(), path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, map, size) != size)
			return -errno;
	}
	return 0;
}

/*
 * A child of the zygote's: those that have ended are reaped when the next one begins. When it
 * cannot be had, init finds the other end closed.
 */
static __attribute__((noinline)) void start_supervisor(pid_t init, const int clock[2])
{
	while (waitpid(-1, NULL, __WALL | WNOHANG) > 0)
		;
	if (fork())
		return;
	close(clock[1]);
	clock_supervise(clock[0], init);
}

static void make_cell(struct request *request, const int *descriptors)
{
	struct reply reply = {.kind = MESSAGE_CELL, .cell = request->cell};
	char *world = (char *)(request + 1), *argv = world + request->world_size;
	uint64_t cloned = request->clone_now;
	struct cloche_options options = {0};
	memory_free char *block = NULL;
	int ready[2] = {-1, -1}, clock[2] = {-1, -1};
	pid_t pid;

	if (request->flags) /* the keeper says that the world has allow-missing */
		world_parse(world, request->world_size, &options, &block);
	if (request->full_map && pipe2(ready, O_CLOEXEC)) {
		reply.failed = (struct failed_step){"user", "make a pipe", errno};
		zygote_send(&reply, -1);
		return;
	}
	if (request->has_clock && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, clock)) {
		reply.failed = (struct failed_step){"clock", "make a socket", errno};
		zygote_send(&reply, -1);
		return;
	}
	if (stage.clock != clock[1]) /* else a page would be copied for nothing */
		stage.clock = clock[1];
	pid = clone_init(cloned, &cloned);
	if (pid < 0 && options.allow_missing)
		pid = clone_without(request, &options, pid, &cloned);
	if (!pid) {
		safe_close(ready[1]);
		safe_close(clock[0]);
		init_main(&stage, request, world, argv, descriptors, ready[0], cloned);
	}
	if (pid < 0)
		reply.failed = (struct failed_step){"cell", "clone", -pid};
	else
		reply.pid = pid;
	safe_close(ready[0]);
	if (pid > 0 && request->has_clock)
		start_supervisor(pid, clock);
	safe_close(clock[0]);
	safe_close(clock[1]);
	if (pid > 0 && request->full_map && stage.id_count > 1 &&
	    !write_full_map(pid, request->full_map) && write(ready[1], "", 1) != 1)
		reply.failed.error = 0; /* init is gone already, and says why itself */
	safe_close(ready[1]);
	zygote_send(&reply, -1);
}

/*
 * ThreadSanitizer has a thread of its own from the start, and a process with threads cannot enter a
 * user namespace (unshare(2)). A copy of this process has one thread only; CLONE_PARENT makes it
 * the keeper's child as well, which learns of its pid by the hello. Not fork(3): that is
 * intercepted, and the thread started again.
 */
static void leave_threads_behind(void)
{
	struct stat task;

	if (!body_is_sanitized() || stat("/proc/self/task", &task) || task.st_nlink <= 3)
		return;
	if (sys_clone(CLONE_PARENT) != 0)
		_exit(0);
}

_Noreturn void zygote_main(const char *program)
{
	int descriptors[DESCRIPTORS_MAX];
	size_t count;

	leave_threads_behind();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "cloche-zygote");
	clean_signals();
	umask(022); /* for the trees that it makes; the caller's may be anything */
	fcntl(ZYGOTE_REQUESTS, F_SETFD, FD_CLOEXEC);
	fcntl(ZYGOTE_REPORTS, F_SETFD, FD_CLOEXEC);
	sys_close_range(5, ~0u);
	covered_begin();
	unsetenv("LD_BIND_NOW");
	unsetenv("LLVM_PROFILE_FILE");
	crash_prime();
	mappings_join();
	say_hello();
	sys_rseq(false);
	for (;;) {
		struct request *request = (struct request *)buffer;
		ssize_t size = zygote_receive(descriptors, &count);

		if (size < (ssize_t)sizeof(*request) ||
		    size != (ssize_t)(sizeof(*request) + request->world_size +
				      request->argv_size)) {
			covered_end();
			_exit(0);
		}
		buffer[size] = '\0';
		if (request->kind == MESSAGE_STAGE)
			enter_stage(request, program);
		else if (request->kind == MESSAGE_CELL)
			make_cell(request, descriptors);
		for (size_t i = 0; i < count; i++)
			close(descriptors[i]);
	}
}
