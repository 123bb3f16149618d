/* SPDX-License-Identifier: MIT */
/*
 * --debugger and --tracer: one case under another program, in its cell
 *
 * The cell is that of the case. In it the other program is executed, with the suite's own as its
 * argument: a native one runs the case in its own process then (--no-isolation --exact), since what
 * is forked from a zygote cannot be given to a debugger as a command. As with `exec`, the caller's
 * descriptors are passed through, and there is no deadline.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flags.h"
#include "suite/command.h"

static struct {
	char *words[64];          /* what is executed, NULL-terminated */
	struct command_line line; /* of a foreign case, to which the last ones point */
	char shown[3 * PATH_MAX]; /* paths, one after the other */
	size_t shown_size;
} debug;

/* Directories of these names are the cell's own, with root=minimal, and cannot be the machine's. */
static bool is_of_cells(const char *directory)
{
	static const char *const own[] = {"",         "/",     "/tmp", "/home", "/root",
					  "/run",     "/var",  "/etc", "/dev",  "/sys",
					  "/var/tmp", "/proc", NULL};

	for (const char *const *name = own; *name; name++)
		if (!strcmp(*name, directory))
			return true;
	return false;
}

static bool is_in(const char *path, const char *directory)
{
	size_t size = strlen(directory);

	return !strncmp(path, directory, size) && (!path[size] || path[size] == '/');
}

/* What is in another one is shown with that. */
static void show(const char *path)
{
	size_t size = strlen(path) + 1, next;

	for (size_t at = 0; at < debug.shown_size; at = next) {
		next = at + strlen(debug.shown + at) + 1;
		if (is_in(path, debug.shown + at))
			return;
		if (!is_in(debug.shown + at, path))
			continue;
		memmove(debug.shown + at, debug.shown + next, debug.shown_size - next);
		debug.shown_size -= next - at;
		next = at;
	}
	if (size > sizeof(debug.shown) - debug.shown_size)
		return;
	memcpy(debug.shown + debug.shown_size, path, size);
	debug.shown_size += size;
}

static void show_with_directory(const char *file)
{
	char path[PATH_MAX], *slash;

	snprintf(path, sizeof(path), "%s", file);
	slash = strrchr(path, '/');
	if (*path != '/' || access(path, F_OK))
		return;
	*slash = '\0';
	show(is_of_cells(path) ? file : path);
}

/* A shell takes the command apart: quotes and the variables of the cell mean what they should. */
static int make_command(const char *command, const struct suite *suite,
			const struct suite_case *item)
{
	char **word = debug.words;

	*word++ = "/bin/sh";
	*word++ = "-c";
	if (asprintf(word++, "unset PWD; exec %s \"$@\"", command) < 0)
		return complain(EXIT_SETUP, "not enough memory");
	*word++ = "cloche";
	if (suite->native) {
		*word++ = (char *)suite->path;
		*word++ = "--no-isolation";
		*word++ = "--exact";
		*word++ = (char *)suite_listed(suite, item)->name;
		return 0;
	}
	if (command_of_case(&debug.line, suite, item, true) < 0)
		return complain(EXIT_SETUP, "not enough memory");
	for (char *at = debug.line.words; at < debug.line.words + debug.line.words_size;
	     at += strlen(at) + 1) {
		if (word == debug.words + sizeof(debug.words) / sizeof(*debug.words) - 1)
			return complain(EXIT_SETUP, "the command of this case has too many words");
		*word++ = at;
	}
	return 0;
}

int debug_prepare(struct keeper *keeper, const struct flags *flags, struct session *session)
{
	const char *flag = flags->debugger ? "debugger" : "tracer";
	const struct suite *suite = keeper->suites->list[keeper->jobs->suite];
	const struct suite_case *item = &suite->cases[keeper->jobs->index];

	if (flags->debugger && flags->tracer)
		return complain(EXIT_SETUP, "--debugger and --tracer cannot be had both; give one");
	if (!flags_repetitions(flags) || flags->run_for > 0)
		return complain(EXIT_SETUP,
				"--%s runs a case once; leave out --until-fail and --for", flag);
	if (keeper->job_count * flags_repetitions(flags) != 1)
		return complain(EXIT_SETUP,
				"--%s takes exactly one case, and here are %zu; name one with "
				"--exact",
				flag, keeper->job_count * (size_t)flags_repetitions(flags));
	if (flags->keep_cells)
		complain(0, "--keep does not apply to a case under --%s: its cell ends with it",
			 flag);
	if (flags->debugger && isatty(0) && isatty(1))
		session->over.tty = true;
	keeper->arguments = debug.words;
	keeper->passthrough = true;
	keeper->no_deadline = true;
	if (!is_of_cells(session->cwd))
		show(session->cwd);
	show_with_directory(suite->path);
	if (item->file)
		show_with_directory(item->file);
	session->shown = debug.shown;
	session->shown_size = debug.shown_size;
	return make_command(flags->debugger ? flags->debugger : flags->tracer, suite, item);
}
