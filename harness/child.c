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
#include "limit.h"
#include "text.h"

/* The child that this thread expects something of; the child itself may have one of its own. */
static _Thread_local struct {
	pid_t pid;
	bool by_signal;
	int number; /* of the signal, or the exit status */
} expected;

bool cloche_child_start(const char *file, unsigned line, const char *text, bool by_signal,
			int number)
{
	pid_t pid;

	fflush(NULL); /* or the child would print it, too */
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){LIMIT_NO_CORE, LIMIT_NO_CORE});
		if (by_signal && number > 0)
			signal(number, SIG_DFL); /* whatever a sanitizer does with it */
		return true;
	}
	expected.pid = pid;
	expected.by_signal = by_signal;
	expected.number = number;
	if (pid < 0) {
		static const char message[] = "cannot fork";

		body_failure(file, line, text, message, sizeof(message) - 1, errno);
	}
	return false;
}

void cloche_child_finish(void)
{
	fflush(NULL);
	if (body_has_coverage())
		exit(0);
	_exit(0);
}

static void show_end(struct text *text, int status)
{
	char name[TEXT_SIGNAL_ROOM];

	if (WIFSIGNALED(status))
		text_add(text, "the child was killed by %s", text_signal(WTERMSIG(status), name));
	else
		text_add(text, "the child exited with status %d", WEXITSTATUS(status));
	if (expected.by_signal)
		text_add(text, "; expected was %s", text_signal(expected.number, name));
	else
		text_add(text, "; expected was exit status %d", expected.number);
}

static bool is_as_expected(int status)
{
	if (expected.by_signal)
		return WIFSIGNALED(status) && WTERMSIG(status) == expected.number;
	return WIFEXITED(status) && WEXITSTATUS(status) == expected.number;
}

bool cloche_child_expect(const char *file, unsigned line, const char *text)
{
	int error = errno, status = 0;
	struct text message;
	char buffer[512];
	bool holds;
	pid_t pid;

	body_check();
	if (expected.pid < 0)
		return false;
	do
		pid = waitpid(expected.pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	holds = pid == expected.pid && is_as_expected(status);
	if (!holds) {
		text_start(&message, buffer, sizeof(buffer));
		if (pid < 0)
			text_add(&message, "the child was waited for by somebody else");
		else
			show_end(&message, status);
		body_failure(file, line, text, message.data, message.size, error);
	}
	errno = error;
	return holds;
}
