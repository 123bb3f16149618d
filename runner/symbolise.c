/* SPDX-License-Identifier: MIT */
/*
 * From the addresses in a CRASH record to functions and lines.
 *
 * libdw (elfutils) does it, loaded when something crashed and not before: a suite that never
 * crashes, which is also a zygote, stays small. Without libdw the addresses themselves are printed,
 * as "program+0x1234", which addr2line(1) takes, and a sentence says why.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <elfutils/libdwfl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "keeper.h"
#include "text.h"

#define FRAMES_MAX 64

static struct {
	bool tried;
	const char *missing; /* why there are no names, and the cure */
	__typeof__(dwfl_begin) *begin;
	__typeof__(dwfl_end) *end;
	__typeof__(dwfl_report_offline) *report_offline;
	__typeof__(dwfl_report_end) *report_end;
	__typeof__(dwfl_module_addrinfo) *addrinfo;
	__typeof__(dwfl_module_getsrc) *getsrc;
	__typeof__(dwfl_lineinfo) *lineinfo;
	__typeof__(dwfl_module_getelf) *getelf;
	__typeof__(dwfl_build_id_find_elf) *find_elf;
	__typeof__(dwfl_standard_find_debuginfo) *find_debuginfo;
	__typeof__(dwfl_offline_section_address) *section_address;
} dw;

/* A statically linked program has no interpreter, elf(5), and no dynamic linker to load with. */
static bool is_static(void)
{
	const ElfW(Phdr) *part = (const ElfW(Phdr) *)getauxval(AT_PHDR);

	for (unsigned long i = 0; part && i < getauxval(AT_PHNUM); i++)
		if (part[i].p_type == PT_INTERP)
			return false;
	return true;
}

static void find_functions(void *library)
{
	dw.end = dlsym(library, "dwfl_end");
	dw.report_offline = dlsym(library, "dwfl_report_offline");
	dw.report_end = dlsym(library, "dwfl_report_end");
	dw.addrinfo = dlsym(library, "dwfl_module_addrinfo");
	dw.getsrc = dlsym(library, "dwfl_module_getsrc");
	dw.lineinfo = dlsym(library, "dwfl_lineinfo");
	dw.getelf = dlsym(library, "dwfl_module_getelf");
	dw.find_elf = dlsym(library, "dwfl_build_id_find_elf");
	dw.find_debuginfo = dlsym(library, "dwfl_standard_find_debuginfo");
	dw.section_address = dlsym(library, "dwfl_offline_section_address");
	if (dw.end && dw.report_offline && dw.report_end && dw.addrinfo && dw.getsrc &&
	    dw.lineinfo && dw.getelf && dw.find_elf && dw.find_debuginfo && dw.section_address)
		dw.begin = dlsym(library, "dwfl_begin");
}

static bool load_dw(void)
{
	void *library;

	if (dw.tried)
		return dw.begin != NULL;
	dw.tried = true;
	if (is_static()) { /* dlopen(3) of a static program may crash it */
		dw.missing = "this program is linked statically, and cannot load libdw to find "
			     "them; run it by 'cloche run', or ask addr2line(1)";
		return false;
	}
	library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
	if (library)
		find_functions(library);
	if (!dw.begin)
		dw.missing = "libdw.so.1 cannot be loaded; install elfutils' libdw (package "
			     "libdw1), or ask addr2line(1)";
	return dw.begin != NULL;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Modules are read once a run: debug information takes its time. */
static struct module {
	char path[PATH_MAX];
	Dwfl *dwfl;
	Dwfl_Module *module;
	Dwarf_Addr bias; /* from addresses of the file to those of dwfl */
} * modules[16];

static void open_module(struct module *m)
{
	static Dwfl_Callbacks callbacks;

	callbacks = (Dwfl_Callbacks){.find_elf = dw.find_elf,
				     .find_debuginfo = dw.find_debuginfo,
				     .section_address = dw.section_address};
	m->dwfl = dw.begin(&callbacks);
	m->module = m->dwfl ? dw.report_offline(m->dwfl, "", m->path, -1) : NULL;
	/* dwfl places an ET_DYN file somewhere of its choice, an ET_EXEC where it belongs. */
	if (m->module && (dw.report_end(m->dwfl, NULL, NULL) || !dw.getelf(m->module, &m->bias)))
		m->module = NULL;
}

static struct module *find_module(const char *path)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++) {
		if (!modules[i]) {
			modules[i] = calloc(1, sizeof(**modules));
			if (!modules[i])
				return NULL;
			strcpy(modules[i]->path, path);
			open_module(modules[i]);
		}
		if (!strcmp(modules[i]->path, path))
			return modules[i];
	}
	return NULL;
}

