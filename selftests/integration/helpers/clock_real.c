/* SPDX-License-Identifier: MIT */
/* What the kernel stamps by a clock of its own: one of these by name, in seconds. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int tell(time_t seconds)
{
	printf("%ld\n", (long)seconds);
	return 0;
}

static int tell_ipc(void)
{
	struct msqid_ds queue;
	struct semid_ds semaphore;
	struct shmid_ds memory;
	int q = msgget(IPC_PRIVATE, 0600), m = shmget(IPC_PRIVATE, 4096, 0600);
	int s = semget(IPC_PRIVATE, 1, 0600);

	if (msgctl(q, IPC_STAT, &queue) || shmctl(m, IPC_STAT, &memory) ||
	    semctl(s, 0, IPC_STAT, &semaphore))
		return fail("IPC_STAT");
	return tell(queue.msg_ctime) || tell(memory.shm_ctime) || tell(semaphore.sem_ctime);
}

/* socket(7): the stamp of a datagram. */
static int tell_stamp(void)
{
	char byte, control[256];
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header;
	struct timeval stamp;
	int pair[2], on = 1;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) ||
	    setsockopt(pair[1], SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)) ||
	    write(pair[0], "", 1) != 1 || recvmsg(pair[1], &message, 0) != 1)
		return fail("SO_TIMESTAMP");
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_TIMESTAMP)
		return 1;
	memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
	return tell(stamp.tv_sec);
}

static int key_is_there(long key)
{
	char data[16];

	return syscall(SYS_keyctl, KEYCTL_READ, key, data, sizeof(data)) == 1;
}

/* keyctl_set_timeout(3): an hour, of which two pass by the cell's clock. */
static int outlive(void)
{
	long key = syscall(SYS_add_key, "user", "cloche", "x", 1, KEY_SPEC_PROCESS_KEYRING);
	struct timespec now;

	if (key < 0)
		return fail("add_key");
	if (syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, key, 3600))
		return fail("KEYCTL_SET_TIMEOUT");
	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += 7200;
	if (clock_settime(CLOCK_REALTIME, &now))
		return fail("clock_settime");
	puts(key_is_there(key) ? "is there" : "has expired");
	return 0;
}

struct ring {
	int fd;
	struct io_uring_params params;
	unsigned *submit_tail, *submit_array, *complete_head;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *results;
};

static void *map(int fd, size_t size, off_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

static int open_ring(struct ring *r)
{
	char *submit, *complete;

	r->fd = syscall(SYS_io_uring_setup, 4, &r->params);
	if (r->fd < 0)
		return -errno;
	submit = map(r->fd, r->params.sq_off.array + 4 * sizeof(unsigned), IORING_OFF_SQ_RING);
	complete = map(r->fd, r->params.cq_off.cqes + 8 * sizeof(struct io_uring_cqe),
		       IORING_OFF_CQ_RING);
	r->entries = map(r->fd, 4 * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	r->submit_tail = (unsigned *)(submit + r->params.sq_off.tail);
	r->submit_array = (unsigned *)(submit + r->params.sq_off.array);
	r->complete_head = (unsigned *)(complete + r->params.cq_off.head);
	r->results = (struct io_uring_cqe *)(complete + r->params.cq_off.cqes);
	return 0;
}

static void add_timeout(struct ring *r, int index, const struct __kernel_timespec *time,
			unsigned flags)
{
	r->entries[index] = (struct io_uring_sqe){.opcode = IORING_OP_TIMEOUT,
						  .addr = (uintptr_t)time,
						  .len = 1,
						  .timeout_flags = flags,
						  .user_data = index};
	r->submit_array[index] = index;
}

/* Which ends first: a time 50 ms from now, or three seconds. */
static int race_ring(void)
{
	struct ring r = {0};
	struct __kernel_timespec until, pause = {.tv_sec = 3};
	struct timespec now;
	int result = open_ring(&r);

	if (result < 0) {
		puts(strerrorname_np(-result));
		return 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	now.tv_nsec += 50000000;
	until = (struct __kernel_timespec){now.tv_sec + now.tv_nsec / 1000000000,
					   now.tv_nsec % 1000000000};
	add_timeout(&r, 0, &until, IORING_TIMEOUT_ABS);
	add_timeout(&r, 1, &pause, 0);
	__atomic_store_n(r.submit_tail, 2, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r.fd, 2, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return fail("io_uring_enter");
	puts(r.results[0].user_data ? "late" : "on time");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "ipc"))
		return tell_ipc();
	if (!strcmp(what, "stamp"))
		return tell_stamp();
	if (!strcmp(what, "key"))
		return outlive();
	if (!strcmp(what, "io_uring"))
		return race_ring();
	return 2;
}
