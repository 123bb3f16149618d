/* SPDX-License-Identifier: MIT */
/*
 * clock: time passes for the whole cell at once, or while it was suspended
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <cloche.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock_control.h"

#define START "2038-01-19T03:14:00Z"
#define WAIT  600 /* seconds */

/* The test is not that slow. */
#define SLACK 300

static int ask_to_advance(long seconds, long step)
{
	struct clock_control c = {
		.version = CLOCK_CONTROL_VERSION,
		.operation = CLOCK_CONTROL_ADVANCE,
		.time = {.seconds = seconds},
		.step = {.seconds = step},
	};

	return syscall(SYS_clock_settime, CLOCK_CONTROL, &c);
}

static time_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec;
}

TEST(all_clocks_move, .wall = START, .uptime = days(3))
{
	static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME,
					   CLOCK_TAI};
	time_t before[4];

	for (int i = 0; i < 4; i++)
		before[i] = now(clocks[i]);
	clock_advance(86400, 0);
	clock_advance(86400, 3600);
	for (int i = 0; i < 4; i++) {
		struct timespec raw;

		EXPECT(now(clocks[i]) - before[i], >=, 172800);
		EXPECT(now(clocks[i]) - before[i], <, 172800 + SLACK);
		EXPECT_OK(syscall(SYS_clock_gettime, clocks[i], &raw));
		EXPECT(raw.tv_sec - before[i], >=, 172800);
	}
}

TEST(what_cannot_be_advanced, .wall = START)
{
	EXPECT_ERRNO(EINVAL, ask_to_advance(-1, 0));
	EXPECT_ERRNO(EINVAL, ask_to_advance(1, -1));
	EXPECT_ERRNO(EINVAL, ask_to_advance(3600l * 24 * 366 * 100, 0));
	EXPECT_ERRNO(EINVAL, ask_to_advance(3600l * 24 * 366, 1));
}

/* ---- waits: each returns 0 when its time is over ---- */

static int by_nanosleep(void)
{
	return nanosleep(&(struct timespec){WAIT, 0}, NULL);
}

static int by_nanosleep_call(void)
{
	return syscall(SYS_nanosleep, &(struct timespec){WAIT, 0}, NULL);
}

static int by_sleep_of_boottime(void)
{
	return clock_nanosleep(CLOCK_BOOTTIME, 0, &(struct timespec){WAIT, 0}, NULL);
}

static int until(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	time.tv_sec += WAIT;
	return clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL);
}

static int until_monotonic(void)
{
	return until(CLOCK_MONOTONIC);
}

static int until_boottime(void)
{
	return until(CLOCK_BOOTTIME);
}

static int until_realtime(void)
{
	return until(CLOCK_REALTIME);
}

static int quiet_pipe(void)
{
	int ends[2];

	return pipe(ends) ? -1 : ends[0];
}

static int by_poll(void)
{
	struct pollfd watched = {.fd = quiet_pipe(), .events = POLLIN, .revents = -1};
	int result = poll(&watched, 1, WAIT * 1000);

	return result || watched.revents;
}

static int by_ppoll(void)
{
	struct pollfd watched = {.fd = quiet_pipe(), .events = POLLIN, .revents = -1};
	struct timespec time = {WAIT, 0};
	sigset_t none;
	int result;

	sigemptyset(&none);
	result = syscall(SYS_ppoll, &watched, 1, &time, &none, 8);
	return result || watched.revents || time.tv_sec || time.tv_nsec;
}

static int by_select(void)
{
	struct timeval time = {WAIT, 0};
	int fd = quiet_pipe(), result;
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	result = select(fd + 1, &set, NULL, NULL, &time);
	return result || FD_ISSET(fd, &set) || time.tv_sec || time.tv_usec;
}

static int by_pselect(void)
{
	struct timespec time = {WAIT, 0};
	int fd = quiet_pipe(), result;
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	result = pselect(fd + 1, &set, NULL, NULL, &time, NULL);
	return result || FD_ISSET(fd, &set);
}

static int quiet_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int fd = epoll_create1(0);

	epoll_ctl(fd, EPOLL_CTL_ADD, quiet_pipe(), &event);
	return fd;
}

static int by_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(quiet_epoll(), &event, 1, WAIT * 1000);
}

static int by_epoll_pwait2(void)
{
	struct epoll_event event;

	return syscall(441, quiet_epoll(), &event, 1, &(struct timespec){WAIT, 0}, NULL, 0);
}

