/* SPDX-License-Identifier: MIT */
/*
 * runtest files of the Linux Test Project, https://linux-test-project.readthedocs.io
 *
 * A line is "name command arguments", for sh(1). Programs are found below $LTPROOT, which is where
 * the folder `runtest` is that the file is in, and tell their result by the bits of their status.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite/candidate.h"
#include "suite/kind.h"
#include "suite/lines.h"

#define FOLDER   "/runtest/"
#define PROGRAMS "testcases/bin"
#define SECONDS  "300"

/* Of LTP's tst_res_flags.h. */
#define TFAIL 1
#define TBROK 2
#define TWARN 4
#define TCONF 32

/* Where everything is, without a slash at its end. Returns false: not known. */
static bool find_root(const char *path, char *root, size_t size)
{
	const char *folder = NULL, *named = getenv("LTPROOT");
	char programs[PATH_MAX + sizeof(PROGRAMS)];

	for (const char *at = path; (at = strstr(at, FOLDER)); at++)
		folder = at;
	if (folder && !strchr(folder + strlen(FOLDER), '/')) {
		snprintf(root, size, "%.*s", (int)(folder - path), path);
		snprintf(programs, sizeof(programs), "%s/" PROGRAMS, root);
		if (!access(programs, X_OK))
			return true;
	}
	snprintf(root, size, "%s", named ? named : "/opt/ltp");
	snprintf(programs, sizeof(programs), "%s/" PROGRAMS, root);
	return !access(programs, X_OK);
}

/* May the folder that it is in be "runtest"? Told from the name as it was given. */
static bool in_folder(const char *path)
{
	static const char folder[] = "runtest";
	const char *slash = strrchr(path, '/');
	size_t size = slash ? (size_t)(slash - path) : 0, length = strlen(folder);

	if (!slash || (size == 1 && *path == '.'))
		return true;
	return size >= length && !memcmp(slash - length, folder, length) &&
	       (size == length || slash[-1 - (ssize_t)length] == '/');
}

/* Of the folder that LTP keeps them in, beside its programs: they have no ending of their own. */
static bool ltp_recognise(struct candidate *candidate)
{
	char path[PATH_MAX], root[PATH_MAX];

	return !candidate->directory && !candidate->executable && in_folder(candidate->path) &&
	       realpath(candidate->path, path) && strstr(path, FOLDER) &&
	       find_root(path, root, sizeof(root)) && !strncmp(path, root, strlen(root));
}

static int add(struct list *list, const char *file, unsigned number, const char *root,
	       const char *line, size_t size)
{
	char *text = list_text(list, line, size), *command = text + strcspn(text, " \t");
	struct suite_case *item;

	if (!*command || !command[strspn(command, " \t")])
		return list_fail(list, "line %u, '%s', has no command", number, text);
	*command++ = '\0';
	item = list_add(list, text);
	if (!item)
		return -ENOMEM;
	item->file = file;
	item->line = number;
	item->detail = command + strspn(command, " \t");
	list_world(list, item, "timeout", SECONDS);
	list_world(list, item, "env", list_textf(list, "LTPROOT=%s", root));
	list_world(list, item, "env", "LTP_COLORIZE_OUTPUT=n");
	list_world(list, item, "cwd", list_textf(list, "%s/" PROGRAMS, root));
	return 0;
}

/* A file whose lines are these. */
static int read_lines(const struct suite *suite, const char *root, const char *text, size_t size,
		      struct list *list)
{
	struct lines lines = lines_of(text, size);
	const char *line;
	int result = 0;

	for (unsigned number = 1; !result && lines_next(&lines, &line, &size); number++) {
		while (size && strchr(" \t\r", line[size - 1]))
			size--;
		while (size && strchr(" \t", *line))
			line++, size--;
		if (memchr(line, '\0', size))
			return list_fail(list, "line %u is no text", number);
		if (size && *line != '#')
			result = add(list, suite->path, number, root, line, size);
	}
	return result;
}

