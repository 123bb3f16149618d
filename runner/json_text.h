/* SPDX-License-Identifier: MIT */
/* json_text.h: JSON strings of any bytes: what is no UTF-8 becomes U+FFFD. */
#ifndef CLOCHE_JSON_TEXT_H
#define CLOCHE_JSON_TEXT_H

#include <jansson.h>

/* Never NULL: without memory it is null. */
json_t *json_text(const char *bytes, size_t size);

/* The same of a string; null for NULL. */
json_t *json_text_of(const char *text);

#endif
