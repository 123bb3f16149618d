# SPDX-License-Identifier: MIT
"""Criterion programs: each test in a cell of its own."""

import shlex
import subprocess

import pytest

SOURCE = r"""
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <criterion/theories.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

Test(math, adds) { cr_assert_eq(1 + 1, 2); }
Test(math, add) { cr_assert(1); }
Test(ma, adds) { cr_assert(1); }
Test(math, fails) { cr_expect_eq(1, 2, "oh <no> %d", 3); cr_assert(0); }
Test(math, lines) { cr_assert(0, "one\n  two\nnot ok - math::adds"); }
Test(math, skips) { cr_skip_test("no %s", "device"); }
Test(math, disabled, .disabled = true) { cr_assert(0); }
Test(math, crashes) { raise(SIGSEGV); }
Test(math, dies_well, .signal = SIGSEGV) { raise(SIGSEGV); }
Test(math, exits_well, .exit_code = 3) { exit(3); }
Test(math, exits) { exit(1); }
Test(math, waits, .timeout = 0.5) { for (;;) pause(); }
Test(math, described, .description = "it is: fine - # SKIP me") { }
TestSuite(off, .disabled = true);
Test(off, one) { }
ParameterizedTestParameters(many, fails)
{
    static int values[] = {1, 2, 3};
    return cr_make_param_array(int, values, 3);
}
ParameterizedTest(int *value, many, fails) { cr_assert_neq(*value, 2); }
ParameterizedTestParameters(many, skip_once)
{
    static int values[] = {1, 2};
    return cr_make_param_array(int, values, 2);
}
ParameterizedTest(int *value, many, skip_once) { if (*value == 1) cr_skip_test("one"); }
TheoryDataPoints(theory, holds) = {DataPoints(int, 1, 2), DataPoints(int, 0, 4)};
Theory((int a, int b), theory, holds) { cr_assume(b); cr_assert_lt(a / b, 1); }
"""

EXPECTED = {
    "ma::adds": "pass",
    "many::fails": "fail",
    "many::skip_once": "pass",
    "math::add": "pass",
    "math::adds": "pass",
    "math::crashes": "crash",
    "math::described": "pass",
    "math::dies_well": "pass",
    "math::exits": "fail",
    "math::exits_well": "pass",
    "math::fails": "fail",
    "math::lines": "fail",
    "math::skips": "skip",
    "math::waits": "timeout",
    "theory::holds": "pass",
}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    directory = tmp_path_factory.mktemp("criterion")
    (directory / "tests.c").write_text(SOURCE)
    subprocess.run(["gcc", "-o", directory / "tests", directory / "tests.c", "-lcriterion"],
                   check=True)
    return directory / "tests"


@pytest.fixture
def tests(program, work):
    target = work / "tests"
    target.write_bytes(program.read_bytes())
    target.chmod(0o755)
    return target


def test_cases(cloche, tests):
    result = cloche.run(tests)
    assert result.status == 100
    assert result.verdicts == EXPECTED


def test_results_say_where(cloche, tests):
    result = cloche.run(tests)
    line = SOURCE.splitlines().index("Test(math, adds) { cr_assert_eq(1 + 1, 2); }") + 1

    def failures(name):
        return sorted((failure["line"], failure["text"])
                      for failure in result.cases[name]["failures"])
    assert failures("math::fails") == [(line + 3, "The expression 0 is false."),
                                       (line + 3, "oh <no> 3")]
    ((at, text),) = failures("math::lines")
    assert at == line + 4 and [part.strip() for part in text.splitlines()] == \
        ["one", "two", "not ok - math::adds"]
    assert result.cases["math::fails"]["failures"][0]["file"].endswith("tests.c")
    assert result.cases["math::skips"]["reason"] == "no device"
    assert result.cases["math::waits"]["reason"] == "ran into a timeout of its own"
    assert result.cases["math::crashes"]["reason"].startswith("unexpected signal after ")
    assert result.cases["many::fails"]["reason"] == "1 expectation failed"


def test_disabled(cloche, tests):
    only = cloche.run("--run-ignored=only", tests)
    assert only.verdicts == {"math::disabled": "skip", "off::one": "skip"}
    assert only.cases["off::one"]["reason"] == "it is disabled in its source"


def test_its_own_variables(cloche, tests):
    names = {"CRITERION_TEST_PATTERN": "no/thing", "CRITERION_ALWAYS_SUCCEED": "1",
             "CRITERION_OUTPUTS": "xml:/does/not/exist"}
    result = cloche.run(*[f"--env={name}={value}" for name, value in names.items()], tests)
    assert result.verdicts == EXPECTED


def test_a_case_that_is_gone(cloche, tests):
    script = cloche.script("later", f"""#!/bin/sh
case $1 in --list) printf 'math: 1 test\\n`-- gone\\n' ;; *) exec {shlex.quote(str(tests))} "$@"
esac
""")
    result = cloche.run("--kind=criterion", script)
    assert result.verdicts == {"math::gone": "error"}
    assert "--fresh-list" in result.cases["math::gone"]["reason"]


@pytest.mark.parametrize("says, why", [
    ("`-- lost\n", "'`-- lost' in its list is no test"),
    ("a: 1 test\n`-- two words\n|-- a-b\n", "'|-- a-b' in its list is no test"),
])
def test_no_list(cloche, says, why):
    script = cloche.script("odd", f"#!/bin/sh\nprintf %s {shlex.quote(says)}\n")
    result = cloche("list", "--kind=criterion", script)
    assert result.status == 104 and why in result.err
