/* SPDX-License-Identifier: MIT */
/*
 * plan: from the world that a case asks for to the namespaces of its cell
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "keeper.h"
#include "matrix.h"
#include "world.h"

/*
 * The network namespace is made in the cell, beside the zygote (fixtures/net.c). The time namespace
 * is made by clone unless the case wants offsets, which clone would freeze (fixtures/time.c).
 */
void plan_namespaces(const struct cloche_options *o, uint64_t *ret_namespaces,
		     uint64_t *ret_clone_now)
{
	bool offsets = o->uptime > 0 || o->monotonic > 0 || o->uptime_shift != 0 ||
		       o->monotonic_shift != 0;
	uint64_t all = 0;

	*ret_namespaces = *ret_clone_now = 0;
	if (o->no_isolation)
		return;
	for (size_t i = 0; i < NAMESPACES; i++)
		all |= namespace_flags[i];
	*ret_namespaces = all;
	*ret_clone_now = all & ~(uint64_t)(CLONE_NEWNET | (offsets ? CLONE_NEWTIME : 0));
}

/*
 * Root of the machine works on files of others, too: their owners must exist in a cell that shows
 * them. (A user above 65535 is then the only one, fixtures/ids.c.)
 */
static bool wants_owners(const struct cloche_options *o)
{
	return !o->ids && strcmp(o->root, ROOT_MINIMAL) && strcmp(o->root, ROOT_HOST) &&
	       !(o->user && strtoul(o->user, NULL, 10) > 65535);
}

/* What is in the name of a point is so, whatever else is said. */
static void hold_point(const struct suite_case *item, const struct cloche_options *own,
		       struct cloche_options *options)
{
	if (item->held & MATRIX_UPTIME) {
		options->uptime = own->uptime;
		options->uptime_shift = own->uptime_shift;
	}
	if (item->held & MATRIX_WALL)
		options->wall = own->wall;
}

int plan_asked(const struct suite_case *item, const struct suite *suite,
	       const struct session *session, struct cloche_options *options, char **ret_block)
{
	const struct expression_subject subject = suite_subject(suite, item);
	struct cloche_options own;
	int result;

	*options = session->under;
	if (session->config)
		config_setups(session->config, &subject, options);
	result = world_parse(item->world, strlen(item->world), options, ret_block);
	if (result < 0)
		return result;
	own = *options;
	if (session->config)
		config_after(session->config, &subject, options);
	world_override(options, &session->over);
	hold_point(item, &own, options);
	if (!options->root)
		options->root = suite->native ? ROOT_MINIMAL : ROOT_COW;
	if (session->as_root && wants_owners(options))
		options->ids = "full";
	return 0;
}

int plan_world(const struct suite_case *item, const struct suite *suite,
	       const struct session *session, struct cloche_options *options, char **ret_block)
{
	int result = plan_asked(item, suite, session, options, ret_block);

	options->uptimes = options->walls = false;
	return result;
}

/* The text form of a world has one option a line (fixtures/world.h). */
bool plan_is_bare(const struct suite_case *item, const struct session *session)
{
	static const char option[] = "no-isolation=true\n";
	const char *found = strstr(item->world, option);

	while (found && found > item->world && found[-1] != '\n')
		found = strstr(found + 1, option);
	return found && !session->over.no_isolation;
}

static bool already(const char *directories, size_t used, const char *directory)
{
	for (size_t at = 0; at < used; at += strlen(directories + at) + 1)
		if (!strcmp(directories + at, directory))
			return true;
	return false;
}

uint32_t plan_stage(const struct suites *suites, const struct zygote *zygote,
		    const struct session *session, char *directories, size_t size, size_t *ret_used)
{
	uint32_t flags = session->as_root ? ZYGOTE_AS_ROOT : 0;

	*ret_used = 0;
	if (session->over.no_isolation || zygote->bare)
		return flags;
	flags |= ZYGOTE_ISOLATED;
	for (size_t i = 0; i < suites->count; i++) {
		const struct suite *suite = suites->list[i];

		for (size_t c = 0; suite->zygote == zygote && c < suite->case_count; c++) {
			struct cloche_options options;
			const char *why;
			char *block;
			size_t length;

			if (plan_is_bare(&suite->cases[c], session) ||
			    plan_world(&suite->cases[c], suite, session, &options, &block) < 0)
				continue;
			if (world_check(&options, &why) < 0) { /* told when its turn comes */
				free(block);
				continue;
			}
			length = strlen(options.root) + 1;
			if (options.ids && !strcmp(options.ids, "full"))
				flags |= ZYGOTE_FULL_IDS;
			if (!strcmp(options.root, ROOT_COW))
				flags |= ZYGOTE_COW;
			else if (!strcmp(options.root, ROOT_HOST))
				flags |= ZYGOTE_HOST;
			else if (options.root[0] == '/' && *ret_used + length <= size &&
				 !already(directories, *ret_used, options.root)) {
				memcpy(directories + *ret_used, options.root, length);
				*ret_used += length;
			}
			free(block);
		}
	}
	return flags;
}
