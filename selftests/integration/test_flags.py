# SPDX-License-Identifier: MIT
"""The flags of run and list that choose, order, show and report."""

import json
import re

import pytest

from program import BUILD, reports


@pytest.fixture
def three(cloche):
    """A directory with three scripts."""
    for name in ("alpha", "beta", "gamma"):
        cloche.script(f"three/{name}", f"#!/bin/sh\necho this is {name}\n")
    return "three"


# ---- -j ----

def test_jobs_is_how_many_run_at_once(cloche):
    """All four run at once, or none would come to its end: each waits for the other three."""
    (cloche.cwd / "met").mkdir(mode=0o777)
    (cloche.cwd / "met").chmod(0o777)
    cloche.who.owns(cloche.cwd / "met")
    for i in range(4):
        cloche.script(f"suites/s{i}", "#!/bin/sh\n"
                      f"touch {cloche.cwd}/met/{i}\n"
                      f"while [ $(ls {cloche.cwd}/met | wc -l) -lt 4 ]; do sleep 0.02; done\n")
    result = cloche.run("-j4", "--root=host", "--timeout=60", "suites")
    assert result.status == 0, result
    assert result.events[0]["jobs"] == 4


def test_one_job_is_one_at_a_time(cloche, three):
    result = cloche.run("--jobs=1", "--repeat=3", three)
    assert result.status == 0, result
    kinds = [event["event"] for event in result.events[1:-1]]
    assert kinds == ["case-started", "case-ended"] * 9
    assert result.events[0]["jobs"] == 1


# ---- --name, --skip, --exact ----

CHOICES = (
    (["--name=alpha"], {"alpha"}),
    (["-n", "a*"], {"alpha"}),
    (["--name=alp", "--name=*mm*"], {"alpha", "gamma"}),
    (["--name=[ab]*"], {"alpha", "beta"}),
    (["--skip=beta"], {"alpha", "gamma"}),
    (["-s", "*a", "-s", "nothing"], None),
    (["--name=*a", "--skip=g*"], {"alpha", "beta"}),
    (["--name=three/beta::*"], {"beta"}),
    (["--skip=*::beta", "--skip=*::alpha"], {"gamma"}),
    (["--exact=beta"], {"beta"}),
    (["--exact=three/gamma::gamma", "--exact=alpha"], {"alpha", "gamma"}),
    (["--name=nothing"], None),
)


@pytest.mark.parametrize("flags, names", CHOICES,
                         ids=lambda value: " ".join(sorted(value or {"none"})))
def test_choice_of_cases(cloche, three, flags, names):
    """run and list choose alike; nothing to run is an error of its own."""
    result, listed = cloche.run(*flags, three), cloche("list", *flags, three)
    if names is None:
        assert result.status == listed.status == 4, result
        assert result.err == "cloche: no case matches; 'cloche list' shows their names\n"
        assert not result.out and not listed.out
        return
    assert result.status == listed.status == 0, result
    assert set(result.verdicts) == names
    assert {line.split("::")[1] for line in listed.out.splitlines()} == names


# ---- list ----

def test_list_as_text(cloche):
    result = cloche("list", "--name=is_even*", cloche.sample("comparing"))
    suite = cloche.sample("comparing")
    assert result.out == f"{suite}::is_even/even\n{suite}::is_even/odd\n", result


def test_list_as_json(cloche):
    result = cloche("list", "--format", "json", "--exact=has_a_world", cloche.sample("saying"))
    listed = json.loads(result.out)
    assert listed["v"] == 1 and listed["native"] is True
    assert listed["name"] == "has_a_world"
    assert listed["file"].endswith("/saying.c") and listed["line"] > 0
    assert listed["world"] == {"hostname": "moon", "uptime": "259200", "tags": "slow,net",
                               "env": "A=1\nB=2"}


ODD = r"""
#include <cloche.h>
TEST(paths, .env = "A=C:\\new\nB=x=y", .cwd = "/tmp/\xff") {}
static const struct { const char *name; } rows[] = {{"\xc3\xa4"}, {"\xff"}};
TEST_EACH(rows, row) {}
"""


def test_list_of_odd_values(cloche, build_suite):
    """Each is a line of JSON, with what is no UTF-8 replaced."""
    suite = build_suite("odd", ODD)
    lines = [json.loads(line) for line in cloche("list", "--format=json", suite).out.splitlines()]
    assert [line["name"] for line in lines] == ["paths", "row/\u00e4", "row/\ufffd"]
    assert lines[0]["world"] == {"env": "A=C:\\new\nB=x=y", "cwd": "/tmp/\ufffd"}


