/* SPDX-License-Identifier: MIT */
/*
 * config.h: cloche.ini
 *
 * 1. config_parse() reads the text into sections and values, and refuses what is misspelt.
 * 2. config_choose() says which profile holds.
 * 3. config_to_flags() sets the flags of [run] and of the profile; the command line goes over them.
 * 4. config_before() is what the file says about all cases, below what each asks for itself.
 *
 * All of it is pure but config_load(), which finds the file and does 1 to 3.
 */
#ifndef CLOCHE_CONFIG_H
#define CLOCHE_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "flags.h"

#define CONFIG_NAME  "cloche.ini"
#define CONFIG_MAX   (1 << 20) /* bytes of a file */
#define PROFILES_MAX 16        /* that inherit from each other */

enum section_kind {
	SECTION_RUN,
	SECTION_PROFILE,
};

/* What a section may say besides flags. */
struct section_key {
	enum section_kind kind;
	const char *name, *arg, *doc;
	bool required;
};

size_t section_key_count(void);
const struct section_key *section_key_at(size_t index);

/* "run", "profile", ...; a kind that takes a name is "profile NAME" in the file. */
const char *section_word(enum section_kind kind);

struct config_value {
	const char *name, *text;
	unsigned line;
	bool own;       /* a section_key, not a flag */
	struct key key; /* the flag */
};

struct config_section {
	enum section_kind kind;
	const char *name; /* of a profile, an override; else "" */
	unsigned line;
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
};

/* Returns 0, or -EINVAL or -ENOMEM with a sentence that begins with the file and the line. */
int config_parse(struct config *config, const char *text, size_t text_size, char *why, size_t size);

/* `name` NULL or "": no profile. */
int config_choose(struct config *config, const char *name, char *why, size_t size);

int config_to_flags(const struct config *config, struct flags *flags, char *why, size_t size);

/* The value of a section's own key, or NULL. */
const char *section_value(const struct config_section *section, const char *name);

void config_before(const struct config *config, struct cloche_options *options);

/* Values and sections go; the texts live as long as the program. */
void config_free(struct config *config);

/*
 * config_load.c: find the file that the flags or the environment name, or the nearest one, and lay
 * the flags over it. Returns as config_parse().
 */
int config_load(struct config *config, struct flags *flags, int argc, char **argv, char *why,
		size_t size);

#endif
