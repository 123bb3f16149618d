/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "captured.h"

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

#define CHUNK 512 /* most attempts say a line */

static void *take(struct attempt *attempt, const void *bytes, size_t size)
{
	attempt->bytes += size;
	return obstack_copy0(&attempt->memory, bytes, size);
}

static const char *copy_text(struct attempt *attempt, const char *text)
{
	return text ? take(attempt, text, strlen(text)) : NULL;
}

/* Those that there is room for; the others are counted. The size of an attachment is its file's. */
static struct remark *copy_remarks(struct attempt *attempt, const struct remark *remark,
				   bool is_attachment)
{
	struct remark *first = NULL, **end = &first;

	for (; remark; remark = remark->next) {
		size_t text = remark->text && !is_attachment ? remark->size : 0;
		size_t size = sizeof(*remark) + text + (remark->name ? strlen(remark->name) : 0);
		struct remark *copy;

		if (size > attempt->left) {
			attempt->outcome.remarks_left_out++;
			continue;
		}
		attempt->left -= size;
		copy = take(attempt, remark, sizeof(*remark));
		copy->file = copy_text(attempt, remark->file);
		copy->name = copy_text(attempt, remark->name);
		copy->text = remark->text ? take(attempt, remark->text, text) : NULL;
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return first;
}

static struct finding *copy_findings(struct attempt *attempt, const struct finding *finding)
{
	struct finding *first = NULL, **end = &first;

	for (; finding; finding = finding->next) {
		size_t size = sizeof(*finding) + strlen(finding->text);
		struct finding *copy;

		if (size > attempt->left)
			break;
		attempt->left -= size;
		copy = take(attempt, finding, sizeof(*finding));
		copy->kind = copy_text(attempt, finding->kind);
		copy->text = copy_text(attempt, finding->text);
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return first;
}

/* The first and the last of it; what was cut before, between the two, stays cut. */
static void copy_output(struct attempt *attempt, const struct captured *from, size_t limit)
{
	struct captured *to = &attempt->outcome.out;
	size_t half = limit / 2;

	captured_init(to, limit ? limit : 2);
	if (limit && from->cut) {
		size_t head = from->head_size < half ? from->head_size : half;
		size_t tail = from->tail_size < half ? from->tail_size : half;

		captured_feed(to, from->head, head);
		captured_finish(to);
		to->tail = malloc(tail ? tail : 1);
		to->tail_size = to->tail ? tail : 0;
		if (to->tail_size)
			memcpy(to->tail, from->tail + from->tail_size - tail, tail);
	} else if (limit) {
		captured_feed(to, from->head, from->head_size);
		captured_finish(to);
	}
	to->total = from->total;
	to->cut = from->total - to->head_size - to->tail_size;
	attempt->bytes += to->head_size + to->tail_size;
}

static void copy_outcome(struct attempt *attempt, const struct outcome *from, bool bare)
{
	struct outcome *to = &attempt->outcome;

	*to = *from;
	to->setup_sentence = copy_text(attempt, from->setup_sentence);
	to->missing = copy_text(attempt, from->missing);
	to->limit_hit = copy_text(attempt, from->limit_hit);
	to->tap_complaint = copy_text(attempt, from->tap_complaint);
	to->kept = copy_text(attempt, from->kept);
	attempt->left = bare ? 0 : ATTEMPT_REMARKS;
	to->failures = copy_remarks(attempt, from->failures, false);
	to->crash = copy_remarks(attempt, from->crash, false);
	to->stacks = copy_remarks(attempt, from->stacks, false);
	to->skip = copy_remarks(attempt, from->skip, false);
	to->notes = copy_remarks(attempt, from->notes, false);
	to->attachments = copy_remarks(attempt, from->attachments, true);
	to->findings = copy_findings(attempt, from->findings);
	copy_output(attempt, &from->out, bare ? 0 : ATTEMPT_OUTPUT);
}

struct attempt *attempt_keep(const struct result *result, struct attempt *earlier, bool bare)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));

	if (!attempt)
		return NULL;
	obstack_begin(&attempt->memory, CHUNK);
	attempt->bytes = sizeof(*attempt) + CHUNK;
	attempt->earlier = earlier;
	attempt->info = *result->info;
	attempt->result = *result;
	attempt->result.info = &attempt->info;
	attempt->result.outcome = &attempt->outcome;
	attempt->result.reason = copy_text(attempt, result->reason);
	attempt->result.earlier = earlier ? &earlier->result : NULL;
	copy_outcome(attempt, result->outcome, bare);
	return attempt;
}

void attempt_free(struct attempt *attempt)
{
	if (!attempt)
		return;
	captured_free(&attempt->outcome.out);
	obstack_free(&attempt->memory, NULL);
	free(attempt);
}