static int by_futex(void)
{
	uint32_t word = 7;
	long result = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, &(struct timespec){WAIT, 0});

	return result != -1 || errno != ETIMEDOUT;
}

static int by_condition(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += WAIT;
	pthread_mutex_lock(&mutex);
	return pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &time) != ETIMEDOUT;
}

static int by_semaphores(void)
{
	int set = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf down = {.sem_op = -1};

	return semtimedop(set, &down, 1, &(struct timespec){WAIT, 0}) != -1 || errno != EAGAIN;
}

static int by_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigtimedwait(&set, NULL, &(struct timespec){WAIT, 0}) != -1 || errno != EAGAIN;
}

static int by_queue(void)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t queue = mq_open("/waits", O_CREAT | O_RDWR, 0600, &attr);
	struct timespec time;
	char message[16];

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_sec += WAIT;
	return mq_timedreceive(queue, message, sizeof(message), NULL, &time) != -1 ||
	       errno != ETIMEDOUT;
}

static int by_events(void)
{
	aio_context_t context = 0;
	struct io_event event;

	if (syscall(SYS_io_setup, 1, &context))
		return -1;
	return syscall(SYS_io_getevents, context, 1, 1, &event, &(struct timespec){WAIT, 0});
}

static void limit(int fd, int option)
{
	struct timeval time = {WAIT, 0};

	setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time));
}

static int by_recv(void)
{
	int ends[2];
	char byte;

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	limit(ends[0], SO_RCVTIMEO);
	return recv(ends[0], &byte, 1, 0) != -1 || errno != EAGAIN;
}

static int by_read(void)
{
	int ends[2];
	char byte;

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	limit(ends[0], SO_RCVTIMEO);
	return read(ends[0], &byte, 1) != -1 || errno != EAGAIN;
}

static int by_send(void)
{
	int ends[2];
	char bytes[4096] = {0};

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	while (send(ends[0], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	limit(ends[0], SO_SNDTIMEO);
	return send(ends[0], bytes, sizeof(bytes), 0) != -1 || errno != EAGAIN;
}

/* With nobody in the queue, or one more than fit in. */
static int listener(struct sockaddr_in *address)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(fd, (struct sockaddr *)address, size) || listen(fd, 0) ||
	    getsockname(fd, (struct sockaddr *)address, &size))
		return -1;
	return fd;
}

static int by_accept(void)
{
	struct sockaddr_in address;
	int fd = listener(&address);

	limit(fd, SO_RCVTIMEO);
	return accept(fd, NULL, NULL) != -1 || errno != EAGAIN;
}

/* With a queue that is full: how many that takes of TCP is the kernel's own affair. */
static int by_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(address);
	int listens = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	if (bind(listens, (struct sockaddr *)&address, sizeof(sa_family_t)) || listen(listens, 0) ||
	    getsockname(listens, (struct sockaddr *)&address, &size))
		return -1;
	do
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	while (!connect(fd, (struct sockaddr *)&address, size));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	limit(fd, SO_SNDTIMEO);
	return connect(fd, (struct sockaddr *)&address, size) != -1 || errno != EAGAIN;
}

static int by_timerfd_of(clockid_t clock, int flags)
{
	struct itimerspec value = {.it_value = {WAIT, 0}};
	int fd = timerfd_create(clock, 0);
	uint64_t count;

	if (flags)
		value.it_value.tv_sec += now(clock) + 1;
	timerfd_settime(fd, flags, &value, NULL);
	return read(fd, &count, sizeof(count)) != sizeof(count) || count != 1;
}

static int by_timerfd(void)
{
	return by_timerfd_of(CLOCK_MONOTONIC, 0);
}

static int by_timerfd_of_wall(void)
{
	return by_timerfd_of(CLOCK_REALTIME, 0);
}

static int by_timerfd_of_boottime(void)
{
	return by_timerfd_of(CLOCK_BOOTTIME, 0);
}

static int by_timerfd_at(void)
{
	return by_timerfd_of(CLOCK_MONOTONIC, TFD_TIMER_ABSTIME);
}

static int await_signal(int number)
{
	sigset_t set;
	int got = 0;

	sigemptyset(&set);
	sigaddset(&set, number);
	return sigwait(&set, &got) || got != number;
}

static int by_timer_of(clockid_t clock)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	timer_t timer;

	timer_create(clock, &event, &timer);
	timer_settime(timer, 0, &(struct itimerspec){.it_value = {WAIT, 0}}, NULL);
	return await_signal(SIGUSR1);
}

