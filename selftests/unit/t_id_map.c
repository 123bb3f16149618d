/* SPDX-License-Identifier: MIT */
/* Who is who in a cell with all ids. */
#include <stdio.h>
#include <string.h>

#include "id_map.h"
#include "unit.h"

static const struct {
	unsigned own;
	const char *map;
} maps[] = {
	{0, "0 0 1\n1 1 65535\n"},
	{1, "0 1 1\n1 0 1\n2 2 65534\n"},
	{2, "0 2 1\n1 1 1\n2 0 1\n3 3 65533\n"},
	{1000, "0 1000 1\n1 1 999\n1000 0 1\n1001 1001 64535\n"},
	{65534, "0 65534 1\n1 1 65533\n65534 0 1\n65535 65535 1\n"},
	{65535, "0 65535 1\n1 1 65534\n65535 0 1\n"},
	{65536, "0 65535 1\n1 1 65534\n65536 0 1\n"},
	{4294967294, "0 65535 1\n1 1 65534\n4294967294 0 1\n"},
};

#define MAPS ((int)(sizeof(maps) / sizeof(*maps)))

START_TEST(lines)
{
	char map[ID_MAP_MAX];

	ck_assert_int_eq(id_map_format(map, maps[_i].own), strlen(maps[_i].map));
	ck_assert_str_eq(map, maps[_i].map);
}
END_TEST

/* Every id of the zygote is somebody in the cell, and who that is agrees with the map. Check notes
 * every expectation where it is met, which takes long for each id: here, one for a line. */
START_TEST(nobody_is_lost)
{
	static unsigned char seen[ID_COUNT];
	unsigned inside, outside, count, own = maps[_i].own;
	char map[ID_MAP_MAX], *line = map;

	id_map_format(map, own);
	memset(seen, 0, sizeof(seen));
	for (; sscanf(line, "%u %u %u", &inside, &outside, &count) == 3;
	     line = strchr(line, '\n') + 1) {
		unsigned agree = 0;

		for (unsigned i = 0; i < count; i++)
			agree += id_map_inside(outside + i, own) == inside + i &&
				 !seen[outside + i]++;
		ck_assert_uint_eq(agree, count);
	}
	ck_assert_ptr_null(memchr(seen, 0, sizeof(seen)));
	ck_assert_uint_eq(id_map_inside(0, own), own);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, lines, 0, MAPS);
	tcase_add_loop_test(all, nobody_is_lost, 0, MAPS);
	return unit_run("id_map", all);
}
