/* SPDX-License-Identifier: MIT */
/*
 * suite.h: what holds cases
 *
 * A native suite lists its cases itself, and its own program is their zygote. All foreign suites
 * share one zygote, which is cloche's own program; each is of a kind (suite/kind.h), which knows
 * how its cases are listed, run one by one, and judged.
 */
#ifndef CLOCHE_SUITE_H
#define CLOCHE_SUITE_H

#include <obstack.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cloche.h"
#include "expression.h"
#include "fixture.h"

/* Of the whole program, as the command line of this run sets them up. */
struct session {
	bool as_root; /* the machine's root, or of a namespace that has STAGE_BASE mapped */
	uid_t uid;
	gid_t gid;
	char cwd[PATH_MAX];
	char self[PATH_MAX];         /* this program's own file */
	char **environment;          /* the clean one */
	char coverage[64];           /* directory for coverage data while cells run, or "" */
	struct cloche_options under; /* world options of the configuration, below a case's own */
	struct config *config;       /* the file itself, for what it says of some cases only */
	struct cloche_options over;  /* those of the command line, above all */
	const char *shown;           /* paths that cells with other files show besides, each with
				      * its NUL; or NULL */
	size_t shown_size;
};

struct suite_case {
	const char *name, *file, *world; /* into suite->list, or allocated */
	unsigned line;
	uint32_t index;                /* as its suite lists it */
	unsigned held;                 /* matrix.h: what nothing changes, for the name tells it */
	bool ignored;                  /* its framework leaves it out unless it is asked for */
	const void *detail;            /* foreign: its kind's own */
	const struct case_lock *locks; /* foreign: suite/locks.h; or NULL */
	bool unlocked;                 /* they are moot */
};

struct kind;
struct template;

struct suite {
	char path[PATH_MAX]; /* absolute */
	char *shown;         /* as the user wrote it, without a leading "./" */
	bool native;
	const struct kind *kind;         /* foreign */
	bool kind_given;                 /* by the user, and not found out */
	const char *build_config;        /* foreign: of a build tree that has several; or NULL */
	const struct template *template; /* what the user says of it, or NULL */
	struct obstack memory;           /* foreign: of texts and details of the cases */
	bool has_memory;
	struct suite_case *cases;
	size_t case_count;
	struct suite_case *listed; /* matrix.h: as the suite itself has them; NULL: as `cases` */
	size_t listed_count;
	struct zygote *zygote;
	struct zygote *bare; /* of cases that want no cell; started when the first of them runs */
	size_t left;         /* cases of this run that are still to end; at 0 the zygote goes */
	char *list;          /* text that the cases' strings point into */
};

struct suites {
	struct suite **list;
	size_t count;
	struct template *templates; /* suite/template.h: what comes last counts */
	size_t template_count;
};

/* The other end of a zygote. */
struct zygote {
	pid_t pid;
	int requests, reports;
	bool native, bare, staged, sanitized, coverage, owners_lost, dead;
	struct failed_step failed; /* why it could not enter its namespaces */
	unsigned users;            /* suites that have it */
};

/* What a path is, without running it. */
enum suite_kind {
	SUITE_NATIVE = 1,
	SUITE_FOREIGN,
	SUITE_NOT, /* nothing that could be run */
};

/*
 * Returns the kind; SUITE_NOT with *ret_why for what cannot be executed: missing, not executable,
 * of another architecture.
 */
enum suite_kind suite_recognise(const char *path, const char **ret_why);

struct text_list;

/*
 * Add what `path` names: a suite, or every suite below a directory. `kinds`: what --kind says, or
 * NULL. Returns 0, or a negative errno with a sentence in `why`.
 */
int suites_add(struct suites *suites, const char *path, const struct text_list *kinds, char *why,
	       size_t size);

/* This program itself, wherever its cases were linked from. Likewise. */
int suites_add_native(struct suites *suites, const char *path, char *why, size_t size);

/* The zygote of the cases that want no cell, suite->bare. Returns 0, or -errno with a sentence. */
int suite_start_bare(struct suite *suite, const struct session *session, char *why, size_t size);
/* No case of this suite is left to end. */
void suite_stop(struct suite *suite);

/*
 * Start the zygote, which of a native suite gives its cases; those of foreign ones are listed
 * before (suite/listing.h). Returns 0, or -errno with a sentence in `why`.
 */
int suite_list(struct suite *suite, const struct session *session, struct zygote **foreign,
	       char *why, size_t size);

/* The case as its suite knows it, of which `item` may be a point, matrix.h. */
static inline const struct suite_case *suite_listed(const struct suite *suite,
						    const struct suite_case *item)
{
	return suite->listed ? &suite->listed[item->index] : item;
}

/* What a filter may ask of a case. Its texts are the suite's. */
struct expression_subject suite_subject(const struct suite *suite, const struct suite_case *item);

/* Start `program` as a zygote and receive its list (allocated) of *ret_count cases. */
int zygote_start(const char *program, const struct session *session, struct zygote **ret_zygote,
		 char **ret_list, size_t *ret_list_size, size_t *ret_count, char *why, size_t size);

/* Let it enter its namespaces. Returns 0, or -errno with *failed. */
int zygote_stage(struct zygote *zygote, const struct session *session, uint32_t flags,
		 char *directories, size_t directories_size, struct failed_step *failed);

void zygote_stop(struct zygote *zygote);

#endif
