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
from test_bounds import MEMORY, measured


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


def test_of_many_attempts_the_first_and_the_latest_are_kept(cloche, notes):
    fails(cloche, notes, "never", 99)
    result = cloche.run("--root=host", "--retries=20", "--report=junit=junit.xml", "never")
    assert result.status == 100 and len(lines(notes / "never")) == 21, result
    assert [event["attempt"] for event in events(result, "case-retried")] == list(range(1, 21))
    earlier = [one["attempt"] for one in result.cases["never"]["earlier"]]
    assert earlier == [*range(1, 16), 20]


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


# ---- repeat, until-fail, for ----

def fails_at(cloche, notes, name, number):
    """A suite that fails just in its n-th run."""
    return cloche.script(name, f"""#!/bin/sh
echo run >> {notes}/{name}
test $(wc -l < {notes}/{name}) -ne {number}
""")


def test_until_fail_ends_with_the_first_failure(cloche, notes):
    fails_at(cloche, notes, "rare", 7)
    result = cloche.run("-j1", "--root=host", "--until-fail", "rare")
    assert result.status == 100 and len(lines(notes / "rare")) == 7, result
    ended = events(result, "case-ended")
    assert [event["verdict"] for event in ended] == ["pass"] * 6 + ["fail"]
    assert [event["repetition"] for event in ended] == list(range(7))
    assert [event["number"] for event in ended] == list(range(1, 8))
    assert result.events[0]["cases"] is None and result.events[0]["chosen"] == 1
    assert result.events[-1]["not_run"] == 0


def test_until_fail_has_a_bound_with_repeat(cloche, notes):
    fails_at(cloche, notes, "rare", 4)
    flags = ("-j1", "--root=host", "--until-fail", "rare")
    result = cloche.run("--repeat=3", *flags)
    assert result.status == 0 and len(lines(notes / "rare")) == 3, result
    assert result.events[0]["cases"] == 3
    result = cloche.run("--repeat=10", *flags)
    assert result.status == 100 and len(lines(notes / "rare")) == 4, result
    assert result.events[-1]["not_run"] == 9


def test_cases_that_do_not_end_the_run_run_along(cloche, notes):
    """Of two suites, both as often, until one fails; what is left of the last repetition is told."""
    fails_at(cloche, notes, "rare", 3)
    cloche.script("steady", f"#!/bin/sh\necho run >> {notes}/steady\n")
    result = cloche("run", "-j1", "--root=host", "--until-fail", "-r", "terminal", "-r", "tap=tap",
                    "rare", "steady")
    assert result.status == 100, result
    assert (len(lines(notes / "rare")), len(lines(notes / "steady"))) == (3, 2)
    assert result.out.startswith(
        "    Starting 2 cases of 2 suites, again and again, 1 at once\n")
    assert "     Warning 1 case failed, and --until-fail ends the run\n" in result.out
    assert "5 cases run: 4 passed, 1 failed, 1 not run\n" in result.out
    tap = (cloche.cwd / "tap").read_text().splitlines()
    assert tap[1].startswith("ok 1 - ")
    assert tap[-2:] == ["1..5", "Bail out! 1 cases were not run"]


def test_for_begins_no_repetition_after_its_time(cloche, notes):
    """The first case outlasts it. The other one still belongs to the repetition that has begun."""
    cloche.script("long", f"#!/bin/sh\nsleep 0.5\necho run >> {notes}/long\n")
    cloche.script("short", f"#!/bin/sh\necho run >> {notes}/short\n")
    result = cloche.run("-j1", "--root=host", "--for=300ms", "long", "short")
    assert result.status == 0, result
    assert (len(lines(notes / "long")), len(lines(notes / "short"))) == (1, 1)
    assert result.events[-1]["not_run"] == 0 and result.events[0]["cases"] is None


def test_for_goes_on_until_then(cloche, notes):
    """With an hour left, only the failure ends it."""
    fails_at(cloche, notes, "rare", 20)
    result = cloche.run("--root=host", "--for=1h", "--fail-fast", "-j1", "rare")
    assert result.status == 100 and len(lines(notes / "rare")) == 20, result
    result = cloche.run("--root=host", "--for=1h", "--repeat=5", "-j3", "rare")
    assert result.status == 0 and len(lines(notes / "rare")) == 25, result


