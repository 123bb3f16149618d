/* SPDX-License-Identifier: MIT */
/*
 * Programs of ATF, https://github.com/freebsd/atf
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "suite/atf.h"
#include "text.h"

#define CLEANUP_FAILED "cleanup failed: "

/* In a shell script its interpreter says it, in a program what it links with. */
static bool atf_recognise(struct candidate *candidate)
{
	return candidate->elf ? candidate_has(candidate, "atf_tp_main") ||
					candidate_has(candidate, "application/X-atf-tp")
			      : candidate->executable && candidate_runs(candidate, "atf-sh");
}

static void atf_list_command(const struct suite *suite, struct command_line *command)
{
	command_add(command, suite->path);
	command_add(command, "-l");
}

static int atf_list(const struct suite *suite, const struct said *said, struct list *list)
{
	return atf_read_list(list, suite->path, "", said->out, said->out_size);
}

/*
 * What Kyua does around a case: variables and umask of its own, an empty directory, and what the
 * case requires. $1 is the program, $2 the case. A cleanup runs beside what the case has left; the
 * status, or the signal, is that of the case.
 */
static const char prologue[] =
	"cd \"$TMPDIR\" || exit; HOME=$TMPDIR TZ=UTC __RUNNING_INSIDE_ATF_RUN=internal-yes-value\n"
	"export HOME TZ __RUNNING_INSIDE_ATF_RUN; umask 022\n"
	"unset LANG LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME\n"
	"program=$1 name=$2; source=${program%/*}; set --\n";
static const char skip_unless_root[] =
	"[ \"$(id -u)\" = 0 ] || { echo 'skipped: requires root; leave out --user' "
	">" RESULT_PATH "; exit 0; }\n";
static const char run[] = "exec \"$program\" -r " RESULT_PATH " -s \"$source\" \"$@\" \"$name\"\n";
static const char run_and_clean[] =
	"\"$program\" -r " RESULT_PATH " -s \"$source\" \"$@\" \"$name\"; status=$?\n"
	"\"$program\" -s \"$source\" \"$@\" \"$name:cleanup\" || { s=$?; echo >>" RESULT_PATH
	"; echo \"" CLEANUP_FAILED "$s\" >>" RESULT_PATH "; }\n"
	"[ $status -le 128 ] || kill -$((status - 128)) $$ 2>/dev/null\n"
	"exit $status\n";

