/* SPDX-License-Identifier: MIT */
/*
 * junit_file.h: a file that is well-formed all the while, and put in order at the end
 *
 * It grows by pieces: the same write(2) that adds one also closes the elements that are open. At
 * the end the whole is written to another file, which takes its place (replace.h). What is no file,
 * a pipe say, gets the whole at the end; until then the pieces are in a file without a name.
 */
#ifndef CLOCHE_JUNIT_FILE_H
#define CLOCHE_JUNIT_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* What is open after each piece. */
#define END_OF_SUITE "</testsuite>\n"
#define END_OF_ALL   "</testsuites>\n"

struct junit_file {
	int fd;        /* where the report goes; with a path also where the pieces are */
	char *path;    /* of a file that is replaced at the end, or NULL */
	int pieces_fd; /* to read them back */
	off_t end;     /* of the pieces */
	bool broken;   /* a piece could not be written */
};

/* `fd` is owned from here on, `name` (or NULL) is what it was opened by. 0 or -errno. */
int junit_file_open(struct junit_file *file, int fd, const char *name);

/* 0 or -errno; before it, file->end tells where the piece will be. */
int junit_file_add(struct junit_file *file, const char *text, size_t size);
int junit_file_read(const struct junit_file *file, char *text, size_t size, off_t at);

/* Let `print` write the whole, and close everything. 0 or -errno. */
int junit_file_finish(struct junit_file *file, int (*print)(void *context, FILE *out),
		      void *context);

#endif
