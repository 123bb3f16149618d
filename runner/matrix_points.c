/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "matrix.h"

static void put(struct matrix_point *point, const char *name, const char *value)
{
	snprintf(point->name, sizeof(point->name), "%s", name);
	snprintf(point->value, sizeof(point->value), "%s", value);
}

size_t matrix_uptimes(struct matrix_point points[MATRIX_POINTS])
{
	static const struct {
		const char *name;
		double end; /* seconds */
	} ends[] = {
		{"24.8d", 0x1p31 / 1000}, /* milliseconds in an int */
		{"49.7d", 0x1p32 / 1000}, /* in an unsigned int */
		{"248.5d", 0x1p31 / 100}, /* hundredths: jiffies at HZ=100, sysUpTime of SNMP */
		{"497.1d", 0x1p32 / 100}, /* and times(2), whatever HZ is */
		{"24855.1d", 0x1p31},     /* seconds in a 32-bit time_t */
	};
	size_t count = 0;
	char value[32];

	put(&points[count++], "0", "0");
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(value, sizeof(value), "%.3f", ends[i].end - 5);
		put(&points[count++], ends[i].name, value);
	}
	return count;
}
