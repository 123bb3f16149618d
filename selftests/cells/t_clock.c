/* SPDX-License-Identifier: MIT */
/*
 * clock: the wall clock is the cell's own, by every way of asking, and can be set
 */
#define _GNU_SOURCE
#include <cloche.h>
#include <errno.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START   "2038-01-19T03:14:00Z"
#define START_S 2147483640L
#define NSEC    1000000000L

/* The test is not that slow. */
#define SLACK 600

static time_t raw_now(clockid_t clock)
{
	struct timespec now = {0};

	EXPECT_OK(syscall(SYS_clock_gettime, clock, &now));
	return now.tv_sec;
}

static time_t libc_now(clockid_t clock)
{
	struct timespec now = {0};

	EXPECT_OK(clock_gettime(clock, &now));
	return now.tv_sec;
}

#define EXPECT_ABOUT(value, expected)                                                              \
	do {                                                                                       \
		time_t about_ = (value);                                                           \
		EXPECT(about_, >=, (time_t)(expected));                                            \
		EXPECT(about_, <, (time_t)(expected) + SLACK);                                     \
	} while (0)

static void set_to(time_t seconds)
{
	struct timespec time = {seconds, 0};

	EXPECT_OK(clock_settime(CLOCK_REALTIME, &time));
}

static int shell(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(every_way_of_asking_tells_one_time, .wall = START)
{
	struct timeval tv = {0}, raw_tv = {0};

	EXPECT_ABOUT(libc_now(CLOCK_REALTIME), START_S);
	EXPECT_ABOUT(libc_now(CLOCK_REALTIME_COARSE), START_S);
	EXPECT_ABOUT(libc_now(CLOCK_TAI), START_S);
	EXPECT_ABOUT(raw_now(CLOCK_REALTIME), START_S);
	EXPECT_ABOUT(raw_now(CLOCK_REALTIME_COARSE), START_S);
	EXPECT_ABOUT(raw_now(CLOCK_TAI), START_S);
	EXPECT_OK(gettimeofday(&tv, NULL));
	EXPECT_ABOUT(tv.tv_sec, START_S);
	EXPECT_OK(syscall(SYS_gettimeofday, &raw_tv, NULL));
	EXPECT_ABOUT(raw_tv.tv_sec, START_S);
	EXPECT_ABOUT(time(NULL), START_S);
#ifdef SYS_time
	EXPECT_ABOUT(syscall(SYS_time, NULL), START_S);
#endif
	EXPECT_ERRNO(EFAULT, syscall(SYS_clock_gettime, CLOCK_REALTIME, (void *)8));
}

TEST(other_clocks_are_left_alone, .wall = START)
{
	struct timespec here, cpu;

	EXPECT(libc_now(CLOCK_MONOTONIC), <, START_S / 2);
	EXPECT(raw_now(CLOCK_BOOTTIME), <, START_S / 2);
	EXPECT_OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu));
	EXPECT(cpu.tv_sec, <, SLACK);
	EXPECT_OK(clock_getres(CLOCK_REALTIME, &here));
	EXPECT(here.tv_sec, ==, 0);
}

TEST(programs_that_are_executed_see_it_too, .wall = START)
{
	EXPECT(shell("test $(date -u +%Y) = 2038"), ==, 0);
	EXPECT(shell("sh -c 'test $(exec date -u +%Y) = 2038'"), ==, 0);
	EXPECT(shell("exec /usr/bin/env date -u +%Y | grep -qx 2038"), ==, 0);
}

TEST(what_one_sets_all_see, .wall = START)
{
	set_to(START_S + 1000000);
	EXPECT_ABOUT(time(NULL), START_S + 1000000);
	EXPECT(shell("date -u -s 2040-02-29T23:59:50Z >/dev/null"), ==, 0);
	EXPECT_ABOUT(time(NULL), 2214172790);
	EXPECT_ABOUT(raw_now(CLOCK_TAI), 2214172790);
	EXPECT(shell("test $(date -u +%Y) = 2040"), ==, 0);
}

TEST(a_relative_start, .wall = "+30d", .tags = "relative")
{
	EXPECT(time(NULL), >, 1700000000 + 30 * 86400);
	EXPECT(time(NULL), <, START_S * 4);
}

