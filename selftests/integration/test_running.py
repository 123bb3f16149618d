# SPDX-License-Identifier: MIT
"""How cases are run: again when they failed, and again when they did not; how many failures end the
run; what is slow; groups, weights and priorities.

Nothing here looks at how fast something was. What is counted is counted in files that the cases
write, and what must wait waits for such a file.
"""

import json
import re
import signal

import pytest

from program import wait_for


@pytest.fixture
def notes(cloche):
    """A directory of the machine's in which cells may write, with --root=host."""
    path = cloche.cwd / "notes"
    path.mkdir()
    path.chmod(0o777)
    cloche.who.owns(path)
    return path


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def fails(cloche, notes, name, times, otherwise="exit 0", how="exit 1"):
    """A suite that fails so many times, and then does otherwise; each run is a line of its note."""
    return cloche.script(name, f"""#!/bin/sh
echo run >> {notes}/{name}
echo this is run $(wc -l < {notes}/{name})
if [ $(wc -l < {notes}/{name}) -le {times} ]; then {how}; fi
{otherwise}
""")


def events(result, kind, name=None):
    return [event for event in result.events
            if event["event"] == kind and name in (None, event.get("name"))]


# ---- retries ----

def test_no_retries_unless_asked(cloche, notes):
    fails(cloche, notes, "once", 1)
    result = cloche.run("--root=host", "once")
    assert result.status == 100 and result.verdicts == {"once": "fail"}, result
    assert len(lines(notes / "once")) == 1
    assert result.cases["once"]["attempt"] == 1 and "earlier" not in result.cases["once"]


def test_passes_on_a_retry_and_is_flaky(cloche, notes):
    fails(cloche, notes, "shy", 2)
    result = cloche.run("--root=host", "--retries=3", "shy", "/bin/true")
    assert result.status == 0, result
    assert result.verdicts == {"shy": "flaky", "true": "pass"}
    assert len(lines(notes / "shy")) == 3
    ended = result.cases["shy"]
    assert ended["attempt"] == 3 and ended["reason"] == "passed on attempt 3 of 4"
    assert not ended["failure"] and ended["output"]["text"] == "this is run 3\n"
    assert [one["attempt"] for one in ended["earlier"]] == [1, 2]
    for number, one in enumerate(ended["earlier"], 1):
        assert one["verdict"] == "fail" and one["failure"] and one["status"] == 1
        assert one["reason"] == "exit status 1" and one["seconds"] > 0
        assert one["output"]["text"] == f"this is run {number}\n"
    retried = events(result, "case-retried", "shy")
    assert [event["attempt"] for event in retried] == [1, 2]
    assert [event["attempt"] for event in events(result, "case-started", "shy")] == [1, 2, 3]
    assert all(event["delay"] == 0 and event["number"] == 1 for event in retried)
    end = result.events[-1]
    assert (end["flaky"], end["pass"], end["fail"], end["failed"]) == (1, 1, 0, 0)


def test_fails_for_good_after_its_retries(cloche, notes):
    fails(cloche, notes, "never", 99)
    result = cloche.run("--root=host", "--retries", "2", "never")
    assert result.status == 100 and len(lines(notes / "never")) == 3, result
    ended = result.cases["never"]
    assert ended["verdict"] == "fail" and ended["attempt"] == 3 and len(ended["earlier"]) == 2
    assert result.events[-1]["fail"] == 1


def test_flaky_can_fail_the_run(cloche, notes):
    fails(cloche, notes, "shy", 1)
    result = cloche.run("--root=host", "--retries=1", "--flaky=fail", "shy")
    assert result.status == 100 and result.verdicts == {"shy": "flaky"}, result
    assert result.cases["shy"]["failure"] and result.events[-1]["failed"] == 1
    (notes / "shy").unlink()
    assert cloche.run("--root=host", "--retries=1", "--flaky=pass", "shy").status == 0


def test_people_see_every_attempt(cloche, notes):
    fails(cloche, notes, "shy", 1)
    fails(cloche, notes, "never", 99)
    result = cloche("run", "-j1", "--root=host", "--retries=1", "-r", "terminal", "-r", "tap=tap",
                    "shy", "never")
    text = re.sub(r"\[ *\d+\.\d+s\]", "[T]", result.out)
    assert "  TRY 1 FAIL [T] shy shy: exit status 1\n  --- output ---\nthis is run 1\n" in text
    assert "       FLAKY [T] shy shy: passed on attempt 2 of 2\n" in text
    assert "  TRY 2 FAIL [T] never never: exit status 1\n  --- output ---\nthis is run 2\n" in text
    summary = text.split("------------\n")[1].splitlines()
    assert summary == ["     Summary [T] 2 cases run: 0 passed, 1 failed, 1 flaky",
                       "       FLAKY [T] shy shy: passed on attempt 2 of 2",
                       "  TRY 2 FAIL [T] never never: exit status 1"], result
    tap = (cloche.cwd / "tap").read_text()
    assert "# attempt 1 of shy shy: fail, exit status 1\nok 1 - shy shy\n" in tap
    assert "    - '1: fail after " in tap and "not ok 2 - never never\n" in tap


