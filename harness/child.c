/* SPDX-License-Identifier: MIT */
/*
 * EXPECT_EXIT and EXPECT_SIGNAL: a child, and how it ends
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "body.h"
#include "cloche.h"
#include "text.h"

long cloche_child_start(const char *file, unsigned line, const char *text, int number)
{
	pid_t pid;

	fflush(NULL); /* or the child would print it, too */
	pid = fork();
	if (pid < 0) {
		static const char message[] = "cannot fork";

		body_failure(file, line, text, message, sizeof(message) - 1, errno);
		return -1;
	}
	if (!pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0});
		if (number > 0)
			signal(number, SIG_DFL); /* whatever a sanitizer does with it */
	}
	return pid;
}

void cloche_child_finish(void)
{
	fflush(NULL);
	if (body_has_coverage())
		exit(0);
	_exit(0);
}

static void name_signal(struct text *text, int number)
{
	const char *name = sigabbrev_np(number);

	if (name)
		text_add(text, "SIG%s", name);
	else
		text_add(text, "signal %d", number);
}

static void show_end(struct text *text, int status, bool by_signal, int number)
{
	if (WIFSIGNALED(status)) {
		text_add(text, "the child was killed by ");
		name_signal(text, WTERMSIG(status));
	} else {
		text_add(text, "the child exited with status %d", WEXITSTATUS(status));
	}
	text_add(text, "; expected was ");
	if (by_signal)
		name_signal(text, number);
	else
		text_add(text, "exit status %d", number);
}

bool cloche_child_expect(const char *file, unsigned line, const char *text, long child,
			 bool by_signal, int number)
{
	int error = errno, status = 0;
	struct text message;
	char buffer[512];
	bool holds;
	pid_t pid;

	body_check();
	if (child < 0)
		return false;
	do
		pid = waitpid((pid_t)child, &status, 0);
	while (pid < 0 && errno == EINTR);
	holds = pid == child && (by_signal ? WIFSIGNALED(status) && WTERMSIG(status) == number
					   : WIFEXITED(status) && WEXITSTATUS(status) == number);
	if (!holds) {
		text_start(&message, buffer, sizeof(buffer));
		if (pid < 0)
			text_add(&message, "the child was waited for by somebody else");
		else
			show_end(&message, status, by_signal, number);
		body_failure(file, line, text, message.data, message.size, error);
	}
	errno = error;
	return holds;
}
