/* SPDX-License-Identifier: MIT */
/* What is in a text is never said to be missing; most of what is not, is. */
#include <stdlib.h>
#include <string.h>

#include "suite/digest.h"
#include "unit.h"

static struct digest digest;
static unsigned char text[40000];

/* Always the same, and of all bytes. */
static void fill(unsigned char *bytes, size_t size, uint64_t seed)
{
	for (size_t i = 0; i < size; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = seed >> 56;
	}
}

START_TEST(what_is_there_is_not_missing)
{
	fill(text, sizeof(text), 1);
	digest_add(&digest, text, sizeof(text) - 1); /* of no whole number of words */
	for (size_t size = 0; size < 40; size++)
		for (size_t at = 0; at + size < sizeof(text); at += 1 + at / 50)
			if (!digest_may_hold(&digest, (char *)text + at, size))
				ck_abort_msg("%zu bytes at %zu", size, at);
}
END_TEST

START_TEST(what_is_not_there_is_missing)
{
	static const char mark[] = "gtest_list_tests";
	unsigned char other[16];
	unsigned held = 0;

	ck_assert(!digest_may_hold(&digest, mark, strlen(mark)));
	fill(text, sizeof(text), 1);
	digest_add(&digest, text, sizeof(text));
	ck_assert(!digest_may_hold(&digest, mark, strlen(mark)));
	for (uint64_t seed = 2; seed < 1002; seed++) {
		fill(other, sizeof(other), seed);
		held += digest_may_hold(&digest, (char *)other, sizeof(other));
	}
	ck_assert_uint_lt(held, 50);
	memcpy(text + 4321, mark, strlen(mark));
	digest_add(&digest, text, sizeof(text));
	ck_assert(digest_may_hold(&digest, mark, strlen(mark)));
}
END_TEST

START_TEST(of_what_is_short_nothing_is_known)
{
	ck_assert(digest_may_hold(&digest, "", 0));
	ck_assert(digest_may_hold(&digest, "six456", 6));
	ck_assert(!digest_may_hold(&digest, "seven67", 7));
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, what_is_there_is_not_missing);
	tcase_add_test(all, what_is_not_there_is_missing);
	tcase_add_test(all, of_what_is_short_nothing_is_known);
	return unit_run("digest", all);
}
