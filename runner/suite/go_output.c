/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <string.h>

#include "suite/go_output.h"

/* Skip this if the line starts with it. */
static bool skip(const char **line, size_t *size, const char *start)
{
	size_t length = strlen(start);

	if (*size < length || memcmp(*line, start, length) != 0)
		return false;
	*line += length;
	*size -= length;
	return true;
}

/* ".go:12", where the file's name begins at `line`. Returns what is behind it, or NULL. */
static const char *take_place(const char *line, size_t size, struct go_log *log)
{
	const char *end = line + size, *at = memmem(line, size, ".go:", 4);
	unsigned number = 0;

	if (!at || at == line)
		return NULL;
	log->file = line;
	log->file_size = at + 3 - line;
	for (at += 4; at < end && *at >= '0' && *at <= '9' && number < 100000000; at++)
		number = 10 * number + (unsigned)(*at - '0');
	log->line = number;
	return number ? at : NULL;
}

struct go_logs go_logs_of(const char *out, size_t size, const char *name, const char *top)
{
	return (struct go_logs){lines_of(out, size), name, !strcmp(name, top)};
}

/* "=== RUN   NAME", CONT, NAME, PAUSE: whose lines follow. */
static bool is_switch(struct go_logs *logs, const char *line, size_t size)
{
	if (!skip(&line, &size, "=== "))
		return false;
	while (size && *line != ' ')
		line++, size--;
	while (size && *line == ' ')
		line++, size--;
	logs->in_it = size == strlen(logs->of) && !memcmp(line, logs->of, size);
	return true;
}

bool go_next_log(struct go_logs *logs, struct go_log *ret_log)
{
	const char *line, *text;
	size_t size;

	while (lines_next(&logs->lines, &line, &size)) {
		struct lines ahead;

		if (is_switch(logs, line, size) || !logs->in_it || !skip(&line, &size, "    "))
			continue;
		text = take_place(line, size, ret_log);
		if (!text || memchr(ret_log->file, ' ', ret_log->file_size) ||
		    text == line + size || *text != ':')
			continue;
		size -= text + 1 - line;
		text++;
		skip(&text, &size, " ");
		ret_log->text = text;
		ret_log->size = size;
		ahead = logs->lines;
		while (lines_next(&ahead, &line, &size) && skip(&line, &size, "        ")) {
			ret_log->size = line + size - text;
			logs->lines = ahead;
		}
		return true;
	}
	return false;
}

bool go_next_result(struct lines *lines, const char *how, const char **ret_name, size_t *ret_size)
{
	const char *line, *space;
	size_t size;

	while (lines_next(lines, &line, &size)) {
		while (skip(&line, &size, "    "))
			;
		if (!skip(&line, &size, "--- ") || !skip(&line, &size, how) ||
		    !skip(&line, &size, ": "))
			continue;
		space = memchr(line, ' ', size);
		*ret_name = line;
		*ret_size = space ? (size_t)(space - line) : size;
		return true;
	}
	return false;
}

/* The first line "<tab>/DIRECTORY/x_test.go:12 +0x2". */
static void find_frame(struct lines lines, struct go_log *panic)
{
	const char *line;
	size_t size;

	while (lines_next(&lines, &line, &size)) {
		if (!skip(&line, &size, "\t"))
			continue;
		if (take_place(line, size, panic) && panic->file_size > 8 &&
		    !memcmp(panic->file + panic->file_size - 8, "_test.go", 8))
			return;
		panic->line = 0;
	}
}

bool go_find_panic(const char *out, size_t size, struct go_log *ret_panic)
{
	struct lines lines = lines_of(out, size);
	const char *line, *end;

	while (lines_next(&lines, &line, &size)) {
		const char *start = line;

		if (!skip(&line, &size, "panic: ") && !skip(&line, &size, "fatal error: "))
			continue;
		*ret_panic = (struct go_log){.text = start};
		end = memmem(start, lines.end - start, "\n\ngoroutine ", 12);
		end = end ? end : line + size;
		ret_panic->size = end - start;
		find_frame(lines_of(end, lines.end - end), ret_panic);
		return true;
	}
	return false;
}
