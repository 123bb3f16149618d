/* SPDX-License-Identifier: MIT */
/*
 * config_check.h: what is wrong with a cloche.ini, and whether its values are worth something
 *
 * config_parse.c takes the text apart and refuses what cannot be read; then config_check() looks
 * at each section as a whole. The first thing that is wrong is told.
 */
#ifndef CLOCHE_CONFIG_CHECK_H
#define CLOCHE_CONFIG_CHECK_H

#include "config.h"

#define HEADING_MAX 49 /* of a section, inih's own, less NUL */

struct config_check {
	struct config *config;
	char *why; /* the first thing that is wrong, when there is a result */
	size_t size;
	int result;
};

/* Both return 0, which is inih's "no". */
int config_refuse(struct config_check *check, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int config_no_memory(struct config_check *check);

/* "run", "profile ci": until the next call. */
const char *section_heading(const struct config_section *section);

void config_check(struct config_check *check);

#endif
