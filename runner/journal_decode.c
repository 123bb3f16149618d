/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "journal_decode.h"
#include "journal_json.h"
#include "text.h"
#include "world.h"

void decode_case(const json_t *event, struct case_info *info)
{
	info->suite = field_text(event, "suite");
	info->name = field_text(event, "name");
	info->file = field_optional(event, "file");
	info->line = field_count(event, "line");
	info->number = field_count(event, "number");
	info->repetition = field_count(event, "repetition");
	info->attempt = field_count(event, "attempt");
}

/* Failures and notes. */
static struct remark *decode_remarks(const json_t *list, struct obstack *memory)
{
	struct remark *first = NULL, **end = &first;
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct remark *remark = obstack_alloc(memory, sizeof(*remark));

		*remark = (struct remark){.file = field_optional(one, "file"),
					  .line = field_count(one, "line"),
					  .name = field_optional(one, "expression"),
					  .cut = json_is_true(json_object_get(one, "cut"))};
		remark->text = field_bytes(one, "text", &remark->size);
		*end = remark;
		end = &remark->next;
	}
	return first;
}

static struct remark *decode_attachments(const json_t *list, struct obstack *memory)
{
	struct remark *first = NULL, **end = &first;
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct remark *remark = obstack_alloc(memory, sizeof(*remark));

		*remark = (struct remark){.file = field_optional(one, "file"),
					  .name = field_optional(one, "name"),
					  .size = field_number(one, "bytes"),
					  .cut = json_is_true(json_object_get(one, "cut"))};
		*end = remark;
		end = &remark->next;
	}
	return first;
}

static struct remark *decode_remark(const json_t *event, const char *key, struct obstack *memory)
{
	struct remark *remark;

	if (!json_is_string(json_object_get(event, key)))
		return NULL;
	remark = obstack_alloc(memory, sizeof(*remark));
	*remark = (struct remark){0};
	remark->text = field_bytes(event, key, &remark->size);
	return remark;
}

static struct finding *decode_findings(const json_t *list, struct obstack *memory)
{
	struct finding *first = NULL, **end = &first;
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct finding *finding = obstack_alloc(memory, sizeof(*finding));

		*finding = (struct finding){.kind = field_text(one, "kind"),
					    .text = field_text(one, "text")};
		*end = finding;
		end = &finding->next;
	}
	return first;
}

static struct timeval decode_time(const json_t *event, const char *key)
{
	int64_t micros = (int64_t)(field_seconds(event, key) * 1e6 + 0.5);

	return (struct timeval){.tv_sec = micros / 1000000, .tv_usec = micros % 1000000};
}

/* The number of a signal as text_signal() names it, or 0. */
static int decode_signal(const char *name)
{
	char known[TEXT_SIGNAL_ROOM];

	for (int number = 1; number < NSIG; number++)
		if (!strcmp(text_signal(number, known), name))
			return number;
	return 0;
}

static void decode_end(const json_t *event, struct outcome *outcome)
{
	const char *signal = field_optional(event, "signal");
	struct rusage *usage = &outcome->usage;

	outcome->ended = signal || json_is_integer(json_object_get(event, "status"));
	outcome->wait_status =
		signal ? decode_signal(signal) : (int)(field_count(event, "status") & 0xff) << 8;
	usage->ru_utime = decode_time(event, "user_seconds");
	usage->ru_stime = decode_time(event, "system_seconds");
	usage->ru_maxrss = field_number(event, "max_rss_kib");
	usage->ru_inblock = field_number(event, "blocks_read");
	usage->ru_oublock = field_number(event, "blocks_written");
	usage->ru_nvcsw = field_number(event, "waits");
	usage->ru_nivcsw = field_number(event, "preemptions");
}

static void decode_native(const json_t *event, struct outcome *outcome, struct obstack *memory)
{
	outcome->native = json_is_integer(json_object_get(event, "checks"));
	outcome->checks = field_number(event, "checks");
	outcome->done = outcome->native && !json_is_true(json_object_get(event, "unfinished"));
	outcome->failure_count = field_count(event, "failure_count");
	outcome->failures = decode_remarks(json_object_get(event, "failures"), memory);
	outcome->notes = decode_remarks(json_object_get(event, "notes"), memory);
	outcome->attachments = decode_attachments(json_object_get(event, "attachments"), memory);
}

