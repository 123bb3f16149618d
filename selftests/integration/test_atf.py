# SPDX-License-Identifier: MIT
"""Programs of ATF, by libatf-c and atf-sh: each case in a cell of its own."""

import subprocess

import pytest

SOURCE = r"""
#include <atf-c.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CASE(name) ATF_TC_WITHOUT_HEAD(name); ATF_TC_BODY(name, tc)
CASE(passes) { ATF_CHECK_EQ(0, access(".", W_OK)); }
CASE(fails) { ATF_CHECK_EQ(1, 2); ATF_REQUIRE_EQ_MSG(3, 4, "the reason\nin two lines"); }
CASE(skips) { atf_tc_skip("no disk"); }
CASE(ends_early) { _exit(0); }
CASE(crashes) { raise(SIGSEGV); }
CASE(fails_as_expected) { atf_tc_expect_fail("bug 3"); atf_tc_fail("yes"); }
CASE(does_not_fail) { atf_tc_expect_fail("bug 3"); }
CASE(exits_as_expected) { atf_tc_expect_exit(3, "so"); exit(3); }
CASE(exits_otherwise) { atf_tc_expect_exit(3, "so"); exit(4); }
CASE(dies_as_expected) { atf_tc_expect_signal(SIGKILL, "so"); raise(SIGKILL); }
CASE(dies_otherwise) { atf_tc_expect_signal(SIGKILL, "so"); raise(SIGTERM); }
CASE(dies_anyhow) { atf_tc_expect_death("so"); raise(SIGTERM); }
ATF_TC(hangs_as_expected);
ATF_TC_HEAD(hangs_as_expected, tc) { atf_tc_set_md_var(tc, "timeout", "1"); }
ATF_TC_BODY(hangs_as_expected, tc) { atf_tc_expect_timeout("so"); pause(); }
ATF_TC(needs_program);
ATF_TC_HEAD(needs_program, tc) { atf_tc_set_md_var(tc, "require.progs", "sh no-such-program"); }
ATF_TC_BODY(needs_program, tc) { }
ATF_TC(needs_root);
ATF_TC_HEAD(needs_root, tc) { atf_tc_set_md_var(tc, "require.user", "root"); }
ATF_TC_BODY(needs_root, tc) { ATF_REQUIRE_EQ(0, getuid()); }
ATF_TC(needs_nobody);
ATF_TC_HEAD(needs_nobody, tc) { atf_tc_set_md_var(tc, "require.user", "unprivileged"); }
ATF_TC_BODY(needs_nobody, tc) { ATF_REQUIRE(getuid() != 0); }
ATF_TC(needs_config);
ATF_TC_HEAD(needs_config, tc) { atf_tc_set_md_var(tc, "require.config", "disk"); }
ATF_TC_BODY(needs_config, tc) { ATF_CHECK_STREQ("a 'b'", atf_tc_get_config_var(tc, "disk")); }
ATF_TC_WITH_CLEANUP(cleans);
ATF_TC_HEAD(cleans, tc) { atf_tc_set_md_var(tc, "descr", "With: a colon"); }
ATF_TC_BODY(cleans, tc) { fclose(fopen("left", "w")); }
ATF_TC_CLEANUP(cleans, tc) { printf("cleanup sees %d\n", access("left", F_OK)); }
ATF_TC_WITH_CLEANUP(cleans_badly);
ATF_TC_HEAD(cleans_badly, tc) { }
ATF_TC_BODY(cleans_badly, tc) { }
ATF_TC_CLEANUP(cleans_badly, tc) { _exit(5); }
ATF_TC_WITH_CLEANUP(dies_and_cleans);
ATF_TC_HEAD(dies_and_cleans, tc) { }
ATF_TC_BODY(dies_and_cleans, tc) { raise(SIGSEGV); }
ATF_TC_CLEANUP(dies_and_cleans, tc) { puts("cleaned up"); }
ATF_TP_ADD_TCS(tp)
{
ADD
    return atf_no_error();
}
"""

EXPECTED = {
    "passes": "pass", "fails": "fail", "skips": "skip", "ends_early": "fail", "crashes": "crash",
    "fails_as_expected": "pass", "does_not_fail": "fail", "exits_as_expected": "pass",
    "exits_otherwise": "fail", "dies_as_expected": "pass", "dies_otherwise": "fail",
    "dies_anyhow": "pass", "hangs_as_expected": "pass", "needs_program": "skip",
    "needs_root": "pass", "needs_nobody": "pass", "needs_config": "skip", "cleans": "pass",
    "cleans_badly": "error", "dies_and_cleans": "crash",
}


