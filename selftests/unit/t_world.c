/* SPDX-License-Identifier: MIT */
/* Worlds: their text form and back, one laid over another, and what is possible at all. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "fixture.h"
#include "world.h"

/* ---- the rows, and the C fields they are ---- */

#define FIELD(name)                                                                                \
	{                                                                                          \
#name, offsetof(struct cloche_options, name)                                       \
	}

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	FIELD(timeout),
	FIELD(grace),
	FIELD(tags),
	FIELD(expect_signal),
	FIELD(expect_failure),
	FIELD(leaks),
	FIELD(retries),
	FIELD(retry_delay),
	FIELD(retry_backoff),
	FIELD(retry_max_delay),
	FIELD(retry_jitter),
	FIELD(slow_after),
	FIELD(group),
	FIELD(threads),
	FIELD(priority),
	{"uptime_matrix", offsetof(struct cloche_options, uptimes)}, /* what it asks for */
	{"wall_matrix", offsetof(struct cloche_options, walls)},
	FIELD(hostname),
	FIELD(domainname),
	FIELD(uptime),
	FIELD(monotonic),
	FIELD(wall),
	FIELD(wall_speed),
	FIELD(user),
	FIELD(ids),
	FIELD(root),
	FIELD(tmpfs_size),
	FIELD(cwd),
	FIELD(env),
	FIELD(tty),
	FIELD(address_space),
	FIELD(file_size),
	FIELD(descriptors),
	FIELD(processes),
	FIELD(cpu),
	FIELD(allow_missing),
	FIELD(no_isolation),
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

/* address_space is --address-space; a field that is new here is new in the table above, too. */
START_TEST(rows_are_fields)
{
	ck_assert_uint_eq(world_row_count(), FIELDS);
	for (size_t i = 0; i < FIELDS; i++) {
		const struct option_row *row;
		char name[64];

		snprintf(name, sizeof(name), "%s", fields[i].name);
		for (char *c = name; *c; c++)
			*c = *c == '_' ? '-' : *c;
		row = world_row_find(name, strlen(name));
		ck_assert_msg(row != NULL, "no row for .%s", fields[i].name);
		ck_assert_str_eq(row->name, name);
		ck_assert_uint_eq(row->offset, fields[i].offset);
	}
}
END_TEST

START_TEST(rows_are_unique_and_described)
{
	for (size_t i = 0; i < world_row_count(); i++) {
		const struct option_row *row = world_row(i);

		for (size_t j = 0; j < i; j++) {
			ck_assert_str_ne(row->name, world_row(j)->name);
			ck_assert_uint_ne(row->offset, world_row(j)->offset);
		}
		ck_assert(row->doc && *row->doc);
		ck_assert_msg(row->doc[strlen(row->doc) - 1] != '.', "%s", row->doc);
		ck_assert_msg((row->type == OPTION_BOOL) == !row->arg, "%s", row->name);
		if (row->type != OPTION_LIST)
			ck_assert_msg((row->type == OPTION_CHOICE) == !!row->values, "%s",
				      row->name);
	}
	ck_assert_ptr_null(world_row(world_row_count()));
	ck_assert_ptr_null(world_row_find("hostname", 4));
	ck_assert_ptr_null(world_row_find("hostnamex", 9));
	ck_assert_ptr_null(world_row_find("", 0));
}
END_TEST

/* ---- text ---- */

static const struct cloche_options full = {
	.timeout = 2.5,
	.grace = 0.000000001,
	.tags = "slow,net",
	.expect_signal = 11,
	.expect_failure = true,
	.leaks = "fail",
	.retries = 1000,
	.retry_delay = 0.25,
	.retry_backoff = "exponential",
	.retry_max_delay = 7200,
	.retry_jitter = true,
	.slow_after = 3600,
	.group = "db\nx",
	.threads = UINT64_MAX,
	.priority = -1000,
	.hostname = "a\\b\nc\\n=d",
	.domainname = "\\",
	.uptime = 3.25,
	.monotonic_shift = -0.5,
	.wall = "2038-01-19T03:14:00Z",
	.wall_speed = "0.5",
	.uptimes = true,
	.walls = true,
	.user = "me",
	.ids = "full",
	.root = "/with = and \n",
	.tmpfs_size = 4096,
	.cwd = "/\xff\x01",
	.env = "A=1\nB=2\\nC",
	.tty = true,
	.address_space = UINT64_MAX,
	.file_size = INT64_MAX,
	.descriptors = 1,
	.processes = 7,
	.cpu = 600,
	.allow_missing = "net\ntime",
	.no_isolation = true,
};

