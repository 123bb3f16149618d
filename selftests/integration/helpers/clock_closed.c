/* SPDX-License-Identifier: MIT */
/* Closes itself in one way or another, and then tells the time: by libc and by a system call. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ALLOWED(number)                                                                            \
	{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number},                                                 \
	{                                                                                          \
		BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW                                           \
	}

/* It may tell the time, write, and end. */
static int filter(unsigned flags, unsigned otherwise)
{
	struct sock_filter code[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
		ALLOWED(SYS_clock_gettime),
		ALLOWED(SYS_write),
		ALLOWED(SYS_newfstatat),
		ALLOWED(SYS_brk),
		ALLOWED(SYS_getrandom),
		ALLOWED(SYS_exit_group),
		{BPF_RET | BPF_K, 0, 0, otherwise},
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void tell(void)
{
	struct timespec now = {0};

	printf("%ld\n", (long)time(NULL));
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	printf("%ld\n", (long)now.tv_sec);
	fflush(stdout);
}

static void *tell_in_thread(void *unused)
{
	(void)unused;
	tell();
	return NULL;
}

/* Wait for a second with 64 bytes of stack. */
static long wait_on_a_short_stack(void)
{
	long result = SYS_clock_nanosleep;
#ifdef __x86_64__
	char *stack = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	register void *remaining __asm__("r10") = NULL;
	struct timespec until;

	mprotect(stack, 4096, PROT_NONE);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	__asm__ volatile("mov %%rsp, %%r12; mov %4, %%rsp; syscall; mov %%r12, %%rsp"
			 : "+a"(result)
			 : "D"(CLOCK_REALTIME), "S"(TIMER_ABSTIME), "d"(&until),
			   "r"(stack + 4096 + 64), "r"(remaining)
			 : "rcx", "r11", "r12", "memory");
#endif
	return result;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	pthread_t thread;

	if (!strcmp(what, "listener"))
		return filter(SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_RET_ALLOW) < 0 ? errno : 0;
	if (!strcmp(what, "short"))
		return wait_on_a_short_stack() != 0;
	if (!strcmp(what, "strict") && filter(0, SECCOMP_RET_KILL_PROCESS))
		return 2;
	if (!strcmp(what, "dumpable") && prctl(PR_SET_DUMPABLE, 0))
		return 3;
	if (!strcmp(what, "leaks")) {
		char *volatile lost = malloc(100);

		lost = NULL;
		(void)lost;
	}
	if (strcmp(what, "none")) {
		tell();
		return 0;
	}
	pthread_create(&thread, NULL, tell_in_thread, NULL);
	pthread_join(thread, NULL);
	return 0;
}
