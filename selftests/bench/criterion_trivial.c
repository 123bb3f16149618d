/* SPDX-License-Identifier: MIT */
/* The same in Criterion: a hundred cases, since each takes as long as ten in the other programs. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

ParameterizedTestParameters(trivial, does_nothing)
{
	static int rows[100];

	return cr_make_param_array(int, rows, 100);
}

ParameterizedTest(int *row, trivial, does_nothing)
{
	cr_assert(row);
}
