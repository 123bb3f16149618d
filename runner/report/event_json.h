/* SPDX-License-Identifier: MIT */
/*
 * event_json.h: events as lines of JSON, each with its version "v"; docs/reference.md has the
 * fields
 */
#ifndef CLOCHE_EVENT_JSON_H
#define CLOCHE_EVENT_JSON_H

#include "event.h"
#include "json_writer.h"

#define EVENT_VERSION 1

void event_run_started(struct json_writer *to, const struct run_info *info);
void event_case_started(struct json_writer *to, const struct case_info *info);
void event_case_retried(struct json_writer *to, const struct result *result, double delay);
void event_case_slow(struct json_writer *to, const struct case_info *info, double seconds);
void event_case_ended(struct json_writer *to, const struct result *result);
void event_message(struct json_writer *to, const char *sentence);
void event_run_ended(struct json_writer *to, const struct run_totals *totals);

/* A part of them: what a case used. */
void event_usage(struct json_writer *to, const struct rusage *usage);

/* Write the lines that were made, in one write(2), and begin anew. 0, -errno or -ENOMEM. */
int event_write(struct json_writer *lines, int fd);

#endif
