/* SPDX-License-Identifier: MIT */
/*
 * Texts. What both have at their start and at their end is trimmed first; of what is between, at
 * most LINES_MAX lines of each side are looked at, by a longest common subsequence.
 */
#include <stdlib.h>
#include <string.h>

#include "diff.h"

#define LINES_MAX  256 /* of each side, that are compared */
#define CONTEXT    3
#define LINE_LIMIT 160 /* bytes of a line, or of a text of one line, that are shown */

struct line {
	const char *data;
	size_t size; /* without the newline */
	bool ends;   /* with a newline */
};

struct lines {
	struct line line[LINES_MAX];
	size_t count;
	bool more;
};

struct work {
	struct lines a, b;
	unsigned short longest[LINES_MAX + 1][LINES_MAX + 1]; /* common part of what is left */
};

bool diff_label_is_literal(const struct diff_side *side)
{
	char first = side->label_size ? side->label[0] : '\0';
	char last = side->label_size ? side->label[side->label_size - 1] : '\0';

	if ((first == '"' && last == '"') || (first == '\'' && last == '\''))
		return true;
	if (first == '-' && side->label_size > 1)
		first = side->label[1];
	if (first < '0' || first > '9')
		return (side->label_size == 4 &&
			(!memcmp(side->label, "NULL", 4) || !memcmp(side->label, "true", 4))) ||
		       (side->label_size == 5 && !memcmp(side->label, "false", 5));
	for (int i = 1; i < side->label_size; i++)
		if (!strchr("0123456789abcdefABCDEFxXuUlL.", side->label[i]))
			return false;
	return true;
}

static size_t common_start(const struct diff_side *a, const struct diff_side *b)
{
	size_t size = a->size < b->size ? a->size : b->size, i = 0;

	while (i < size && a->data[i] == b->data[i])
		i++;
	return i;
}

static const char *line_start(const char *from, const char *at)
{
	while (at > from && at[-1] != '\n')
		at--;
	return at;
}

/* Length of what both have at their ends, whole lines only, not reaching into the first `start`. */
static size_t common_end(const struct diff_side *a, const struct diff_side *b, size_t start)
{
	size_t room = (a->size < b->size ? a->size : b->size) - start, size = 0, whole = 0;

	while (size < room && a->data[a->size - size - 1] == b->data[b->size - size - 1]) {
		if (a->data[a->size - size - 1] == '\n')
			whole = size;
		size++;
	}
	return size == a->size - start && size == b->size - start ? size : whole;
}

static void split(struct lines *lines, const char *data, const char *end)
{
	lines->count = 0;
	while (data < end && lines->count < LINES_MAX) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		const char *stop = newline ? newline : end;

		lines->line[lines->count++] =
			(struct line){data, (size_t)(stop - data), newline != NULL};
		data = newline ? newline + 1 : end;
	}
	lines->more = data < end;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->size == b->size && a->ends == b->ends && !memcmp(a->data, b->data, a->size);
}

static void find_longest(struct work *work)
{
	for (size_t i = work->a.count + 1; i-- > 0;)
		for (size_t j = work->b.count + 1; j-- > 0;) {
			unsigned short *cell = &work->longest[i][j];

			if (i == work->a.count || j == work->b.count)
				*cell = 0;
			else if (same(&work->a.line[i], &work->b.line[j]))
				*cell = (unsigned short)(work->longest[i + 1][j + 1] + 1);
			else if (work->longest[i + 1][j] >= work->longest[i][j + 1])
				*cell = work->longest[i + 1][j];
			else
				*cell = work->longest[i][j + 1];
		}
}

static void show_line(struct text *text, char sign, const struct line *line)
{
	size_t size = line->size > LINE_LIMIT ? LINE_LIMIT : line->size;

	text_add(text, "\n%c ", sign);
	text_add_escaped(text, line->data, size);
	text_add(text, "%s%s", size < line->size ? "..." : "",
		 line->ends ? "" : " (no newline at the end)");
}

static void show_run(struct text *text, const struct line *line, size_t count)
{
	if (count <= 2 * CONTEXT + 1) {
		for (size_t i = 0; i < count; i++)
			show_line(text, ' ', &line[i]);
		return;
	}
	for (size_t i = 0; i < CONTEXT; i++)
		show_line(text, ' ', &line[i]);
	text_add(text, "\n  (%zu lines that are the same)", count - 2 * CONTEXT);
	for (size_t i = count - CONTEXT; i < count; i++)
		show_line(text, ' ', &line[i]);
}

