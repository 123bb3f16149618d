/* SPDX-License-Identifier: MIT */
/*
 * cloche exec, and cloche shell: one command in one cell, with the caller's own descriptors
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flags.h"
#include "suite/kind.h"
#include "world.h"

static int status_of(const struct result *result)
{
	const struct outcome *outcome = result->outcome;

	if (outcome->setup_failed) {
		terminal_restore();
		complain(0, "%s", outcome->setup_sentence);
		if (!outcome->exec_error)
			return EXIT_EXEC_FAILED;
		return outcome->exec_error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	}
	for (const struct finding *f = outcome->findings; f; f = f->next)
		if (!finding_is_left(f))
			return complain(EXIT_EXEC_FAILED, "%s", f->text);
	if (outcome->timed_out)
		return complain(EXIT_TIMEOUT, "the command ran into its deadline");
	if (!outcome->ended && outcome->rebooted)
		return complain(EXIT_EXEC_FAILED,
				"the command called reboot(2), which ends its cell");
	if (!outcome->ended)
		return complain(EXIT_EXEC_FAILED,
				"the cell ended without saying how; was it killed from "
				"outside?");
	if (WIFSIGNALED(outcome->wait_status))
		return 128 + WTERMSIG(outcome->wait_status);
	return WEXITSTATUS(outcome->wait_status);
}

void exec_ended(struct keeper *keeper, const struct result *result)
{
	keeper->exec_status = status_of(result);
	terminal_restore();
	if (result->outcome->setup_failed || !keeper->session->over.leaks ||
	    !strcmp(keeper->session->over.leaks, "ignore"))
		return;
	for (const struct finding *f = result->outcome->findings; f; f = f->next)
		if (finding_is_left(f))
			complain(0, "left behind: %s: %s", f->kind, f->text);
}

static int run_in_cell(struct session *session, char **arguments)
{
	struct suite suite = {.shown = arguments[0], .kind = &kind_program, .left = 1};
	struct suite *list[] = {&suite};
	struct suites suites = {list, 1};
	struct job job = {.number = 1};
	struct keeper keeper = {.session = session,
				.suites = &suites,
				.jobs = &job,
				.job_count = 1,
				.slots = 1,
				.output_limit = 4096,
				.arguments = arguments,
				.passthrough = true,
				.exec_status = EXIT_EXEC_FAILED};
	struct suite_case item = {.name = arguments[0], .world = ""};
	char *text = NULL, why[PATH_MAX + 512];
	size_t size, count;
	int result = zygote_start(session->self, session, &suite.zygote, &text, &size, &count, why,
				  sizeof(why));

	free(text);
	if (result < 0)
		return complain(EXIT_EXEC_FAILED, "%s", why);
	snprintf(suite.path, sizeof(suite.path), "%s", arguments[0]);
	suite.cases = &item;
	suite.case_count = 1;
	suite.zygote->users = 1;
	result = plan_schedule(&keeper, &(struct flags){.repeat = 1});
	if (!result)
		result = keeper_run(&keeper);
	schedule_free(keeper.schedule);
	if (result < 0)
		return complain(EXIT_EXEC_FAILED, "cannot run: %s", strerror(-result));
	return keeper.exec_status;
}

int command_exec(struct flags *flags, struct session *session)
{
	const char *why;

	if (!flags->rest_count)
		return complain(EXIT_EXEC_FAILED,
				"name a command: cloche exec [OPTION...] -- COMMAND");
	if (world_check(&flags->over, &why) < 0)
		return complain(EXIT_EXEC_FAILED, "%s", why);
	return run_in_cell(session, flags->rest);
}

int command_shell(struct flags *flags, struct session *session)
{
	char *shell = getenv("SHELL");
	char *arguments[] = {shell && *shell == '/' && !access(shell, X_OK) ? shell : "/bin/sh",
			     NULL};
	const char *why;

	if (flags->rest_count)
		return complain(EXIT_EXEC_FAILED, "a shell takes no command; use cloche exec");
	if (world_check(&flags->over, &why) < 0)
		return complain(EXIT_EXEC_FAILED, "%s", why);
	session->over.tty = isatty(0) || session->over.tty;
	return run_in_cell(session, arguments);
}
