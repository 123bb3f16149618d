/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "suite/catch2_spec.h"

#define BLANKS "\n\t\r "

/* A name without the blanks at its ends. */
struct piece {
	const char *at;
	size_t size;
};

static struct piece trimmed(const char *text)
{
	struct piece piece = {text + strspn(text, BLANKS), 0};

	for (piece.size = strlen(piece.at); piece.size && strchr(BLANKS, piece.at[piece.size - 1]);)
		piece.size--;
	return piece;
}

static bool is_same(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
			return false;
	return true;
}

static bool has(struct piece text, struct piece part)
{
	for (size_t i = 0; i + part.size <= text.size; i++)
		if (is_same(text.at + i, part.at, part.size))
			return true;
	return false;
}

bool catch2_takes(const char *pattern, const char *name)
{
	struct piece part = trimmed(pattern), text = trimmed(name);
	bool begins = part.size && *part.at == '*', ends;

	if (begins)
		part.at++, part.size--;
	ends = part.size && part.at[part.size - 1] == '*';
	part.size -= ends;
	if (part.size > text.size || (!begins && !ends && part.size != text.size))
		return false;
	if (begins && ends)
		return has(text, part);
	return is_same(text.at + (begins ? text.size - part.size : 0), part.at, part.size);
}

char *catch2_pattern(const char *name)
{
	char *pattern = strdup(name);

	if (pattern && !strncmp(name, "exclude:", 8))
		*pattern = '*';
	return pattern;
}

static int by_name(const void *a, const void *b)
{
	const struct catch2_name *const *first = a, *const *second = b;
	struct piece one = trimmed((*first)->name), other = trimmed((*second)->name);
	size_t size = one.size < other.size ? one.size : other.size;
	int order = strncasecmp(one.at, other.at, size);

	if (order || one.size != other.size)
		return order ? order : (one.size < other.size ? -1 : 1);
	return *first < *second ? -1 : *first > *second;
}

static bool is_pattern(const char *pattern)
{
	struct piece piece = trimmed(pattern);

	return piece.size && (*piece.at == '*' || piece.at[piece.size - 1] == '*');
}

static void look_at_all(struct catch2_name *one, struct catch2_name *names, size_t count)
{
	one->place = one->peers = 0;
	for (size_t i = 0; i < count; i++)
		if (&names[i] == one)
			one->place = one->peers++;
		else
			one->peers += catch2_takes(one->pattern, names[i].name);
}

/* Names without an asterisk have only equal ones for peers, which stand together once sorted. */
int catch2_find_peers(struct catch2_name *names, size_t count)
{
	struct catch2_name **sorted = calloc(count + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &names[i];
	qsort(sorted, count, sizeof(*sorted), by_name);
	for (size_t begin = 0, end; begin < count; begin = end) {
		for (end = begin + 1; end < count &&
				      catch2_takes(sorted[begin]->name, sorted[end]->name) &&
				      catch2_takes(sorted[end]->name, sorted[begin]->name);)
			end++;
		for (size_t i = begin; i < end; i++) {
			sorted[i]->place = i - begin;
			sorted[i]->peers = end - begin;
		}
	}
	free(sorted);
	for (size_t i = 0; i < count; i++)
		if (is_pattern(names[i].pattern))
			look_at_all(&names[i], names, count);
	return 0;
}

/* Quoted, because a leading '-' is an option; '[@' would be an alias of tags. */
void catch2_put_pattern(FILE *to, const char *pattern)
{
	fputc('"', to);
	for (; *pattern; pattern++) {
		if (strchr("\\\",[@", *pattern))
			fputc('\\', to);
		fputc(*pattern, to);
	}
	fputc('"', to);
}
