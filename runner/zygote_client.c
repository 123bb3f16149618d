/* SPDX-License-Identifier: MIT */
/*
 * The keeper's end of a zygote: start it, hear its list, send it on its stage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "covered.h"
#include "explain.h"
#include "message.h"
#include "protocol.h"
#include "suite.h"
#include "sys.h"
#include "text.h"

/* A program that lists for longer than this hangs. */
#define LISTING_MS 30000

/*
 * In the new process: only what must survive exec is there. stdout goes to stderr, because what a
 * suite's constructors print is no part of our own output.
 */
static _Noreturn void child_exec(const char *program, const struct session *session, int requests,
				 int reports, pid_t keeper)
{
	char *arguments[] = {(char *)program, ZYGOTE_ARGUMENT, NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Out of the way first: the numbers they shall get may be each other's. */
	int r = fcntl(requests, F_DUPFD_CLOEXEC, 10), p = fcntl(reports, F_DUPFD_CLOEXEC, 10);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(1);
	dup2(null, 0);
	dup2(2, 1);
	dup2(r, ZYGOTE_REQUESTS);
	dup2(p, ZYGOTE_REPORTS);
	execve(program, arguments, session->environment);
	_exit(errno == ENOENT ? 127 : 126);
}

static int child_start(struct zygote *zygote, const char *program, const struct session *session)
{
	int requests[2], reports[2], error;
	pid_t keeper = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, requests))
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, reports)) {
		error = errno;
		close(requests[0]);
		close(requests[1]);
		return -error;
	}
	zygote->pid = fork();
	error = errno;
	if (!zygote->pid)
		child_exec(program, session, requests[1], reports[1], keeper);
	close(requests[1]);
	close(reports[1]);
	zygote->requests = requests[0];
	zygote->reports = reports[0];
	return zygote->pid < 0 ? -error : 0;
}

