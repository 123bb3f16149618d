/* SPDX-License-Identifier: MIT */
/*
 * bats_file.h: the tests in a file of bats, as its own preprocessor finds them
 */
#ifndef CLOCHE_BATS_FILE_H
#define CLOCHE_BATS_FILE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "suite/lines.h"

#define BATS_TAGS_ROOM 1024

struct bats_file {
	struct lines lines;
	regex_t test, comment, tags;
	unsigned line;
	char *text; /* the line that was read last */
	size_t room;
	char file_tags[BATS_TAGS_ROOM];
};

struct bats_test {
	char *name; /* as it stands there, without the quotes around it; until the next one */
	unsigned line;
	char tags[2 * BATS_TAGS_ROOM]; /* "a,b" */
};

/* Returns 0 or -ENOMEM; either way bats_file_end() is called. */
int bats_file_begin(struct bats_file *file, const char *text, size_t size);
bool bats_file_next(struct bats_file *file, struct bats_test *ret_test);
void bats_file_end(struct bats_file *file);

/*
 * The name as bats prints it: what the shell makes of it in double quotes. With an expansion in it,
 * which only the shell knows, it stays as it is. `room` has as many bytes as the name, and a NUL.
 */
void bats_print_name(const char *name, char *room);

#endif
