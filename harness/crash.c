/* SPDX-License-Identifier: MIT */
/*
 * Frames travel as text, one a line, innermost first: `OFFSET MODULE`, the offset in hexadecimal
 * from the module's load address, which is what symbolisers take. Return addresses are told less
 * one, so that they lie in the line of the call.
 *
 * Mustn't, in the handler: allocate, lock, format by stdio. It runs on a stack of its own, so that
 * a stack that overflowed can be told, too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include "body.h"
#include "crash.h"
#include "limit.h"
#include "say.h"

#define FRAMES_MAX 64
#define STACK_SIZE 65536

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};

static struct {
	pid_t process;
	atomic_bool crashing;
	uint64_t address_space;
	char program[1024];
	char text[FRAMES_MAX * 128];
	_Alignas(64) char stack[STACK_SIZE];
} crash;

struct frames {
	uintptr_t pc[FRAMES_MAX];
	size_t count;
	uintptr_t from; /* leave out what is before this one: the handler's own frames */
	bool started;
};

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *context, void *argument)
{
	struct frames *frames = argument;
	int exact = 0;
	uintptr_t pc = _Unwind_GetIPInfo(context, &exact);

	if (pc == frames->from)
		frames->started = true;
	if (frames->started && pc)
		frames->pc[frames->count++] = pc - !exact;
	return frames->count < FRAMES_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static uintptr_t context_pc(const ucontext_t *context)
{
#if defined __x86_64__
	return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
	return (uintptr_t)context->uc_mcontext.pc;
#else
	return context ? 0 : 0;
#endif
}

/* Where a call of what is no function came from. */
static uintptr_t context_caller(const ucontext_t *context)
{
#if defined __x86_64__
	uintptr_t caller = 0;
	struct iovec to = {&caller, sizeof(caller)};
	struct iovec from = {(void *)(uintptr_t)context->uc_mcontext.gregs[REG_RSP],
			     sizeof(caller)};

	/* The stack may be what is broken: a read that fails instead of faulting. */
	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == sizeof(caller) ? caller : 0;
#elif defined __aarch64__
	return (uintptr_t)context->uc_mcontext.regs[30];
#else
	return context ? 0 : 0;
#endif
}

static void find_frames(struct frames *frames, const ucontext_t *context)
{
	uintptr_t pc = context_pc(context), caller;

	*frames = (struct frames){.from = pc, .started = !pc};
	_Unwind_Backtrace(take_frame, frames);
	if (frames->count && frames->started && pc)
		return;
	/* The unwinder knows no way from there: a jump into nowhere. */
	caller = context_caller(context);
	frames->count = 0;
	frames->pc[frames->count++] = pc;
	if (caller)
		frames->pc[frames->count++] = caller - 1;
}

/* The module that holds `pc`, and its load address. */
static const char *find_module(uintptr_t pc, uintptr_t *ret_base)
{
	const char *name = NULL;
#if defined __GLIBC_PREREQ && __GLIBC_PREREQ(2, 35)
	struct dl_find_object found; /* safe in handlers, dladdr(3) is not */

	if (!_dl_find_object((void *)pc, &found)) {
		*ret_base = found.dlfo_link_map->l_addr;
		name = found.dlfo_link_map->l_name;
	}
#else
	struct link_map *map;
	Dl_info info;

	if (dladdr1((void *)pc, &info, (void **)&map, RTLD_DL_LINKMAP)) {
		*ret_base = map->l_addr;
		name = map->l_name;
	}
#endif
	return name && !*name ? crash.program : name;
}

static size_t put_frame(char *at, size_t room, uintptr_t pc)
{
	uintptr_t base = 0;
	const char *module = find_module(pc, &base);
	size_t length = strlen(module ? module : "?"), digits = 1, size;
	uintptr_t offset = module ? pc - base : pc;

	while (digits < 2 * sizeof(offset) && offset >> 4 * digits)
		digits++;
	size = digits + 1 + length + 1;
	if (size > room)
		return 0;
	for (size_t i = 0; i < digits; i++)
		at[i] = "0123456789abcdef"[offset >> 4 * (digits - 1 - i) & 15];
	at[digits] = ' ';
	memcpy(at + digits + 1, module ? module : "?", length);
	at[size - 1] = '\n';
	return size;
}

static void tell_limit(int error)
{
	const char *limit = limit_reached_dying(error, crash.address_space);

	if (limit)
		say_dying(&(struct record){.type = RECORD_LIMIT, .name = {limit, strlen(limit)}});
}

static void tell(int number, const siginfo_t *info, const ucontext_t *context)
{
	struct record record = {
		.type = RECORD_CRASH,
		.line = (uint32_t)info->si_code,
		.a = (uint64_t)number,
	};
	struct frames frames;
	size_t size = 0;

	if (number != SIGABRT && info->si_code > 0)
		record.b = (uintptr_t)info->si_addr;
	find_frames(&frames, context);
	for (size_t i = 0; i < frames.count; i++)
		size += put_frame(crash.text + size, sizeof(crash.text) - size, frames.pc[i]);
	record.text = (struct record_text){crash.text, size};
	say_dying(&record);
}

static void handle(int number, siginfo_t *info, void *context)
{
	int error = errno;

	if (getpid() == crash.process && !atomic_exchange(&crash.crashing, true)) {
		tell(number, info, context);
		tell_limit(error);
	}
	/*
	 * SA_RESETHAND has restored the default. The signal is blocked in here: raised now, it
	 * comes at the return, before another instruction of the test.
	 */
	syscall(SYS_tgkill, getpid(), gettid(), number);
	errno = error;
}

void crash_prime(void)
{
	struct frames frames = {.started = true};
	ssize_t size = readlink("/proc/self/exe", crash.program, sizeof(crash.program) - 1);

	crash.program[size > 0 ? size : 0] = '\0';
	_Unwind_Backtrace(take_frame, &frames);
}

void crash_install(uint64_t address_space)
{
	struct sigaction action = {.sa_sigaction = handle,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};

	if (body_owns_crashes())
		return;
	crash.process = getpid();
	crash.address_space = address_space;
	if (!crash.program[0])
		crash_prime();
	sigaltstack(&(stack_t){.ss_sp = crash.stack, .ss_size = sizeof(crash.stack)}, NULL);
	for (size_t i = 0; i < sizeof(crash_signals) / sizeof(*crash_signals); i++)
		sigaction(crash_signals[i], &action, NULL);
}