ODD_NAMES = r"""
#include <cloche.h>
static const struct { const char *name; } rows[] = {
	{"a\nb\tc"}, {"\033[2J"}, {"\033[31mred"}, {"\xff\\xff \xc3\xa4"}, {"\xe2\x80\xae"}};
TEST_EACH(rows, row) {}
"""


def test_list_of_odd_names(cloche, build_suite):
    """Cases and files take one line each, as in the report of a run; --exact wants the bytes."""
    suite = build_suite("odd_names", ODD_NAMES)
    script = cloche.script("odd\nfile\033c", "#!/bin/sh\nexit 0\n")
    names = ["row/a b c", r"row/\x1b[2J", "row/red", r"row/\xff\xff " + "\u00e4",
             r"row/\xe2\x80\xae"]
    lines = cloche("list", suite, script).out.split("\n")
    assert lines[:-2] == [f"{suite}::{name}" for name in names]
    shown = r"odd file\x1bc"
    assert lines[-2:] == [f"{script.parent}/{shown}::{shown}", ""]
    report = cloche("run", suite, script).out
    assert all(line.replace("::", " ") in report for line in lines[:-1]), report
    assert cloche("list", "--exact=row/a\nb\tc", suite).out == f"{suite}::row/a b c\n"
    assert cloche("list", f"--exact={lines[3].split('::')[1]}", suite).status == 4


def test_list_shows_the_order_of_the_source(cloche):
    lines = cloche("list", "--format=json", cloche.sample("saying")).out.splitlines()
    numbers = [json.loads(line)["line"] for line in lines]
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers) == 16


# ---- --repeat, --shuffle ----

def test_repeat(cloche, three):
    result = cloche.run("--repeat", "5", "--exact=alpha", three)
    ended = [event for event in result.events if event["event"] == "case-ended"]
    assert sorted(event["repetition"] for event in ended) == [0, 1, 2, 3, 4]
    shown = cloche("run", "--repeat=2", "-j1", "--exact=alpha", three)
    assert "alpha (repetition 2)" in shown.out, shown


def order(result):
    return [event["name"] for event in result.events if event["event"] == "case-started"]


def test_shuffle_is_reproducible(cloche):
    flags = ("-j1", "--name=row/0000*", "--name=row/0001*", cloche.sample("many"))
    plain, one, again, other = (cloche.run(*shuffle, *flags) for shuffle in
                                ((), ("--shuffle=7",), ("--shuffle=7",), ("--shuffle=8",)))
    assert order(plain) == sorted(order(plain)) and len(order(plain)) == 20
    assert order(one) == order(again)
    assert len({tuple(order(run)) for run in (plain, one, other)}) == 3
    assert sorted(order(one)) == sorted(order(other)) == order(plain)
    assert one.events[0]["seed"] == 7 and "seed" not in plain.events[0]


def test_the_seed_drawn_is_told_and_gives_the_same_order(cloche):
    flags = ("-j1", "--name=row/0000*", "--name=row/0001*", cloche.sample("many"))
    drawn = cloche.run("--shuffle", *flags)
    seed = drawn.events[0]["seed"]
    assert order(cloche.run(f"--shuffle={seed}", *flags)) == order(drawn)
    shown = cloche("run", "--shuffle", "--report=terminal", "--report=tap=tap", *flags)
    seeds = (re.search(r"Shuffled with --shuffle=(\d+)\n", shown.out)[1],
             re.search(r"# shuffled with seed (\d+)\n", (cloche.cwd / "tap").read_text())[1])
    assert seeds[0] == seeds[1]


def test_tags(cloche, three):
    """They are told of each case; what chooses cases are the tags that these come with."""
    result = cloche.run("--tags=slow,net", three)
    assert {case["world"]["tags"] for case in result.cases.values()} == {"slow,net"}, result
    assert cloche("run", "--tags=slow", "--filter=tag(slow)", three).status == 4


# ---- --report, --output, --output-limit, --artifacts, --verbose ----

def test_several_reports_of_one_run(cloche, three):
    result = cloche("run", "-r", "tap", "--report=jsonl=lines", "-r", "terminal=for people", three)
    assert result.status == 0, result
    assert result.out.startswith("TAP version 14\n1..3\n")
    assert result.out.count("\nok ") == 3
    lines = [json.loads(line) for line in (cloche.cwd / "lines").read_text().splitlines()]
    assert [line["event"] for line in lines][::len(lines) - 1] == ["run-started", "run-ended"]
    assert all(line["v"] == 1 for line in lines)
    assert "3 cases run: 3 passed\n" in (cloche.cwd / "for people").read_text()


