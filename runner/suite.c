/* SPDX-License-Identifier: MIT */
/*
 * Suites: those that paths name, and what all of them have.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "flags.h"
#include "suite.h"
#include "suite/candidate.h"
#include "suite/template.h"

static bool is_about(const char *glob, const char *path)
{
	return !glob || !fnmatch(glob, path, 0) || !fnmatch(glob, basename(path), 0);
}

/* The last one that is about this path. `runs`: of those that say how a case is run. */
static const struct template *template_of(const struct suites *suites, const char *path, bool runs)
{
	for (size_t i = suites->template_count; i > 0; i--)
		if (is_about(suites->templates[i - 1].paths, path) &&
		    (!runs || suites->templates[i - 1].case_command))
			return &suites->templates[i - 1];
	return NULL;
}

static int add(struct suites *suites, const char *path, enum suite_kind is, const struct kind *kind,
	       bool given)
{
	struct suite *suite = calloc(1, sizeof(*suite));
	struct suite **grown = reallocarray(suites->list, suites->count + 1, sizeof(*grown));
	int result = suite && grown ? 0 : -ENOMEM;

	if (grown)
		suites->list = grown;
	if (!result && !realpath(path, suite->path))
		result = -errno;
	if (result < 0) {
		free(suite);
		return result;
	}
	while (!strncmp(path, "./", 2))
		path += 2 + strspn(path + 2, "/");
	suite->shown = strdup(path);
	suite->native = is == SUITE_NATIVE;
	suite->kind = suite->native ? NULL : kind ? kind : &kind_program;
	suite->kind_given = given;
	suite->template = suite->native ? NULL : template_of(suites, path, kind == &kind_template);
	suites->list[suites->count++] = suite;
	return suite->shown ? 0 : -ENOMEM;
}

/* The last --kind=KIND[=GLOB] that is about this path: what is said later wins. */
static const struct kind *given_kind(const struct suites *suites, const struct text_list *kinds,
				     const char *path)
{
	const struct kind *found = NULL;
	bool limited = false; /* to what is said to be of a template */
	char name[32];

	for (size_t i = 0; kinds && i < kinds->count; i++) {
		const char *glob = strchr(kinds->items[i], '=');

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(kinds->items[i], "="),
			 kinds->items[i]);
		if (is_about(glob ? glob + 1 : NULL, path))
			found = kind_find(name);
		limited |= !strcmp(name, kind_template.name);
	}
	if (!found && !limited && kinds && template_of(suites, path, true))
		return &kind_template;
	return found;
}

/* A file. Returns 1 when it is added, 0 with *ret_why when it is no suite, or -errno. */
static int add_file(struct suites *suites, const char *path, const struct kind *given, bool named,
		    const char **ret_why)
{
	struct candidate candidate;
	enum suite_kind is = suite_recognise(path, ret_why);
	const struct kind *kind = given;
	int result;

	if (is == SUITE_NATIVE && !given)
		return add(suites, path, is, NULL, false) < 0 ? -ENOMEM : 1;
	candidate_look(&candidate, path);
	candidate.named = named;
	if (!kind)
		kind = kind_recognise(&candidate);
	candidate_end(&candidate);
	if (is == SUITE_NOT && (!kind || (given == &kind_program && *ret_why)))
		return 0;
	result = add(suites, path, SUITE_FOREIGN, kind, given != NULL);
	return result < 0 ? result : 1;
}

static int compare_names(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Build systems keep programs of their own among their files. */
static bool is_foreign_ground(const FTSENT *entry)
{
	return entry->fts_level > 0 &&
	       (entry->fts_name[0] == '.' || !strcmp(entry->fts_name, "CMakeFiles") ||
		!strcmp(entry->fts_name, "node_modules"));
}

static int add_directory(struct suites *suites, const char *path, const struct text_list *kinds)
{
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, compare_names);
	const char *why;
	int result = tree ? 0 : -errno;

	for (FTSENT *entry; result >= 0 && tree && (entry = fts_read(tree));) {
		if (entry->fts_info == FTS_D && is_foreign_ground(entry))
			fts_set(tree, entry, FTS_SKIP);
		if (entry->fts_info != FTS_F || entry->fts_name[0] == '.')
			continue;
		result = add_file(suites, entry->fts_path,
				  given_kind(suites, kinds, entry->fts_path), false, &why);
	}
	if (tree)
		fts_close(tree);
	return result < 0 ? result : 0;
}

/* Is a suite that is built with cloche.h anywhere below? */
static bool has_native(const char *path)
{
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, compare_names);
	bool found = false;
	const char *why;

	for (FTSENT *entry; tree && !found && (entry = fts_read(tree));) {
		if (entry->fts_info == FTS_D && is_foreign_ground(entry))
			fts_set(tree, entry, FTS_SKIP);
		found = entry->fts_info == FTS_F && entry->fts_name[0] != '.' &&
			suite_recognise(entry->fts_path, &why) == SUITE_NATIVE;
	}
	if (tree)
		fts_close(tree);
	return found;
}

