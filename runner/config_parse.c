/* SPDX-License-Identifier: MIT */
/*
 * config_parse: from the text of cloche.ini to sections and values; config_check.c looks at what
 * these are worth
 *
 * inih takes the lines apart. It cuts lines and section names that are too long, tells of no
 * section without keys, and counts lines for itself. So it gets the text line by line from here,
 * and after each heading a line of our own, MARK, which no file can contain.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_check.h"
#include "nearest.h"
#include "world.h"

#define MARK      "\001" /* the name of the line after a heading */
#define LINE_MAX_ 197    /* inih's own: 200, less "\r\n" and NUL */

static const char *const words[] = {
	[SECTION_RUN] = "run",     [SECTION_PROFILE] = "profile", [SECTION_OVERRIDE] = "override",
	[SECTION_GROUP] = "group", [SECTION_SETUP] = "setup",     [SECTION_SUITES] = "suites",
};

#define KINDS (sizeof(words) / sizeof(*words))

static const struct section_key own_keys[] = {
	{SECTION_PROFILE, "inherits", "NAME", "another profile, which holds below this one", false,
	 OPTION_STRING},
	{SECTION_OVERRIDE, "filter", "EXPR", "the cases it is for, as with --filter", true,
	 OPTION_STRING},
	{SECTION_OVERRIDE, "profile", "NAME", "it holds with this profile only", false,
	 OPTION_STRING},
	{SECTION_GROUP, "slots", "N", "how many of its cases run at once, as with --group-slots",
	 true, OPTION_COUNT},
	{SECTION_SUITES, "paths", "GLOB", "the suites it is for: their paths or names", true,
	 OPTION_STRING},
	{SECTION_SUITES, "list-command", "COMMAND", "as with --list-command", false, OPTION_STRING},
	{SECTION_SUITES, "case-command", "COMMAND", "as with --case-command", false, OPTION_STRING},
	{SECTION_SUITES, "pass-regex", "REGEX", "as with --pass-regex", false, OPTION_STRING},
	{SECTION_SUITES, "fail-regex", "REGEX", "as with --fail-regex", false, OPTION_STRING},
	{SECTION_SUITES, "skip-regex", "REGEX", "as with --skip-regex", false, OPTION_STRING},
	{SECTION_SETUP, "command", "COMMAND",
	 "what to run, by /bin/sh in the directory of the file", true, OPTION_STRING},
	{SECTION_SETUP, "filter", "EXPR",
	 "it runs if a case that matches does, and its variables are for these (default: all)",
	 false, OPTION_STRING},
	{SECTION_SETUP, "profile", "NAME", "it runs with this profile only", false, OPTION_STRING},
	{SECTION_SETUP, "timeout", "TIME", "its deadline (default 5m)", false, OPTION_DURATION},
};

#define OWN_KEYS (sizeof(own_keys) / sizeof(*own_keys))

size_t section_key_count(void)
{
	return OWN_KEYS;
}

const struct section_key *section_key_at(size_t index)
{
	return &own_keys[index];
}

const char *section_word(enum section_kind kind)
{
	return words[kind];
}

/* A text on its way through inih. */
struct reading {
	const char *at, *end;
	unsigned line;     /* that inih has now */
	unsigned *lines;   /* of each line that inih got, ours included */
	size_t line_count; /* of those */
	bool mark;         /* the next line is ours */
	bool indented;     /* this line goes on with the value before */
	struct config_check to;
};

/* ---- lines, as inih asks for them ---- */

static void check_line(struct reading *reading, size_t length)
{
	const char *line = reading->at, *close = memchr(line, ']', length);

	if (memchr(line, '\0', length) || memchr(line, *MARK, length))
		config_refuse(&reading->to, reading->line,
			      "a zero byte, or another that no text has");
	else if (length > LINE_MAX_)
		config_refuse(
			&reading->to, reading->line,
			"a line of %zu bytes, and %d is the most; go on in the next one, indented",
			length, LINE_MAX_);
	else if (length && *line == '[' &&
		 (close ? (size_t)(close - line) : length) > HEADING_MAX + 1)
		config_refuse(&reading->to, reading->line,
			      "a heading of more than %d bytes; take a shorter name", HEADING_MAX);
}

