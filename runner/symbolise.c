/* SPDX-License-Identifier: MIT */
/*
 * From the addresses in a CRASH record to functions and lines.
 *
 * Without libdw the addresses themselves are printed, as "program+0x1234", which addr2line(1)
 * takes, and a sentence says why.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dw.h"
#include "keeper.h"
#include "text.h"

#define FRAMES_MAX 64

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

static void look_up(struct frame *frame)
{
	struct module *m = dw_load() ? find_module(frame->module) : NULL;

	if (m && m->module)
		frame_look_up(frame, m->module, m->bias + frame->offset);
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

static void grow_frame(struct obstack *memory, unsigned number, const struct frame *frame)
{
	char line[2 * PATH_MAX];
	int size = frame_format(frame, number, line, sizeof(line));

	obstack_grow(memory, line, size < (int)sizeof(line) ? size : (int)sizeof(line) - 1);
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
		if (frame_is_last(&frame))
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