static void decode_tap(const json_t *tap, struct outcome *outcome)
{
	outcome->tap = json_is_object(tap);
	outcome->tap_planned = field_count(tap, "planned");
	outcome->tap_run = field_count(tap, "run");
	outcome->tap_failed = field_count(tap, "failed");
	outcome->tap_skipped = field_count(tap, "skipped");
}

static void decode_output(const json_t *output, struct captured *out)
{
	out->head = field_bytes(output, "text", &out->head_size);
	out->tail = field_bytes(output, "end", &out->tail_size);
	out->total = field_number(output, "bytes");
	out->cut = field_number(output, "cut");
}

static const struct outcome *decode_outcome(const json_t *event, struct obstack *memory)
{
	struct outcome *outcome = obstack_alloc(memory, sizeof(*outcome));
	const json_t *namespaces = json_object_get(event, "namespaces");

	*outcome = (struct outcome){0};
	outcome->started = field_seconds(event, "started");
	outcome->slot = field_count(event, "slot");
	outcome->wall = field_seconds(event, "seconds");
	decode_end(event, outcome);
	for (size_t i = 0; i < NAMESPACES; i++)
		outcome->namespaces[i] = field_number(namespaces, namespace_names[i]);
	outcome->missing = field_optional(event, "missing");
	outcome->findings = decode_findings(json_object_get(event, "findings"), memory);
	outcome->limit_hit = field_optional(event, "limit");
	decode_native(event, outcome, memory);
	outcome->remarks_left_out = field_number(event, "remarks_left_out");
	outcome->crash = decode_remark(event, "crash", memory);
	outcome->stacks = decode_remark(event, "stacks", memory);
	outcome->kept = field_optional(event, "kept");
	decode_tap(json_object_get(event, "tap"), outcome);
	decode_output(json_object_get(event, "output"), &outcome->out);
	return outcome;
}

/* An option that this version does not know, or not with that value, is left out. */
static const struct cloche_options *decode_world(const json_t *world, struct obstack *memory)
{
	struct cloche_options *options = obstack_alloc(memory, sizeof(*options));

	*options = (struct cloche_options){0};
	for (size_t i = 0; i < world_row_count(); i++) {
		const char *text = field_optional(world, world_row(i)->name), *why;

		if (text)
			option_set(world_row(i), options, text, &why);
	}
	return options;
}

static struct result *decode_attempt(const json_t *event, const struct case_info *info,
				     struct obstack *memory)
{
	struct result *result = obstack_alloc(memory, sizeof(*result));

	*result = (struct result){
		.info = info,
		.verdict = journal_verdict(field_text(event, "verdict")),
		.failure = json_is_true(json_object_get(event, "failure")),
		.reason = field_text(event, "reason"),
		.given_up = json_is_true(json_object_get(event, "given_up")),
		.outcome = decode_outcome(event, memory),
	};
	return result->verdict ? result : NULL;
}

/* The attempts before, which are told the first one first; the last one is returned. */
static const struct result *decode_earlier(const json_t *list, const struct case_info *info,
					   struct obstack *memory)
{
	struct result *last = NULL;
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct case_info *then = obstack_copy(memory, info, sizeof(*info));
		struct result *result;

		then->attempt = field_count(one, "attempt");
		result = decode_attempt(one, then, memory);
		if (!result)
			continue;
		result->earlier = last;
		last = result;
	}
	return last;
}

struct result *decode_result(const json_t *event, struct case_info *info, struct obstack *memory)
{
	struct result *result;

	info->options = decode_world(json_object_get(event, "world"), memory);
	result = decode_attempt(event, info, memory);
	if (result)
		result->earlier = decode_earlier(json_object_get(event, "earlier"), info, memory);
	return result;
}
