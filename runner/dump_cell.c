/* SPDX-License-Identifier: MIT */
/*
 * The dumper: unwinds the stopped threads of a cell from outside, and prints them.
 *
 * The files that a process of a cell has mapped are named as the cell sees them. The same name may
 * be another file out here, so a file is believed when it begins as the memory does, where an ELF
 * file has its headers and its build id. Without a file, libdw reads what it needs from memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cleanup.h"
#include "dump.h"
#include "dw.h"
#include "limit.h"
#include "sys.h"

#define STOP_SECONDS 2.0
#define ROUNDS       3 /* of looking for threads that were born since */
#define FRAMES_MAX   64
#define HEAD_BYTES   1024

static FILE *out;

/* Those of this machine, written down by the build. */
static const struct {
	short number;
	char name[30];
} system_calls[] = {
#define SYSCALL(name) {__NR_##name, #name},
#include "syscall-table.h"
#undef SYSCALL
};

static const char *system_call_name(long number)
{
	for (size_t i = 0; number >= 0 && i < sizeof(system_calls) / sizeof(*system_calls); i++)
		if (system_calls[i].number == number)
			return system_calls[i].name;
	return NULL;
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "in uninterruptible sleep";
	case 'T':
		return "stopped by a signal";
	case 't':
		return "stopped by its tracer";
	case 'Z':
		return "ended, and not waited for";
	default:
		return "ending";
	}
}

/* "pid 2 thread 3 'worker', sleeping in futex (futex_wait_queue)" */
static void print_task(const struct task *task)
{
	const char *name = system_call_name(task->system_call);

	fprintf(out, "pid %d ", task->number);
	if (task->thread)
		fprintf(out, "thread %d ", task->thread);
	fprintf(out, "'%s', %s", task->name, state_name(task->state));
	if (name)
		fprintf(out, " in %s", name);
	if (*task->waits_for)
		fprintf(out, " (%s)", task->waits_for);
	fputc('\n', out);
}

/* --- the files of a process --- */

static bool begins_as_memory(int fd, pid_t pid, Dwarf_Addr base)
{
	char file[HEAD_BYTES], memory[HEAD_BYTES];
	ssize_t size = pread(fd, file, sizeof(file), 0);
	struct iovec here = {memory, sizeof(memory)}, there = {(void *)base, sizeof(memory)};

	if (size <= 0 || process_vm_readv(pid, &here, 1, &there, 1, 0) < size)
		return false;
	return !memcmp(file, memory, (size_t)size);
}

/* As the process sees it: links in its tree lead nowhere out of it. */
static int open_inside(pid_t pid, const char *name)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	char path[64];
	fd_close int root = -1;

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : (int)syscall(SYS_openat2, root, name, &how, sizeof(how));
}

