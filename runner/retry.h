/* SPDX-License-Identifier: MIT */
/*
 * retry.h: cases that failed and are run again
 *
 * A case that waits for its next attempt holds no slot, and no more than a bounded copy of what
 * became of it so far.
 */
#ifndef CLOCHE_RETRY_H
#define CLOCHE_RETRY_H

#include "attempt.h"
#include "keeper.h"

#define RETRY_ATTEMPTS_KEPT 16          /* of one case */
#define RETRY_BYTES_KEPT    (16u << 20) /* of all cases that are being tried again */

struct retry {
	struct job job;                /* of its first attempt */
	struct cloche_options options; /* borrowed by the attempts; strings are in world_block */
	char *world_block;
	struct attempt *latest;
	unsigned attempts; /* that have ended */
	unsigned kept;     /* of them, in the list of `latest` */
};

/* Pure: is such a result worth another attempt? */
bool retry_helps(const struct result *result);

/* Pure: seconds to wait after so many attempts; `chance` is from 0 to 1, for the jitter. */
double retry_delay(const struct cloche_options *options, unsigned attempts, double chance);

/*
 * Note that an attempt of this case failed. *bytes_kept is of all retries. Returns the retry, which
 * is made for the first failure and takes running's world over; NULL without memory.
 */
struct retry *retry_note(struct running *running, const struct result *result, size_t *bytes_kept);

void retry_free(struct retry *retry, size_t *bytes_kept);

#endif
