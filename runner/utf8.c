/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "utf8.h"

size_t utf8_length(const char *text, size_t size)
{
	const unsigned char *b = (const unsigned char *)text;
	unsigned char least = 0x80, most = 0xbf; /* of the second byte */
	size_t length;

	if (!size)
		return 0;
	if (b[0] < 0x80)
		return 1;
	length = b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;
	if (!length || size < length)
		return 0;
	if (b[0] == 0xe0)
		least = 0xa0;
	if (b[0] == 0xed)
		most = 0x9f;
	if (b[0] == 0xf0)
		least = 0x90;
	if (b[0] == 0xf4)
		most = 0x8f;
	if (b[1] < least || b[1] > most)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* ESC [ digits and semicolons m: its length, or 0. */
static size_t color_length(const char *bytes, size_t size)
{
	size_t at = 2;

	if (size < 3 || bytes[0] != '\033' || bytes[1] != '[')
		return 0;
	while (at < size && ((bytes[at] >= '0' && bytes[at] <= '9') || bytes[at] == ';'))
		at++;
	return at < size && bytes[at] == 'm' ? at + 1 : 0;
}

/*
 * Characters that act on what is around them, or are none: control characters (C0 but newline and
 * tab, DEL, C1), line and paragraph separators, what turns the direction of writing around, the
 * byte order mark, noncharacters. YAML does not take most of them either.
 */
static bool is_plain(const unsigned char *b, size_t length)
{
	if (length == 1)
		return *b == '\n' || *b == '\t' || (*b >= 0x20 && *b != 0x7f);
	if (length == 2)
		return b[0] != 0xc2 || b[1] >= 0xa0; /* U+0080 to U+009F */
	if (length == 4)
		return true;
	if (b[0] == 0xe2 && b[1] == 0x80)
		return b[2] < 0xa8 || b[2] > 0xae; /* U+2028 to U+202E */
	if (b[0] == 0xe2 && b[1] == 0x81)
		return b[2] < 0xa6 || b[2] > 0xa9; /* U+2066 to U+2069 */
	if (b[0] == 0xef && b[1] == 0xbb)
		return b[2] != 0xbf;                        /* U+FEFF */
	return b[0] != 0xef || b[1] != 0xbf || b[2] < 0xbe; /* U+FFFE, U+FFFF */
}

static void print_bytes(FILE *out, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		fprintf(out, "\\x%02x", (unsigned char)bytes[i]);
}

/* ESC [ m, or ESC [ 0 m */
static bool ends_colors(const char *sequence, size_t length)
{
	return length == 3 || (length == 4 && sequence[2] == '0');
}

/* Of which most texts are. */
static bool is_usual(char byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

/* How many bytes of it can be shown as they are. */
static size_t plain(const char *bytes, size_t size)
{
	size_t at = 0;

	while (at < size) {
		size_t length = is_usual(bytes[at]) ? 1 : utf8_length(bytes + at, size - at);

		if (!length || !is_plain((const unsigned char *)bytes + at, length))
			break;
		at += length;
	}
	return at;
}

void utf8_for_terminal(FILE *out, const char *bytes, size_t size, bool color)
{
	bool painted = false;

	while (size) {
		size_t length = plain(bytes, size), sequence = color_length(bytes, size);

		if (length) {
			fwrite(bytes, 1, length, out);
			bytes += length;
			size -= length;
			continue;
		}
		length = utf8_length(bytes, size);
		if (sequence) {
			length = sequence;
			if (color)
				fwrite(bytes, 1, length, out);
			painted = color && !ends_colors(bytes, length);
		} else if (length && *bytes == '\r' && size > 1 && bytes[1] == '\n') {
			/* a terminal's line end */
		} else {
			length = length ? length : 1;
			print_bytes(out, bytes, length);
		}
		bytes += length;
		size -= length;
	}
	if (painted)
		fputs("\033[0m", out);
}

bool utf8_fits_line(const char *text)
{
	size_t size;

	while (is_usual(*text))
		text++;
	size = strcspn(text, "\n\t");
	return !text[size] && plain(text, size) == size;
}

void utf8_in_line(FILE *out, const char *text)
{
	while (*text) {
		size_t size = strcspn(text, "\n\t");

		utf8_for_terminal(out, text, size, false);
		text += size;
		if (!*text)
			break;
		fputc(' ', out);
		text++;
	}
}

bool utf8_repair(FILE *out, const char *bytes, size_t size)
{
	bool repaired = false;

	while (size) {
		size_t length = utf8_length(bytes, size);

		if (length) {
			fwrite(bytes, 1, length, out);
		} else {
			fputs("\xef\xbf\xbd", out);
			repaired = true;
			length = 1;
		}
		bytes += length;
		size -= length;
	}
	return repaired;
}

/* The byte that U+10FF80 to U+10FFFF stand for, or 0. */
static unsigned char escaped_byte(const char *text, size_t size)
{
	const unsigned char *b = (const unsigned char *)text;

	if (size < 4 || b[0] != 0xf4 || b[1] != 0x8f || b[2] < 0xbe || b[2] > 0xbf)
		return 0;
	return (b[2] & 1) << 6 | (b[3] & 0x3f) | 0x80;
}

bool utf8_escape(FILE *out, const char *bytes, size_t size)
{
	bool broken = false;

	while (size) {
		size_t length = utf8_length(bytes, size), escapes = length ? length : 1;

		broken |= !length;
		if (length && !escaped_byte(bytes, size)) {
			fwrite(bytes, 1, length, out);
			escapes = 0;
		}
		for (size_t i = 0; i < escapes; i++) {
			unsigned char byte = bytes[i];

			fwrite("\xf4\x8f", 1, 2, out);
			fputc(0xbe | (byte >> 6 & 1), out);
			fputc(0x80 | (byte & 0x3f), out);
		}
		bytes += length ? length : 1;
		size -= length ? length : 1;
	}
	return broken;
}

size_t utf8_unescape(char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < size;) {
		unsigned char byte = escaped_byte(text + i, size - i);

		text[used++] = byte ? (char)byte : text[i];
		i += byte ? 4 : 1;
	}
	return used;
}