struct frame {
	char module[PATH_MAX];
	unsigned long offset;
	const char *function, *file; /* owned by libdw; NULL when not known */
	int line;
};

static void look_up(struct frame *frame)
{
	struct module *m = load_dw() ? find_module(frame->module) : NULL;
	GElf_Off within;
	GElf_Sym symbol;
	Dwfl_Line *line;

	if (!m || !m->module)
		return;
	frame->function =
		dw.addrinfo(m->module, m->bias + frame->offset, &within, &symbol, NULL, NULL, NULL);
	line = dw.getsrc(m->module, m->bias + frame->offset);
	if (line)
		frame->file = dw.lineinfo(line, NULL, &frame->line, NULL, NULL, NULL);
}

static bool read_frame(const char *text, const char *program, struct frame *frame)
{
	*frame = (struct frame){.line = 0};
	if (sscanf(text, "%lx %4095[^\n]", &frame->offset, frame->module) < 1)
		return false;
	if (!frame->module[0])
		snprintf(frame->module, sizeof(frame->module), "%s", program);
	look_up(frame);
	return true;
}

static bool frame_is(const struct frame *frame, const char *prefix)
{
	return frame->function && !strncmp(frame->function, prefix, strlen(prefix));
}

static void grow_frame(struct obstack *memory, unsigned number, const struct frame *frame)
{
	const char *function = frame->function;

	if (frame_is(frame, "cloche_test_"))
		function += strlen("cloche_test_"); /* the name as the TEST macro had it */
	else if (frame_is(frame, "cloche_call_"))
		function += strlen("cloche_call_");
	obstack_printf(memory, "  #%-2u %s+0x%lx", number, last_part(frame->module), frame->offset);
	if (function)
		obstack_printf(memory, " in %s", function);
	if (frame->file)
		obstack_printf(memory, " at %s:%d", frame->file, frame->line);
	obstack_1grow(memory, '\n');
}

/*
 * Whose callers are cloche itself: the test's body, or where the compiler has put that into its
 * only caller, the caller.
 */
static bool is_last(const struct frame *frame)
{
	return frame_is(frame, "cloche_test_") || frame_is(frame, "cloche_call_");
}

/* A function that called itself until the stack was full is told once, with a count. */
static void grow_frames(struct obstack *memory, char *frames, const char *program)
{
	static struct frame frame;
	unsigned long last = 0;
	unsigned number = 0, again = 0;
	char *saved = NULL;

	for (char *line = strtok_r(frames, "\n", &saved); line && number < FRAMES_MAX;
	     line = strtok_r(NULL, "\n", &saved), number++) {
		if (!read_frame(line, program, &frame))
			break;
		again = frame.offset == last ? again + 1 : 0;
		last = frame.offset;
		if (again == 1)
			obstack_printf(memory, "      ... again and again ...\n");
		if (!again)
			grow_frame(memory, number, &frame);
		if (is_last(&frame))
			break;
	}
}

void symbolise(const struct record *crash, const char *program, struct obstack *memory,
	       const char **ret_text)
{
	int number = crash->a <= INT_MAX ? (int)crash->a : -1;
	char name[TEXT_SIGNAL_ROOM];
	char *frames = strndup(crash->text.data, crash->text.size);

	obstack_printf(memory, "%s", text_signal(number, name));
	if (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE)
		obstack_printf(memory, " at address 0x%llx", (unsigned long long)crash->b);
	obstack_1grow(memory, '\n');
	if (frames)
		grow_frames(memory, frames, program);
	if (frames && *frames && dw.missing)
		obstack_printf(memory, "  (no names of functions: %s)\n", dw.missing);
	free(frames);
	obstack_1grow(memory, '\0');
	*ret_text = obstack_finish(memory);
}