static char *next_line(char *buffer, int room, void *stream)
{
	struct reading *reading = stream;
	unsigned *grown = reallocarray(reading->lines, reading->line_count + 1, sizeof(*grown));
	const char *end;
	size_t length, copied;

	if (!grown)
		return config_no_memory(&reading->to), NULL;
	reading->lines = grown;
	if (reading->mark) {
		reading->mark = false;
		reading->lines[reading->line_count++] = reading->line;
		snprintf(buffer, room, MARK "=\n");
		return buffer;
	}
	if (reading->to.result || reading->at >= reading->end)
		return NULL;
	reading->lines[reading->line_count++] = ++reading->line;
	end = memchr(reading->at, '\n', reading->end - reading->at);
	length = (end ? end : reading->end) - reading->at;
	check_line(reading, length);
	if (reading->to.result)
		return NULL;
	copied = length < (size_t)room - 2 ? length : (size_t)room - 2;
	memcpy(buffer, reading->at, copied);
	buffer[copied] = '\n';
	buffer[copied + 1] = '\0';
	reading->mark = *buffer == '[';
	reading->indented = isspace((unsigned char)*buffer);
	reading->at += length + 1;
	return buffer;
}

/* ---- sections ---- */

static int check_name(struct reading *reading, const struct config_section *section,
		      const char *heading)
{
	const struct config *config = reading->to.config;

	if (section->kind == SECTION_RUN && *section->name)
		return config_refuse(&reading->to, section->line,
				     "[run] has no name; did you mean [profile %s]?",
				     section->name);
	if (section->kind != SECTION_RUN && !*section->name)
		return config_refuse(&reading->to, section->line, "[%s] needs a name: [%s NAME]",
				     heading, heading);
	for (const struct config_section *s = config->sections; s < section; s++)
		if (s->kind == section->kind && !strcmp(s->name, section->name))
			return config_refuse(&reading->to, section->line,
					     "[%s] is there already, in line %u; put them together",
					     heading, s->line);
	return 1;
}

static int begin_section(struct reading *reading, const char *heading)
{
	struct config *config = reading->to.config;
	struct nearest nearest;
	struct config_section *grown, *section;
	char word[HEADING_MAX + 1];
	size_t size = strcspn(heading, " \t");

	if (!*heading)
		return config_refuse(&reading->to, reading->line,
				     "a heading is [run], or [profile NAME] and its like");
	snprintf(word, sizeof(word), "%.*s", (int)size, heading);
	grown = reallocarray(config->sections, config->count + 1, sizeof(*grown));
	if (!grown)
		return config_no_memory(&reading->to);
	config->sections = grown;
	section = &grown[config->count];
	*section = (struct config_section){.line = reading->line};
	section->name = strdup(heading + size + strspn(heading + size, " \t"));
	if (!section->name)
		return config_no_memory(&reading->to);
	config->count++;
	nearest = (struct nearest){.word = word};
	for (size_t i = 0; i < KINDS; i++) {
		section->kind = i;
		if (!strcmp(words[i], word))
			return check_name(reading, section, heading);
		nearest_offer(&nearest, words[i]);
	}
	if (nearest.found)
		return config_refuse(&reading->to, section->line,
				     "there is no section [%s]; did you mean [%s%s]?", heading,
				     nearest.found, heading + size);
	return config_refuse(&reading->to, section->line,
			     "there is no section [%s]; cloche.ini(5) lists those that are",
			     heading);
}

/* ---- values ---- */

static bool takes_flag(enum section_kind kind, const struct key *key)
{
	if (key->heading || key->marks & KEY_NOT_IN_FILE)
		return false;
	if (kind == SECTION_SETUP || kind == SECTION_GROUP || kind == SECTION_SUITES)
		return false;
	if (kind == SECTION_OVERRIDE) /* what cases ask for, if each can have it for itself */
		return key->world && key->world->offset != OPTION(no_isolation);
	return true;
}

static int explain_unknown(struct reading *reading, const struct config_section *section,
			   const char *name)
{
	struct nearest nearest = {.word = name};

	for (size_t i = 0; i < key_count(); i++) {
		const struct key key = key_at(i);

		if (!key.heading && !strcmp(key.name, name))
			return config_refuse(
				&reading->to, reading->line,
				key.marks & KEY_NOT_IN_FILE
					? "'%s' is for the command line only; take it out of [%s]"
					: "'%s' is not for [%s]; put it into [run] or [profile "
					  "NAME]",
				name, section_heading(section));
		if (takes_flag(section->kind, &key))
			nearest_offer(&nearest, key.name);
	}
	for (size_t i = 0; i < OWN_KEYS; i++)
		if (own_keys[i].kind == section->kind)
			nearest_offer(&nearest, own_keys[i].name);
	if (nearest.found)
		return config_refuse(&reading->to, reading->line,
				     "there is no key '%s' in [%s]; did you mean '%s'?", name,
				     section_heading(section), nearest.found);
	return config_refuse(&reading->to, reading->line,
			     "there is no key '%s' in [%s]; cloche.ini(5) lists those that are",
			     name, section_heading(section));
}