static void check_full(const struct cloche_options *world)
{
	ck_assert(world->timeout == 2.5 && world->grace == 0.000000001);
	ck_assert_str_eq(world->tags, full.tags);
	ck_assert(world->expect_signal == 11 && world->expect_failure);
	ck_assert_str_eq(world->leaks, full.leaks);
	ck_assert_str_eq(world->hostname, full.hostname);
	ck_assert_str_eq(world->domainname, full.domainname);
	ck_assert(world->uptime == 3.25 && world->uptime_shift == 0);
	ck_assert(world->monotonic == 0 && world->monotonic_shift == -0.5);
	ck_assert_str_eq(world->wall, full.wall);
	ck_assert_str_eq(world->wall_speed, full.wall_speed);
	ck_assert(world->uptimes && world->walls);
	ck_assert_str_eq(world->user, full.user);
	ck_assert_str_eq(world->ids, full.ids);
	ck_assert_str_eq(world->root, full.root);
	ck_assert(world->tmpfs_size == 4096);
	ck_assert_str_eq(world->cwd, full.cwd);
	ck_assert_str_eq(world->env, full.env);
	ck_assert(world->tty && world->address_space == UINT64_MAX);
	ck_assert(world->file_size == INT64_MAX && world->descriptors == 1);
	ck_assert(world->processes == 7 && world->cpu == 600 && world->no_isolation);
	ck_assert_str_eq(world->allow_missing, full.allow_missing);
}

START_TEST(a_world_comes_back)
{
	struct cloche_options back = {0};
	char text[1024], *block;
	size_t size = world_format(&full, text, sizeof(text)), lines = 0;

	ck_assert_uint_lt(size, sizeof(text));
	ck_assert_uint_eq(strlen(text), size);
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	ck_assert_uint_eq(lines, FIELDS); /* each is set, and values have no lines of their own */
	ck_assert_int_eq(world_parse(text, size, &back, &block), 0);
	memset(text, 'x', sizeof(text)); /* nothing points into it */
	check_full(&back);
	free(block);
}
END_TEST

START_TEST(a_world_comes_back_in_place)
{
	struct cloche_options back = {0};
	char text[1024];
	size_t size = world_format(&full, text, sizeof(text));

	ck_assert_int_eq(world_parse_in_place(text, size, &back), 0);
	check_full(&back);
}
END_TEST

/* Of the lines that nothing is escaped in. */
START_TEST(lines_that_end_with_nul_stay_as_they_are)
{
	static const char text[] = "hostname=moon\0root=minimal\0tty=true";
	struct cloche_options back = {0};
	char copy[sizeof(text)];

	memcpy(copy, text, sizeof(text));
	ck_assert_int_eq(world_parse_in_place(copy, sizeof(text), &back), 0);
	ck_assert_mem_eq(copy, text, sizeof(text));
	ck_assert_str_eq(back.hostname, "moon");
	ck_assert_str_eq(back.root, "minimal");
	ck_assert(back.tty);
	ck_assert_int_eq(world_parse_in_place(copy, sizeof("hostname=moo") - 1, &back), -EINVAL);
}
END_TEST

START_TEST(the_text_is_this)
{
	struct cloche_options world = {.hostname = "a\\b\nc", .tty = true, .uptime_shift = 30};
	char text[256];

	ck_assert_uint_eq(world_format(&world, text, sizeof(text)), strlen(text));
	ck_assert_ptr_nonnull(strstr(text, "hostname=a\\\\b\\nc\n"));
	ck_assert_ptr_nonnull(strstr(text, "tty=true\n"));
	ck_assert_ptr_nonnull(strstr(text, "uptime=+30\n"));
	ck_assert_uint_eq(strlen(text), strlen("hostname=a\\\\b\\nc\ntty=true\nuptime=+30\n"));
}
END_TEST

