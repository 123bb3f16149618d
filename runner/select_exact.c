/* SPDX-License-Identifier: MIT */
/*
 * --exact names cases that are known to exist: of one that does not, nothing is run and the nearest
 * one is told.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "matrix.h"
#include "nearest.h"
#include "select.h"

/* Call for each case with its name, and with "suite::name"; until it returns false. */
typedef bool each_call(void *context, const char *name, bool full);

static bool each_of(const struct suite *suite, const struct suite_case *cases, size_t count,
		    each_call *call, void *context)
{
	char full[8192];

	for (size_t c = 0; c < count; c++) {
		snprintf(full, sizeof(full), "%s::%s", suite->shown, cases[c].name);
		if (!call(context, cases[c].name, false) || !call(context, full, true))
			return false;
	}
	return true;
}

/* A case of a matrix is there as well as its points: its name means all of them. */
static void each_name(const struct suites *suites, each_call *call, void *context)
{
	bool more = true;

	for (size_t s = 0; s < suites->count && more; s++) {
		const struct suite *suite = suites->list[s];

		more = each_of(suite, suite->listed, suite->listed_count, call, context) &&
		       each_of(suite, suite->cases, suite->case_count, call, context);
	}
}

struct search {
	const struct text_list *exacts;
	bool *found;
	size_t left;
};

static bool mark(void *context, const char *text, bool full)
{
	struct search *search = context;
	long at = filter_find_exact(search->exacts->items, search->exacts->count, text);

	(void)full;
	if (at >= 0 && !search->found[at]) {
		search->found[at] = true;
		search->left--;
	}
	return search->left > 0;
}

struct guess {
	struct nearest nearest;
	char *text; /* the nearest so far: a full name does not last */
};

/* "build/t_net::opens" ends in "t_net::opens". */
static bool is_end(const char *text, const char *word)
{
	size_t size = strlen(text), word_size = strlen(word);

	return size > word_size && text[size - word_size - 1] == '/' &&
	       !strcmp(text + size - word_size, word);
}

static bool offer(void *context, const char *text, bool full)
{
	struct guess *guess = context;
	const char *before = guess->nearest.found;

	if (full != (strstr(guess->nearest.word, "::") != NULL))
		return true;
	if (is_end(text, guess->nearest.word)) { /* its path was left out */
		guess->nearest.found = text;
		guess->nearest.distance = 0;
	}
	nearest_offer(&guess->nearest, text);
	if (guess->nearest.found != before) {
		free(guess->text);
		guess->nearest.found = guess->text = strdup(text);
	}
	return true;
}

struct single {
	const char *name;
	size_t size;
	bool found;
};

static bool is_it(void *context, const char *text, bool full)
{
	struct single *single = context;

	(void)full;
	single->found = strlen(text) == single->size && !memcmp(text, single->name, single->size);
	return !single->found;
}

/* The flag without which there is a case, and not the point of it that this is. */
static const char *lacking_flag(const struct suites *suites, const char *name)
{
	struct single single = {.name = name};
	const char *flag = matrix_flag_of(name, &single.size);
	bool more = flag != NULL;

	for (size_t s = 0; s < suites->count && more; s++)
		more = each_of(suites->list[s], suites->list[s]->cases, suites->list[s]->case_count,
			       is_it, &single);
	return single.found ? flag : NULL;
}

static int tell_missing(const struct suites *suites, const char *name)
{
	struct guess guess = {.nearest = {.word = name}};
	const char *flag = lacking_flag(suites, name);
	int result = EXIT_NOTHING_TO_RUN;

	each_name(suites, offer, &guess);
	if (flag)
		complain(result, "there is no case '%s' without --%s; add it", name, flag);
	else if (strpbrk(name, "*?["))
		complain(result, "there is no case '%s'; for a pattern, use --name", name);
	else if (guess.text)
		complain(result, "there is no case '%s'; did you mean '%s'?", name, guess.text);
	else
		complain(result, "there is no case '%s'; 'cloche list' shows their names", name);
	free(guess.text);
	return result;
}

int select_exact(const struct selection *selection)
{
	const struct text_list *exacts = &selection->flags->exacts;
	bool *found = calloc(exacts->count + 1, sizeof(*found));
	struct search search = {.exacts = exacts, .found = found, .left = exacts->count};
	const char *missing = NULL;

	if (!found)
		return select_no_memory();
	if (exacts->count)
		each_name(selection->suites, mark, &search);
	for (size_t i = 0; i < exacts->count && !missing; i++)
		missing = found[i] ? NULL : exacts->items[i];
	free(found);
	return missing ? tell_missing(selection->suites, missing) : 0;
}