static int by_timer(void)
{
	return by_timer_of(CLOCK_MONOTONIC);
}

static int by_timer_of_wall(void)
{
	return by_timer_of(CLOCK_REALTIME);
}

static int by_itimer(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {WAIT, 0}}, NULL);
	return await_signal(SIGALRM);
}

static int by_alarm(void)
{
	alarm(WAIT);
	return await_signal(SIGALRM);
}

/* Its process is stopped at each step for a timer, and the wait is the same one after it. */
static int by_nanosleep_with_a_timer(void)
{
	alarm(86400 * 365);
	return by_nanosleep();
}

static const struct wait {
	const char *name;
	int (*wait)(void);
} waits[] = {
	{"nanosleep_with_a_timer", by_nanosleep_with_a_timer},
	{"nanosleep", by_nanosleep},
	{"nanosleep_call", by_nanosleep_call},
	{"clock_nanosleep_boottime", by_sleep_of_boottime},
	{"until_monotonic", until_monotonic},
	{"until_boottime", until_boottime},
	{"until_realtime", until_realtime},
	{"poll", by_poll},
	{"ppoll", by_ppoll},
	{"select", by_select},
	{"pselect", by_pselect},
	{"epoll_wait", by_epoll},
	{"epoll_pwait2", by_epoll_pwait2},
	{"futex", by_futex},
	{"pthread_cond_clockwait", by_condition},
	{"semtimedop", by_semaphores},
	{"sigtimedwait", by_signal},
	{"mq_timedreceive", by_queue},
	{"io_getevents", by_events},
	{"recv", by_recv},
	{"read", by_read},
	{"send", by_send},
	{"accept", by_accept},
	{"connect", by_connect},
	{"timerfd", by_timerfd},
	{"timerfd_of_wall", by_timerfd_of_wall},
	{"timerfd_of_boottime", by_timerfd_of_boottime},
	{"timerfd_at", by_timerfd_at},
	{"timer_create", by_timer},
	{"timer_create_of_wall", by_timer_of_wall},
	{"setitimer", by_itimer},
	{"alarm", by_alarm},
};

/* What waits, in a process or thread of its own, and tells by the pipe when it is over. */
static int done[2];

struct outcome {
	int result, error;
	time_t waited;
};

static void wait_and_tell(int (*wait)(void))
{
	struct outcome outcome;
	time_t before = now(CLOCK_MONOTONIC);

	errno = 0;
	outcome.result = wait();
	outcome.error = errno;
	outcome.waited = now(CLOCK_MONOTONIC) - before;
	EXPECT(write(done[1], &outcome, sizeof(outcome)), ==, sizeof(outcome));
}

static void *wait_in_thread(void *arg)
{
	const struct wait *w = arg;

	wait_and_tell(w->wait);
	return NULL;
}

static void block_signals(void)
{
	sigset_t user;

	sigemptyset(&user);
	sigaddset(&user, SIGUSR1);
	sigaddset(&user, SIGUSR2);
	sigaddset(&user, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &user, NULL);
}

static bool is_over(int milliseconds)
{
	struct pollfd watched = {.fd = done[0], .events = POLLIN};

	return poll(&watched, 1, milliseconds);
}

static void expect_timed_out(void)
{
	struct outcome outcome = {0};

	REQUIRE(read(done[0], &outcome, sizeof(outcome)), ==, sizeof(outcome));
	EXPECT(outcome.result, ==, 0);
	EXPECT(outcome.waited, >=, WAIT);
	EXPECT(outcome.waited, <, WAIT + SLACK);
}

TEST_EACH(waits, of_a_thread_end, .wall = START)
{
	pthread_t thread;

	block_signals();
	REQUIRE_OK(pipe(done));
	REQUIRE(pthread_create(&thread, NULL, wait_in_thread, (void *)param), ==, 0);
	clock_advance(WAIT / 2, 0);
	EXPECT(!is_over(20));
	clock_advance(WAIT / 2 + 2, 0);
	expect_timed_out();
	REQUIRE(pthread_join(thread, NULL), ==, 0);
}

TEST_EACH(waits, of_a_process_end_by_small_steps, .wall = START)
{
	pid_t pid;

	block_signals();
	REQUIRE_OK(pipe(done));
	pid = fork();
	if (!pid) {
		wait_and_tell(param->wait);
		_exit(0);
	}
	clock_advance(WAIT - 60, 60);
	EXPECT(!is_over(20));
	for (int i = 0; i < 7; i++) /* and what has passed before it was seen first */
		clock_advance(10, 0);
	expect_timed_out();
	REQUIRE(waitpid(pid, NULL, 0), ==, pid);
}

