/* SPDX-License-Identifier: MIT */
/*
 * The side of steps that is executed in the cell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limit.h"
#include "suite/steps.h"
#include "suite/steps_words.h"
#include "suite/variables.h"
#include "text.h"

#define LIST_MAX 4096 /* words of one list of a step */

struct words {
	const char *items[LIST_MAX + 1];
	size_t count;
};

/* The step that is being read; what lists hold is forgotten with the next one. */
static struct {
	enum step_role role;
	const char *name, *directory;
	struct words set, change, need, pass, fail, skip;
	struct rules rules;
} step;

static char **caller; /* the environment that came with us */

static _Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void refuse(const char *format, ...)
{
	va_list arguments;

	fputs(STEPS_REFUSAL, stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	fflush(stderr);
	_exit(STEPS_STATUS);
}

static void add(struct words *to, const char *word)
{
	if (to->count == LIST_MAX)
		refuse("'%s' says more than %d times the same of itself", step.name, LIST_MAX);
	to->items[to->count++] = word;
	to->items[to->count] = NULL;
}

static void say(const char *what, const char *value)
{
	if (!strcmp(what, STEPS_DIRECTORY))
		step.directory = value;
	else if (!strcmp(what, STEPS_SET))
		add(&step.set, value);
	else if (!strcmp(what, STEPS_CHANGE))
		add(&step.change, value);
	else if (!strcmp(what, STEPS_NEED))
		add(&step.need, value);
	else if (!strcmp(what, STEPS_PASS))
		add(&step.pass, value);
	else if (!strcmp(what, STEPS_FAIL))
		add(&step.fail, value);
	else if (!strcmp(what, STEPS_SKIP))
		add(&step.skip, value);
	else if (!strcmp(what, STEPS_WILL_FAIL))
		step.rules.will_fail = true;
	else if (!strcmp(what, STEPS_SKIP_STATUS))
		step.rules.has_skip_status = true, step.rules.skip_status = atoi(value);
	else if (!strcmp(what, STEPS_REFUSE))
		refuse("%s", value);
}

static bool begin_step(const char *what, const char *name)
{
	for (int role = STEP_SETUP; role <= STEP_AFTER; role++)
		if (!strcmp(what, step_roles[role])) {
			memset(&step, 0, sizeof(step));
			step.role = role;
			step.name = name;
			return true;
		}
	return false;
}

/* In the step's directory and environment: what it needs, and then its command. */
static void enter(void)
{
	const char *wrong;

	environ = caller;
	if (variables_apply(step.set.items, step.change.items, &wrong) < 0)
		refuse("'%s' of '%s' is no change of a variable", wrong, step.name);
	if (step.directory && chdir(step.directory))
		refuse("cannot enter '%s', the directory of '%s': %s", step.directory, step.name,
		       strerror(errno));
	for (size_t i = 0; i < step.need.count; i++)
		if (access(step.need.items[i], F_OK))
			refuse("'%s' requires the file '%s', which is not there", step.name,
			       step.need.items[i]);
}

static _Noreturn void execute(char **command)
{
	enter();
	fflush(stderr);
	execvp(command[0], command);
	refuse("cannot run '%s': %s; is it built?", command[0], strerror(errno));
}

/*
 * What it prints goes to `output`, unless that is -1. Of others than the test it is no output of
 * the case, of which TAP may be read: it goes where errors go. Returns what wait(2) says.
 */
static int run(char **command, int output)
{
	int status = 0;
	pid_t child;

	fflush(stderr);
	child = fork();
	if (child < 0)
		refuse("cannot fork: %s", strerror(errno));
	if (!child) {
		if (output >= 0)
			dup2(output, 2);
		if (step.role != STEP_TEST)
			dup2(2, 1);
		execute(command);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* What a step printed, which also goes to where we print. */
static char *take_output(int file, size_t *ret_size)
{
	off_t size = lseek(file, 0, SEEK_END);
	char *text = malloc(size > 0 ? size : 1);
	ssize_t got = text ? pread(file, text, size, 0) : -1;

	*ret_size = got > 0 ? (size_t)got : 0;
	if (text)
		fwrite(text, 1, *ret_size, stderr);
	return text;
}

/* What came of a step that is not the test; reason: "" when it is as it should be. */
static void judge(int status, int output, char *reason, size_t size)
{
	char name[TEXT_SIGNAL_ROOM], *text = NULL;
	enum verdict verdict;
	size_t text_size = 0;

	*reason = '\0';
	if (output >= 0)
		text = take_output(output, &text_size);
	if (WIFSIGNALED(status)) {
		snprintf(reason, size, "killed by %s", text_signal(WTERMSIG(status), name));
	} else {
		verdict = rules_judge(&step.rules, text, text_size, WEXITSTATUS(status), reason,
				      size);
		if (verdict == VERDICT_PASS || verdict == VERDICT_SKIP)
			*reason = '\0';
	}
	free(text);
}

static void run_other(char **command)
{
	bool matches = step.pass.count || step.fail.count || step.skip.count;
	int output = matches ? memfd_create("output", MFD_CLOEXEC) : -1;
	char reason[512];

	if (step.role == STEP_AFTER)
		fprintf(stderr, STEPS_AFTER "%s'\n", step.name);
	else
		fprintf(stderr, "cloche: first '%s'\n", step.name);
	step.rules.pass = step.pass.items;
	step.rules.fail = step.fail.items;
	step.rules.skip = step.skip.items;
	judge(run(command, output), output, reason, sizeof(reason));
	if (output >= 0)
		close(output);
	if (*reason && step.role == STEP_SETUP)
		refuse("its setup '%s' has failed: %s", step.name, reason);
	if (*reason)
		fprintf(stderr, "cloche: '%s' has failed: %s\n", step.name, reason);
}

/* As the test ended, so do we. */
static _Noreturn void end_as(int status)
{
	const struct rlimit none = {LIMIT_NO_CORE, LIMIT_NO_CORE};

	fflush(stderr);
	if (WIFSIGNALED(status)) {
		setrlimit(RLIMIT_CORE, &none);
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Returns wait(2)'s status of the test, when something follows it. */
static int run_test(char **command, bool announced, bool last)
{
	if (announced)
		fprintf(stderr, STEPS_TEST "%s'\n", step.name);
	if (last)
		execute(command);
	return run(command, -1);
}

_Noreturn void steps_main(char **words)
{
	bool others = false;
	int status = 0;

	setvbuf(stderr, NULL, _IOFBF, 0);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	caller = environ;
	while (words[0] && words[1]) {
		size_t count;
		char **command = words + 2, *behind;

		words += 2;
		if (strcmp(command[-2], STEPS_RUN) != 0) {
			if (!begin_step(command[-2], command[-1]))
				say(command[-2], command[-1]);
			continue;
		}
		count = strtoul(command[-1], NULL, 10);
		words += count;
		behind = *words;
		*words = NULL;
		if (step.role == STEP_TEST)
			status = run_test(command, others || behind, !behind);
		else
			run_other(command);
		others = true;
		*words = behind;
	}
	end_as(status);
}