@pytest.mark.parametrize("how, verdict", (("exit 1", "fail"), ("kill -SEGV $$", "crash"),
                                          ("sleep 1000", "timeout"), ("exit 99", "error"),
                                          ("echo 1..2; echo ok 1; exit 0", "fail"),
                                          ("sleep 1000 & exit 0", "leak")))
def test_every_failure_of_the_test_is_tried_again(cloche, notes, how, verdict):
    fails(cloche, notes, "shy", 1, how=how)
    timeout = "--timeout=1" if verdict == "timeout" else "--timeout=60"
    result = cloche.run("--root=host", "--retries=1", "--leaks=fail", timeout, "shy")
    assert result.status == 0 and result.verdicts == {"shy": "flaky"}, result
    assert result.cases["shy"]["earlier"][0]["verdict"] == verdict


@pytest.mark.parametrize("otherwise, reason", (
    ("exit 77", "skipped on attempt 2 of 2"),
    ("sleep 1000 & exit 0", "passed, and left a process behind, on attempt 2 of 2")))
def test_what_failed_once_is_flaky_however_it_ends(cloche, notes, otherwise, reason):
    fails(cloche, notes, "shy", 1, otherwise)
    result = cloche.run("--root=host", "--retries=1", "shy")
    assert result.status == 0 and result.verdicts == {"shy": "flaky"}, result
    assert result.cases["shy"]["reason"] == reason


def test_a_leak_that_only_warns_is_not_tried_again(cloche, notes):
    fails(cloche, notes, "leaks", 0, "sleep 1000 & exit 0")
    result = cloche.run("--root=host", "--retries=3", "leaks")
    assert result.verdicts == {"leaks": "leak"} and len(lines(notes / "leaks")) == 1, result


def test_what_did_not_start_is_not_tried_again(cloche):
    result = cloche.run("--retries=3", "--cwd=/not/there", "/bin/true")
    assert result.verdicts == {"true": "error"} and not events(result, "case-retried"), result
    assert result.cases["true"]["attempt"] == 1


SUITE = r"""
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>

/* How often this case has run already, which it counts in a file of the machine. */
static int runs(const char *name)
{
	char path[4096];
	FILE *file;
	int count = 0;

	snprintf(path, sizeof(path), "%s/%s", getenv("NOTES"), name);
	file = fopen(path, "a+");
	REQUIRE(file, !=, NULL);
	for (int c; (c = fgetc(file)) != EOF;)
		count += c == '\n';
	fputs("run\n", file);
	fclose(file);
	return count;
}

TEST(twice, .retries = 2)
{
	attach_bytes("log", "x", 1);
	EXPECT(runs("twice"), >=, 2);
}

TEST(never)
{
	EXPECT(runs("never"), ==, -1);
}

FIXTURE(patient, .retries = 1)
{
	int nothing;
};

TEST_IN(patient, once)
{
	(void)self;
	EXPECT(runs("once"), >=, 1);
}

TEST_IN(patient, not_at_all, .retries = -1)
{
	(void)self;
	EXPECT(runs("not_at_all"), >=, 1);
}
"""


def test_cases_say_how_often_they_are_tried(cloche, notes, build_suite):
    suite = build_suite("retrying", SUITE)
    flags = ("--root=host", f"--env=NOTES={notes}", suite)
    result = cloche.run(*flags)
    assert result.verdicts == {"twice": "flaky", "never": "fail", "patient.once": "flaky",
                               "patient.not_at_all": "fail"}, result
    assert [len(lines(notes / name)) for name in ("twice", "never", "once", "not_at_all")] == [
        3, 1, 2, 1]
    earlier = result.cases["twice"]["earlier"]
    assert [one["failures"][0]["expression"] for one in earlier] == [
        'EXPECT(runs("twice"), >=, 2)'] * 2
    files = [one["attachments"][0]["file"] for one in (*earlier, result.cases["twice"])]
    assert len(set(files)) == 3 and all((cloche.cwd / file).exists() for file in files)


def test_the_flag_wins_over_the_case(cloche, notes, build_suite):
    suite = build_suite("retrying", SUITE)
    result = cloche.run("--root=host", f"--env=NOTES={notes}", "--retries=0", suite)
    assert set(result.verdicts.values()) == {"fail"}, result
    assert not events(result, "case-retried")
    for file in notes.iterdir():
        file.unlink()
    cloche.run("--root=host", f"--env=NOTES={notes}", "--retries=1", "--name=never", suite)
    assert len(lines(notes / "never")) == 2


