/* SPDX-License-Identifier: MIT */
/*
 * The threads of a cell, found in /proc and stopped by ptrace(2).
 *
 * What a thread waits for is read before it is stopped: afterwards it waits for its tracer.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "dump.h"

#define THREADS_MAX 256 /* told of one cell */

struct process {
	pid_t pid, parent;
	bool inside;
};

struct processes {
	struct process *list;
	size_t count;
};

static size_t read_text(char *buffer, size_t size, const char *format, pid_t pid, pid_t tid)
{
	char path[64];
	fd_close int fd = -1;
	ssize_t length;

	snprintf(path, sizeof(path), format, pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, buffer, size - 1);
	buffer[length < 0 ? 0 : length] = '\0';
	return length < 0 ? 0 : length;
}

/* "12 (a name) S 1 ...": the name may hold anything. */
static bool read_stat(pid_t pid, pid_t tid, char *ret_state, pid_t *ret_parent)
{
	char text[512], *end;

	if (!read_text(text, sizeof(text), "/proc/%d/task/%d/stat", pid, tid))
		return false;
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %c %d", ret_state, ret_parent) == 2;
}

static bool next_number(DIR *dir, pid_t *ret)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0])) {
			*ret = (pid_t)strtol(entry->d_name, NULL, 10);
			return true;
		}
	return false;
}

static void read_processes(struct processes *all)
{
	DIR *dir = opendir("/proc");
	size_t room = 0;
	pid_t pid;

	while (dir && next_number(dir, &pid)) {
		struct process process = {.pid = pid};
		char state;

		if (!read_stat(pid, pid, &state, &process.parent))
			continue;
		if (all->count == room) {
			struct process *grown =
				reallocarray(all->list, room = 2 * room + 64, sizeof(*grown));

			if (!grown)
				break;
			all->list = grown;
		}
		all->list[all->count++] = process;
	}
	if (dir)
		closedir(dir);
}

/* Everybody in a cell descends from its init, to whom orphans come. */
static void mark_descendants(struct processes *all, pid_t parent)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].parent == parent && !all->list[i].inside) {
			all->list[i].inside = true;
			mark_descendants(all, all->list[i].pid);
		}
}

/* The numbers of "NSpid:\t4711\t2\t1", from the outermost pid namespace to the innermost. */
static int read_numbers(const char *status, int *numbers, int room)
{
	const char *line = strstr(status, "\nNSpid:");
	int count = 0, size;

	for (line = line ? line + strlen("\nNSpid:") : "";
	     count < room && sscanf(line, "%d%n", &numbers[count], &size) == 1; line += size)
		count++;
	return count;
}

static int read_level(pid_t init)
{
	char status[4096];
	int numbers[32];

	read_text(status, sizeof(status), "/proc/%d/task/%d/status", init, init);
	return read_numbers(status, numbers, 32);
}

static int number_at(const char *status, int level, int otherwise)
{
	int numbers[32], count = read_numbers(status, numbers, 32);

	return level > 0 && level <= count ? numbers[level - 1] : otherwise;
}

static void read_name(struct task *task)
{
	size_t size = read_text(task->name, sizeof(task->name), "/proc/%d/task/%d/comm", task->pid,
				task->tid);

	if (size && task->name[size - 1] == '\n')
		task->name[size - 1] = '\0';
	for (char *c = task->name; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
}

static bool read_task(struct task *task, int level)
{
	char status[4096], text[256], *tracer;
	pid_t parent;

	if (!read_stat(task->pid, task->tid, &task->state, &parent))
		return false;
	read_name(task);
	read_text(status, sizeof(status), "/proc/%d/task/%d/status", task->pid, task->tid);
	task->thread = task->tid == task->pid ? 0 : number_at(status, level, task->tid);
	tracer = strstr(status, "\nTracerPid:");
	task->traced = tracer && strtol(tracer + strlen("\nTracerPid:"), NULL, 10);
	read_text(status, sizeof(status), "/proc/%d/task/%d/status", task->pid, task->pid);
	task->number = number_at(status, level, task->pid);
	read_text(task->waits_for, sizeof(task->waits_for), "/proc/%d/task/%d/wchan", task->pid,
		  task->tid);
	if (!strcmp(task->waits_for, "0"))
		task->waits_for[0] = '\0';
	task->system_call = -1;
	if (read_text(text, sizeof(text), "/proc/%d/task/%d/syscall", task->pid, task->tid))
		sscanf(text, "%ld", &task->system_call);
	return true;
}

static bool is_known(const struct tasks *tasks, pid_t tid)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].tid == tid)
			return true;
	return false;
}

