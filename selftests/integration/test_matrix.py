# SPDX-License-Identifier: MIT
"""Matrices of clocks: one case at many times, each of which is a case of its own."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from program import TOP

UPTIMES = {"0": 0, "24.8d": 2**31 / 1000, "49.7d": 2**32 / 1000, "248.5d": 2**31 / 100,
           "497.1d": 2**32 / 100, "24855.1d": 2**31}
WRAPS = [name for name in UPTIMES if name not in ("0", "24.8d")]

# Of a case without the fault that it looks for, and of one with it.
SUITE = """
#include <cloche.h>
#include <stdio.h>
#include <time.h>

static uint32_t now_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint32_t)now.tv_sec * 1000 + (uint32_t)(now.tv_nsec / 1000000);
}

TEST(tells, .uptimes = CLOCK_WRAPS, .tags = "of_time")
{
    struct timespec up, since;

    clock_gettime(CLOCK_BOOTTIME, &up);
    clock_gettime(CLOCK_MONOTONIC, &since);
    printf("%lld %lld\\n", (long long)up.tv_sec, (long long)since.tv_sec);
}

TEST(compares, .uptimes = CLOCK_WRAPS, .uptime = days(1))
{
    uint32_t start = now_ms(CLOCK_MONOTONIC);

    EXPECT(now_ms(CLOCK_MONOTONIC), <, start + 60000);
}

