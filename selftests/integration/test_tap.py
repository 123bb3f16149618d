# SPDX-License-Identifier: MIT
"""Files *.t, one case each, run as prove runs them and judged by TAP."""

import pytest

PERL = r"""use strict;
use Test::More;
ok(1, "one");
is(1, 2, "two"); # two
ok(0);
{ local $TODO = "later"; ok(0, "four"); }
ok($ENV{HARNESS_ACTIVE}, "in a harness");
done_testing;
"""


def verdict(cloche, text, mode=0o644):
    (case,) = cloche.run(cloche.script("tests/some.t", text, mode)).cases.values()
    return case["verdict"]


@pytest.mark.parametrize("text, mode", (
    ("#!/bin/sh\necho 1..1; echo ok 1\n", 0o755),
    ("#!/bin/sh\necho 1..1; echo ok 1\n", 0o644),
    ("#! /usr/bin/env sh\necho 1..1; echo ok 1\n", 0o644),
    ("#!/usr/bin/perl -T \nprint qq(1..1\\n), ${^TAINT} ? '' : 'not ', qq(ok 1\\n);\n", 0o644),
    ("use strict;\nprint qq(1..1\\nok 1\\n);\n", 0o644)))
def test_who_runs_it(cloche, text, mode):
    assert verdict(cloche, text, mode) == "pass"


def test_failures_have_places(cloche):
    result = cloche.run(cloche.script("some.t", PERL, 0o644))
    (case,) = result.cases.values()
    assert case["reason"] == "2 of 5 tests failed" and case["verdict"] == "fail"
    two, three = case["failures"]
    assert two["file"].endswith("some.t") and two["line"] == 4
    assert two["text"].startswith("Failed test 'two'\n") and "expected: '2'" in two["text"]
    assert three["file"].endswith("some.t") and three["line"] == 5


def test_judged_by_tap(cloche):
    assert verdict(cloche, "#!/bin/sh\necho '1..0 # SKIP no device'\n") == "skip"
    assert verdict(cloche, "#!/bin/sh\necho 1..2; echo ok 1\n") == "fail"
    assert verdict(cloche, "#!/bin/sh\necho 1..1; echo ok 1; exit 3\n") == "fail"


def test_files_of_other_kinds(cloche):
    """Those of cram, or C++ templates, are no programs."""
    cloche.script("tree/cram.t", "  $ echo hi\n  hi\n", 0o644)
    cloche.script("tree/template.t", "template <class T> struct s {};\n", 0o644)
    cloche.script("tree/empty.t", "", 0o644)
    cloche.script("tree/perl.t", "package main;\nprint qq(1..1\\nok 1\\n);\n", 0o644)
    assert cloche("list", "tree").out == "tree/perl.t::perl.t\n"
    result = cloche("list", "tree/cram.t")
    assert result.status == 104 and "not executable" in result.err
