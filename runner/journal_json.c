/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "journal_json.h"
#include "report/event_json.h"
#include "utf8.h"

json_t *journal_event(const char *line, size_t size)
{
	json_t *event = json_loadb(line, size, JSON_ALLOW_NUL, NULL);

	if (json_is_object(event) && field_number(event, "v") == EVENT_VERSION)
		return event;
	json_decref(event);
	return NULL;
}

/* The way back from utf8_escape() is done in the string itself, which only gets shorter. */
char *value_bytes(const json_t *string, size_t *ret_size)
{
	static char nothing[1];
	char *text = (char *)json_string_value(string); /* we own it: json_loadb() made it */

	*ret_size = 0;
	if (!text)
		return nothing;
	*ret_size = utf8_unescape(text, json_string_length(string));
	text[*ret_size] = '\0';
	return text;
}

char *field_bytes(const json_t *object, const char *key, size_t *ret_size)
{
	return value_bytes(json_object_get(object, key), ret_size);
}

const char *field_text(const json_t *object, const char *key)
{
	size_t size;

	return field_bytes(object, key, &size);
}

const char *field_optional(const json_t *object, const char *key)
{
	return json_is_string(json_object_get(object, key)) ? field_text(object, key) : NULL;
}

json_int_t field_number(const json_t *object, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(object, key));

	return number > 0 ? number : 0;
}

unsigned field_count(const json_t *object, const char *key)
{
	json_int_t number = field_number(object, key);

	return number < UINT_MAX ? number : UINT_MAX;
}

double field_seconds(const json_t *object, const char *key)
{
	double seconds = json_number_value(json_object_get(object, key));

	return seconds > 0 && seconds < 1e12 ? seconds : 0;
}

struct timespec field_moment(const json_t *object, const char *key)
{
	struct tm tm = {0};
	const char *text = field_text(object, key), *rest = strptime(text, JOURNAL_MOMENT, &tm);
	struct timespec moment = {0};

	if (!rest)
		return moment;
	moment.tv_sec = timegm(&tm);
	if (*rest == '.')
		moment.tv_nsec = strtol(rest + 1, NULL, 10) % 1000000000;
	return moment;
}

enum verdict journal_verdict(const char *name)
{
	for (enum verdict v = VERDICT_PASS; v < VERDICTS; v++)
		if (!strcmp(name, verdict_name(v)))
			return v;
	return 0;
}
