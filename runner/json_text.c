/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "utf8.h"

static bool exact;

void json_text_exact(bool wanted)
{
	exact = wanted;
}

json_t *json_text(const char *bytes, size_t size, bool *ret_replaced)
{
	char *safe = NULL;
	size_t safe_size = 0;
	json_t *string = exact && size && memmem(bytes, size, "\xf4\x8f", 2)
				 ? NULL
				 : json_stringn(bytes, size);
	FILE *stream;
	bool replaced;

	if (string) /* which it is only of UTF-8 */
		return string;
	stream = open_memstream(&safe, &safe_size);
	if (!stream)
		return json_null();
	replaced = (exact ? utf8_escape : utf8_repair)(stream, bytes, size);
	fclose(stream);
	if (ret_replaced)
		*ret_replaced |= replaced;
	string = json_stringn(safe, safe_size);
	free(safe);
	return string ? string : json_null();
}

json_t *json_text_of(const char *text)
{
	return text ? json_text(text, strlen(text), NULL) : json_null();
}