@pytest.fixture(scope="session")
def program(stage):
    directory = stage / "atf"
    directory.mkdir()
    adds = "\n".join(f"    ATF_TP_ADD_TC(tp, {name});" for name in EXPECTED)
    (directory / "tests.c").write_text(SOURCE.replace("\nADD\n", f"\n{adds}\n"))
    subprocess.run(["gcc", "-o", "tests", "tests.c", "-latf-c"], cwd=directory, check=True)
    return directory / "tests"


@pytest.fixture
def result(cloche, program):
    return cloche.run(program, "--success-output=final")


def test_cases(result):
    assert result.verdicts == EXPECTED


def test_results(result):
    reasons = {name: case["reason"] for name, case in result.cases.items()}
    failures = result.cases["fails"]["failures"]
    assert [(failure["file"], failure["line"]) for failure in failures] == [("tests.c", 10)] * 2
    assert "the reason\nin two lines" in failures[1]["text"]
    assert reasons["skips"] == "no disk"
    assert reasons["ends_early"] == "ended in the middle, by exit(0)"
    assert reasons["fails_as_expected"] == "failed, as expected: bug 3: yes"
    assert reasons["exits_otherwise"] == "said expected_exit, and ended with status 4"
    assert reasons["dies_otherwise"] == "said expected_signal, and was killed by SIGTERM"
    assert reasons["hangs_as_expected"] == "ran into its deadline, as expected"
    assert reasons["needs_program"] == "requires the program 'no-such-program', which is not there"
    assert "give it by --env=TEST_ENV_disk=VALUE" in reasons["needs_config"]
    assert reasons["cleans_badly"] == "its cleanup ended with status 5"
    assert result.cases["cleans"]["output"]["text"] == "cleanup sees 0\n"
    assert "cleaned up" in result.cases["dies_and_cleans"]["output"]["text"]
    assert reasons["dies_and_cleans"] == "killed by SIGSEGV"


def test_configuration(cloche, program):
    given = cloche.run(program, "--exact=needs_config", "--env=TEST_ENV_disk=a 'b'")
    assert given.verdicts == {"needs_config": "pass"}


def test_who(cloche, program):
    """With another user than the one that it requires, a case is skipped."""
    result = cloche.run(program, "--exact=needs_root", "--user=65534")
    assert result.verdicts == {"needs_root": "skip"}
    assert result.cases["needs_root"]["reason"] == "requires root; leave out --user"


def test_no_such_case(cloche, program):
    """The list is of an earlier program: that is no pass."""
    script = cloche.script("tests", f'#!/bin/sh\n[ "$1" = -l ] || exec {program} "$@"\n'
                           'echo \'Content-Type: application/X-atf-tp; version="1"\'\necho\n'
                           "echo ident: gone\n")
    result = cloche.run("--kind=atf", script)
    assert result.verdicts == {"gone": "error"}
    assert result.cases["gone"]["reason"] == "said no result, and ended with status 1"


def test_shell(cloche):
    script = cloche.script("shell", """#!/usr/bin/env atf-sh
atf_test_case good
good_body() { atf_check -o inline:'hi\\n' echo hi; }
atf_test_case bad cleanup
bad_head() { atf_set timeout 20; atf_set X-word "a, b"; }
bad_body() { atf_check -s exit:1 true; }
bad_cleanup() { echo cleaned up; }
atf_init_test_cases() { atf_add_test_case good; atf_add_test_case bad; }
""")
    result = cloche.run(script)
    assert result.verdicts == {"good": "pass", "bad": "fail"}
    assert "cleaned up" in result.cases["bad"]["output"]["text"]


@pytest.mark.parametrize("text, why", [
    ("ident: a", "its list does not begin with 'Content-Type: application/X-atf-tp'"),
    ("Content-Type: application/X-atf-tp; version=\"1\"\n\ndescr: x", "has 'descr' before any case"),
    ("Content-Type: application/X-atf-tp; version=\"1\"\n\nident", "'ident' in its list is no pro"),
])
def test_what_is_no_list(cloche, text, why):
    script = cloche.script("odd", f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    result = cloche("list", "--kind=atf", script)
    assert result.status == 104 and why in result.err