def test_a_report_is_replaced(cloche, three):
    (cloche.cwd / "tap").write_text("old\n" * 10000)
    cloche.who.owns(cloche.cwd / "tap")
    assert cloche("run", "--report=tap=tap", three).status == 0
    assert "old" not in (cloche.cwd / "tap").read_text()


def test_a_report_makes_its_directory(cloche, three):
    assert cloche("run", "--report=tap=reports/of/today/tap", three).status == 0
    assert "\nok 3" in (cloche.cwd / "reports/of/today/tap").read_text()


WHENS = {"immediate": (1, 0), "final": (0, 1), "immediate-final": (1, 1), "never": (0, 0)}


@pytest.mark.parametrize("failed", (None, *WHENS))
@pytest.mark.parametrize("passed", (None, *WHENS))
def test_output(cloche, failed, passed):
    """Of those that fail and those that pass apart, below their line, at the end, or both."""
    cloche.script("suites/fails", "#!/bin/sh\necho output of fails\necho error of fails >&2\nexit 1\n")
    cloche.script("suites/passes", "#!/bin/sh\necho output of passes\n")
    cloche.script("suites/says_nothing", "#!/bin/sh\n")
    flags = [f"--output={failed}"] * (failed is not None)
    flags += [f"--success-output={passed}"] * (passed is not None)
    result = cloche("run", "-j1", *flags, "suites")
    assert result.status == 100, result
    now, rest = result.out.split("says_nothing says_nothing\n", 1)
    then, summary = rest.split("------------\n", 1)
    assert (now.count("output of fails"), then.count("output of fails")) \
        == (now.count("error of fails"), then.count("error of fails")) \
        == WHENS[failed or "immediate"], result
    assert (now.count("output of passes"), then.count("output of passes")) \
        == WHENS[passed or "never"], result
    assert "output of" not in summary


@pytest.mark.parametrize("limit, kept", (("1000", 1000), ("2K", 2048), ("1M", 20000)))
def test_output_limit(cloche, limit, kept):
    """The beginning and the end are kept, and what was left out between them is counted."""
    cloche.script("prints", "#!/bin/sh\nprintf first\nhead -c 19991 /dev/zero | tr '\\0' x\n"
                  "printf last\nexit 1\n")
    flags = ("--output-limit", limit, "./prints")
    output = cloche.run(*flags).cases["prints"]["output"]
    text = output["text"] + output.get("end", "")
    assert (output["bytes"], output["cut"], len(text)) == (20000, 20000 - kept, kept)
    assert text.startswith("first") and text.endswith("last")
    shown = cloche("run", *flags)
    assert ("bytes left out, see --output-limit" in shown.out) == (kept < 20000), shown
    tap = cloche("run", "--report=tap", *flags)
    assert (f"output_bytes_left_out: {20000 - kept}\n" in tap.out) == (kept < 20000), tap


@pytest.mark.parametrize("flags, directory", (
    ([], "cloche-artifacts"), (["--artifacts=there"], "there"), (["--artifacts", "a/b"], None)))
def test_artifacts(cloche, flags, directory):
    result = cloche.run(*flags, "--exact=attaches", cloche.sample("saying"))
    attached = result.cases["attaches"]["attachments"]
    if directory:
        assert all(one["file"].startswith(directory + "/") for one in attached)
        assert (cloche.cwd / attached[0]["file"]).exists()
    else:  # its parent is not there
        assert all(one["file"] is None for one in attached)
        messages = [event["text"] for event in result.events if event["event"] == "message"]
        assert "cannot keep an attachment of attaches in 'a/b': No such file or directory; " \
            "choose another directory with --artifacts" in messages


def test_without_attachments_there_is_no_directory(cloche, three):
    assert cloche.run(three).status == 0
    assert [path.name for path in cloche.cwd.iterdir()] == ["three"]


