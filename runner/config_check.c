/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config_check.h"
#include "world.h"

int config_refuse(struct config_check *check, unsigned line, const char *format, ...)
{
	va_list arguments;
	int used;

	if (check->result)
		return 0;
	check->result = -EINVAL;
	used = snprintf(check->why, check->size, "%s:%u: ", check->config->shown, line);
	if (used < 0 || (size_t)used >= check->size)
		return 0;
	va_start(arguments, format);
	vsnprintf(check->why + used, check->size - used, format, arguments);
	va_end(arguments);
	return 0;
}

int config_no_memory(struct config_check *check)
{
	if (!check->result)
		snprintf(check->why, check->size, "there is no memory left");
	check->result = -ENOMEM;
	return 0;
}

const char *section_heading(const struct config_section *section)
{
	static char heading[HEADING_MAX + 1];

	snprintf(heading, sizeof(heading), "%s%s%s", section_word(section->kind),
		 *section->name ? " " : "", section->name);
	return heading;
}

static int check_own(const struct config_section *section, const struct config_value *value,
		     char *why, size_t size)
{
	struct option_row row = {.name = value->name};
	union {
		struct cloche_options options;
		double seconds;
		const char *text;
	} scratch = {0};
	const char *reason;
	int result;

	for (size_t i = 0; i < section_key_count(); i++) {
		const struct section_key *key = section_key_at(i);

		if (key->kind == section->kind && !strcmp(key->name, value->name))
			row.type = key->type;
	}
	result = option_set(&row, &scratch.options, value->text, &reason);
	if (result < 0)
		snprintf(why, size, "%s: %s", value->name, reason);
	return result;
}

/* Of a sentence about an expression, the lines below it show the place. */
static int check_filter(struct config_check *check, struct config_section *section)
{
	const char *text = section_value(section, "filter");
	char why[512];

	if (!text || section->filter)
		return 0;
	section->filter = expression_parse(text, why, sizeof(why));
	if (!section->filter)
		config_refuse(check, section_line(section, "filter"), "%s", why);
	return check->result;
}

/* As the flag takes it, which knows what a group may be. */
static void check_group(struct config_check *check, struct config_section *section)
{
	const char *slots = section_value(section, "slots");
	struct key key = key_named("group-slots");
	struct flags flags;
	char why[512];

	if (section->kind != SECTION_GROUP || !slots || check->result)
		return;
	if (asprintf(&section->slots, "%s=%s", section->name, slots) < 0) {
		section->slots = NULL;
		config_no_memory(check);
		return;
	}
	flags_begin(&flags, COMMAND_RUN);
	if (key_set(&key, &flags, NULL, section->slots, why, sizeof(why)) < 0)
		config_refuse(check, section_line(section, "slots"), "%s", why);
	flags_free(&flags);
}

static int check_profile(struct config_check *check, const struct config_section *section)
{
	const char *name = section->kind == SECTION_PROFILE ? section->name
							    : section_value(section, "profile");
	int used;

	if (!name || check->result)
		return 0;
	used = section->kind == SECTION_PROFILE
		       ? 0
		       : snprintf(check->why, check->size, "%s:%u: ", check->config->shown,
				  section_line(section, "profile"));
	used = used < (int)check->size ? used : 0;
	check->result = config_choose(check->config, name, check->why + used, check->size - used);
	return check->result;
}

static int check_values(struct config_check *check, const struct config_section *section)
{
	struct cloche_options options = {0};
	struct flags flags;
	const char *impossible;
	char why[512];
	int result = 0;

	flags_begin(&flags, COMMAND_RUN);
	for (size_t i = 0; i < section->count && !result; i++) {
		const struct config_value *value = &section->values[i];

		if (value->own)
			result = check_own(section, value, why, sizeof(why));
		else
			result = key_set(&value->key, &flags, &options, value->text, why,
					 sizeof(why));
		if (result)
			config_refuse(check, value->line, "%s", why);
	}
	if (!result && world_check(&options, &impossible) < 0)
		config_refuse(check, section->line, "[%s]: %s", section_heading(section),
			      impossible);
	flags_free(&flags);
	return result;
}

static void check_required(struct config_check *check, const struct config_section *section)
{
	for (size_t i = 0; i < section_key_count(); i++) {
		const struct section_key *key = section_key_at(i);

		if (key->kind == section->kind && key->required &&
		    !section_value(section, key->name))
			config_refuse(check, section->line, "[%s] needs '%s = %s'",
				      section_heading(section), key->name, key->arg);
	}
}

void config_check(struct config_check *check)
{
	struct config *config = check->config;

	for (size_t i = 0; i < config->count && !check->result; i++) {
		struct config_section *section = &config->sections[i];

		check_required(check, section);
		check_values(check, section);
		check_filter(check, section);
		check_group(check, section);
		check_profile(check, section);
	}
}
