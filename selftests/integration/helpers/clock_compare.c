/* SPDX-License-Identifier: MIT */
/*
 * What time it is, by one way of asking, and how a wait until a time ends: "on time", "early",
 * "hangs". For ci/compare-clocks.sh, which says what of that is right.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_NS  50000000
#define PATIENCE 5 /* seconds, by the machine's clock */

static int sleep_until(clockid_t clock, const struct timespec *until)
{
	return clock_nanosleep(clock, TIMER_ABSTIME, until, NULL);
}

static int wait_on_condition(clockid_t clock, const struct timespec *until)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&mutex);
	return pthread_cond_clockwait(&condition, &mutex, clock, until) != ETIMEDOUT;
}

static int wait_on_plain_condition(clockid_t clock, const struct timespec *until)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

	(void)clock;
	pthread_mutex_lock(&mutex);
	return pthread_cond_timedwait(&condition, &mutex, until) != ETIMEDOUT;
}

static int wait_on_semaphore(clockid_t clock, const struct timespec *until)
{
	sem_t semaphore;

	(void)clock;
	sem_init(&semaphore, 0, 0);
	return !sem_timedwait(&semaphore, until) || errno != ETIMEDOUT;
}

static int wait_on_mutex(clockid_t clock, const struct timespec *until)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	(void)clock;
	pthread_mutex_lock(&mutex);
	return pthread_mutex_timedlock(&mutex, until) != ETIMEDOUT;
}

static int wait_on_futex(clockid_t clock, const struct timespec *until)
{
	uint32_t word = 0;
	int flags = FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG |
		    (clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0);

	return !syscall(SYS_futex, &word, flags, 0, until, NULL, FUTEX_BITSET_MATCH_ANY) ||
	       errno != ETIMEDOUT;
}

static int wait_on_queue(clockid_t clock, const struct timespec *until)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t queue = mq_open("/compare", O_CREAT | O_RDWR, 0600, &attr);
	char message[16];

	(void)clock;
	return mq_timedreceive(queue, message, sizeof(message), NULL, until) >= 0 ||
	       errno != ETIMEDOUT;
}

static int wait_on_timerfd(clockid_t clock, const struct timespec *until)
{
	struct itimerspec value = {.it_value = *until};
	int fd = timerfd_create(clock, 0);
	uint64_t count;

	return timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, NULL) ||
	       read(fd, &count, sizeof(count)) != sizeof(count);
}

static int wait_for_timer(clockid_t clock, const struct timespec *until)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec value = {.it_value = *until};
	sigset_t waited;
	timer_t timer;
	int number;

	sigemptyset(&waited);
	sigaddset(&waited, SIGUSR1);
	sigprocmask(SIG_BLOCK, &waited, NULL);
	return timer_create(clock, &event, &timer) ||
	       timer_settime(timer, TIMER_ABSTIME, &value, NULL) || sigwait(&waited, &number);
}

static const struct {
	const char *name;
	int (*wait)(clockid_t clock, const struct timespec *until);
	clockid_t clock;
} waits[] = {
	{"sleep-realtime", sleep_until, CLOCK_REALTIME},
	{"sleep-tai", sleep_until, CLOCK_TAI},
	{"sleep-monotonic", sleep_until, CLOCK_MONOTONIC},
	{"sleep-boottime", sleep_until, CLOCK_BOOTTIME},
	{"condition", wait_on_plain_condition, CLOCK_REALTIME},
	{"condition-monotonic", wait_on_condition, CLOCK_MONOTONIC},
	{"semaphore", wait_on_semaphore, CLOCK_REALTIME},
	{"mutex", wait_on_mutex, CLOCK_REALTIME},
	{"futex-realtime", wait_on_futex, CLOCK_REALTIME},
	{"futex-monotonic", wait_on_futex, CLOCK_MONOTONIC},
	{"queue", wait_on_queue, CLOCK_REALTIME},
	{"timerfd-realtime", wait_on_timerfd, CLOCK_REALTIME},
	{"timerfd-monotonic", wait_on_timerfd, CLOCK_MONOTONIC},
	{"timerfd-boottime", wait_on_timerfd, CLOCK_BOOTTIME},
	{"timer-realtime", wait_for_timer, CLOCK_REALTIME},
	{"timer-tai", wait_for_timer, CLOCK_TAI},
	{"timer-monotonic", wait_for_timer, CLOCK_MONOTONIC},
};

/* Of the kernel, whatever stands between. */
static int64_t passed(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void hang(int number)
{
	(void)number;
	if (write(1, "hangs\n", 6) == 6)
		_exit(0);
	_exit(1);
}

static int run_wait(int index)
{
	struct timespec until;
	int64_t begun = passed();

	if (clock_gettime(waits[index].clock, &until))
		return 1;
	until.tv_nsec += WAIT_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	if (waits[index].wait(waits[index].clock, &until))
		puts("an error");
	else
		puts(passed() - begun < WAIT_NS ? "early" : "on time");
	return 0;
}

/* The time, in seconds, by these. */
static long read_by(const char *how)
{
	struct timespec now = {0};
	struct timeval tv = {0};

	if (!strcmp(how, "time"))
		return time(NULL);
	if (!strcmp(how, "gettimeofday"))
		return gettimeofday(&tv, NULL) ? 0 : tv.tv_sec;
	if (!strcmp(how, "realtime"))
		clock_gettime(CLOCK_REALTIME, &now);
	else if (!strcmp(how, "coarse"))
		clock_gettime(CLOCK_REALTIME_COARSE, &now);
	else if (!strcmp(how, "tai"))
		clock_gettime(CLOCK_TAI, &now);
	else if (!strcmp(how, "system-call"))
		syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	return now.tv_sec;
}

/* A wait for an hour ends when another process sets the clock two hours ahead. */
static int see_a_jump(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 3600;
	if (!fork()) {
		usleep(100000);
		_exit(system("date -s '+2 hours' >/dev/null 2>&1") ? 1 : 0);
	}
	puts(sleep_until(CLOCK_REALTIME, &until) ? "an error" : "on time");
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGALRM, hang);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2)
		return 2;
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		if (strcmp(argv[1], waits[i].name))
			continue;
		alarm(PATIENCE);
		return run_wait(i);
	}
	if (!strcmp(argv[1], "jump")) {
		alarm(PATIENCE);
		return see_a_jump();
	}
	printf("%ld\n", read_by(argv[1]));
	return 0;
}