/* Which key it is, as a value without text. */
static int recognise(struct reading *reading, const struct config_section *section,
		     const char *name, struct config_value *ret)
{
	for (size_t i = 0; i < OWN_KEYS; i++)
		if (own_keys[i].kind == section->kind && !strcmp(own_keys[i].name, name)) {
			*ret = (struct config_value){.name = own_keys[i].name, .own = true};
			return 1;
		}
	for (size_t i = 0; i < key_count(); i++) {
		struct key key = key_at(i);

		if (takes_flag(section->kind, &key) && !strcmp(key.name, name)) {
			*ret = (struct config_value){.name = key.name, .key = key};
			return 1;
		}
	}
	return explain_unknown(reading, section, name);
}

/* A relative path in a file is from where the file is. Returns an allocated text, or NULL. */
static char *with_directory(const struct config *config, const struct key *key, const char *text)
{
	const char *equals = key->marks & KEY_NAMES_PATH ? strchr(text, '=') : NULL;
	const char *path = equals ? equals + 1 : text;
	char *joined;

	if (!*config->directory || *path == '/' || !*path || !(key->marks & KEY_IS_PATH || equals))
		return strdup(text);
	if (asprintf(&joined, "%.*s%s/%s", (int)(path - text), text, config->directory, path) < 0)
		return NULL;
	return joined;
}

static int add_value(struct reading *reading, struct config_section *section,
		     const struct config_value *value, const char *text)
{
	struct config_value *grown =
		reallocarray(section->values, section->count + 1, sizeof(*grown));
	char *copy = with_directory(reading->to.config, &value->key, text);

	if (grown)
		section->values = grown;
	if (!grown || !copy) {
		free(copy);
		return config_no_memory(&reading->to);
	}
	section->values[section->count] = *value;
	section->values[section->count].text = copy;
	section->values[section->count++].line = reading->line;
	return 1;
}

/* An indented line: of a list the next item, of a section's own key more of its text. */
static int go_on(struct reading *reading, struct config_section *section, const char *text)
{
	struct config_value *last = &section->values[section->count - 1], other;
	char word[64], *longer;
	size_t size = strcspn(text, " \t=:");
	bool assigns = text[size + strspn(text + size, " \t")] == '=';

	snprintf(word, sizeof(word), "%.*s", (int)size, text);
	for (size_t i = 0; assigns && i < key_count(); i++)
		if (!strcmp(key_at(i).name, word))
			return config_refuse(
				&reading->to, reading->line,
				"an indented line goes on with '%s' above; begin the line "
				"with '%s'",
				last->name, word);
	if (last->own || last->key.marks & KEY_ONE_TEXT) { /* of 197 bytes it is soon too short */
		if (asprintf(&longer, "%s %s", last->text, text) < 0)
			return config_no_memory(&reading->to);
		free(last->text);
		last->text = longer;
		return 1;
	}
	if (!last->key.list)
		return config_refuse(
			&reading->to, reading->line,
			"an indented line goes on with '%s' above, which has one value only",
			last->name);
	other = *last;
	return add_value(reading, section, &other, text);
}

static int take(void *user, const char *heading, const char *name, const char *text)
{
	struct reading *reading = user;
	struct config *config = reading->to.config;
	struct config_section *section;
	struct config_value value = {0};

	if (!strcmp(name, MARK) && reading->indented)
		return config_refuse(
			&reading->to, reading->line,
			"an indented line goes on with the key above, and there is none; begin "
			"the line with its key");
	if (!strcmp(name, MARK))
		return begin_section(reading, heading);
	if (!config->count)
		return config_refuse(&reading->to, reading->line,
				     "'%s' is in no section; begin with [run]", name);
	section = &config->sections[config->count - 1];
	if (reading->indented && section->count)
		return go_on(reading, section, text);
	if (!recognise(reading, section, name, &value))
		return 0;
	for (size_t i = 0; !value.key.list && i < section->count; i++)
		if (!strcmp(section->values[i].name, name))
			return config_refuse(
				&reading->to, reading->line,
				"'%s' is given already, in line %u; it has one value only", name,
				section->values[i].line);
	return add_value(reading, section, &value, text);
}

int config_parse(struct config *config, const char *text, size_t text_size, char *why, size_t size)
{
	struct reading reading = {.at = text,
				  .end = text + text_size,
				  .to = {.config = config, .why = why, .size = size}};
	int at;

	if (text_size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) /* a byte order mark */
		reading.at += 3;
	at = ini_parse_stream(next_line, &reading, take, &reading);

	if (at > 0 && (size_t)at <= reading.line_count)
		config_refuse(&reading.to, reading.lines[at - 1],
			      "neither a [section] nor a key = value; a comment begins with '#'");
	free(reading.lines);
	config_check(&reading.to);
	return reading.to.result;
}
