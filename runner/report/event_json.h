/* SPDX-License-Identifier: MIT */
/*
 * event_json.h: events as JSON objects, each with its version "v"; docs/reference.md has the fields
 *
 * NULL without memory.
 */
#ifndef CLOCHE_EVENT_JSON_H
#define CLOCHE_EVENT_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "event.h"

#define EVENT_VERSION 1

json_t *event_run_started(const struct run_info *info);
json_t *event_case_started(const struct case_info *info);
json_t *event_case_retried(const struct result *result, double delay);
json_t *event_case_slow(const struct case_info *info, double seconds);
json_t *event_case_ended(const struct result *result);
json_t *event_message(const char *sentence);
json_t *event_run_ended(const struct run_totals *totals);

/* Parts of them: what a case used, and a time to the microsecond. */
void event_set_usage(json_t *event, const struct rusage *usage);
json_t *event_seconds(double seconds);

/* Print it in a line of its own, and let go of it. Returns 0, or -ENOMEM, also of NULL. */
int event_print(FILE *out, json_t *event);

/* What any double holds; 17 would print 0.1 as 0.10000000000000001. */
#define EVENT_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

#endif
