/* SPDX-License-Identifier: MIT */
/*
 * config.h: cloche.ini
 *
 * 1. config_parse() reads the text into sections and values, and refuses what is misspelt.
 * 2. config_choose() says which profile holds.
 * 3. config_to_flags() sets the flags of [run] and of the profile; the command line goes over them.
 * 4. config_before() is what the file says about a case below what it asks for itself, and
 *    config_setups() the variables of setups that have run; config_after() is what goes above.
 *
 * All of it is pure but config_load(), which finds the file and does 1 to 3.
 */
#ifndef CLOCHE_CONFIG_H
#define CLOCHE_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "flags.h"

#define CONFIG_NAME  "cloche.ini"
#define CONFIG_MAX   (1 << 20) /* bytes of a file */
#define PROFILES_MAX 16        /* that inherit from each other */

enum section_kind {
	SECTION_RUN,
	SECTION_PROFILE,
	SECTION_OVERRIDE, /* for some cases, and over what they ask for themselves */
	SECTION_GROUP,    /* how many of its cases run at once */
	SECTION_SUITES,   /* what suites are that no kind knows */
	SECTION_SETUP,    /* a program that runs once before the cases it is for */
};

/* What a section may say besides flags. */
struct section_key {
	enum section_kind kind;
	const char *name, *arg, *doc;
	bool required;
	enum option_type type; /* a text, or what else is to be checked of it */
};

size_t section_key_count(void);
const struct section_key *section_key_at(size_t index);

/* "run", "profile", ...; a kind that takes a name is "profile NAME" in the file. */
const char *section_word(enum section_kind kind);

struct config_value {
	const char *name;
	char *text;  /* as it is set: a path with its directory */
	bool absent; /* it names a variable that the caller has not */
	unsigned line;
	bool own;       /* a section_key, not a flag */
	struct key key; /* the flag */
};

struct config_section {
	enum section_kind kind;
	char *name; /* of a profile, an override; else "" */
	unsigned line;
	struct expression *filter; /* the cases it is for, or NULL */
	char *slots;               /* of a group: "NAME=N", as --group-slots takes it */
	char *variables;           /* of a setup that has run: "A=1\nB=2", or NULL */
	pid_t group;               /* its process group, whose leader is not yet waited for; or 0 */
	struct config_value *values;
	size_t count;
};

struct config {
	char shown[PATH_MAX];     /* for sentences: "cloche.ini" or the whole path */
	char directory[PATH_MAX]; /* of the file, "" where it is the working directory */
	struct config_section *sections;
	size_t count;
	/* those that hold for a run, each over the one before: [run], inherited profiles, the
	 * profile */
	const struct config_section *holding[PROFILES_MAX + 1];
	size_t holding_count;
	double timeout_multiplier; /* of setups; as the flag, 0 is 1 */
};

/* Returns 0, or -EINVAL or -ENOMEM with a sentence that begins with the file and the line. */
int config_parse(struct config *config, const char *text, size_t text_size, char *why, size_t size);

/* `name` NULL or "": no profile. */
int config_choose(struct config *config, const char *name, char *why, size_t size);

int config_to_flags(const struct config *config, struct flags *flags, char *why, size_t size);

/* The value of a section's own key, or NULL. */
const char *section_value(const struct config_section *section, const char *name);
/* That of a duration; leaves *ret_seconds when it is not given. */
void section_seconds(const struct config_section *section, const char *name, double *ret_seconds);
unsigned section_line(const struct config_section *section, const char *name);

/* Is this one of the profiles that hold? */
bool config_holds(const struct config *config, const char *profile);

/* Does this section, which has a filter, hold for the case? */
bool section_holds(const struct config *config, const struct config_section *section,
		   const struct expression_subject *subject);

void config_before(const struct config *config, struct cloche_options *options);
void config_setups(const struct config *config, const struct expression_subject *subject,
		   struct cloche_options *options);
void config_after(const struct config *config, const struct expression_subject *subject,
		  struct cloche_options *options);

/*
 * setup.c: run the setups that are for any of these jobs, one after the other, and keep what they
 * have to say to the cases. Returns 0, or the exit code, having said why on stderr.
 */
int setups_run(struct config *config, const struct suites *suites, const struct job *jobs,
	       size_t count);
/* End what they left running. */
void setups_end(struct config *config);

/*
 * setup_variables.c, pure: what a setup wrote to $CLOCHE_ENV, as an allocated list of lines.
 * Returns 0, or -EINVAL or -ENOMEM with a sentence that begins with the line.
 */
int setup_variables(const char *text, size_t text_size, char **ret_list, char *why, size_t size);

/* With all texts, which flags and options may have borrowed. */
void config_free(struct config *config);

/*
 * config_load.c: find the file that the flags or the environment name, or the nearest one, and lay
 * the flags over it. Returns as config_parse().
 */
int config_load(struct config *config, struct flags *flags, int argc, char **argv, char *why,
		size_t size);

#endif
