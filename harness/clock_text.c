/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock_text.h"

#define NSEC        1000000000L
#define LAST_SECOND 253402300799LL /* 9999-12-31T23:59:59Z */

static const struct {
	const char *name;
	int64_t nanoseconds;
} units[] = {
	{"ns", 1},        {"us", 1000},       {"ms", 1000000},     {"s", NSEC},
	{"m", 60 * NSEC}, {"h", 3600 * NSEC}, {"d", 86400 * NSEC}, {"w", 604800 * NSEC},
};

/* ".5" is half of `of`; exact to the nanosecond. */
static bool take_fraction(const char **text, int64_t of, int64_t *ret)
{
	int64_t value = 0;

	if (**text != '.')
		return true;
	if (!isdigit((unsigned char)*++*text))
		return false;
	for (; isdigit((unsigned char)**text); ++*text) {
		of /= 10;
		value += (**text - '0') * of;
	}
	*ret += value;
	return true;
}

static bool take_number(const char **text, int64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*ret = strtoll(*text, &end, 10);
	*text = end;
	return !errno && *ret <= 1000000000000LL;
}

static int64_t take_unit(const char **text)
{
	size_t size = strspn(*text, "abcdefghijklmnopqrstuvwxyz");

	if (!size)
		return **text ? 0 : NSEC;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strlen(units[i].name) == size && !strncmp(units[i].name, *text, size)) {
			*text += size;
			return units[i].nanoseconds;
		}
	return 0;
}

static void add(struct timespec *sum, int64_t number, int64_t unit, int64_t fraction)
{
	int64_t whole = unit >= NSEC ? number * (unit / NSEC) : number / (NSEC / unit);
	int64_t rest = (unit >= NSEC ? 0 : number % (NSEC / unit) * unit) + sum->tv_nsec + fraction;

	sum->tv_sec += whole + rest / NSEC;
	sum->tv_nsec = rest % NSEC;
}

int clock_text_duration(const char *text, struct timespec *ret_time)
{
	struct timespec sum = {0};

	if (!*text)
		return -EINVAL;
	while (*text) {
		int64_t number, part = 0, unit;
		const char *point;

		if (!take_number(&text, &number))
			return -EINVAL;
		point = text;
		if (!take_fraction(&text, NSEC, &part))
			return -EINVAL;
		unit = take_unit(&text);
		part = 0;
		if (!unit || !take_fraction(&point, unit, &part))
			return -EINVAL;
		add(&sum, number, unit, part);
	}
	*ret_time = sum;
	return 0;
}

/* Exactly `digits` digits, at most `most`. */
static bool take_digits(const char **text, int digits, int most, int *ret)
{
	*ret = 0;
	for (int i = 0; i < digits; i++, ++*text) {
		if (!isdigit((unsigned char)**text))
			return false;
		*ret = *ret * 10 + (**text - '0');
	}
	return *ret <= most;
}

static bool take_char(const char **text, const char *any)
{
	if (!**text || !strchr(any, **text))
		return false;
	++*text;
	return true;
}

/* "Z", "+01:00", or nothing. */
static bool take_zone(const char **text, int64_t *ret_offset)
{
	int sign, hours, minutes;

	*ret_offset = 0;
	if (!**text || take_char(text, "Zz"))
		return !**text;
	sign = **text == '-' ? -1 : 1;
	if (!take_char(text, "+-") || !take_digits(text, 2, 23, &hours))
		return false;
	take_char(text, ":");
	if (!take_digits(text, 2, 59, &minutes) || **text)
		return false;
	*ret_offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool take_time(const char **text, struct tm *tm, int64_t *ret_fraction)
{
	const char *start = *text;

	if (!take_char(text, "Tt "))
		return *text == start;
	if (!take_digits(text, 2, 23, &tm->tm_hour) || !take_char(text, ":") ||
	    !take_digits(text, 2, 59, &tm->tm_min))
		return false;
	if (!take_char(text, ":"))
		return true;
	return take_digits(text, 2, 60, &tm->tm_sec) && take_fraction(text, NSEC, ret_fraction);
}

static int parse_date(const char *text, struct timespec *ret_time)
{
	int64_t fraction = 0, offset;
	struct tm tm = {0}, again;
	time_t seconds;

	if (!take_digits(&text, 4, 9999, &tm.tm_year) || !take_char(&text, "-") ||
	    !take_digits(&text, 2, 12, &tm.tm_mon) || !take_char(&text, "-") ||
	    !take_digits(&text, 2, 31, &tm.tm_mday) || !take_time(&text, &tm, &fraction) ||
	    !take_zone(&text, &offset))
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	again = tm;
	seconds = timegm(&again); /* which makes March 2 of February 30 */
	if (again.tm_mday != tm.tm_mday && tm.tm_sec != 60)
		return -EINVAL;
	seconds -= offset;
	if (seconds < 0 || seconds > LAST_SECOND)
		return -ERANGE;
	*ret_time = (struct timespec){seconds, fraction};
	return 0;
}

int clock_text_parse(const char *text, struct timespec *ret_time, bool *ret_relative)
{
	struct timespec time = {0};
	int result = 0;

	*ret_relative = *text == '+' || *text == '-' || !strcmp(text, "now");
	if (*text == '+' || *text == '-') {
		result = clock_text_duration(text + 1, &time);
		if (!result && *text == '-' && (time.tv_sec || time.tv_nsec)) {
			time.tv_sec = -time.tv_sec - (time.tv_nsec > 0);
			time.tv_nsec = time.tv_nsec ? NSEC - time.tv_nsec : 0;
		}
	} else if (*text == '@') {
		int64_t seconds, fraction = 0;

		text++;
		if (!take_number(&text, &seconds) || !take_fraction(&text, NSEC, &fraction) ||
		    *text)
			return -EINVAL;
		if (seconds > LAST_SECOND)
			return -ERANGE;
		time = (struct timespec){seconds, fraction};
	} else if (!*ret_relative) {
		result = parse_date(text, &time);
	}
	if (!result)
		*ret_time = time;
	return result;
}

void clock_text_format(const struct timespec *time, char buffer[CLOCK_TEXT_MAX])
{
	struct tm tm;
	size_t used;

	gmtime_r(&time->tv_sec, &tm);
	used = strftime(buffer, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buffer + used, CLOCK_TEXT_MAX - used, ".%03ldZ", time->tv_nsec / 1000000);
}
