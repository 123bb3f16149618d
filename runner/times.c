/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <obstack.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "times.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

struct entry {
	const char *suite, *name;
	double seconds;
};

struct times {
	struct obstack texts;
	struct entry *entries;
	size_t count;
};

/* Of one case, the longest first. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int result = strcmp(one->suite, other->suite);

	result = result ? result : strcmp(one->name, other->name);
	return result ? result : (one->seconds < other->seconds) - (one->seconds > other->seconds);
}

static int add_entry(struct times *times, const char *suite, const char *name, double seconds)
{
	struct entry *grown = times->entries;

	if ((times->count & (times->count - 1)) == 0) /* full at powers of two */
		grown = reallocarray(grown, times->count ? 2 * times->count : 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	times->entries = grown;
	grown[times->count++] =
		(struct entry){.suite = obstack_copy0(&times->texts, suite, strlen(suite)),
			       .name = obstack_copy0(&times->texts, name, strlen(name)),
			       .seconds = seconds};
	return 0;
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
		result = add_entry(times, suite, name, seconds);
	json_decref(object);
	return result;
}

/* One of each case: the first, which is the longest. */
static void sort_entries(struct times *times)
{
	size_t used = 0;

	qsort(times->entries, times->count, sizeof(*times->entries), compare_entries);
	for (size_t i = 0; i < times->count; i++)
		if (!used || strcmp(times->entries[i].suite, times->entries[used - 1].suite) ||
		    strcmp(times->entries[i].name, times->entries[used - 1].name))
			times->entries[used++] = times->entries[i];
	times->count = used;
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
		obstack_init(&times->texts);
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
	else if (!times->count)
		snprintf(why, size,
			 "'%s' has no times of cases; give what --report=jsonl=FILE wrote", file);
	if (result < 0 || !times->count) {
		times_free(times);
		return NULL;
	}
	sort_entries(times);
	return times;
}

double times_find(const struct times *times, const char *suite, const char *name)
{
	size_t low = 0, high = times->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct entry *entry = &times->entries[middle];
		int order = strcmp(entry->suite, suite);

		order = order ? order : strcmp(entry->name, name);
		if (!order)
			return entry->seconds;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

void times_free(struct times *times)
{
	if (!times)
		return;
	obstack_free(&times->texts, NULL);
	free(times->entries);
	free(times);
}
