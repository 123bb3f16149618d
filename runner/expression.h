/* SPDX-License-Identifier: MIT */
/*
 * expression.h: the filter language, which cases are meant
 *
 *	suite(t_uts) and not (tag(slow) or test(/_[0-9]+$/))
 *
 * An expression is parsed once and asked for each case. It is no longer than its text is good for:
 * nothing in it points into that. Nothing here does input or output.
 */
#ifndef CLOCHE_EXPRESSION_H
#define CLOCHE_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

/* What is asked about: one case. */
struct expression_subject {
	const char *suite; /* as it is shown: "build/t_uts" */
	const char *name;  /* "opens/readonly" */
	const char *tags;  /* "slow,net", of `tags_size` bytes; NULL: none */
	size_t tags_size;
	bool native;
	const char *kind;   /* of a foreign suite: "gtest"; NULL: not known */
	const char *listed; /* the name of the case that this is a point of, matrix.h; or NULL */
};

/*
 * The next of the tags, without the space around it; what is taken goes from the subject. Returns
 * false when there is none.
 */
bool expression_take_tag(struct expression_subject *subject, const char **ret_tag,
			 size_t *ret_size);

struct expression;

/*
 * Returns the expression, or NULL with a sentence in `why`. Below that stand two lines, indented:
 * the text, and a caret under the place; no newline at the end. 512 bytes are enough.
 */
struct expression *expression_parse(const char *text, char *why, size_t size);

bool expression_matches(const struct expression *expression,
			const struct expression_subject *subject);

/*
 * Could it match any case of this suite at all? Where not, the suite need not be asked for its
 * cases.
 */
bool expression_may_match(const struct expression *expression, const char *suite, bool native);

void expression_free(struct expression *expression); /* NULL is fine */

#endif
