/* SPDX-License-Identifier: MIT */
/* MANY GoogleTest cases that do nothing. */
#include <gtest/gtest.h>

class Trivial : public ::testing::TestWithParam<int>
{
};

TEST_P(Trivial, Case)
{
}

INSTANTIATE_TEST_SUITE_P(Many, Trivial, ::testing::Range(0, MANY));