@pytest.mark.plain
def test_repetitions_are_not_made_up_front(cloche):
    """A million repetitions of three thousand cases need no more memory than the first of them."""
    result, peak = measured(cloche, "--repeat=1000000", "--fail-fast", "--name=row/0[012]*",
                            "--exact=fails_100000_times", "--priority=1", cloche.sample("many"))
    assert result.status == 100 and result.events[0]["cases"] == 3001000000, result
    assert result.events[-1]["not_run"] > 3000990000 and peak < MEMORY, peak


def test_too_many_repetitions_are_refused(cloche):
    result = cloche.run("--repeat=1000000", cloche.sample("many"))
    assert result.status == 96, result
    assert re.fullmatch(r"cloche: --repeat=1000000 of \d+ cases are more than the 4294967295 of one "
                        r"run; lower it, or say --for\n", result.err)


def test_each_repetition_has_an_order_of_its_own(cloche):
    flags = ("-j1", "--repeat=2", "--name=row/0000*", cloche.sample("many"))
    names = [event["name"] for event in events(cloche.run("--shuffle=5", *flags), "case-started")]
    again = [event["name"] for event in events(cloche.run("--shuffle=5", *flags), "case-started")]
    half = len(names) // 2
    assert names == again and sorted(names[:half]) == sorted(names[half:])
    assert names[:half] != names[half:]


# ---- max-fail ----

def five(cloche, notes, text="exit 1"):
    for i in range(5):
        cloche.script(f"five/{i}", f"#!/bin/sh\necho run >> {notes}/{i}\n{text}\n")
    return "five"


@pytest.mark.parametrize("flag, ran", (("--max-fail=2", 2), ("--max-fail=4", 4), ("--fail-fast", 1),
                                       ("--max-fail=5", 5), ("--max-fail=all", 5)))
def test_so_many_failures_end_the_run(cloche, notes, flag, ran):
    result = cloche.run("-j1", "--root=host", flag, five(cloche, notes))
    assert result.status == 100 and len(list(notes.iterdir())) == ran, result
    assert result.events[-1]["failed"] == ran and result.events[-1]["not_run"] == 5 - ran
    told = [event["text"] for event in events(result, "message")]
    flag = "--max-fail=1" if flag == "--fail-fast" else flag
    assert told == ([f"{ran} case{'s' * (ran > 1)} failed, and {flag} ends the run"]
                    if ran < 5 else [])


def test_what_was_not_run_is_told_to_people(cloche, notes):
    result = cloche("run", "-j1", "--root=host", "--max-fail=2", five(cloche, notes))
    assert "2 cases run: 0 passed, 2 failed, 3 not run\n" in result.out, result
    tap = cloche("run", "-j1", "--root=host", "-r", "tap", "--max-fail=2", "five")
    assert tap.out.endswith("Bail out! 3 cases were not run\n"), tap


def test_what_runs_comes_to_its_end(cloche, notes):
    """Both run when the first fails, and the second passes for all that; a third does not start."""
    cloche.script("a", f"#!/bin/sh\nwhile [ ! -e {notes}/b ]; do sleep 0.02; done\n"
                       f"touch {notes}/a\nexit 1\n")
    cloche.script("b", f"#!/bin/sh\ntouch {notes}/b\n"
                       f"while [ ! -e {notes}/a ]; do sleep 0.02; done\nsleep 0.2\n")
    cloche.script("c", "#!/bin/sh\n")
    result = cloche.run("-j2", "--root=host", "--fail-fast", "a", "b", "c")
    assert result.status == 100 and result.verdicts == {"a": "fail", "b": "pass"}, result
    assert result.events[-1]["not_run"] == 1


@pytest.mark.parametrize("sleeper", ("exec sleep 1000", "trap '' TERM; while :; do sleep 1; done"))
def test_immediate_ends_what_runs(cloche, notes, sleeper):
    cloche.script("a", f"#!/bin/sh\nwhile [ ! -e {notes}/b ]; do sleep 0.02; done\nexit 1\n")
    cloche.script("b", f"#!/bin/sh\ntouch {notes}/b\n{sleeper}\n")
    cloche.script("c", "#!/bin/sh\n")
    result = cloche.run("-j2", "--root=host", "--max-fail=1:immediate", "--grace=100ms", "a", "b",
                        "c")
    assert result.status == 100 and result.verdicts == {"a": "fail", "b": "error"}, result
    assert result.cases["b"]["reason"] == "ended by --max-fail=1:immediate"
    assert result.events[-1]["not_run"] == 1 and result.events[-1]["failed"] == 2
    assert [event["text"] for event in events(result, "message")] == [
        "1 case failed, and --max-fail=1:immediate ends the run; asking those that run to end"]


