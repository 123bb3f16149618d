/* SPDX-License-Identifier: MIT */
/*
 * GNOME's installed tests, https://wiki.gnome.org/Initiatives/GnomeGoals/InstalledTests
 *
 * A test is a key file, NAME.test, that says which command it is. They are run as
 * gnome-desktop-testing-runner(1) runs them, each in an empty directory; and because they may
 * expect a session, with a message bus of their own, where dbus-run-session(1) is there to start
 * one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "suite/candidate.h"
#include "suite/key_file.h"
#include "suite/kind.h"
#include "suite/shell.h"
#include "text.h"

#define ENDING    ".test"
#define INSTALLED "installed-tests"
#define GROUP     "Test"
#define EXCLUSIVE "session-exclusive"
#define SECONDS   "300" /* the runner's own */

static const char *const bus_starters[] = {"/usr/bin/dbus-run-session",
					   "/usr/local/bin/dbus-run-session", NULL};

struct gnome_case {
	const char *words; /* of the command, each with its NUL */
	size_t words_size;
	const char *bus; /* what starts one, or NULL */
};

static bool is_test(struct candidate *candidate)
{
	size_t size;
	const char *text;

	if (!candidate_ends(candidate, ENDING))
		return false;
	text = (const char *)candidate_bytes(candidate, &size);
	return text && key_file_has(text, size, GROUP, "Exec");
}

static int compare_names(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Returns 0 when no call of `see` returned anything else, which ends the walk. */
static int each_test(const char *directory, int (*see)(void *state, const char *path), void *state)
{
	char *paths[] = {(char *)directory, NULL};
	FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, compare_names);
	int result = 0;

	for (FTSENT *entry; !result && tree && (entry = fts_read(tree));) {
		size_t size = strlen(entry->fts_name);

		if (entry->fts_info == FTS_F && size > strlen(ENDING) &&
		    !strcmp(entry->fts_name + size - strlen(ENDING), ENDING))
			result = see(state, entry->fts_path);
	}
	if (tree)
		fts_close(tree);
	return result;
}

/* A directory of nothing but these: what else is in it would not be run. */
static bool is_directory_of_tests(const char *path)
{
	char *paths[] = {(char *)path, NULL};
	FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	bool found = false, other = false;

	for (FTSENT *entry; !other && tree && (entry = fts_read(tree));) {
		struct candidate candidate;

		if (entry->fts_info != FTS_F)
			continue;
		candidate_look(&candidate, entry->fts_path);
		if (is_test(&candidate))
			found = true;
		else
			other = true;
		candidate_end(&candidate);
	}
	if (tree)
		fts_close(tree);
	return found && !other;
}

static bool gnome_recognise(struct candidate *candidate)
{
	if (!candidate->directory)
		return is_test(candidate);
	return strstr(candidate->path, INSTALLED) && is_directory_of_tests(candidate->path);
}

/* As the runner tells them: below the last directory of that name. */
static const char *name_of(const struct suite *suite, const char *path)
{
	const char *name = NULL;
	size_t size = strlen(suite->path);

	for (const char *at = path; (at = strstr(at, "/" INSTALLED "/")); at++)
		name = at + strlen("/" INSTALLED "/");
	if (name)
		return name;
	if (!strncmp(path, suite->path, size) && path[size] == '/')
		return path + size + 1;
	return strrchr(path, '/') + 1;
}

static const char *find_bus(void)
{
	for (const char *const *path = bus_starters; *path; path++)
		if (!access(*path, X_OK))
			return *path;
	return NULL;
}

struct gathering {
	const struct suite *suite;
	struct list *list;
	const char *bus;
};

static void add_variables(struct gathering *gathering, struct suite_case *item, char *list)
{
	char *variable;

	while ((variable = key_file_next(&list)))
		if (strchr(variable, '='))
			list_world(gathering->list, item, "env", variable);
}

/* Its command. Returns 0, or -EBADMSG. */
static int take_words(struct gathering *gathering, const char *path, char *exec,
		      struct gnome_case *test)
{
	ssize_t size;
	char *words;

