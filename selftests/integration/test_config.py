# SPDX-License-Identifier: MIT
"""cloche.ini: which one is read, what holds of it, and in which order of precedence."""

import os

import pytest

SUITE = """
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cloche.h>

static const char *host(void)
{
	static char name[65];

	gethostname(name, sizeof(name));
	return name;
}

TEST(plain)
{
	note("%s %s", host(), getenv("FROM") ?: "nowhere");
}

TEST(asks, .hostname = "its-own", .env = "FROM=case")
{
	note("%s %s", host(), getenv("FROM") ?: "nowhere");
}
"""


@pytest.fixture
def suite(build_suite):
    return build_suite("configured", SUITE)


@pytest.fixture
def ini(cloche):
    def write(text, directory="."):
        (cloche.cwd / directory).mkdir(parents=True, exist_ok=True)
        cloche.who.owns(cloche.cwd / directory)
        cloche.script(f"{directory}/cloche.ini", text, 0o644)
    return write


def notes(result):
    assert result.status == 0, result
    return {name: case["notes"][0]["text"] for name, case in result.cases.items()}


def test_what_the_case_asks_for_wins_over_the_file_and_the_command_line_over_both(
        cloche, suite, ini):
    assert notes(cloche.run(suite)) == {"plain": "cloche nowhere", "asks": "its-own case"}
    ini("[run]\nhostname = run\nenv = FROM=run\n"
        "[profile ci]\nhostname = ci\nenv = FROM=ci\n")
    assert notes(cloche.run(suite)) == {"plain": "run run", "asks": "its-own case"}
    assert notes(cloche.run("-P", "ci", suite)) == {"plain": "ci ci", "asks": "its-own case"}
    assert notes(cloche.run("--profile=ci", "--hostname=flag", "--env=FROM=flag", suite)) == {
        "plain": "flag flag", "asks": "flag flag"}


def test_flags_of_the_run_hold_from_the_file(cloche, suite, ini):
    ini("[run]\nskip = asks\nrepeat = 3\n[profile once]\nrepeat = 1\n")
    assert len([e for e in cloche.run(suite).events if e["event"] == "case-ended"]) == 3
    assert notes(cloche.run("-P", "once", suite)) == {"plain": "cloche nowhere"}
    assert len([e for e in cloche.run("--repeat=2", suite).events
                if e["event"] == "case-ended"]) == 2
    assert cloche("list", suite).out == f"{suite}::plain\n"
    assert cloche.command(suite, "--list").out == "configured::plain\n"


def test_a_suite_that_is_run_bare_reads_it_too(cloche, suite, ini):
    ini("[run]\nhostname = run\nreport = jsonl\n")
    assert notes(cloche.command(suite)) == {"plain": "run nowhere", "asks": "its-own case"}
    result = cloche.command(suite, "--no-config")
    assert result.status == 0 and not result.events, result


def test_exec_reads_none(cloche, ini):
    ini("[run]\nhostname = run\n[ruin]\n")
    assert cloche("exec", "hostname").out == "cloche\n"


def test_the_nearest_above_is_read(cloche, suite, ini):
    ini("[run]\nhostname = top\n")
    ini("[run]\nhostname = middle\n", "a")
    (cloche.cwd / "a/b/c").mkdir(parents=True)
    (cloche.cwd / "d").mkdir()
    assert notes(cloche.run(suite, cwd=cloche.cwd / "a/b/c"))["plain"] == "middle nowhere"
    assert notes(cloche.run(suite, cwd=cloche.cwd / "d"))["plain"] == "top nowhere"


def test_the_search_ends_at_home(cloche, suite, ini):
    ini("[run]\nhostname = top\n")
    (cloche.cwd / "home/project").mkdir(parents=True)
    home = {"HOME": str(cloche.cwd / "home")}
    at = cloche.cwd / "home/project"
    assert notes(cloche.run(suite, cwd=at, env=home))["plain"] == "cloche nowhere"
    ini("[run]\nhostname = home\n", "home")
    assert notes(cloche.run(suite, cwd=at, env=home))["plain"] == "home nowhere"


def test_which_file(cloche, suite, ini):
    ini("[run]\nhostname = found\n")
    ini("[run]\nhostname = named\n", "other")
    ini("[run]\nhostname = variable\n", "third")
    variable = {"CLOCHE_CONFIG": "third/cloche.ini"}
    assert notes(cloche.run(suite, env=variable))["plain"] == "variable nowhere"
    assert notes(cloche.run("--config", "other/cloche.ini", suite,
                            env=variable))["plain"] == "named nowhere"
    assert notes(cloche.run("--no-config", suite, env=variable))["plain"] == "cloche nowhere"
    assert notes(cloche.run(suite, env={"CLOCHE_CONFIG": ""}))["plain"] == "found nowhere"


