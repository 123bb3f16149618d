/* SPDX-License-Identifier: MIT */
/*
 * python.h: what kinds have in common that are asked, and told, by a script in Python
 *
 * A script is given to python3 -c, and writes JSON lines to RESULT_PATH: {"name", "argument",
 * "number", "file", "line", "tags", "ignored"} for a case of a list, {"event", "text", "file",
 * "line", "when", "gist"} of a case that runs: start, failure, skip, xfail, xpass, end, or gone.
 */
#ifndef CLOCHE_PYTHON_H
#define CLOCHE_PYTHON_H

#include "suite/kind.h"

void python_list_command(const struct suite *suite, const char *script,
			 struct command_line *command);
int python_list(const struct suite *suite, const struct said *said, struct list *list);
void python_command(const struct suite *suite, const char *script, const struct suite_case *item,
		    struct command_line *command);
void python_judge(const struct said *said, struct judging *judging);

#endif
