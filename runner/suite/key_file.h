/* SPDX-License-Identifier: MIT */
/*
 * key_file.h: groups of keys and values, as GLib and desktop files have them. Pure.
 */
#ifndef CLOCHE_KEY_FILE_H
#define CLOCHE_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>

bool key_file_has(const char *text, size_t size, const char *group, const char *key);

/* The value as it is written, allocated; NULL: there is none, or no memory. */
char *key_file_get(const char *text, size_t size, const char *group, const char *key);

/* What its escapes mean, in its place. */
void key_file_unescape(char *value);

/* The next item of a value that is a list, which is changed; NULL at its end. */
char *key_file_next(char **list);

#endif