/* Its native suites are what is meant: CTest, say, would run their cases with cloche anyway. */
static const struct kind *unless_native(const struct kind *kind, const char *path)
{
	if (!kind || !has_native(path))
		return kind;
	complain(0,
		 "%s is %s with suites that are built with cloche.h: it is searched for programs; "
		 "--kind=%s runs its tests instead",
		 path, kind->title, kind->name);
	return NULL;
}

/* A directory may be a suite by itself: a build tree, say. */
static int add_tree(struct suites *suites, const char *path, const struct text_list *kinds,
		    const struct kind *given, char *why, size_t size)
{
	struct candidate candidate;
	const struct kind *kind = given && given->directories ? given : NULL;
	size_t before = suites->count;
	int result;

	candidate_look(&candidate, path);
	if (!kind && !given)
		kind = unless_native(kind_recognise(&candidate), path);
	candidate_end(&candidate);
	if (kind)
		return add(suites, path, SUITE_FOREIGN, kind, given != NULL);
	result = add_directory(suites, path, kinds);
	if (!result && suites->count == before) {
		snprintf(why, size, "no suite is below '%s'; name a program, or build them first",
			 path);
		return -ENOENT;
	}
	return result;
}

int suites_add(struct suites *suites, const char *path, const struct text_list *kinds, char *why,
	       size_t size)
{
	const struct kind *given = given_kind(suites, kinds, path);
	const char *reason = "";
	struct stat status;
	int result;

	if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
		result = add_tree(suites, path, kinds, given, why, size);
		if (result == -ENOENT)
			return result;
	} else {
		result = add_file(suites, path, given, true, &reason);
		if (!result) {
			snprintf(why, size, "'%s' %s", path, reason);
			return -ENOEXEC;
		}
	}
	if (result < 0)
		snprintf(why, size, "cannot read '%s': %s", path, strerror(-result));
	return result < 0 ? result : 0;
}

int suites_add_native(struct suites *suites, const char *path, char *why, size_t size)
{
	int result = add(suites, path, SUITE_NATIVE, NULL, false);

	if (result < 0)
		snprintf(why, size, "cannot read '%s': %s", path, strerror(-result));
	return result;
}

/* The list of a native suite: name \0 file \0 line \0 world \0, one after the other. */
static int parse_list(struct suite *suite, size_t size, size_t count)
{
	const char *at = suite->list, *end = suite->list + size;
	const char *fields[4];

	suite->cases = calloc(count ? count : 1, sizeof(*suite->cases));
	if (!suite->cases)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		for (size_t field = 0; field < 4; field++, at += strlen(at) + 1) {
			if (at >= end)
				return -EBADMSG;
			fields[field] = at;
		}
		suite->cases[i] = (struct suite_case){
			.name = fields[0],
			.file = fields[1],
			.line = strtoul(fields[2], NULL, 10),
			.world = fields[3],
			.index = i,
		};
	}
	suite->case_count = count;
	return 0;
}

int suite_list(struct suite *suite, const struct session *session, struct zygote **foreign,
	       char *why, size_t size)
{
	size_t list_size, count;
	char *unused = NULL;
	int result = 0;

	if (suite->native) {
		result = zygote_start(suite->path, session, &suite->zygote, &suite->list,
				      &list_size, &count, why, size);
		if (result < 0)
			return result;
		suite->zygote->native = true;
		suite->zygote->users = 1;
		result = parse_list(suite, list_size, count);
		if (result < 0)
			snprintf(why, size,
				 "'%s' gave a list of cases that cannot be read; build it again",
				 suite->path);
		return result;
	}
	if (!foreign) /* they are not going to be run */
		return 0;
	if (!*foreign)
		result = zygote_start(session->self, session, foreign, &unused, &list_size, &count,
				      why, size);
	free(unused);
	if (result < 0)
		return result;
	suite->zygote = *foreign;
	suite->zygote->users++;
	return 0;
}

struct expression_subject suite_subject(const struct suite *suite, const struct suite_case *item)
{
	static const char key[] = "tags=";
	struct expression_subject subject = {.suite = suite->shown,
					     .name = item->name,
					     .listed = item->held ? suite_listed(suite, item)->name
								  : NULL,
					     .native = suite->native,
					     .kind = suite->native ? NULL : suite->kind->name};
	const char *line = item->world;

	/* an option a line, as world_format() writes them */
	while (*line && strncmp(line, key, sizeof(key) - 1))
		line += strcspn(line, "\n"), line += *line == '\n';
	if (*line) {
		subject.tags = line + sizeof(key) - 1;
		subject.tags_size = strcspn(subject.tags, "\n");
	}
	return subject;
}

int suite_start_bare(struct suite *suite, const struct session *session, char *why, size_t size)
{
	size_t list_size, count;
	char *list = NULL;
	int result = zygote_start(suite->path, session, &suite->bare, &list, &list_size, &count,
				  why, size);

	free(list);
	if (result < 0)
		return result;
	suite->bare->native = suite->bare->bare = true;
	return 0;
}

void suite_stop(struct suite *suite)
{
	if (suite->zygote && --suite->zygote->users == 0)
		zygote_stop(suite->zygote);
	zygote_stop(suite->bare);
	suite->zygote = suite->bare = NULL;
}
