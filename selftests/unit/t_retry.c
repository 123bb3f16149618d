/* SPDX-License-Identifier: MIT */
/* Retries: what is tried again, when, and what is kept of the attempts before. */
#include <string.h>

#include "unit.h"
#include "retry.h"

static const struct cloche_options plain;

/* ---- what is tried again ---- */

static const struct {
	struct outcome outcome;
	bool failure, helps;
} results[] = {
	{{.ended = true}, true, true},
	{{.ended = true}, false, false},
	{{.timed_out = true}, true, true},
	{{.init_died = true}, true, true},
	{{.ended = true, .tampered = true}, true, true},
	{{.setup_failed = true}, true, false},
	{{.setup_failed = true, .isolation_missing = true}, true, false},
	{{.ended = true, .cancelled = true}, true, false},
};

START_TEST(failures_of_the_test_are_tried_again)
{
	struct result result = {.failure = results[_i].failure, .outcome = &results[_i].outcome};

	ck_assert(retry_helps(&result) == results[_i].helps);
}
END_TEST

/* ---- when ---- */

static const struct {
	struct cloche_options options;
	unsigned attempts;
	double chance, delay;
} delays[] = {
	{{.retries = 3}, 1, 0.5, 0},
	{{.retries = 3, .retry_jitter = true}, 1, 0.5, 0},
	{{.retry_delay = 2}, 1, 0, 2},
	{{.retry_delay = 2}, 9, 1, 2},
	{{.retry_delay = 2, .retry_backoff = "fixed"}, 9, 0, 2},
	{{.retry_delay = 2, .retry_max_delay = 1}, 9, 0, 2}, /* it is of doubling only */
	{{.retry_backoff = "exponential"}, 1, 0, 1},
	{{.retry_backoff = "exponential"}, 4, 0, 8},
	{{.retry_backoff = "exponential"}, 12, 0, 2048},
	{{.retry_backoff = "exponential"}, 13, 0, 3600},
	{{.retry_backoff = "exponential"}, 1000, 0, 3600},
	{{.retry_backoff = "exponential", .retry_delay = 0.25}, 3, 0, 1},
	{{.retry_backoff = "exponential", .retry_delay = 3, .retry_max_delay = 10}, 2, 0, 6},
	{{.retry_backoff = "exponential", .retry_delay = 3, .retry_max_delay = 10}, 3, 0, 10},
	{{.retry_backoff = "exponential", .retry_delay = 1e-9}, 1001, 0, 3600},
	{{.retry_delay = 8, .retry_jitter = true}, 1, 0, 4},
	{{.retry_delay = 8, .retry_jitter = true}, 1, 0.5, 6},
	{{.retry_delay = 8, .retry_jitter = true}, 1, 1, 8},
	{{.retry_backoff = "exponential", .retry_jitter = true}, 4, 0, 4},
	{{.retry_backoff = "exponential", .retry_jitter = true}, 1000, 1, 3600},
};

START_TEST(delays_are_fixed_or_double)
{
	ck_assert_double_eq(
		retry_delay(&delays[_i].options, delays[_i].attempts, delays[_i].chance),
		delays[_i].delay);
}
END_TEST

/* ---- what is kept ---- */

static char much[200000];

static struct case_info info = {.suite = "s", .name = "n", .number = 7, .options = &plain};

static struct attempt *keep(const struct outcome *outcome, bool bare)
{
	struct result result = {&info, VERDICT_FAIL, true, "because", outcome};
	struct attempt *attempt = attempt_keep(&result, NULL, bare);

	ck_assert_ptr_nonnull(attempt);
	return attempt;
}

