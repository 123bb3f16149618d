/* SPDX-License-Identifier: MIT */
/* json_text.h: JSON strings of any bytes: what is no UTF-8 becomes U+FFFD. */
#ifndef CLOCHE_JSON_TEXT_H
#define CLOCHE_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>

/* Never NULL: without memory it is null. *ret_replaced (or NULL) becomes true when anything was. */
json_t *json_text(const char *bytes, size_t size, bool *ret_replaced);

/* From now on with every byte, see utf8_escape(); or as above again. */
void json_text_exact(bool wanted);

/* The same of a string; null for NULL. */
json_t *json_text_of(const char *text);

#endif
