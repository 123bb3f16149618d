# SPDX-License-Identifier: MIT
"""cloche.ini: which one is read, what holds of it, and in which order of precedence."""

import os
import re
import signal
import subprocess
import textwrap
import uuid

import pytest

from program import BUILD, PATIENCE, SOURCE, processes, wait_for

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
    (cloche.cwd / "link").symlink_to("home")
    for spelling in ("home/", "link"):
        other = {"HOME": f"{cloche.cwd}/{spelling}"}
        assert notes(cloche.run(suite, cwd=at, env=other))["plain"] == "cloche nowhere"
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


def hosts(cloche, suite, *words, **arguments):
    return {name: note.split()[0] for name, note in
            notes(cloche.run(*words, suite, **arguments)).items()}


def test_overrides_win_over_the_case_and_lose_to_the_command_line(cloche, suite, ini):
    ini("[run]\nhostname = run\nenv = FROM=run\n"
        "[override all]\nfilter = all()\nenv = FROM=all\n"
        "[override asking]\nfilter = test(asks)\n    and not tag(none)\nhostname = over\n")
    assert notes(cloche.run(suite)) == {"plain": "run all", "asks": "over all"}
    assert notes(cloche.run("--hostname=flag", suite)) == {"plain": "flag all", "asks": "flag all"}


def test_the_last_override_that_matches_wins(cloche, suite, ini):
    ini("[override all]\nfilter = all()\nhostname = all\nenv = FROM=all\n"
        "[override asks]\nfilter = test(asks)\nhostname = one\nenv =\n")
    assert notes(cloche.run(suite)) == {"plain": "all all", "asks": "one nowhere"}


def test_an_override_of_a_profile(cloche, suite, ini):
    ini("[profile base]\n[profile ci]\ninherits = base\n"
        "[override a]\nfilter = test(plain)\nprofile = base\nhostname = based\n")
    assert hosts(cloche, suite) == {"plain": "cloche", "asks": "its-own"}
    assert hosts(cloche, suite, "-Pci") == {"plain": "based", "asks": "its-own"}


def test_an_override_takes_back_what_a_case_asks_for(cloche, build_suite, ini):
    suite = build_suite("expecting", "#include <cloche.h>\n"
                        "TEST(fails, .expect_failure = true) { EXPECT(1 == 2); }\n")
    assert cloche.run(suite).verdicts == {"fails": "pass"}
    ini("[override a]\nfilter = all()\nexpect-failure = false\n")
    assert cloche.run(suite).verdicts == {"fails": "fail"}


def test_overrides_hold_for_foreign_suites(cloche, ini):
    script = cloche.script("name.sh", "#!/bin/sh\n[ $(hostname) = over ]\n")
    ini("[override foreign]\nfilter = kind(foreign) and suite(name.sh)\nhostname = over\n")
    assert cloche.run(script).status == 0
    assert cloche.run("--no-config", script).status == 100


@pytest.mark.parametrize("text, sentence", [
    ("[override]\n", "cloche.ini:1: [override] needs a name: [override NAME]"),
    ("[override a]\ntimeout = 3s\n", "cloche.ini:1: [override a] needs 'filter = EXPR'"),
    ("[override a]\nfilter = all()\njobs = 3\n",
     "cloche.ini:3: 'jobs' is not for [override a]; put it into [run] or [profile NAME]"),
    ("[override a]\nfilter = all()\nno-isolation = true\n",
     "cloche.ini:3: 'no-isolation' is not for [override a]; put it into [run] or [profile NAME]"),
    ("[override a]\nfilter = all()\nprofile = ci\n[profile cl]\n",
     "cloche.ini:3: there is no profile 'ci' in cloche.ini; did you mean 'cl'?"),
    ("[override a]\nfliter = all()\n",
     "cloche.ini:2: there is no key 'fliter' in [override a]; did you mean 'filter'?"),
    ("[setup a]\ncommand = true\ntimeout = soon\n",
     "cloche.ini:3: timeout: 'soon' is not a duration (try 2, 500ms, 1h30m or 30d)"),
    ("[setup a]\nfilter = all()\n", "cloche.ini:1: [setup a] needs 'command = COMMAND'"),
    ("[setup a]\ncommand =\n", "cloche.ini:2: command: '' is not a value: it is empty"),
])
def test_refusals_of_overrides_and_setups(cloche, suite, ini, text, sentence):
    ini(text)
    result = cloche("run", suite)
    assert (result.status, result.err) == (96, f"cloche: {sentence}\n"), result