# ---- from a file ----

def test_a_file_says_how_some_cases_are_run(cloche, notes):
    fails(cloche, notes, "shy", 1)
    fails(cloche, notes, "never", 99)
    cloche.script("late", "#!/bin/sh\n")
    for name in ("a", "b"):
        cloche.script(name, f"#!/bin/sh\nmkdir {notes}/in && sleep 0.2 && rmdir {notes}/in\n")
    (cloche.cwd / "cloche.ini").write_text("""
[run]
root = host
jobs = 4
max-fail = 1:immediate
timeout-multiplier = 2
group-slots = db=1

[override retried]
filter = test(shy)
retries = 1
priority = 10

[override grouped]
filter = test(/^[ab]$/)
group = db

[override last]
filter = test(=late)
priority = -10

[profile all]
fail-fast = false
""")
    suites = ("late", "shy", "a", "b")
    result = cloche.run("-j1", *suites)
    assert result.status == 0, result
    assert [event["name"] for event in events(result, "case-started")] == [
        "shy", "shy", "a", "b", "late"]
    (notes / "shy").unlink()
    result = cloche.run(*suites)  # all at once, but for the group
    assert result.verdicts == {"shy": "flaky", "a": "pass", "b": "pass", "late": "pass"}, result
    assert result.cases["a"]["world"]["group"] == "db"
    result = cloche.run("-j1", "never", *suites)
    assert result.status == 100 and result.events[-1]["not_run"] > 0, result
    result = cloche.run("-j1", "--profile=all", "never", *suites)
    assert result.status == 100 and result.events[-1]["not_run"] == 0, result


# ---- what is remembered ----

def test_all_of_it_is_told_again(cloche, notes):
    """Attempts, slow cases, and a run that had no number of repetitions, out of the journal."""
    fails(cloche, notes, "shy", 1, "sleep 0.3; test $(wc -l < %s/shy) -lt 4" % notes)
    state = {"CLOCHE_STATE_DIR": str(cloche.cwd / "state")}
    first = cloche("run", "-j1", "--root=host", "--until-fail", "--retries=1", "--slow-after=100ms",
                   "--retry-delay=10ms", "--report=terminal", "--report=tap=tap", "shy", env=state)
    assert first.status == 100, first
    for word in ("again and again", "TRY 1 FAIL", "SLOW [>", "FLAKY", "trying again in 0.01 s",
                 "(repetition 3)"):
        assert word in first.out, first
    again = cloche("replay", "last", "--report=terminal", "--report=tap=again", env=state)
    assert again.out == first.out, (again, first)
    assert (cloche.cwd / "again").read_text() == (cloche.cwd / "tap").read_text()


# ---- all of it together ----

def test_attempts_are_no_failures_of_the_run(cloche, notes):
    """Every first attempt fails, every second one passes: flaky, three times, and nothing stops."""
    cloche.script("odd", f"#!/bin/sh\necho run >> {notes}/odd\n"
                         f"test $(($(wc -l < {notes}/odd) % 2)) -eq 0\n")
    flags = ("-j1", "--root=host", "--repeat=3", "--retries=1", "--shuffle", "odd")
    result = cloche.run("--max-fail=1", *flags)
    assert result.status == 0 and len(lines(notes / "odd")) == 6, result
    assert result.events[-1]["flaky"] == 3 and result.events[-1]["not_run"] == 0
    result = cloche.run("--max-fail=1", "--flaky=fail", *flags)
    assert result.status == 100 and len(lines(notes / "odd")) == 8, result
    assert result.events[-1]["flaky"] == 1 and result.events[-1]["not_run"] == 2


def test_until_fail_waits_for_the_retries(cloche, notes):
    fails(cloche, notes, "never", 99)
    result = cloche.run("-j1", "--root=host", "--until-fail", "--retries=2", "never")
    assert result.status == 100 and len(lines(notes / "never")) == 3, result
    assert [event["attempt"] for event in events(result, "case-ended")] == [3]


PATIENT = """
#include <cloche.h>

TEST(patient, .retries = 1, .retry_delay = hours(1), .priority = 1)
{
	fail("not yet");
}

TEST(hopeless)
{
	fail("never");
}

TEST(not_run)
{
}
"""


