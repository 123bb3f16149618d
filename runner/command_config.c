/* SPDX-License-Identifier: MIT */
/*
 * cloche config: what holds for a run, and where it came from
 *
 * Settings are compared as texts: what cloche.ini and the command line say, weakest first. The last
 * of them holds; of a list all since it was emptied last.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "expression.h"
#include "world.h"

/* One value, and who says so. */
struct setting {
	size_t key;
	const char *text;
	char origin[PATH_MAX];
};

struct settings {
	struct setting *list;
	size_t count;
	bool incomplete; /* there was no memory for one */
};

static void add(struct settings *settings, size_t key, const char *text, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void add(struct settings *settings, size_t key, const char *text, const char *format, ...)
{
	struct setting *grown =
		reallocarray(settings->list, settings->count + 1, sizeof(*settings->list));
	va_list arguments;

	settings->incomplete |= !grown;
	if (!grown)
		return;
	settings->list = grown;
	grown += settings->count++;
	*grown = (struct setting){.key = key, .text = text ? text : "true"};
	va_start(arguments, format);
	vsnprintf(grown->origin, sizeof(grown->origin), format, arguments);
	va_end(arguments);
}

static void add_section(struct settings *settings, const struct config *config,
			const struct config_section *section)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];

		if (value->own || value->absent)
			continue;
		if (section->kind == SECTION_RUN)
			add(settings, value->key.index, value->text, "%s:%u", config->shown,
			    value->line);
		else
			add(settings, value->key.index, value->text, "%s:%u [%s %s]", config->shown,
			    value->line, section_word(section->kind), section->name);
	}
}

static void add_command_line(struct settings *settings, const struct flags *flags)
{
	for (size_t i = 0; i < flags->given_count; i++)
		add(settings, flags->given[i].key, flags->given[i].value, "command line");
}

static void print_line(const char *before, const char *name, const char *text, const char *origin)
{
	int used = printf("%s%s = %s", before, name, text);

	printf("%*s ; %s\n", used < 42 ? 42 - used : 0, "", origin);
}

/* Where the settings of a key begin that hold; the end when there are none. */
static size_t find_first(const struct settings *settings, const struct key *key)
{
	size_t first = settings->count;

	for (size_t i = 0; i < settings->count; i++)
		if (settings->list[i].key != key->index)
			continue;
		else if (key->list && !*settings->list[i].text)
			first = settings->count;
		else if (!key->list || first == settings->count)
			first = i;
	return first;
}

static bool print_key(const struct settings *settings, const struct key *key, const char *before)
{
	size_t first = find_first(settings, key);

	for (size_t i = first; i < settings->count; i++)
		if (settings->list[i].key == key->index)
			print_line(before, key->name, settings->list[i].text,
				   settings->list[i].origin);
	return first < settings->count;
}

/*
 * The default as the key's own line says it: "(default 60s)", "(default: as uptime)", or "warn
 * (default)".
 */
static void print_default(const struct key *key)
{
	const char *at = strstr(key->doc, "(default");
	char text[128] = "";
	size_t size = 0;

	if (key->truth || key->optional) {
		snprintf(text, sizeof(text), "false");
	} else if (at && at[8] == ')') {
		while (at > key->doc && at[-1] == ' ')
			at--;
		while (&at[-size] > key->doc && !strchr(" :", at[-size - 1]))
			size++;
		snprintf(text, sizeof(text), "%.*s", (int)size, at - size);
	} else if (at && strncmp(at, "(default of ", 12)) {
		int depth = 1;

		at += 8 + (at[8] == ':');
		at += *at == ' ';
		for (; at[size] && depth; size++)
			depth += at[size] == '(' ? 1 : at[size] == ')' ? -1 : 0;
		snprintf(text, sizeof(text), "%.*s", (int)size - 1, at);
	}
	print_line("; ", key->name, text, "default");
}

