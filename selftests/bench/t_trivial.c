/* SPDX-License-Identifier: MIT */
/* A thousand cases that do nothing: what is left is what a cell costs. */
#include <cloche.h>

#define ROW(n) {#n},
#define TEN(n)                                                                                     \
	ROW(n##0)                                                                                  \
	ROW(n##1) ROW(n##2) ROW(n##3) ROW(n##4) ROW(n##5) ROW(n##6) ROW(n##7) ROW(n##8) ROW(n##9)
#define HUND(n)                                                                                    \
	TEN(n##0)                                                                                  \
	TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4) TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)

/* clang-format off */
static const struct {
	const char *name;
} rows[] = {
	HUND(0) HUND(1) HUND(2) HUND(3) HUND(4) HUND(5) HUND(6) HUND(7) HUND(8) HUND(9)
};
/* clang-format on */

TEST_EACH(rows, trivial)
{
}
