/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "suite/template.h"

enum quoting { BARE, SINGLE, DOUBLE };

/* A word of any text, in the middle of what is quoted so. */
static void put_quoted(FILE *to, const char *text, enum quoting quoting)
{
	if (quoting == BARE)
		fputc('\'', to);
	for (; *text; text++) {
		if (quoting == DOUBLE && strchr("\"\\$`", *text))
			fprintf(to, "\\%c", *text);
		else if (quoting != DOUBLE && *text == '\'')
			fputs("'\\''", to);
		else
			fputc(*text, to);
	}
	if (quoting == BARE)
		fputc('\'', to);
}

/* "{name}", and not the shell's "${name}". */
static bool is_at(const char *command, const char *at, const char *placeholder)
{
	return !strncmp(at, placeholder, strlen(placeholder)) && (at == command || at[-1] != '$');
}

bool template_has_name(const char *command)
{
	for (const char *at = command; (at = strstr(at, "{name}")); at++)
		if (is_at(command, at, "{name}"))
			return true;
	return false;
}

/* Which quotes hold behind this character, and whether it starts what is run within quotes. */
static enum quoting follow(enum quoting quoting, const char *at, bool *nested)
{
	if (quoting == DOUBLE && (*at == '`' || (*at == '$' && at[1] == '(')))
		*nested = true;
	if (*at == '\'' && quoting != DOUBLE)
		return quoting == BARE ? SINGLE : BARE;
	if (*at == '"' && quoting != SINGLE)
		return quoting == BARE ? DOUBLE : BARE;
	return quoting;
}

int template_expand(const char *command, const char *name, const char *suite, FILE *to, char *why,
		    size_t size)
{
	enum quoting quoting = BARE;
	bool nested = false;

	for (const char *at = command; *at; at++) {
		bool is_name = is_at(command, at, "{name}");

		if (is_name && !name) {
			snprintf(why, size, "a list has no {name}; {suite} is what it can have");
			return -EINVAL;
		}
		if ((is_name || is_at(command, at, "{suite}")) && nested) {
			snprintf(why, size,
				 "{%s} stands behind a command within double quotes, where it "
				 "cannot be quoted; put it into a variable before",
				 is_name ? "name" : "suite");
			return -EINVAL;
		}
		if (is_name || is_at(command, at, "{suite}")) {
			put_quoted(to, is_name ? name : suite, quoting);
			at = strchr(at, '}');
			continue;
		}
		fputc(*at, to);
		if (*at == '\\' && quoting != SINGLE && at[1]) {
			fputc(*++at, to);
			continue;
		}
		quoting = follow(quoting, at, &nested);
	}
	if (quoting == BARE)
		return 0;
	snprintf(why, size, "a quote is not closed in it");
	return -EINVAL;
}
