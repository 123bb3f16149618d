# SPDX-License-Identifier: MIT
"""Runs are remembered: by whom, where, and what becomes of it when a run is killed."""

import json
import os
import re
import signal
import stat
import time

import pytest

from program import wait_for

ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{4}")


@pytest.fixture
def journal(cloche):
    """cloche with a state directory of this test's own."""
    cloche.state = cloche.cwd / "state"
    return cloche


def journals(cloche):
    return sorted((cloche.state / "runs").glob("*.jsonl"))


def runs(cloche, *arguments):
    result = cloche("runs", "--format=json", *arguments)
    assert result.status == 0 and not result.err, result
    return [json.loads(line) for line in result.out.splitlines()]


def test_a_run_is_remembered(journal):
    assert journal("run", "-j1", "--exact=numbers", journal.sample("comparing")).status == 100
    (one,) = runs(journal)
    assert ID.fullmatch(one["id"])
    assert one["state"] == "complete"
    assert (one["suites"], one["cases"], one["ended"], one["failed"]) == (1, 1, 1, 1)
    assert one["fail"] == 1 and one["pass"] == 0
    assert one["directory"] == str(journal.cwd)
    assert one["command"][1:] == ["run", "-j1", "--exact=numbers",
                                  str(journal.sample("comparing"))]
    (file,) = journals(journal)
    assert file.stem == one["id"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.state.stat().st_mode) == 0o700
    text = journal("runs").out
    assert one["id"] in text and "complete" in text and "1 failed" in text, text


def test_who_is_remembered(journal):
    """A suite's own program is; exec, list and who does not want to be are not."""
    suite = journal.sample("demo")
    for command in ((journal.path, "exec", "true"), (journal.path, "list", suite),
                    (suite, "--list"), (suite, "--no-journal"),
                    (journal.path, "run", "--no-journal", suite)):
        assert journal.command(*command).status == 0
    assert runs(journal) == [] and not journals(journal)
    assert journal.command(suite, "fighter_1").status == 0
    (one,) = runs(journal)
    assert one["command"] == [str(suite), "fighter_1"]


def test_the_order_is_that_of_the_starts(journal):
    for i in range(5):
        journal("run", f"--exact=fighter_{i + 1}", journal.sample("demo"))
    assert [one["command"][2] for one in runs(journal)] == [f"--exact=fighter_{i + 1}"
                                                            for i in range(5)]


@pytest.mark.parametrize("variables, place", (
    ({"CLOCHE_STATE_DIR": "own", "XDG_STATE_HOME": "/xdg"}, "own/runs"),
    ({"CLOCHE_STATE_DIR": "", "XDG_STATE_HOME": "HERE/xdg", "HOME": "/"}, "xdg/cloche/runs"),
    ({"CLOCHE_STATE_DIR": None, "XDG_STATE_HOME": "not/absolute", "HOME": "HERE"},
     ".local/state/cloche/runs"),
))
def test_places(journal, variables, place):
    variables = {name: value and value.replace("HERE", str(journal.cwd))
                 for name, value in variables.items()}
    result = journal("run", "--exact=fighter_1", journal.sample("demo"), env=variables)
    assert result.status == 0 and not result.err, result
    assert len(list((journal.cwd / place).iterdir())) == 1


@pytest.mark.parametrize("variables, cure", (
    ({"CLOCHE_STATE_DIR": None, "HOME": None}, "HOME is not set"),
    ({"CLOCHE_STATE_DIR": None, "HOME": "relative"}, "HOME is not set to an absolute path; set it, "),
    ({"CLOCHE_STATE_DIR": "/proc/nowhere"}, "set CLOCHE_STATE_DIR"),
    ({"CLOCHE_STATE_DIR": "/" + "x" * 4090}, "too long"),
))
def test_no_place(journal, variables, cure):
    """One sentence, once, and the run is as good as ever."""
    result = journal("run", "--exact=fighter_1", journal.sample("demo"), env=variables)
    assert result.status == 0, result
    assert result.err.count("\n") == 1 and cure in result.err and "--no-journal" in result.err
    assert "1 passed" in result.out
    quiet = journal("run", "--no-journal", journal.sample("demo"), env=variables)
    assert quiet.status == 0 and not quiet.err, quiet


SLEEPING = ("run", "-j1", "--env=MARKER=journal", "--skip=sleeps/*")


