# SPDX-License-Identifier: MIT
"""bats: each test of a file in a cell of its own."""

import pytest

SOURCE = r"""
setup_file() { export PREPARED=yes; }
@test "passes" { [ "$PREPARED" = yes ]; }
@test "passes too" { true; }
@test "a [b] (c) {d} * ? + ^ | . \$e \"f\" \\ \`g' ü" { [ "$(hostname)" = cloche ]; }
@test 'in single quotes' { true; }
@test bare { true; }
@test "fails" {
  echo said
  false # fails
}
helper() {
  [ 1 = 2 ]
}
@test "fails in a function" {
  helper # calls
}
@test "skips" { skip "no device"; }
@test "skips for no reason" { skip; }
@test "costs $PRICE" { true; }
# bats file_tags=net
# bats test_tags=slow, io:disk
@test "tagged" { true; }
by_comment() { # @test
  true
}
@test "exits" { exit 0; }
"""

EXPECTED = {
    "passes": "pass",
    "passes too": "pass",
    "a [b] (c) {d} * ? + ^ | . $e \"f\" \\ `g' ü": "pass",
    "in single quotes": "pass",
    "bare": "pass",
    "fails": "fail",
    "fails in a function": "fail",
    "skips": "skip",
    "skips for no reason": "skip",
    "costs $PRICE": "pass",
    "tagged": "pass",
    "by_comment": "pass",
    "exits": "fail",
}


@pytest.fixture
def source(cloche):
    return cloche.script("some.bats", SOURCE, mode=0o644)


def test_cases(cloche, source):
    result = cloche.run(source)
    assert result.verdicts == EXPECTED
    for name, mark in (("fails", "fails"), ("fails in a function", "calls")):
        (failure,) = result.cases[name]["failures"]
        assert failure["file"].endswith("some.bats")
        assert failure["line"] == 1 + SOURCE[:SOURCE.index("# " + mark)].count("\n")
    assert result.cases["fails"]["reason"] == "`false # fails' failed"
    assert result.cases["skips"]["reason"] == "no device"


def test_tags(cloche, source):
    assert cloche("list", source, "-E", "tag(slow) and tag(io:disk) and tag(net)").out == \
        f"{source}::tagged\n"
    assert cloche("list", source, "-E", "tag(net) and not tag(slow)").out == \
        f"{source}::by_comment\n{source}::exits\n"


def test_recognised(cloche, source):
    """By its ending, or by its first line; in a directory, too."""
    text = "@test \"one\" { true; }\n"
    cloche.script("tree/a.bats", text, mode=0o644)
    cloche.script("tree/b", "#!/usr/bin/env bats\n" + text)
    cloche.script("tree/helper.bash", "false\n", mode=0o644)
    assert cloche("list", "tree").out == "tree/a.bats::one\ntree/b::one\n"


def test_its_own_variables(cloche, source):
    flags = ("--env=BATS_TEST_FILTER=nothing", "--env=BATS_NUMBER_OF_PARALLEL_JOBS=7")
    assert cloche.run(source, *flags).verdicts == EXPECTED


def test_what_is_made_by_functions(cloche):
    """bats counts what is not in the file, or not any more: that is said."""
    script = cloche.script("some.bats", "@test \"one\" { true; }\n")
    counts = cloche.script("bin/bats", "#!/bin/sh\necho 2\n")
    path = {"PATH": f"{counts.parent}:/usr/bin:/bin"}
    result = cloche("run", "--kind=bats", script, env=path)
    assert result.status == 104
    assert "bats counts 2 tests in it, and 1 stand there as '@test'" in result.err


@pytest.mark.parametrize("plan", ("1..0", "1..2"))
def test_a_name_of_none_or_two_is_an_error(cloche, plan):
    script = cloche.script("some.bats", "@test \"one\" { true; }\n")
    tests = cloche.script("bin/bats", f"""#!/bin/sh
[ "$1" = --count ] && echo 1 && exit
echo {plan}
""")
    (case,) = cloche.run(script, env={"PATH": f"{tests.parent}:/usr/bin:/bin"}).cases.values()
    assert case["verdict"] == "error" and "none or several" in case["reason"]


def test_without_bats(cloche):
    script = cloche.script("some.bats", "@test \"one\" { true; }\n")
    nothing = cloche.script("bin/nothing", "")
    result = cloche("run", "--kind=bats", script, env={"PATH": str(nothing.parent)})
    assert result.status == 104 and "'bats' cannot be executed" in result.err