static int open_named(int which, pid_t pid, const char *name)
{
	char path[64];

	if (which == 0)
		return open_inside(pid, name);
	if (which == 1)
		return open(name, O_PATH | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/exe", pid); /* even when it has no name any more */
	return open(path, O_PATH | O_CLOEXEC);
}

/* To be read, if it is a file: to open a device may do something. */
static int open_file(int which, pid_t pid, const char *name)
{
	fd_close int found = open_named(which, pid, name);
	struct stat status;
	char path[64];

	if (found < 0 || fstat(found, &status) || !S_ISREG(status.st_mode))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", found);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static pid_t dumped; /* whose files are being looked for */

static int find_file(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
		     char **ret_name, Elf **ret_elf)
{
	static const char deleted[] = " (deleted)";
	char path[PATH_MAX];
	size_t size;

	snprintf(path, sizeof(path), "%s", name);
	size = strlen(path);
	if (size > strlen(deleted) && !strcmp(path + size - strlen(deleted), deleted))
		path[size - strlen(deleted)] = '\0';
	for (int which = 0; which < 3 && *path == '/'; which++) {
		int fd = open_file(which, dumped, path);

		if (fd >= 0 && begins_as_memory(fd, dumped, base)) {
			*ret_name = strdup(path);
			return fd;
		}
		safe_close(fd);
	}
	/* A name that no file has makes libdw read from memory. */
	return dw.proc_find_elf(module, data, *name == '/' ? "/ (deleted)" : name, base, ret_name,
				ret_elf);
}

/* --- the stacks --- */

struct unwinding {
	Dwfl *dwfl;
	unsigned count;
	unsigned long last;
	bool again;
};

static void fill_frame(struct frame *frame, Dwfl *dwfl, Dwarf_Addr pc)
{
	Dwfl_Module *module = dw.addrmodule(dwfl, pc);
	const char *name =
		module ? dw.module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL) : NULL;
	Dwarf_Addr bias = 0;

	*frame = (struct frame){.offset = pc};
	snprintf(frame->module, sizeof(frame->module), "%s", name ? name : "unknown");
	if (!module)
		return;
	if (dw.getelf(module, &bias))
		frame->offset = pc - bias;
	frame_look_up(frame, module, pc);
}

static int print_frame(Dwfl_Frame *state, void *context)
{
	static struct frame frame;
	static char line[2 * PATH_MAX];
	struct unwinding *unwinding = context;
	Dwarf_Addr pc;
	bool exact;

	if (!dw.frame_pc(state, &pc, &exact))
		return DWARF_CB_ABORT;
	if (unwinding->count == FRAMES_MAX) {
		fprintf(out, "      ... and more\n");
		return DWARF_CB_ABORT;
	}
	/* A return address is that of the next line, or of the next function. */
	fill_frame(&frame, unwinding->dwfl, exact ? pc : pc - 1);
	if (unwinding->count && pc == unwinding->last) {
		if (!unwinding->again)
			fprintf(out, "      ... again and again ...\n");
		unwinding->again = true;
	} else {
		unwinding->again = false;
		frame_format(&frame, unwinding->count, line, sizeof(line));
		fputs(line, out);
	}
	unwinding->last = pc;
	unwinding->count++;
	return frame_is_last(&frame) ? DWARF_CB_ABORT : DWARF_CB_OK;
}

static const char *why_not_stopped(const struct task *task)
{
	if (task->traced)
		return "something else traces it";
	if (task->error == EPERM)
		return "ptrace(2) may not be used on it: EPERM; is kernel.yama.ptrace_scope set?";
	if (task->error)
		return strerrorname_np(task->error);
	if (task->seized)
		return "it did not stop";
	return NULL; /* it has no stack any more */
}

static void print_stack(const struct task *task, Dwfl *dwfl)
{
	struct unwinding unwinding = {.dwfl = dwfl};
	const char *why = task->stopped ? NULL : why_not_stopped(task);

	print_task(task);
	if (task->stopped && dwfl) {
		dw.thread_frames(dwfl, task->tid, print_frame, &unwinding);
		if (!unwinding.count)
			why = dw.error_text(-1);
	}
	if (why)
		fprintf(out, "  (no stack: %s)\n", why);
	fflush(out);
}

static Dwfl *open_process(pid_t pid)
{
	static Dwfl_Callbacks callbacks;
	Dwfl *dwfl;

	callbacks = (Dwfl_Callbacks){.find_elf = find_file, .find_debuginfo = dw.find_debuginfo};
	dumped = pid;
	dwfl = dw.begin(&callbacks);
	if (!dwfl)
		return NULL;
	if (!dw.proc_report(dwfl, pid) && !dw.report_end(dwfl, NULL, NULL) &&
	    !dw.proc_attach(dwfl, pid, true))
		return dwfl;
	dw.end(dwfl);
	return NULL;
}

/* The threads of a process come one after the other. */
static void print_stacks(const struct tasks *tasks)
{
	Dwfl *dwfl = NULL;
	pid_t pid = 0;

	for (size_t i = 0; i < tasks->count; i++) {
		const struct task *task = &tasks->list[i];

		if (task->pid != pid && task->stopped && !dw.missing) {
			if (dwfl)
				dw.end(dwfl);
			dwfl = open_process(task->pid);
			pid = task->pid;
		}
		print_stack(task, task->pid == pid ? dwfl : NULL);
	}
	if (tasks->left_out)
		fprintf(out, "... and %zu threads more\n", tasks->left_out);
	if (dw.missing)
		fprintf(out, "(no stacks: %s)\n", dw.missing);
}

/* A process of its own, that outlives nobody and leaves no core. */
static int begin(pid_t keeper)
{
	sigset_t child;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		return -ESRCH;
	prctl(PR_SET_NAME, "cloche-dumper");
	setrlimit(RLIMIT_CORE, &(struct rlimit){LIMIT_NO_CORE, LIMIT_NO_CORE});
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	out = fdopen(DUMP_FD, "w");
	return out ? 0 : -errno;
}

int dump_main(char **argv)
{
	struct tasks tasks = {0};
	pid_t init = (pid_t)strtol(argv[0], NULL, 10);
	size_t known = 0;

	if (begin((pid_t)strtol(argv[1], NULL, 10)) < 0)
		return 1;
	for (int round = 0; round < ROUNDS; round++) {
		tasks_find(&tasks, init);
		if (round && tasks.count == known)
			break;
		known = tasks.count;
		tasks_stop(&tasks, STOP_SECONDS / ROUNDS);
	}
	dw_load();
	print_stacks(&tasks);
	fflush(out);
	tasks_release(&tasks);
	return 0;
}
