/* SPDX-License-Identifier: MIT */
/*
 * What make said of each directory becomes its tests, and the shell command of each.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite/automake_tree.h"
#include "suite/lines.h"

#define VALUES_MAX 256 /* variables told of one directory, and dependencies of logs */

struct value {
	const char *name, *text;
};

struct directory {
	const char *root, *below; /* the tree, and "sub/" in it */
	struct value values[VALUES_MAX];
	size_t count;
};

/* All tests so far: those of a directory are linked to each other when all are read. */
struct reading {
	struct list *list;
	struct automake_test *tests; /* allocated */
	size_t count, room;
	size_t unbuilt; /* of what check_PROGRAMS and the like name */
	const char *first_unbuilt;
};

static const char *get(const struct directory *directory, const char *name)
{
	for (size_t i = 0; i < directory->count; i++)
		if (!strcmp(directory->values[i].name, name))
			return directory->values[i].text;
	return "";
}

/* The next word; *at moves behind it. */
static const char *take_word(struct list *list, const char **at)
{
	size_t size;

	*at += strspn(*at, " \t\n");
	size = strcspn(*at, " \t\n");
	*at += size;
	return size ? list_text(list, *at - size, size) : NULL;
}

static bool has_word(const char *words, const char *word)
{
	size_t size = strlen(word);

	for (words += strspn(words, " \t\n"); *words; words += strspn(words, " \t\n")) {
		if (strcspn(words, " \t\n") == size && !memcmp(words, word, size))
			return true;
		words += strcspn(words, " \t\n");
	}
	return false;
}

/* "sources/a.sh" is called a.sh where `sources` is srcdir. */
static const char *without_sources(const struct directory *directory, const char *file)
{
	const char *sources = get(directory, "srcdir");
	size_t size = strlen(sources);

	return size && !strncmp(file, sources, size) && file[size] == '/' ? file + size + 1 : file;
}

/* The one of TEST_EXTENSIONS that the file has, or "". */
static const char *extension_of(struct list *list, const struct directory *directory,
				const char *file)
{
	const char *at = get(directory, "TEST_EXTENSIONS"), *word;

	while ((word = take_word(list, &at)))
		if (strlen(file) > strlen(word) &&
		    !strcmp(file + strlen(file) - strlen(word), word))
			return word;
	return "";
}

/* 'it'\''s' */
static const char *quoted(struct list *list, const char *word)
{
	const char *text = "'";

	for (; *word; word++)
		text = *word == '\'' ? list_textf(list, "%s'\\''", text)
				     : list_textf(list, "%s%c", text, *word);
	return list_textf(list, "%s'", text);
}

static enum automake_driver driver_of(const char *driver, const char *flags)
{
	if (strstr(driver, "tap-driver") && !flags[strspn(flags, " \t")])
		return DRIVER_TAP;
	return strstr(driver, "/test-driver") ? DRIVER_PLAIN : DRIVER_OTHER;
}

/* What automake's rule for a log executes, with the driver or without. */
static const char *parallel_command(struct list *list, const struct directory *directory,
				    const struct automake_test *test, const char *extension)
{
	const char *compile = get(directory, list_textf(list, "COMPILE%s", extension));
	const char *redirect = get(directory, "AM_TESTS_FD_REDIRECT");
	const char *begin = list_textf(list, "p=%s; %s", quoted(list, test->file),
				       get(directory, "am__check_pre"));
	const char *name = without_sources(directory, test->file);
	const char *base = quoted(list, list_text(list, name, strlen(name) - strlen(extension)));

	if (test->driver != DRIVER_OTHER)
		return list_textf(list, "%s %s \"$tst\" %s", begin, compile, redirect);
	return list_textf(
		list,
		"b=%s; %s %s --test-name \"$f\" --log-file \"$b.log\" --trs-file \"$b.trs\" "
		"--color-tests no --enable-hard-errors \"$am__enable_hard_errors\" "
		"--expect-failure \"$am__expect_failure\" %s -- %s \"$tst\" %s\n"
		"cat \"$b.log\"; echo; echo 'cloche: results of its driver'; cat \"$b.trs\"",
		base, begin, get(directory, list_textf(list, "DRIVER%s", extension)),
		get(directory, list_textf(list, "DRIVER_FLAGS%s", extension)), compile, redirect);
}