def test_a_filter_that_cannot_be_read_is_shown(cloche, suite, ini):
    ini("[override a]\nhostname = x\nfilter = test(a) and tset(b)\n")
    result = cloche("run", suite)
    lines = result.err.splitlines()
    assert result.status == 96 and lines[0].startswith("cloche: cloche.ini:3: "), result
    assert lines[1].strip() == "test(a) and tset(b)" and lines[2].strip() == "^~~~", result
    assert lines[2].index("^") == lines[1].index("tset"), result


# ---- setups ----

def test_a_setup_hands_variables_to_the_cases_it_is_for(cloche, suite, ini):
    ini("[setup one]\n"
        "command = echo FROM=one >> \"$CLOCHE_ENV\"; echo ran >> log\n"
        "filter = test(plain)\n"
        "[setup two]\ncommand = echo ran >> log2\nfilter = none()\n"
        "[setup three]\ncommand = echo FROM=three > $CLOCHE_ENV; cat log\nprofile = more\n"
        "[profile more]\n")
    assert notes(cloche.run(suite)) == {"plain": "cloche one", "asks": "its-own case"}
    assert (cloche.cwd / "log").read_text() == "ran\n"
    assert not (cloche.cwd / "log2").exists()
    result = cloche.run("-Pmore", suite)
    assert notes(result) == {"plain": "cloche three", "asks": "its-own case"}
    assert result.err == "ran\nran\n"  # what a setup prints is not in a report
    assert notes(cloche.run("--env=FROM=flag", suite))["plain"] == "cloche flag"
    assert notes(cloche.run("-n", "asks", suite)) == {"asks": "its-own case"}
    assert (cloche.cwd / "log").read_text() == "ran\nran\nran\n"
    assert cloche("list", suite).status == 0
    assert (cloche.cwd / "log").read_text() == "ran\nran\nran\n"
    assert not list((cloche.cwd).glob("**/cloche-env-*"))


def test_a_setup_runs_where_the_file_is_and_as_the_caller(cloche, suite, ini):
    ini("[setup here]\ncommand = { pwd; echo $SOME; id -u; cat; } > said; exit 0\n")
    (cloche.cwd / "below").mkdir()
    assert cloche.run(suite, cwd=cloche.cwd / "below", env={"SOME": "thing"}).status == 0
    assert (cloche.cwd / "said").read_text() == f"{cloche.cwd}\nthing\n{cloche.who.uid}\n"


def test_a_suite_run_bare_has_setups_too(cloche, suite, ini):
    ini("[run]\nreport = jsonl\n[setup a]\ncommand = echo FROM=setup > $CLOCHE_ENV\n")
    assert notes(cloche.command(suite))["plain"] == "cloche setup"


@pytest.mark.parametrize("command, what", [
    ("exit 3", "failed with status 3"),
    ("kill -KILL $$", "was killed by SIGKILL"),
    ("echo hello > $CLOCHE_ENV", "wrote to $CLOCHE_ENV what cannot be understood: line 1, 'hello': "
     "it is no NAME=VALUE"),
    ("printf 'A=1\\n2B=1\\n' > $CLOCHE_ENV",
     "wrote to $CLOCHE_ENV what cannot be understood: line 2, '2B=1': its name is not made of "
     "letters, digits and '_'"),
    ("head -c 1100000 /dev/zero > $CLOCHE_ENV", "wrote more than 1 MiB to $CLOCHE_ENV"),
])
def test_a_setup_that_fails_ends_the_run(cloche, suite, ini, command, what):
    ini(f"[setup a]\ncommand = {command}\n[setup b]\ncommand = touch ran\n")
    result = cloche.run(suite)
    assert (result.status, result.out) == (96, ""), result
    assert result.err == f"cloche: cloche.ini:1: setup 'a' {what}; no case was run\n"
    assert not (cloche.cwd / "ran").exists()


def test_a_setup_that_hangs_ends_at_its_deadline(cloche, suite, ini):
    ini("[setup a]\ncommand = trap '' TERM; sleep 300 & wait; sleep 301\ntimeout = 100ms\n")
    result = cloche.run(suite)
    assert result.status == 96, result
    assert result.err == ("cloche: cloche.ini:1: setup 'a' ran into its deadline of 0.1 s; raise "
                          "its 'timeout'; no case was run\n")


def a_long_time():
    """For sleep(1), and to know it by."""
    return str(3 * 10**9 + uuid.uuid4().int % 10**9)