TEST(plain) {}
"""


@pytest.fixture
def suite(build_suite):
    return build_suite("t_matrix", SUITE)


def points(name, at=UPTIMES):
    return [f"{name}@uptime={point}" for point in at]


def names(listed):
    return [line.split("::", 1)[1] for line in listed.out.splitlines()]


def expect_at(point, seconds):
    """It began five seconds before that, and not long ago."""
    start = max(UPTIMES[point] - 5, 0)
    assert int(start) <= seconds < start + 100, (point, seconds)


# ---- cases of their own ----

def test_one_result_a_point(cloche, suite):
    result = cloche.run(suite)
    assert result.status == 100
    wrong = points("compares", WRAPS)
    assert result.verdicts == {
        name: "fail" if name in wrong else "pass"
        for name in points("tells") + points("compares") + ["plain"]}
    for point in UPTIMES:
        case = result.cases[f"tells@uptime={point}"]
        for seconds in case["output"]["text"].split():
            expect_at(point, int(seconds))
        expect_at(point, float(case["world"]["uptime"]) + 1)
        assert "uptime-matrix" not in case["world"] and case["world"]["tags"] == "of_time", case


def test_a_list_has_them(cloche, suite):
    listed = cloche("list", suite)
    assert listed.status == 0 and not listed.err, listed
    assert names(listed) == points("tells") + points("compares") + ["plain"]
    cases = [json.loads(line) for line in cloche("list", "--format=json", suite).out.splitlines()]
    assert [case["name"] for case in cases] == names(listed)
    assert cases[2]["world"] == {"tags": "of_time", "uptime": "4294962.296"}
    assert cases[-1]["world"] == {}
    itself = cloche.command(suite, "--list")
    assert [line.split("::")[-1] for line in itself.out.splitlines()] == names(listed), itself
    result = cloche.command(suite, "--exact=tells@uptime=49.7d", "--report=tap")
    assert result.status == 0 and "ok 1 - t_matrix tells@uptime=49.7d" in result.out, result


def test_a_flag_asks_for_all(cloche, suite):
    script = cloche.script("up", "#!/bin/sh\ncut -d. -f1 /proc/uptime\n")
    result = cloche.run("--uptime-matrix", suite, script)
    assert set(result.verdicts) == {
        name for case in ("tells", "compares", "plain", "up") for name in points(case)}
    for point in UPTIMES:
        expect_at(point, int(result.cases[f"up@uptime={point}"]["output"]["text"]))


def test_of_a_configuration(cloche, suite):
    (cloche.cwd / "cloche.ini").write_text("[run]\nuptime-matrix = true\n")
    assert names(cloche("list", suite))[-6:] == points("plain")
    (cloche.cwd / "cloche.ini").write_text(
        "[override some]\nfilter = test(=plain)\nuptime-matrix = true\nhostname = moon\n"
        "[override later]\nfilter = test(=plain@uptime=0)\nuptime = 3d\n")
    script = cloche.script("up", "#!/bin/sh\n")
    assert names(cloche("list", suite, script))[-7:] == points("plain") + ["up"]
    result = cloche.run("--exact=plain", suite)
    assert {case["world"]["hostname"] for case in result.cases.values()} == {"moon"}, result
    assert result.cases["plain@uptime=0"]["world"]["uptime"] == "0.000000001"


def test_the_command_line_s_uptime_wins(cloche, suite):
    result = cloche.run("--uptime=3d", "--exact=tells", suite)
    assert list(result.verdicts) == ["tells"] and result.status == 0, result
    assert 3 * 86400 <= int(result.cases["tells"]["output"]["text"].split()[0]) < 3 * 86400 + 100


@pytest.mark.parametrize("flag, sentence", (
    ("--uptime=3d", "a matrix of uptimes gives each case its uptime; leave out uptime, or "
     "uptime-matrix"),
    ("--uptime=-1h", "a matrix of uptimes gives each case its uptime; leave out uptime, or "
     "uptime-matrix"),
    ("--no-isolation", "a matrix of uptimes takes cells, which have clocks of their own; leave out "
     "no-isolation, or uptime-matrix"),
))
def test_contrary_flags(cloche, suite, flag, sentence):
    result = cloche("run", "--uptime-matrix", flag, suite)
    assert result.status == 96 and result.err == f"cloche: {sentence}\n", result


def test_without_a_cell_there_is_one(cloche, suite, build_suite):
    result = cloche("list", "--no-isolation", suite)
    assert names(result) == ["tells", "compares", "plain"]
    assert result.err == ("cloche: 2 cases of a matrix run once, at the machine's time, for want "
                          "of a cell\n")
    bare = build_suite("t_bare", "#include <cloche.h>\nTEST(bare, .no_isolation = true) {}\n")
    result = cloche("run", "--uptime-matrix", bare)
    assert result.status == 0 and "1 case of a matrix runs once" in result.err, result


def test_exec_has_none(cloche):
    result = cloche("exec", "--uptime-matrix", "true")
    assert result.status == 125 and "--uptime-matrix" in result.err, result


# ---- choosing ----

@pytest.mark.parametrize("flags, chosen", (
    (["--exact=tells"], points("tells")),
    (["--exact=tells@uptime=49.7d"], ["tells@uptime=49.7d"]),
    (["--exact=SUITE::tells@uptime=0", "--exact=plain"], ["tells@uptime=0", "plain"]),
    (["--name=*@uptime=24.8d"], ["tells@uptime=24.8d", "compares@uptime=24.8d"]),
    (["--name=tells", "--skip=*@uptime=2*"], points("tells", ("0", "49.7d", "497.1d"))),
    (["--skip=*s"], ["plain"]),
    (["-Etest(=compares) - test(#*d)"], ["compares@uptime=0"]),
    (["-Etest(=compares@uptime=0) or tag(of_time) & test(~=24)"],
     ["tells@uptime=24.8d", "tells@uptime=248.5d", "tells@uptime=24855.1d", "compares@uptime=0"]),
    (["-Enot test(/^(tells|compares)$/)"], ["plain"]),
), ids=lambda value: value[0] if value[0][0] == "-" else "")
def test_choosing(cloche, suite, flags, chosen):
    flags = [flag.replace("SUITE", str(suite)) for flag in flags]
    listed = cloche("list", *flags, suite)
    assert names(listed) == chosen, listed


@pytest.mark.parametrize("exact, sentence", (
    ("plain@uptime=49.7d", "there is no case 'plain@uptime=49.7d' without --uptime-matrix; add it"),
    ("tells@uptime=49.8d",
     "there is no case 'tells@uptime=49.8d'; did you mean 'tells@uptime=49.7d'?"),
    ("nobody@uptime=0", "there is no case 'nobody@uptime=0'; 'cloche list' shows their names"),
))
def test_no_such_point(cloche, suite, exact, sentence):
    result = cloche("run", f"--exact={exact}", suite)
    assert result.status == 4 and result.err == f"cloche: {sentence}\n", result


def test_shards_divide_points(cloche, suite):
    parts = [names(cloche("list", f"--shard={k}/3", suite)) for k in (1, 2, 3)]
    assert sorted(sum(parts, [])) == sorted(names(cloche("list", suite)))
    assert max(map(len, parts)) < 13


def test_what_failed_is_run_again(cloche, suite):
    assert cloche("run", suite).status == 100
    assert names(cloche("list", "--rerun=failed", suite)) == points("compares", WRAPS)
    assert names(cloche("list", "--rerun=failed", "--name=*497*", suite)) == \
        ["compares@uptime=497.1d"]
    result = cloche.run("--rerun=failed", "--retries=1", "--exact=compares@uptime=49.7d", suite)
    assert [(event["name"], event["attempt"]) for event in result.events
            if event["event"] == "case-ended"] == [("compares@uptime=49.7d", 2)], result


# ---- told ----

def test_reports(cloche, suite):
    result = cloche("run", "--report=junit=junit.xml", "--report=tap", "--exact=compares", suite)
    assert result.status == 100, result
    root = ElementTree.parse(cloche.cwd / "junit.xml").getroot()
    told = {case.get("name"): case.find("failure") is not None for case in root.iter("testcase")}
    assert told == {name: name not in points("compares", ("0", "24.8d"))
                    for name in points("compares")}
    assert {name for name in points("compares")
            if re.search(f"^(not )?ok [0-9]+ - .* {re.escape(name)}$", result.out, re.M)} == \
        set(points("compares")), result
    top = cloche("top", "--format=json")
    assert {json.loads(line)["name"] for line in top.out.splitlines()} == set(points("compares"))


# ---- those that are known by their names ----

def test_a_suite_of_no_kind(cloche):
    house = cloche.script("house", "#!/bin/sh\n[ $# = 0 ] && printf 'a\\nb\\n' || "
                          "echo \"$1 $(cut -d. -f1 /proc/uptime)\"\n")
    result = cloche.run("--uptime-matrix", "--list-command={suite}",
                        "--case-command={suite} {name}", house)
    assert set(result.verdicts) == set(points("a") + points("b")), result
    for name, case in result.cases.items():
        own, seconds = case["output"]["text"].split()
        assert own == name[0]
        expect_at(name.split("=")[1], int(seconds))


def test_under_a_tracer(cloche, suite):
    """A suite's own program runs the case; the cell has the time."""
    result = cloche("run", "--tracer=env", "--exact=tells@uptime=497.1d", suite)
    assert result.status == 0, result
    expect_at("497.1d", int(result.out.split("\n", 1)[0].split()[0]))


