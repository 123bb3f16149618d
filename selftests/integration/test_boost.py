# SPDX-License-Identifier: MIT
"""Programs with Boost.Test: each test case in a cell of its own."""

import subprocess

import pytest

SOURCE = r"""
#define BOOST_TEST_MODULE a module
#include <boost/test/unit_test.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/mpl/list.hpp>
#include <csignal>
#include <iostream>
#include <unistd.h>
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_CASE(adds) { BOOST_TEST(1 + 1 == 2); }
BOOST_AUTO_TEST_SUITE(math, *utf::label("fast"))
BOOST_AUTO_TEST_CASE(fails)
{
    int a = 3;
    std::cout << "printed\n";
    BOOST_TEST_CONTEXT("<seen> & 'said'") { BOOST_TEST(a == 4); }
    BOOST_WARN(false);
    BOOST_REQUIRE_MESSAGE(false, "no ]]> luck");
}
BOOST_AUTO_TEST_CASE(throws) { throw std::runtime_error("thrown"); }
BOOST_AUTO_TEST_CASE(ends_early) { _exit(0); }
BOOST_AUTO_TEST_CASE(crashes) { raise(SIGSEGV); }
BOOST_AUTO_TEST_CASE(later, *utf::disabled()*utf::label("slow")) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE(nested)
BOOST_AUTO_TEST_CASE(needs, *utf::depends_on("math/fails")) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(may_fail, *utf::expected_failures(1)) { BOOST_TEST(false); }
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(off, *utf::disabled())
BOOST_AUTO_TEST_CASE(inside) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(on, *utf::enabled()) { BOOST_TEST(true); }
BOOST_AUTO_TEST_SUITE_END()
boost::test_tools::assertion_result device(utf::test_unit_id)
{
    boost::test_tools::assertion_result result(false);
    result.message() << "no device";
    return result;
}
BOOST_AUTO_TEST_CASE(skips, *utf::precondition(device)) { BOOST_TEST(true); }
BOOST_AUTO_TEST_CASE(checks_nothing) {}
BOOST_DATA_TEST_CASE(values, utf::data::make({1, 2, 3}), x) { BOOST_TEST(x < 3); }
typedef boost::mpl::list<int, std::pair<int, char> > types;
BOOST_AUTO_TEST_CASE_TEMPLATE(typed, T, types) { BOOST_TEST(sizeof(T) > 0); }
BOOST_AUTO_TEST_CASE(is_renamed) { BOOST_TEST(sethostname("moon", 4) == 0); }
BOOST_AUTO_TEST_CASE(is_not_renamed)
{
    char name[64];
    BOOST_TEST(gethostname(name, sizeof(name)) == 0);
    BOOST_TEST(std::string(name) == "cloche");
}
"""

EXPECTED = {
    "adds": "pass",
    "math/fails": "fail",
    "math/throws": "fail",
    "math/ends_early": "fail",
    "math/crashes": "crash",
    "math/nested/needs": "skip",
    "math/nested/may_fail": "pass",
    "off/on": "pass",
    "skips": "skip",
    "checks_nothing": "pass",
    "values/_0": "pass",
    "values/_1": "pass",
    "values/_2": "fail",
    "typed<int>": "pass",
    "typed<std__pair<int_ char>>": "pass",
    "is_renamed": "pass",
    "is_not_renamed": "pass",
}


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """Built once, with the framework as a shared library and as a part of the program."""
    directory = tmp_path_factory.mktemp("boost")
    (directory / "tests.cc").write_text(SOURCE)
    common = ["g++", "-O0", "tests.cc"]
    subprocess.run([*common, "-DBOOST_TEST_DYN_LINK", "-o", "shared",
                    "-lboost_unit_test_framework"], cwd=directory, check=True)
    subprocess.run([*common, "-o", "static", "-l:libboost_unit_test_framework.a"], cwd=directory,
                   check=True)
    subprocess.run(["strip", "static"], cwd=directory, check=True)
    return directory


@pytest.fixture
def tests(programs, work):
    """A copy: a list that is remembered of one is not that of another."""
    target = work / "tests"
    target.write_bytes((programs / "shared").read_bytes())
    target.chmod(0o755)
    return target


@pytest.mark.parametrize("linked", ["shared", "static"])
def test_cases(cloche, programs, tests, linked):
    tests.write_bytes((programs / linked).read_bytes())
    result = cloche.run(tests)
    assert result.status == 100 and result.err == ""
    assert result.verdicts == EXPECTED


