# SPDX-License-Identifier: MIT
"""Catch2 programs: each test in a cell of its own. Version 2 is Debian's; version 3, which it does
not have, is a stand-in, helpers/catch3.py."""

import subprocess
from pathlib import Path

import pytest

LONG = "a name that is longer than eighty columns, and so it is folded in the list that has " \
    "the tags, more than once even, because it goes on and on until there is no more to say"
LONG_WORD = "w" * 100

SOURCE = r"""
#include <catch2/catch.hpp>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <unistd.h>

TEST_CASE("adds", "[math][a tag, and it is so long that it is folded in the list with tags][x]")
{
    REQUIRE(2 == 1 + 1);
}
TEST_CASE("fails", "[math]")
{
    int a = 3;
    std::cout << "printed\n";
    INFO("<seen> & 'said'");
    CHECK(a == 4);
    WARN("careful");
    SECTION("inner") { FAIL("two\n\nlines"); }
}
TEST_CASE("throws") { throw std::runtime_error("thrown"); }
TEST_CASE("says nothing") { FAIL(); }
TEST_CASE("ends early") { _exit(0); }
TEST_CASE("crashes")
{
    std::cout << "before" << std::endl;
    raise(SIGSEGV);
}
TEST_CASE("hidden", "[.]") { FAIL("not now"); }
TEST_CASE("hidden slow", "[.slow]") { SUCCEED(); }
TEST_CASE("a, b [c] \"d\" \\e \\, ~f") { SUCCEED(); }
TEST_CASE("-dash") { SUCCEED(); }
TEST_CASE("a star") { FAIL("another"); }
TEST_CASE("*star") { SUCCEED(); }
TEST_CASE("exclude:this") { SUCCEED(); }
TEST_CASE("  spaces  ") { SUCCEED(); }
TEST_CASE("end\\") { SUCCEED(); }
TEST_CASE("#hash") { SUCCEED(); }
TEST_CASE("[brackets]") { SUCCEED(); }
TEST_CASE("two\nlines") { SUCCEED(); }
TEST_CASE("\xc3\xbcn\xc3\xaf") { SUCCEED(); }
TEST_CASE("LONG", "[long]") { SUCCEED(); }
TEST_CASE("WORD", "[.]") { SUCCEED(); }
TEST_CASE("may fail", "[!mayfail]") { CHECK(false); }
TEST_CASE("should fail", "[!shouldfail]") { CHECK(true); }
TEST_CASE("checks nothing") {}
TEST_CASE("is renamed", "[host]") { REQUIRE(sethostname("moon", 4) == 0); }
TEST_CASE("is not", "[host]")
{
    char name[64];
    REQUIRE(gethostname(name, sizeof(name)) == 0);
    CHECK(std::string(name) == "cloche");
}
TEST_CASE("Case") { SUCCEED(); }
TEST_CASE("case") { SUCCEED(); }
TEMPLATE_TEST_CASE("typed", "[t]", int, char) { CHECK(sizeof(TestType) > 0); }
""".replace("LONG", LONG).replace("WORD", LONG_WORD)

EXPECTED = {
    "adds": "pass",
    "fails": "fail",
    "throws": "fail",
    "says nothing": "fail",
    "ends early": "fail",
    "crashes": "crash",
    'a, b [c] "d" \\e \\, ~f': "pass",
    "-dash": "pass",
    "a star": "fail",
    "*star": "pass",
    "exclude:this": "pass",
    "  spaces  ": "pass",
    "end\\": "pass",
    "#hash": "pass",
    "[brackets]": "pass",
    "two\nlines": "pass",
    "ünï": "pass",
    LONG: "pass",
    "may fail": "pass",
    "should fail": "fail",
    "checks nothing": "pass",
    "is renamed": "pass",
    "is not": "pass",
    "Case": "error",
    "case": "error",
    "typed - int": "pass",
    "typed - char": "pass",
}

EXPECTED_3 = {
    "adds": "pass",
    "fails": "fail",
    "skips": "skip",
    "skips a part": "pass",
    "ends early": "fail",
    "crashes": "crash",
    'a, b [c] "d" \\e \\, ~f <&>': "pass",
    "a star": "fail",
    "*star": "pass",
    "Adds": "fail",
    "twin": "pass",
    "twin#2": "fail",
    "four": "fail",
    "[@alias]": "pass",
}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """Built once."""
    directory = tmp_path_factory.mktemp("catch2")
    (directory / "tests.cc").write_text(SOURCE)
    subprocess.run(["g++", "-O0", "-o", "tests", "tests.cc", "-lCatch2WithMain"], cwd=directory,
                   check=True)
    return directory / "tests"


@pytest.fixture
def tests(program, work):
    """A copy: a list that is remembered of one is not that of another."""
    target = work / "tests"
    target.write_bytes(program.read_bytes())
    target.chmod(0o755)
    return target


@pytest.fixture
def tests_3(cloche):
    text = (Path(__file__).parent / "helpers/catch3.py").read_text()
    return cloche.script("tests3", text)


def test_cases(cloche, tests):
    result = cloche.run(tests)
    assert result.status == 100 and result.err == ""
    assert result.verdicts == EXPECTED


def test_cases_of_version_3(cloche, tests_3):
    result = cloche.run("--kind=catch2", tests_3)
    assert result.status == 100 and result.err == ""
    assert result.verdicts == EXPECTED_3


