# SPDX-License-Identifier: MIT
"""Which cases of which suites: the filter language, shards, what failed last, and exact names."""

import json
import shutil

import pytest

SUITE = """
#include <cloche.h>

TEST(plain) {}
TEST(slow_one, .tags = "slow,net") {}
TEST(slow_two, .tags = "slow") {}
TEST(fails, .tags = "net") { fail("as it shall"); }
static const struct { const char *name; } rows[] = {{"a"}, {"b"}, {"c (1)"}};
TEST_EACH(rows, row) { EXPECT(1, ==, 1); }
"""
ALL = ["plain", "slow_one", "slow_two", "fails", "row/a", "row/b", "row/c (1)"]


@pytest.fixture
def suites(cloche, build_suite):
    """A directory with a native suite, t_some, and a script, check."""
    path = build_suite("t_some", SUITE)
    cloche.script("suites/check", "#!/bin/sh\n")
    cloche.who.owns(shutil.copy(path, cloche.cwd / "suites"))
    return "suites"


def names(listed):
    """The cases of a list, without their suites."""
    return [line.split("::", 1)[1] for line in listed.out.splitlines()]


# ---- the filter language ----

FILTERS = (
    (["all()"], [*ALL, "check"]),
    (["suite(t_some)"], ALL),
    (["suite(suites/t_*)"], ALL),
    (["kind(foreign)"], ["check"]),
    (["tag(slow)"], ["slow_one", "slow_two"]),
    (["tag(slow) and tag(net)"], ["slow_one"]),
    (["tag(slow) or tag(net)"], ["slow_one", "slow_two", "fails"]),
    (["tag(slow) - test(two)"], ["slow_one"]),
    (["not tag(*) and kind(native)"], ["plain", "row/a", "row/b", "row/c (1)"]),
    (["test(/^row.[ab]$/)"], ["row/a", "row/b"]),
    (["test(=row/c (1\\))"], ["row/c (1)"]),
    (["test(suites/t_some::p*)"], ["plain"]),
    (["tag(slow)", "kind(foreign)"], ["slow_one", "slow_two", "check"]),
)


@pytest.mark.parametrize("filters, chosen", FILTERS, ids=lambda value: " ".join(value))
def test_filters(cloche, suites, filters, chosen):
    """run and list choose alike."""
    flags = [word for text in filters for word in ("-E", text)]
    listed = cloche("list", *flags, suites)
    assert listed.status == 0 and sorted(names(listed)) == sorted(chosen), listed
    result = cloche.run(*flags, suites)
    assert sorted(result.verdicts) == sorted(chosen), result
    assert result.status == (100 if "fails" in chosen else 0)


def test_suites_that_a_filter_leaves_out_are_not_started(cloche, suites, build_suite):
    """One that crashes while it lists its cases disturbs nobody who does not want it."""
    path = build_suite("t_crashes", "#include <cloche.h>\n#include <stdlib.h>\n"
                       "__attribute__((constructor)) static void crash(void) { abort(); }\n"
                       "TEST(x) {}\n")
    cloche.who.owns(shutil.copy(path, cloche.cwd / "suites"))
    for flags in ((), ("-E", "test(x)"), ("-E", "suite(t_some)", "--exact=plain")):
        result = cloche("list", *flags, suites)
        assert result.status == 104 and "t_crashes" in result.err, result
    assert names(cloche("list", "-E", "suite(t_some) and tag(slow)", suites)) == [
        "slow_one", "slow_two"]
    assert cloche.run("-E", "kind(foreign)", suites).verdicts == {"check": "pass"}
    result = cloche("run", "-E", "suite(nothing)", suites)
    assert result.status == 4 and result.err == (
        "cloche: no case matches; 'cloche list' shows their names\n"), result


def test_a_filter_narrows_what_names_take(cloche, suites):
    def chosen(*flags):
        return sorted(names(cloche("list", *flags, suites)))
    assert chosen("-n", "slow*", "--filter=tag(net)") == ["slow_one"]
    assert chosen("--exact=plain", "--exact=fails", "--filter=tag(net)") == ["fails"]
    assert chosen("-E", "tag(net)", "-s", "fails") == ["slow_one"]


