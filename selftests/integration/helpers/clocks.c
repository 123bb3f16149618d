/* SPDX-License-Identifier: MIT */
/*
 * Asks for, sets, and waits by the wall clock as a program of its own: built for 32 and 64 bits,
 * dynamic and static. The cell starts in 2030. Says what is wrong, and exits with 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START 1893456000L /* 2030-01-01 */
#define SLACK 600

static int wrong;

static void complain(const char *what, long long value)
{
	printf("%s: %lld\n", what, value);
	__atomic_store_n(&wrong, 1, __ATOMIC_SEQ_CST);
}

static void about(const char *what, long long value, long long expected)
{
	if (value < expected || value >= expected + SLACK)
		complain(what, value);
}

static void set_to(time_t seconds)
{
	struct timespec time = {.tv_sec = seconds};

	if (clock_settime(CLOCK_REALTIME, &time))
		complain("clock_settime", errno);
}

static void read_all(long long expected)
{
	static const clockid_t ids[] = {CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI};
	struct timespec now;
	struct timeval tv;
	time_t then;

	for (int i = 0; i < 3; i++) {
		clock_gettime(ids[i], &now);
		about("clock_gettime", now.tv_sec, expected);
	}
	gettimeofday(&tv, NULL);
	about("gettimeofday", tv.tv_sec, expected);
	about("time", time(&then), expected);
	about("time stored", then, expected);
	about("raw time", syscall(SYS_time, NULL), expected);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > START / 2)
		complain("monotonic", now.tv_sec);
}

static void set_all(void)
{
	struct timeval tv = {.tv_sec = START + 2000};
	struct timex t = {.modes = ADJ_SETOFFSET | ADJ_NANO, .time = {3600, 0}};

	set_to(START + 1000);
	read_all(START + 1000);
	settimeofday(&tv, NULL);
	read_all(START + 2000);
	if (adjtimex(&t) < 0)
		complain("adjtimex", errno);
	read_all(START + 5600);
	t = (struct timex){0};
	adjtimex(&t);
	about("adjtimex says", t.time.tv_sec, START + 5600);
#if defined(__i386__)
	long seconds = START + 3000;
	struct {
		int32_t seconds, nanoseconds;
	} narrow;
	struct {
		int64_t seconds, nanoseconds;
	} wide;

	syscall(25, &seconds); /* stime */
	read_all(START + 3000);
	wide.seconds = 4102444800; /* 2100, which the old calls cannot say */
	wide.nanoseconds = 0;
	syscall(404, CLOCK_REALTIME, &wide);
	syscall(265, CLOCK_REALTIME, &narrow);
	about("narrow 2100", (uint32_t)narrow.seconds, 4102444800 & 0xffffffff);
	syscall(403, CLOCK_REALTIME, &wide);
	about("wide 2100", wide.seconds, 4102444800);
	about("time 2100", (uint32_t)syscall(13, NULL), 4102444800 & 0xffffffff);
#endif
}

/* ---- waits ---- */

static int sleep_until(const struct timespec *until)
{
	return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, NULL);
}

static int wait_on_condition(const struct timespec *until)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&mutex);
	return pthread_cond_timedwait(&condition, &mutex, until) != ETIMEDOUT;
}

static int wait_on_semaphore(const struct timespec *until)
{
	sem_t semaphore;

	sem_init(&semaphore, 0, 0);
	return !sem_timedwait(&semaphore, until) || errno != ETIMEDOUT;
}

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER, held_pi;

static int wait_on_mutex(const struct timespec *until)
{
	return pthread_mutex_timedlock(&held, until) != ETIMEDOUT;
}

static int wait_on_pi(const struct timespec *until)
{
	return pthread_mutex_timedlock(&held_pi, until) != ETIMEDOUT;
}

static int wait_on_queue(const struct timespec *until)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t queue = mq_open("/waits", O_CREAT | O_RDWR, 0600, &attr);
	char message[16];
	int result = mq_timedreceive(queue, message, sizeof(message), NULL, until);

	result = result >= 0 || errno != ETIMEDOUT;
	mq_close(queue);
	return result;
}

static int wait_on_timerfd(const struct timespec *until)
{
	struct itimerspec value = {.it_value = *until}, old;
	int fd = timerfd_create(CLOCK_REALTIME, 0);
	uint64_t count = 0;
	int result;

	timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, &old);
	result = read(fd, &count, sizeof(count)) != sizeof(count) || count != 1 ||
		 old.it_value.tv_sec || old.it_value.tv_nsec;
	close(fd);
	return result;
}

static int wait_for_timer(const struct timespec *until)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
				 .sigev_signo = SIGUSR1,
				 ._sigev_un._tid = gettid()};
	struct itimerspec value = {.it_value = *until}, old = {.it_value.tv_sec = 5};
	sigset_t waited;
	timer_t timer;
	int number = 0, result;

	sigemptyset(&waited);
	sigaddset(&waited, SIGUSR1);
	if (timer_create(CLOCK_REALTIME, &event, &timer) ||
	    timer_settime(timer, TIMER_ABSTIME, &value, &old))
		return 1;
	result = sigwait(&waited, &number) || number != SIGUSR1 || old.it_value.tv_sec;
	timer_delete(timer);
	return result;
}