/* ---- waits without an end ---- */

static int always_poll(void)
{
	struct pollfd watched = {.fd = quiet_pipe(), .events = POLLIN};

	return poll(&watched, 1, -1);
}

static int always_select(void)
{
	return select(0, NULL, NULL, NULL, NULL);
}

static int always_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(quiet_epoll(), &event, 1, -1);
}

static int always_futex(void)
{
	uint32_t word = 7;

	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, NULL);
}

static int always_semop(void)
{
	struct sembuf down = {.sem_op = -1};

	return semop(semget(IPC_PRIVATE, 1, 0600), &down, 1);
}

static int always_message(void)
{
	struct {
		long type;
		char text[8];
	} message;

	return msgrcv(msgget(IPC_PRIVATE, 0600), &message, sizeof(message.text), 0, 0);
}

static int always_signal(void)
{
	return await_signal(SIGUSR2);
}

static int always_pipe(void)
{
	char byte;

	return read(quiet_pipe(), &byte, 1);
}

static int always_recv(void)
{
	struct timeval time = {86400 * 365, 0};
	int ends[2];
	char byte;

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
	return recv(ends[0], &byte, 1, 0);
}

static int always_events(void)
{
	aio_context_t context = 0;
	struct io_event event;

	return syscall(SYS_io_setup, 1, &context) ||
	       syscall(SYS_io_getevents, context, 1, 1, &event, NULL);
}

static int always_pause(void)
{
	return pause();
}

static int always_sleep(void)
{
	return nanosleep(&(struct timespec){86400 * 365, 0}, NULL);
}

static const struct wait endless[] = {
	{"poll", always_poll},           {"select", always_select}, {"epoll_wait", always_epoll},
	{"futex", always_futex},         {"semop", always_semop},   {"msgrcv", always_message},
	{"sigwait", always_signal},      {"read", always_pipe},     {"recv", always_recv},
	{"io_getevents", always_events}, {"pause", always_pause},   {"nanosleep", always_sleep},
};

/* It is stopped at each step, for its timers. */
TEST_EACH(endless, is_not_interrupted, .wall = START)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct outcome outcome = {0};
	timer_t timer;
	pid_t pid;

	block_signals();
	REQUIRE_OK(pipe(done));
	pid = fork();
	if (!pid) {
		timer_create(CLOCK_MONOTONIC, &event, &timer);
		timer_settime(timer, 0, &(struct itimerspec){.it_value = {86400 * 365, 0}}, NULL);
		alarm(86400 * 365);
		wait_and_tell(param->wait);
		_exit(0);
	}
	clock_advance(WAIT, WAIT / 20);
	if (is_over(20)) {
		EXPECT(read(done[0], &outcome, sizeof(outcome)), ==, sizeof(outcome));
		fail("it returned with %d, %s", outcome.result, strerror(outcome.error));
	}
	kill(pid, SIGKILL);
	REQUIRE(waitpid(pid, NULL, 0), ==, pid);
}

/* ---- who asks ---- */

static volatile sig_atomic_t rung;

static void ring(int number)
{
	(void)number;
	rung++;
}

TEST(the_timers_of_who_asks_ring, .wall = START)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec value = {.it_value = {WAIT, 0}};
	timer_t timer;

	signal(SIGUSR1, ring);
	signal(SIGALRM, ring);
	REQUIRE_OK(timer_create(CLOCK_MONOTONIC, &event, &timer));
	REQUIRE_OK(timer_settime(timer, 0, &value, NULL));
	alarm(2 * WAIT);
	clock_advance(WAIT - 1, 0);
	EXPECT(rung, ==, 0);
	clock_advance(1, 0);
	EXPECT(rung, ==, 1);
	clock_advance(WAIT, 60);
	EXPECT(rung, ==, 2);
}

