/* SPDX-License-Identifier: MIT */
/* cgroup: the case is at the root of the tree that it sees. */
#include <cloche.h>

#include <stdio.h>
#include <string.h>

TEST(sees_itself_at_the_root)
{
	char line[512];
	FILE *file = fopen("/proc/self/cgroup", "r");
	unsigned lines = 0;

	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		char *path = strrchr(line, ':');

		REQUIRE(path != NULL);
		EXPECT_STR(path, ==, ":/\n");
		lines++;
	}
	EXPECT(lines, >=, 1u);
}
