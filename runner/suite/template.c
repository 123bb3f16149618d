/* SPDX-License-Identifier: MIT */
/*
 * Any framework at all, by the commands and expressions that the user gives.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "suite/judging.h"
#include "suite/kind.h"
#include "suite/lines.h"
#include "suite/shell.h"
#include "suite/template.h"

#define REGEX_FLAGS (REG_EXTENDED | REG_NEWLINE)

static int check_regex(const char *flag, const char *text, char *why, size_t size)
{
	char reason[128];
	regex_t regex;
	int result = text ? regcomp(&regex, text, REGEX_FLAGS | REG_NOSUB) : 0;

	if (!text || !result) {
		if (text)
			regfree(&regex);
		return 0;
	}
	regerror(result, &regex, reason, sizeof(reason));
	snprintf(why, size, "%s: '%s' is no regular expression of POSIX's extended ones: %s", flag,
		 text, reason);
	return -EINVAL;
}

static int check_command(const char *flag, const char *command, const char *name, char *why,
			 size_t size)
{
	memory_free char *text = NULL;
	size_t used = 0;
	char reason[256] = "not enough memory";
	FILE *to = open_memstream(&text, &used);
	int result = to ? template_expand(command, name, "", to, reason, sizeof(reason)) : -ENOMEM;

	if (to)
		fclose(to);
	if (result < 0)
		snprintf(why, size, "%s: %s", flag, reason);
	return result;
}

int template_check(const struct template *t, char *why, size_t size)
{
	int result = 0;

	if (t->list_command && !t->case_command) {
		snprintf(why, size, "list-command needs case-command, which runs one of the cases");
		return -EINVAL;
	}
	if (t->list_command && !template_has_name(t->case_command)) {
		snprintf(why, size,
			 "case-command has no {name}, and would do the same for each case; say "
			 "where the name goes");
		return -EINVAL;
	}
	if (t->list_command)
		result = check_command("list-command", t->list_command, NULL, why, size);
	if (!result && t->case_command)
		result = check_command("case-command", t->case_command, "", why, size);
	if (!result)
		result = check_regex("pass-regex", t->pass_regex, why, size);
	if (!result)
		result = check_regex("fail-regex", t->fail_regex, why, size);
	if (!result)
		result = check_regex("skip-regex", t->skip_regex, why, size);
	return result;
}

static void add_shell(struct command_line *command, const char *template, const char *name,
		      const char *suite)
{
	memory_free char *text = NULL;
	size_t size = 0;
	char why[256];
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return;
	template_expand(template, name, suite, to, why, sizeof(why)); /* it was checked */
	fclose(to);
	command_add(command, "/bin/sh");
	command_add(command, "-c");
	command_add(command, text);
}

static void template_list_command(const struct suite *suite, struct command_line *command)
{
	if (suite->template && suite->template->list_command)
		add_shell(command, suite->template->list_command, NULL, suite->path);
	else
		command_add(command, "/bin/true");
}

static int template_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct lines lines = lines_of(said->out, said->out_size);
	const char *line;
	size_t size;

	if (!suite->template || !suite->template->case_command)
		return list_fail(list, "nothing says how a case is run; --case-command does");
	if (!suite->template->list_command)
		return list_add(list, strrchr(suite->path, '/') + 1) ? 0 : -ENOMEM;
	if (said->wait_status)
		return list_fail(list, "its list-command failed");
	while (lines_next(&lines, &line, &size)) {
		while (size && strchr(" \t\r", line[size - 1]))
			size--;
		if (memchr(line, '\0', size))
			return list_fail(list, "its list-command prints what is no text");
		if (size && !list_add(list, list_text(list, line, size)))
			return -ENOMEM;
	}
	if (!suite->case_count)
		return list_fail(list,
				 "its list-command prints no case; it is to print a name a line");
	return 0;
}

static void template_command(const struct suite *suite, const struct suite_case *item,
			     struct command_line *command)
{
	add_shell(command, suite->template->case_command, item->name, suite->path);
}

/* Which line it is that this match begins in. */
static char *copy_line(const char *text, size_t size, size_t at)
{
	size_t from = at, to = at;

	while (from && text[from - 1] != '\n')
		from--;
	while (to < size && text[to] != '\n')
		to++;
	return strndup(text + from, to - from);
}

/* The line in which it first matches, allocated; or NULL. */
static char *find_line(const char *expression, const char *text, size_t size)
{
	regmatch_t match = {.rm_so = 0, .rm_eo = size}; /* text may have zero bytes */
	regex_t regex;
	bool found;

	if (regcomp(&regex, expression, REGEX_FLAGS))
		return NULL;
	found = !regexec(&regex, text, 1, &match, REG_STARTEND);
	regfree(&regex);
	return found ? copy_line(text, size, match.rm_so) : NULL;
}

/* The line is the reason, unless it is about a pass. */
static bool judge_line(const char *expression, const char *text, size_t size, enum verdict verdict,
		       struct judging *judging)
{
	char *line = expression ? find_line(expression, text, size) : NULL;

	if (!line)
		return false;
	if (verdict != VERDICT_PASS)
		judging_verdict(judging, verdict, line);
	free(line);
	return true;
}

static void judge_text(const struct template *t, const char *text, size_t size, int status,
		       struct judging *judging)
{
	char reason[512];

	if (judge_line(t->fail_regex, text, size, VERDICT_FAIL, judging) ||
	    judge_line(t->skip_regex, text, size, VERDICT_SKIP, judging))
		return;
	if (!t->pass_regex || status ||
	    judge_line(t->pass_regex, text, size, VERDICT_PASS, judging))
		return;
	snprintf(reason, sizeof(reason), "printed nothing that matches the pass-regex '%s'",
		 t->pass_regex);
	judging_verdict(judging, VERDICT_FAIL, reason);
}

void template_judge(const struct template *t, const struct said *said, struct judging *judging)
{
	char *text;

	if (!WIFEXITED(said->wait_status) ||
	    (judging->outcome->told && judging->outcome->told != VERDICT_PASS))
		return;
	text = malloc(said->out_size + 1); /* with a NUL behind it, as regexec(3) has it */
	if (!text)
		return;
	if (said->out_size)
		memcpy(text, said->out, said->out_size);
	text[said->out_size] = '\0';
	judge_text(t, text, said->out_size, WEXITSTATUS(said->wait_status), judging);
	free(text);
}

const struct kind kind_template = {
	.name = "template",
	.title = "a suite by list-command",
	.order = ORDER_LAST,
	.directories = true,
	.tap = true,
	.list_command = template_list_command,
	.list = template_list,
	.command = template_command,
};
