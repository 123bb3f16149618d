/* SPDX-License-Identifier: MIT */
/*
 * journal_json.h: values out of a line of JSON that may be anything
 *
 * Each gives 0, "" or an empty time where there is none, or where it is something else. The object
 * may be NULL. Texts have the bytes that the test wrote, see utf8_escape(); they live as long as
 * the object, and each is asked for once.
 */
#ifndef CLOCHE_JOURNAL_JSON_H
#define CLOCHE_JOURNAL_JSON_H

#include <jansson.h>
#include <time.h>

#include "event.h"

/* One line, as an object with a known version; or NULL. */
json_t *journal_event(const char *line, size_t size);

char *value_bytes(const json_t *string, size_t *ret_size);
char *field_bytes(const json_t *object, const char *key, size_t *ret_size);
const char *field_optional(const json_t *object, const char *key); /* NULL where there is none */
const char *field_text(const json_t *object, const char *key);
json_int_t field_number(const json_t *object, const char *key);
unsigned field_count(const json_t *object, const char *key);
double field_seconds(const json_t *object, const char *key);
struct timespec field_moment(const json_t *object, const char *key);
enum verdict journal_verdict(const char *name);

#endif
