# SPDX-License-Identifier: MIT
"""GoogleTest programs: each test in a cell of its own."""

import subprocess

import pytest

SOURCE = r"""
#include <gtest/gtest.h>
#include <csignal>
#include <unistd.h>

TEST(Math, Adds) { EXPECT_EQ(2, 1 + 1); }
TEST(Math, Fails) { EXPECT_EQ(3, 1 + 1) << "<not> & 'this'"; EXPECT_TRUE(false); }
TEST(Math, Skips) { GTEST_SKIP() << "no device"; }
TEST(Math, EndsEarly) { _exit(0); }
TEST(Math, Crashes) { raise(SIGSEGV); }
TEST(Math, DISABLED_Later) { FAIL(); }
TEST(DISABLED_All, Of) { SUCCEED(); }
TEST(Host, IsRenamed) { ASSERT_EQ(0, sethostname("moon", 4)); }
TEST(Host, IsNot)
{
    char name[64];
    ASSERT_EQ(0, gethostname(name, sizeof(name)));
    ASSERT_STREQ("cloche", name);
}
class Small : public ::testing::TestWithParam<int> {};
TEST_P(Small, Value) { EXPECT_LT(GetParam(), 2); }
INSTANTIATE_TEST_SUITE_P(Some, Small, ::testing::Values(1, 2));
template <class T> class Typed : public ::testing::Test {};
typedef ::testing::Types<int, char> Types;
TYPED_TEST_SUITE(Typed, Types);
TYPED_TEST(Typed, HasSize) { EXPECT_GT(sizeof(TypeParam), 0u); }
TEST(Death, IsSeen) { EXPECT_DEATH(abort(), ""); }
"""

EXPECTED = {
    "Math.Adds": "pass",
    "Math.Fails": "fail",
    "Math.Skips": "skip",
    "Math.EndsEarly": "fail",
    "Math.Crashes": "crash",
    "Host.IsRenamed": "pass",
    "Host.IsNot": "pass",
    "Some/Small.Value/0": "pass",
    "Some/Small.Value/1": "fail",
    "Typed/0.HasSize": "pass",
    "Typed/1.HasSize": "pass",
    "Death.IsSeen": "pass",
}


def build(directory, name, source, *flags):
    (directory / f"{name}.cc").write_text(source)
    subprocess.run(["g++", "-O0", "-o", directory / name, directory / f"{name}.cc", *flags],
                   check=True)
    return directory / name


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """Built once: the compiler is slow with templates."""
    directory = tmp_path_factory.mktemp("gtest")
    build(directory, "gtests", SOURCE, "-lgtest", "-lgtest_main", "-lpthread")
    return directory


@pytest.fixture
def gtests(programs, work):
    """A copy: a list that is remembered of one is not that of another."""
    target = work / "gtests"
    target.write_bytes((programs / "gtests").read_bytes())
    target.chmod(0o755)
    return target


def test_cases(cloche, gtests):
    result = cloche.run(gtests)
    assert result.status == 100
    assert {name: verdict for name, verdict in result.verdicts.items()} == EXPECTED


def test_results_say_where(cloche, gtests):
    result = cloche.run(gtests, "-n", "Math.*")
    failures = result.cases["Math.Fails"]["failures"]
    assert [(failure["file"].rpartition("/")[2], failure["line"]) for failure in failures] == \
        [("gtests.cc", 7), ("gtests.cc", 7)]
    assert "<not> & 'this'" in failures[0]["text"]
    assert result.cases["Math.Fails"]["reason"] == "2 expectations failed"
    assert result.cases["Math.Skips"]["reason"] == "no device"
    assert result.cases["Math.EndsEarly"]["reason"] == "ended in the middle, by exit(0)"


def test_disabled(cloche, gtests):
    """Only on request, by flag or by name."""
    only = cloche.run("--run-ignored=only", gtests)
    assert only.verdicts == {"Math.DISABLED_Later": "fail", "DISABLED_All.Of": "pass"}
    every = cloche.run("--run-ignored=all", gtests)
    assert len(every.verdicts) == len(EXPECTED) + 2
    exact = cloche.run("--exact=DISABLED_All.Of", gtests)
    assert exact.verdicts == {"DISABLED_All.Of": "pass"}


def test_its_own_variables(cloche, gtests):
    """Sharding, filters and outputs of the framework would fight with ours."""
    names = {"GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": "1", "GTEST_FILTER": "Nothing.*",
             "GTEST_OUTPUT": "xml:/does/not/exist", "TESTBRIDGE_TEST_ONLY": "Nothing"}
    flags = [f"--env={name}={value}" for name, value in names.items()]
    result = cloche.run(gtests, "--fresh-list", *flags)
    assert result.verdicts == EXPECTED


def test_list_is_remembered(cloche, gtests, work):
    """And asked for again when the program has changed, or when that is wanted."""
    first = cloche("list", gtests)
    assert first.status == 0 and len(first.out.splitlines()) == len(EXPECTED)
    (work / "asked").mkdir(mode=0o777)
    script = cloche.script("also", "#!/bin/sh\n#gtest\necho Suite.\necho '  one'\n")
    once = cloche("list", "--kind=gtest", script)
    assert once.out.splitlines()[0].endswith("::Suite.one")
    script.write_text(script.read_text() + "echo '  two'\n")
    assert len(cloche("list", "--kind=gtest", script).out.splitlines()) == 2
    again = cloche("list", gtests, "--fresh-list")
    assert again.out == first.out


def test_in_doubt(cloche):
    """What only looks like it runs as one case, and that is said."""
    script = cloche.script("odd", "#!/bin/sh\necho not a list >&2\nexit 3\n")
    named = cloche("run", "--kind=gtest", script)
    assert named.status == 104
    assert "cannot be listed as GoogleTest: it ended with status 3, and said: not a list" in \
        named.err
    assert "Traceback" not in named.err


def test_kind_is_asked_for(cloche, gtests):
    result = cloche("list", "--kind=program", gtests)
    assert result.out.splitlines() == [f"{gtests}::gtests"]
    by_name = cloche("list", "--kind=program=gtest?", gtests)
    assert by_name.out == result.out
    other = cloche("list", "--kind=program=nothing", gtests)
    assert len(other.out.splitlines()) == len(EXPECTED)
    wrong = cloche("list", "--kind=gtes", gtests)
    assert wrong.status == 96 and "there is no kind 'gtes'; did you mean 'gtest'?" in wrong.err


def test_filter_by_kind(cloche, gtests):
    script = cloche.script("plain", "#!/bin/sh\n")
    assert cloche.run("-E", "kind(gtest) and test(=Math.Adds)", gtests, script).verdicts == \
        {"Math.Adds": "pass"}
    assert cloche.run("-E", "kind(program)", gtests, script).verdicts == {"plain": "pass"}


def test_reads_what_a_debugger_leaves(cloche, gtests):
    result = cloche("run", "--exact=Math.Adds", "--tracer=env", gtests)
    assert result.status == 0 and "[  PASSED  ] 1 test." in result.out


def test_cloche_itself(cloche):
    """It has what every kind looks for in it, and is none of them."""
    result = cloche("list", cloche.path)
    assert result.status == 0 and not result.err, result
    assert result.out.splitlines() == [f"{cloche.path}::cloche"]
