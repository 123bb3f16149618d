/* SPDX-License-Identifier: MIT */
/*
 * time: uptime and monotonic clock start where the case asks
 *
 * No bound here depends on speed: a clock is not before its start, and not a day after it.
 */
#define _GNU_SOURCE
#include "outside.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#define SLACK days(1)

static double as_seconds(struct timespec time)
{
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double now(clockid_t clock)
{
	struct timespec time;

	REQUIRE_OK(clock_gettime(clock, &time));
	return as_seconds(time);
}

static void expect_from(double value, double start)
{
	EXPECT(value, >=, start);
	EXPECT(value, <, start + SLACK);
}

static double proc_uptime(void)
{
	FILE *file = fopen("/proc/uptime", "r");
	double uptime = 0;

	REQUIRE(file != NULL);
	EXPECT(fscanf(file, "%lf", &uptime), ==, 1);
	fclose(file);
	return uptime;
}

static double kernel_uptime(void)
{
	struct sysinfo info;

	REQUIRE_OK(sysinfo(&info));
	return (double)info.uptime;
}

TEST(uptime_is_497_days, .uptime = days(497))
{
	expect_from(now(CLOCK_BOOTTIME), days(497));
	expect_from(proc_uptime(), days(497));
	expect_from(kernel_uptime(), days(497));
}

TEST(monotonic_goes_with_uptime, .uptime = days(497))
{
	expect_from(now(CLOCK_MONOTONIC), days(497));
	expect_from(now(CLOCK_MONOTONIC_RAW), days(497) - SLACK / 2); /* not slewed, adjtimex(8) */
	expect_from(now(CLOCK_MONOTONIC_COARSE), days(497) - 1);      /* of the last tick */
}

static const struct {
	const char *name;
} twins[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}, {"8"}};

/* Every twin begins at its beginning, not where another one has come to. */
TEST_EACH(twins, clocks_are_own, .uptime = days(10000), .monotonic = days(20000))
{
	double start = now(CLOCK_BOOTTIME);

	expect_from(start, days(10000));
	expect_from(now(CLOCK_MONOTONIC), days(20000));
	linger();
	EXPECT(now(CLOCK_BOOTTIME), >, start);
}

/* 49.7 days: milliseconds in 32 bits overflow. */
TEST(milliseconds_are_about_to_overflow, .uptime = 4294967.0)
{
	expect_from(now(CLOCK_MONOTONIC), 4294967.0);
	expect_from(proc_uptime(), 4294967.0);
}

/* Backward. A machine that is younger than that cannot tell. */
TEST(backward_to_the_start, .uptime = 0.001)
{
	if (as_seconds(outside.boottime) < 120)
		skip("the machine has been up for less than two minutes");
	EXPECT(now(CLOCK_BOOTTIME), <, as_seconds(outside.boottime));
	EXPECT(now(CLOCK_MONOTONIC), <, as_seconds(outside.monotonic));
	EXPECT(proc_uptime(), <, as_seconds(outside.boottime));
	EXPECT(kernel_uptime(), <, as_seconds(outside.boottime));
}

TEST(clocks_of_their_own, .uptime = days(100), .monotonic = days(3))
{
	expect_from(now(CLOCK_BOOTTIME), days(100));
	expect_from(now(CLOCK_MONOTONIC), days(3));
}

TEST(monotonic_alone, .monotonic = days(30000))
{
	expect_from(now(CLOCK_MONOTONIC), days(30000));
	expect_from(now(CLOCK_BOOTTIME), as_seconds(outside.boottime));
}

TEST(shift_forward, .uptime_shift = days(1000))
{
	expect_from(now(CLOCK_BOOTTIME), as_seconds(outside.boottime) + days(1000));
	expect_from(now(CLOCK_MONOTONIC), as_seconds(outside.monotonic) + days(1000));
	expect_from(proc_uptime(), as_seconds(outside.boottime) + days(1000) - 1);
}

TEST(no_shift_unless_asked)
{
	expect_own(TIME);
	expect_from(now(CLOCK_BOOTTIME), as_seconds(outside.boottime));
	expect_from(now(CLOCK_MONOTONIC), as_seconds(outside.monotonic));
}

/*
 * How far CLOCK_BOOTTIME is before CLOCK_MONOTONIC changes only when the machine sleeps: that is a
 * measure of both shifts that no delay disturbs. One clock is read around the other, so that the
 * true value lies between the two differences.
 */
