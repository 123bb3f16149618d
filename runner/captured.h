/* SPDX-License-Identifier: MIT */
/*
 * captured.h: a bounded copy of what a test prints
 *
 * The first half of the limit is kept from the beginning, the second from the end; what is between
 * is counted, together with the halves of characters (UTF-8) at the edges. Memory grows with what
 * arrives, up to the limit.
 */
#ifndef CLOCHE_CAPTURED_H
#define CLOCHE_CAPTURED_H

#include "event.h"

/* limit: bytes to keep, at least 2. */
void captured_init(struct captured *captured, size_t limit);
void captured_feed(struct captured *captured, const void *bytes, size_t size);
/*
 * Bring the end in order; nothing may be fed afterwards. When nothing was cut, all of it is in
 * `head`, and `tail` is empty.
 */
void captured_finish(struct captured *captured);
/* A finished copy of what there is so far, to be freed. Returns 0 or -ENOMEM. */
int captured_copy(const struct captured *captured, struct captured *ret_copy);
void captured_free(struct captured *captured);

#endif
