# SPDX-License-Identifier: MIT
"""doctest programs: each test in a cell of its own."""

import os
import subprocess

import pytest

SOURCE = r"""
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <unistd.h>

TEST_CASE("adds") { CHECK(2 == 1 + 1); }
TEST_CASE("fails")
{
    int a = 3;
    std::cout << "printed\n";
    INFO("<seen> & 'logged'");
    CHECK(a == 4);
    WARN(a == 5);
    SUBCASE("inner") { REQUIRE_THROWS(a == 3); }
}
TEST_CASE("says") { FAIL("no luck"); }
TEST_CASE("throws") { throw std::runtime_error("thrown"); }
TEST_CASE("ends early") { _exit(0); }
TEST_CASE("crashes") { raise(SIGSEGV); }
TEST_CASE("later" * doctest::skip()) { FAIL("not now"); }
TEST_CASE("a, b [c] \"d\" \\e \\, ~f") {}
TEST_CASE("a! b [c] \"d\" \\e \\, ~f") { FAIL("another"); }
TEST_CASE("-dash") {}
TEST_CASE("a star") { FAIL("another"); }
TEST_CASE("*star") {}
TEST_CASE("Adds") { FAIL("another"); }
TEST_CASE("  spaces  ") {}
TEST_CASE("\xc3\xbcn\xc3\xaf") {}
TEST_CASE("end\\") {}
TEST_CASE("") {}
TEST_CASE("twin") {}
TEST_CASE("twin") { CHECK(false); }
TEST_SUITE("host") {
TEST_CASE("is renamed") { REQUIRE(sethostname("moon", 4) == 0); }
TEST_CASE("is not")
{
    char name[64];
    REQUIRE(gethostname(name, sizeof(name)) == 0);
    CHECK(std::string(name) == "cloche");
}
}
TEST_CASE("may fail" * doctest::may_fail()) { CHECK(false); }
TEST_CASE("should fail" * doctest::should_fail()) { CHECK(true); }
TEST_CASE("does fail" * doctest::should_fail()) { CHECK(false); }
TEST_CASE_TEMPLATE("typed", T, int, char) { CHECK(sizeof(T) > 0); }
"""

EXPECTED = {
    "adds": "pass",
    "fails": "fail",
    "says": "fail",
    "throws": "fail",
    "ends early": "fail",
    "crashes": "crash",
    'a, b [c] "d" \\e \\, ~f': "pass",
    'a! b [c] "d" \\e \\, ~f': "fail",
    "-dash": "pass",
    "a star": "fail",
    "*star": "pass",
    "Adds": "fail",
    "  spaces  ": "pass",
    "ünï": "pass",
    "end\\": "pass",
    "": "pass",
    "twin": "pass",
    "twin#2": "fail",
    "is renamed": "pass",
    "is not": "pass",
    "may fail": "pass",
    "should fail": "fail",
    "does fail": "pass",
    "typed<int>": "pass",
    "typed<char>": "pass",
}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """Built once."""
    directory = tmp_path_factory.mktemp("doctest")
    (directory / "tests.cc").write_text(SOURCE)
    subprocess.run(["g++", "-O0", "-o", "tests", "tests.cc"], cwd=directory, check=True)
    return directory / "tests"


@pytest.fixture
def tests(program, work):
    """A copy: a list that is remembered of one is not that of another."""
    target = work / "tests"
    target.write_bytes(program.read_bytes())
    target.chmod(0o755)
    return target


def test_cases(cloche, tests):
    result = cloche.run(tests)
    assert result.status == 100 and result.err == ""
    assert result.verdicts == EXPECTED


def test_results_say_where(cloche, tests):
    cases = cloche.run(tests).cases
    fails = cases["fails"]
    assert [(failure["file"], failure["line"], failure["text"])
            for failure in fails["failures"]] == [
        ("tests.cc", 15, "CHECK( a == 4 )\n  values: 3 == 4\n  logged: <seen> & 'logged'"),
        ("tests.cc", 17, "REQUIRE_THROWS( a == 3 )\n  logged: <seen> & 'logged'")]
    assert fails["reason"] == "2 expectations failed"
    assert "printed\n" in fails["output"]["text"]
    assert cases["says"]["failures"][0]["text"] == "no luck"
    assert cases["throws"]["failures"][0]["text"] == "exception: thrown"
    assert cases["throws"]["failures"][0]["line"] == 20
    assert cases["ends early"]["reason"] == "ended in the middle, by exit(0)"
    assert cases["should fail"]["reason"] == "it should fail, and did not"


@pytest.mark.parametrize("flag", ["--debugger=env", "--tracer=env"])
def test_watched(cloche, tests, flag):
    """What it says of its checks is on the terminal of who watches it, and in no file."""
    result = cloche("run", "--exact=fails", flag, tests)
    assert result.status == 100 and "CHECK( a == 4 ) is NOT correct!" in result.out, result


def test_skipped(cloche, tests):
    """Only on request, by flag or by name."""
    assert cloche.run("--run-ignored=only", tests).verdicts == {"later": "fail"}
    assert cloche.run("--exact=later", tests).verdicts == {"later": "fail"}
    assert len(cloche.run("--run-ignored=all", tests).verdicts) == len(EXPECTED) + 1


def test_suites_are_tags(cloche, tests):
    """And retries, and one by its name with everything in it."""
    result = cloche.run("-E", "tag(host)", tests)
    assert result.verdicts == {"is renamed": "pass", "is not": "pass"}
    nasty = 'a, b [c] "d" \\e \\, ~f'
    assert cloche.run(f"--exact={nasty}", tests).verdicts == {nasty: "pass"}
    again = cloche.run("--exact=twin#2", "--retries=1", tests)
    assert again.verdicts == {"twin#2": "fail"} and again.status == 100


def test_case_that_is_gone(cloche, tests, work):
    """The program is another one without its file looking changed."""
    sizes = tests.stat()
    assert cloche("list", tests).status == 0
    data = tests.read_bytes()
    assert data.count(b"\0adds\0") == 1
    with open(tests, "r+b") as file:
        file.write(data.replace(b"\0adds\0", b"\0odds\0"))
    os.utime(tests, ns=(sizes.st_atime_ns, sizes.st_mtime_ns))
    result = cloche.run("--exact=adds", tests)
    assert result.verdicts == {"adds": "error"}
    assert result.cases["adds"]["reason"] == \
        "the program has no such test any more; list it again by --fresh-list"


def test_in_doubt(cloche):
    """What only looks like it runs as one case; of what is said to be one, an error."""
    script = cloche.script("odd", "#!/bin/sh\necho not a list >&2\nexit 3\n")
    named = cloche("run", "--kind=doctest", script)
    assert named.status == 104
    assert "cannot be listed as doctest: it ended with status 3, and said: not a list" in named.err
    ran = cloche.script("ran", "#!/bin/sh\necho '<doctest><TestCase name=\"a\"/>"
                        "<OverallResultsTestCases/></doctest>' > /proc/self/fd/249\n")
    result = cloche("run", "--kind=doctest", ran)
    assert result.status == 104 and "it wrote no list as XML" in result.err
