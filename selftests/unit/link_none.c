/* SPDX-License-Identifier: MIT */
/* A file that includes the header and has no cases. */
#include "cloche.h"

int nothing(void);
int nothing(void)
{
	return 0;
}
