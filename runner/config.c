/* SPDX-License-Identifier: MIT */
/*
 * config: what holds of a cloche.ini that was read
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "expression.h"
#include "nearest.h"
#include "world.h"

const char *section_value(const struct config_section *section, const char *name)
{
	for (size_t i = 0; i < section->count; i++)
		if (!strcmp(section->values[i].name, name))
			return section->values[i].text;
	return NULL;
}

void section_seconds(const struct config_section *section, const char *name, double *ret_seconds)
{
	static const struct option_row row = {.type = OPTION_DURATION, .offset = OPTION(timeout)};
	struct cloche_options scratch = {0};
	const char *text = section_value(section, name), *why;

	if (text && !option_set(&row, &scratch, text, &why))
		*ret_seconds = scratch.timeout;
}

static int explain_profile(const struct config *config, const char *name, char *why, size_t size)
{
	struct nearest nearest = {.word = name};
	unsigned profiles = 0;

	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].kind == SECTION_PROFILE) {
			nearest_offer(&nearest, config->sections[i].name);
			profiles++;
		}
	if (!*config->shown)
		snprintf(why, size,
			 "there is no profile '%s', for there is no " CONFIG_NAME
			 " here or above; name one by --config",
			 name);
	else if (nearest.found)
		snprintf(why, size, "there is no profile '%s' in %s; did you mean '%s'?", name,
			 config->shown, nearest.found);
	else
		snprintf(why, size, "there is no profile '%s' in %s; %s [profile %s]", name,
			 config->shown,
			 profiles ? "'cloche config' shows those that are; or add" : "add", name);
	return -EINVAL;
}

static const struct config_section *find_section(const struct config *config,
						 enum section_kind kind, const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].kind == kind && !strcmp(config->sections[i].name, name))
			return &config->sections[i];
	return NULL;
}

unsigned section_line(const struct config_section *section, const char *name)
{
	for (size_t i = 0; i < section->count; i++)
		if (!strcmp(section->values[i].name, name))
			return section->values[i].line;
	return section->line;
}

/* The profile and those it inherits from, it first. */
static int climb(const struct config *config, const char *name,
		 const struct config_section **profiles, size_t *ret_count, char *why, size_t size)
{
	const struct config_section *above = NULL;
	int used = 0;

	for (*ret_count = 0; name; name = section_value(above, "inherits")) {
		if (above)
			used = snprintf(why, size, "%s:%u: ", config->shown,
					section_line(above, "inherits"));
		used = used < (int)size ? used : 0;
		if (*ret_count == PROFILES_MAX) {
			snprintf(why + used, size - used,
				 "profile '%s' inherits from itself, or from more than %d", name,
				 PROFILES_MAX);
			return -EINVAL;
		}
		above = find_section(config, SECTION_PROFILE, name);
		if (!above)
			return explain_profile(config, name, why + used, size - used);
		profiles[(*ret_count)++] = above;
	}
	return 0;
}

int config_choose(struct config *config, const char *name, char *why, size_t size)
{
	const struct config_section *run = find_section(config, SECTION_RUN, "");
	const struct config_section *profiles[PROFILES_MAX];
	size_t count;
	int result = climb(config, name && *name ? name : NULL, profiles, &count, why, size);

	config->holding_count = 0;
	if (run)
		config->holding[config->holding_count++] = run;
	while (!result && count)
		config->holding[config->holding_count++] = profiles[--count];
	return result;
}

static int lay_over(const struct config *config, const struct config_section *section,
		    struct flags *flags, struct cloche_options *options, char *why, size_t size)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct config_value *value = &section->values[i];
		int result, used;

		if (value->own || value->absent || (value->key.world ? !options : !flags))
			continue;
		if (flags && !(value->key.commands & flags->command))
			continue; /* it means nothing to `list` */
		used = snprintf(why, size, "%s:%u: ", config->shown, value->line);
		used = used < (int)size ? used : (int)size - 1;
		result = key_set(&value->key, flags, options, value->text, why + used, size - used);
		if (result < 0)
			return result;
	}
	return 0;
}

int config_to_flags(const struct config *config, struct flags *flags, char *why, size_t size)
{
	const struct key group_slots = key_named("group-slots");
	int result = 0;

	for (size_t i = 0; i < config->count && !result; i++)
		if (config->sections[i].slots && group_slots.commands & flags->command)
			result = key_set(&group_slots, flags, NULL, config->sections[i].slots, why,
					 size);
	for (size_t i = 0; i < config->holding_count && !result; i++)
		result = lay_over(config, config->holding[i], flags, NULL, why, size);
	return result;
}

/* Every value was set once already, when the file was read: what is refused now is memory. */
void config_before(const struct config *config, struct cloche_options *options)
{
	char why[512];

	for (size_t i = 0; i < config->holding_count; i++)
		lay_over(config, config->holding[i], NULL, options, why, sizeof(why));
}

bool config_holds(const struct config *config, const char *profile)
{
	for (size_t i = 0; i < config->holding_count; i++)
		if (config->holding[i]->kind == SECTION_PROFILE &&
		    !strcmp(config->holding[i]->name, profile))
			return true;
	return false;
}

bool section_holds(const struct config *config, const struct config_section *section,
		   const struct expression_subject *subject)
{
	const char *profile = section_value(section, "profile");

	return (!profile || config_holds(config, profile)) &&
	       (!section->filter || expression_matches(section->filter, subject));
}

/* Below the case's own variables: it may know better. */
void config_setups(const struct config *config, const struct expression_subject *subject,
		   struct cloche_options *options)
{
	const char *why;

	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].variables &&
		    section_holds(config, &config->sections[i], subject))
			option_set(world_row_find("env", 3), options, config->sections[i].variables,
				   &why);
}

void config_after(const struct config *config, const struct expression_subject *subject,
		  struct cloche_options *options)
{
	char why[512];

	for (size_t i = 0; i < config->count; i++)
		if (config->sections[i].kind == SECTION_OVERRIDE &&
		    section_holds(config, &config->sections[i], subject))
			lay_over(config, &config->sections[i], NULL, options, why, sizeof(why));
}

void config_free(struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		expression_free(config->sections[i].filter);
		free(config->sections[i].slots);
		free(config->sections[i].variables);
		free(config->sections[i].name);
		for (size_t k = 0; k < config->sections[i].count; k++)
			free(config->sections[i].values[k].text);
		free(config->sections[i].values);
	}
	free(config->sections);
	config->sections = NULL;
	config->count = 0;
}
