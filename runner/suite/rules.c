/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite/rules.h"

/* Returns what is behind "[...]", or its end when there is no ']'. */
static const char *translate_bracket(const char *at, char **to)
{
	const char *begin;
	bool moved = false;

	*(*to)++ = *at++;
	if (*at == '^')
		*(*to)++ = *at++;
	for (begin = at; *at && (*at != ']' || at == begin); at++)
		if (*at == '[' && at[1] && strchr(":.=", at[1]) && (at == begin || at[-1] != '-'))
			moved = true; /* it would begin a class; at the end it does not */
		else
			*(*to)++ = *at;
	if (moved && at[-1] == '-') /* which has to stay the last one */
		(*to)[-1] = '[', *(*to)++ = '-';
	else if (moved)
		*(*to)++ = '[';
	if (*at)
		*(*to)++ = *at++;
	return at;
}

char *rules_translate(const char *regex)
{
	char *text = malloc(2 * strlen(regex) + 3), *to = text;

	while (text && regex && *regex)
		if (*regex == '[') {
			regex = translate_bracket(regex, &to);
		} else if (*regex == '\\' && regex[1]) {
			if (strchr("^$.[]()|*+?{}\\", regex[1]))
				*to++ = '\\';
			*to++ = regex[1];
			regex += 2;
		} else {
			if (*regex == '{' || *regex == '}')
				*to++ = '\\';
			*to++ = *regex++;
		}
	if (text)
		*to = '\0';
	return text;
}

/* 1 and 0; -1: it is none. */
static int matches(const char *regex, const char *out, size_t size)
{
	char *text = rules_translate(regex);
	regmatch_t part = {0, (regoff_t)size};
	regex_t compiled;
	int result = -1;

	if (text && !regcomp(&compiled, text, REG_EXTENDED)) {
		result = !regexec(&compiled, out, 1, &part, REG_STARTEND);
		regfree(&compiled);
	}
	free(text);
	return result;
}

/* The first of them that the output has, or that is no expression; or NULL. */
static const char *find(const char *const *list, const char *out, size_t size, bool *ret_wrong)
{
	for (; list && *list; list++) {
		int found = matches(*list, out, size);

		if (found < 0)
			*ret_wrong = true;
		if (found)
			return *list;
	}
	return NULL;
}

static enum verdict judge_status(const struct rules *rules, int status, const char *passed,
				 bool failed, char *reason, size_t size)
{
	bool success = !failed && (!status || passed);

	if (!failed && status)
		snprintf(reason, size, "exit status %d", status);
	if (success && !rules->will_fail)
		return *reason = '\0', VERDICT_PASS;
	if (success)
		snprintf(reason, size, "was expected to fail, and passed");
	else if (rules->will_fail)
		snprintf(reason, size, "failed, as expected");
	return success ? VERDICT_FAIL : rules->will_fail ? VERDICT_PASS : VERDICT_FAIL;
}

/* In ctest's order: skipped comes before failed, and an expression before the status. */
static enum verdict judge(const struct rules *rules, const char *out, size_t size, int status,
			  char *reason, size_t reason_size)
{
	bool wrong = false, failed = false;
	const char *passed = find(rules->pass, out, size, &wrong), *found;

	*reason = '\0';
	if (rules->pass && *rules->pass && !passed) {
		failed = true;
		snprintf(reason, reason_size, "printed nothing that matches '%s'%s", *rules->pass,
			 rules->pass[1] ? " or the others" : "");
	}
	found = find(rules->fail, out, size, &wrong);
	if (found) {
		failed = true;
		snprintf(reason, reason_size, "printed what matches '%s'", found);
	}
	found = find(rules->skip, out, size, &wrong);
	if (wrong) {
		snprintf(reason, reason_size,
			 "one of its regular expressions is none; correct it in CMakeLists.txt");
		return VERDICT_ERROR;
	}
	if (found)
		snprintf(reason, reason_size, "printed what matches '%s'", found);
	else if (rules->has_skip_status && rules->skip_status == status)
		snprintf(reason, reason_size, "exit status %d", status);
	else
		return judge_status(rules, status, passed, failed, reason, reason_size);
	return VERDICT_SKIP;
}

enum verdict rules_judge(const struct rules *rules, const char *out, size_t size, int status,
			 char *reason, size_t reason_size)
{
	char *text;
	enum verdict verdict;

	if (!rules->pass && !rules->fail && !rules->skip)
		return judge(rules, "", 0, status, reason, reason_size);
	text = malloc(size + 1); /* a sanitizer's regexec() reads to a NUL, whatever it is told */
	if (!text) {
		snprintf(reason, reason_size,
			 "no memory to look at its output; lower "
			 "--output-limit");
		return VERDICT_ERROR;
	}
	if (size)
		memcpy(text, out, size);
	text[size] = '\0';
	verdict = judge(rules, text, size, status, reason, reason_size);
	free(text);
	return verdict;
}
