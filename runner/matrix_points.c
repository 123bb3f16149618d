/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <time.h>

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

/* Five seconds before that. */
static void put_before(struct matrix_point *point, const char *name, time_t end)
{
	struct tm tm;

	end -= 5;
	snprintf(point->name, sizeof(point->name), "%s", name);
	strftime(point->value, sizeof(point->value), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&end, &tm));
}

/*
 * The leap second is the last there was: 2016-12-31T23:59:60Z. The clock of the cell goes back by a
 * second at the end of it, with TAI one second further ahead.
 */
size_t matrix_walls(const char *zone, struct matrix_point points[MATRIX_POINTS])
{
	time_t forward, back;
	size_t count = 0;

	put(&points[count++], "1970-01-01", "1970-01-01T00:00:00Z");
	put(&points[count++], "leap-second", "2016-12-31T23:59:55Z,leap");
	matrix_zone_changes(zone, MATRIX_YEAR, &forward, &back);
	if (forward)
		put_before(&points[count++], "dst-forward", forward);
	if (back)
		put_before(&points[count++], "dst-back", back);
	put(&points[count++], "2028-02-29", "2028-02-28T23:59:55Z"); /* a leap day */
	put(&points[count++], "2036-02-07", "2036-02-07T06:28:11Z"); /* NTP's era 0: 2^32 s */
	put(&points[count++], "2038-01-19", "2038-01-19T03:14:03Z"); /* 2^31 s since 1970 */
	put(&points[count++], "2100-03-01", "2100-02-28T23:59:55Z"); /* no leap day */
	put(&points[count++], "9999-12-31", "9999-12-31T23:59:55Z"); /* years of four digits */
	return count;
}
