/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "suite/key_file.h"
#include "suite/lines.h"

#define BLANKS " \t\r"

static bool is_blank(char c)
{
	return c && strchr(BLANKS, c);
}

static void trim(const char **line, size_t *size)
{
	while (*size && is_blank(**line))
		(*line)++, (*size)--;
	while (*size && is_blank((*line)[*size - 1]))
		(*size)--;
}

/* The value of the key, in the line in which it is; or NULL. What comes last counts. */
static const char *find(const char *text, size_t text_size, const char *group, const char *key,
			size_t *ret_size)
{
	struct lines lines = lines_of(text, text_size);
	const char *line, *found = NULL, *equals;
	size_t size, name_size, value_size;
	bool within = false;

	while (lines_next(&lines, &line, &size)) {
		trim(&line, &size);
		if (!size || *line == '#')
			continue;
		if (*line == '[') {
			within = size == strlen(group) + 2 && line[size - 1] == ']' &&
				 !memcmp(line + 1, group, size - 2);
			continue;
		}
		equals = memchr(line, '=', size);
		if (!within || !equals)
			continue;
		name_size = equals - line;
		value_size = size - name_size - 1;
		trim(&line, &name_size);
		if (name_size != strlen(key) || memcmp(line, key, name_size) != 0)
			continue;
		found = equals + 1;
		trim(&found, &value_size);
		*ret_size = value_size;
	}
	return found;
}

bool key_file_has(const char *text, size_t size, const char *group, const char *key)
{
	size_t value;

	return find(text, size, group, key, &value) != NULL;
}

char *key_file_get(const char *text, size_t size, const char *group, const char *key)
{
	size_t value_size;
	const char *value = find(text, size, group, key, &value_size);

	return value ? strndup(value, value_size) : NULL;
}

void key_file_unescape(char *value)
{
	static const char names[] = "sntr\\;", meant[] = " \n\t\r\\;";
	char *to = value;

	for (; *value; value++) {
		const char *name = *value == '\\' && value[1] ? strchr(names, value[1]) : NULL;

		*to++ = name ? meant[name - names] : *value;
		value += name != NULL;
	}
	*to = '\0';
}

char *key_file_next(char **list)
{
	char *item = *list, *end = item;

	if (!*item)
		return NULL;
	while (*end && *end != ';')
		end += *end == '\\' && end[1] ? 2 : 1;
	*list = *end ? end + 1 : end;
	*end = '\0';
	key_file_unescape(item);
	return item;
}