/* As snprintf(3): the length is that of the whole, and no byte is written beyond the end. */
START_TEST(formatting_is_bounded)
{
	char whole[1024], *cut;
	size_t size = world_format(&full, whole, sizeof(whole));

	ck_assert_uint_eq(world_format(&full, NULL, 0), size);
	for (size_t room = 1; room <= size + 1; room++) {
		cut = malloc(room); /* ASan looks at its end */
		ck_assert_uint_eq(world_format(&full, cut, room), size);
		ck_assert_uint_eq(strlen(cut), room - 1);
		ck_assert_mem_eq(cut, whole, room - 1);
		free(cut);
	}
}
END_TEST

START_TEST(long_values_are_whole)
{
	size_t size = 100000;
	char *value = malloc(size + 1), *text = malloc(size + 100), *block;
	struct cloche_options world = {.env = value}, back = {0};

	memset(value, 'v', size);
	value[size] = '\0';
	ck_assert_uint_eq(world_format(&world, text, size + 100), size + strlen("env=\n"));
	ck_assert_int_eq(world_parse(text, strlen(text), &back, &block), 0);
	ck_assert_str_eq(back.env, value);
	free(block);
	free(text);
	free(value);
}
END_TEST

START_TEST(nothing_is_nothing)
{
	struct cloche_options world = {0}, zero = {0};
	char text[8] = "xxxx", *block = text;

	ck_assert_uint_eq(world_format(&world, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(world_parse(text, 0, &world, &block), 0);
	ck_assert_ptr_null(block);
	ck_assert_mem_eq(&world, &zero, sizeof(world));
}
END_TEST

static const struct {
	const char *text, *why;
} damaged[] = {
	{"hostname", "the case's option 'hostname' is cut off"},
	{"hostname=x", "the case's option 'hostname=x' is cut off"},
	{"nonsense=1\n", "the case's option 'nonsense=1' is not known here; build the suite and "
			 "cloche from the same version"},
	{"hostname\n", "the case's option 'hostname' is not known here; build the suite and cloche "
		       "from the same version"},
	{"=\n", "the case's option '=' is not known here; build the suite and cloche from the same "
		"version"},
	{"\n", "the case's option '' is not known here; build the suite and cloche from the same "
	       "version"},
	{"tty=true\ntimeout=never\n", "the case's option 'timeout': 'never' is not a duration (try "
				      "2, 500ms, 1h30m or 30d)"},
};

START_TEST(a_damaged_world_is_refused)
{
	struct cloche_options world = {.hostname = "moon"}, before = world;
	char *block;

	ck_assert_int_eq(world_parse(damaged[_i].text, strlen(damaged[_i].text), &world, &block),
			 -EINVAL);
	ck_assert_str_eq(world_refusal(), damaged[_i].why);
	ck_assert_ptr_null(block);
	ck_assert_mem_eq(&world, &before, sizeof(world));
}
END_TEST

START_TEST(long_damage_is_bounded)
{
	char text[3000], *block;
	struct cloche_options world = {0};

	memset(text, '=', sizeof(text));
	ck_assert_int_eq(world_parse(text, sizeof(text), &world, &block), -EINVAL);
	memcpy(text, "leaks", 5);
	text[sizeof(text) - 1] = '\n';
	ck_assert_int_eq(world_parse(text, sizeof(text), &world, &block), -EINVAL);
	ck_assert_uint_lt(strlen(world_refusal()), 384);
}
END_TEST

/* Cut anywhere it is refused, or it is the world of the lines that are whole. */
START_TEST(cut_at_every_byte)
{
	char text[1024];
	size_t size = world_format(&full, text, sizeof(text));

	for (size_t cut = 0; cut < size; cut++) {
		char *copy = malloc(cut ? cut : 1), *block;
		struct cloche_options back = {0};
		bool whole = !cut || text[cut - 1] == '\n';

		memcpy(copy, text, cut);
		ck_assert_int_eq(world_parse(copy, cut, &back, &block), whole ? 0 : -EINVAL);
		free(block);
		free(copy);
	}
}
END_TEST

/* ---- one over another ---- */

START_TEST(the_command_line_comes_before_the_case)
{
	struct cloche_options world = {
		.hostname = "moon", .timeout = 3, .env = "A=1", .ids = "one"};
	struct cloche_options over = {.hostname = "mars", .env = "B=2", .cpu = 4};

	world_override(&world, &over);
	ck_assert_str_eq(world.hostname, "mars");
	ck_assert_str_eq(world.env, "A=1\nB=2");
	ck_assert_str_eq(world.ids, "one");
	ck_assert(world.timeout == 3 && world.cpu == 4);
}
END_TEST

START_TEST(all_of_it_replaces)
{
	struct cloche_options world = {0}, other = {.tty = true};

	world_override(&world, &full);
	check_full(&world);
	ck_assert_mem_eq(&world, &full, sizeof(world));
	world_override(&other, &(struct cloche_options){0});
	ck_assert(other.tty);
}
END_TEST

/* A shift replaces an absolute time, and the other way round: both would be neither. */
START_TEST(points_in_time_replace_each_other)
{
	struct cloche_options world = {.uptime = 5, .monotonic_shift = 7};

	world_override(&world, &(struct cloche_options){.uptime_shift = -1, .monotonic = 2});
	ck_assert(world.uptime == 0 && world.uptime_shift == -1);
	ck_assert(world.monotonic == 2 && world.monotonic_shift == 0);
}
END_TEST

/* ---- what is possible ---- */

static const struct cloche_options impossible[] = {
	{.group = "db=2"},
	{.uptime = 5e9},
	{.uptime = -1},
	{.monotonic = 1e10},
	{.uptime_shift = -5e9},
	{.wall = "tomorrow"},
	{.wall = "2038-02-30T00:00:00Z"},
	{.wall = "1969-12-31T23:59:59Z"},
	{.wall = "@-1"},
	{.wall = "now,"},
	{.wall = "now,leap,leap"},
	{.wall_speed = "-1"},
	{.wall_speed = "fast"},
	{.user = "somebody"},
	{.user = "-1"},
	{.user = "70000", .ids = "full"},
	{.root = "elsewhere"},
	{.root = "/does/not/exist"},
	{.hostname = "0123456789012345678901234567890123456789012345678901234567890123x"},
	{.domainname = "0123456789012345678901234567890123456789012345678901234567890123x"},
};

START_TEST(impossible_worlds_are_refused)
{
	const char *why = NULL;

	ck_assert_int_eq(world_check(&impossible[_i], &why), -EINVAL);
	ck_assert(why && *why);
}
END_TEST

START_TEST(possible_worlds_are_not)
{
	static const struct cloche_options possible[] = {
		{0},
		{.uptime = 1, .root = "cow", .user = "me", .ids = "full"},
		{.root = "/", .user = "65535", .ids = "full"},
		{.hostname = "0123456789012345678901234567890123456789012345678901234567890123"},
	};
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(possible) / sizeof(*possible); i++)
		ck_assert_msg(world_check(&possible[i], &why) == 0, "%zu: %s", i, why);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, rows_are_fields);
	tcase_add_test(all, rows_are_unique_and_described);
	tcase_add_test(all, a_world_comes_back);
	tcase_add_test(all, a_world_comes_back_in_place);
	tcase_add_test(all, lines_that_end_with_nul_stay_as_they_are);
	tcase_add_test(all, the_text_is_this);
	tcase_add_test(all, formatting_is_bounded);
	tcase_add_test(all, long_values_are_whole);
	tcase_add_test(all, nothing_is_nothing);
	tcase_add_loop_test(all, a_damaged_world_is_refused, 0, sizeof(damaged) / sizeof(*damaged));
	tcase_add_test(all, long_damage_is_bounded);
	tcase_add_test(all, cut_at_every_byte);
	tcase_add_test(all, the_command_line_comes_before_the_case);
	tcase_add_test(all, all_of_it_replaces);
	tcase_add_test(all, points_in_time_replace_each_other);
	tcase_add_loop_test(all, impossible_worlds_are_refused, 0,
			    sizeof(impossible) / sizeof(*impossible));
	tcase_add_test(all, possible_worlds_are_not);
	return unit_run("world", all);
}