def test_what_a_setup_leaves_running_ends_with_the_run(cloche, suite, ini):
    marker = a_long_time()
    ini(f"[setup a]\ncommand = sleep {marker} & echo FROM=$! > $CLOCHE_ENV\n")
    result = cloche.run(suite)
    assert notes(result)["plain"].split()[1].isdigit()
    wait_for(lambda: not processes(marker), "it has been killed")


def test_it_ends_also_when_there_is_no_run(cloche, suite, ini):
    marker = a_long_time()
    ini(f"[setup a]\ncommand = sleep {marker} >/dev/null 2>&1 & :\n")
    assert cloche("run", "--report=tap=/dev/null/x", suite).status == 96
    wait_for(lambda: not processes(marker), "it has been killed")
    ini(f"[setup a]\ncommand = sleep {marker} >/dev/null 2>&1 &\n    exit 3\n")
    assert cloche("run", suite).status == 96
    wait_for(lambda: not processes(marker), "it has been killed")


def test_an_interrupt_ends_the_setup(cloche, suite, ini):
    ini("[setup a]\ncommand = echo begun; exec sleep 300\n")
    process = cloche.popen(cloche.path, "run", suite)
    assert process.stderr.readline() == b"begun\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and out == b""
    assert err == b"cloche: cloche.ini:1: setup 'a' was interrupted; no case was run\n"


# ---- cloche config ----

def shown(result):
    """The lines of cloche config as {name: [(value, origin)]}, those of the run and of each case."""
    assert result.status == 0, result
    blocks = []
    for block in result.out.split("\n\n")[1:]:
        lines = [line.removeprefix(";").strip() for line in block.splitlines()[1:]]
        found = {}
        for line in lines:
            if line.startswith("after ["):
                continue
            name, _, rest = line.partition(" = " if " = " in line else " =")
            value, _, origin = rest.rpartition(" ; ")
            found.setdefault(name, []).append((value.strip(), origin))
        blocks.append(found)
    return blocks


def test_config_shows_what_holds_and_where_it_came_from(cloche, suite, ini):
    ini("[run]\njobs = 3\nskip = a\nreport = tap\n    jsonl=x\ntimeout = 5s\n"
        "[profile ci]\ninherits = base\njobs = 5\nskip =\nenv = HOME\nenv = NO_SUCH\n"
        "[profile base]\ntty = true\n")
    run, = shown(cloche("config"))
    assert run["jobs"] == [("3", "cloche.ini:2")]
    assert run["report"] == [("tap", "cloche.ini:4"), ("jsonl=x", "cloche.ini:5")]
    assert run["timeout"] == [("5s", "cloche.ini:6")]
    assert run["grace"] == [("2s", "default")] and run["leaks"] == [("warn", "default")]
    assert run["hostname"] == [("'cloche'", "default")] and run["env"] == [("", "default")]
    assert run["verbose"] == [("false", "default")] and "help" not in run and "exact" not in run
    run, = shown(cloche("config", "--profile", "ci", "--timeout=7s", "-v", "--skip=b", "--shuffle"))
    assert run["jobs"] == [("5", "cloche.ini:9 [profile ci]")]
    assert run["tty"] == [("true", "cloche.ini:14 [profile base]")]
    assert run["skip"] == [("b", "command line")] and run["timeout"] == [("7s", "command line")]
    assert run["verbose"] == [("true", "command line")]
    assert run["shuffle"] == [("true", "command line")]
    assert run["env"] == [(f"HOME={cloche.who.entry.pw_dir}", "cloche.ini:11 [profile ci]")]


def test_config_shows_what_holds_for_each_case(cloche, suite, ini):
    ini("[run]\nhostname = run\n"
        "[override o]\nfilter = test(asks)\nenv = A=1\nretries = 2\n"
        "[setup s]\ncommand = touch ran\nfilter = test(asks)\n")
    _, plain, asks = shown(cloche("config", suite))
    assert plain == {}
    assert asks == {"hostname": [("its-own", "the case itself")],
                    "env": [("FROM=case", "the case itself"), ("A=1", "cloche.ini:5 [override o]")],
                    "retries": [("2", "cloche.ini:6 [override o]")]}
    assert ";   after [setup s], line 7\n" in cloche("config", suite).out
    _, asks = shown(cloche("config", "-n", "asks", "--hostname=flag", suite))
    assert asks["hostname"] == [("flag", "command line")]
    assert not (cloche.cwd / "ran").exists()