TEST(what_the_kernel_refuses_is_refused, .wall = START, .uptime = days(497))
{
	struct timespec early = {days(400), 0}, late = {8277292036, 0}, bad = {START_S, NSEC};
	struct timeval bad_tv = {START_S, 1000000};

	EXPECT_ERRNO(EINVAL, clock_settime(CLOCK_REALTIME, &early)); /* before the start */
	EXPECT_ERRNO(EINVAL, clock_settime(CLOCK_REALTIME, &late));
	EXPECT_ERRNO(EINVAL, clock_settime(CLOCK_REALTIME, &bad));
	EXPECT_ERRNO(EINVAL, settimeofday(&bad_tv, NULL));
	EXPECT_ERRNO(EINVAL, clock_settime(CLOCK_MONOTONIC, &early));
	EXPECT_ERRNO(EFAULT, syscall(SYS_clock_settime, CLOCK_REALTIME, (void *)8));
	EXPECT_ABOUT(time(NULL), START_S);
}

TEST(setting_takes_the_capability, .wall = START, .user = "65534", .ids = "one")
{
	struct timespec time = {START_S, 0};

	EXPECT_ERRNO(EPERM, clock_settime(CLOCK_REALTIME, &time));
}

TEST(adjtimex_steps_and_reads_back, .wall = START)
{
	struct timex t = {.modes = ADJ_SETOFFSET | ADJ_NANO, .time = {3600, 500000000}};

	EXPECT_OK(adjtimex(&t));
	EXPECT_ABOUT(time(NULL), START_S + 3600);
	t = (struct timex){.modes = ADJ_TAI, .constant = 37};
	EXPECT_OK(adjtimex(&t));
	t = (struct timex){0};
	EXPECT_OK(adjtimex(&t));
	EXPECT(t.tai, ==, 37);
	EXPECT_ABOUT(t.time.tv_sec, START_S + 3600);
	EXPECT(libc_now(CLOCK_TAI) - libc_now(CLOCK_REALTIME), >=, 37);
}

/* kernel/time/ntp.c, ntp_clear; chrony looks whether it is so. */
TEST(whoever_steps_it_has_not_synchronised_it, .wall = START)
{
	struct timex t = {.modes = ADJ_MAXERROR | ADJ_STATUS, .status = STA_PLL};

	EXPECT(adjtimex(&t), ==, TIME_OK);
	EXPECT(t.maxerror, ==, 0);
	t = (struct timex){.modes = ADJ_SETOFFSET | ADJ_NANO};
	EXPECT(adjtimex(&t), ==, TIME_ERROR);
	EXPECT(t.maxerror, >=, 16000000);
	EXPECT(t.status, ==, STA_PLL | STA_UNSYNC | STA_NANO);
	t = (struct timex){.modes = ADJ_MAXERROR | ADJ_STATUS, .status = STA_PLL};
	EXPECT(adjtimex(&t), ==, TIME_OK);
	set_to(START_S);
	t = (struct timex){0};
	EXPECT(adjtimex(&t), ==, TIME_ERROR);
}

/* ---- waits ---- */

static struct timespec after(long milliseconds)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += milliseconds / 1000;
	t.tv_nsec += milliseconds % 1000 * 1000000;
	if (t.tv_nsec >= NSEC) {
		t.tv_nsec -= NSEC;
		t.tv_sec++;
	}
	return t;
}

static bool is_past(const struct timespec *time)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec > time->tv_sec ||
	       (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

TEST(a_sleep_ends_at_its_time_and_says_the_same_after, .wall = START)
{
	struct timespec until = after(50), said = until;

	EXPECT(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL), ==, 0);
	EXPECT(is_past(&said));
	EXPECT_MEM(&until, ==, &said, sizeof(said));
}

static int sleep_until(const struct timespec *until)
{
	return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, NULL);
}

static int sleep_until_tai(const struct timespec *until)
{
	return clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, until, NULL);
}

static int wait_on_condition(const struct timespec *until)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&mutex);
	return pthread_cond_timedwait(&condition, &mutex, until) == ETIMEDOUT ? 0 : -1;
}

static int wait_on_semaphore(const struct timespec *until)
{
	sem_t semaphore;

	sem_init(&semaphore, 0, 0);
	return sem_timedwait(&semaphore, until) && errno == ETIMEDOUT ? 0 : -1;
}

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

static int wait_on_mutex(const struct timespec *until)
{
	return pthread_mutex_timedlock(&held, until) == ETIMEDOUT ? 0 : -1;
}

static int wait_on_queue(const struct timespec *until)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t queue = mq_open("/waits", O_CREAT | O_RDWR, 0600, &attr);
	char message[16];

	return mq_timedreceive(queue, message, sizeof(message), NULL, until) < 0 &&
			       errno == ETIMEDOUT
		       ? 0
		       : -1;
}

