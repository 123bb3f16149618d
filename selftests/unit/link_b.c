/* SPDX-License-Identifier: MIT */
#include "cloche.h"

TEST(second)
{
	EXPECT(true);
}

/* Names that the library uses itself, and that a suite may have all the same. */
int shuffle_draw(void);
int case_count(void);
int record_encode(void);

int shuffle_draw(void)
{
	return 1;
}

int case_count(void)
{
	return 2;
}

int record_encode(void)
{
	return 3;
}

TEST(names_are_the_suites_own)
{
	EXPECT(shuffle_draw() + case_count() + record_encode(), ==, 6);
}
