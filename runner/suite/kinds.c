/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "suite/kind.h"

#define KIND(name) extern const struct kind kind_##name;
#include "kind-table.h"
#undef KIND

#define KINDS_MAX 64

/* In their order; within one place, in that of their names, which the build has sorted. */
const struct kind *const *kind_list(void)
{
#define KIND(name) &kind_##name,
	static const struct kind *const all[] = {
#include "kind-table.h"
	};
#undef KIND
	static const struct kind *sorted[KINDS_MAX + 1];
	size_t count = 0;

	_Static_assert(sizeof(all) / sizeof(*all) <= KINDS_MAX, "KINDS_MAX is too small");
	if (sorted[0])
		return sorted;
	for (int order = 0; order <= ORDER_LAST; order++)
		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
			if ((int)all[i]->order == order)
				sorted[count++] = all[i];
	return sorted;
}

const struct kind *kind_find(const char *name)
{
	for (const struct kind *const *kind = kind_list(); *kind; kind++)
		if (!strcmp((*kind)->name, name))
			return *kind;
	return NULL;
}

/* A program with all these kinds in it, as cloche itself, contains what each of them looks for. */
static const char own_mark[] = "cloche: the kinds of foreign suites are in this program";

const struct kind *kind_recognise(struct candidate *candidate)
{
	if (candidate->elf && candidate_has(candidate, own_mark))
		return NULL;
	for (const struct kind *const *kind = kind_list(); *kind; kind++)
		if ((*kind)->recognise && (*kind)->recognise(candidate))
			return *kind;
	return NULL;
}
