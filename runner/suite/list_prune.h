/* SPDX-License-Identifier: MIT */
/*
 * list_prune.h: remembered lists that nobody will ask for again
 *
 * A list goes when its program is gone, and when it was not used for 30 days.
 */
#ifndef CLOCHE_LIST_PRUNE_H
#define CLOCHE_LIST_PRUNE_H

struct stat;

/* The file of a list was read: its time of change says so, to the day. */
void list_used(int fd, const struct stat *status);

/*
 * The list at `path` was written. Looked at are those of its sixteenth, the files whose names begin
 * with the same digit: who writes few lists pays little, and who writes many prunes all of them.
 */
void list_prune(const char *path);

#endif
