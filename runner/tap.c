/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

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

/* The directive behind an unescaped '#': " # SKIP no device". Returns its word, or "". */
static const char *directive(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '#')
			return text + 1 + strspn(text + 1, " \t");
	}
	return "";
}

static bool is_word(const char *text, const char *word)
{
	return !strncasecmp(text, word, strlen(word));
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
	tap->planned = count < 100000000 ? count : 100000000;
	tap->skip_all = !count;
	if (!count && is_word(directive(end), "skip"))
		snprintf(tap->complaint, sizeof(tap->complaint), "%s",
			 directive(end) + 4 + strspn(directive(end) + 4, "pPeEdD :"));
}

static void read_test(struct tap *tap, const char *text, bool ok)
{
	const char *what = directive(text);
	unsigned long number =
		isdigit((unsigned char)*text) ? strtoul(text, NULL, 10) : tap->last + 1;

	if (number != tap->last + 1ul)
		complain(tap, "test %lu came after test %u", number, tap->last);
	tap->last = number < 100000000 ? number : 100000000;
	tap->run++;
	if (is_word(what, "skip"))
		tap->skipped++;
	else if (!ok && !is_word(what, "todo"))
		tap->failed++;
}

static bool is_plan(const char *line)
{
	size_t digits = strspn(line + 3, "0123456789");

	return !strncmp(line, "1..", 3) && digits &&
	       (!line[3 + digits] || isspace((unsigned char)line[3 + digits]));
}

/* "ok" or "not ok", followed by nothing or a blank. */
static const char *after_word(const char *line, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(line, word, size) || (line[size] && line[size] != ' ' && line[size] != '\t'))
		return NULL;
	return line + size + strspn(line + size, " \t");
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
	else if (!strncasecmp(line, "Bail out!", 9)) {
		complain(tap, "bailed out:%.120s", line + 9);
		tap->bail_out = true;
	}
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
	outcome->tap =
		tap->version || (tap->plan_seen && (tap->run || tap->skip_all)) || tap->bail_out;
	if (tap->bail_out && !tap->version && !tap->plan_seen && !tap->run)
		outcome->tap = false;
	if (!outcome->tap)
		return;
	if (!tap->plan_seen && !tap->bail_out)
		complain(tap, "printed no plan; did it end in the middle?");
	else if (tap->run != tap->planned)
		complain(tap, "planned %u tests, and ran %u", tap->planned, tap->run);
	outcome->tap_planned = tap->planned;
	outcome->tap_run = tap->run;
	outcome->tap_failed = tap->failed;
	outcome->tap_skipped = tap->skipped;
	outcome->tap_plan_seen = tap->plan_seen;
	outcome->tap_bail_out = tap->bail_out;
	outcome->tap_complaint = tap->complaint[0] ? tap->complaint : NULL;
}
