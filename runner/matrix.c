/* SPDX-License-Identifier: MIT */
/*
 * From the cases of the suites to those at each point of their matrices.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "flags.h"
#include "keeper.h"
#include "matrix.h"
#include "select.h"

/* How an axis is called: in names and worlds, and where it is asked for. */
static const struct axis {
	enum matrix_axis bit;
	const char *option, *flag;
} axes[] = {
	{MATRIX_UPTIME, "uptime", "uptime-matrix"},
	{MATRIX_WALL, "wall", "wall-matrix"},
};

#define AXES (sizeof(axes) / sizeof(*axes))

/* The points that a case has on each axis; none is one, which changes nothing. */
struct grid {
	unsigned held; /* axes */
	struct matrix_point points[AXES][MATRIX_POINTS];
	size_t counts[AXES];
};

/* The cases of a suite, while they grow. */
struct growing {
	struct suite_case *cases;
	size_t count, room;
	size_t bare; /* that have the machine's time, whatever they ask for */
};

static struct suite_case *add(struct growing *to, const struct suite_case *item, size_t index)
{
	if (to->count == to->room) {
		size_t room = to->room ? 2 * to->room : 64;
		struct suite_case *grown = reallocarray(to->cases, room, sizeof(*grown));

		if (!grown)
			return NULL;
		to->cases = grown;
		to->room = room;
	}
	to->cases[to->count] = *item;
	to->cases[to->count].index = index;
	return &to->cases[to->count++];
}

/* Is this line of a world one of an option that a point takes the place of? */
static bool is_replaced(const char *line, unsigned held)
{
	size_t size = strcspn(line, "=");

	for (size_t a = 0; a < AXES; a++)
		if (!strncmp(line, axes[a].flag, size) && !axes[a].flag[size])
			return true;
		else if ((held & axes[a].bit) && !strncmp(line, axes[a].option, size) &&
			 !axes[a].option[size])
			return true;
	return false;
}

/* The case's name and world at one point of each axis. Returns 0, or -ENOMEM. */
static int name_point(struct suite_case *item, const struct grid *grid, const size_t at[AXES])
{
	char *name = NULL, *world = NULL;
	size_t name_size, world_size;
	FILE *names = open_memstream(&name, &name_size);
	FILE *worlds = open_memstream(&world, &world_size);

	if (names)
		fputs(item->name, names);
	for (const char *line = item->world, *next; worlds && *line; line = next) {
		size_t size = strcspn(line, "\n");

		next = line + size + (line[size] == '\n');
		if (!is_replaced(line, grid->held))
			fwrite(line, 1, next - line, worlds);
	}
	for (size_t a = 0; a < AXES && names && worlds; a++) {
		const struct matrix_point *point = &grid->points[a][at[a]];

		if (!(grid->held & axes[a].bit))
			continue;
		fprintf(names, "@%s=%s", axes[a].option, point->name);
		fprintf(worlds, "%s=%s\n", axes[a].option, point->value);
	}
	if (names && fclose(names))
		name = NULL;
	if (worlds && fclose(worlds))
		world = NULL;
	item->name = name;
	item->world = world;
	item->held = grid->held;
	return name && world ? 0 : -ENOMEM;
}

/* Every point of each axis with every one of the others. */
static int add_points(struct growing *to, const struct suite_case *item, size_t index,
		      const struct grid *grid)
{
	size_t at[AXES] = {0}, a;

	do {
		struct suite_case *point = add(to, item, index);

		if (!point || name_point(point, grid, at) < 0)
			return -ENOMEM;
		for (a = 0; a < AXES; a++) { /* as an odometer, the first axis fastest */
			if (++at[a] < grid->counts[a])
				break;
			at[a] = 0;
		}
	} while (a < AXES);
	return 0;
}

/* A time that the command line gives wins over a matrix that it does not ask for. */
static unsigned wanted_axes(const struct cloche_options *options, const struct session *session)
{
	const struct cloche_options *over = &session->over;
	unsigned wanted = 0;

	if (options->uptimes && !(over->uptime > 0 || over->uptime_shift != 0))
		wanted |= MATRIX_UPTIME;
	if (options->walls && !over->wall)
		wanted |= MATRIX_WALL;
	return wanted;
}

