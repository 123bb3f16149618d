/* SPDX-License-Identifier: MIT */
#include "cloche.h"

TEST(second)
{
	EXPECT(true);
}
