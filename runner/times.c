/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "journal.h"
#include "times.h"

struct times {
	struct journal_cases cases;
};

static int add_case(struct journal_cases *cases, const char *suite, const char *name,
		    double seconds)
{
	return journal_cases_add(
		cases,
		&(struct journal_case){.suite = obstack_copy0(&cases->memory, suite, strlen(suite)),
				       .name = obstack_copy0(&cases->memory, name, strlen(name)),
				       .seconds = seconds});
}

static int read_line(struct times *times, const char *line, size_t size)
{
	const char *event = NULL, *suite, *name;
	double seconds;
	json_t *object;
	int result = 0;

	if (!memmem(line, size, "case-ended", strlen("case-ended"))) /* most of a journal */
		return 0;
	object = json_loadb(line, size, 0, NULL);
	if (!json_unpack(object, "{s:s, s:s, s:s, s:F}", "event", &event, "suite", &suite, "name",
			 &name, "seconds", &seconds) &&
	    !strcmp(event, "case-ended") && seconds >= 0)
		result = add_case(&times->cases, suite, name, seconds);
	json_decref(object);
	return result;
}

static int read_lines(struct times *times, FILE *in)
{
	memory_free char *line = NULL;
	size_t room = 0;
	ssize_t size;
	int result = 0;

	errno = 0;
	while (!result && (size = getline(&line, &room, in)) >= 0)
		result = read_line(times, line, (size_t)size);
	return result || feof(in) ? result : -(errno ? errno : EIO);
}

static struct times *make_times(void)
{
	struct times *times = calloc(1, sizeof(*times));

	if (times)
		journal_cases_begin(&times->cases);
	return times;
}

struct times *times_read(const char *file, char *why, size_t size)
{
	file_close FILE *in = fopen(file, "re");
	int result = in ? 0 : -errno;
	struct times *times = make_times();

	if (!result)
		result = times ? read_lines(times, in) : -ENOMEM;
	if (result < 0)
		snprintf(why, size, "cannot read the times in '%s': %s; give another file", file,
			 strerror(-result));
	else if (!times->cases.count)
		snprintf(why, size,
			 "'%s' has no times of cases; give what --report=jsonl=FILE wrote", file);
	if (result < 0 || !times->cases.count) {
		times_free(times);
		return NULL;
	}
	journal_cases_merge(&times->cases);
	return times;
}

double times_find(const struct times *times, const char *suite, const char *name)
{
	const struct journal_case *known = journal_cases_find(&times->cases, suite, name);

	return known ? known->seconds : -1;
}

void times_free(struct times *times)
{
	if (!times)
		return;
	journal_cases_free(&times->cases);
	free(times);
}