/* The zone of the case: the last TZ that it is given, or the one of all cells. */
static char *zone_of(const char *env)
{
	char *zone = strdup("UTC");

	for (; env && *env; env += strcspn(env, "\n"), env += *env == '\n') {
		size_t size = strcspn(env, "\n");
		const char *present = getenv("TZ");

		if (strncmp(env, "TZ", 2) || (env[2] && env[2] != '=' && env[2] != '\n'))
			continue;
		if (env[2] != '=' && !present) /* the caller's, who has none */
			continue;
		free(zone);
		zone = env[2] == '=' ? strndup(env + 3, size - 3) : strdup(present);
	}
	return zone;
}

/* Returns 0, or -ENOMEM. */
static int make_grid(struct grid *grid, unsigned wanted, const struct cloche_options *options)
{
	char *zone;

	grid->held = wanted;
	for (size_t a = 0; a < AXES; a++)
		grid->counts[a] = 1;
	if (wanted & MATRIX_UPTIME)
		grid->counts[0] = matrix_uptimes(grid->points[0]);
	if (!(wanted & MATRIX_WALL))
		return 0;
	zone = zone_of(options->env);
	if (!zone)
		return -ENOMEM;
	grid->counts[1] = matrix_walls(zone, grid->points[1]);
	free(zone);
	return 0;
}

static int expand_case(struct growing *to, const struct suite *suite, size_t index,
		       const struct session *session)
{
	const struct suite_case *item = &suite->cases[index];
	struct cloche_options options;
	struct grid grid;
	char *block = NULL;
	unsigned wanted = 0;
	int result = 0;

	if (plan_asked(item, suite, session, &options, &block) == 0) /* else told when it runs */
		wanted = wanted_axes(&options, session);
	if (wanted && options.no_isolation) {
		to->bare++;
		wanted = 0;
	}
	if (wanted)
		result = make_grid(&grid, wanted, &options);
	free(block);
	if (result < 0)
		return result;
	if (wanted)
		return add_points(to, item, index, &grid);
	return add(to, item, index) ? 0 : -ENOMEM;
}

/* Does anything ask for one? Most runs have none, and very many cases. */
static bool is_asked(const struct suite *suite, const struct session *session)
{
	const struct config *config = session->config;

	if (session->over.uptimes || session->under.uptimes || session->over.walls ||
	    session->under.walls)
		return true;
	for (size_t i = 0; config && i < config->count; i++)
		for (size_t a = 0; a < AXES; a++)
			if (section_value(&config->sections[i], axes[a].flag))
				return true;
	for (size_t c = 0; c < suite->case_count; c++)
		for (size_t a = 0; a < AXES; a++)
			if (strstr(suite->cases[c].world, axes[a].flag))
				return true;
	return false;
}

static int expand_suite(struct suite *suite, const struct session *session, size_t *bare)
{
	struct growing to = {0};

	for (size_t c = 0; c < suite->case_count; c++)
		if (expand_case(&to, suite, c, session) < 0)
			return -ENOMEM;
	*bare += to.bare;
	suite->listed = suite->cases;
	suite->listed_count = suite->case_count;
	suite->cases = to.cases;
	suite->case_count = to.count;
	return 0;
}

int matrix_expand(struct suites *suites, const struct session *session)
{
	size_t bare = 0;

	for (size_t i = 0; i < suites->count; i++)
		if (is_asked(suites->list[i], session) &&
		    expand_suite(suites->list[i], session, &bare) < 0)
			return select_no_memory();
	if (bare)
		complain(0,
			 "%zu case%s of a matrix run%s once, at the machine's time, for want of a "
			 "cell",
			 bare, bare == 1 ? "" : "s", bare == 1 ? "s" : "");
	return 0;
}

const char *matrix_flag_of(const char *name, size_t *ret_size)
{
	for (size_t a = 0; a < AXES; a++) {
		char part[16];
		const char *found;

		snprintf(part, sizeof(part), "@%s=", axes[a].option);
		found = strstr(name, part);
		if (!found)
			continue;
		*ret_size = (size_t)(found - name);
		return axes[a].flag;
	}
	return NULL;
}
