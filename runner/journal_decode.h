/* SPDX-License-Identifier: MIT */
/*
 * journal_decode.h: events become again what reporters are told
 *
 * The way back from report/event_json.h. What it makes is in `memory`, and its texts are in the
 * event: both must live as long. What the event lacks, or has as something else, is as if it had
 * not happened.
 */
#ifndef CLOCHE_JOURNAL_DECODE_H
#define CLOCHE_JOURNAL_DECODE_H

#include <jansson.h>
#include <obstack.h>

#include "event.h"

/* Fills in who the case is; its options stay as they are. */
void decode_case(const json_t *event, struct case_info *info);

/*
 * The result of a "case-ended" or "case-retried" about that case, whose options are set as well.
 * NULL when it says no verdict that there is.
 */
struct result *decode_result(const json_t *event, struct case_info *info, struct obstack *memory);

#endif