def test_who_waits_gives_up_when_the_run_ends(cloche, build_suite):
    """For an hour otherwise."""
    result = cloche.run("-j1", "--fail-fast", build_suite("patient", PATIENT))
    assert result.status == 100, result
    assert result.verdicts == {"patient": "fail", "hopeless": "fail"}
    assert result.cases["patient"]["given_up"] and "given_up" not in result.cases["hopeless"]
    assert result.events[-1]["not_run"] == 1 and result.events[-1]["failed"] == 2
    shown = cloche("run", "-j1", "--fail-fast", build_suite("patient", PATIENT))
    assert "  not tried again: the run ends\n" in shown.out, shown


def test_an_interrupt_ends_it_all(cloche, notes):
    """Repeating without end, with some that wait for retries."""
    fails(cloche, notes, "never", 99999)
    cloche.script("steady", f"#!/bin/sh\necho run >> {notes}/steady\n")
    process = cloche.popen(cloche.path, "run", "--report=tap", "--root=host", "--for=1h",
                           "--retries=1", "--retry-delay=1h", "--shuffle", "-j2", "never", "steady",
                           stdout=open(cloche.cwd / "tap", "w"))
    wait_for(lambda: len(lines(notes / "steady")) > 5, "some repetitions")
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert process.returncode == 130
    tap = (cloche.cwd / "tap").read_text()
    tests = re.findall(r"^(?:not )?ok \d+ - (\w+)", tap, re.M)
    assert tests.count("never") == len(lines(notes / "never"))
    assert re.search(rf"^1\.\.{len(tests)}$", tap, re.M)


# ---- slow, and deadlines ----

def test_slow_cases_are_told_once_a_period(cloche, notes):
    """The case ends when it finds itself told three times."""
    report = cloche.cwd / "lines"
    cloche.script("slow", "#!/bin/sh\n"
                  f"while [ $(grep -c case-slow {report}) -lt 3 ]; do sleep 0.02; done\n")
    result = cloche("run", "--root=host", "--slow-after=100ms", f"--report=jsonl={report}",
                    "--report=tap=tap", "--report=terminal", "slow", "/bin/true")
    assert result.status == 0, result
    slow = [json.loads(line) for line in lines(report) if '"case-slow"' in line]
    assert {event["name"] for event in slow} == {"slow"} and len(slow) >= 3
    assert all(event["seconds"] >= 0.1 * number for number, event in enumerate(slow, 1))
    assert re.findall(r"^        SLOW \[>  +\d+\.\d+s\] slow slow$", result.out, re.M)
    assert "# slow: slow slow has run for 0." in (cloche.cwd / "tap").read_text()


@pytest.fixture
def slow(cloche, notes):
    """Words for a run of one that is slow and passes, one that fails, and one that is slow once."""
    def until_told(name):
        return f"""told() {{ grep -c 'case-slow.*"{name}"' {cloche.cwd}/lines; }}
before=$(told); until [ $(told) -gt $before ]; do sleep 0.02; done"""
    cloche.script("slow", f"#!/bin/sh\n{until_told('slow')}\n")
    cloche.script("fails", f"#!/bin/sh\n{until_told('fails')}\nexit 1\n")
    cloche.script("shy", f"#!/bin/sh\n[ -e {notes}/tried ] && exit\ntouch {notes}/tried\n"
                  f"{until_told('shy')}\nexit 1\n")
    return ("--root=host", "--slow-after=100ms", "--retries=1", "--report=jsonl=lines", "slow", "fails",
            "shy", "/bin/true")


def test_the_summary_counts_slow_cases(cloche, slow):
    """By verdict, and by their last attempt; the same when the run is told again, in brief as well."""
    result = cloche("run", "--report=terminal", *slow)
    assert result.status == 100, result
    told = {(event["name"], event["attempt"]) for event in cloche.lines("lines")
            if event["event"] == "case-slow"}
    assert {("slow", 1), ("fails", 1), ("fails", 2), ("shy", 1)} <= told

    def count(*cases):  # on a busy machine it may be all
        number = len(told.intersection(cases))
        return f" ({number} slow)" if number else ""
    summary = f"4 cases run: 2 passed{count(('slow', 1), ('true', 1))}, 1 failed (1 slow), " \
        f"1 flaky{count(('shy', 2))}\n"
    assert summary in result.out, result
    assert cloche("replay", "last").out == result.out
    assert summary in cloche("show", "last").out


def test_nobody_is_slow_unless_they_are(cloche):
    cloche.script("quick", "#!/bin/sh\nsleep 0.3\n")
    assert not events(cloche.run("quick"), "case-slow")


