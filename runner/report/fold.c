/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "fold.h"
#include "utf8.h"

static bool is_true(const char *variable)
{
	const char *value = getenv(variable);

	return value && !strcmp(value, "true");
}

bool fold_is_github(void)
{
	return is_true("GITHUB_ACTIONS");
}

struct fold fold_here(void)
{
	struct fold fold = {.kind = fold_is_github()       ? FOLD_GITHUB
				    : is_true("GITLAB_CI") ? FOLD_GITLAB
							   : FOLD_NONE};

	if (fold.kind == FOLD_GITHUB &&
	    getrandom(&fold.word, sizeof(fold.word), 0) != sizeof(fold.word))
		fold.kind = FOLD_NONE;
	return fold;
}

static void gitlab(const struct fold *fold, FILE *out, const char *what, const char *flags)
{
	fprintf(out, "\033[0Ksection_%s:%lld:cloche_%u%s\r\033[0K", what, (long long)time(NULL),
		fold->count, flags);
}

void fold_begin(struct fold *fold, FILE *out, const char *title)
{
	fold->count++;
	if (fold->kind == FOLD_GITHUB)
		fputs("::group::", out);
	else if (fold->kind == FOLD_GITLAB)
		gitlab(fold, out, "start", "[collapsed=true]");
	else
		return;
	utf8_in_line(out, title);
	fputc('\n', out);
	if (fold->kind == FOLD_GITHUB)
		fprintf(out, "::stop-commands::%016" PRIx64 "\n", fold->word);
}

void fold_end(struct fold *fold, FILE *out)
{
	if (fold->kind == FOLD_GITHUB)
		fprintf(out, "::%016" PRIx64 "::\n::endgroup::\n", fold->word);
	else if (fold->kind == FOLD_GITLAB) {
		gitlab(fold, out, "end", "");
		fputc('\n', out);
	}
}
