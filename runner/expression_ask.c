/* SPDX-License-Identifier: MIT */
/*
 * Asking an expression about a case, or about a suite of which nothing more is known.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expression_steps.h"

/* A pattern with "::" in it may mean SUITE::NAME. */
static bool name_matches(const struct pattern *pattern, const char *suite, const char *name)
{
	char full[8192];

	if (pattern_matches(pattern, name))
		return true;
	if (!strstr(pattern->text, "::"))
		return false;
	snprintf(full, sizeof(full), "%s::%s", suite, name);
	return pattern_matches(pattern, full);
}

/* What is said of a case is said of all its points. */
static bool test_matches(const struct pattern *pattern, const struct expression_subject *subject)
{
	return name_matches(pattern, subject->suite, subject->name) ||
	       (subject->listed && name_matches(pattern, subject->suite, subject->listed));
}

/* A path, or only its last part. */
static bool suite_matches(const struct pattern *pattern, const char *suite)
{
	const char *slash = strrchr(suite, '/');

	return pattern_matches(pattern, suite) || (slash && pattern_matches(pattern, slash + 1));
}

bool expression_take_tag(struct expression_subject *subject, const char **ret_tag, size_t *ret_size)
{
	while (subject->tags_size) {
		const char *from = subject->tags, *end = from + subject->tags_size;
		const char *comma = memchr(from, ',', subject->tags_size);
		const char *to = comma ? comma : end;

		subject->tags = comma ? comma + 1 : end;
		subject->tags_size = (size_t)(end - subject->tags);
		while (from < to && isspace((unsigned char)*from))
			from++;
		while (from < to && isspace((unsigned char)to[-1]))
			to--;
		*ret_tag = from;
		*ret_size = (size_t)(to - from);
		if (from < to)
			return true;
	}
	return false;
}

static bool tag_matches(const struct pattern *pattern, struct expression_subject subject)
{
	bool matches = false;
	const char *from;
	size_t size;

	while (!matches && expression_take_tag(&subject, &from, &size)) {
		char *tag = strndup(from, size);

		matches = tag && pattern_matches(pattern, tag);
		free(tag);
	}
	return matches;
}

static bool answer(const struct step *step, const struct expression_subject *subject)
{
	switch (step->kind) {
	case STEP_TEST:
		return test_matches(&step->pattern, subject);
	case STEP_SUITE:
		return suite_matches(&step->pattern, subject->suite);
	case STEP_TAG:
		return tag_matches(&step->pattern, *subject);
	case STEP_KIND:
		return pattern_matches(&step->pattern, subject->native ? "native" : "foreign") ||
		       (subject->kind && pattern_matches(&step->pattern, subject->kind));
	default:
		return step->kind == STEP_ALL;
	}
}

bool expression_matches(const struct expression *expression,
			const struct expression_subject *subject)
{
	bool value = false;

	for (size_t i = 0; i < expression->count; i++) {
		const struct step *step = &expression->steps[i];

		if (step->kind == STEP_NOT)
			value = !value;
		else if (step->kind == STEP_JUMP_IF_FALSE || step->kind == STEP_JUMP_IF_TRUE)
			i = value == (step->kind == STEP_JUMP_IF_TRUE) ? step->target - 1 : i;
		else
			value = answer(step, subject);
	}
	return value;
}

enum truth {
	NO,
	YES,
	MAYBE,
};

/* Of a case of which only the suite is known. */
static enum truth guess(const struct step *step, const struct expression_subject *subject)
{
	if (step->kind == STEP_TEST || step->kind == STEP_TAG)
		return MAYBE;
	if (answer(step, subject))
		return YES;
	/* What a foreign suite looks like, and what it is, may differ. */
	return step->kind == STEP_KIND && !subject->native &&
			       !pattern_matches(&step->pattern, "native")
		       ? MAYBE
		       : NO;
}

static enum truth combine(enum step_kind jump, enum truth left, enum truth right)
{
	enum truth decides = jump == STEP_JUMP_IF_TRUE ? YES : NO;

	if (left == decides || right == decides)
		return decides;
	return left == MAYBE ? left : right;
}

/* What is not known cannot be jumped over: left sides wait for their right ones. */
bool expression_may_match(const struct expression *expression, const char *suite, bool native)
{
	const struct expression_subject subject = {.suite = suite, .name = "", .native = native};
	struct {
		const struct step *jump;
		enum truth left;
	} waiting[2 * EXPRESSION_DEPTH_MAX + 4]; /* an `and` within an `or`, for each parenthesis */
	enum truth value = NO;
	size_t used = 0;

	for (size_t i = 0;; i++) {
		const struct step *step = &expression->steps[i];

		while (used && waiting[used - 1].jump->target == i) {
			used--;
			value = combine(waiting[used].jump->kind, waiting[used].left, value);
		}
		if (i == expression->count)
			return value != NO;
		if (step->kind == STEP_NOT) {
			value = value == MAYBE ? MAYBE : value == NO ? YES : NO;
		} else if (step->kind == STEP_JUMP_IF_FALSE || step->kind == STEP_JUMP_IF_TRUE) {
			waiting[used].jump = step;
			waiting[used++].left = value;
		} else {
			value = guess(step, &subject);
		}
	}
}

void expression_free(struct expression *expression)
{
	for (size_t i = 0; expression && i < expression->count; i++)
		pattern_free(&expression->steps[i].pattern);
	if (expression)
		free(expression->steps);
	free(expression);
}
