/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flag_value.h"
#include "nearest.h"
#include "option.h"
#include "suite/kind.h"
#include "suite/locks.h"

static int refuse(const struct flag_value *value, const char *takes)
{
	snprintf(value->why, value->size, "--%s %s, not '%s'", value->name, takes, value->text);
	return -EINVAL;
}

/* Decimal, as people write numbers: 010 is ten. At most what JSON integers hold. */
static int parse_number(const char *text, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno || *end || *ret > INT64_MAX ? -EINVAL : 0;
}

int flag_truth(const struct flag_value *value, bool *ret)
{
	if (value->text && strcmp(value->text, "true") && strcmp(value->text, "false"))
		return refuse(value, "is true or false");
	*ret = !value->text || !strcmp(value->text, "true");
	return 0;
}

static bool is_choice(const char *values, const char *text)
{
	size_t size = strlen(text);

	for (; values && *values; values += strcspn(values, "|"), values += *values == '|')
		if (strcspn(values, "|") == size && !strncmp(values, text, size))
			return true;
	return !values;
}

int flag_choice(const struct flag_value *value, const char *values, const char **ret)
{
	if (is_choice(values, value->text)) {
		*ret = value->text;
		return 0;
	}
	snprintf(value->why, value->size, "--%s is one of %s, not '%s'", value->name, values,
		 value->text);
	return -EINVAL;
}

int flag_number(const struct flag_value *value, unsigned most, unsigned *ret)
{
	char takes[64];
	uint64_t number;

	if (!parse_number(value->text, &number) && number && number <= most) {
		*ret = number;
		return 0;
	}
	snprintf(takes, sizeof(takes), "takes a number from 1 to %u", most);
	return refuse(value, takes);
}

/* A value of the same form as an option's. */
static int set_by_option(const struct flag_value *value, const struct option_row *row,
			 struct cloche_options *options)
{
	const char *reason = "";

	if (option_set(row, options, value->text, &reason) == 0)
		return 0;
	snprintf(value->why, value->size, "--%s: %s", value->name, reason);
	return -EINVAL;
}

int flag_size(const struct flag_value *value, uint64_t *ret)
{
	static const struct option_row row = {.type = OPTION_SIZE, .offset = OPTION(tmpfs_size)};
	struct cloche_options scratch = {0};
	int result = set_by_option(value, &row, &scratch);

	if (!result)
		*ret = scratch.tmpfs_size;
	return result;
}

int flag_seconds(const struct flag_value *value, double *ret)
{
	static const struct option_row row = {.type = OPTION_DURATION, .offset = OPTION(timeout)};
	struct cloche_options scratch = {0};
	int result = set_by_option(value, &row, &scratch);

	if (!result)
		*ret = scratch.timeout;
	return result;
}

int flag_factor(const struct flag_value *value, double *ret)
{
	const char *text = value->text;
	char *end;
	double factor = strtod(text, &end);

	if (strspn(text, "0123456789.") != strlen(text) || end == text || *end || factor < 0.001 ||
	    factor > 1000)
		return refuse(value, "takes a number from 0.001 to 1000");
	*ret = factor;
	return 0;
}

int flag_seed(const struct flag_value *value, uint64_t *ret)
{
	uint64_t number;

	if (parse_number(value->text, &number))
		return refuse(value, "takes a number as its seed");
	*ret = number;
	return 0;
}

int flag_shard(const struct flag_value *value, struct shard *ret)
{
	if (!shard_parse(value->text, ret))
		return 0;
	return refuse(value, "takes K/N, the part K of N that together are all (as 2/4, or "
			     "time:2/4)");
}

int flag_trust(const struct flag_value *value, unsigned *ret)
{
	if (!lock_trust_parse(value->text, ret))
		return 0;
	return refuse(value, "takes net, tmp, ipc and hostname, with commas, or none");
}

/* "3", "3:immediate", "all". */
int flag_max_fail(const struct flag_value *value, unsigned *ret, bool *ret_immediate)
{
	size_t digits = strspn(value->text, "0123456789");
	const char *rest = value->text + digits;
	char number[8];
	uint64_t count = 0;

	snprintf(number, sizeof(number), "%.*s", (int)digits, value->text);
	if (strcmp(value->text, "all") &&
	    (digits >= sizeof(number) || parse_number(number, &count) || !count ||
	     (*rest && strcmp(rest, ":immediate"))))
		return refuse(value, "takes N, N:immediate or all");
	*ret = count;
	*ret_immediate = count && *rest;
	return 0;
}

int flag_add_text(const struct flag_value *value, struct text_list *list)
{
	const char **grown = reallocarray(list->items, list->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->items = grown;
	list->items[list->count++] = value->text;
	return 0;
}

/* "KIND" or "KIND=GLOB". */
int flag_add_kind(const struct flag_value *value, struct text_list *list)
{
	char name[32], all[256] = "";
	struct nearest nearest = {.word = name};
	size_t used = 0;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(value->text, "="), value->text);
	if (kind_find(name))
		return flag_add_text(value, list);
	for (const struct kind *const *kind = kind_list(); *kind; kind++) {
		nearest_offer(&nearest, (*kind)->name);
		if (used < sizeof(all))
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
						 used ? ", " : "", (*kind)->name);
	}
	if (nearest.found)
		snprintf(value->why, value->size, "--%s: there is no kind '%s'; did you mean '%s'?",
			 value->name, name, nearest.found);
	else
		snprintf(value->why, value->size, "--%s: there is no kind '%s'; there are %s",
			 value->name, name, all);
	return -EINVAL;
}

int flag_add_group_slots(const struct flag_value *value, struct text_list *list)
{
	const char *equals = strrchr(value->text, '=');
	uint64_t number;

	if (!equals || equals == value->text || parse_number(equals + 1, &number) || !number ||
	    number > 1000000)
		return refuse(value, "takes NAME=N with N from 1 to 1000000");
	return flag_add_text(value, list);
}

int flag_add_filter(const struct flag_value *value, struct filter_list *list)
{
	size_t used = (size_t)snprintf(value->why, value->size, "--%s: ", value->name);
	struct expression **grown = reallocarray(list->items, list->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->items = grown;
	grown[list->count] = expression_parse(value->text, value->why + used,
					      value->size > used ? value->size - used : 0);
	if (!grown[list->count])
		return -EINVAL;
	list->count++;
	return 0;
}