TEST(shifts_are_exact, .uptime_shift = -milliseconds(500), .monotonic_shift = hours(1))
{
	double expected = as_seconds(outside.boottime) - as_seconds(outside.monotonic) - 3600.5;
	double before = now(CLOCK_BOOTTIME), middle = now(CLOCK_MONOTONIC);
	double after = now(CLOCK_BOOTTIME);

	/* Outside, the second clock was read a moment after the first: a second for that. */
	EXPECT(before - middle, <=, expected + 1);
	EXPECT(after - middle, >=, expected - 0.001);
}

/* In nanoseconds, as the kernel keeps them: time_namespaces(7). */
struct offsets {
	long long monotonic, boottime;
};

static struct offsets read_offsets(void)
{
	long long whole[2] = {0}, rest[2] = {0};
	struct offsets offsets = {-1, -1};
	FILE *file = fopen("/proc/self/timens_offsets", "r");

	if (file && fscanf(file, "monotonic %lld %lld boottime %lld %lld", &whole[0], &rest[0],
			   &whole[1], &rest[1]) == 4)
		offsets = (struct offsets){whole[0] * 1000000000 + rest[0],
					   whole[1] * 1000000000 + rest[1]};
	if (file)
		fclose(file);
	return offsets;
}

static struct offsets outside_offsets;

__attribute__((constructor)) static void read_outside_offsets(void)
{
	outside_offsets = read_offsets();
}

/* The same, to the nanosecond. In a world that is shifted already, ours comes on top. */
TEST(offsets_are_exact, .uptime_shift = -milliseconds(500), .monotonic_shift = hours(1))
{
	struct offsets offsets = read_offsets();

	EXPECT(offsets.monotonic - outside_offsets.monotonic, ==, 3600000000000);
	EXPECT(offsets.boottime - outside_offsets.boottime, ==, -500000000);
}

/* KTIME_SEC_MAX / 2, kernel/time/namespace.c. */
#define LAST 4611686018.0

TEST(as_far_as_the_kernel_goes, .uptime = LAST - days(2))
{
	expect_from(now(CLOCK_BOOTTIME), LAST - days(2));
	expect_from(now(CLOCK_MONOTONIC), LAST - days(2));
}

TEST(past_2038, .uptime = 2147483648.0)
{
	expect_from(now(CLOCK_BOOTTIME), 2147483648.0);
	expect_from(proc_uptime(), 2147483648.0);
}

static void expect_in_grandchild(void)
{
	EXPECT_EXIT(0, expect_from(now(CLOCK_MONOTONIC), days(7)));
}

TEST(children_see_it, .uptime = days(7))
{
	EXPECT_EXIT(0, expect_from(now(CLOCK_BOOTTIME), days(7)));
	EXPECT_EXIT(0, expect_from(proc_uptime(), days(7)));
	EXPECT_EXIT(0, expect_in_grandchild());
}

static void *expect_in_thread(void *unused)
{
	expect_from(now(CLOCK_BOOTTIME), days(7));
	return unused;
}

TEST(threads_see_it, .uptime = days(7))
{
	pthread_t thread;

	REQUIRE(pthread_create(&thread, NULL, expect_in_thread, NULL), ==, 0);
	EXPECT(pthread_join(thread, NULL), ==, 0);
}

/* date(1) reads the wall clock, uptime(1) the file, and sleep(1) has a timer. */
TEST(programs_see_it, .uptime = days(4000))
{
	EXPECT(system("read up rest </proc/uptime; [ ${up%.*} -ge 345600000 ]"), ==, 0);
	EXPECT(system("read up rest </proc/uptime; [ ${up%.*} -lt 345686400 ]"), ==, 0);
	EXPECT(system("sleep 0.001"), ==, 0);
}

static struct timespec soon(clockid_t clock)
{
	struct timespec time;

	REQUIRE_OK(clock_gettime(clock, &time));
	time.tv_nsec += 10000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_nsec -= 1000000000;
		time.tv_sec++;
	}
	return time;
}

static const struct {
	const char *name;
	clockid_t clock;
} timer_clocks[] = {{"boottime", CLOCK_BOOTTIME}, {"monotonic", CLOCK_MONOTONIC}};