/* Variables of kyua.conf come in as Kyua hands them to programs that are not ATF's. */
static void add_configs(FILE *script, const char *configs)
{
	while (*(configs += strspn(configs, " \t"))) {
		int size = (int)strcspn(configs, " \t");
		bool is_name = (int)strspn(configs, "abcdefghijklmnopqrstuvwxyz_"
						    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") >= size;

		if (is_name)
			fprintf(script,
				"[ \"${TEST_ENV_%.*s+x}\" ] || { echo 'skipped: requires the "
				"variable %.*s of kyua.conf; give it by "
				"--env=TEST_ENV_%.*s=VALUE' >" RESULT_PATH "; exit 0; }\n"
				"set -- \"$@\" -v \"%.*s=$TEST_ENV_%.*s\"\n",
				size, configs, size, configs, size, configs, size, configs, size,
				configs);
		configs += size;
	}
}

void atf_command(const struct atf_case *test, struct command_line *command)
{
	char *text = NULL;
	size_t size = 0;
	FILE *script;

	if (test->skip) {
		command_add(command, "/bin/true");
		return;
	}
	script = open_memstream(&text, &size);
	if (!script)
		return;
	fputs(prologue, script);
	if (test->root)
		fputs(skip_unless_root, script);
	add_configs(script, test->configs);
	fputs(test->cleanup ? run_and_clean : run, script);
	command_add(command, "/bin/sh");
	command_add(command, "-c");
	command_add(command, fclose(script) ? "" : text);
	command_add(command, "sh");
	command_add(command, test->program);
	command_add(command, test->name);
	free(text);
}

static void atf_case_command(const struct suite *suite, const struct suite_case *item,
			     struct command_line *command)
{
	(void)suite;
	atf_command(item->detail, command);
}

/* "failed: file.c:12: text" */
static void tell_place(struct judging *judging, const char *text, size_t size)
{
	const char *colon = memchr(text, ':', size), *blank = memchr(text, ' ', size), *rest;
	unsigned long line = colon ? strtoul(colon + 1, NULL, 10) : 0;
	char file[PATH_MAX];

	if (!line || (blank && blank < colon)) {
		judging_failure(judging, NULL, 0, NULL, text, size);
		return;
	}
	snprintf(file, sizeof(file), "%.*s", (int)(colon - text), text);
	rest = memmem(text, size, ": ", 2);
	rest = rest ? rest + 2 : text;
	judging_failure(judging, file, line, NULL, rest, text + size - rest);
}

/* The checks that did not end the case; each is a line. */
static void tell_checks(const struct said *said, struct judging *judging)
{
	static const char mark[] = "*** Check failed: ";
	const char *at = said->out, *end = said->out + said->out_size;

	while (at < end && (at = memmem(at, end - at, mark, strlen(mark)))) {
		const char *newline;

		at += strlen(mark);
		newline = memchr(at, '\n', end - at);
		tell_place(judging, at, (newline ? newline : end) - at);
	}
}

/* What a result says, taken apart. */
struct result_text {
	char word[32];
	long number;       /* of expected_exit and expected_signal; -1: any */
	char reason[512];  /* its first line */
	const char *whole; /* all of it */
	size_t whole_size;
	int cleanup; /* the status of the cleanup, when that failed */
};

static void read_result(const struct said *said, struct result_text *r)
{
	const char *text = said->result, *end = text + said->result_size, *last, *colon;
	size_t size = strlen(CLEANUP_FAILED), word;

	*r = (struct result_text){.number = -1};
	last = said->result_size ? memmem(text, said->result_size, "\n" CLEANUP_FAILED, size + 1)
				 : NULL;
	if (last) {
		r->cleanup = atoi(last + 1 + size);
		end = last;
	}
	while (end > text && strchr("\n ", end[-1]))
		end--;
	colon = end > text ? memchr(text, ':', end - text) : NULL;
	word = (colon ? colon : end) - text;
	snprintf(r->word, sizeof(r->word), "%.*s", (int)word, text);
	if (strchr(r->word, '(')) {
		r->number = strtol(strchr(r->word, '(') + 1, NULL, 10);
		*strchr(r->word, '(') = '\0';
	}
	r->whole = colon ? colon + 1 : end;
	while (r->whole < end && *r->whole == ' ')
		r->whole++;
	r->whole_size = end - r->whole;
	snprintf(r->reason, sizeof(r->reason), "%.*s", (int)r->whole_size, r->whole);
	r->reason[strcspn(r->reason, "\n")] = '\0';
}

/* How it ended, in words. */
static const char *how_ended(int wait_status, char *room, size_t size)
{
	char name[TEXT_SIGNAL_ROOM];

	if (WIFSIGNALED(wait_status))
		snprintf(room, size, "was killed by %s", text_signal(WTERMSIG(wait_status), name));
	else
		snprintf(room, size, "ended with status %d", WEXITSTATUS(wait_status));
	return room;
}

/* Did it end as it said it would? */
static bool as_expected(const struct said *said, const struct result_text *r)
{
	int status = said->wait_status;

	if (!strcmp(r->word, "expected_death"))
		return true;
	if (!strcmp(r->word, "expected_failure"))
		return WIFEXITED(status) && !WEXITSTATUS(status);
	if (!strcmp(r->word, "expected_exit"))
		return WIFEXITED(status) && (r->number < 0 || r->number == WEXITSTATUS(status));
	if (!strcmp(r->word, "expected_signal"))
		return WIFSIGNALED(status) && (r->number < 0 || r->number == WTERMSIG(status));
	return false;
}

static void judge_expected(const struct said *said, const struct result_text *r,
			   struct judging *judging)
{
	char reason[640], ended[64];

	if (as_expected(said, r)) {
		snprintf(reason, sizeof(reason), "%s, as expected",
			 how_ended(said->wait_status, ended, sizeof(ended)));
		if (!strcmp(r->word, "expected_failure"))
			snprintf(reason, sizeof(reason), "failed, as expected: %s", r->reason);
		judging_verdict(judging, VERDICT_PASS, reason);
		return;
	}
	snprintf(reason, sizeof(reason), "said %s, and %s", r->word,
		 how_ended(said->wait_status, ended, sizeof(ended)));
	judging_verdict(judging, VERDICT_FAIL, reason);
}

static void judge_result(const struct said *said, const struct result_text *r,
			 struct judging *judging)
{
	bool good = WIFEXITED(said->wait_status) && !WEXITSTATUS(said->wait_status);
	char reason[640], ended[64];

	if (!strcmp(r->word, "failed")) {
		tell_checks(said, judging);
		tell_place(judging, r->whole, r->whole_size);
		judging_verdict(judging, VERDICT_FAIL, r->reason);
	} else if (!strncmp(r->word, "expected_", 9)) {
		judge_expected(said, r, judging);
	} else if (!good) {
		if (!*r->word && WIFSIGNALED(said->wait_status))
			return;
		snprintf(reason, sizeof(reason), "%s%s, and %s",
			 *r->word ? "said " : "said no result", r->word,
			 how_ended(said->wait_status, ended, sizeof(ended)));
		judging_verdict(judging, *r->word ? VERDICT_FAIL : VERDICT_ERROR, reason);
	} else if (!strcmp(r->word, "skipped")) {
		judging_verdict(judging, VERDICT_SKIP, r->reason);
	} else if (!*r->word) {
		judging_verdict(judging, VERDICT_FAIL, "ended in the middle, by exit(0)");
	} else if (strcmp(r->word, "passed") != 0) {
		snprintf(reason, sizeof(reason), "said '%s', which is no result", r->word);
		judging_verdict(judging, VERDICT_ERROR, reason);
	} else if (r->cleanup) {
		snprintf(reason, sizeof(reason), "its cleanup ended with status %d", r->cleanup);
		judging_verdict(judging, VERDICT_ERROR, reason);
	}
}

void atf_judge(const struct said *said, const struct atf_case *test, struct judging *judging)
{
	struct result_text result;

	if (test->skip) {
		judging_verdict(judging, VERDICT_SKIP, test->skip);
		return;
	}
	read_result(said, &result);
	if (said->timed_out && !strcmp(result.word, "expected_timeout"))
		judging_expected_timeout(judging);
	judge_result(said, &result, judging);
}

static void atf_case_judge(const struct said *said, struct judging *judging)
{
	atf_judge(said, said->item->detail, judging);
}

const struct kind kind_atf = {
	.name = "atf",
	.title = "ATF",
	.order = ORDER_PROGRAM,
	.wants_result = true,
	.remembered = true,
	.recognise = atf_recognise,
	.list_command = atf_list_command,
	.list = atf_list,
	.command = atf_case_command,
	.judge = atf_case_judge,
};
