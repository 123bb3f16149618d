/* SPDX-License-Identifier: MIT */
/*
 * clock_text.h: points in time as people write them
 */
#ifndef CLOCHE_CLOCK_TEXT_H
#define CLOCHE_CLOCK_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * "2038-01-19T03:14:00Z" (RFC 3339: also with a fraction, with a space for the T, with an offset
 * such as +01:00, or the date alone; without Z or offset it is UTC), "@SECONDS" since 1970, "now",
 * or from now "+30d", "-1h" (*ret_relative). Years 1970 to 9999. Returns 0; -EINVAL; -ERANGE.
 */
int clock_text_parse(const char *text, struct timespec *ret_time, bool *ret_relative);

/* "2038-01-19T03:14:00.250Z", at most CLOCK_TEXT_MAX with its end. */
#define CLOCK_TEXT_MAX 40
void clock_text_format(const struct timespec *time, char buffer[CLOCK_TEXT_MAX]);

/* "30d", "1h30m", "0.5", "500ms". Returns 0 or -EINVAL. */
int clock_text_duration(const char *text, struct timespec *ret_time);

#endif
