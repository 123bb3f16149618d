# SPDX-License-Identifier: MIT
"""Which cases of which suites: the filter language, shards, what failed last, and exact names."""

import shutil

import pytest

SUITE = """
#include <cloche.h>

TEST(plain) {}
TEST(slow_one, .tags = "slow,net") {}
TEST(slow_two, .tags = "slow") {}
TEST(fails, .tags = "net") { fail("as it shall"); }
static const struct { const char *name; } rows[] = {{"a"}, {"b"}, {"c (1)"}};
TEST_EACH(rows, row) { EXPECT(1, ==, 1); }
"""
ALL = ["plain", "slow_one", "slow_two", "fails", "row/a", "row/b", "row/c (1)"]


@pytest.fixture
def suites(cloche, build_suite):
    """A directory with a native suite, t_some, and a script, check."""
    path = build_suite("t_some", SUITE)
    cloche.script("suites/check", "#!/bin/sh\n")
    cloche.who.owns(shutil.copy(path, cloche.cwd / "suites"))
    return "suites"


def names(listed):
    """The cases of a list, without their suites."""
    return [line.split("::", 1)[1] for line in listed.out.splitlines()]


# ---- the filter language ----

FILTERS = (
    (["all()"], [*ALL, "check"]),
    (["suite(t_some)"], ALL),
    (["suite(suites/t_*)"], ALL),
    (["kind(foreign)"], ["check"]),
    (["tag(slow)"], ["slow_one", "slow_two"]),
    (["tag(slow) and tag(net)"], ["slow_one"]),
    (["tag(slow) or tag(net)"], ["slow_one", "slow_two", "fails"]),
    (["tag(slow) - test(two)"], ["slow_one"]),
    (["not tag(*) and kind(native)"], ["plain", "row/a", "row/b", "row/c (1)"]),
    (["test(/^row.[ab]$/)"], ["row/a", "row/b"]),
    (["test(=row/c (1\\))"], ["row/c (1)"]),
    (["test(suites/t_some::p*)"], ["plain"]),
    (["tag(slow)", "kind(foreign)"], ["slow_one", "slow_two", "check"]),
)


@pytest.mark.parametrize("filters, chosen", FILTERS, ids=lambda value: " ".join(value))
def test_filters(cloche, suites, filters, chosen):
    """run and list choose alike."""
    flags = [word for text in filters for word in ("-E", text)]
    listed = cloche("list", *flags, suites)
    assert listed.status == 0 and sorted(names(listed)) == sorted(chosen), listed
    result = cloche.run(*flags, suites)
    assert sorted(result.verdicts) == sorted(chosen), result
    assert result.status == (100 if "fails" in chosen else 0)


def test_a_filter_narrows_what_names_take(cloche, suites):
    def chosen(*flags):
        return sorted(names(cloche("list", *flags, suites)))
    assert chosen("-n", "slow*", "--filter=tag(net)") == ["slow_one"]
    assert chosen("--exact=plain", "--exact=fails", "--filter=tag(net)") == ["fails"]
    assert chosen("-E", "tag(net)", "-s", "fails") == ["slow_one"]


def test_a_suite_of_its_own(cloche, build_suite):
    """A suite's own program has the same flag; its name is the last part of its path."""
    suite = build_suite("t_some", SUITE)
    result = cloche.command(suite, "--list", "-E", "suite(=t_some) & tag(slow)")
    assert result.out == "t_some::slow_one\nt_some::slow_two\n", result
    result = cloche.command(suite, "-E", "tag(slow)", "*two")
    assert result.status == 0 and "1 case run: 1 passed" in result.out, result


def test_no_case_matches_a_filter(cloche, suites):
    result = cloche.run("-E", "none()", suites)
    assert result.status == 4 and not result.out, result
    assert result.err == "cloche: no case matches; 'cloche list' shows their names\n"


@pytest.mark.parametrize("command", ("run", "list"))
def test_a_mistake_in_a_filter(cloche, command):
    """It is said before suites are looked for, and points at its place."""
    result = cloche(command, "-E", "all()", "--filter", "tag(slow) and siute(x)", "nowhere")
    assert result.status == 96 and not result.out, result
    assert result.err == ("cloche: --filter: there is no 'siute'; did you mean 'suite()'?\n"
                          "  tag(slow) and siute(x)\n"
                          "                ^~~~~\n")