/* Absolute times of the shifted clock: at the start, which has passed, and a moment from now. */
TEST_EACH(timer_clocks, descriptors_fire, .uptime = days(497))
{
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)days(497)}};
	unsigned long long expirations = 0;
	int fd = REQUIRE_OK(timerfd_create(param->clock, 0));

	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
	EXPECT(read(fd, &expirations, sizeof(expirations)), ==, (ssize_t)sizeof(expirations));
	EXPECT(expirations, >=, 1u);
	when.it_value = soon(param->clock);
	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
	EXPECT(read(fd, &expirations, sizeof(expirations)), ==, (ssize_t)sizeof(expirations));
	EXPECT(now(param->clock), >=, as_seconds(when.it_value));
}

/* A time that will not come for a year has not come: the shift is taken away only once. */
TEST_EACH(timer_clocks, descriptors_wait, .uptime = days(497))
{
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)days(862)}}, left;
	unsigned long long expirations;
	int fd = REQUIRE_OK(timerfd_create(param->clock, TFD_NONBLOCK));

	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
	EXPECT_ERRNO(EAGAIN, read(fd, &expirations, sizeof(expirations)));
	EXPECT_OK(timerfd_gettime(fd, &left));
	EXPECT(as_seconds(left.it_value), <=, days(365));
	EXPECT(as_seconds(left.it_value), >, days(364));
}

TEST_EACH(timer_clocks, sleep_ends, .uptime = days(497))
{
	struct timespec moment = {0, 1000000}, until = {.tv_sec = (time_t)days(497)};

	EXPECT(clock_nanosleep(param->clock, TIMER_ABSTIME, &until, NULL), ==, 0);
	EXPECT(clock_nanosleep(param->clock, 0, &moment, NULL), ==, 0);
	until = soon(param->clock);
	EXPECT(clock_nanosleep(param->clock, TIMER_ABSTIME, &until, NULL), ==, 0);
	EXPECT(now(param->clock), >=, as_seconds(until));
}

TEST_EACH(timer_clocks, signals_come, .uptime = days(497), .expect_signal = SIGUSR1)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)days(497)}};
	timer_t timer;

	REQUIRE_OK(timer_create(param->clock, &event, &timer));
	REQUIRE_OK(timer_settime(timer, TIMER_ABSTIME, &when, NULL));
	for (;;)
		pause();
}

/* What libraries wait by: futexes with absolute times, and poll with relative ones. */
TEST(waits_end, .uptime = days(497))
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition;
	pthread_condattr_t attributes;
	struct timespec until;

	expect_from(now(CLOCK_MONOTONIC), days(497));
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&condition, &attributes);
	until = soon(CLOCK_MONOTONIC);
	pthread_mutex_lock(&mutex);
	EXPECT(pthread_cond_timedwait(&condition, &mutex, &until), ==, ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	EXPECT(now(CLOCK_MONOTONIC), >=, as_seconds(until));
	EXPECT(poll(NULL, 0, 1), ==, 0);
}

TEST(wall_clock_is_the_machines, .uptime = days(497))
{
	struct timespec started;
	struct stat status;

	expect_from(now(CLOCK_BOOTTIME), days(497));
	REQUIRE_OK(clock_gettime(CLOCK_REALTIME_COARSE, &started));
	REQUIRE_OK(stat("/proc/self", &status)); /* made just now, by the kernel's own clock */
	EXPECT(status.st_mtim.tv_sec, >=, started.tv_sec - (time_t)SLACK);
	EXPECT(status.st_mtim.tv_sec, <=, started.tv_sec + (time_t)SLACK);
}

/* ---- clock_set_uptime() ---- */

static void expect_all_from(double start)
{
	expect_from(now(CLOCK_BOOTTIME), start);
	expect_from(now(CLOCK_MONOTONIC), start);
	expect_from(now(CLOCK_MONOTONIC_COARSE), start - 1);      /* of the last tick */
	expect_from(now(CLOCK_MONOTONIC_RAW), start - SLACK / 2); /* not slewed, adjtimex(8) */
	expect_from(proc_uptime(), start);
	expect_from(kernel_uptime(), start);
}

/* In a world that was not shifted, and in one that was. */
static const struct {
	const char *name;
	double first, second;
} jumps[] = {
	{"forward", days(30), days(497)},
	{"back", days(497), days(30)},
	{"to_the_start", days(497), 0},
	{"to_the_end", 0, LAST - days(2)},
};

TEST_EACH(jumps, jumps_on)
{
	REQUIRE_OK(clock_set_uptime(param->first));
	expect_all_from(param->first);
	REQUIRE_OK(clock_set_uptime(param->second));
	expect_all_from(param->second);
}

