/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

struct reference {
	uint32_t index; /* in `sources` */
	uint32_t row;
};

static const struct cloche_case **sources;
static size_t source_count;
static struct reference *list;
static size_t list_size;
static bool list_made;

static struct cloche_unit coverage;

/* Before main(), and once more for every unit of a program: they all have the same bounds. */
void cloche_register(const struct cloche_unit *unit)
{
	static const struct cloche_case *const *seen[64];
	static size_t seen_count;
	size_t count = (size_t)(unit->end - unit->first);
	const struct cloche_case **grown;

	if (unit->coverage && !coverage.coverage)
		coverage = *unit;
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i] == unit->first)
			return;
	grown = reallocarray(sources, source_count + count, sizeof(*sources));
	if (!grown || seen_count == sizeof(seen) / sizeof(*seen)) {
		fputs("cloche: too many cases, or objects with cases\n", stderr);
		abort();
	}
	sources = grown;
	seen[seen_count++] = unit->first;
	for (size_t i = 0; i < count; i++)
		if (unit->first[i]) /* padding, where a linker made some */
			sources[source_count++] = unit->first[i];
	free(list);
	list = NULL;
	list_made = false;
}

const struct cloche_unit *case_coverage(void)
{
	return coverage.coverage ? &coverage : NULL;
}

