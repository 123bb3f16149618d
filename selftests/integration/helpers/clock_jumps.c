/* SPDX-License-Identifier: MIT */
/*
 * Eight threads wait for an hour, each in a way of its own, and wait again; the clock is set on,
 * and back between, as many times as is said; programs are executed all the while. None wakes
 * early, none sleeps on, and no program sees another clock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOUR    3600
#define THREADS 8

static sem_t woken, begin[THREADS];
static unsigned early, wrong;
static time_t first;

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec;
}

static void wait_by(int way, const struct timespec *until)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct itimerspec value = {.it_value = *until};
	sem_t semaphore;
	uint64_t count;
	int fd;

	switch (way % 4) {
	case 0:
		if (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, NULL))
			__atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
		break;
	case 1:
		pthread_mutex_lock(&mutex);
		while (pthread_cond_timedwait(&condition, &mutex, until) != ETIMEDOUT)
			;
		break;
	case 2:
		sem_init(&semaphore, 0, 0);
		if (!sem_timedwait(&semaphore, until) || errno != ETIMEDOUT)
			__atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
		break;
	default:
		fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
		timerfd_settime(fd, TFD_TIMER_ABSTIME, &value, NULL);
		if (read(fd, &count, sizeof(count)) != sizeof(count) || count != 1)
			__atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
		close(fd);
	}
}

static void *wait_again_and_again(void *arg)
{
	int way = (intptr_t)arg;

	for (;;) {
		struct timespec until = {0};

		sem_wait(&begin[way]);
		until.tv_sec = first + HOUR;
		wait_by(way, &until);
		if (now() < until.tv_sec)
			__atomic_add_fetch(&early, 1, __ATOMIC_SEQ_CST);
		sem_post(&woken);
	}
	return NULL;
}

static void set_to(time_t seconds)
{
	struct timespec time = {seconds, 0};

	if (clock_settime(CLOCK_REALTIME, &time))
		__atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
}

static void one_round(bool back)
{
	first = now();
	for (int i = 0; i < THREADS; i++)
		sem_post(&begin[i]);
	poll(NULL, 0, rand() % 4); /* some wait already, and others are about to */
	if (back)
		set_to(first - HOUR);
	set_to(first + 2 * HOUR);
	for (int i = 0; i < THREADS; i++)
		sem_wait(&woken);
}

/* Prints how many programs saw a clock of before `since`. */
static int execute(time_t since)
{
	char command[200];

	snprintf(command, sizeof(command),
		 "while [ ! -e done ]; do [ $(date +%%s) -ge %ld ] || echo real; done",
		 (long)since);
	return system(command);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 100;
	time_t begun = now();
	pthread_t thread;
	pid_t child = fork();

	if (!child)
		_exit(execute(begun - 2 * HOUR));
	sem_init(&woken, 0, 0);
	for (intptr_t i = 0; i < THREADS; i++) {
		sem_init(&begin[i], 0, 0);
		pthread_create(&thread, NULL, wait_again_and_again, (void *)i);
	}
	for (int i = 0; i < rounds; i++)
		one_round(i % 3 == 0);
	fclose(fopen("done", "w"));
	waitpid(child, NULL, 0);
	printf("%u early, %u wrong, %s\n", early, wrong,
	       now() - begun >= 2l * HOUR * rounds ? "all passed" : "lost");
	return 0;
}
