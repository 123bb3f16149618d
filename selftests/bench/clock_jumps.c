/* SPDX-License-Identifier: MIT */
/*
 * A thousand jumps of the wall clock against eighty threads that wait for it, in a cell with a
 * clock of its own: how many wake up early, how many not at all, how late the slowest is.
 *
 * Each thread waits for a time of its own, half of them by futex. A jump goes back, or forward past
 * all of them; then everybody must come, and waits again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WAITERS 80
#define JUMPS   1000
#define LOST_MS 10000

static atomic_int generation, arrived, early;
static atomic_llong slowest;
static struct timespec until; /* of this generation */
static struct timespec jumped_at;

static long long monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void wait_once(int number, struct timespec deadline)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

	if (number % 2) {
		while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &deadline, NULL) == EINTR)
			;
		return;
	}
	pthread_mutex_lock(&mutex);
	while (pthread_cond_timedwait(&condition, &mutex, &deadline) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&mutex);
}

static void *waiter(void *arg)
{
	int number = (int)(long)arg, seen = 0;

	for (;;) {
		struct timespec deadline, now;
		long long late;

		while (atomic_load(&generation) == seen)
			usleep(200);
		seen = atomic_load(&generation);
		if (seen < 0)
			return NULL;
		deadline = until;
		deadline.tv_nsec = number;
		wait_once(number, deadline);
		clock_gettime(CLOCK_REALTIME, &now);
		if (now.tv_sec < deadline.tv_sec)
			atomic_fetch_add(&early, 1);
		late = monotonic() - (jumped_at.tv_sec * 1000000000ll + jumped_at.tv_nsec);
		if (late > atomic_load(&slowest))
			atomic_store(&slowest, late);
		atomic_fetch_add(&arrived, 1);
	}
}

static void set_to(time_t seconds)
{
	if (clock_settime(CLOCK_REALTIME, &(struct timespec){seconds, 0})) {
		perror("clock_settime");
		exit(1);
	}
}

int main(void)
{
	pthread_t threads[WAITERS];
	int lost = 0, jumps = 0;
	time_t start = time(NULL);

	for (long i = 0; i < WAITERS; i++)
		pthread_create(&threads[i], NULL, waiter, (void *)i);
	while (jumps < JUMPS && !lost) {
		long long end;

		set_to(start);
		until = (struct timespec){start + 3600, 0};
		atomic_store(&arrived, 0);
		atomic_fetch_add(&generation, 1);
		usleep(jumps % 4 * 1000);
		set_to(start - 86400);
		usleep(1000);
		clock_gettime(CLOCK_MONOTONIC, &jumped_at);
		set_to(start + 3601);
		end = monotonic() + LOST_MS * 1000000ll;
		while (atomic_load(&arrived) < WAITERS && monotonic() < end)
			usleep(200);
		lost = WAITERS - atomic_load(&arrived);
		jumps += 3;
	}
	printf("jumps %d\nwaiters %d\nearly %d\nlost %d\nslowest_ms %.1f\n", jumps, WAITERS,
	       atomic_load(&early), lost, (double)atomic_load(&slowest) / 1e6);
	return lost || atomic_load(&early);
}
