/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define COUNT_MAX 100000000u /* larger numbers are somebody's mistake, and are not told apart */

/* The first complaint is kept; what follows is mostly its consequence. */
static void __attribute__((format(printf, 2, 3))) complain(struct tap *tap, const char *format, ...)
{
	va_list arguments;

	if (tap->complaint[0])
		return;
	va_start(arguments, format);
	vsnprintf(tap->complaint, sizeof(tap->complaint), format, arguments);
	va_end(arguments);
}

static bool is_word(const char *text, const char *word)
{
	return !strncasecmp(text, word, strlen(word));
}

static const char *after_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/*
 * What stands behind the next '#' that has a blank before it; NULL when there is none. One that is
 * escaped ("\\#") or in a word ("page.html#skip") has none.
 */
static const char *after_hash(const char *text)
{
	bool begins = true; /* a word */

	for (; *text; text++) {
		if (*text == '#' && begins)
			return after_blanks(text + 1);
		begins = *text == ' ' || *text == '\t';
	}
	return NULL;
}

/* The directive of a test line, from its word on: "SKIP no device"; or "". */
static const char *directive(const char *text)
{
	while ((text = after_hash(text)))
		if (is_word(text, "skip") || is_word(text, "todo"))
			return text;
	return "";
}

/* Any comment of the plan 1..0 is the reason; "SKIP", "Skipped:" and the like are no part of it. */
static void read_reason(struct tap *tap, const char *text)
{
	text = after_hash(text);
	if (!text)
		return;
	if (is_word(text, "skip"))
		text = after_blanks(text + strcspn(text, " \t"));
	snprintf(tap->skip_reason, sizeof(tap->skip_reason), "%.*s",
		 (int)sizeof(tap->skip_reason) - 1, text);
}

static void read_plan(struct tap *tap, const char *text)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (tap->plan_seen) {
		complain(tap, "more than one plan");
		return;
	}
	tap->plan_seen = true;
	tap->planned = count < COUNT_MAX ? count : COUNT_MAX;
	tap->skip_all = !count;
	if (!count)
		read_reason(tap, end);
}

static void read_test(struct tap *tap, const char *text, bool ok)
{
	const char *what = directive(text);
	unsigned long number =
		isdigit((unsigned char)*text) ? strtoul(text, NULL, 10) : tap->last + 1ul;

	if (number != tap->last + 1ul)
		complain(tap, "test %lu came after test %u", number, tap->last);
	tap->last = number < COUNT_MAX ? number : COUNT_MAX;
	tap->run++;
	if (is_word(what, "skip"))
		tap->skipped++;
	else if (!ok && !is_word(what, "todo"))
		tap->failed++;
}

/* Whatever was complained about before: this is why it ended. */
static void read_bail_out(struct tap *tap, const char *reason)
{
	reason = after_blanks(reason);
	tap->bail_out = true;
	tap->complaint[0] = '\0';
	complain(tap, *reason ? "bailed out: %s" : "bailed out%s", reason);
}

static bool is_plan(const char *line)
{
	size_t digits;

	if (strncmp(line, "1..", 3))
		return false;
	digits = strspn(line + 3, "0123456789");
	return digits && (!line[3 + digits] || isspace((unsigned char)line[3 + digits]));
}

/* "ok" or "not ok", followed by nothing or a blank. */
static const char *after_word(const char *line, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(line, word, size) || (line[size] && line[size] != ' ' && line[size] != '\t'))
		return NULL;
	return after_blanks(line + size);
}

static void read_line(struct tap *tap, const char *line)
{
	const char *rest;

	if (isspace((unsigned char)*line))
		return;
	if (!strncmp(line, "TAP version 1", 13))
		tap->version = true;
	else if (is_plan(line))
		read_plan(tap, line + 3);
	else if ((rest = after_word(line, "ok")))
		read_test(tap, rest, true);
	else if ((rest = after_word(line, "not ok")))
		read_test(tap, rest, false);
	else if (is_word(line, "Bail out!"))
		read_bail_out(tap, line + 9);
}

static void end_line(struct tap *tap)
{
	if (tap->filled && tap->line[tap->filled - 1] == '\r')
		tap->filled--;
	tap->line[tap->filled] = '\0';
	if (tap->filled)
		read_line(tap, tap->line);
	tap->filled = 0;
}

void tap_feed(struct tap *tap, const void *bytes, size_t size)
{
	for (const char *at = bytes, *end = at + size; at < end; at++) {
		if (*at == '\n')
			end_line(tap);
		else if (tap->filled + 1 < TAP_LINE)
			tap->line[tap->filled++] = *at;
	}
}

void tap_finish(struct tap *tap, struct outcome *outcome)
{
	end_line(tap);
	outcome->tap = tap->version || (tap->plan_seen && (tap->run || tap->skip_all)) ||
		       (tap->bail_out && (tap->plan_seen || tap->run));
	if (!outcome->tap)
		return;
	if (!tap->plan_seen && !tap->bail_out)
		complain(tap, "printed no plan; did it end in the middle?");
	else if (tap->run != tap->planned)
		complain(tap, "planned %u test%s, and ran %u", tap->planned,
			 tap->planned == 1 ? "" : "s", tap->run);
	else if (tap->skip_all && tap->skip_reason[0])
		complain(tap, "%s", tap->skip_reason);
	outcome->tap_planned = tap->planned;
	outcome->tap_run = tap->run;
	outcome->tap_failed = tap->failed;
	outcome->tap_skipped = tap->skipped;
	outcome->tap_plan_seen = tap->plan_seen;
	outcome->tap_bail_out = tap->bail_out;
	outcome->tap_complaint = tap->complaint[0] ? tap->complaint : NULL;
}