START_TEST(attempts_are_copies)
{
	char reason[] = "because", text[] = "a\0b", place[] = "t.c", kind[] = "mount",
	     out[] = "said";
	struct remark second = {.text = text, .size = 3, .line = 2, .cut = true};
	struct remark first = {
		.next = &second, .file = place, .name = text, .text = text, .size = 1};
	struct remark attached = {.name = place, .file = place, .text = "", .size = 1 << 30};
	struct finding finding = {.kind = kind, .text = place};
	struct outcome outcome = {.failures = &first,
				  .attachments = &attached,
				  .findings = &finding,
				  .limit_hit = kind,
				  .wall = 3,
				  .remarks_left_out = 2,
				  .out = {.head = out, .head_size = 4, .total = 4}};
	struct result result = {&info, VERDICT_LIMIT, true, reason, &outcome};
	struct attempt *one = attempt_keep(&result, NULL, false);
	struct attempt *two = attempt_keep(&result, one, false);

	memset(reason, '!', 7);
	memset(text, '!', 3);
	memset(place, '!', 3);
	memset(kind, '!', 5);
	memset(out, '!', 4);
	ck_assert_ptr_eq(two->result.earlier, &one->result);
	ck_assert_ptr_null(one->result.earlier);
	ck_assert_uint_eq(two->result.info->number, 7);
	ck_assert_int_eq(two->result.verdict, VERDICT_LIMIT);
	ck_assert_str_eq(two->result.reason, "because");
	ck_assert(two->outcome.wall == 3 && two->outcome.remarks_left_out == 2);
	ck_assert_str_eq(two->outcome.limit_hit, "mount");
	ck_assert_str_eq(two->outcome.failures->file, "t.c");
	ck_assert_str_eq(two->outcome.failures->name, "a");
	ck_assert_mem_eq(two->outcome.failures->next->text, "a\0b", 4);
	ck_assert(two->outcome.failures->next->cut && !two->outcome.failures->next->next);
	ck_assert_uint_eq(two->outcome.attachments->size, 1 << 30);
	ck_assert_str_eq(two->outcome.findings->kind, "mount");
	ck_assert_mem_eq(two->outcome.out.head, "said", 4);
	ck_assert_uint_eq(two->outcome.out.cut, 0);
	attempt_free(two);
	attempt_free(one);
	attempt_free(NULL);
}
END_TEST

START_TEST(attempts_are_bounded)
{
	struct remark remarks[100];
	struct outcome outcome = {
		.failures = remarks,
		.out = {.head = much, .head_size = sizeof(much), .total = sizeof(much)}};
	struct attempt *attempt;
	unsigned count = 0;

	for (size_t i = 0; i < 100; i++)
		remarks[i] = (struct remark){.text = much,
					     .size = i ? 2000 : sizeof(much),
					     .next = i < 99 ? &remarks[i + 1] : NULL};
	memset(much, 'x', sizeof(much));
	memcpy(much, "first", 5);
	memcpy(much + sizeof(much) - 4, "last", 4);
	attempt = keep(&outcome, false);
	for (const struct remark *r = attempt->outcome.failures; r; r = r->next, count++)
		ck_assert_uint_eq(r->size, 2000); /* the first is too large, and others are not */
	ck_assert(count > 25 && count < 33);
	ck_assert_uint_eq(attempt->outcome.remarks_left_out, 100 - count);
	ck_assert_uint_eq(attempt->outcome.out.head_size, ATTEMPT_OUTPUT / 2);
	ck_assert_uint_eq(attempt->outcome.out.tail_size, ATTEMPT_OUTPUT / 2);
	ck_assert_uint_eq(attempt->outcome.out.cut, sizeof(much) - ATTEMPT_OUTPUT);
	ck_assert_mem_eq(attempt->outcome.out.head, "first", 5);
	ck_assert_mem_eq(attempt->outcome.out.tail + ATTEMPT_OUTPUT / 2 - 4, "last", 4);
	ck_assert_uint_ge(attempt->bytes, ATTEMPT_OUTPUT + 25 * 2000);
	ck_assert_uint_le(attempt->bytes, ATTEMPT_OUTPUT + ATTEMPT_REMARKS + 4096);
	attempt_free(attempt);
}
END_TEST