def test_whoever_runs_into_the_deadline_is_not_called_slow_as_well(cloche):
    cloche.script("sleeps", "#!/bin/sh\nsleep 1000\n")
    result = cloche.run("--timeout=500ms", "--slow-after=500ms", "sleeps")
    assert result.verdicts == {"sleeps": "timeout"} and not events(result, "case-slow"), result


def test_every_deadline_is_multiplied(cloche, build_suite):
    cloche.script("sleeps", "#!/bin/sh\nsleep 1000\n")
    flags = ("--dump=no", "sleeps")
    result = cloche.run("--timeout=100", "--timeout-multiplier=0.005", *flags)
    assert result.cases["sleeps"]["reason"] == "ran into its deadline of 0.5 s", result
    assert result.cases["sleeps"]["world"]["timeout"] == "0.5"
    result = cloche.run("--timeout-multiplier=0.01", *flags)
    assert result.cases["sleeps"]["reason"] == "ran into its deadline of 0.6 s", result
    suite = build_suite("timed", """
        #include <cloche.h>
        #include <unistd.h>
        TEST(sleeps, .timeout = 0.3) { sleep(1); }
    """)
    assert cloche.run("--dump=no", suite).verdicts == {"sleeps": "timeout"}
    assert cloche.run("--timeout-multiplier=200", suite).verdicts == {"sleeps": "pass"}
    assert cloche.run("--timeout-multiplier=200", "--timeout=0.3", suite).status == 0


def test_the_deadline_of_a_setup_is_multiplied(cloche):
    (cloche.cwd / "cloche.ini").write_text("[setup slow]\ncommand = sleep 1\ntimeout = 300ms\n")
    result = cloche.run("/bin/true")
    assert result.status == 96 and "ran into its deadline of 0.3 s" in result.err, result
    assert cloche.run("--timeout-multiplier=200", "/bin/true").status == 0


def test_the_grace_is_multiplied(cloche, notes):
    """Whoever needs a second after SIGTERM has it, though the grace alone is too short."""
    cloche.script("slow", f"#!/bin/sh\ntrap 'sleep 1; touch {notes}/ended; exit 1' TERM\n"
                          "while :; do sleep 0.1; done\n")
    flags = ("--root=host", "--dump=no", "--grace=100ms", "slow")
    cloche.run("--timeout=500ms", *flags)
    assert not (notes / "ended").exists()
    cloche.run("--timeout=1ms", "--timeout-multiplier=500", *flags)
    assert (notes / "ended").exists()


# ---- groups, threads, priorities ----

def alone(cloche, notes, count, most=1):
    """Suites each of which fails when it meets more than so many, itself among them."""
    for i in range(count):
        cloche.script(f"alone/{i}", f"""#!/bin/sh
mkdir {notes}/running{i}
sleep 0.1
count=$(ls -d {notes}/running* | wc -l)
rmdir {notes}/running{i}
test $count -le {most}
""")
    return "alone"


def together(cloche, notes, count, most):
    """Suites each of which waits until so many run at once, it among them."""
    for i in range(count):
        cloche.script(f"together/{i}", f"""#!/bin/sh
touch {notes}/{i}
while [ $(ls {notes} | wc -l) -lt {most} ]; do sleep 0.02; done
""")
    return "together"


def test_a_group_runs_one_at_a_time(cloche, notes):
    result = cloche.run("-j8", "--root=host", "--group=db", alone(cloche, notes, 6))
    assert result.status == 0 and result.events[0]["jobs"] == 6, result
    assert all(event["world"]["group"] == "db" for event in events(result, "case-ended"))
    assert cloche.run("-j8", "--root=host", "alone").status == 100  # they do meet without


def test_a_group_has_the_slots_it_is_given(cloche, notes):
    result = cloche.run("-j8", "--root=host", "--group=db", "--group-slots=db=7",
                        "--group-slots=db=2", "--group-slots=other=1", alone(cloche, notes, 6, 2))
    assert result.status == 0, result
    result = cloche.run("-j8", "--root=host", "--group=db", "--group-slots=db=3",
                        together(cloche, notes, 3, 3))
    assert result.status == 0, result


def test_threads_are_slots(cloche, notes):
    result = cloche.run("-j4", "--root=host", "--threads=2", alone(cloche, notes, 6, 2))
    assert result.status == 0, result
    result = cloche.run("-j4", "--root=host", "--threads=unlimited", alone(cloche, notes, 4))
    assert result.status == 0, result
    result = cloche.run("-j4", "--root=host", "--threads=2", together(cloche, notes, 2, 2))
    assert result.status == 0, result