TEST(periods_are_counted, .wall = START)
{
	struct itimerspec value = {.it_value = {60, 0}, .it_interval = {60, 0}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	uint64_t count = 0;

	REQUIRE_OK(timerfd_settime(fd, 0, &value, NULL));
	clock_advance(300, 0);
	EXPECT(read(fd, &count, sizeof(count)), ==, sizeof(count));
	EXPECT(count, ==, 5);
	EXPECT_ERRNO(EAGAIN, read(fd, &count, sizeof(count)));
	for (int i = 0; i < 10; i++)
		clock_advance(30, 0);
	EXPECT(read(fd, &count, sizeof(count)), ==, sizeof(count));
	EXPECT(count, ==, 5);
}

static void *sleep_by_minutes(void *arg)
{
	int *minutes = arg;

	for (;;) {
		nanosleep(&(struct timespec){60, 0}, NULL);
		__atomic_add_fetch(minutes, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

TEST(each_step_wakes_who_waits_for_it, .wall = START)
{
	pthread_t threads[4];
	int minutes[4] = {0};

	for (int i = 0; i < 4; i++)
		REQUIRE(pthread_create(&threads[i], NULL, sleep_by_minutes, &minutes[i]), ==, 0);
	clock_advance(3600, 60);
	for (int i = 0; i < 4; i++)
		EXPECT(__atomic_load_n(&minutes[i], __ATOMIC_SEQ_CST), ==, 60);
}

TEST(programs_begin_meanwhile, .wall = START)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execlp("sh", "sh", "-c",
		       "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 60; done; "
		       "test $(date -u +%Y) = 2038",
		       NULL);
		_exit(127);
	}
	for (int i = 0; i < 60 && !waitpid(pid, &status, WNOHANG); i++)
		clock_advance(60, 0);
	EXPECT(kill(pid, 0), ==, -1); /* it has ended, by itself */
	EXPECT(status, ==, 0);
}

/* ---- suspend ---- */

static int until_wall_or_boottime_in(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	time.tv_sec += WAIT;
	return clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL);
}

static void *wait_for_boottime(void *arg)
{
	*(int *)arg = until_wall_or_boottime_in(CLOCK_BOOTTIME);
	return NULL;
}

static void *wait_for_wall(void *arg)
{
	*(int *)arg = until_wall_or_boottime_in(CLOCK_REALTIME);
	return NULL;
}

static int armed_timerfd(clockid_t clock)
{
	struct itimerspec value = {.it_value = {now(clock) + WAIT, 0}};
	int fd = timerfd_create(clock, TFD_NONBLOCK);

	timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, NULL);
	return fd;
}

static bool rings(int fd)
{
	struct pollfd watched = {.fd = fd, .events = POLLIN};

	return poll(&watched, 1, 0) > 0;
}

static const struct wait asleep[] = {
	{"nanosleep", by_nanosleep}, {"poll", by_poll},   {"until_monotonic", until_monotonic},
	{"futex", by_futex},         {"recv", by_recv},   {"pthread_cond_clockwait", by_condition},
	{"epoll_wait", by_epoll},    {"timer", by_timer}, {"timerfd", by_timerfd},
};

TEST_EACH(asleep, is_not_woken_by_a_suspend, .wall = START)
{
	time_t ahead = now(CLOCK_BOOTTIME) - now(CLOCK_MONOTONIC), wall = now(CLOCK_REALTIME);
	int of_boottime = armed_timerfd(CLOCK_BOOTTIME), of_wall = armed_timerfd(CLOCK_REALTIME);
	int of_monotonic = armed_timerfd(CLOCK_MONOTONIC), results[2] = {-1, -1};
	pthread_t threads[3];

	block_signals();
	REQUIRE_OK(pipe(done));
	REQUIRE(pthread_create(&threads[0], NULL, wait_for_boottime, &results[0]), ==, 0);
	REQUIRE(pthread_create(&threads[1], NULL, wait_for_wall, &results[1]), ==, 0);
	REQUIRE(pthread_create(&threads[2], NULL, wait_in_thread, (void *)param), ==, 0);
	clock_advance(1, 0); /* they all wait now */
	clock_suspend(hours(8));
	EXPECT(now(CLOCK_BOOTTIME) - now(CLOCK_MONOTONIC) - ahead, >=, hours(8) - 1);
	EXPECT(now(CLOCK_BOOTTIME) - now(CLOCK_MONOTONIC) - ahead, <=, hours(8) + 1);
	EXPECT(now(CLOCK_REALTIME) - wall, >=, hours(8));
	REQUIRE(pthread_join(threads[0], NULL), ==, 0);
	REQUIRE(pthread_join(threads[1], NULL), ==, 0);
	EXPECT(results[0], ==, 0);
	EXPECT(results[1], ==, 0);
	EXPECT(!is_over(20));
	EXPECT(rings(of_boottime));
	EXPECT(rings(of_wall));
	EXPECT(!rings(of_monotonic));
	clock_advance(WAIT, 0);
	expect_timed_out();
}
