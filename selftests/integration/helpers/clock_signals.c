/* SPDX-License-Identifier: MIT */
/* Signals while a thread waits until a time of the cell's own: one case by name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOUR 3600

static sigjmp_buf back;
static volatile sig_atomic_t count;

static struct timespec in(time_t seconds, long milliseconds)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += seconds;
	t.tv_nsec += milliseconds * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

static void handle(int number)
{
	(void)number;
	count++;
}

static void jump(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

static void on(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigaction(number, &action, NULL);
}

static void every_20_ms(void)
{
	timer_t timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec value = {{0, 20000000}, {0, 20000000}};

	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &value, NULL);
}

static int interrupted(int flags)
{
	struct timespec until = in(HOUR, 0);
	sem_t semaphore;
	int slept, waited;

	sem_init(&semaphore, 0, 0);
	on(SIGUSR1, handle, flags);
	every_20_ms();
	slept = flags ? EINTR : clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
	if (flags)
		until = in(0, 300);
	waited = sem_timedwait(&semaphore, &until) ? errno : 0;
	printf("%s %s %s\n", strerrorname_np(slept), strerrorname_np(waited),
	       count ? "handled" : "not handled");
	return 0;
}

static int jumps_out(void)
{
	struct timespec until = in(HOUR, 0), soon;
	volatile int times = 0;

	on(SIGUSR1, jump, SA_NODEFER);
	if (!times)
		every_20_ms();
	if (sigsetjmp(back, 1) && ++times == 5) {
		signal(SIGUSR1, SIG_IGN);
		soon = in(0, 30);
		printf("jumped %d, %d\n", times,
		       clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &soon, NULL));
		return 0;
	}
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
	return 1;
}

static void *wait_long(void *begun)
{
	struct timespec until = in(HOUR, 0);

	sem_post(begun);
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
	return NULL;
}

static void *wait_on_condition(void *begun)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct timespec until = in(HOUR, 0);

	pthread_mutex_lock(&mutex);
	sem_post(begun);
	pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, &mutex);
	pthread_cond_timedwait(&condition, &mutex, &until);
	pthread_cleanup_pop(1);
	return NULL;
}

static int cancelled(void)
{
	void *(*const all[])(void *) = {wait_long, wait_on_condition};

	for (int i = 0; i < 20; i++) {
		pthread_t thread;
		void *result;
		sem_t begun;

		sem_init(&begun, 0, 0);
		pthread_create(&thread, NULL, all[i % 2], &begun);
		sem_wait(&begun);
		usleep(i * 500);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		if (result != PTHREAD_CANCELED)
			return 1;
	}
	puts("cancelled");
	return 0;
}

/* Stopped and continued while it waits; the end of the wait is neither early nor lost. */
static int stopped(void)
{
	struct timespec until = in(1, 0), now;
	pid_t child = fork();
	int status;

	if (!child) {
		int error = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);

		clock_gettime(CLOCK_REALTIME, &now);
		_exit(error || now.tv_sec < until.tv_sec ||
		      (now.tv_sec == until.tv_sec && now.tv_nsec < until.tv_nsec));
	}
	for (int i = 0; i < 20; i++) {
		kill(child, SIGSTOP);
		if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
			break;
		kill(child, SIGCONT);
		usleep(10000);
	}
	if (!WIFEXITED(status))
		waitpid(child, &status, 0);
	printf("status %d\n", status);
	return 0;
}

static int unmodified(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 100; i++) {
		const struct timespec until = in(0, 2);
		struct timespec copy = until;

		while (pthread_cond_timedwait(&condition, &mutex, &copy) != ETIMEDOUT)
			;
		if (memcmp(&until, &copy, sizeof(copy)))
			return 1;
		clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &copy, NULL);
		if (memcmp(&until, &copy, sizeof(copy)))
			return 2;
	}
	puts("unmodified");
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "eintr"))
		return interrupted(0);
	if (!strcmp(name, "restart"))
		return interrupted(SA_RESTART);
	if (!strcmp(name, "siglongjmp"))
		return jumps_out();
	if (!strcmp(name, "cancel"))
		return cancelled();
	if (!strcmp(name, "stop"))
		return stopped();
	if (!strcmp(name, "unmodified"))
		return unmodified();
	return 2;
}
