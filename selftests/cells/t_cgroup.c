/* SPDX-License-Identifier: MIT */
/* cgroup: the case is at the root of the tree that it sees. */
#include "outside.h"

#include <string.h>

/* Where the machine's shell is at the root, too, only the namespace tells the difference. */
static void expect_root_of(const char *path)
{
	char line[512];
	FILE *file = fopen(path, "r");
	unsigned lines = 0;

	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		char *place = strrchr(line, ':');

		REQUIRE(place != NULL);
		EXPECT_STR(place, ==, ":/\n");
		lines++;
	}
	fclose(file);
	EXPECT(lines, >=, 1u);
}

TEST(sees_itself_at_the_root)
{
	expect_own(CGROUP);
	expect_root_of("/proc/self/cgroup");
}

/* Where init is one would see what the cell is part of: cgroup_namespaces(7), "/..". */
TEST(sees_init_there_too)
{
	expect_own(CGROUP);
	expect_root_of("/proc/1/cgroup");
}

TEST(children_are_there_too)
{
	expect_own(CGROUP);
	EXPECT_EXIT(0, expect_root_of("/proc/self/cgroup"));
}