ORDERED = r"""
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nobody else of this group is at it. */
static void alone(const char *group)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", getenv("NOTES"), group);
	REQUIRE_OK(mkdir(path, 0777));
	usleep(50000);
	EXPECT_OK(rmdir(path));
}

TEST(plain) {}
TEST(last, .priority = -5) {}
TEST(first, .priority = 10) {}
TEST(early, .priority = 1) {}
TEST(also_early, .priority = 1) {}
TEST(db_a, .group = "db") { alone("db"); }
TEST(db_b, .group = "db", .threads = 2) { alone("db"); }
TEST(db_c, .group = "db") { alone("db"); }
TEST(net_a, .group = "net") { alone("net"); }
TEST(net_b, .group = "net", .priority = 3) { alone("net"); }
"""


def test_cases_have_groups_threads_and_priorities(cloche, notes, build_suite):
    suite = build_suite("ordered", ORDERED)
    flags = ("--root=host", f"--env=NOTES={notes}", suite)
    result = cloche.run("-j1", *flags)
    assert result.status == 0, result
    assert [event["name"] for event in events(result, "case-started")] == [
        "first", "net_b", "early", "also_early", "plain", "db_a", "db_b", "db_c", "net_a", "last"]
    result = cloche.run("-j8", "--repeat=5", "--shuffle", *flags)
    assert result.status == 0 and result.events[-1]["pass"] == 50, result
    shuffled = cloche.run("-j1", "--shuffle=3", *flags)
    names = [event["name"] for event in events(shuffled, "case-started")]
    assert names[:2] == ["first", "net_b"] and names[-1] == "last"
    assert set(names[2:4]) == {"early", "also_early"}


def test_who_waits_is_not_in_its_group(cloche, notes):
    """As above, where both are of one group."""
    cloche.script("first", f"#!/bin/sh\necho run >> {notes}/first\ntest -e {notes}/second\n")
    cloche.script("second", f"#!/bin/sh\ntouch {notes}/second\n")
    result = cloche.run("-j2", "--root=host", "--group=g", "--retries=1", "--retry-delay=500ms",
                        "first", "second")
    assert result.verdicts == {"first": "flaky", "second": "pass"}, result


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
    ("run", "--max-fail=0", "--max-fail takes N, N:immediate or all, not '0'"),
    ("run", "--max-fail=2:now", "--max-fail takes N, N:immediate or all, not '2:now'"),
    ("run", "--fail-fast=yes", "option '--fail-fast' takes no value"),
    ("run", "--until-fail=yes", "option '--until-fail' takes no value"),
    ("run", "--for=ever", "--for: 'ever' is not a duration (try 2, 500ms, 1h30m or 30d)"),
    ("run", "--slow-after=0", "--slow-after: '0' is not a duration above 0"),
    ("run", "--timeout-multiplier=0", "--timeout-multiplier takes a number from 0.001 to 1000, "
     "not '0'"),
    ("run", "--group-slots=db", "--group-slots takes NAME=N with N from 1 to 1000000, not 'db'"),
    ("run", "--group=db=2", "the name of a group has no '='; --group-slots NAME=N says how many of its "
     "cases run at once"),
    ("run", "--group=", "--group: '' is not a value: it is empty"),
    ("run", "--threads=0", "--threads: '0' is not a number that fits: at least 1"),
    ("run", "--priority=0", "--priority: '0' is not a number from -1000 to 1000, and not 0, which "
     "is the default"),
    ("exec", "--max-fail=1", "there is no option '--max-fail=1'; --help lists them"),
    ("exec", "--group=db", "there is no option '--group=db'; --help lists them"),
    ("list", "--fail-fast", "there is no option '--fail-fast'; --help lists them"),
    ("exec", "--retries=1", "there is no option '--retries=1'; --help lists them"),
    ("shell", "--retries=1", "there is no option '--retries=1'; --help lists them"),
    ("list", "--flaky=pass", "there is no option '--flaky=pass'; --help lists them"),
)


@pytest.mark.parametrize("command, flag, sentence", REFUSED)
def test_refusals(cloche, command, flag, sentence):
    result = cloche(command, flag, "/bin/true")
    assert result.status == (125 if command in ("exec", "shell") else 96), result
    assert result.err == f"cloche: {sentence}\n"
