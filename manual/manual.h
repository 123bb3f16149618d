/* SPDX-License-Identifier: MIT */
/*
 * manual.h: the man pages, written by a program of the build out of the program's own tables
 *
 * Pages are in mdoc(7). Everything that comes from elsewhere goes through put_text() or put_word(),
 * so that nothing in it is taken for a macro.
 */
#ifndef CLOCHE_MANUAL_H
#define CLOCHE_MANUAL_H

#include <stdio.h>

/* Open DIRECTORY/manSECTION/NAME.SECTION and begin it: title, name and what it is. */
FILE *manual_open(const char *directory, const char *name, int section, const char *what);
void manual_close(FILE *page);

/* The lines of a text as prose; it ends with the line. */
void put_text(FILE *page, const char *text);

/* The same for `size` bytes, and no newline at the end. */
void put_bytes(FILE *page, const char *text, size_t size);

/* One argument of a macro. */
void put_word(FILE *page, const char *word);

/* The pages. */
void write_commands(const char *directory);                 /* cloche(1), cloche-run(1), ... */
void write_ini(const char *directory);                      /* cloche.ini(5) */
void write_header(const char *directory, const char *path); /* cloche(3), of cloche.h */

/* "jobs" with its letter and argument, as the tag of a list. */
struct key;
void put_flag(FILE *page, const struct key *key);
void put_key_doc(FILE *page, const struct key *key);

#endif
