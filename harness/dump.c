/* SPDX-License-Identifier: MIT */
/*
 * Memory, side by side: eight bytes of one, eight of the other, in hexadecimal and as characters.
 */
#include <string.h>

#include "diff.h"

#define ROW      8
#define ROWS_MAX 16

static bool row_differs(const unsigned char *a, const unsigned char *b, size_t size, size_t at)
{
	return memcmp(a + at, b + at, size - at < ROW ? size - at : ROW) != 0;
}

static void show_side(struct text *text, const unsigned char *data, size_t size, size_t at)
{
	char characters[ROW + 1] = "";

	for (size_t i = 0; i < ROW; i++) {
		unsigned char c = at + i < size ? data[at + i] : ' ';

		if (at + i < size)
			text_add(text, "%02x ", c);
		else
			text_add(text, "   ");
		characters[i] = c >= ' ' && c < 0x7F ? (char)c : '.';
	}
	text_add(text, " %s", characters);
}

static void show_row(struct text *text, const unsigned char *a, const unsigned char *b, size_t size,
		     size_t at)
{
	text_add(text, "\n%c %06zx  ", row_differs(a, b, size, at) ? '>' : ' ', at);
	show_side(text, a, size, at);
	text_add(text, "  |  ");
	show_side(text, b, size, at);
}

void diff_memory(struct text *text, const unsigned char *a, const unsigned char *b, size_t size)
{
	size_t first = size, differing = 0, rows = 0, last_shown = 0;

	for (size_t i = size; i-- > 0;)
		if (a[i] != b[i]) {
			first = i;
			differing++;
		}
	if (!differing) {
		text_add(text, "all %zu bytes are the same", size);
		return;
	}
	text_add(text, "%zu of %zu bytes differ, the first at byte %zu", differing, size, first);
	for (size_t at = first / ROW * ROW; at < size && rows < ROWS_MAX; at += ROW) {
		if (!row_differs(a, b, size, at))
			continue;
		if (at >= ROW && (!rows || last_shown < at - ROW))
			show_row(text, a, b, size,
				 at - ROW); /* one row before, to find one's way */
		show_row(text, a, b, size, at);
		last_shown = at;
		rows++;
	}
	for (size_t at = last_shown + ROW; at < size; at += ROW)
		if (row_differs(a, b, size, at)) {
			text_add(text, "\n  (further rows differ)");
			break;
		}
}
