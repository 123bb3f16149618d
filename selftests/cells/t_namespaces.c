/* SPDX-License-Identifier: MIT */
/* All eight namespaces are others than those that the suite's program was started in. */
#define _GNU_SOURCE
#include "outside.h"

TEST_EACH(namespaces, is_not_the_machines)
{
	expect_own(param - namespaces);
}

/* What the test forks and executes is in no other than the test itself. */
TEST_EACH(namespaces, is_the_childrens)
{
	ino_t inode = namespace_inode(param - namespaces);

	expect_own(param - namespaces);
	EXPECT_EXIT(0, EXPECT(namespace_inode(param - namespaces), ==, inode));
}
