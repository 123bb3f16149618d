/* SPDX-License-Identifier: MIT */
#include "cloche.h"

TEST(first)
{
	EXPECT(true);
}

static const struct {
	const char *name;
} rows[] = {{"x"}, {"y"}};

TEST_EACH(rows, each)
{
	EXPECT(param->name, !=, NULL);
}