def test_results_say_where(cloche, tests):
    cases = cloche.run(tests).cases
    fails = cases["math/fails"]
    assert [(failure["file"], failure["line"], failure["text"])
            for failure in fails["failures"]] == [
        ("tests.cc", 17, "check a == 4 has failed [3 != 4]\n  context: <seen> & 'said'"),
        ("tests.cc", 19, "no ]]> luck")]
    assert fails["reason"] == "2 expectations failed"
    assert "printed\n" in fails["output"]["text"]
    (thrown,) = cases["math/throws"]["failures"]
    assert thrown["line"] == 21
    assert thrown["text"].startswith("std::runtime_error: thrown\n  last checkpoint: ")
    assert cases["math/ends_early"]["reason"] == "ended in the middle, by exit(0)"
    assert cases["math/nested/needs"]["reason"] == \
        'dependency test case "math/fails" has failed'
    assert cases["skips"]["reason"] == "precondition failed: no device"


def test_disabled(cloche, tests):
    """Only on request, by flag or by name; a suite's are disabled with it."""
    only = cloche.run("--run-ignored=only", tests)
    assert only.verdicts == {"math/later": "fail", "off/inside": "pass"}
    assert cloche.run("--exact=off/inside", tests).verdicts == {"off/inside": "pass"}


def test_labels_are_tags(cloche, tests):
    """Those of the suites around a case, too."""
    result = cloche.run("--run-ignored=all", "-E", "tag(slow)", tests)
    assert result.verdicts == {"math/later": "fail"}
    fast = cloche.run("-E", "tag(fast) and test(nested)", tests)
    assert sorted(fast.verdicts) == ["math/nested/may_fail", "math/nested/needs"]


def test_its_own_variables(cloche, tests):
    names = {"BOOST_TEST_RUN_FILTERS": "adds", "BOOST_TEST_LOGGER": "XML,all,stdout",
             "BOOST_TEST_RANDOM": "1", "BOOST_TEST_RESULT_CODE": "no"}
    flags = [f"--env={name}={value}" for name, value in names.items()]
    result = cloche.run(tests, *flags)
    assert result.verdicts == EXPECTED


def test_odd_names(cloche, programs, work):
    """Boost.Test replaces what its filters take for something else, and quotes nothing."""
    source = SOURCE.split("BOOST_AUTO_TEST_CASE(adds)")[0] + r"""
    static void empty() { BOOST_TEST(true); }
    bool init()
    {
        utf::framework::master_test_suite().add(
            utf::make_test_case(empty, "a, b/c*|d \"q\" @x!+:(3)", "b.cc", 3));
        return true;
    }
    int main(int argc, char **argv) { return utf::unit_test_main(init, argc, argv); }
    """
    (work / "odd.cc").write_text(source.replace("#define BOOST_TEST_MODULE a module",
                                                "#define BOOST_TEST_NO_MAIN"))
    subprocess.run(["g++", "-O0", "-DBOOST_TEST_DYN_LINK", "-o", work / "odd", work / "odd.cc",
                    "-lboost_unit_test_framework"], check=True)
    result = cloche.run(work / "odd")
    assert list(result.verdicts.values()) == ["pass"]
    assert list(result.verdicts) == ['a_ b_c_|d "q" _x___(3)']


def test_case_that_is_gone(cloche, tests):
    assert cloche("list", tests).status == 0
    data = tests.read_bytes()
    assert data.count(b"\0adds\0") == 1
    with open(tests, "r+b") as file:
        file.write(data.replace(b"\0adds\0", b"\0odds\0"))
    other = cloche.script("list.sh", f"#!/bin/sh\nexec {tests} \"$@\"\n")
    assert cloche.run("--kind=boost", "--exact=odds", other).verdicts == {"odds": "pass"}
    with open(tests, "r+b") as file:
        file.write(data)
    result = cloche.run("--kind=boost", "--exact=odds", other)
    assert result.verdicts == {"odds": "error"}
    assert result.cases["odds"]["reason"] == \
        "the program has no such test any more; list it again by --fresh-list"


def test_in_doubt(cloche):
    script = cloche.script("odd", "#!/bin/sh\necho not a list >&2\nexit 3\n")
    named = cloche("run", "--kind=boost", script)
    assert named.status == 104
    assert "cannot be listed as Boost.Test: it ended with status 3, and said: not a list" in \
        named.err
    broken = cloche.script("broken", "#!/bin/sh\necho 'digraph G {' >&2\necho 'tu70000[;' >&2\n")
    result = cloche("run", "--kind=boost", broken)
    assert result.status == 104 and "'tu70000[;' in its list is no test" in result.err