def test_a_suites_own_program_retries_as_well(cloche, notes, build_suite):
    suite = build_suite("retrying", SUITE)
    result = cloche.command(suite, "--report=jsonl", "--root=host", f"--env=NOTES={notes}",
                            "--retries=4", "never", "twice")
    assert result.verdicts == {"twice": "flaky", "never": "fail"}, result
    assert len(lines(notes / "never")) == 5


# ---- retries: delays ----

def delays(result, name):
    return [event["delay"] for event in events(result, "case-retried", name)]


def test_delays_are_told(cloche, notes):
    fails(cloche, notes, "never", 99)
    flags = ("--root=host", "--retries=3", "--retry-delay=10ms", "never")
    assert delays(cloche.run(*flags), "never") == [0.01] * 3
    doubled = cloche.run("--retry-backoff=exponential", "--retry-max-delay=30ms", *flags)
    assert delays(doubled, "never") == [0.01, 0.02, 0.03]
    by_chance = delays(cloche.run("--retry-jitter", *flags), "never")
    assert all(0.005 <= delay <= 0.01 for delay in by_chance) and len(set(by_chance)) == 3
    assert "  trying again in 0.01 s\n" in cloche("run", *flags).out


def test_who_waits_holds_no_slot(cloche, notes):
    """With one slot, the second case runs while the first waits: its retry passes because of it."""
    cloche.script("first", f"#!/bin/sh\necho run >> {notes}/first\ntest -e {notes}/second\n")
    cloche.script("second", f"#!/bin/sh\ntouch {notes}/second\n")
    result = cloche.run("-j1", "--root=host", "--retries=1", "--retry-delay=500ms",
                        "first", "second")
    assert result.verdicts == {"first": "flaky", "second": "pass"}, result
    kinds = [(event["event"], event["name"]) for event in result.events[1:-1]]
    assert kinds == [("case-started", "first"), ("case-retried", "first"),
                     ("case-started", "second"), ("case-ended", "second"),
                     ("case-started", "first"), ("case-ended", "first")]


def test_an_interrupt_ends_the_wait(cloche, notes):
    """What has failed and waits is told as failed, and nobody waits out the hour."""
    fails(cloche, notes, "never", 99)
    process = cloche.popen(cloche.path, "run", "--report=jsonl=lines", "--root=host", "--retries=1",
                           "--retry-delay=1h", "never", "/bin/true")
    report = cloche.cwd / "lines"
    wait_for(lambda: report.exists() and '"case-retried"' in report.read_text()
             and '"case-ended"' in report.read_text(), "one waits and one has ended")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    ended = {event["name"]: event for event in map(json.loads, report.read_text().splitlines())
             if event["event"] == "case-ended"}
    assert ended["true"]["verdict"] == "pass"
    assert ended["never"]["verdict"] == "fail" and ended["never"]["given_up"] is True
    assert ended["never"]["attempt"] == 1 and "earlier" not in ended["never"]
    last = json.loads(report.read_text().splitlines()[-1])
    assert last["event"] == "run-ended" and last["not_run"] == 0 and last["failed"] == 1


# ---- sentences ----

REFUSED = (
    ("run", "--retries=many", "--retries: 'many' is not a number from 0 to 1000"),
    ("run", "--retries=-1", "--retries: '-1' is not a number from 0 to 1000"),
    ("run", "--retries=1001", "--retries: '1001' is not a number from 0 to 1000"),
    ("run", "--retry-delay=0", "--retry-delay: '0' is not a duration above 0"),
    ("run", "--retry-backoff=linear", "--retry-backoff: 'linear' is not one of fixed|exponential"),
    ("run", "--retry-max-delay=x", "--retry-max-delay: 'x' is not a duration (try 2, 500ms, 1h30m "
     "or 30d)"),
    ("run", "--retry-jitter=yes", "option '--retry-jitter' takes no value"),
    ("run", "--flaky=maybe", "--flaky is one of pass|fail, not 'maybe'"),
    ("exec", "--retries=1", "there is no option '--retries=1'; --help lists them"),
    ("shell", "--retries=1", "there is no option '--retries=1'; --help lists them"),
    ("list", "--flaky=pass", "there is no option '--flaky=pass'; --help lists them"),
)


@pytest.mark.parametrize("command, flag, sentence", REFUSED)
def test_refusals(cloche, command, flag, sentence):
    result = cloche(command, flag, "/bin/true")
    assert result.status == (125 if command in ("exec", "shell") else 96), result
    assert result.err == f"cloche: {sentence}\n"
