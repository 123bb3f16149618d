/* SPDX-License-Identifier: MIT */
/*
 * setup: the programs of [setup NAME], which run once before the cases they are for
 *
 * They run outside of cells, as the caller, with the caller's environment, and one after the other.
 * $CLOCHE_ENV names a file for what they have to say to the cases. What they print goes to our
 * stderr. Each has a process group of its own; its leader stays a zombie until the end of the run,
 * so that the number of the group cannot become another's.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "expression.h"
#include "pid_stat.h"
#include "sys.h"
#include "text.h"

#define DEADLINE  300.0 /* seconds */
#define GRACE     2.0   /* between SIGTERM and SIGKILL */
#define WRITE_MAX (1 << 20)

/* One that runs, and how it ended. */
struct setup {
	const struct config *config;
	struct config_section *section;
	char path[PATH_MAX]; /* $CLOCHE_ENV */
	int file;
	double timeout;
	bool timed_out, interrupted;
	siginfo_t status;
};

static int fail(const struct setup *setup, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(const struct setup *setup, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return complain(setup->interrupted ? EXIT_INTERRUPTED : EXIT_SETUP,
			"%s:%u: setup '%s' %s; no case was run", setup->config->shown,
			setup->section->line, setup->section->name, text);
}

static int make_file(struct setup *setup)
{
	const char *directory = getenv("TMPDIR");

	snprintf(setup->path, sizeof(setup->path), "%s/cloche-env-XXXXXX",
		 directory && *directory == '/' ? directory : "/tmp");
	setup->file = mkostemp(setup->path, O_CLOEXEC);
	return setup->file < 0 ? -errno : 0;
}

/* In the child. */
static void execute(const struct setup *setup, const sigset_t *mask)
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(2, 1) < 0 ||
	    (*setup->config->directory && chdir(setup->config->directory)) ||
	    setenv("CLOCHE_ENV", setup->path, 1))
		_exit(126);
	execl("/bin/sh", "sh", "-c", section_value(setup->section, "command"), (char *)NULL);
	_exit(127);
}

/* Until the program ends; at the deadline, or when we are to end, its group is asked to. */
static void wait_for(struct setup *setup, int pidfd, int signals)
{
	double end = keeper_now() + setup->timeout;
	struct pollfd watched[] = {{pidfd, POLLIN, 0}, {signals, POLLIN, 0}};
	bool asked = false;

	while (true) {
		double left = end - keeper_now();
		struct signalfd_siginfo signal;
		int ready = poll(watched, 2,
				 left < 0     ? 0
				 : left < 1e6 ? (int)(left * 1000) + 1
					      : 1000000000);

		if (watched[0].revents)
			return;
		if (ready > 0 && watched[1].revents &&
		    read(signals, &signal, sizeof(signal)) == sizeof(signal))
			setup->interrupted = true;
		else if (ready || keeper_now() < end)
			continue;
		setup->timed_out |= !setup->interrupted;
		kill(-setup->section->group, asked ? SIGKILL : SIGTERM);
		asked = true;
		end = keeper_now() + GRACE;
	}
}

static int run_program(struct setup *setup)
{
	fd_close int pidfd = -1, signals = -1;
	sigset_t mask, before;
	pid_t pid;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, &before);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	pid = signals < 0 ? -1 : fork();
	if (!pid)
		execute(setup, &before);
	if (pid > 0) {
		setpgid(pid, pid);
		setup->section->group = pid;
		pidfd = (int)sys_pidfd_open(pid);
	}
	if (pidfd >= 0) {
		wait_for(setup, pidfd, signals);
		waitid(P_PID, pid, &setup->status, WEXITED | WNOWAIT);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pidfd < 0 ? -1 : 0;
}

/* What it wrote becomes the section's. */
static int take_variables(struct setup *setup)
{
	memory_free char *text = malloc(WRITE_MAX + 1);
	char why[256], *list = NULL;
	ssize_t size = text ? pread(setup->file, text, WRITE_MAX + 1, 0) : -1;

	if (size < 0)
		return fail(setup, "wrote to $CLOCHE_ENV, which cannot be read: %s",
			    strerror(errno));
	if (size > WRITE_MAX)
		return fail(setup, "wrote more than 1 MiB to $CLOCHE_ENV");
	if (setup_variables(text, size, &list, why, sizeof(why)) < 0)
		return fail(setup, "wrote to $CLOCHE_ENV what cannot be understood: %s", why);
	if (!*list) {
		free(list);
		return 0;
	}
	setup->section->variables = list;
	return 0;
}

static int judge(struct setup *setup)
{
	char signal[TEXT_SIGNAL_ROOM];

	if (setup->interrupted)
		return fail(setup, "was interrupted");
	if (setup->timed_out)
		return fail(setup, "ran into its deadline of %g s; raise its 'timeout'",
			    setup->timeout);
	if (setup->status.si_code != CLD_EXITED)
		return fail(setup, "was killed by %s",
			    text_signal(setup->status.si_status, signal));
	if (setup->status.si_status)
		return fail(setup, "failed with status %d", setup->status.si_status);
	return take_variables(setup);
}

static int run_one(const struct config *config, struct config_section *section)
{
	struct setup setup = {
		.config = config, .section = section, .file = -1, .timeout = DEADLINE};
	int result;

	section_seconds(section, "timeout", &setup.timeout);
	setup.timeout *= config->timeout_multiplier > 0 ? config->timeout_multiplier : 1;
	if (make_file(&setup) < 0)
		return fail(&setup, "cannot be given a file in %s: %s", setup.path,
			    strerror(errno));
	if (run_program(&setup) < 0)
		result = fail(&setup, "cannot be started: %s", strerror(errno));
	else
		result = judge(&setup);
	unlink(setup.path);
	safe_close(setup.file);
	return result;
}

static bool is_wanted(const struct config *config, const struct config_section *section,
		      const struct suites *suites, const struct job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct suite *suite = suites->list[jobs[i].suite];
		struct expression_subject subject =
			suite_subject(suite, &suite->cases[jobs[i].index]);

		if (section_holds(config, section, &subject))
			return true;
	}
	return false;
}

int setups_run(struct config *config, const struct suites *suites, const struct job *jobs,
	       size_t count)
{
	int result = 0;

	for (size_t i = 0; i < config->count && !result; i++)
		if (config->sections[i].kind == SECTION_SETUP &&
		    is_wanted(config, &config->sections[i], suites, jobs, count))
			result = run_one(config, &config->sections[i]);
	if (result)
		setups_end(config);
	return result;
}

static bool is_dying(const char *pid)
{
	char path[64], stat[1024] = "";
	fd_close int fd = -1;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 || read(fd, stat, sizeof(stat) - 1) < 0 || pid_stat_is_dying(stat);
}

/* Is anybody left in the group? The leader is a zombie. */
static bool has_others(pid_t group)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (proc && !found && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		found = pid > 0 && getpgid(pid) == group && !is_dying(entry->d_name);
	}
	if (proc)
		closedir(proc);
	return found;
}

void setups_end(struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		pid_t group = config->sections[i].group;

		if (!group)
			continue;
		config->sections[i].group = 0;
		kill(-group, SIGTERM);
		for (int wait = 0; wait < (int)(GRACE * 100) && has_others(group); wait++)
			usleep(10000);
		kill(-group, SIGKILL);
		waitpid(group, NULL, 0);
	}
}
