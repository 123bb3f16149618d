# SPDX-License-Identifier: MIT
"""Every event of JSON lines is as docs/events.schema.json says, and names in there are all in use."""

import os
import signal

import jsonschema
import pytest

from program import processes, wait_for
from schema import PUBLISHED, VALIDATOR, check_events

TAP = "#!/bin/sh\necho TAP version 14; echo 1..2; echo ok 1; echo not ok 2 '#' SKIP later\n"
SCRIPTS = {"passes": "#!/bin/sh\necho fine\n", "skips": "#!/bin/sh\nexit 77\n", "tap": TAP,
           "dies": "#!/bin/sh\nkill -SEGV $$\n", "leaves": "#!/bin/sh\nsleep 1000 &\n",
           "binary": "#!/bin/sh\nprintf '\\377\\000\\033[1m'\nexit 1\n",
           "much": "#!/bin/sh\nyes | head -c 100000\n"}


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)


@pytest.mark.plain
def test_a_broad_run(cloche):
    """Everything at once: what the schema names is also seen, and nothing else is."""
    for name, text in SCRIPTS.items():
        cloche.script(f"suites/{name}", text)
    result = cloche.run("-j3", "--shuffle=3", "--retries=1", "--repeat=2", "--slow-after=0.3",
                        "--shard=1/1", "--output-limit=1000",
                        "suites", *map(cloche.sample, ("comparing", "saying", "dying", "limited",
                                                       "tampering")))
    assert result.status == 100, result
    events = result.events
    check_events(events)
    assert {event["event"] for event in events} >= {"run-started", "case-slow", "case-started", "case-retried",
                                                    "case-ended", "run-ended"}
    seen = {name for event in events for name in event}
    known = {name for definition in ("runStarted", "caseStarted", "caseSlow", "caseRetried", "caseEnded", "runEnded")
             for name in PUBLISHED["$defs"][definition]["properties"]}
    assert known - seen <= {"remarks_left_out", "kept", "given_up", "missing", "chosen"}


@pytest.mark.plain
def test_what_is_rare(cloche):
    """Too many remarks, no isolation, stacks at the deadline."""
    many = cloche.run("--exact=fails_100000_times", cloche.sample("many"))
    alone = cloche.run("--no-isolation", cloche.script("s", "#!/bin/sh\n"))
    hangs = cloche.run("--timeout=0.2", "--exact=ignores_sigterm", cloche.sample("dying"))
    slow = cloche.run("--slow-after=100ms", "--until-fail", cloche.script("f", "#!/bin/sh\nsleep 1\n"
                                                                          "exit 1\n"))
    twice = cloche.run("--repeat=2", "/bin/true")
    for result in (many, alone, hangs, slow, twice):
        check_events(result.events)
    assert "case-slow" in {event["event"] for event in slow.events}
    assert slow.events[0]["cases"] is None and slow.events[0]["chosen"] == 1
    assert twice.events[0]["cases"] == 2 and twice.events[0]["chosen"] == 1
    assert [case["remarks_left_out"] > 0 for case in many.cases.values()] in ([], [True])
    assert alone.events[0]["isolated"] is False and alone.cases["s"]["namespaces"] == {}


def test_of_an_interrupted_run(cloche):
    for i in range(3):
        cloche.script(f"suites/s{i}", "#!/bin/sh\nsleep 1000\n")
    process = cloche.popen(cloche.path, "run", "-j1", "--report=jsonl=lines", "suites")
    wait_for(lambda: processes(f"{cloche.cwd}/suites/s0"), "the first case runs")
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    events = cloche.lines("lines")
    check_events(events)
    assert {"message", "run-ended"} <= {event["event"] for event in events}
    assert events[-1]["not_run"] == 2


CASE = {"v": 1, "event": "case-ended", "suite": "s", "name": "n", "number": 1, "repetition": 0, "attempt": 1,
        "verdict": "pass", "failure": False, "reason": "", "started": 0.5, "slot": 0, "seconds": 1.5,
        "namespaces": {"net": 4026531840}, "world": {}, "findings": [],
        "output": {"bytes": 0, "cut": 0, "text": ""}}


@pytest.mark.parametrize("change", (
    {"v": 2}, {"event": "case-endured"}, {"verdict": "passed"}, {"seconds": "1.5"}, {"seconds": -1},
    {"number": 0}, {"namespaces": {"network": 1}}, {"findings": [{"kind": "process"}]}, {"status": 0},
    {"output": {"bytes": 0}}, {"news": 1}, {"max_rss_kib": 1}, {"earlier": []}, {"given_up": False}), ids=str)
def test_what_is_no_event(change):
    """The schema can say no."""
    assert VALIDATOR.is_valid(CASE)
    assert not VALIDATOR.is_valid({**CASE, **change})


@pytest.mark.parametrize("name", [name for name in CASE if name != "v"])
def test_what_must_be_there(name):
    assert not VALIDATOR.is_valid({key: value for key, value in CASE.items() if key != name})
