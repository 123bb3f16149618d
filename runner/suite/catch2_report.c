/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "suite/catch2_report.h"

unsigned catch2_number(const char *at, const char *end)
{
	unsigned number = 0;

	while (at < end && *at == ' ')
		at++;
	while (at < end && isdigit((unsigned char)*at) && number < UINT_MAX / 10)
		number = 10 * number + (*at++ - '0');
	return number;
}

static bool is_rule(const char *line, size_t size)
{
	return size > 20 && strchr("-=.~", *line) && !memcmp(line, line + 1, 20);
}

/* "file:12: WORD:", where there may be no word: a warning, or an information. */
static bool read_head(const char *line, size_t size, struct catch2_message *message)
{
	const char *end = line + size, *at = line;

	if (!size || isspace((unsigned char)*line))
		return false;
	while ((at = memmem(at, end - at, ": ", 2))) {
		const char *number = at, *word = at + 2;

		while (number > line && isdigit((unsigned char)number[-1]))
			number--;
		at += 2;
		if (number == word - 2 || number - 1 <= line || number[-1] != ':')
			continue;
		*message = (struct catch2_message){.file = line, .file_size = number - 1 - line};
		message->line = catch2_number(number, end);
		message->failed = end - word == 7 && !memcmp(word, "FAILED:", 7);
		message->skipped = end - word == 8 && !memcmp(word, "SKIPPED:", 8);
		if (word == end || message->failed || message->skipped ||
		    (end - word == 8 && !memcmp(word, "warning:", 8)))
			return true;
	}
	return false;
}

bool catch2_next_message(struct lines *lines, struct catch2_message *message)
{
	const char *line;
	size_t size;
	bool found = false;

	while (!found && lines_next(lines, &line, &size))
		found = read_head(line, size, message);
	if (!found)
		return false;
	message->text = lines->at;
	while (true) {
		struct lines rest = *lines;
		struct catch2_message other;

		if (!lines_next(&rest, &line, &size) || is_rule(line, size) ||
		    read_head(line, size, &other))
			break;
		*lines = rest;
	}
	message->text_size = lines->at - message->text;
	while (message->text_size && strchr("\n ", message->text[message->text_size - 1]))
		message->text_size--;
	return true;
}

/* "All tests passed (2 assertions in 1 test case)", "test cases: 1 | 1 failed", "No tests ran" */
long catch2_count_tests(const char *report, size_t report_size)
{
	struct lines lines = lines_of(report, report_size);
	const char *line, *at;
	long count = -1;
	size_t size;

	while (lines_next(&lines, &line, &size))
		if (size > 18 && !memcmp(line, "All tests passed (", 18)) {
			at = memmem(line, size, " in ", 4);
			count = at ? catch2_number(at + 4, line + size) : 0;
		} else if (size > 12 && !memcmp(line, "test cases: ", 12)) {
			count = catch2_number(line + 12, line + size);
		} else if (size == 12 && !memcmp(line, "No tests ran", 12)) {
			count = 0;
		}
	return count;
}
