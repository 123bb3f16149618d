/* SPDX-License-Identifier: MIT */
/*
 * json_writer.h: JSON, written into memory as it is said
 *
 * For what is told of every case: to build an object of jansson's and to print it takes eight times
 * the instructions. A writer begins as {0}. What is put into an object has a key, which is a word
 * and needs no escapes; in an array, and for a value of its own, the key is NULL. Commas come by
 * themselves. Several lines may follow one another, each with its json_put_line_end().
 */
#ifndef CLOCHE_JSON_WRITER_H
#define CLOCHE_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
	char *bytes;
	size_t size, room;
	bool exact;  /* texts with every byte, see utf8_escape(); else what is no UTF-8 is U+FFFD */
	bool failed; /* without memory: nothing is added any more, and what is there is no JSON */
};

void json_put_begin(struct json_writer *to, const char *key, char bracket); /* '{' or '[' */
void json_put_end(struct json_writer *to, char bracket);                    /* '}' or ']' */
void json_put_line_end(struct json_writer *to);

void json_put_null(struct json_writer *to, const char *key);
void json_put_bool(struct json_writer *to, const char *key, bool value);
void json_put_number(struct json_writer *to, const char *key, int64_t value);
/* To the microsecond, which is more than anything here is measured to; with a point in it. */
void json_put_seconds(struct json_writer *to, const char *key, double seconds);
/* Any bytes; true when some are no UTF-8. */
bool json_put_bytes(struct json_writer *to, const char *key, const char *bytes, size_t size);
/* The same of a string; null for NULL. */
void json_put_text(struct json_writer *to, const char *key, const char *text);

/* Begin anew; much memory is given back. */
void json_writer_empty(struct json_writer *writer);
void json_writer_free(struct json_writer *writer);

#endif