def test_which_profile(cloche, suite, ini):
    ini("[profile a]\nhostname = a\n[profile b]\ninherits = a\nenv = FROM=b\n")
    variable = {"CLOCHE_PROFILE": "a"}
    assert notes(cloche.run(suite))["plain"] == "cloche nowhere"
    assert notes(cloche.run(suite, env={"CI": "true"}))["plain"] == "cloche nowhere"
    assert notes(cloche.run(suite, env=variable))["plain"] == "a nowhere"
    assert notes(cloche.run("-Pb", suite, env=variable))["plain"] == "a b"
    assert notes(cloche.run("--profile=", suite, env=variable))["plain"] == "cloche nowhere"
    assert notes(cloche.run("--no-config", suite, env=variable))["plain"] == "cloche nowhere"


def test_paths_are_from_the_file(cloche, suite, ini):
    ini("[run]\nreport = tap=result.tap\n")
    (cloche.cwd / "below").mkdir()
    cloche.who.owns(cloche.cwd / "below")
    assert cloche("run", suite, cwd=cloche.cwd / "below").status == 0
    assert (cloche.cwd / "result.tap").read_text().startswith("TAP version 14")


def test_without_isolation(cloche, suite, ini):
    ini("[run]\nno-isolation = true\n[profile cells]\nno-isolation = false\nhostname = cell\n")
    assert notes(cloche.run(suite))["plain"] == f"{os.uname().nodename} nowhere"
    assert notes(cloche.run("-P", "cells", suite))["plain"] == "cell nowhere"


@pytest.mark.parametrize("text, sentence", [
    ("[run]\njbos = 3\n", "cloche.ini:2: there is no key 'jbos' in [run]; did you mean 'jobs'?"),
    ("[profle ci]\n", "cloche.ini:1: there is no section [profle ci]; did you mean "
     "[profile ci]?"),
    ("[run]\n\njobs = many\n", "cloche.ini:3: --jobs takes a number from 1 to 1000000, not 'many'"),
    ("[run]\nleaks = yes\n", "cloche.ini:2: --leaks: 'yes' is not one of warn|fail|ignore"),
    ("[run]\nroot = tree\n", "cloche.ini:1: [run]: root is 'minimal', 'cow', 'host', or "
     "the absolute path of a directory"),
    ("[run]\njobs = 3", None),
])
def test_refusals(cloche, suite, ini, text, sentence):
    ini(text)
    for command in (("run", suite), ("list", suite)):
        result = cloche(*command)
        assert result.err == (f"cloche: {sentence}\n" if sentence else ""), result
        assert result.status == (96 if sentence else 0), result
    bare = cloche.command(suite)
    assert bare.status == (96 if sentence else 0), bare


def test_refusals_of_files_and_profiles(cloche, suite, ini):
    def refused(*words, **arguments):
        result = cloche("list", *words, suite, **arguments)
        assert result.status == 96, result
        return result.err
    assert refused("-P", "ci") == ("cloche: there is no profile 'ci', for there is no cloche.ini "
                                   "here or above; name one by --config\n")
    assert refused(env={"CLOCHE_PROFILE": "ci"}).startswith("cloche: there is no profile 'ci', ")
    assert refused("--config=none.ini") == (
        "cloche: cannot read the configuration 'none.ini': No such file or directory; name a file "
        "that is there, or give --no-config\n")
    assert refused("--config=.") == (
        "cloche: cannot read .: Is a directory; name another file by --config, or give "
        "--no-config\n")
    assert refused("--config=none.ini", "--no-config") == (
        "cloche: --config and --no-config exclude each other; give one\n")
    ini("[profile ci]\n")
    assert refused("-P", "cl") == ("cloche: there is no profile 'cl' in cloche.ini; did you mean "
                                   "'ci'?\n")
    assert refused("-P", "nightly") == (
        "cloche: there is no profile 'nightly' in cloche.ini; 'cloche config' shows those that "
        "are; or add [profile nightly]\n")
    ini("[run]\n" + "# filled up\n" * 90000)
    assert refused() == ("cloche: cannot read cloche.ini: it is larger than 1 MiB; name another "
                         "file by --config, or give --no-config\n")


@pytest.mark.only_user
def test_a_file_that_cannot_be_read_is_refused(cloche, suite, ini):
    ini("[run]\n")
    (cloche.cwd / "cloche.ini").chmod(0)
    result = cloche("run", suite)
    assert result.status == 96, result
    assert "cannot read " in result.err and "cloche.ini: Permission denied; " in result.err, result


@pytest.mark.only_root
def test_a_strangers_file_above_is_no_trap(cloche, suite, ini):
    ini("[run]\nhostname = trap\n")
    file, below = cloche.cwd / "cloche.ini", cloche.cwd / "below"
    below.mkdir()
    os.chown(file, 12345, 12345)
    result = cloche("run", suite, cwd=below)
    assert result.status == 96, result
    assert result.err == (f"cloche: {file} belongs to user 12345, who is neither you nor root nor "
                          "the owner of this directory; name it by --config to trust it, or give "
                          "--no-config\n"), result
    assert notes(cloche.run("--config", file, suite, cwd=below))["plain"] == "trap nowhere"
    assert notes(cloche.run("--no-config", suite, cwd=below))["plain"] == "cloche nowhere"
    os.chown(below, 12345, 12345)
    assert notes(cloche.run(suite, cwd=below))["plain"] == "trap nowhere"
