/* SPDX-License-Identifier: MIT */
/*
 * template.h: what the user says of suites that no kind knows
 *
 * Commands are pieces of sh(1). {name} in them is the case, {suite} the path of its suite, each
 * quoted for the place where it stands.
 */
#ifndef CLOCHE_TEMPLATE_H
#define CLOCHE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct template
{
	const char *paths; /* a GLOB of paths or names; NULL: all */
	const char *list_command, *case_command;
	const char *pass_regex, *fail_regex, *skip_regex;
};

/*
 * template_text.c, pure: write the command with both put in; `name` NULL: it may not be there.
 * Returns 0, or -EINVAL with what is wrong, and its cure, in `why`.
 */
int template_expand(const char *command, const char *name, const char *suite, FILE *to, char *why,
		    size_t size);
/* Is {name} in it? */
bool template_has_name(const char *command);

/* Is all of it well-formed? Returns 0, or -EINVAL as above. */
int template_check(const struct template *template, char *why, size_t size);

struct said;
struct judging;
/* What the regular expressions say of a case of which nothing worse is said. */
void template_judge(const struct template *template, const struct said *said,
		    struct judging *judging);

#endif