static void print_head(const struct config *config)
{
	if (!*config->shown) {
		puts("; no " CONFIG_NAME " is read");
		return;
	}
	printf("; %s", config->shown);
	for (size_t i = 0; i < config->holding_count; i++)
		if (config->holding[i]->kind == SECTION_PROFILE)
			printf(", profile %s", config->holding[i]->name);
	putchar('\n');
	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].kind != SECTION_RUN)
			printf("; line %u: [%s %s]\n", config->sections[i].line,
			       section_word(config->sections[i].kind), config->sections[i].name);
}

static bool print_run(const struct config *config, const struct flags *flags)
{
	struct settings settings = {0};

	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].slots)
			add(&settings, key_named("group-slots").index, config->sections[i].slots,
			    "%s:%u [group %s]", config->shown,
			    section_line(&config->sections[i], "slots"), config->sections[i].name);
	for (size_t i = 0; i < config->holding_count; i++)
		add_section(&settings, config, config->holding[i]);
	add_command_line(&settings, flags);
	print_head(config);
	puts("\n[run]");
	for (size_t i = 0; i < key_count(); i++) {
		const struct key key = key_at(i);

		if (key.heading || !(key.commands & COMMAND_RUN) || key.marks & KEY_NOT_IN_FILE)
			continue;
		if (!print_key(&settings, &key, ""))
			print_default(&key);
	}
	free(settings.list);
	return !settings.incomplete;
}

/* What the case itself asks for, out of its text, which is taken apart. */
static void add_own(struct settings *settings, char *world)
{
	char *saved = NULL;

	for (char *line = strtok_r(world, "\n", &saved); line;
	     line = strtok_r(NULL, "\n", &saved)) {
		char *equals = strchr(line, '=');

		for (size_t i = 0; equals && i < key_count(); i++)
			if (key_at(i).world && strlen(key_at(i).name) == (size_t)(equals - line) &&
			    !strncmp(key_at(i).name, line, equals - line))
				add(settings, i, equals + 1, "the case itself");
	}
}

static bool print_case(const struct config *config, const struct flags *flags,
		       const struct suite *suite, const struct suite_case *item)
{
	const struct expression_subject subject = suite_subject(suite, item);
	struct settings settings = {0};
	char *world = strdup(item->world);
	size_t common, end;

	for (size_t i = 0; i < config->holding_count; i++)
		add_section(&settings, config, config->holding[i]);
	common = settings.count;
	if (world)
		add_own(&settings, world);
	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].kind == SECTION_OVERRIDE &&
		    section_holds(config, &config->sections[i], &subject))
			add_section(&settings, config, &config->sections[i]);
	end = settings.count;
	add_command_line(&settings, flags);
	printf("\n; %s::%s\n", suite->shown, item->name);
	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].kind == SECTION_SETUP &&
		    section_holds(config, &config->sections[i], &subject))
			printf(";   after [setup %s], line %u\n", config->sections[i].name,
			       config->sections[i].line);
	for (size_t k = 0; k < key_count(); k++) {
		const struct key key = key_at(k);
		bool particular = false;

		for (size_t i = common; i < end; i++)
			particular |= settings.list[i].key == k;
		if (particular && !print_key(&settings, &key, ";   "))
			print_default(&key);
	}
	free(world);
	free(settings.list);
	return !settings.incomplete;
}

int command_config(struct flags *flags, struct session *session)
{
	static struct suites suites; /* what lives as long as the run is static */
	static struct zygote *foreign;
	static struct job *jobs;
	size_t count = 0;
	bool complete;
	int result = 0;

	if (flags->rest_count) {
		flags->repeat = 1;
		result = select_suites(&suites, flags, session, NULL, &foreign);
		if (!result)
			result = select_jobs(&suites, flags, &jobs, &count);
		if (result)
			return result;
	}
	complete = print_run(session->config, flags);
	for (size_t i = 0; i < count; i++) {
		const struct suite *suite = suites.list[jobs[i].suite];

		complete &= print_case(session->config, flags, suite, &suite->cases[jobs[i].index]);
	}
	if (!complete)
		return complain(EXIT_SETUP, "there is no memory left for all of it");
	return output_ended("what holds");
}