static int compare_places(const void *a, const void *b)
{
	const struct cloche_case *x = *(const struct cloche_case *const *)a;
	const struct cloche_case *y = *(const struct cloche_case *const *)b;
	int order = strcmp(x->file, y->file);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void make_list(void)
{
	size_t at = 0;

	list_made = true;
	list_size = 0;
	if (source_count)
		qsort(sources, source_count, sizeof(*sources), compare_places);
	for (size_t i = 0; i < source_count; i++)
		list_size += sources[i]->rows ? sources[i]->row_count : 1;
	list = calloc(list_size ? list_size : 1, sizeof(*list));
	if (!list) {
		fputs("cloche: not enough memory for the list of cases\n", stderr);
		abort();
	}
	for (size_t i = 0; i < source_count; i++)
		for (size_t row = 0; row < (sources[i]->rows ? sources[i]->row_count : 1); row++)
			list[at++] = (struct reference){(uint32_t)i, (uint32_t)row};
}

size_t case_count(void)
{
	if (!list_made)
		make_list();
	return list_size;
}

static const void *row_of(const struct reference *reference)
{
	const struct cloche_case *source = sources[reference->index];

	return source->rows ? (const char *)source->rows + reference->row * source->row_size : NULL;
}

/* The row's name is its first member; NULL where there is no row, or no name. */
static const char *row_name(const struct reference *reference)
{
	const void *row = row_of(reference);

	return row ? *(const char *const *)row : NULL;
}

/* As long as most are, it takes no memory of its own; a cell would have to copy the pages of. */
static const char *full_name(const struct reference *reference)
{
	static char small[256], *large;
	const struct cloche_case *source = sources[reference->index];
	const char *fixture = source->fixture ? source->fixture->name : "";
	const char *row = row_name(reference);
	const char *parts[] = {fixture, *fixture ? "." : "", source->name, source->rows ? "/" : "",
			       row ? row : ""};
	size_t size = 1;
	char *name = small, *end;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		size += strlen(parts[i]);
	if (size > sizeof(small)) {
		free(large);
		name = large = malloc(size);
		if (!name)
			return source->name;
	}
	end = name;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		end = stpcpy(end, parts[i]);
	return name;
}

#define MERGE(field) (options->field = options->field ? options->field : defaults->field)

/* A time is absolute or a shift: a case that sets one does not take its fixture's other. */
static void merge_times(struct cloche_options *options, const struct cloche_options *defaults)
{
	if (options->uptime == 0 && options->uptime_shift == 0) {
		options->uptime = defaults->uptime;
		options->uptime_shift = defaults->uptime_shift;
	}
	if (options->monotonic == 0 && options->monotonic_shift == 0) {
		options->monotonic = defaults->monotonic;
		options->monotonic_shift = defaults->monotonic_shift;
	}
}

/* t_case.c fails when a field is missing here. */
void case_merge_options(struct cloche_options *options, const struct cloche_options *defaults)
{
	MERGE(timeout);
	MERGE(grace);
	MERGE(tags);
	MERGE(expect_signal);
	MERGE(expect_failure);
	MERGE(leaks);
	MERGE(retries);
	MERGE(retry_delay);
	MERGE(retry_backoff);
	MERGE(retry_max_delay);
	MERGE(retry_jitter);
	MERGE(slow_after);
	MERGE(group);
	MERGE(threads);
	MERGE(priority);
	MERGE(hostname);
	MERGE(domainname);
	MERGE(wall);
	MERGE(wall_speed);
	merge_times(options, defaults);
	MERGE(uptimes);
	MERGE(walls);
	MERGE(user);
	MERGE(ids);
	MERGE(root);
	MERGE(tmpfs_size);
	MERGE(cwd);
	MERGE(env);
	MERGE(tty);
	MERGE(address_space);
	MERGE(file_size);
	MERGE(descriptors);
	MERGE(processes);
	MERGE(cpu);
	MERGE(allow_missing);
	MERGE(no_isolation);
}

const struct case_entry *case_at(size_t index)
{
	static struct case_entry entry;
	const struct cloche_case *source;

	if (index >= case_count())
		return NULL;
	source = sources[list[index].index];
	entry = (struct case_entry){
		.name = full_name(&list[index]),
		.file = source->file,
		.line = source->line,
		.options = *source->options,
		.source = source,
		.row = row_of(&list[index]),
	};
	if (source->fixture)
		case_merge_options(&entry.options, source->fixture->options);
	return &entry;
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Names are identifiers, so that two full names are equal where all of their parts are. */
static int compare_names(const void *a, const void *b)
{
	const struct reference *x = a, *y = b;
	const struct cloche_case *p = sources[x->index], *q = sources[y->index];
	int order = compare_texts(p->fixture ? p->fixture->name : "",
				  q->fixture ? q->fixture->name : "");

	if (!order)
		order = strcmp(p->name, q->name);
	if (!order)
		order = (p->rows != NULL) - (q->rows != NULL);
	if (!order)
		order = compare_texts(row_name(x), row_name(y));
	return order;
}

static int compare_all(const void *a, const void *b)
{
	const struct reference *x = a, *y = b;
	int order = compare_names(a, b);

	if (!order)
		order = (x->index > y->index) - (x->index < y->index);
	if (!order)
		order = (x->row > y->row) - (x->row < y->row);
	return order;
}

static int complain(const struct reference *first, const struct reference *second, char *buffer,
		    size_t size)
{
	const struct cloche_case *p = sources[first->index], *q = sources[second->index];
	const char *name = full_name(first);

	if (p == q)
		snprintf(buffer, size,
			 "two rows of one case are named '%s' (%s:%u), rows %u and %u; "
			 "give each a name of its own",
			 name, p->file, p->line, first->row + 1, second->row + 1);
	else
		snprintf(buffer, size,
			 "two cases are named '%s': %s:%u and %s:%u; rename one of them", name,
			 p->file, p->line, q->file, q->line);
	return -EEXIST;
}

static int check_row_names(char *buffer, size_t size)
{
	for (size_t i = 0; i < list_size; i++) {
		const struct cloche_case *source = sources[list[i].index];
		const char *name = row_name(&list[i]);

		if (!source->rows || (name && *name))
			continue;
		snprintf(buffer, size,
			 "row %u of '%s' has no name (%s:%u); its first member is the "
			 "name",
			 list[i].row + 1, source->name, source->file, source->line);
		return -EINVAL;
	}
	return 0;
}

int case_check_duplicates(char *buffer, size_t size)
{
	size_t count = case_count();
	struct reference *sorted = calloc(count ? count : 1, sizeof(*sorted));
	int result;

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, list, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_all);
	result = check_row_names(buffer, size);
	for (size_t i = 1; i < count && !result; i++)
		if (!compare_names(&sorted[i - 1], &sorted[i]))
			result = complain(&sorted[i - 1], &sorted[i], buffer, size);
	free(sorted);
	return result;
}
