/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "clock.h"
#include "progress.h"
#include "utf8.h"

#define REDRAW_SECONDS 0.05
#define LONG_SECONDS   1.0 /* younger cases come and go faster than they can be read */
#define BAR_COLUMNS    22
#define BAR_LEAST      6

void progress_begin(struct progress *progress, int fd, bool color)
{
	*progress = (struct progress){
		.fd = fd, .color = color, .started = clock_seconds(CLOCK_MONOTONIC)};
}

int progress_started(struct progress *progress, const struct case_info *info)
{
	if (progress->count == progress->room) {
		size_t room = progress->room ? 2 * progress->room : 16;
		struct running_line *grown = reallocarray(progress->cases, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		progress->cases = grown;
		progress->room = room;
	}
	progress->cases[progress->count++] =
		(struct running_line){info, clock_seconds(CLOCK_MONOTONIC)};
	return 0;
}

void progress_ended(struct progress *progress, const struct case_info *info)
{
	for (size_t i = 0; i < progress->count; i++) {
		if (progress->cases[i].info != info)
			continue;
		progress->count--;
		memmove(&progress->cases[i], &progress->cases[i + 1],
			(progress->count - i) * sizeof(*progress->cases));
		return;
	}
}

bool progress_is_due(const struct progress *progress)
{
	return !progress->lines ||
	       clock_seconds(CLOCK_MONOTONIC) - progress->drawn >= REDRAW_SECONDS;
}

static void screen_size(const struct progress *progress, unsigned *ret_columns, unsigned *ret_rows)
{
	struct winsize size = {0};

	ioctl(progress->fd, TIOCGWINSZ, &size);
	*ret_columns = size.ws_col ? size.ws_col : 80;
	*ret_rows = size.ws_row ? size.ws_row : 24;
}

/* When the window has become narrower, what was drawn takes more rows than it was. */
void progress_erase(struct progress *progress, FILE *out)
{
	unsigned columns, rows, up = 0;

	if (!progress->lines)
		return;
	screen_size(progress, &columns, &rows);
	for (unsigned i = 0; i < progress->lines; i++)
		up += progress->widths[i] ? (progress->widths[i] - 1) / columns + 1 : 1;
	if (up > 1)
		fprintf(out, "\033[%uA", up - 1);
	fputs("\r\033[J", out);
	progress->lines = 0;
}

/* Characters as columns: wide ones are cut off by the terminal, which is told not to wrap. */
static size_t fitting(const char *line, unsigned columns, unsigned *ret_width)
{
	size_t size = 0, total = strlen(line);

	*ret_width = 0;
	while (size < total && *ret_width < columns) {
		size_t character = utf8_length(line + size, total - size);

		size += character ? character : 1;
		++*ret_width;
	}
	return size;
}

static void draw_line(struct progress *progress, FILE *out, const char *line, unsigned columns)
{
	unsigned width;
	size_t size = fitting(line, columns - 1, &width);

	if (progress->lines)
		fputc('\n', out);
	fwrite(line, 1, size, out);
	progress->widths[progress->lines++] = width;
}

/* As much of a bar as there is room for: " [====>   ]". */
static void format_bar(char *bar, unsigned room, const struct progress_counts *counts)
{
	unsigned size = room < BAR_COLUMNS ? room : BAR_COLUMNS, done = size;

	*bar = '\0';
	if (size < BAR_LEAST || !counts->cases)
		return;
	if (counts->ended < counts->cases)
		done = (uint64_t)size * counts->ended / counts->cases;
	bar += sprintf(bar, " [%*s]", (int)size, "");
	memset(bar - 1 - size, '=', done);
	if (done < size)
		bar[(int)done - (int)size - 1] = '>';
}

static void draw_counts(struct progress *progress, FILE *out, unsigned columns,
			const struct progress_counts *counts)
{
	unsigned seconds = clock_seconds(CLOCK_MONOTONIC) - progress->started, size;
	char begin[32], rest[128], bar[BAR_COLUMNS + 8], line[256];
	char of[16] = ""; /* how many are to come may be unknown */

	snprintf(begin, sizeof(begin), "     Running [%02u:%02u]", seconds / 60, seconds % 60);
	if (counts->cases)
		snprintf(of, sizeof(of), "/%u", counts->cases);
	snprintf(rest, sizeof(rest), " %u%s, %zu running, %u failed", counts->ended, of,
		 progress->count, counts->failed);
	if (counts->skipped)
		snprintf(rest + strlen(rest), sizeof(rest) - strlen(rest), ", %u skipped",
			 counts->skipped);
	size = strlen(begin) + strlen(rest) + 4; /* with the bar's own " []", and the last column */
	format_bar(bar, columns > size ? columns - size : 0, counts);
	snprintf(line, sizeof(line), "%s%s%s", begin, bar, rest);
	draw_line(progress, out, line, columns);
}

static void draw_case(struct progress *progress, FILE *out, unsigned columns,
		      const struct running_line *one)
{
	char *line = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&line, &size);

	if (!stream)
		return;
	fprintf(stream, "             [%8.3fs] ", clock_seconds(CLOCK_MONOTONIC) - one->since);
	utf8_in_line(stream, one->info->suite);
	fputc(' ', stream);
	utf8_in_line(stream, one->info->name);
	if (one->info->attempt > 1)
		fprintf(stream, " (attempt %u)", one->info->attempt);
	fclose(stream);
	draw_line(progress, out, line, columns);
	free(line);
}

/* "... and 3 more": what is told by its number. */
static void draw_number(struct progress *progress, FILE *out, unsigned columns, const char *before,
			size_t number, const char *after)
{
	char line[80];

	snprintf(line, sizeof(line), "             %s%zu %s", before, number, after);
	draw_line(progress, out, line, columns);
}

void progress_draw(struct progress *progress, FILE *out, const struct progress_counts *counts)
{
	unsigned columns, rows, most;
	double time = clock_seconds(CLOCK_MONOTONIC);
	size_t old = 0, shown;
	bool waiting;

	progress_erase(progress, out);
	screen_size(progress, &columns, &rows);
	most = rows / 3 < PROGRESS_LINES - 1 ? rows / 3 : PROGRESS_LINES - 1;
	while (old < progress->count && time - progress->cases[old].since >= LONG_SECONDS)
		old++;
	waiting = counts->waiting && most > (old > 0);
	most -= waiting;
	shown = old > most ? (most ? most - 1 : 0) : old;
	fputs("\033[?7l", out);
	draw_counts(progress, out, columns, counts);
	for (size_t i = 0; i < shown; i++)
		draw_case(progress, out, columns, &progress->cases[i]);
	if (most && shown < old)
		draw_number(progress, out, columns, "... and ", old - shown,
			    "more for a second or longer");
	if (waiting)
		draw_number(progress, out, columns, "", counts->waiting,
			    "waiting to be tried again");
	fputs("\033[?7h", out);
	progress->drawn = time;
}

void progress_end(struct progress *progress)
{
	free(progress->cases);
	*progress = (struct progress){0};
}
