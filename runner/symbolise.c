/* SPDX-License-Identifier: MIT */
/*
 * From the addresses in a CRASH record to functions and lines.
 *
 * libdw (elfutils) does it, loaded when something crashed and not before: a suite that never
 * crashes, which is also a zygote, stays small. Without libdw the addresses themselves are printed,
 * as "program+0x1234", which addr2line(1) takes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper.h"

#define FRAMES_MAX 64

static struct {
	bool tried;
	__typeof__(dwfl_begin) *begin;
	__typeof__(dwfl_end) *end;
	__typeof__(dwfl_report_offline) *report_offline;
	__typeof__(dwfl_report_end) *report_end;
	__typeof__(dwfl_module_addrinfo) *addrinfo;
	__typeof__(dwfl_module_getsrc) *getsrc;
	__typeof__(dwfl_lineinfo) *lineinfo;
	__typeof__(dwfl_module_info) *info;
	__typeof__(dwfl_build_id_find_elf) *find_elf;
	__typeof__(dwfl_standard_find_debuginfo) *find_debuginfo;
	__typeof__(dwfl_offline_section_address) *section_address;
} dw;

static bool load_dw(void)
{
	void *library = dw.tried ? NULL : dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);

	dw.tried = true;
	if (!library)
		return dw.begin != NULL;
	dw.end = dlsym(library, "dwfl_end");
	dw.report_offline = dlsym(library, "dwfl_report_offline");
	dw.report_end = dlsym(library, "dwfl_report_end");
	dw.addrinfo = dlsym(library, "dwfl_module_addrinfo");
	dw.getsrc = dlsym(library, "dwfl_module_getsrc");
	dw.lineinfo = dlsym(library, "dwfl_lineinfo");
	dw.info = dlsym(library, "dwfl_module_info");
	dw.find_elf = dlsym(library, "dwfl_build_id_find_elf");
	dw.find_debuginfo = dlsym(library, "dwfl_standard_find_debuginfo");
	dw.section_address = dlsym(library, "dwfl_offline_section_address");
	if (dw.end && dw.report_offline && dw.report_end && dw.addrinfo && dw.getsrc &&
	    dw.lineinfo && dw.info && dw.find_elf && dw.find_debuginfo && dw.section_address)
		dw.begin = dlsym(library, "dwfl_begin");
	return dw.begin != NULL;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* " in function at file:line", as far as it is known. */
static void grow_place(struct obstack *memory, const char *module, unsigned long offset)
{
	Dwfl_Callbacks callbacks = {.find_elf = dw.find_elf,
				    .find_debuginfo = dw.find_debuginfo,
				    .section_address = dw.section_address};
	Dwfl *dwfl = dw.begin(&callbacks);
	Dwfl_Module *found = dwfl ? dw.report_offline(dwfl, "", module, -1) : NULL;
	Dwarf_Addr base = 0;
	GElf_Off within;
	GElf_Sym symbol;
	const char *name, *file;
	Dwfl_Line *line;
	int number;

	if (found && !dw.report_end(dwfl, NULL, NULL) &&
	    dw.info(found, NULL, &base, NULL, NULL, NULL, NULL, NULL)) {
		/* dwfl places an ET_DYN file somewhere of its choice, an ET_EXEC where it belongs. */
		name = dw.addrinfo(found, base + offset, &within, &symbol, NULL, NULL, NULL);
		if (name)
			obstack_printf(memory, " in %s", name);
		line = dw.getsrc(found, base + offset);
		file = line ? dw.lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
		if (file)
			obstack_printf(memory, " at %s:%d", file, number);
	}
	if (dwfl)
		dw.end(dwfl);
}

static void grow_frame(struct obstack *memory, unsigned number, const char *line,
		       const char *program)
{
	char module[PATH_MAX] = "";
	unsigned long offset;

	if (sscanf(line, "%lx %4095[^\n]", &offset, module) < 1)
		return;
	if (!module[0])
		snprintf(module, sizeof(module), "%s", program);
	obstack_printf(memory, "  #%-2u %s+0x%lx", number, last_part(module), offset);
	if (load_dw())
		grow_place(memory, module, offset);
	obstack_1grow(memory, '\n');
}

void symbolise(const struct record *crash, const char *program, struct obstack *memory,
	       const char **ret_text)
{
	const char *abbreviation = sigabbrev_np((int)crash->a);
	char *frames = strndup(crash->text.data, crash->text.size), *saved = NULL;
	unsigned number = 0;

	obstack_printf(memory, "SIG%s", abbreviation ? abbreviation : "?");
	if (crash->a == SIGSEGV || crash->a == SIGBUS || crash->a == SIGILL || crash->a == SIGFPE)
		obstack_printf(memory, " at address 0x%llx", (unsigned long long)crash->b);
	obstack_1grow(memory, '\n');
	for (char *line = frames ? strtok_r(frames, "\n", &saved) : NULL;
	     line && number < FRAMES_MAX; line = strtok_r(NULL, "\n", &saved))
		grow_frame(memory, number++, line, program);
	free(frames);
	obstack_1grow(memory, '\0');
	*ret_text = obstack_finish(memory);
}