/* What lay between the two halves is not there, and they must not become one text. */
START_TEST(output_that_was_cut_stays_cut)
{
	char head[] = "head", tail[] = "tail";
	struct outcome outcome = {.out = {.head = head,
					  .head_size = 4,
					  .tail = tail,
					  .tail_size = 4,
					  .cut = 100,
					  .total = 108}};
	struct attempt *attempt = keep(&outcome, false);

	ck_assert_uint_eq(attempt->outcome.out.head_size, 4);
	ck_assert_uint_eq(attempt->outcome.out.tail_size, 4);
	ck_assert_mem_eq(attempt->outcome.out.tail, "tail", 4);
	ck_assert_uint_eq(attempt->outcome.out.cut, 100);
	attempt_free(attempt);
	memset(much, 'x', sizeof(much));
	outcome.out = (struct captured){.head = much,
					.head_size = sizeof(much) / 2,
					.tail = tail,
					.tail_size = 4,
					.cut = 100,
					.total = sizeof(much) / 2 + 104};
	attempt = keep(&outcome, false);
	ck_assert_uint_eq(attempt->outcome.out.head_size, ATTEMPT_OUTPUT / 2);
	ck_assert_uint_eq(attempt->outcome.out.cut, outcome.out.total - 4 - ATTEMPT_OUTPUT / 2);
	attempt_free(attempt);
}
END_TEST

START_TEST(bare_ones_only_count)
{
	struct remark remark = {.text = "x", .size = 1};
	char out[] = "said";
	struct outcome outcome = {.failures = &remark,
				  .out = {.head = out, .head_size = 4, .total = 4}};
	struct attempt *attempt = keep(&outcome, true);

	ck_assert_ptr_null(attempt->outcome.failures);
	ck_assert_uint_eq(attempt->outcome.remarks_left_out, 1);
	ck_assert_uint_eq(attempt->outcome.out.head_size, 0);
	ck_assert_uint_eq(attempt->outcome.out.cut, 4);
	ck_assert_str_eq(attempt->result.reason, "because");
	ck_assert_uint_lt(attempt->bytes, 4096);
	attempt_free(attempt);
}
END_TEST

/* Of many attempts the first ones and the latest; over the budget, the latest alone. */
START_TEST(few_attempts_are_kept)
{
	struct running running = {
		.options = {.retries = 1000}, .info = info, .outcome = {.ended = true}};
	struct result result = {&running.info, VERDICT_FAIL, true, "no", &running.outcome};
	size_t bytes = 0, all;
	struct retry *retry = NULL;
	const struct result *at;

	running.world_block = strdup("world");
	for (unsigned i = 1; i <= 100; i++) {
		running.info.attempt = i;
		retry = retry_note(&running, &result, &bytes);
		ck_assert_ptr_nonnull(retry);
		ck_assert_ptr_eq(retry, running.retry);
		ck_assert_uint_eq(retry->attempts, i);
		ck_assert_uint_eq(retry->latest->info.attempt, i);
	}
	ck_assert_ptr_null(running.world_block); /* it went over */
	ck_assert_ptr_eq(retry->latest->info.options, &retry->options);
	ck_assert_uint_eq(retry->kept, RETRY_ATTEMPTS_KEPT);
	at = retry->latest->result.earlier;
	for (unsigned i = RETRY_ATTEMPTS_KEPT - 1; i; i--, at = at->earlier)
		ck_assert_uint_eq(at->info->attempt, i);
	ck_assert_ptr_null(at);
	all = bytes;
	bytes += RETRY_BYTES_KEPT;
	running.info.attempt = 101;
	ck_assert_ptr_nonnull(retry_note(&running, &result, &bytes));
	ck_assert_uint_eq(retry->latest->info.attempt, 101);
	ck_assert_uint_le(bytes, all + RETRY_BYTES_KEPT);
	retry_free(retry, &bytes);
	ck_assert_uint_eq(bytes, RETRY_BYTES_KEPT);
	retry_free(NULL, &bytes);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, failures_of_the_test_are_tried_again, 0,
			    sizeof(results) / sizeof(*results));
	tcase_add_loop_test(all, delays_are_fixed_or_double, 0, sizeof(delays) / sizeof(*delays));
	tcase_add_test(all, attempts_are_copies);
	tcase_add_test(all, attempts_are_bounded);
	tcase_add_test(all, output_that_was_cut_stays_cut);
	tcase_add_test(all, bare_ones_only_count);
	tcase_add_test(all, few_attempts_are_kept);
	return unit_run("retry", all);
}