def test_a_suite_of_its_own(cloche, build_suite):
    """A suite's own program has the same flag; its name is the last part of its path."""
    suite = build_suite("t_some", SUITE)
    result = cloche.command(suite, "--list", "-E", "suite(=t_some) & tag(slow)")
    assert result.out == "t_some::slow_one\nt_some::slow_two\n", result
    result = cloche.command(suite, "-E", "tag(slow)", "*two")
    assert result.status == 0 and "1 case run: 1 passed" in result.out, result


def test_no_case_matches_a_filter(cloche, suites):
    result = cloche.run("-E", "none()", suites)
    assert result.status == 4 and not result.out, result
    assert result.err == "cloche: no case matches; 'cloche list' shows their names\n"


@pytest.mark.parametrize("command", ("run", "list"))
def test_a_mistake_in_a_filter(cloche, command):
    """It is said before suites are looked for, and points at its place."""
    result = cloche(command, "-E", "all()", "--filter", "tag(slow) and siute(x)", "nowhere")
    assert result.status == 96 and not result.out, result
    assert result.err == ("cloche: --filter: there is no 'siute'; did you mean 'suite()'?\n"
                          "  tag(slow) and siute(x)\n"
                          "                ^~~~~\n")


# ---- --shard ----

def listed(cloche, *flags, **arguments):
    """What `list` prints: lines, in a list."""
    result = cloche("list", *flags, **arguments)
    assert result.status == 0, result
    return result.out.splitlines()


@pytest.mark.parametrize("count", (1, 2, 3, 7))
def test_each_case_is_in_one_shard(cloche, suites, count):
    parts = [listed(cloche, f"--shard={i}/{count}", suites) for i in range(1, count + 1)]
    assert sorted(sum(parts, [])) == sorted(listed(cloche, suites))
    for part in parts:  # in the order of the list
        assert part == [line for line in listed(cloche, suites) if line in part]


def test_a_shard_depends_on_nothing_else(cloche, suites):
    """Neither other cases, nor other suites, nor their order move a case to another shard."""
    def shard(i, *flags):
        return set(listed(cloche, f"--shard={i}/3", *flags))
    for i in (1, 2, 3):
        whole = shard(i, suites)
        assert shard(i, "suites/t_some", "suites/check") == whole
        assert shard(i, "suites/check", "suites/t_some") == whole
        assert shard(i, "./suites/t_some") == {line for line in whole if "check" not in line}
        assert shard(i, "-n", "row*", suites) == {line for line in whole if "::row" in line}


def test_shards_of_a_run(cloche, suites):
    verdicts = {}
    for i in (1, 2):
        result = cloche.run(f"--shard={i}/2", "--repeat=2", suites)
        assert result.events[0]["shard"] == f"{i}/2"
        assert result.events[0]["cases"] == 2 * len(result.verdicts)
        assert not verdicts.keys() & result.verdicts.keys()
        verdicts |= result.verdicts
    assert sorted(verdicts) == sorted([*ALL, "check"])
    assert "shard" not in cloche.run(suites).events[0]
    result = cloche("run", "--shard=1/2", "--report=tap=tap", "--report=junit=junit",
                    "--report=terminal", suites)
    assert "       Shard 1/2\n" in result.out, result
    assert "# shard 1/2\n" in (cloche.cwd / "tap").read_text()
    assert '<property name="shard" value="1/2"/>' in (cloche.cwd / "junit").read_text()


def test_a_shard_may_be_empty(cloche, suites):
    """That is no failure, or one more machine than cases would make one; reports are written."""
    empty = next(i for i in range(1, 100) if not cloche("list", f"--shard={i}/99", suites).out)
    result = cloche("run", f"--shard={empty}/99", "--report=jsonl", "--report=tap=tap", suites)
    assert result.status == 0, result
    assert result.err == f"cloche: none of 8 cases is in shard {empty}/99; nothing is run\n"
    assert [event["event"] for event in result.events] == ["run-started", "run-ended"]
    assert result.events[0]["cases"] == 0
    assert (cloche.cwd / "tap").read_text() == f"TAP version 14\n1..0\n# shard {empty}/99\n"
    for endless in ("--for=1h", "--until-fail"):  # which end all the same
        result = cloche.run(f"--shard={empty}/99", endless, suites)
        assert result.status == 0 and not result.verdicts, result
    nothing = cloche.run("--shard=1/2", "-E", "none()", suites)
    assert nothing.status == 4 and "no case matches" in nothing.err, nothing