static const char *serial_command(struct list *list, const struct directory *directory,
				  const struct automake_test *test)
{
	return list_textf(list,
			  "srcdir=%s; export srcdir; tst=%s\n"
			  "if test -f ./$tst; then dir=./; elif test -f $tst; then dir=; "
			  "else dir=\"$srcdir/\"; fi\n"
			  "%s ${dir}$tst %s",
			  quoted(list, test->sources), quoted(list, test->file),
			  get(directory, "TESTS_ENVIRONMENT"),
			  get(directory, "AM_TESTS_FD_REDIRECT"));
}

/* "a.log: a.sh b.log": the logs of others, by the names of their tests, without extensions. */
static const char *const *depends_of(struct list *list, const struct directory *directory,
				     const char *base)
{
	const char **names = NULL;
	size_t count = 0;

	for (size_t i = 0; i < directory->count; i++) {
		const char *at = directory->values[i].text, *word;

		if (strcmp(directory->values[i].name, "LOGS") != 0 ||
		    strncmp(at, base, strlen(base)) != 0 ||
		    strncmp(at + strlen(base), ".log:", 5) != 0)
			continue;
		names = list_alloc(list, (strlen(at) / 2 + 2) * sizeof(*names));
		at += strlen(base) + 5;
		while ((word = take_word(list, &at)))
			if (strlen(word) > 4 && !strcmp(word + strlen(word) - 4, ".log"))
				names[count++] = list_textf(list, "%s%.*s", directory->below,
							    (int)strlen(word) - 4, word);
	}
	return names;
}

static struct automake_test *grow(struct reading *reading)
{
	if (reading->count == reading->room) {
		size_t room = reading->room ? 2 * reading->room : 64;
		struct automake_test *grown = reallocarray(reading->tests, room, sizeof(*grown));

		if (!grown)
			return NULL;
		reading->tests = grown;
		reading->room = room;
	}
	return memset(&reading->tests[reading->count++], 0, sizeof(struct automake_test));
}

static int add_test(struct reading *reading, const struct directory *directory, const char *file)
{
	struct list *list = reading->list;
	const char *name = without_sources(directory, file);
	const char *extension = extension_of(list, directory, name);
	const char *base = list_text(list, name, strlen(name) - strlen(extension));
	const char **command = list_alloc(list, 4 * sizeof(*command));
	bool parallel = *get(directory, "am__check_pre");
	struct automake_test *test = grow(reading);
	const char *log[] = {list_textf(list, "%s%s", directory->below, base), NULL};

	if (!test)
		return -ENOMEM;
	test->file = file;
	test->sources = get(directory, "srcdir");
	test->fails = has_word(get(directory, "XFAIL_TESTS"), file) ||
		      has_word(get(directory, "XFAIL_TESTS"), name);
	test->hard_errors = parallel && !*get(directory, "DISABLE_HARD_ERRORS");
	test->lock = !parallel ? "serial-tests" : NULL;
	if (parallel)
		test->driver =
			driver_of(get(directory, list_textf(list, "DRIVER%s", extension)),
				  get(directory, list_textf(list, "DRIVER_FLAGS%s", extension)));
	for (size_t i = 0; i < directory->count; i++)
		if (!strcmp(directory->values[i].name, "NOTPARALLEL"))
			test->lock = ".NOTPARALLEL";
	command[0] = "sh";
	command[1] = "-c";
	command[2] = parallel ? parallel_command(list, directory, test, extension)
			      : serial_command(list, directory, test);
	test->base.name = list_textf(list, "%s%s", directory->below, name);
	test->base.directory = list_textf(
		list, "%s%s%.*s", directory->root, *directory->below ? "/" : "",
		*directory->below ? (int)strlen(directory->below) - 1 : 0, directory->below);
	test->base.command = command;
	test->base.depends = depends_of(list, directory, base);
	test->base.setup_of = memcpy(list_alloc(list, sizeof(log)), log, sizeof(log));
	return 0;
}