TEST(jumps_from_where_it_started, .uptime = days(1000), .monotonic = days(3))
{
	REQUIRE_OK(clock_set_uptime(days(2)));
	expect_all_from(days(2));
	EXPECT_EXIT(0, expect_all_from(days(2)));
	EXPECT(system("read up rest </proc/uptime; [ ${up%.*} -ge 172800 ]"), ==, 0);
}

/* Signals by which parent and child take turns. */
static void take_turn(const sigset_t *turn)
{
	int signal;

	REQUIRE(sigwait(turn, &signal), ==, 0);
}

TEST(children_that_are_there_stay_in_their_time, .uptime = days(7))
{
	int status = -1;
	sigset_t turn;
	pid_t child;

	sigemptyset(&turn);
	sigaddset(&turn, SIGUSR1);
	REQUIRE_OK(sigprocmask(SIG_BLOCK, &turn, NULL));
	child = REQUIRE_OK(fork());
	if (!child) {
		take_turn(&turn);
		expect_from(now(CLOCK_BOOTTIME), days(7));
		_exit(0);
	}
	REQUIRE_OK(clock_set_uptime(days(100)));
	REQUIRE_OK(kill(child, SIGUSR1));
	REQUIRE(waitpid(child, &status, 0), ==, child);
	EXPECT(status, ==, 0);
	expect_all_from(days(100));
}

/* What was due in an hour still is, though its time has passed; armed again, it fires. */
TEST_EACH(timer_clocks, armed_timers_keep_their_moment)
{
	struct itimerspec when = {.it_value = {.tv_sec = (time_t)(days(10) + hours(1))}}, left;
	unsigned long long expirations = 0;
	int fd = REQUIRE_OK(timerfd_create(param->clock, TFD_NONBLOCK));

	REQUIRE_OK(clock_set_uptime(days(10)));
	REQUIRE_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
	REQUIRE_OK(clock_set_uptime(days(10) + hours(2)));
	EXPECT_ERRNO(EAGAIN, read(fd, &expirations, sizeof(expirations)));
	EXPECT_OK(timerfd_gettime(fd, &left));
	EXPECT(left.it_value.tv_sec, <=, (time_t)hours(1));
	EXPECT(left.it_value.tv_sec, >, 0);
	EXPECT_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL));
	EXPECT(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 10000), ==, 1);
	EXPECT(read(fd, &expirations, sizeof(expirations)), ==, (ssize_t)sizeof(expirations));
}

TEST(threads_born_later_see_the_jump)
{
	pthread_t thread;

	REQUIRE_OK(clock_set_uptime(days(7)));
	REQUIRE(pthread_create(&thread, NULL, expect_in_thread, NULL), ==, 0);
	EXPECT(pthread_join(thread, NULL), ==, 0);
}

static void *wait_for_the_end(void *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return NULL;
}

/* Nothing has changed then, for children neither. */
TEST(no_jump_with_threads, .uptime = days(7))
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;

	pthread_mutex_lock(&lock);
	REQUIRE(pthread_create(&thread, NULL, wait_for_the_end, &lock), ==, 0);
	EXPECT_ERRNO(EUSERS, clock_set_uptime(days(100)));
	expect_all_from(days(7));
	EXPECT_EXIT(0, expect_all_from(days(7)));
	pthread_mutex_unlock(&lock);
	EXPECT(pthread_join(thread, NULL), ==, 0);
}

TEST(no_jump_without_the_right, .uptime = days(7), .user = "1000")
{
	EXPECT_ERRNO(EPERM, clock_set_uptime(days(100)));
	expect_all_from(days(7));
	EXPECT_EXIT(0, expect_all_from(days(7)));
}

static const struct {
	const char *name;
	double at;
} nowhere[] = {
	{"before_the_start", -1e-9},
	{"past_the_end", LAST},
	{"far_past_the_end", 1e300},
	{"no_number", NAN},
};

TEST_EACH(nowhere, no_jump_beyond_the_limits, .uptime = days(7))
{
	EXPECT_ERRNO(ERANGE, clock_set_uptime(param->at));
	expect_all_from(days(7));
	EXPECT_EXIT(0, expect_all_from(days(7)));
}

/* The machine's own time is never touched: whoever has no namespace of its own is refused. */
TEST(outside_stays_as_it_is, .uptime = days(7))
{
	REQUIRE_OK(clock_set_uptime(days(100)));
	expect_own(TIME);
	EXPECT(namespace_inode(TIME), !=, outside.namespaces[TIME]);
}
