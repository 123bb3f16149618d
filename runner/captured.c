/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "captured.h"
#include "utf8.h"

void captured_init(struct captured *captured, size_t limit)
{
	*captured = (struct captured){.half = limit / 2 ? limit / 2 : 1};
}

/* Make room for `wanted` bytes, at most `half`; false when memory is out. */
static bool grow(char **block, size_t *room, size_t wanted, size_t half)
{
	size_t size = *room ? *room : 1024;
	char *grown;

	if (wanted <= *room)
		return true;
	while (size < wanted)
		size *= 2;
	if (size > half)
		size = half;
	grown = realloc(*block, size);
	if (!grown)
		return false;
	*block = grown;
	*room = size;
	return true;
}

static size_t feed_head(struct captured *c, const char *bytes, size_t size)
{
	size_t take = c->half - c->head_size;

	take = take < size ? take : size;
	if (!take || c->tail_size || !grow(&c->head, &c->head_room, c->head_size + take, c->half))
		return 0;
	memcpy(c->head + c->head_size, bytes, take);
	c->head_size += take;
	return take;
}

/* The tail is a ring once it is full: tail_at is its oldest byte, and where the next one goes. */
static void feed_tail(struct captured *c, const char *bytes, size_t size)
{
	size_t fresh;

	if (size > c->half) {
		bytes += size - c->half;
		size = c->half;
	}
	fresh = c->half - c->tail_size;
	fresh = fresh < size ? fresh : size;
	if (fresh && !grow(&c->tail, &c->tail_room, c->tail_size + fresh, c->half))
		return;
	memcpy(c->tail + c->tail_size, bytes, fresh);
	c->tail_size += fresh;
	bytes += fresh;
	size -= fresh;
	while (size) {
		size_t run = c->half - c->tail_at;

		run = run < size ? run : size;
		memcpy(c->tail + c->tail_at, bytes, run);
		c->tail_at = (c->tail_at + run) % c->half;
		bytes += run;
		size -= run;
	}
}

void captured_feed(struct captured *c, const void *bytes, size_t size)
{
	size_t taken = feed_head(c, bytes, size);

	c->total += size;
	if (taken < size)
		feed_tail(c, (const char *)bytes + taken, size - taken);
}

static void reverse(char *bytes, size_t size)
{
	for (size_t i = 0; i < size / 2; i++) {
		char byte = bytes[i];

		bytes[i] = bytes[size - 1 - i];
		bytes[size - 1 - i] = byte;
	}
}

/* The tail's oldest byte becomes its first. In place: turn both parts around, then the whole. */
static void straighten(struct captured *c)
{
	if (c->tail_at) {
		reverse(c->tail, c->tail_at);
		reverse(c->tail + c->tail_at, c->tail_size - c->tail_at);
		reverse(c->tail, c->tail_size);
	}
	c->tail_at = 0;
}

/* Nothing was lost between the two: one text, in which no character is in two pieces. */
static void join(struct captured *c)
{
	size_t whole = c->head_size + c->tail_size;

	if (!c->tail_size || !grow(&c->head, &c->head_room, whole, whole))
		return;
	memcpy(c->head + c->head_size, c->tail, c->tail_size);
	c->head_size = whole;
	c->tail_size = 0;
}

static bool is_inside_character(char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* What the cut left of a character on either side goes as well: it is not the test's mistake. */
static void trim(struct captured *c)
{
	size_t from = c->head_size, skip = 0;

	while (from && c->head_size - from < 3 && is_inside_character(c->head[from - 1]))
		from--;
	if (from && (unsigned char)c->head[from - 1] >= 0xc0 &&
	    !utf8_length(c->head + from - 1, c->head_size - from + 1))
		c->head_size = from - 1;
	while (skip < c->tail_size && skip < 3 && is_inside_character(c->tail[skip]))
		skip++;
	memmove(c->tail, c->tail + skip, c->tail_size - skip);
	c->tail_size -= skip;
}

void captured_finish(struct captured *c)
{
	straighten(c);
	if (c->total == c->head_size + c->tail_size)
		join(c);
	else if (c->tail_size)
		trim(c);
	c->cut = c->total - c->head_size - c->tail_size;
}

/* Also of nothing there is a copy. */
static char *copy_block(const char *block, size_t size)
{
	char *copy = calloc(1, size + 1);

	if (copy && size)
		memcpy(copy, block, size);
	return copy;
}

int captured_copy(const struct captured *c, struct captured *ret_copy)
{
	*ret_copy = *c;
	ret_copy->head = copy_block(c->head, c->head_size);
	ret_copy->tail = copy_block(c->tail, c->tail_size);
	ret_copy->head_room = c->head_size;
	ret_copy->tail_room = c->tail_size;
	if (!ret_copy->head || !ret_copy->tail) {
		captured_free(ret_copy);
		return -ENOMEM;
	}
	captured_finish(ret_copy);
	return 0;
}

void captured_free(struct captured *c)
{
	free(c->head);
	free(c->tail);
	*c = (struct captured){.half = c->half};
}