static void note_unbuilt(struct reading *reading, const struct directory *directory)
{
	static const char *const names[] = {"check_PROGRAMS", "check_LIBRARIES",
					    "check_LTLIBRARIES", "check_SCRIPTS", "check_DATA"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *at = get(directory, names[i]), *word;

		while ((word = take_word(reading->list, &at))) {
			const char *path = list_textf(reading->list, "%s/%s%s", directory->root,
						      directory->below, word);
			const char *source =
				list_textf(reading->list, "%s/%s%s/%s", directory->root,
					   directory->below, get(directory, "srcdir"), word);

			if (!access(path, F_OK) || !access(source, F_OK))
				continue;
			if (!reading->unbuilt++)
				reading->first_unbuilt =
					list_textf(reading->list, "%s%s", directory->below, word);
		}
	}
}

static int end_directory(struct reading *reading, const struct directory *directory)
{
	const char *at = get(directory, "TESTS"), *word;
	int result = 0;

	while (!result && (word = take_word(reading->list, &at)))
		result = add_test(reading, directory, word);
	note_unbuilt(reading, directory);
	return result;
}

/* A value as it was before newlines became \1. */
static const char *value_of(struct list *list, const char *text, size_t size)
{
	char *copy = list_text(list, text, size);

	for (char *at = copy; (at = strchr(at, '\1'));)
		*at = '\n';
	return copy;
}

static int take_line(struct reading *reading, struct directory *directory, const char *line,
		     size_t size)
{
	const char *equals = memchr(line, '=', size);
	struct value value;

	if (!equals)
		return 0;
	value.name = list_text(reading->list, line, equals - line);
	value.text = value_of(reading->list, equals + 1, line + size - equals - 1);
	if (!strcmp(value.name, "DIRECTORY")) {
		directory->below = value.text;
		directory->count = 0;
	} else if (!strcmp(value.name, "END")) {
		return end_directory(reading, directory);
	} else if (directory->count == VALUES_MAX) {
		return list_fail(reading->list, "it tells more than %d variables of '%s'",
				 VALUES_MAX, directory->below);
	} else {
		directory->values[directory->count++] = value;
	}
	return 0;
}

/* Which tests make which logs; ctest_link() finds them as it finds setups of fixtures. */
static int link_tests(struct reading *reading)
{
	struct ctest_test *bases = list_alloc(reading->list, (reading->count + 1) * sizeof(*bases));
	struct automake_test *tests =
		list_alloc(reading->list, (reading->count + 1) * sizeof(*tests));
	int result;

	if (reading->count)
		memcpy(tests, reading->tests, reading->count * sizeof(*tests));
	free(reading->tests);
	reading->tests = tests;
	for (size_t i = 0; i < reading->count; i++) {
		bases[i] = tests[i].base;
		bases[i].requires_ = bases[i].depends;
		bases[i].depends = NULL;
	}
	result = ctest_link(reading->list, bases, reading->count);
	for (size_t i = 0; i < reading->count; i++) {
		struct ctest_test **others = bases[i].setups;

		tests[i].base.first = others; /* what it needs may fail: the log is there */
		for (; others && *others; others++)
			*others = &tests[*others - bases].base;
	}
	return result;
}

int automake_read(const char *path, const char *text, size_t size, struct list *list,
		  struct automake_test **ret_tests, size_t *ret_count)
{
	struct reading reading = {.list = list};
	struct directory *directory = calloc(1, sizeof(*directory));
	struct lines lines = lines_of(text, size);
	int result = directory ? 0 : -ENOMEM;
	const char *line;

	if (directory)
		directory->root = path, directory->below = "";
	while (!result && lines_next(&lines, &line, &size))
		result = take_line(&reading, directory, line, size);
	free(directory);
	if (result) {
		free(reading.tests);
		return result;
	}
	if (reading.unbuilt)
		list_message(
			list,
			"'%s'%s, which tests may want, is not built; 'make -C %s check TESTS=' "
			"builds it",
			reading.first_unbuilt,
			reading.unbuilt > 1 ? list_textf(list, " and %zu more", reading.unbuilt - 1)
					    : "",
			path);
	result = link_tests(&reading);
	*ret_tests = reading.tests;
	*ret_count = reading.count;
	return result;
}