def asleep(journal, *arguments):
    """A run whose last case sleeps, and goes on doing so until it is killed."""
    process = journal.popen(journal.path, *SLEEPING, *arguments, journal.sample("sleeping"))
    wait_for(lambda: journals(journal) and b'"sleeps_politely"' in journals(journal)[-1].read_bytes(),
             "the case that sleeps is in the journal")
    assert runs(journal)[-1]["state"] == "running"
    return process


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_kill_9_leaves_what_was_written(journal):
    kill(asleep(journal, journal.sample("comparing")))
    (one,) = runs(journal)
    assert one["state"] == "interrupted"
    assert one["ended"] == one["cases"] - 1 == one["failed"] + one["pass"] > 5
    assert "interrupted" in journal("runs").out


def test_a_torn_line_is_passed_over(journal):
    journal("run", journal.sample("demo"))
    (file,) = journals(journal)
    data = file.read_bytes()
    lines = data.splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    (one,) = runs(journal)
    assert one["state"] == "interrupted" and one["ended"] == one["pass"] == 20
    assert one["seconds"] > 0.1
    file.write_bytes(b"".join(lines[:-2]) + lines[-2][:20])
    (again,) = runs(journal)
    assert 0.1 < again["seconds"] <= one["seconds"] and again["ended"] == 20


REPORTS = ("terminal", "tap", "jsonl", "junit", "github", "html")


def reports(journal, *command):
    """What a run, or what tells of it again, writes to all reports."""
    result = journal(*command, *(f"--report={kind}={kind}.new" for kind in REPORTS))
    assert not result.out and not result.err, result
    return {kind: (journal.cwd / (kind + ".new")).read_bytes() for kind in REPORTS}


@pytest.mark.parametrize("sample", ("comparing", "dying", "limited", "saying", "tampering"))
def test_a_replay_is_the_run_byte_by_byte(journal, sample):
    before = reports(journal, "run", "--retries=1", "--shuffle", "--verbose",
                     journal.sample(sample))
    after = reports(journal, "replay", "--verbose", "last")
    for kind in REPORTS:
        assert before[kind] == after[kind], kind
    assert len(before["jsonl"]) > 10000


@pytest.mark.parametrize("arguments", (
    ("--shard=1/2", "--repeat=2"), ("--until-fail",), ("--shuffle=7", "--output=final"),
))
def test_a_replay_of_any_kind_of_run(journal, arguments):
    seeing = [argument for argument in arguments if argument.startswith("--output")]
    before = reports(journal, "run", "-j1", *arguments, journal.sample("comparing"))
    assert before == reports(journal, "replay", *seeing)


def test_what_a_case_used_is_told(journal):
    """In every report; in those for people when they ask for it."""
    before = reports(journal, "run", "--verbose", "--exact=fighter_1", journal.sample("demo"))
    assert re.search(rb"^  used: \d+\.\d{3} s user, \d+\.\d{3} s system, \d+\.\d MiB, \d+\.\d MiB read, "
                     rb"\d+\.\d written, (1 wait|(?!1 )\d+ waits), (1 preemption|(?!1 )\d+ preemptions)$", before["terminal"], re.M)
    for key in (b"user_seconds", b"system_seconds", b"max_rss_kib", b"blocks_read",
                b"blocks_written", b"waits", b"preemptions"):
        assert re.search(rb"^  " + key + rb": [\d.]+$", before["tap"], re.M), key
        assert key in before["jsonl"] and key in before["html"]
    quiet = reports(journal, "run", "--exact=fighter_1", journal.sample("demo"))
    assert b"used:" not in quiet["terminal"] and b"waits" not in quiet["tap"]


def test_bytes_that_are_no_text(journal):
    """They come back as they were, in a report that shows them and in one that cannot."""
    suite = journal.cwd / "bytes.sh"
    suite.write_text("#!/bin/sh\nprintf '\\377\\200 caf\\303\\251 \\364\\217\\277\\277 \\303'\nexit 1\n")
    suite.chmod(0o755)
    before = reports(journal, "run", suite)
    after = reports(journal, "replay")
    assert b"\\xff\\x80 caf\xc3\xa9 \xf4\x8f\xbf\xbf \\xc3" in before["terminal"]
    assert "\ufffd\ufffd café \U0010ffff \ufffd".encode() in before["jsonl"]
    assert before == after


