/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "utf8.h"

json_t *json_text(const char *bytes, size_t size, bool *ret_replaced)
{
	char *safe = NULL;
	size_t safe_size = 0;
	FILE *stream = open_memstream(&safe, &safe_size);
	bool replaced;
	json_t *string;

	if (!stream)
		return json_null();
	replaced = utf8_repair(stream, bytes, size);
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