def test_results_say_where(cloche, tests):
    cases = cloche.run(tests).cases
    fails = cases["fails"]
    assert [(failure["file"], failure["line"], failure["text"])
            for failure in fails["failures"][:2]] == [
        ("tests.cc", 17, "CHECK( a == 4 )\nwith expansion:\n  3 == 4\nwith message:\n"
         "  <seen> & 'said'"),
        ("tests.cc", 19, "<seen> & 'said'\n  two\n  \nlines")]
    assert "printed\n" in fails["output"]["text"]
    assert "due to unexpected exception with message:\n  thrown" in \
        cases["throws"]["failures"][0]["text"]
    assert cases["says nothing"]["failures"][0]["text"] == "FAIL()"
    assert cases["ends early"]["reason"] == "ended in the middle, by exit(0)"
    assert "SIGSEGV" in cases["crashes"]["failures"][0]["text"]
    assert cases["crashes"]["output"]["text"] == "before\n"
    assert cases["should fail"]["reason"] == \
        "it should fail, by its tag [!shouldfail], and did not"
    assert cases["case"]["reason"] == \
        "Catch2 runs 2 tests of this name, in which it sees no case; rename one"


def test_results_of_version_3(cloche, tests_3):
    cases = cloche.run("--kind=catch2", tests_3).cases
    (failure,) = cases["fails"]["failures"]
    assert (failure["file"], failure["line"]) == ("tests.cpp", 104)
    assert failure["text"].startswith("CHECK( a == 4 )\nwith expansion:\n  3 == 4")
    assert cases["skips"]["reason"] == "no device"
    assert cases["twin#2"]["failures"][0]["line"] == 116
    assert cases["four"]["reason"] == "4 expectations failed"  # its status is that of a skip


@pytest.mark.parametrize("flag", ["--debugger=env", "--tracer=env"])
def test_watched(cloche, tests, flag):
    """What it says of its checks is on the terminal of who watches it, and in no file."""
    result = cloche("run", "--exact=fails", flag, tests)
    assert result.status == 100 and "CHECK( a == 4 )\nwith expansion:\n  3 == 4\n" in result.out, result


def test_hidden(cloche, tests, tests_3):
    """Only on request, by flag or by name."""
    only = cloche.run("--run-ignored=only", tests)
    assert only.verdicts == {"hidden": "fail", "hidden slow": "pass", LONG_WORD: "pass"}
    assert cloche.run("--exact=hidden slow", tests).verdicts == {"hidden slow": "pass"}
    only = cloche.run("--run-ignored=only", "--kind=catch2", tests_3)
    assert only.verdicts == {"hidden": "fail", "hidden slow": "pass"}


def test_tags(cloche, tests, tests_3):
    both = cloche.run("-E", "tag(math)", tests)
    assert sorted(both.verdicts) == ["adds", "fails"]
    assert cloche.run("-E", "tag(x) and tag(a tag)", tests).verdicts == {"adds": "pass"}
    assert cloche.run("-E", "tag(long)", tests).verdicts == {LONG: "pass"}
    slow = cloche.run("--run-ignored=all", "-E", "tag(slow)", tests)
    assert slow.verdicts == {"hidden slow": "pass"}
    spaced = cloche.run("-E", "tag(x y)", "--kind=catch2", tests_3)
    assert spaced.verdicts == {"adds": "pass"}


def test_its_own_variables(cloche, tests_3):
    """The stand-in prints those that it sees."""
    result = cloche.run("--kind=catch2", "--exact=adds", "--env=BAZEL_TEST=1",
                        "--env=XML_OUTPUT_FILE=/x", "--env=BAZEL=1", tests_3)
    assert result.cases["adds"]["output"]["text"] == "printed BAZEL\n"


def test_case_that_is_gone(cloche, tests, tests_3):
    """A list that is remembered of a script says nothing of the program behind it."""
    tests_3.rename(tests_3.with_name("behind"))
    behind = tests_3.with_name("behind")
    script = cloche.script("tests3", f"#!/bin/sh\nexec {behind} \"$@\"\n")
    assert cloche.run("--kind=catch2", "--exact=four", script).verdicts == {"four": "fail"}
    behind.write_text(behind.read_text().replace('("four"', '("five"'))
    result = cloche.run("--kind=catch2", "--exact=four", script)
    assert result.verdicts == {"four": "error"}
    assert result.cases["four"]["reason"] == \
        "the program has no such test any more; list it again by --fresh-list"
    two = cloche.script("two", f"#!/bin/sh\n# --list-test-names-only\nexec {tests} \"$@\"\n")
    assert cloche.run("--kind=catch2", "--exact=-dash", two).verdicts == {"-dash": "pass"}
    data = tests.read_bytes()
    assert data.count(b"\0-dash\0") == 1
    tests.write_bytes(data.replace(b"\0-dash\0", b"\0+dash\0"))
    gone = cloche.run("--kind=catch2", "--exact=-dash", two)
    assert gone.verdicts == {"-dash": "error"}


def test_in_doubt(cloche, tests):
    script = cloche.script("odd", "#!/bin/sh\necho not a list >&2\nexit 3\n")
    named = cloche("run", "--kind=catch2", script)
    assert named.status == 104
    assert "cannot be listed as Catch2: it ended with status 3, and said: not a list" in named.err
    behind = cloche.script("behind", f"#!/bin/sh\nexec {tests} \"$@\"\n")
    unseen = cloche("run", "--kind=catch2", behind)
    assert unseen.status == 104 and "cannot be listed as Catch2: " in unseen.err
