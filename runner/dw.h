/* SPDX-License-Identifier: MIT */
/*
 * dw.h: libdw (elfutils), loaded when an address is to be told and not before
 *
 * A suite that never crashes, which is also a zygote, stays small.
 */
#ifndef CLOCHE_DW_H
#define CLOCHE_DW_H

#include <elfutils/libdwfl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct dw {
	bool tried;
	const char *missing; /* why there are no names, and the cure */
	__typeof__(dwfl_begin) *begin;
	__typeof__(dwfl_end) *end;
	__typeof__(dwfl_report_offline) *report_offline;
	__typeof__(dwfl_report_end) *report_end;
	__typeof__(dwfl_addrmodule) *addrmodule;
	__typeof__(dwfl_module_info) *module_info;
	__typeof__(dwfl_module_addrinfo) *addrinfo;
	__typeof__(dwfl_module_getsrc) *getsrc;
	__typeof__(dwfl_lineinfo) *lineinfo;
	__typeof__(dwfl_module_getelf) *getelf;
	__typeof__(dwfl_build_id_find_elf) *find_elf;
	__typeof__(dwfl_standard_find_debuginfo) *find_debuginfo;
	__typeof__(dwfl_offline_section_address) *section_address;
	__typeof__(dwfl_linux_proc_report) *proc_report;
	__typeof__(dwfl_linux_proc_attach) *proc_attach;
	__typeof__(dwfl_linux_proc_find_elf) *proc_find_elf;
	__typeof__(dwfl_getthread_frames) *thread_frames;
	__typeof__(dwfl_frame_pc) *frame_pc;
	__typeof__(dwfl_errno) *error;
	__typeof__(dwfl_errmsg) *error_text;
};

extern struct dw dw;

/* False: nothing of it may be called, and dw.missing says why. */
bool dw_load(void);

struct frame {
	char module[PATH_MAX];
	char demangled[512];
	unsigned long offset;
	const char *function, *file; /* owned by libdw, or `demangled`; NULL when not known */
	int line;
};

/* Fill in what is known of `address`, as `dwfl` numbers them, in this module. */
void frame_look_up(struct frame *frame, Dwfl_Module *module, Dwarf_Addr address);

/* Is its caller cloche itself? */
bool frame_is_last(const struct frame *frame);

/* "  #0  program+0x1234 in function at file:12\n"; returns its length, as snprintf(3). */
int frame_format(const struct frame *frame, unsigned number, char *buffer, size_t size);

#endif