static void add_threads(struct tasks *tasks, pid_t pid, int level)
{
	char path[64];
	pid_t tid;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && next_number(dir, &tid)) {
		struct task *task = &tasks->list[tasks->count];

		if (is_known(tasks, tid))
			continue;
		if (tasks->count == THREADS_MAX) {
			tasks->left_out++;
			continue;
		}
		*task = (struct task){.pid = pid, .tid = tid};
		tasks->count += read_task(task, level);
	}
	if (dir)
		closedir(dir);
}

void tasks_find(struct tasks *tasks, pid_t init)
{
	struct processes all = {0};
	int level = read_level(init);

	if (!tasks->list)
		tasks->list = calloc(THREADS_MAX + 1, sizeof(*tasks->list));
	if (!tasks->list)
		return;
	tasks->left_out = 0;
	read_processes(&all);
	mark_descendants(&all, init);
	for (size_t i = 0; i < all.count; i++)
		if (all.list[i].inside)
			add_threads(tasks, all.list[i].pid, level);
	free(all.list);
}

/* Returns how many are to be waited for. */
static size_t seize(struct tasks *tasks)
{
	size_t count = 0;

	for (size_t i = 0; i < tasks->count; i++) {
		struct task *task = &tasks->list[i];

		if (task->seized || task->error || task->state == 'Z' || task->state == 'X')
			continue;
		if (ptrace(PTRACE_SEIZE, task->tid, 0, 0) ||
		    ptrace(PTRACE_INTERRUPT, task->tid, 0, 0)) {
			task->error = errno;
			continue;
		}
		task->seized = true;
		count++;
	}
	return count;
}

static struct task *find(struct tasks *tasks, pid_t tid)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].tid == tid)
			return &tasks->list[i];
	return NULL;
}

/* It stopped, by our interrupt, with a signal that it was about to get, or for good. */
static void note_stop(struct task *task, int status)
{
	if (!WIFSTOPPED(status)) {
		task->seized = false;
		task->state = 'X';
		return;
	}
	task->stopped = true;
	task->signal = status >> 16 ? 0 : WSTOPSIG(status);
}

static void wait_stopped(struct tasks *tasks, size_t count, double until)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (count) {
		double left = until - clock_seconds(CLOCK_MONOTONIC);
		struct timespec moment = {(time_t)left, (long)((left - (long)left) * 1e9)};
		int status;
		pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);
		struct task *task = tid > 0 ? find(tasks, tid) : NULL;

		if (tid < 0)
			return;
		if (task) {
			count -= !task->stopped;
			note_stop(task, status);
		}
		if (tid)
			continue;
		if (left <= 0)
			return;
		sigtimedwait(&child, NULL, &moment);
	}
}

void tasks_stop(struct tasks *tasks, double seconds)
{
	double until = clock_seconds(CLOCK_MONOTONIC) + seconds;

	wait_stopped(tasks, seize(tasks), until);
}

void tasks_release(struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->list[i].stopped)
			ptrace(PTRACE_DETACH, tasks->list[i].tid, 0, tasks->list[i].signal);
	free(tasks->list);
	*tasks = (struct tasks){0};
}