def test_show(journal):
    samples = [journal.sample(name) for name in ("comparing", "saying", "demo")]
    first = journal("run", "--output=never", *samples).out
    second = journal("run", "--success-output=immediate", "--verbose", *samples).out
    ids = [one["id"] for one in runs(journal)]
    for name in ("-1", ids[0], ids[0][:-1]):
        assert journal("show", "--output=never", name).out == first, name
    for arguments in ((), ("last",), ("-0",), (ids[1],)):
        assert journal("show", "--verbose", "--success-output=immediate", *arguments).out == second
    told = journal("show", "--output=never", "--verbose", "-1").out.splitlines()
    assert set(first.splitlines()) < set(told)  # and what each case used


@pytest.mark.parametrize("arguments, sentence", (
    (["show"], "no run is remembered yet"),
    (["show", "-3"], "no run is remembered yet"),
    (["replay", "2031"], "no run '2031' is remembered; 'cloche runs' lists them"),
    (["show", ""], "no run '' is remembered"),
    (["show", "last", "-1"], "one run at a time, not also '-1'"),
    (["show", "../../etc/passwd"], "no run '../../etc/passwd' is remembered"),
    (["show", "--hostname=x"], "there is no option '--hostname=x'"),
    (["compare"], "no run is remembered yet"),
    (["compare", "1", "2", "-3"], "two runs at a time, not also '-3'"),
    (["top", "last"], "no run is remembered yet"),
    (["runs", "last"], "runs takes no 'last'"),
    (["replay", "--report=nothing"], "no run is remembered yet"),
))
def test_refusals(journal, arguments, sentence):
    result = journal(*arguments)
    assert result.status == 96 and not result.out, result
    assert sentence in result.err and result.err.count("\n") == 1


def test_which_run_is_meant(journal):
    for i in (1, 2):
        journal("run", f"--exact=fighter_{i}", journal.sample("demo"))
    result = journal("show", "-2")
    assert result.status == 96 and "only 2 runs are remembered" in result.err
    result = journal("show", "2")
    assert result.status == 96 and "2 runs begin with '2'; give more of it" in result.err


def test_a_killed_run_is_shown(journal):
    kill(asleep(journal, journal.sample("comparing")))
    (one,) = runs(journal)
    result = journal("show")
    assert result.status == 0 and not result.err, result
    assert "this run was cut short: its journal has no end" in result.out
    assert f"{one['ended']} cases run: " in result.out and "1 not run" in result.out
    assert "comparing numbers" in result.out
    events = journal("replay", "--report=jsonl").events
    assert "cut short while 1 case ran" in [event["text"] for event in events
                                          if event["event"] == "message"][0]
    assert events[-1]["event"] == "run-ended" and events[-1]["not_run"] == 1


def test_a_run_that_goes_on_is_shown(journal):
    process = asleep(journal, journal.sample("comparing"))
    assert "this run goes on" in journal("show").out
    kill(process)


def script(journal, name, first, second):
    """A foreign suite that does one thing in the run with WHEN=1, and another in that with 2."""
    path = journal.cwd / name
    path.write_text(f"#!/bin/sh\nif [ $WHEN = 1 ]; then {first}; else {second}; fi\n")
    path.chmod(0o755)
    return path


def set_times(file, seconds):
    """All cases of that run took so long."""
    lines = file.read_text().splitlines()
    for i, line in enumerate(lines):
        if line.startswith("["):
            lines[i] = json.dumps([*json.loads(line)[:7], round(seconds * 1e6),
                                   *json.loads(line)[8:]])
    file.write_text("\n".join(lines) + "\n")


def test_compare(journal):
    suites = [script(journal, "breaks", "true", "exit 1"),
              script(journal, "mends", "exit 1", "true"),
              script(journal, "fails", "exit 1", "exit 1"),
              script(journal, "stays", "true", "true"),
              script(journal, "leaves", "true", "true"),
              script(journal, "comes", "true", "exit 1")]
    assert journal("run", "--env=WHEN=1", *suites[:-1]).status == 100
    assert journal("run", "--env=WHEN=2", *suites[:4], suites[-1]).status == 100
    for file in journals(journal):
        set_times(file, 0.1)  # whatever the machine does besides
    for arguments in ((), ("-1",), ("-1", "last"), [one["id"] for one in runs(journal)]):
        result = journal("compare", "--format=json", *arguments)
        assert result.status == 100 and not result.err, result
        changes = {(one["name"], one["change"]) for one in map(json.loads, result.out.splitlines())
                   if one["change"] != "newly slow"}  # so may be whatever a busy machine held up
        assert changes == {("breaks", "newly failing"), ("comes", "newly failing"),
                           ("mends", "fixed"), ("leaves", "gone")}
    breaks = json.loads(journal("compare", "--format=json").out.splitlines()[0])
    assert breaks["before"] == "pass" and breaks["after"] == "fail"
    text = journal("compare").out
    assert re.search(r"^newly failing:\n  \S*breaks breaks: fail, was pass$", text, re.M), text
    assert re.fullmatch("2 newly failing,( \\d newly slow,)? 1 fixed, 1 gone", text.splitlines()[-1]), text
    back = journal("compare", "last", "-1")
    assert back.status == 100, back
    assert re.search("^1 newly failing,( \\d newly slow,)? 1 fixed, 1 new, 1 gone$", back.out, re.M), back
    same = journal("compare", "last", "last")
    assert same.status == 0 and same.out.splitlines()[-1] == "no difference"


