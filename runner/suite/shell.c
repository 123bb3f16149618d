/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "suite/shell.h"

/* Copies what is between the quotes. Returns what follows the closing one, or NULL. */
static const char *take_quoted(const char *from, char **to)
{
	char quote = *from++;

	for (; *from && *from != quote; from++) {
		if (quote == '"' && *from == '\\' && from[1] && strchr("$`\"\\\n", from[1]))
			if (*++from == '\n')
				continue;
		*(*to)++ = *from;
	}
	return *from ? from + 1 : NULL;
}

ssize_t shell_words(const char *line, char *words)
{
	char *to = words;
	bool within = false;

	while (*line) {
		if (strchr(" \t\n\r", *line)) {
			if (within)
				*to++ = '\0';
			within = false;
			line++;
		} else if (*line == '#' && !within) {
			line += strcspn(line, "\n");
		} else if (*line == '\'' || *line == '"') {
			within = true;
			line = take_quoted(line, &to);
			if (!line)
				return -EINVAL;
		} else if (*line == '\\' && line[1] == '\n') {
			line += 2;
		} else {
			line += *line == '\\' && line[1];
			within = true;
			*to++ = *line++;
		}
	}
	if (within)
		*to++ = '\0';
	return to - words;
}
