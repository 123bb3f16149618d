/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "suite/candidate.h"
#include "suite/package.h"

#define DEPENDS_BYTES  65536
#define GO_TEST_ENDING "_test.go"

/* "DIRECTORY/NAME" is there. */
static bool holds(const char *directory, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", directory, name) < (int)sizeof(path) &&
	       !access(path, F_OK);
}

/* Cut the last name off. False: nothing would be left. */
static bool go_up(char *directory)
{
	char *slash = strrchr(directory, '/');

	if (!slash || slash == directory)
		return false;
	*slash = '\0';
	return true;
}

/* The first source in "DIRECTORY/NAME: SOURCE SOURCE...", where a space in a name is "\\ ". */
static bool first_source(const char *text, const char *name, char source[PATH_MAX])
{
	size_t size = strlen(name), used = 0;
	const char *at = strstr(text, name);

	while (at && strncmp(at + size, ": ", 2) != 0)
		at = strstr(at + 1, name);
	if (!at)
		return false;
	for (at += size + 2; *at && !strchr(" \n", *at) && used < PATH_MAX - 1; at++) {
		if (at[0] == '\\' && at[1] == ' ')
			at++;
		source[used++] = *at;
	}
	source[used] = '\0';
	return used > 0;
}

bool package_of_cargo(const char *path, char directory[PATH_MAX])
{
	char depends[PATH_MAX + 2], text[DEPENDS_BYTES], source[PATH_MAX];
	file_close FILE *file = NULL;
	size_t size, used;

	snprintf(depends, sizeof(depends), "%s.d", path);
	file = fopen(depends, "re");
	if (!file)
		return false;
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	if (!first_source(text, strrchr(path, '/'), source))
		return false;
	/* It is relative to the workspace, which is somewhere above the program. */
	snprintf(directory, PATH_MAX, "%s", path);
	if (source[0] == '/')
		snprintf(directory, PATH_MAX, "%s", source);
	else
		while (!holds(directory, source))
			if (!go_up(directory))
				return false;
	used = strlen(directory);
	if (source[0] != '/' &&
	    snprintf(directory + used, PATH_MAX - used, "/%s", source) >= (int)(PATH_MAX - used))
		return false;
	while (go_up(directory))
		if (holds(directory, "Cargo.toml"))
			return true;
	return false;
}

const char *package_go_source(const char **at, const char *end)
{
	static const char ending[] = GO_TEST_ENDING; /* with its NUL: names end with one */
	const char *start = *at, *found;

	while ((found = memmem(*at, end - *at, ending, sizeof(ending)))) {
		const char *name = found;

		*at = found + sizeof(ending);
		while (name > start && name[-1] && found - name < PATH_MAX)
			name--;
		if (*name == '/' && name > start && !name[-1])
			return name;
	}
	return NULL;
}

static bool has_go_tests(const char *path)
{
	DIR *directory = opendir(path);
	bool found = false;

	if (!directory)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(directory));) {
		size_t size = strlen(entry->d_name), ending = strlen(GO_TEST_ENDING);

		found = size > ending && !strcmp(entry->d_name + size - ending, GO_TEST_ENDING);
	}
	closedir(directory);
	return found;
}

bool package_of_go(const char *path, char directory[PATH_MAX])
{
	struct candidate candidate;
	const char *at, *end, *name;
	bool found = false;
	size_t size;

	candidate_look(&candidate, path);
	at = (const char *)candidate_bytes(&candidate, &size);
	end = at ? at + size : NULL;
	while (at && !found && (name = package_go_source(&at, end))) {
		snprintf(directory, PATH_MAX, "%s", name);
		found = !access(directory, F_OK) && go_up(directory);
	}
	candidate_end(&candidate);
	if (found)
		return true;
	snprintf(directory, PATH_MAX, "%s", path); /* built with -trimpath */
	return go_up(directory) && has_go_tests(directory);
}