static int wait_on_timerfd(const struct timespec *until)
{
	struct itimerspec value = {.it_value = *until};
	int fd = timerfd_create(CLOCK_REALTIME, 0);
	uint64_t count;

	timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, NULL);
	return read(fd, &count, sizeof(count)) == sizeof(count) && count == 1 ? 0 : -1;
}

static int wait_for_timer(const struct timespec *until)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec value = {.it_value = *until};
	sigset_t waited;
	timer_t timer;
	int number = 0;

	sigemptyset(&waited);
	sigaddset(&waited, SIGUSR1);
	timer_create(CLOCK_REALTIME, &event, &timer);
	timer_settime(timer, TIMER_ABSTIME, &value, NULL);
	return sigwait(&waited, &number) || number != SIGUSR1;
}

static const struct {
	const char *name;
	int (*wait)(const struct timespec *until);
} waits[] = {
	{"clock_nanosleep", sleep_until},
	{"clock_nanosleep_tai", sleep_until_tai},
	{"pthread_cond_timedwait", wait_on_condition},
	{"sem_timedwait", wait_on_semaphore},
	{"pthread_mutex_timedlock", wait_on_mutex},
	{"mq_timedreceive", wait_on_queue},
	{"timerfd", wait_on_timerfd},
	{"timer_settime", wait_for_timer},
};

struct waiter {
	int (*wait)(const struct timespec *until);
	struct timespec until;
	pthread_t thread;
	int result;
	bool has_begun, is_early;
	int done; /* a pipe end */
};

static void *wait_in_thread(void *arg)
{
	struct waiter *w = arg;

	__atomic_store_n(&w->has_begun, true, __ATOMIC_SEQ_CST);
	w->result = w->wait(&w->until);
	w->is_early = !is_past(&w->until);
	EXPECT(write(w->done, "", 1), ==, 1);
	return NULL;
}

static void expect_still_waiting(int done, int milliseconds)
{
	struct pollfd watched = {.fd = done, .events = POLLIN};

	EXPECT(poll(&watched, 1, milliseconds), ==, 0);
}

TEST_EACH(waits, is_judged_anew_after_a_jump, .wall = START)
{
	struct waiter w = {.wait = param->wait, .until = {START_S + 36000, 0}};
	sigset_t user;
	int done[2];

	sigemptyset(&user);
	sigaddset(&user, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &user, NULL);
	REQUIRE_OK(pipe(done));
	pthread_mutex_lock(&held);
	w.done = done[1];
	REQUIRE(pthread_create(&w.thread, NULL, wait_in_thread, &w), ==, 0);
	expect_still_waiting(done[0], 100);
	set_to(START_S + 35000);
	expect_still_waiting(done[0], 100);
	set_to(START_S - 86400);
	expect_still_waiting(done[0], 100);
	set_to(START_S + 36001);
	REQUIRE(pthread_join(w.thread, NULL), ==, 0);
	EXPECT(w.result, ==, 0);
	EXPECT(!w.is_early);
}

TEST(relative_waits_are_left_alone, .wall = START)
{
	struct timespec before, end, pause = {0, 200000000};

	clock_gettime(CLOCK_MONOTONIC, &before);
	if (!fork()) {
		set_to(START_S + 86400);
		_exit(0);
	}
	EXPECT(nanosleep(&pause, NULL), ==, 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	EXPECT((end.tv_sec - before.tv_sec) * NSEC + end.tv_nsec - before.tv_nsec, >=, 200000000L);
	wait(NULL);
	EXPECT_ABOUT(time(NULL), START_S + 86400);
}

TEST(no_filter_where_no_clock_is_asked_for)
{
	EXPECT(shell("grep -qx 'Seccomp:\t0' /proc/self/status"), ==, 0);
}

TEST(the_clock_stands_still, .wall = START, .wall_speed = "0")
{
	struct timespec first, second, pause = {0, 20000000};

	clock_gettime(CLOCK_REALTIME, &first);
	nanosleep(&pause, NULL);
	clock_gettime(CLOCK_REALTIME, &second);
	EXPECT_MEM(&first, ==, &second, sizeof(first));
	EXPECT(first.tv_sec, ==, START_S);
}

TEST(the_clock_goes_faster, .wall = START, .wall_speed = "1000")
{
	struct timespec until = {START_S + 100, 0};

	EXPECT(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL), ==, 0);
	EXPECT(time(NULL), >=, START_S + 100);
}

/* ---- the calls of cloche.h ---- */

