/* SPDX-License-Identifier: MIT */
/*
 * pytest, https://docs.pytest.org: a directory with its configuration, or a file that is named
 *
 * pytest.py lists its cases, and runs one, as a plugin of pytest: what is printed is for people,
 * and differs with a project's addopts.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scripts.h"
#include "suite/candidate.h"
#include "suite/python.h"

/* PYTEST_ADDOPTS is not among them: options do not fight, whoever gives them. */
static const char *const scrubbed[] = {"PYTEST_XDIST_*", "PYTEST_CURRENT_TEST", NULL};

/* The files in which pytest looks for its options, and what they then have in them. */
static bool is_configured(struct candidate *candidate)
{
	static const struct {
		const char *name, *section; /* NULL: the file alone says it */
	} rows[] = {
		{"pytest.ini", NULL},    {".pytest.ini", NULL},
		{"conftest.py", NULL},   {"pyproject.toml", "[tool.pytest"},
		{"tox.ini", "[pytest]"}, {"setup.cfg", "[tool:pytest]"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct candidate file;
		char path[PATH_MAX];
		bool has;

		if (!candidate_holds(candidate, rows[i].name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", candidate->path, rows[i].name);
		candidate_look(&file, path);
		has = !rows[i].section || candidate_has(&file, rows[i].section);
		candidate_end(&file);
		if (has)
			return true;
	}
	return false;
}

static bool pytest_recognise(struct candidate *candidate)
{
	const char *slash = strrchr(candidate->path, '/');
	const char *name = slash ? slash + 1 : candidate->path;

	if (candidate->directory)
		return is_configured(candidate);
	return candidate->named && candidate_ends(candidate, ".py") &&
	       (!strncmp(name, "test_", 5) || candidate_ends(candidate, "_test.py"));
}

static void pytest_list_command(const struct suite *suite, struct command_line *command)
{
	python_list_command(suite, script_pytest, command);
}

static void pytest_command(const struct suite *suite, const struct suite_case *item,
			   struct command_line *command)
{
	python_command(suite, script_pytest, item, command);
}

const struct kind kind_pytest = {
	.name = "pytest",
	.title = "pytest",
	.order = ORDER_DIRECTORY,
	.wants_result = true,
	.directories = true,
	.scrubbed = scrubbed,
	.recognise = pytest_recognise,
	.list_command = pytest_list_command,
	.list = python_list,
	.command = pytest_command,
	.judge = python_judge,
};