def write_times(cloche, times):
    """A report with these times, by case of t_some."""
    lines = [json.dumps({"v": 1, "event": "case-ended", "suite": "suites/t_some", "name": name,
                         "seconds": seconds}) for name, seconds in times.items()]
    (cloche.cwd / "times").write_text("\n".join(lines) + "\n")


def test_shards_by_time(cloche, suites):
    """plain takes as long as all others together; check is unknown, and counts as the median."""
    write_times(cloche, {"plain": 10, "slow_one": 4, "slow_two": 1, "fails": 1, "row/a": 1,
                         "row/b": 1, "row/c (1)": 1})
    flags = ("--times=times", suites)
    first, second = (listed(cloche, f"--shard=time:{i}/2", *flags) for i in (1, 2))
    assert first == ["suites/t_some::plain"]
    assert len(second) == 7
    other = listed(cloche, "--shard=time:2/2", "--times=times", "suites/t_some", "suites/check")
    assert sorted(other) == sorted(second)
    result = cloche.run("--shard=time:1/2", *flags)
    assert list(result.verdicts) == ["plain"] and result.events[0]["shard"] == "time:1/2"


def test_times_come_from_a_run(cloche, suites):
    assert cloche("run", "--report=jsonl=lines", suites).status == 100
    parts = [listed(cloche, f"--shard=time:{i}/3", "--times", "lines", suites) for i in (1, 2, 3)]
    assert sorted(sum(parts, [])) == sorted(listed(cloche, suites))
    assert all(parts)


SHARD_SENTENCES = (
    (["--shard=5/4"], "--shard takes K/N, the part K of N that together are all (as 2/4, or "
     "time:2/4), not '5/4'"),
    (["--shard", "time"], "--shard takes K/N, the part K of N that together are all (as 2/4, or "
     "time:2/4), not 'time'"),
    (["--shard=1/2", "--times=x"],
     "--times is for --shard=time:K/N, which is not there; add it"),
    (["--shard=time:1/2", "--times=nowhere"],
     "cannot read the times in 'nowhere': No such file or directory; give another file"),
    (["--shard=time:1/2", "--times=suites/check"],
     "'suites/check' has no times of cases; give what --report=jsonl=FILE wrote"),
    (["--env=CI_NODE_INDEX"], "--env: CI_NODE_INDEX divides this run, and cases do not see it; to "
     "set it for them, give it a value, CI_NODE_INDEX=VALUE"),
)


@pytest.mark.parametrize("flags, sentence", SHARD_SENTENCES, ids=lambda value: "")
def test_sentences_about_shards(cloche, suites, flags, sentence):
    for command in ("run", "list"):
        result = cloche(command, *flags, suites)
        assert (result.status, result.out) == (96, ""), result
        assert result.err == f"cloche: {sentence}\n"


def dealt(seconds, count):
    """What --shard=time: shall make of these: names by shard, each in the order of the list."""
    loads = [0.0] * count
    shards = [[] for _ in loads]
    for name in sorted(seconds, key=lambda name: (-seconds[name], name)):
        least = loads.index(min(loads))
        loads[least] += seconds[name]
        shards[least].append(name)
    return [sorted(shard) for shard in shards]


def test_times_come_from_the_last_runs(cloche):
    """Each case's from the run that had it last; of one that was repeated, the longest."""
    for i in range(9):
        cloche.script(f"nine/{i}", f"#!/bin/sh\nsleep 0.{i}\n")
    before = cloche("list", "--shard=time:1/2", "nine")
    assert len(names(before)) == 5, before
    assert before.err == ("cloche: the shards have about as many cases each, by no times: no run "
                          f"that was started in '{cloche.cwd}' is remembered; run the cases "
                          "first, or give --times\n")
    whole, part = cloche.run("nine"), cloche.run("-n", "[67]", "--repeat=2", "nine")
    seconds = {name: case["seconds"] for name, case in whole.cases.items()}
    for name in "67":
        seconds[name] = max(event["seconds"] for event in part.events
                            if event["event"] == "case-ended" and event["name"] == name)
    for count in (1, 2, 3):
        shards = [names(cloche("list", f"--shard=time:{i}/{count}", "nine"))
                  for i in range(1, count + 1)]
        assert shards == dealt(seconds, count)