/* With at most one descriptor, or -1. */
static int wait_reply(struct zygote *zygote, struct reply *reply, int *ret_fd)
{
	struct pollfd watched = {.fd = zygote->requests, .events = POLLIN};
	ssize_t size;
	int ready;

	do
		ready = poll(&watched, 1, LISTING_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return ready ? -errno : -ETIMEDOUT;
	size = message_receive(zygote->requests, reply, sizeof(*reply), ret_fd, 1);
	if (size < 0)
		return -errno;
	return size == sizeof(*reply) ? 0 : -EPIPE;
}

/* Why did it not say hello? */
static void describe_death(struct zygote *zygote, const char *program, int error, char *why,
			   size_t size)
{
	char name[TEXT_SIGNAL_ROOM];
	int status = 0;

	if (error == -ETIMEDOUT) {
		snprintf(why, size,
			 "'%s' did not list its cases within %d seconds; is something "
			 "slow in a constructor?",
			 program, LISTING_MS / 1000);
		return;
	}
	waitpid(zygote->pid, &status, 0);
	zygote->pid = 0;
	if (WIFSIGNALED(status))
		snprintf(why, size,
			 "'%s' died of %s while listing its cases; run it by itself "
			 "under a debugger: gdb --args %s --list",
			 program, text_signal(WTERMSIG(status), name), program);
	else if (!WEXITSTATUS(status))
		snprintf(why, size,
			 "'%s' ended instead of listing its cases; does its main() return "
			 "cloche_main(argc, argv), of this version of cloche?",
			 program);
	else
		snprintf(why, size,
			 "'%s' ended with status %d instead of listing its cases; was it "
			 "built with this version of cloche?",
			 program, WEXITSTATUS(status));
}

static int read_list(int fd, size_t size, char **ret_list)
{
	char *list = malloc(size + 1);
	size_t used = 0;

	while (list && used < size) {
		ssize_t got = pread(fd, list + used, size - used, used);

		if (got <= 0)
			break;
		used += got;
	}
	if (!list || used < size) {
		free(list);
		return -ENOMEM;
	}
	list[size] = '\0';
	*ret_list = list;
	return 0;
}

int zygote_start(const char *program, const struct session *session, struct zygote **ret_zygote,
		 char **ret_list, size_t *ret_list_size, size_t *ret_count, char *why, size_t size)
{
	struct zygote *zygote = calloc(1, sizeof(*zygote));
	struct reply reply = {0};
	fd_close int fd = -1;
	int result = zygote ? child_start(zygote, program, session) : -ENOMEM;

	if (result < 0) {
		snprintf(why, size, "cannot start '%s': %s", program, strerror(-result));
		free(zygote);
		return result;
	}
	result = wait_reply(zygote, &reply, &fd);
	if (result < 0)
		describe_death(zygote, program, result, why, size);
	else if (reply.version != PROTOCOL_VERSION) {
		snprintf(why, size, "'%s' was built with another version of cloche; build it again",
			 program);
		result = -EPROTO;
	} else if (read_list(fd, reply.list_size, ret_list)) {
		snprintf(why, size, "not enough memory for the list of cases of '%s'", program);
		result = -ENOMEM;
	} else if (reply.failed.error && !reply.list_size) {
		snprintf(why, size, "'%s' cannot write its list of cases: %s%s", program,
			 strerror(reply.failed.error),
			 reply.failed.error == EFBIG ? "; " CURE_FILE_SIZE : "");
		result = -reply.failed.error;
	} else if (reply.failed.error) {
		snprintf(why, size, "%s: %s", program, *ret_list);
		result = -reply.failed.error;
	}
	if (result < 0) {
		zygote_stop(zygote);
		return result;
	}
	if (reply.pid != zygote->pid) { /* see leave_threads_behind() in zygote.c */
		waitpid(zygote->pid, NULL, 0);
		zygote->pid = reply.pid;
	}
	zygote->sanitized = reply.sanitized;
	zygote->coverage = reply.coverage;
	*ret_list_size = reply.list_size;
	*ret_count = reply.case_count;
	*ret_zygote = zygote;
	return 0;
}

int zygote_stage(struct zygote *zygote, const struct session *session, uint32_t flags,
		 char *directories, size_t directories_size, struct failed_step *failed)
{
	const char *coverage = zygote->coverage ? session->coverage : "";
	size_t cwd_size = strlen(session->cwd) + 1, coverage_size = strlen(coverage) + 1;
	struct request request = {.kind = MESSAGE_STAGE,
				  .flags = flags,
				  .uid = session->uid,
				  .gid = session->gid,
				  .world_size = cwd_size + coverage_size + session->shown_size,
				  .argv_size = directories_size};
	struct iovec iov[5] = {{&request, sizeof(request)},
			       {(char *)session->cwd, cwd_size},
			       {(char *)coverage, coverage_size},
			       {(char *)session->shown, session->shown_size},
			       {directories, directories_size}};
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = 5};
	struct reply reply = {0};
	int fd = -1, result;

	result = sendmsg(zygote->requests, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
	if (!result)
		result = wait_reply(zygote, &reply, &fd);
	if (result < 0) {
		zygote->failed = *failed = (struct failed_step){"zygote", "wait for it", -result};
		return result;
	}
	zygote->staged = true;
	zygote->owners_lost = reply.owners_lost;
	if (!reply.failed.error)
		return 0;
	zygote->failed = *failed = reply.failed;
	return -reply.failed.error;
}

/* One that is covered ends by itself, since its sockets are closed, and writes how far it got. */
static void zygote_end(pid_t pid)
{
	for (int i = 0; covered_is_on() && i < 300; i++) {
		if (waitpid(pid, NULL, WNOHANG))
			return;
		poll(NULL, 0, 10);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void zygote_stop(struct zygote *zygote)
{
	if (!zygote)
		return;
	if (zygote->requests > 0)
		close(zygote->requests);
	if (zygote->reports > 0)
		close(zygote->reports);
	if (zygote->pid > 0)
		zygote_end(zygote->pid);
	free(zygote);
}