def test_completions(cloche, suite):
    offered = cloche("--complete-words", "cloche", "run", str(suite), "--exact", "compares@")
    assert [line.split("\t")[0] for line in offered.out.splitlines()] == points("compares"), offered


# ---- dates ----

DATES = {"1970-01-01": 0, "leap-second": 1483228800, "dst-forward": 1806195600,
         "dst-back": 1824944400, "2028-02-29": 1835395200, "2036-02-07": 2085978496,
         "2038-01-19": 2**31, "2100-03-01": 4107542400, "9999-12-31": 253402300800}
FIXED = [date for date in DATES if date[:3] != "dst"]

WALLS = """
#include <cloche.h>
#include <stdio.h>
#include <time.h>

TEST(dated, .walls = CLOCK_EDGES, .env = "TZ=Europe/Berlin")
{
    printf("%lld\\n", (long long)time(NULL));
}

TEST(both, .walls = CLOCK_EDGES, .uptimes = CLOCK_WRAPS)
{
    struct timespec up;

    clock_gettime(CLOCK_BOOTTIME, &up);
    printf("%lld %lld\\n", (long long)time(NULL), (long long)up.tv_sec);
}

TEST(plain) {}
"""


@pytest.fixture
def walls(build_suite):
    return build_suite("t_walls", WALLS)


def expect_date(date, seconds):
    start = max(DATES[date] - 5, 0)
    assert start <= seconds < start + 100, (date, seconds)


def test_one_result_a_date(cloche, walls):
    result = cloche.run("--exact=dated", walls)
    assert result.status == 0, result
    assert set(result.verdicts) == {f"dated@wall={date}" for date in DATES}
    for date in DATES:
        expect_date(date, int(result.cases[f"dated@wall={date}"]["output"]["text"]))


def test_every_date_at_every_uptime(cloche, walls):
    listed = names(cloche("list", "--exact=both", walls))
    assert sorted(listed) == sorted(f"{point}@wall={date}" for point in points("both")
                                    for date in FIXED)
    result = cloche.run("--exact=both@uptime=497.1d@wall=2038-01-19", walls)
    (case,) = result.cases.values()
    wall, up = case["output"]["text"].split()
    expect_date("2038-01-19", int(wall))
    expect_at("497.1d", int(up))


def test_dates_of_programs(cloche):
    script = cloche.script("now", "#!/bin/sh\ndate +%s\n")
    result = cloche.run("--wall-matrix", "--env=TZ=Europe/Berlin", script)
    assert set(result.verdicts) == {f"now@wall={date}" for date in DATES}, result
    for date in DATES:
        expect_date(date, int(result.cases[f"now@wall={date}"]["output"]["text"]))


def test_the_zone_is_the_case_s(cloche, walls):
    def dates(*words, **arguments):
        listed = cloche("list", "--wall-matrix", "--exact=plain", *words, walls, **arguments)
        return [name.split("=")[1] for name in names(listed)]
    assert dates() == FIXED
    assert dates("--env=TZ=Europe/Berlin") == list(DATES)
    assert dates(env={"TZ": "Europe/Berlin"}) == FIXED
    assert dates("--env=TZ", env={"TZ": "Europe/Berlin"}) == list(DATES)
    assert dates("--env=TZ=Asia/Tokyo") == FIXED


@pytest.mark.parametrize("flag, sentence", (
    ("--wall=now", "a matrix of dates gives each case its wall clock; leave out wall, or "
     "wall-matrix"),
    ("--no-isolation", "a matrix of dates takes cells, which have clocks of their own; leave out "
     "no-isolation, or wall-matrix"),
))
def test_contrary_flags_of_dates(cloche, walls, flag, sentence):
    result = cloche("run", "--wall-matrix", flag, walls)
    assert result.status == 96 and result.err == f"cloche: {sentence}\n", result


def test_no_such_date(cloche, walls):
    result = cloche("run", "--exact=plain@wall=2038-01-19", walls)
    assert result.status == 4 and result.err == ("cloche: there is no case 'plain@wall=2038-01-19' "
                                                 "without --wall-matrix; add it\n"), result


def test_documented():
    text = (TOP / "docs/reference.md").read_text()
    for point in (*UPTIMES, *DATES):
        assert f"`{point}`" in text, point
