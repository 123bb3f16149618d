/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdbool.h>
#include <string.h>

#include "hint.h"
#include "suite/lines.h"

struct hint {
	const char *const *calls, *const *errors; /* one of each in the same line */
	bool (*may_be)(const struct cloche_options *options);
	const char *text;
};

static const char *const id_calls[] = {
	"setresuid", "setreuid",  "setuid",     "seteuid",    "setresgid", "setregid",  "setgid",
	"setegid",   "setgroups", "set groups", "initgroups", "chown",     "ownership", NULL};
static const char *const mount_calls[] = {"mount failed", "mount:", "mount(", NULL};
static const char *const node_calls[] = {"mknod", NULL};
static const char *const any[] = {"", NULL};
static const char *const refusals[] = {"Operation not permitted", "Invalid argument", "EPERM",
				       "EINVAL", NULL};
static const char *const denials[] = {"Operation not permitted", "failed to setup loop device",
				      "EPERM", NULL};
static const char *const terminals[] = {"not a tty", "Inappropriate ioctl for device", "ENOTTY",
					NULL};

static bool has_one_id(const struct cloche_options *o)
{
	return !o->no_isolation && !(o->ids && !strcmp(o->ids, "full"));
}

static bool is_cell(const struct cloche_options *o)
{
	return !o->no_isolation;
}

static bool has_no_terminal(const struct cloche_options *o)
{
	return !o->tty;
}

static const struct hint hints[] = {
	{id_calls, refusals, has_one_id,
	 "this cell has one id only; --ids=full gives it all from 0 to 65535"},
	{node_calls, denials, is_cell,
	 "no user namespace may make device nodes; /dev has what a cell can have of them"},
	{mount_calls, denials, is_cell,
	 "a cell may mount no file systems of devices; tmpfs, proc, overlay, FUSE and bind mounts "
	 "it may"},
	{any, terminals, has_no_terminal, "--tty gives the case a terminal"},
};

static bool has_any(const char *line, size_t size, const char *const *words)
{
	for (; *words; words++)
		if (memmem(line, size, *words, strlen(*words)))
			return true;
	return false;
}

const char *hint_find(const struct cloche_options *options, const char *text, size_t size)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		struct lines lines = lines_of(text, size);
		const char *line;
		size_t length;

		while (hints[i].may_be(options) && lines_next(&lines, &line, &length))
			if (has_any(line, length, hints[i].errors) &&
			    has_any(line, length, hints[i].calls))
				return hints[i].text;
	}
	return NULL;
}
