/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "retry.h"

#define FIRST_DELAY 1.0    /* where doubling has nothing to start from */
#define MAX_DELAY   3600.0 /* where doubling is to end */

/*
 * What failed in the test's hands may be chance. What did not even start is the machine's or the
 * case's lack, and stays what it is; and who was told to end is not to begin again.
 */
bool retry_helps(const struct result *result)
{
	return result->failure && !result->outcome->setup_failed && !result->outcome->cancelled;
}

double retry_delay(const struct cloche_options *options, unsigned attempts, double chance)
{
	bool doubles = options->retry_backoff && !strcmp(options->retry_backoff, "exponential");
	double most = options->retry_max_delay > 0 ? options->retry_max_delay : MAX_DELAY;
	double delay = options->retry_delay;

	if (doubles) {
		delay = ldexp(delay > 0 ? delay : FIRST_DELAY,
			      attempts < 64 ? (int)attempts - 1 : 63);
		if (delay > most)
			delay = most;
	}
	return options->retry_jitter ? delay * (1 + chance) / 2 : delay;
}

static struct retry *begin(struct running *running)
{
	struct retry *retry = calloc(1, sizeof(*retry));

	if (!retry)
		return NULL;
	retry->job = running->job;
	retry->options = running->options;
	retry->world_block = running->world_block;
	running->world_block = NULL;
	running->retry = retry;
	return retry;
}

static void drop_latest(struct retry *retry, size_t *bytes_kept)
{
	struct attempt *latest = retry->latest;

	retry->latest = latest->earlier;
	retry->kept--;
	*bytes_kept -= latest->bytes;
	attempt_free(latest);
}

/* The latest is always kept. For want of room it takes the place of the one before it. */
struct retry *retry_note(struct running *running, const struct result *result, size_t *bytes_kept)
{
	struct retry *retry = running->retry ? running->retry : begin(running);
	bool full = *bytes_kept >= RETRY_BYTES_KEPT;
	struct attempt *latest;

	if (!retry)
		return NULL;
	if (retry->latest && (full || retry->kept == RETRY_ATTEMPTS_KEPT))
		drop_latest(retry, bytes_kept);
	latest = attempt_keep(result, retry->latest, full);
	if (!latest)
		return NULL;
	latest->info.options = &retry->options;
	*bytes_kept += latest->bytes;
	retry->latest = latest;
	retry->kept++;
	retry->attempts++;
	return retry;
}

void retry_free(struct retry *retry, size_t *bytes_kept)
{
	if (!retry)
		return;
	while (retry->latest)
		drop_latest(retry, bytes_kept);
	free(retry->world_block);
	free(retry);
}
