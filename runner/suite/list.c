/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flags.h"
#include "suite/list.h"
#include "suite/locks.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

void list_begin(struct list *list, struct suite *suite)
{
	*list = (struct list){.suite = suite};
	free(suite->cases);
	suite->cases = NULL;
	suite->case_count = 0;
	if (!suite->has_memory)
		obstack_init(&suite->memory);
	suite->has_memory = true;
}

void *list_alloc(struct list *list, size_t size)
{
	return memset(obstack_alloc(&list->suite->memory, size), 0, size);
}

char *list_text(struct list *list, const char *text, size_t size)
{
	return obstack_copy0(&list->suite->memory, text, size);
}

char *list_textf(struct list *list, const char *format, ...)
{
	va_list arguments;
	char *text, *copy;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		list->failed = true;
		return list_text(list, "", 0);
	}
	copy = list_text(list, text, length);
	free(text);
	return copy;
}

struct suite_case *list_add(struct list *list, const char *name)
{
	struct suite *suite = list->suite;
	struct suite_case *item;

	if (suite->case_count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct suite_case *grown = reallocarray(suite->cases, room, sizeof(*grown));

		if (!grown) {
			list->failed = true;
			return NULL;
		}
		suite->cases = grown;
		list->room = room;
	}
	item = &suite->cases[suite->case_count];
	*item = (struct suite_case){.name = list_text(list, name, strlen(name)),
				    .world = "",
				    .index = suite->case_count};
	suite->case_count++;
	return item;
}

void list_world(struct list *list, struct suite_case *item, const char *option, const char *value)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (to) {
		fputs(item->world, to);
		world_line(to, option, value);
	}
	if (to && !fclose(to))
		item->world = list_text(list, text, size);
	else
		list->failed = true;
	free(text);
}

void list_lock(struct list *list, struct suite_case *item, const char *name, const char *why)
{
	struct case_lock *lock = list_alloc(list, sizeof(*lock));

	*lock = (struct case_lock){.next = item->locks,
				   .name = name ? list_text(list, name, strlen(name)) : NULL,
				   .why = list_text(list, why, strlen(why))};
	item->locks = lock;
}

void list_message(struct list *list, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	complain(0, "%s: %s", list->suite->shown, text);
}

int list_fail(struct list *list, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(list->why, sizeof(list->why), format, arguments);
	va_end(arguments);
	return -EBADMSG;
}

/* Of the same name, in the order in which they were listed. */
static int compare(const void *a, const void *b)
{
	const struct suite_case *const *first = a, *const *second = b;
	int order = strcmp((*first)->name, (*second)->name);

	return order ? order : ((*first)->index > (*second)->index) * 2 - 1;
}

int list_end(struct list *list)
{
	struct suite *suite = list->suite;
	struct suite_case **sorted = calloc(suite->case_count + 1, sizeof(*sorted));

	if (!sorted || list->failed) {
		free(sorted);
		return -ENOMEM;
	}
	for (size_t i = 0; i < suite->case_count; i++)
		sorted[i] = &suite->cases[i];
	qsort(sorted, suite->case_count, sizeof(*sorted), compare);
	for (size_t i = 0, next; i < suite->case_count; i = next)
		for (next = i + 1;
		     next < suite->case_count && !strcmp(sorted[i]->name, sorted[next]->name);
		     next++)
			sorted[next]->name =
				list_textf(list, "%s#%zu", sorted[i]->name, next - i + 1);
	free(sorted);
	return list->failed ? -ENOMEM : 0;
}
