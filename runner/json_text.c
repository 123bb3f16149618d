/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "utf8.h"

json_t *json_text(const char *bytes, size_t size)
{
	char *safe = NULL;
	size_t safe_size = 0;
	json_t *string = json_stringn(bytes, size);
	FILE *stream;

	if (string) /* which it is only of UTF-8 */
		return string;
	stream = open_memstream(&safe, &safe_size);
	if (!stream)
		return json_null();
	utf8_repair(stream, bytes, size);
	fclose(stream);
	string = json_stringn(safe, safe_size);
	free(safe);
	return string ? string : json_null();
}

json_t *json_text_of(const char *text)
{
	return text ? json_text(text, strlen(text)) : json_null();
}
