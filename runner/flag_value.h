/* SPDX-License-Identifier: MIT */
/*
 * flag_value.h: what flags of the commands take, out of text
 *
 * Each function returns 0, or leaves what it was to set as it was: -EINVAL with a sentence, or
 * -ENOMEM. Texts are borrowed.
 */
#ifndef CLOCHE_FLAG_VALUE_H
#define CLOCHE_FLAG_VALUE_H

#include "flags.h"

struct flag_value {
	const char *name; /* of the flag, for the sentence */
	const char *text; /* NULL: the flag was given without one */
	char *why;        /* where the sentence goes */
	size_t size;
};

int flag_truth(const struct flag_value *value, bool *ret);
/* `values` is "a|b|c"; NULL: any text. */
int flag_choice(const struct flag_value *value, const char *values, const char **ret);
int flag_number(const struct flag_value *value, unsigned most, unsigned *ret); /* from 1 */
int flag_size(const struct flag_value *value, uint64_t *ret);
int flag_seconds(const struct flag_value *value, double *ret);
int flag_factor(const struct flag_value *value, double *ret);
int flag_seed(const struct flag_value *value, uint64_t *ret);
int flag_shard(const struct flag_value *value, struct shard *ret);
int flag_trust(const struct flag_value *value, unsigned *ret);
int flag_max_fail(const struct flag_value *value, unsigned *ret, bool *ret_immediate);
int flag_add_text(const struct flag_value *value, struct text_list *list);
int flag_add_kind(const struct flag_value *value, struct text_list *list);
int flag_add_group_slots(const struct flag_value *value, struct text_list *list);
int flag_add_filter(const struct flag_value *value, struct filter_list *list);

#endif