	if (!exec)
		return list_fail(gathering->list, "'%s' has no Exec= in [Test]", path);
	key_file_unescape(exec);
	words = list_alloc(gathering->list, strlen(exec) + 1);
	size = shell_words(exec, words);
	if (size <= 0)
		return list_fail(gathering->list, "the Exec= of '%s' %s", path,
				 size ? "has a quote that is not closed" : "is empty");
	*test = (struct gnome_case){words, size, gathering->bus};
	return 0;
}

static int add_test(struct gathering *gathering, const char *path, const char *text, size_t size)
{
	struct list *list = gathering->list;
	memory_free char *exec = key_file_get(text, size, GROUP, "Exec"),
			 *type = key_file_get(text, size, GROUP, "Type"),
			 *variables = key_file_get(text, size, GROUP, "TestEnvironment");
	struct gnome_case *test = list_alloc(list, sizeof(*test));
	struct suite_case *item;
	int result = take_words(gathering, path, exec, test);

	if (result < 0)
		return result;
	if (type && strcmp(type, "session") && strcmp(type, EXCLUSIVE))
		return list_fail(list,
				 "'%s' is of the type '%s', and there are only session "
				 "and " EXCLUSIVE,
				 path, type);
	item = list_add(list, name_of(gathering->suite, path));
	if (!item)
		return -ENOMEM;
	item->detail = test;
	item->file = list_text(list, path, strlen(path));
	list_world(list, item, "timeout", SECONDS);
	if (type && !strcmp(type, EXCLUSIVE))
		list_lock(list, item, NULL, EXCLUSIVE);
	if (variables)
		add_variables(gathering, item, variables);
	return 0;
}

static int read_test(void *state, const char *path)
{
	struct gathering *gathering = state;
	struct candidate candidate;
	size_t size;
	const char *text;
	int result;

	candidate_look(&candidate, path);
	text = (const char *)candidate_bytes(&candidate, &size);
	result = text ? add_test(gathering, path, text, size)
		      : list_fail(gathering->list, "'%s' cannot be read, or is empty", path);
	candidate_end(&candidate);
	return result;
}

static int gnome_list(const struct suite *suite, const struct said *said, struct list *list)
{
	struct gathering gathering = {suite, list, find_bus()};
	struct stat status;
	int result;

	(void)said;
	if (!gathering.bus)
		list_message(list, "its tests get no message bus of their own, for there is no "
				   "dbus-run-session; install dbus");
	if (stat(suite->path, &status))
		return list_fail(list, "it is not there any more");
	result = S_ISDIR(status.st_mode) ? each_test(suite->path, read_test, &gathering)
					 : read_test(&gathering, suite->path);
	if (!result && !suite->case_count)
		result = list_fail(list, "there is no file NAME" ENDING " in it");
	return result;
}

static void gnome_command(const struct suite *suite, const struct suite_case *item,
			  struct command_line *command)
{
	const struct gnome_case *test = item->detail;

	(void)suite;
	if (test->bus) {
		command_add(command, test->bus);
		command_add(command, "--");
	}
	command_in_empty_directory(command);
	for (size_t at = 0; at < test->words_size; at += strlen(test->words + at) + 1)
		command_add(command, test->words + at);
}

/* What started the bus says with its own status of what signal the test died. */
static void gnome_judge(const struct said *said, struct judging *judging)
{
	const struct gnome_case *test = said->item->detail;
	int status = WIFEXITED(said->wait_status) ? WEXITSTATUS(said->wait_status) : 0;
	char reason[PATH_MAX + 128], name[TEXT_SIGNAL_ROOM];

	if (status == 127 && test->words[0] == '/' && access(test->words, X_OK)) {
		snprintf(reason, sizeof(reason),
			 "'%s', which it runs, cannot be executed: %s; is all of it installed?",
			 test->words, strerror(errno));
		judging_verdict(judging, VERDICT_ERROR, reason);
	} else if (test->bus && status > 128 && status < 128 + 65) {
		snprintf(reason, sizeof(reason), "killed by %s", text_signal(status - 128, name));
		judging_verdict(judging, VERDICT_CRASH, reason);
	}
}

const struct kind kind_gnome = {
	.name = "gnome",
	.title = "GNOME's installed tests",
	.order = ORDER_DIRECTORY,
	.directories = true,
	.tap = true,
	.recognise = gnome_recognise,
	.list = gnome_list,
	.command = gnome_command,
	.judge = gnome_judge,
};