@pytest.mark.parametrize("before, after, slow", (
    (0.1, 0.201, True), (0.1, 0.199, False),  # twice as long
    (0.05, 0.151, True), (0.05, 0.149, False),  # and a tenth of a second longer
    (1.0, 0.1, False),
))
def test_compare_sees_what_is_slow(journal, before, after, slow):
    for _ in range(2):
        journal("run", "--exact=fighter_1", journal.sample("demo"))
    for file, seconds in zip(journals(journal), (before, after)):
        set_times(file, seconds)
    result = journal("compare")
    assert result.status == 0, result
    assert (f"fighter_1: {after:.3f}s, was {before:.3f}s" in result.out) == slow
    assert ("1 newly slow" in result.out) == slow


def test_compare_sees_what_is_flaky(journal):
    """Of repetitions, the one counts that tells most."""
    counter = journal.cwd / "counter"
    counter.touch()
    counter.chmod(0o666)
    suite = script(journal, "flakes", "true",
                   f"echo >> {counter}; [ $(wc -l < {counter}) -ne 1 ]")
    journal("run", "--root=host", "--env=WHEN=1", suite)
    again = journal("run", "--root=host", "-j1", "--retries=2", "--repeat=3", "--env=WHEN=2", suite)
    assert again.status == 0 and "1 flaky" in again.out, again
    result = journal("compare")
    assert result.status == 0 and "1 newly flaky" in result.out, result


def test_top(journal):
    suites = [script(journal, "sleeps", "sleep 0.3", "true"),
              script(journal, "spins", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done", "true"),
              script(journal, "fills", "head -c 40m /dev/zero | tail -c 40m | wc -c", "true")]
    assert journal("run", "--env=WHEN=1", *suites).status == 0

    def top(*arguments):
        result = journal("top", "--format=json", *arguments)
        assert result.status == 0 and not result.err, result
        return [json.loads(line) for line in result.out.splitlines()]

    assert [one["name"] for one in top("--by=memory", "last")][0] == "fills"
    assert [one["name"] for one in top("--by=user", "-n1")] == ["spins"]
    assert len(top()) == 3 and len(top("--count=2")) == 2
    for by, key in (("wall", ("seconds",)), ("system", ("system_seconds",)),
                    ("cpu", ("user_seconds", "system_seconds")),
                    ("io", ("blocks_read", "blocks_written")),
                    ("switches", ("waits", "preemptions"))):
        costs = [sum(one[name] for name in key) for one in top(f"--by={by}")]
        assert costs == sorted(costs, reverse=True), by
    ended = journal("replay", "--report=jsonl").cases
    for one in top():
        for key in ("seconds", "user_seconds", "max_rss_kib", "waits", "verdict"):
            assert one[key] == ended[one["name"]][key]
    lines = journal("top").out.splitlines()
    assert lines[0].split()[0] == "wall" and len(lines) == 4
    wrong = journal("top", "--by=luck")
    assert wrong.status == 96 and "--by is one of wall|user|" in wrong.err


def test_a_killed_run_is_rerun(journal):
    """As far as it had come."""
    kill(asleep(journal, journal.sample("comparing")))
    (one,) = runs(journal)
    again = journal("run", "--rerun=failed", journal.sample("comparing"))
    assert again.status == 100, again
    assert runs(journal)[-1]["cases"] == one["failed"]
    result = journal("compare")
    assert result.status == 0 and "newly failing" not in result.out, result


@pytest.mark.parametrize("what", ("empty", "garbage", "no first lines", "zeroes at the end",
                                  "a torn line", "a line that is none", "binary"))
def test_damaged_journals(journal, what):
    """Each is told in a sentence, and the others are as they were."""
    for _ in range(2):
        journal("run", "--output=never", journal.sample("comparing"))
    whole, other = runs(journal)
    file = journals(journal)[0]
    data = file.read_bytes()
    lines = data.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if b'"case-ended"' in line)
    file.write_bytes({
        "empty": b"",
        "garbage": b"garbage\n" * 1000,
        "no first lines": b"".join(lines[2:]),
        "zeroes at the end": data[:-100] + bytes(5000),
        "a torn line": data[:-len(lines[-1]) - 50],
        "a line that is none": b"".join(lines[:at] + [lines[at][:-20] + b"\n"] + lines[at + 1:]),
        "binary": os.urandom(100000),
    }[what])
    damaged, intact = runs(journal)
    assert intact == other
    results = [journal(*command, whole["id"]) for command in
               (("show",), ("replay", "--report=jsonl"), ("top",), ("compare",))]
    if what in ("empty", "garbage", "no first lines", "binary"):
        assert damaged["state"] == "damaged"
        for result in results:
            assert result.status == 96 and not result.out, result
            assert "is damaged at its beginning" in result.err and result.err.count("\n") == 1
    else:
        assert damaged["ended"] >= 5
        assert [result.status for result in results] == [0, 0, 0, 0], results
    told = {"zeroes at the end": ("interrupted", "this run was cut short"),
            "a torn line": ("interrupted", "this run was cut short"),
            "a line that is none": ("complete", "1 line of this journal cannot be read")}
    if what in told:
        assert damaged["state"] == told[what][0] and told[what][1] in results[0].out, results[0]
    assert "damaged" not in journal("show").out


