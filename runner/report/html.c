/* SPDX-License-Identifier: MIT */
/*
 * One page of HTML, which needs nothing but itself
 *
 * page.html is all of it; in its last element stand the events of the run, as JSON lines. They are
 * written as they happen: a run that is killed leaves a page that tells how far it came, because a
 * browser takes an element that has no end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event_json.h"
#include "report.h"

#define PLACE "@EVENTS@\n"

static const char template[] = {
#include "page-html.h"
};

struct html {
	struct page page;
	struct json_writer line;
};

/* Where the events go: the template before it, and after. */
static const char *events_place(void)
{
	return memmem(template, sizeof(template), PLACE, strlen(PLACE));
}

/* '<' stands in strings only, and would begin a tag: "</script>" ends the element. */
static void print_escaped(FILE *out, const char *bytes, size_t size)
{
	while (size) {
		const char *found = memchr(bytes, '<', size);
		size_t plain = found ? (size_t)(found - bytes) : size;

		fwrite(bytes, 1, plain, out);
		if (found)
			fputs("\\u003c", out);
		bytes += plain + (found != NULL);
		size -= plain + (found != NULL);
	}
}

/* The line that was made. */
static int print(struct html *html)
{
	bool failed = html->line.failed;

	if (!failed)
		print_escaped(html->page.out, html->line.bytes, html->line.size);
	json_writer_empty(&html->line);
	return failed ? -ENOMEM : page_flush(&html->page);
}

static int html_start(void **ret_state, const struct report_options *options,
		      const struct run_info *info)
{
	struct html *html = calloc(1, sizeof(*html));
	int result = html ? page_open(&html->page, options->fd) : -ENOMEM;

	if (result < 0) {
		free(html);
		return result;
	}
	*ret_state = html;
	fwrite(template, 1, events_place() - template, html->page.out);
	event_run_started(&html->line, info);
	return print(html);
}

static int html_started(void *state, const struct case_info *info)
{
	struct html *html = state;

	event_case_started(&html->line, info);
	return print(html);
}

static int html_slow(void *state, const struct case_info *info, double seconds)
{
	struct html *html = state;

	event_case_slow(&html->line, info, seconds);
	return print(html);
}

/* It has the attempts before it as well. */
static int html_ended(void *state, const struct result *result)
{
	struct html *html = state;

	event_case_ended(&html->line, result);
	return print(html);
}

static int html_message(void *state, const char *sentence)
{
	struct html *html = state;

	event_message(&html->line, sentence);
	return print(html);
}

static int html_end(void *state, const struct run_totals *totals)
{
	struct html *html = state;
	const char *rest = events_place() + strlen(PLACE);
	int result, closed;

	event_run_ended(&html->line, totals);
	result = print(html);
	fwrite(rest, 1, template + sizeof(template) - rest, html->page.out);
	closed = page_close(&html->page);
	json_writer_free(&html->line);
	free(html);
	return result ? result : closed;
}

const struct reporter reporter_html = {
	.name = "html",
	.doc = "one page for browsers, with a timeline",
	.wants_namespaces = true,
	.start = html_start,
	.case_started = html_started,
	.case_slow = html_slow,
	.case_ended = html_ended,
	.message = html_message,
	.end = html_end,
};