static int ltp_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct candidate candidate = {.path = suite->path};
	char root[PATH_MAX];
	const char *text;
	size_t size;
	int result;

	(void)said;
	if (!find_root(suite->path, root, sizeof(root)))
		return list_fail(list,
				 "there is no '%s/" PROGRAMS "'; say where LTP is by the variable "
				 "LTPROOT",
				 root);
	text = (const char *)candidate_bytes(&candidate, &size);
	if (!text)
		return list_fail(list, "it cannot be read, or is empty");
	result = read_lines(suite, root, text, size, list);
	candidate_end(&candidate);
	return result;
}

static void ltp_command(const struct suite *suite, const struct suite_case *item,
			struct command_line *command)
{
	(void)suite;
	command_add(command, "/bin/sh");
	command_add(command, "-c");
	command_addf(command, "PATH=\"$PATH:$LTPROOT/" PROGRAMS "\"; export PATH\n%s",
		     (const char *)item->detail);
}

/* "file.c:12: TFAIL: text"; in old tests "name 1 TFAIL : file.c:12: text". */
static void tell_failure(struct judging *judging, const char *line, size_t size)
{
	const char *colon = memchr(line, ':', size), *text = memmem(line, size, ": ", 2);
	unsigned long number = colon ? strtoul(colon + 1, NULL, 10) : 0;
	char file[256];

	if (!number || !text || colon - line >= (long)sizeof(file)) {
		judging_failure(judging, NULL, 0, NULL, line, size);
		return;
	}
	snprintf(file, sizeof(file), "%.*s", (int)(colon - line), line);
	judging_failure(judging, file, number, NULL, text + 2, size - (text + 2 - line));
}

/* The text behind the word in the first line that has it: "TCONF: not for this kernel". */
static const char *find_reason(const struct said *said, const char *word, char *room, size_t size)
{
	const char *at = memmem(said->out, said->out_size, word, strlen(word)), *end;

	if (!at)
		return NULL;
	at += strlen(word);
	end = memchr(at, '\n', said->out + said->out_size - at);
	if (!end)
		end = said->out + said->out_size;
	while (at < end && strchr(" :", *at))
		at++;
	snprintf(room, size, "%.*s", (int)(end - at), at);
	return room;
}

static void tell_failures(const struct said *said, struct judging *judging)
{
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line;
	size_t size;

	while (lines_next(&lines, &line, &size))
		if (memmem(line, size, "TFAIL", 5) || memmem(line, size, "TBROK", 5))
			if (memmem(line, size, ": ", 2))
				tell_failure(judging, line, size);
}

static void ltp_judge(const struct said *said, struct judging *judging)
{
	int status = WEXITSTATUS(said->wait_status);
	char room[512];
	const char *reason = NULL;

	if (!WIFEXITED(said->wait_status) || !status)
		return;
	if (status & ~(TFAIL | TBROK | TWARN | TCONF)) { /* sh's own, or no test of LTP's */
		snprintf(room, sizeof(room), "exit status %d", status);
		judging_verdict(judging,
				status == 126 || status == 127 ? VERDICT_ERROR : VERDICT_FAIL,
				room);
		return;
	}
	tell_failures(said, judging);
	if (status & TBROK) {
		reason = find_reason(said, "TBROK", room, sizeof(room));
		judging_verdict(judging, VERDICT_ERROR, reason ? reason : "broken (TBROK)");
	} else if (status & TFAIL) {
		reason = find_reason(said, "TFAIL", room, sizeof(room));
		judging_verdict(judging, VERDICT_FAIL, reason ? reason : "failed (TFAIL)");
	} else if (status & TWARN) {
		reason = find_reason(said, "TWARN", room, sizeof(room));
		judging_verdict(judging, VERDICT_FAIL, reason ? reason : "warned (TWARN)");
	} else {
		reason = find_reason(said, "TCONF", room, sizeof(room));
		judging_verdict(judging, VERDICT_SKIP, reason ? reason : "TCONF");
	}
}

const struct kind kind_ltp = {
	.name = "ltp",
	.title = "a runtest file of LTP",
	.order = ORDER_SCRIPT,
	.recognise = ltp_recognise,
	.list = ltp_list,
	.command = ltp_command,
	.judge = ltp_judge,
};