def test_a_file_does_not_pass_them_on_either(cloche, suites):
    (cloche.cwd / "cloche.ini").write_text("[run]\nenv = TEST_SHARD_INDEX\n")
    result = cloche("run", suites)
    assert (result.status, result.out) == (96, ""), result
    assert result.err == ("cloche: cloche.ini:2: --env: TEST_SHARD_INDEX divides this run, and "
                          "cases do not see it; to set it for them, give it a value, "
                          "TEST_SHARD_INDEX=VALUE\n")


# ---- the environment ----

SERVICES = (
    {"TEST_SHARD_INDEX": "1", "TEST_TOTAL_SHARDS": "3"},
    {"GTEST_SHARD_INDEX": "1", "GTEST_TOTAL_SHARDS": "3"},
    {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"},
    {"CIRCLE_NODE_INDEX": "1", "CIRCLE_NODE_TOTAL": "3"},
    {"BUILDKITE_PARALLEL_JOB": "1", "BUILDKITE_PARALLEL_JOB_COUNT": "3"},
    {"SEMAPHORE_JOB_INDEX": "2", "SEMAPHORE_JOB_COUNT": "3"},
)


@pytest.mark.parametrize("service", SERVICES, ids=lambda value: list(value)[0])
def test_shards_of_a_service(cloche, suites, service):
    """They are obeyed, which is said, and no case sees any of it."""
    first, second = service
    result = cloche.run(suites, env=service)
    assert result.err == (f"cloche: only shard 2/3, as {first} and {second} say; --shard=1/1 is "
                          "all\n"), result
    assert result.events[0]["shard"] == "2/3"
    expected = {line.split("::")[1] for line in listed(cloche, "--shard=2/3", suites)}
    assert set(result.verdicts) == expected
    shows = cloche.script("shows", "#!/bin/sh\nenv\n")
    for flags in ([], ["--no-isolation"] if not cloche.who.is_root else []):
        result = cloche.run("--shard=1/1", *flags, shows, env=service)
        output = result.cases["shows"]["output"]["text"]
        assert "CLOCHE=1" in output and not any(name in output for name in service), output
        result = cloche.run("--shard=1/1", "--env", f"{first}=7", shows, env=service)
        assert f"{first}=7\n" in result.cases["shows"]["output"]["text"]


def test_a_flag_wins_over_the_environment(cloche, suites):
    service = {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"}
    result = cloche.run("--shard=1/1", suites, env=service)
    assert len(result.verdicts) == 8
    assert result.err == ("cloche: --shard=1/1 wins over CI_NODE_INDEX and CI_NODE_TOTAL, which "
                          "say 2/3\n"), result
    same = cloche.run("--shard=time:2/3", suites, env=service)
    assert same.err == "" and same.events[0]["shard"] == "time:2/3", same
    invalid = cloche.run("--shard=1/1", suites, env={"CI_NODE_INDEX": "x", "CI_NODE_TOTAL": "3"})
    assert invalid.status == 100 and invalid.err == "", invalid


def test_exact_names_are_a_part_already(cloche, suites):
    """A tool that runs case by case would else be told that three of four had passed, unrun."""
    for i in "123":
        result = cloche.run("--exact=plain", suites, env={"CI_NODE_INDEX": i, "CI_NODE_TOTAL": "3"})
        assert result.verdicts == {"plain": "pass"} and result.err == "", result
    flagged = [cloche.run("--exact=plain", f"--shard={i}/3", suites).verdicts for i in (1, 2, 3)]
    assert sorted(flagged, key=len) == [{}, {}, {"plain": "pass"}]


REFUSED = (
    ({"CI_NODE_TOTAL": "3"},
     "CI_NODE_TOTAL is set and CI_NODE_INDEX is not; give --shard, or unset them"),
    ({"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "3"},
     "CI_NODE_INDEX is '0', and with CI_NODE_TOTAL=3 goes from 1 to 3; give --shard, or unset "
     "them"),
    ({"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "three"},
     "CI_NODE_TOTAL is 'three', which is no number of shards; give --shard, or unset them"),
    ({"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "3", "TEST_SHARD_INDEX": "1",
      "TEST_TOTAL_SHARDS": "3"},
     "TEST_SHARD_INDEX and TEST_TOTAL_SHARDS say shard 2/3, and CI_NODE_INDEX and CI_NODE_TOTAL "
     "1/3; give --shard, or unset those that are not meant"),
)


@pytest.mark.parametrize("service, sentence", REFUSED, ids=lambda value: "")
def test_an_environment_that_makes_no_sense(cloche, suites, service, sentence):
    for command in ("run", "list"):
        result = cloche(command, suites, env=service)
        assert (result.status, result.out) == (96, ""), result
        assert result.err == f"cloche: {sentence}\n"


def test_exec_passes_them_on(cloche):
    """There are no cases to divide: the command may be a runner that does."""
    result = cloche("exec", "--env=CI_NODE_INDEX", "--", "sh", "-c", "echo $CI_NODE_INDEX",
                    env={"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "x"})
    assert (result.status, result.out, result.err) == (0, "2\n", ""), result


@pytest.mark.only_user
def test_a_case_in_the_very_process_does_not_see_them(cloche, build_suite):
    """With --no-isolation --exact there is no other process to keep them from."""
    suite = build_suite("t_sees", """
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
TEST(sees) { EXPECT(getenv("CI_NODE_INDEX"), ==, NULL); EXPECT(getenv("PATH"), !=, NULL); }
""")
    result = cloche.command(suite, "--no-isolation", "--exact=sees", "--shard=1/1",
                            env={"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"})
    assert result.status == 0, result


def test_bazel(cloche, build_suite):
    """A suite's own program is what Bazel runs, and wants its file to be touched."""
    suite = build_suite("t_some", SUITE)
    service = {"TEST_SHARD_INDEX": "0", "TEST_TOTAL_SHARDS": "2",
               "TEST_SHARD_STATUS_FILE": str(cloche.cwd / "touched")}
    first = cloche.command(suite, "--report=jsonl", env=service)
    second = cloche.command(suite, "--report=jsonl", env={**service, "TEST_SHARD_INDEX": "1"})
    assert sorted([*first.verdicts, *second.verdicts]) == sorted(ALL), first
    assert (cloche.cwd / "touched").exists()
    (cloche.cwd / "touched").unlink()
    cloche.command(suite, "--list", env=service)
    assert not (cloche.cwd / "touched").exists()
    cannot = cloche.command(suite, env={**service, "TEST_SHARD_STATUS_FILE": "/nowhere/file"})
    assert cannot.status == 96 and cannot.err == (
        "cloche: cannot touch '/nowhere/file', as TEST_SHARD_STATUS_FILE asks: No such file or "
        "directory; unset it, or name another\n"), cannot


def test_bazel_test_filter(cloche, suites):
    """It narrows what flags say, and goes to many programs, most of which have nothing to run."""
    env = {"TESTBRIDGE_TEST_ONLY": "slow*"}
    said = "cloche: only cases that match 'slow*', as TESTBRIDGE_TEST_ONLY says\n"
    result = cloche.run(suites, env=env)
    assert set(result.verdicts) == {"slow_one", "slow_two"} and result.err == said, result
    assert names(cloche("list", "-E", "tag(net)", suites, env=env)) == ["slow_one"]
    full = {"TESTBRIDGE_TEST_ONLY": "suites/t_some::plain"}
    assert names(cloche("list", suites, env=full)) == ["plain"]
    none = cloche("run", "-n", "plain", suites, env=env)
    assert none.status == 0 and "0 cases run" in none.out, none
    assert none.err == said + "cloche: no case matches 'slow*'; nothing is run\n"
    assert len(names(cloche("list", suites, env={"TESTBRIDGE_TEST_ONLY": ""}))) == 8
    shows = cloche.script("shows", "#!/bin/sh\nenv\n")
    output = cloche.run(shows, env={"TESTBRIDGE_TEST_ONLY": "shows"}).cases["shows"]["output"]
    assert "TESTBRIDGE" not in output["text"]


# ---- --rerun failed ----

TWO_FAIL = ["fails", "row/b"]


@pytest.fixture
def failing(cloche, build_suite):
    """A suite of which two cases fail as long as there is a file `broken`."""
    text = """
#include <cloche.h>
#include <unistd.h>
static bool broken(void) { return !access("DIRECTORY/broken", F_OK); }
TEST(passes, .root = "cow") {}
TEST(skips, .root = "cow") { skip("as it shall"); }
TEST(fails, .root = "cow") { EXPECT(broken(), ==, false); }
static const struct { const char *name; } rows[] = {{"a"}, {"b"}};
TEST_EACH(rows, row, .root = "cow") { EXPECT(param->name[0] == 'b' && broken(), ==, false); }
"""
    path = build_suite(f"t_failing_{cloche.cwd.name}",
                       text.replace("DIRECTORY", str(cloche.cwd)))
    (cloche.cwd / "broken").write_text("")
    return path


def test_what_failed_is_run_again(cloche, failing):
    assert cloche("run", failing).status == 100
    assert names(cloche("list", "--rerun=failed", failing)) == TWO_FAIL
    again = cloche.run("--rerun", "failed", failing)
    assert again.status == 100 and sorted(again.verdicts) == TWO_FAIL, again
    assert names(cloche("list", "--rerun=failed", failing)) == TWO_FAIL
    (cloche.cwd / "broken").unlink()
    one = cloche.run("--rerun=failed", "--exact=fails", failing)
    assert one.status == 0 and list(one.verdicts) == ["fails"], one
    # that run said nothing of the other, which still has to be run
    rest = cloche.run("--rerun=failed", failing)
    assert rest.status == 0 and list(rest.verdicts) == ["row/b"], rest


def test_nothing_is_left_to_run_again(cloche, failing):
    """Which is what one wants: status 0, and a report of no case."""
    (cloche.cwd / "broken").unlink()
    assert cloche("run", failing).status == 0
    result = cloche.run("--rerun=failed", failing)
    assert result.status == 0 and not result.verdicts, result
    assert result.err == "cloche: all cases passed when they ran last; nothing is run\n"
    assert result.events[-1]["event"] == "run-ended"
    result = cloche("list", "--rerun=failed", "-E", "test(=skips)", failing)
    assert (result.status, result.out) == (0, ""), result
    assert result.err == "cloche: the case passed when it ran last; nothing is run\n"
    assert cloche("run", "--rerun=failed", "-E", "none()", failing).status == 4


def test_what_never_ran_is_run(cloche, failing):
    assert cloche("run", "-n", "row*", failing).status == 100
    assert names(cloche("list", "--rerun=failed", failing)) == ["passes", "skips", "fails",
                                                                "row/b"]


def test_a_case_that_failed_once_of_several_times(cloche):
    cloche.script("turns", "#!/bin/sh\n"
                  f"mkdir {cloche.cwd}/once 2>/dev/null && exit 1\nexit 0\n")
    flags = ("--root=host", "--user=me", "-j1")
    cloche.cwd.chmod(0o777)
    result = cloche.run("--repeat=3", *flags, "./turns")
    verdicts = [event["verdict"] for event in result.events if event["event"] == "case-ended"]
    assert verdicts == ["fail", "pass", "pass"], result
    assert names(cloche("list", "--rerun=failed", "./turns")) == ["turns"]
    assert cloche.run("--rerun=failed", *flags, "./turns").status == 0
    assert names(cloche("list", "--rerun=failed", "./turns")) == []


def test_a_rerun_of_a_shard(cloche, failing):
    """Each machine knows of its own part only, and runs that again."""
    parts = {}
    for i in (1, 2):
        state = {"CLOCHE_STATE_DIR": str(cloche.cwd / f"machine-{i}")}
        cloche("run", f"--shard={i}/2", failing, env=state)
        parts[i] = names(cloche("list", f"--shard={i}/2", "--rerun=failed", failing, env=state))
    assert sorted(parts[1] + parts[2]) == TWO_FAIL


def test_nothing_to_go_by(cloche, failing):
    for command in ("run", "list"):
        result = cloche(command, "--rerun=failed", failing)
        assert (result.status, result.out) == (96, ""), result
        assert result.err == (f"cloche: no run that was started in '{cloche.cwd}' is remembered; "
                              "run the cases first\n")
    result = cloche("run", "--rerun=passed", failing)
    assert result.status == 96 and result.err == "cloche: --rerun is one of failed, not " \
        "'passed'\n", result


# ---- --exact ----

EXACT = (
    ("slwo_one", "there is no case 'slwo_one'; did you mean 'slow_one'?"),
    ("row/a)", "there is no case 'row/a)'; did you mean 'row/a'?"),
    ("slow_*", "there is no case 'slow_*'; for a pattern, use --name"),
    ("something", "there is no case 'something'; 'cloche list' shows their names"),
    ("suites/t_smoe::fails",
     "there is no case 'suites/t_smoe::fails'; did you mean 'suites/t_some::fails'?"),
    ("t_some::plain", "there is no case 't_some::plain'; did you mean 'suites/t_some::plain'?"),
)


@pytest.mark.parametrize("name, sentence", EXACT, ids=lambda value: "")
def test_an_exact_name_that_does_not_exist(cloche, suites, name, sentence):
    """Nothing runs, although another one is there."""
    for command in ("run", "list"):
        result = cloche(command, "--exact=plain", "--exact", name, suites)
        assert (result.status, result.out) == (4, ""), result
        assert result.err == f"cloche: {sentence}\n"


def test_exact_names(cloche, suites):
    flags = ("--exact=plain", "--exact=suites/check::check", "--exact=plain", "--exact=row/c (1)")
    assert names(cloche("list", *flags, suites)) == ["check", "plain", "row/c (1)"]
    result = cloche("list", *flags, "-E", "tag(slow)", suites)  # it exists, and is left out
    assert result.status == 4 and "no case matches" in result.err, result


# ---- --shuffle ----

def order(result):
    return [event["name"] for event in result.events if event["event"] == "case-started"]


def test_a_filter_leaves_the_order(cloche, suites):
    """What is left out does not move the others, and neither does where the suite is."""
    flags = ("-j1", "--shuffle=5")
    whole = order(cloche.run(*flags, suites))
    assert whole != order(cloche.run("-j1", suites))
    some = order(cloche.run(*flags, "-E", "not test(row)", suites))
    assert some == [name for name in whole if not name.startswith("row")]
    moved = order(cloche.run(*flags, "suites/t_some", cloche.cwd / "suites/check"))
    assert moved == whole
    repeated = order(cloche.run(*flags, "--repeat=3", suites))
    assert repeated != whole * 3 and sorted(repeated) == sorted(whole * 3)


def test_every_report_tells_the_seed(cloche, suites):
    """And which shard it is, but for libtest, which has no place for that."""
    kinds = ("terminal", "tap", "jsonl", "junit", "html", "libtest")
    reports = [f"--report={kind}={kind}" for kind in kinds]
    result = cloche("run", "--shuffle=4711", "--shard=1/2", "-rgithub", *reports, suites,
                    env={"GITHUB_STEP_SUMMARY": str(cloche.cwd / "github")})
    assert result.status in (0, 100), result
    for kind in (*kinds, "github"):
        text = (cloche.cwd / kind).read_text()
        assert "4711" in text, kind
        assert "1/2" in text or kind == "libtest", kind
    assert '"shuffle_seed":4711' in (cloche.cwd / "libtest").read_text()


def test_the_order_of_a_seed(cloche, suites):
    """For ever: what is here was computed by other means, from what hash.h says."""
    def mix(z):
        z = (z + 0x9e3779b97f4a7c15) % 2 ** 64
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 % 2 ** 64
        z = (z ^ z >> 27) * 0x94d049bb133111eb % 2 ** 64
        return z ^ z >> 31

    def draw(name, seed):
        value = 0xcbf29ce484222325
        for byte in f"t_some\0{name}\0".encode():
            value = (value ^ byte) * 0x100000001b3 % 2 ** 64
        return mix(mix(value) ^ mix(seed))
    for seed in (0, 1, 4711):
        result = cloche.run("-j1", f"--shuffle={seed}", "suites/t_some")
        assert order(result) == sorted(ALL, key=lambda name: draw(name, seed))


# ---- list ----

def test_lists_tell_tags(cloche, suites):
    lines = [json.loads(line) for line in listed(cloche, "--format=json", suites)]
    tags = {line["name"]: line["tags"] for line in lines}
    assert tags == {"check": [], "plain": [], "slow_one": ["slow", "net"], "slow_two": ["slow"],
                    "fails": ["net"], "row/a": [], "row/b": [], "row/c (1)": []}
    assert [line["native"] for line in lines] == [False, *[True] * 7]


def test_lists_tell_long_worlds(cloche, build_suite):
    value = "x" * 70000
    suite = build_suite("t_long", '#include <cloche.h>\n'
                        f'TEST(before) {{}}\nTEST(long_one, .env = "A={value}") {{}}\n')
    lines = [json.loads(line) for line in listed(cloche, "--format=json", suite)]
    assert [line["name"] for line in lines] == ["before", "long_one"]
    assert lines[1]["world"] == {"env": f"A={value}"}