@pytest.mark.parametrize("flags, env, colored", (
    ([], {}, False),
    (["--color=always"], {}, True),
    (["--color=always"], {"NO_COLOR": "1"}, True),
    (["--color=never"], {"CLICOLOR_FORCE": "1"}, False),
    (["--color=auto"], {"CLICOLOR_FORCE": "1"}, True),
    ([], {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ([], {"CLICOLOR_FORCE": "0"}, False),
    ([], {"CLICOLOR_FORCE": "1", "NO_COLOR": ""}, True),
))
def test_color(cloche, three, flags, env, colored):
    result = cloche("run", *flags, three, env=env)
    assert result.status == 0 and ("\033[" in result.out) == colored, result


def test_colors_of_a_test_only_where_we_color_ourselves(cloche):
    flags = ("run", "--exact=prints_colors", cloche.sample("saying"))
    assert "\033[31mred\033[0m" in cloche(*flags, "--color=always").out
    assert "\nred r\u00e9sum\u00e9\n" in cloche(*flags).out


def test_verbose_on_a_terminal(cloche, three):
    """On a terminal passed cases only count, with --verbose each has its line."""
    def on_a_terminal(*flags):
        return cloche.command("script", "-qec", f"{cloche.path} run {' '.join(flags)} {three}",
                              "/dev/null", env={"TERM": "xterm"})
    brief, full = on_a_terminal("-j1"), on_a_terminal("-j1", "-v")
    assert "3 cases run: 3 passed" in brief.out and "3 cases run: 3 passed" in full.out, brief
    assert "three/alpha" not in brief.out and brief.out.count("PASS") == 0
    assert full.out.count("PASS") == 3, full
    assert "\033[32" in brief.out


# ---- --timeout, --grace ----

def test_timeout(cloche):
    """SIGTERM at the deadline, and time to obey it."""
    cloche.script("obeys", "#!/bin/sh\ntrap 'echo asked to end; exit 3' TERM\n"
                  "while :; do sleep 0.02; done\n")
    result = cloche.run("--timeout=3s", "--grace=1m", "./obeys")
    case = result.cases["obeys"]
    assert result.status == 100 and case["verdict"] == "timeout", result
    assert case["reason"] == "ran into its deadline of 3 s"
    assert "asked to end\n" in case["output"]["text"] and case["status"] == 3
    assert case["world"]["timeout"] == "3" and case["world"]["grace"] == "60"


def test_grace(cloche):
    """SIGKILL after it for those that do not end."""
    cloche.script("ignores", "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.02; done\n")
    result = cloche.run("--timeout=1000ms", "--grace=0.2", "./ignores")
    case = result.cases["ignores"]
    assert result.status == 100 and case["verdict"] == "timeout", result
    assert case["seconds"] >= 1.2 and "status" not in case and "signal" not in case


def test_flags_win_over_the_case(cloche):
    """`hangs` itself has a timeout of 1 s."""
    result = cloche.run("--exact=hangs", "--timeout=100ms", cloche.sample("dying"))
    assert result.cases["hangs"]["reason"] == "ran into its deadline of 0.1 s"


# ---- help ----

@pytest.mark.parametrize("command", ("run", "list", "exec", "shell"))
def test_help_names_every_option(cloche, command):
    result = cloche(command, "--help")
    assert result.status == 0 and not result.err, result
    assert result.out.startswith(f"Usage: cloche {command} ")
    assert "Exit status:" in result.out
    for option in ("hostname", "uptime", "root", "user", "ids", "timeout", "allow-missing"):
        assert f" --{option} " in result.out
    assert cloche(command, "-h").out == result.out
    for line in result.out.splitlines():
        assert len(line) <= 100 and line == line.rstrip(), line


def test_every_report_is_named_where_one_looks(cloche):
    """Help, the man page, completions and the complaint have the names from one table."""
    names = reports()
    assert {"terminal", "jsonl", "github"} <= set(names)
    told = cloche("run", "--report=none", "/bin/true").err
    assert re.findall(r"\w+", told.partition("the reports are ")[2].replace(" and ", " ")) == names
    offered = cloche("--complete-words", "cloche", "run", "--report", "").out
    assert [line.split("\t")[0] for line in offered.splitlines()] == names
    page = (BUILD / "man/man1/cloche-run.1").read_text()
    assert f"one of {', '.join(names)}, to FILE" in page


def test_help_of_the_program(cloche):
    result = cloche("--help")
    assert result.status == 0 and "cloche exec [OPTION...] [--] COMMAND" in result.out, result
    assert cloche("help").out == cloche("-h").out == result.out
    assert re.fullmatch(r"cloche \d+\.\d+\.\d+\n", cloche("--version").out)
    bare = cloche()
    assert bare.status == 96 and bare.err == result.out and not bare.out
