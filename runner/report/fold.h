/* SPDX-License-Identifier: MIT */
/*
 * fold.h: long texts in the logs of CI services, which fold them when they are told where they are
 *
 * GitHub Actions knows "::group::", GitLab "section_start:". What a test prints must not be read as
 * such a command: with GitHub, commands are off within a fold, until a word that no test knows.
 */
#ifndef CLOCHE_FOLD_H
#define CLOCHE_FOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum fold_kind { FOLD_NONE, FOLD_GITHUB, FOLD_GITLAB };

struct fold {
	enum fold_kind kind;
	unsigned count;
	uint64_t word;
};

/* Of the service that we run in, by its environment variables. */
bool fold_is_github(void);
struct fold fold_here(void);

/* `title` becomes a line: what would break it is escaped. */
void fold_begin(struct fold *fold, FILE *out, const char *title);
void fold_end(struct fold *fold, FILE *out);

#endif