static void show_middle(struct text *text, const struct work *work)
{
	size_t i = 0, j = 0;

	while (i < work->a.count || j < work->b.count) {
		size_t run = 0;

		while (i + run < work->a.count && j + run < work->b.count &&
		       same(&work->a.line[i + run], &work->b.line[j + run]))
			run++;
		show_run(text, &work->a.line[i], run);
		i += run;
		j += run;
		if (i < work->a.count &&
		    (j == work->b.count || work->longest[i + 1][j] >= work->longest[i][j + 1]))
			show_line(text, '-', &work->a.line[i++]);
		else if (j < work->b.count)
			show_line(text, '+', &work->b.line[j++]);
	}
	if (work->a.more || work->b.more)
		text_add(text, "\n  (further lines are not compared)");
}

/* Up to CONTEXT whole lines that end at, or start at, `at`. */
static void show_before(struct text *text, const char *from, const char *at)
{
	struct lines few;
	const char *start = at;

	for (int i = 0; i < CONTEXT && start > from; i++)
		start = line_start(from, start - 1);
	split(&few, start, at);
	for (size_t i = 0; i < few.count; i++)
		show_line(text, ' ', &few.line[i]);
}

static void show_after(struct text *text, const char *at, const char *end)
{
	struct lines few;

	split(&few, at, end);
	for (size_t i = 0; i < few.count && i < CONTEXT; i++)
		show_line(text, ' ', &few.line[i]);
}

static void show_legend(struct text *text, const struct diff_side *a, const struct diff_side *b,
			size_t start)
{
	size_t number = 1;

	for (size_t i = 0; i < start; i++)
		number += a->data[i] == '\n';
	text_add(text, "they differ from line %zu on; - is ", number);
	if (diff_label_is_literal(a))
		text_add(text, "the left side");
	else
		text_add(text, "%.*s", a->label_size < 60 ? a->label_size : 60, a->label);
	text_add(text, ", + is ");
	if (diff_label_is_literal(b))
		text_add(text, "the right side");
	else
		text_add(text, "%.*s", b->label_size < 60 ? b->label_size : 60, b->label);
}

static void show_one(struct text *text, const struct diff_side *side, size_t at)
{
	text_add(text, "%.*s is ", side->label_size, side->label);
	if (side->data)
		text_add_quoted(text, side->data, side->size, at, LINE_LIMIT);
	else
		text_add(text, "NULL");
}

/* For texts of one line, and where there is no memory for more. */
static void show_both(struct text *text, const struct diff_side *a, const struct diff_side *b)
{
	size_t at = a->data && b->data ? common_start(a, b) : 0;
	bool show_a = !diff_label_is_literal(a) || a->size > LINE_LIMIT;
	bool show_b = !diff_label_is_literal(b) || b->size > LINE_LIMIT;

	if (show_a)
		show_one(text, a, at);
	if (show_a && show_b)
		text_add(text, "\n");
	if (show_b)
		show_one(text, b, at);
	if (a->data && b->data && at && (at < a->size || at < b->size))
		text_add(text, "%sthey differ from byte %zu on", text->size ? "\n" : "", at);
	else if (!show_a && !show_b) /* two literals, which the expectation shows */
		text_add(text, "does not hold");
}

void diff_lines(struct text *text, const struct diff_side *a, const struct diff_side *b)
{
	struct work *work = malloc(sizeof(*work));
	size_t start, end;

	if (!work) {
		show_both(text, a, b);
		return;
	}
	start = common_start(a, b);
	start = (size_t)(line_start(a->data, a->data + start) - a->data);
	end = common_end(a, b, start);
	split(&work->a, a->data + start, a->data + a->size - end);
	split(&work->b, b->data + start, b->data + b->size - end);
	find_longest(work);
	show_legend(text, a, b, start);
	show_before(text, a->data, a->data + start);
	show_middle(text, work);
	if (!work->a.more && !work->b.more)
		show_after(text, a->data + a->size - end, a->data + a->size);
	free(work);
}

static bool has_lines(const struct diff_side *side)
{
	const char *newline = side->data ? memchr(side->data, '\n', side->size) : NULL;

	return newline && newline + 1 < side->data + side->size;
}

void diff_strings(struct text *text, const struct diff_side *a, const struct diff_side *b)
{
	if (a->data && b->data && (has_lines(a) || has_lines(b)) &&
	    (a->size != b->size || memcmp(a->data, b->data, a->size)))
		diff_lines(text, a, b);
	else
		show_both(text, a, b);
}
