/* SPDX-License-Identifier: MIT */
/*
 * Whatever text is given as a filter: it is refused with a sentence and a caret, or it is one and
 * answers; and a filter and its opposite never agree.
 *
 * With clang: clang -fsanitize=fuzzer,address -DFUZZER -Irunner -Iharness -Ifixtures \
 *             selftests/unit/fuzz_expression.c fixtures/nearest.c \
 *             runner/{excerpt,expression,expression_ask,pattern,utf8}.c
 *
 * Without: a program that puts random pieces together, from fixed seeds; its argument is how many.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"

static const struct expression_subject subject = {.suite = "build/t_net",
						  .name = "opens/readonly",
						  .tags = "slow,net",
						  .tags_size = 8,
						  .native = true};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *opposite = malloc(size + 8), why[512];
	struct expression *expression, *other;

	if (!text || !opposite)
		abort();
	memcpy(text, data, size); /* of just its size, for sanitizers */
	text[size] = '\0';
	snprintf(opposite, size + 8, "not (%s)", text);
	expression = expression_parse(text, why, sizeof(why));
	if (!expression && (!strchr(why, '^') || strlen(why) >= sizeof(why)))
		abort();
	other = expression ? expression_parse(opposite, why, sizeof(why)) : NULL;
	if (expression && expression_matches(expression, &subject) &&
	    !expression_may_match(expression, subject.suite, subject.native))
		abort();
	if (other &&
	    expression_matches(expression, &subject) == expression_matches(other, &subject))
		abort();
	expression_free(other);
	expression_free(expression);
	free(text);
	free(opposite);
	return 0;
}

#ifndef FUZZER
static const char *const pieces[] = {
	"all()", "none()", "test(",  "suite(", "tag(", "kind(", ")",   "(",    "not ", "!",
	"and ",  "or ",    "|",      "&",      "-",    "+",     "=",   "~",    "#",    "/",
	"/a/",   "\\",     "native", "a*b",    "[",    "]",     "::",  "\\)",  "\xff", "\xc3\xbc",
	" ",     "\n",     "x",      "slow",   "1",    "^",     "{1}", "(a|b", "\\d",  "nt(",
};

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 20000;
	uint64_t state = 1;

	for (unsigned i = 0; i < rounds; i++) {
		char text[256] = "";
		size_t used = 0;

		for (unsigned part = 0; part <= i % 24; part++) {
			uint64_t drawn;

			state = state * 6364136223846793005u + 1442695040888963407u;
			drawn = state >> 33;
			if (i % 3 == 2) /* any bytes */
				text[used++] = (char)(drawn % 255 + 1);
			else
				used += (size_t)snprintf(
					text + used, sizeof(text) - used, "%s",
					pieces[drawn % (sizeof(pieces) / sizeof(*pieces))]);
		}
		LLVMFuzzerTestOneInput((const uint8_t *)text, used);
	}
	return 0;
}
#endif