static const struct {
	const char *name;
	int (*wait)(const struct timespec *until);
} kinds[] = {
	{"clock_nanosleep", sleep_until},     {"pthread_cond_timedwait", wait_on_condition},
	{"sem_timedwait", wait_on_semaphore}, {"pthread_mutex_timedlock", wait_on_mutex},
	{"priority inheritance", wait_on_pi}, {"mq_timedreceive", wait_on_queue},
	{"timerfd", wait_on_timerfd},         {"timer", wait_for_timer},
};
#define KINDS (int)(sizeof(kinds) / sizeof(*kinds))

static int pending = KINDS;

static bool is_past(const struct timespec *time)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > time->tv_sec ||
	       (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

static void *wait_in_thread(void *kind)
{
	struct timespec until = {.tv_sec = START + 36000}, said = until;
	int i = (intptr_t)kind;

	if (kinds[i].wait(&until))
		complain(kinds[i].name, errno);
	if (!is_past(&until))
		complain("early", i);
	if (memcmp(&until, &said, sizeof(said)))
		complain("the time was changed", i);
	__atomic_sub_fetch(&pending, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void expect_waiting(void)
{
	poll(NULL, 0, 100);
	if (pending != KINDS)
		complain("still waiting", pending);
}

static void hold(void)
{
	pthread_mutexattr_t inherit;

	pthread_mutexattr_init(&inherit);
	pthread_mutexattr_setprotocol(&inherit, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&held_pi, &inherit);
	pthread_mutex_lock(&held);
	pthread_mutex_lock(&held_pi);
}

static void block_signals(void)
{
	sigset_t user;

	sigemptyset(&user);
	sigaddset(&user, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &user, NULL);
}

static void wait_all(void)
{
	pthread_t threads[KINDS];

	block_signals();
	hold();
	set_to(START);
	for (intptr_t i = 0; i < KINDS; i++)
		pthread_create(&threads[i], NULL, wait_in_thread, (void *)i);
	expect_waiting();
	set_to(START + 35000);
	expect_waiting();
	set_to(START - 86400);
	expect_waiting();
	set_to(START + 36001);
	for (int i = 0; i < KINDS; i++)
		pthread_join(threads[i], NULL);
}

static void *wait_a_second(void *kind)
{
	int i = (intptr_t)kind;
	struct timespec until, said;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	said = until;
	if (kinds[i].wait(&until))
		complain(kinds[i].name, errno);
	if (memcmp(&until, &said, sizeof(said)))
		complain("the time was changed", i);
	if (!is_past(&until))
		complain("early", i);
	return NULL;
}

static void wait_for_one(intptr_t kind)
{
	pthread_t thread;

	block_signals();
	hold();
	pthread_create(&thread, NULL, wait_a_second, (void *)kind);
	pthread_join(thread, NULL);
}

/* ---- a storm ---- */

#define JUMP              1000
#define WAITERS_OF_A_KIND 10

static bool is_over;
static long waits_done, execs_done;

/* The clock goes between START and START + JUMP, and some. */
static void expect_date(const char *what, time_t now)
{
	if (now < START - SLACK || now > START + JUMP + SLACK)
		complain(what, now);
}

static void *storm_waits(void *kind)
{
	int i = (intptr_t)kind % KINDS;

	while (!__atomic_load_n(&is_over, __ATOMIC_SEQ_CST)) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		expect_date("date", until.tv_sec);
		until.tv_nsec += 20000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		if (kinds[i].wait(&until))
			complain(kinds[i].name, errno);
		__atomic_add_fetch(&waits_done, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void *storm_processes(void *self)
{
	while (!__atomic_load_n(&is_over, __ATOMIC_SEQ_CST)) {
		int status;
		pid_t pid = fork();

		if (!pid && self)
			execl("/proc/self/exe", "clocks", "date", NULL);
		if (!pid) {
			expect_date("forked", time(NULL));
			_exit(wrong);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			complain("process", status);
		__atomic_add_fetch(&execs_done, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void storm(int jumps)
{
	pthread_t waiters[KINDS * WAITERS_OF_A_KIND], processes[4];

	block_signals();
	hold();
	set_to(START);
	for (intptr_t i = 0; i < KINDS * WAITERS_OF_A_KIND; i++)
		pthread_create(&waiters[i], NULL, storm_waits, (void *)i);
	for (intptr_t i = 0; i < 4; i++)
		pthread_create(&processes[i], NULL, storm_processes, (void *)(i & 1));
	for (int i = 0; i < jumps; i++)
		set_to(i & 1 ? START : START + JUMP);
	__atomic_store_n(&is_over, true, __ATOMIC_SEQ_CST);
	/* those that began before the clock went back wait for a time that is far */
	set_to(START + JUMP + 2);
	for (int i = 0; i < KINDS * WAITERS_OF_A_KIND; i++)
		pthread_join(waiters[i], NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(processes[i], NULL);
	printf("waits %ld processes %ld\n", waits_done, execs_done);
}

/* ---- signals while the clock jumps ---- */

static long handled, interrupted;

static void handle(int number)
{
	(void)number;
	__atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void *sleep_interrupted(void *tid)
{
	struct timespec until = {.tv_sec = START + 2 * 86400};
	int result;

	__atomic_store_n((pid_t *)tid, gettid(), __ATOMIC_SEQ_CST);
	while ((result = sleep_until(&until)) == EINTR)
		__atomic_add_fetch(&interrupted, 1, __ATOMIC_SEQ_CST);
	if (result)
		complain("interrupted", result);
	return NULL;
}

static void await_sleep(pid_t tid)
{
	char path[64], where[64];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/wchan", tid);
	do {
		poll(NULL, 0, 1);
		fd = open(path, O_RDONLY);
		size = read(fd, where, sizeof(where) - 1);
		where[size < 0 ? 0 : size] = 0;
		close(fd);
	} while (!strstr(where, "nanosleep"));
}

static void signals(int jumps)
{
	struct sigaction action = {.sa_handler = handle};
	cpu_set_t first;
	pthread_t thread;
	pid_t tid = 0;

	sched_getaffinity(0, sizeof(first), &first);
	for (int i = 0, found = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &first) && found++)
			CPU_CLR(i, &first);

	/* on one processor the signal often waits for the thread still when the clock jumps */
	sched_setaffinity(0, sizeof(first), &first);
	sigaction(SIGUSR2, &action, NULL);
	pthread_create(&thread, NULL, sleep_interrupted, &tid);
	while (!__atomic_load_n(&tid, __ATOMIC_SEQ_CST))
		poll(NULL, 0, 1);
	for (int i = 1; i <= jumps && !wrong; i++) {
		await_sleep(tid);
		pthread_kill(thread, SIGUSR2);
		set_to(i & 1 ? START + 86400 : START);
		while (__atomic_load_n(&handled, __ATOMIC_SEQ_CST) < i)
			poll(NULL, 0, 1);
		await_sleep(tid);
		if (__atomic_load_n(&interrupted, __ATOMIC_SEQ_CST) != i)
			complain("a signal did not interrupt its sleep", i);
	}
	set_to(START + 2 * 86400 + 1);
	pthread_join(thread, NULL);
}

/* ---- a timer that is cancelled when the clock is set ---- */

static void *read_cancelled(void *timer)
{
	uint64_t count;
	ssize_t size = read(*(int *)timer, &count, sizeof(count));

	if (size >= 0 || errno != ECANCELED)
		complain("it was not cancelled", size < 0 ? errno : (long long)count);
	return NULL;
}

static void await_read(int timer)
{
	char path[64], text[512] = "", wanted[32];
	int fd = -1;

	/* the other thread's system call, and its first argument */
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", getpid() + 1);
	snprintf(wanted, sizeof(wanted), "%d 0x%x ", SYS_read, timer);
	do {
		poll(NULL, 0, 1);
		fd = open(path, O_RDONLY);
		if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
			*text = 0;
		close(fd);
	} while (strncmp(text, wanted, strlen(wanted)));
}

static void cancel(void)
{
	struct itimerspec value = {.it_value = {.tv_sec = START + 86400}};
	int timer = timerfd_create(CLOCK_REALTIME, 0);
	struct pollfd polled = {.fd = timer, .events = POLLIN};
	pthread_t thread;

	timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &value, NULL);
	pthread_create(&thread, NULL, read_cancelled, &timer);
	await_read(timer);
	set_to(START + 5);
	pthread_join(thread, NULL);
	if (poll(&polled, 1, 50))
		complain("it was cancelled, and rings too early", 0);
	set_to(START + 10); /* nobody reads: who polls is woken up */
	if (poll(&polled, 1, -1) != 1)
		complain("poll", errno);
}

/* ---- no descriptor left; built statically, or it could not even find its library ---- */

static void execute_without_descriptors(rlim_t hard)
{
	struct rlimit few = {32, hard};

	setrlimit(RLIMIT_NOFILE, &few);
	while (dup(1) >= 0)
		;
	execl("/proc/self/exe", "clocks", "date", NULL);
	complain("exec", errno);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "date")) {
		expect_date("executed", time(NULL));
	} else if (!strcmp(what, "read")) {
		read_all(START);
		set_all();
	} else if (!strcmp(what, "wait")) {
		wait_all();
	} else if (!strcmp(what, "storm")) {
		storm(atoi(argv[2]));
	} else if (!strcmp(what, "signals")) {
		signals(atoi(argv[2]));
	} else if (!strcmp(what, "cancel")) {
		cancel();
	} else if (!strcmp(what, "full")) {
		execute_without_descriptors(atoi(argv[2]));
	} else if (!strcmp(what, "one")) {
		wait_for_one(atoi(argv[2]));
	}
	return wrong;
}
