/* SPDX-License-Identifier: MIT */
/*
 * When a zone moves its clocks, asked of libc: it reads what the C library of a test will read.
 * (Of a cell with files of its own, root=DIR, the machine's zones are asked.)
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "matrix.h"

#define DAY 86400

static long offset_at(time_t moment)
{
	struct tm local;

	return localtime_r(&moment, &local) ? local.tm_gmtoff : 0;
}

/* The second at which it changes, known to be one after `before`, and `after` at the latest. */
static time_t find_change(time_t before, time_t after)
{
	long offset = offset_at(before);

	while (after - before > 1) {
		time_t middle = before + (after - before) / 2;

		if (offset_at(middle) == offset)
			before = middle;
		else
			after = middle;
	}
	return after;
}

static time_t first_of(int year)
{
	struct tm tm = {.tm_year = year - 1900, .tm_mday = 1};

	return timegm(&tm);
}

static void set_zone(const char *zone)
{
	if (zone)
		setenv("TZ", zone, 1);
	else
		unsetenv("TZ");
	tzset();
}

static void search(int year, time_t *ret_forward, time_t *ret_back)
{
	time_t end = first_of(year + 1);

	for (time_t day = first_of(year); day < end; day += DAY) {
		long change = offset_at(day + DAY) - offset_at(day);

		if (change > 0 && !*ret_forward)
			*ret_forward = find_change(day, day + DAY);
		if (change < 0 && !*ret_back)
			*ret_back = find_change(day, day + DAY);
	}
}

/* Very many cases have the same zone one after the other: what was found last is kept. */
void matrix_zone_changes(const char *zone, int year, time_t *ret_forward, time_t *ret_back)
{
	static struct {
		char zone[64];
		int year;
		time_t forward, back;
	} last;
	const char *present = getenv("TZ");
	char *own = present ? strdup(present) : NULL;

	*ret_forward = *ret_back = 0;
	if (last.year == year && !strcmp(last.zone, zone)) {
		*ret_forward = last.forward;
		*ret_back = last.back;
	} else if (!present || own) { /* else there is no memory to come back */
		set_zone(zone);
		search(year, ret_forward, ret_back);
		set_zone(own);
		last.year = 0;
		if (strlen(zone) < sizeof(last.zone)) {
			strcpy(last.zone, zone);
			last.year = year;
			last.forward = *ret_forward;
			last.back = *ret_back;
		}
	}
	free(own);
}