TEST(a_test_sets_its_clock, .wall = START, .uptime = days(497) - 30)
{
	struct cloche_clocks clocks;

	clock_set_wall("2040-02-29T23:59:50Z");
	EXPECT_ABOUT(time(NULL), 2214172790);
	clock_set_wall("+1d");
	EXPECT_ABOUT(time(NULL), 2214172790 + 86400);
	clock_step_wall(-86400.5);
	EXPECT_ABOUT(time(NULL), 2214172789);
	clock_report(&clocks);
	EXPECT_ABOUT(clocks.wall.tv_sec, 2214172789);
	EXPECT_ABOUT(clocks.boottime.tv_sec, days(497) - 30);
	EXPECT(clocks.machine.tv_sec, <, 2214172789);
	EXPECT(clocks.jumps, ==, 3u);
	EXPECT(clocks.speed, ==, 1.0);
}

TEST(a_leap_second_leaves_tai_alone, .wall = "2016-12-31T23:59:59.9Z")
{
	time_t before;

	clock_set_tai(36);
	before = libc_now(CLOCK_TAI);
	clock_step_wall(-1);
	clock_set_tai(37);
	EXPECT(libc_now(CLOCK_TAI) - before, <, SLACK);
	EXPECT(libc_now(CLOCK_TAI), >=, before);
	EXPECT(raw_now(CLOCK_TAI) - raw_now(CLOCK_REALTIME), >=, 37);
}

/* Look at the clock until a time. Returns how far TAI is ahead then; and was there a step back? */
static time_t look_until(time_t end, bool *ret_back)
{
	struct timespec last, now;
	time_t before = libc_now(CLOCK_TAI);

	clock_gettime(CLOCK_REALTIME, &last);
	for (*ret_back = false; last.tv_sec < end; last = now) {
		clock_gettime(CLOCK_REALTIME, &now);
		if (now.tv_sec < last.tv_sec ||
		    (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec))
			*ret_back = true;
		EXPECT(libc_now(CLOCK_TAI), >=, before);
	}
	return libc_now(CLOCK_TAI) - libc_now(CLOCK_REALTIME);
}

TEST(a_leap_second_at_the_end_of_the_day, .wall = "2016-12-31T23:59:59.8Z,leap")
{
	time_t ahead = libc_now(CLOCK_TAI) - libc_now(CLOCK_REALTIME);
	bool back;

	EXPECT(look_until(1483228801, &back), ==, ahead + 1);
	EXPECT(back);
}

TEST(a_leap_second_by_adjtimex, .wall = "2016-12-31T23:59:59.8Z")
{
	struct timex t = {.modes = ADJ_STATUS, .status = STA_INS};
	time_t ahead = libc_now(CLOCK_TAI) - libc_now(CLOCK_REALTIME);
	bool back;

	EXPECT_OK(adjtimex(&t));
	EXPECT(look_until(1483228801, &back), ==, ahead + 1);
	EXPECT(back);
	t.modes = 0;
	EXPECT_OK(adjtimex(&t));
	EXPECT((t.status & STA_INS), ==, 0);
}

TEST(a_suspended_machine, .wall = START, .uptime = days(1))
{
	struct itimerspec value = {.it_value = {days(1) + hours(7), 0}};
	int boot = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK);
	int monotonic = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd watched = {.fd = boot, .events = POLLIN};
	uint64_t count;

	REQUIRE_OK(timerfd_settime(boot, TFD_TIMER_ABSTIME, &value, NULL));
	REQUIRE_OK(timerfd_settime(monotonic, TFD_TIMER_ABSTIME, &value, NULL));
	clock_suspend(hours(8));
	EXPECT_ABOUT(time(NULL), START_S + hours(8));
	EXPECT_ABOUT(libc_now(CLOCK_BOOTTIME), days(1) + hours(8));
	EXPECT_ABOUT(raw_now(CLOCK_BOOTTIME), days(1) + hours(8));
	EXPECT_ABOUT(libc_now(CLOCK_MONOTONIC), days(1));
	EXPECT_ABOUT(raw_now(CLOCK_MONOTONIC), days(1));
	EXPECT(poll(&watched, 1, 10000), ==, 1);
	EXPECT_ERRNO(EAGAIN, read(monotonic, &count, sizeof(count)));
}

TEST(the_speed_changes_midway, .wall = START)
{
	struct timespec first, second, pause = {0, 20000000};

	clock_wall_speed(0);
	clock_gettime(CLOCK_REALTIME, &first);
	nanosleep(&pause, NULL);
	clock_gettime(CLOCK_REALTIME, &second);
	EXPECT_MEM(&first, ==, &second, sizeof(first));
	clock_wall_speed(1000000);
	while (time(NULL) < START_S + 1000)
		nanosleep(&pause, NULL);
	clock_wall_speed(1);
}