def test_what_config_shows_can_be_read_back(cloche, ini):
    ini("[run]\njobs = 3\nskip = a\n  b\nenv = A=x y\nfilter = test(a) or\n  test(b)\n")
    first = cloche("config", "-v", "--root=cow")
    ini(first.out)
    second = cloche("config")
    assert first.status == second.status == 0

    def values(result):
        return [line.split(" ; ")[0] for line in result.out.splitlines() if line[:1] not in "; ["]
    assert values(first) == values(second) and len(values(first)) == 7


def test_config_names_the_file_and_the_profiles(cloche, ini):
    assert cloche("config").out.splitlines()[0] == "; no cloche.ini is read"
    ini("[profile ci]\n[profile nightly]\ninherits = ci\n")
    assert cloche("config").out.splitlines()[:3] == [
        "; cloche.ini", "; line 1: [profile ci]", "; line 2: [profile nightly]"]
    assert cloche("config", "-Pnightly").out.splitlines()[0] == (
        "; cloche.ini, profile ci, profile nightly")
    assert cloche("config", "--no-config").out.splitlines()[0] == "; no cloche.ini is read"
    full = cloche("config", stdout=open("/dev/full", "wb"))
    assert (full.status, full.err) == (
        110, "cloche: cannot write what holds: No space left on device\n")


def test_commands_that_are_not(cloche):
    result = cloche("confg")
    assert (result.status, result.err) == (
        96, "cloche: there is no command 'confg'; did you mean 'config'?\n")
    result = cloche("something")
    assert (result.status, result.err) == (
        96, "cloche: there is no command 'something'; 'cloche --help' lists them\n")


def test_groups_and_their_slots(cloche, build_suite, ini):
    """Of a group without slots one case runs at a time; with two, two can wait for each other."""
    suite = build_suite("meeting", '''
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cloche.h>

static void meet(const char *me, const char *other)
{
	REQUIRE_OK(chdir(getenv("PLACE")));
	REQUIRE_OK(open(me, O_CREAT | O_WRONLY, 0666));
	while (getenv("WAIT") && access(other, F_OK))
		usleep(10000);
}

TEST(one) { meet("one", "two"); }
TEST(two) { meet("two", "one"); }
''')
    place = cloche.cwd / "place"
    place.mkdir()
    place.chmod(0o777)
    common = f"[run]\nroot = host\nenv = PLACE={place}\n[override all]\nfilter = all()\ngroup = door\n"
    ini(common)
    result = cloche.run("-j4", suite)
    events = [e["event"] for e in result.events if e["event"] in ("case-started", "case-ended")]
    assert result.status == 0 and events == ["case-started", "case-ended"] * 2, result
    for path in place.iterdir():
        path.unlink()
    ini(common + "[group door]\nslots = 2\n")
    result = cloche.run("-j4", "--env=WAIT=1", suite)
    assert result.status == 0, result
    run, = shown(cloche("config", "--group-slots=door=3"))
    assert run["group-slots"] == [("door=2", "cloche.ini:8 [group door]"),
                                  ("door=3", "command line")]


def test_retries_and_timeouts_by_override(cloche, build_suite, ini):
    suite = build_suite("failing", '''
#include <unistd.h>
#include <cloche.h>
TEST(fails) { fail("no"); }
TEST(hangs) { pause(); }
''')
    ini("[override fails]\nfilter = test(fails)\nretries = 2\n"
        "[override hangs]\nfilter = test(hangs)\ntimeout = 200ms\ngrace = 100ms\n")
    result = cloche.run(suite)
    assert result.verdicts == {"fails": "fail", "hangs": "timeout"}
    retried = [e["name"] for e in result.events if e["event"] == "case-retried"]
    assert retried == ["fails", "fails"], result


@pytest.mark.parametrize("name", ["tutorial.md", "reference.md"])
def test_examples_in_the_documents_are_read(cloche, name):
    text = (SOURCE / "docs" / name).read_text()
    examples = re.findall(r"^```ini\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        cloche.script("cloche.ini", example, 0o644)
        assert cloche("config", "--profile=ci").status == 0, example


def test_the_example_of_the_page_is_read(cloche):
    page = subprocess.run(["mandoc", "-Tascii", BUILD / "man/man5/cloche.ini.5"],
                          capture_output=True, text=True, check=True).stdout
    example = re.sub(r".\x08", "", page).partition("EXAMPLES\n")[2].partition("SEE ALSO")[0]
    assert "[setup database]" in example
    cloche.script("cloche.ini", textwrap.dedent(example), 0o644)
    assert cloche("config", "--profile=ci").status == 0, example
