/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dw.h"
#include "library.h"

struct dw dw;

static bool find_functions(void *library)
{
	const struct library_function functions[] = {
		{&dw.begin, "dwfl_begin"},
		{&dw.end, "dwfl_end"},
		{&dw.report_offline, "dwfl_report_offline"},
		{&dw.report_end, "dwfl_report_end"},
		{&dw.addrmodule, "dwfl_addrmodule"},
		{&dw.module_info, "dwfl_module_info"},
		{&dw.addrinfo, "dwfl_module_addrinfo"},
		{&dw.getsrc, "dwfl_module_getsrc"},
		{&dw.lineinfo, "dwfl_lineinfo"},
		{&dw.getelf, "dwfl_module_getelf"},
		{&dw.find_elf, "dwfl_build_id_find_elf"},
		{&dw.find_debuginfo, "dwfl_standard_find_debuginfo"},
		{&dw.section_address, "dwfl_offline_section_address"},
		{&dw.proc_report, "dwfl_linux_proc_report"},
		{&dw.proc_attach, "dwfl_linux_proc_attach"},
		{&dw.proc_find_elf, "dwfl_linux_proc_find_elf"},
		{&dw.thread_frames, "dwfl_getthread_frames"},
		{&dw.frame_pc, "dwfl_frame_pc"},
		{&dw.error, "dwfl_errno"},
		{&dw.error_text, "dwfl_errmsg"},
	};

	return library_find(library, functions, sizeof(functions) / sizeof(*functions));
}

bool dw_load(void)
{
	void *library;

	if (dw.tried)
		return !dw.missing;
	dw.tried = true;
	if (!library_can_load()) { /* dlopen(3) of a static program may crash it */
		dw.missing = "this program is linked statically, and cannot load libdw to find "
			     "them; run it by 'cloche run', or ask addr2line(1)";
		return false;
	}
	library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library || !find_functions(library))
		dw.missing = "libdw.so.1 cannot be loaded; install elfutils' libdw (package "
			     "libdw1), or ask addr2line(1)";
	return !dw.missing;
}

/* A name of C++, by C++'s own run-time, which a machine with such a suite has as well. */
static void demangle(struct frame *frame)
{
	static char *(*cxa_demangle)(const char *, char *, size_t *, int *);
	static bool tried;
	void *library;
	char *name;

	if (!frame->function || strncmp(frame->function, "_Z", 2))
		return;
	library = tried ? NULL : dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
	tried = true;
	if (library)
		library_find(library, &(struct library_function){&cxa_demangle, "__cxa_demangle"},
			     1);
	name = cxa_demangle ? cxa_demangle(frame->function, NULL, NULL, NULL) : NULL;
	if (!name)
		return;
	snprintf(frame->demangled, sizeof(frame->demangled), "%s", name);
	frame->function = frame->demangled;
	free(name);
}

void frame_look_up(struct frame *frame, Dwfl_Module *module, Dwarf_Addr address)
{
	GElf_Off within;
	GElf_Sym symbol;
	Dwfl_Line *line = dw.getsrc(module, address);

	frame->function = dw.addrinfo(module, address, &within, &symbol, NULL, NULL, NULL);
	demangle(frame);
	if (line)
		frame->file = dw.lineinfo(line, NULL, &frame->line, NULL, NULL, NULL);
}

static bool frame_is(const struct frame *frame, const char *prefix)
{
	return frame->function && !strncmp(frame->function, prefix, strlen(prefix));
}

/*
 * Whose callers are cloche itself: the test's body, or where the compiler has put that into its
 * only caller, the caller.
 */
bool frame_is_last(const struct frame *frame)
{
	return frame_is(frame, "cloche_test_") || frame_is(frame, "cloche_call_");
}

/* The name as the TEST macro had it; of both prefixes, since the caller has the body's name. */
static const char *test_name(const char *function)
{
	static const char *const prefixes[] = {"cloche_call_", "cloche_test_"};

	for (int i = 0; i < 2; i++)
		if (!strncmp(function, prefixes[i], strlen(prefixes[i])))
			function += strlen(prefixes[i]);
	return function;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int frame_format(const struct frame *frame, unsigned number, char *buffer, size_t size)
{
	const char *function = frame->function;
	char place[PATH_MAX + 32] = "";

	if (frame_is_last(frame))
		function = test_name(function);
	if (frame->file)
		snprintf(place, sizeof(place), " at %s:%d", frame->file, frame->line);
	return snprintf(buffer, size, "  #%-2u %s+0x%lx%s%s%s\n", number, last_part(frame->module),
			frame->offset, function ? " in " : "", function ? function : "", place);
}
