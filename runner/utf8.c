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

static bool is_plain(unsigned char byte)
{
	return byte == '\n' || byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

void utf8_for_terminal(FILE *out, const char *bytes, size_t size, bool color)
{
	while (size) {
		size_t length = utf8_length(bytes, size), sequence = color_length(bytes, size);

		if (sequence) {
			length = sequence;
			if (color)
				fwrite(bytes, 1, length, out);
		} else if (length > 1 || (length && is_plain(*bytes))) {
			/* U+0080 to U+009F are control characters too. */
			if (length == 2 && (unsigned char)bytes[0] == 0xc2 &&
			    (unsigned char)bytes[1] < 0xa0)
				fprintf(out, "\\x%02x\\x%02x", 0xc2, (unsigned char)bytes[1]);
			else
				fwrite(bytes, 1, length, out);
		} else if (length && *bytes == '\r' && size > 1 && bytes[1] == '\n') {
			/* a terminal's line end */
		} else {
			length = 1;
			fprintf(out, "\\x%02x", (unsigned char)*bytes);
		}
		bytes += length;
		size -= length;
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