def test_a_full_disk(journal):
    """The run goes on, says so once, and its status is its own; what was written can be read."""
    suite = journal.cwd / "loud.sh"
    suite.write_text("#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' x\n")
    suite.chmod(0o755)
    inner = f"""
        head -c 900000 /dev/zero > /tmp/filling
        CLOCHE_STATE_DIR=/tmp/state {journal.path} run --no-isolation -j1 --repeat=5 {suite}
        echo "status $?"
        rm /tmp/filling
        CLOCHE_STATE_DIR=/tmp/state {journal.path} runs --format=json
        CLOCHE_STATE_DIR=/tmp/state {journal.path} show
    """
    result = journal("exec", "--root=cow", "--tmpfs-size=1M", "--cwd=/", "--", "sh", "-c", inner)
    assert result.status == 0, result
    assert "status 0" in result.out and "5 cases run: 5 passed" in result.out, result
    assert result.err.count("\n") == 1, result
    assert "the journal of this run is not complete: No space left on device" in result.err
    (one,) = [json.loads(line) for line in result.out.splitlines() if line.startswith("{")]
    assert one["state"] == "interrupted" and one["ended"] == 0
    assert "this run was cut short: its journal has no end" in result.out


def test_two_runs_at_once(journal):
    processes = [journal.popen(journal.path, "run", "-j2", journal.sample("demo"))
                 for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert [one["state"] for one in runs(journal)] == ["complete"] * 4
    assert [one["pass"] for one in runs(journal)] == [20] * 4
    for process in processes:
        process.communicate()


def test_pruning(journal):
    for _ in range(4):
        journal("run", "--exact=fighter_1", journal.sample("demo"))
    before = [one["id"] for one in runs(journal)]
    assert "2 runs forgotten" in journal("runs", "--prune", "--keep-runs=2").out
    assert [one["id"] for one in runs(journal)] == before[2:]
    os.utime(journals(journal)[0], (0, 0))
    journal("run", "--exact=fighter_1", journal.sample("demo"))  # prunes by age
    assert [one["id"] for one in runs(journal)][0] == before[3]
    two_days_ago = time.time() - 2 * 86400
    os.utime(journals(journal)[0], (two_days_ago, two_days_ago))
    assert "0 runs forgotten" in journal("runs", "--prune", "--keep-days=3").out
    assert "1 run forgotten" in journal("runs", "--prune", "--keep-days=1").out
    journal("run", "--keep-size=1", "--exact=fighter_1", journal.sample("demo"))
    assert len(runs(journal)) == 1
    assert "0 runs forgotten" in journal("runs", "--prune", "--keep-size=1").out


def test_a_run_that_goes_on_is_not_pruned(journal):
    process = asleep(journal)
    (going,) = runs(journal)
    for _ in range(2):
        journal("run", "--keep-runs=1", "--exact=fighter_1", journal.sample("demo"))
    left = runs(journal)
    assert [one["state"] for one in left] == ["running", "complete"]
    assert left[0]["id"] == going["id"]
    kill(process)
