#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Run executables one by one without cloche, then under it, and say what differs.

    compare.py --cloche PROGRAM --cases DIR [--label TEXT] [--jobs N] [--orders N]
               [--expected FILE] [--save DIR] [CLOCHE OPTIONS...]

Each file in DIR is a suite, links are followed: exit status 0 is a pass, 77 a skip, all else a
failure. Where it prints TAP, its test points are compared as well. Where cloche finds cases in it
(GLib's paths), each is compared with the point of its name; one that fails, and did not in the suite
as a whole, is run by itself without cloche. Ends with status 1 when a case fails under
cloche that passes without, unless FILE explains it. A line of FILE is

    CASE LABEL VERDICT REASON...

where CASE is a pattern ('SUITE:/path', with '?' for a blank), LABEL may be '*', and VERDICT is that
of the case under cloche: a difference of another kind is not explained by it. What ran is kept in
--save for reading.
"""

import argparse
import fnmatch
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

POINT = re.compile(rb"^(not )?ok\b *(\d*) *-? *([^#\n]*)(#.*)?$", re.MULTILINE)
SEED = re.compile(r"seed:\d+")
TIME_LIMIT = 300


class Outcome:
    """What came of one case: a verdict, and what its TAP said point by point."""

    def __init__(self, verdict, reason="", output=b"", seconds=0.0):
        self.verdict = verdict
        self.reason = reason
        self.output = output
        self.seconds = seconds

    def points(self):
        found = {}
        for failed, number, name, directive in POINT.findall(self.output):
            key = SEED.sub("seed:N", name.strip().decode(errors="replace")) or number.decode()
            skipped = directive.upper().startswith(b"# SKIP")
            if found.get(key) != "fail":  # of several seeds one that fails counts
                found[key] = "skip" if skipped else "fail" if failed else "pass"
        return found


def run_plainly(*command):
    start = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory, \
            tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True,
                                   env={**os.environ, "TMPDIR": directory})
        try:
            status = process.wait(TIME_LIMIT)
            verdict = {0: "pass", 77: "skip"}.get(status, "fail" if status > 0 else "crash")
            reason = f"exit status {status}"
        except subprocess.TimeoutExpired:
            verdict, reason = "timeout", f"ran longer than {TIME_LIMIT} s"
        end_session(process)
        output.seek(0)
        outcome = Outcome(verdict, reason, output.read(), time.monotonic() - start)
    points = set(outcome.points().values())
    if verdict == "pass" and points == {"skip"}:
        outcome.verdict = "skip"
    return outcome


def end_session(process):
    """What a case left behind would meet the next one: that is what a cell is for."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def suites_in(directory):
    paths = [os.path.realpath(os.path.join(directory, name)) for name in os.listdir(directory)]
    return {os.path.basename(path): path for path in sorted(paths)}


def run_cloche(arguments, seed):
    """Returns outcomes by name, and what the program itself said when it could not run."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        report = os.path.join(directory, "report")
        command = [arguments.cloche, "run", "--no-journal", f"-j{arguments.jobs}", f"--shuffle={seed}",
                   f"--report=jsonl={report}", f"--timeout={TIME_LIMIT}s",
                   *arguments.options, *suites_in(arguments.cases).values()]
        run = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        try:
            with open(report, encoding="utf-8", errors="replace") as lines:
                outcomes = read_report(lines)
        except FileNotFoundError:
            outcomes = {}
    if not outcomes:
        sys.exit(f"{' '.join(command)}: status {run.returncode}\n{run.stdout.decode()}")
    return outcomes


def read_report(lines):
    outcomes = {}
    for line in lines:
        event = json.loads(line)
        if event["event"] == "case-ended":
            output = event["output"]["text"] + event["output"].get("end", "")
            findings = "".join(f"\n{finding['kind']}: {finding['text']}"
                               for finding in event["findings"])
            suite = os.path.basename(event["suite"])
            case = SEED.sub("seed:N", event["name"])
            name = suite if case == suite else f"{suite}:{case}"
            if name not in outcomes or good(outcomes[name]):
                outcomes[name] = Outcome(event["verdict"], event["reason"],
                                         (output + findings).encode(), event["seconds"])
    return outcomes


def read_expected(path, label):
    expected = {}
    if path:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                words = line.split(None, 3)
                if len(words) == 4 and not line.startswith("#") and words[1] in (label, "*"):
                    expected[words[0], words[2]] = words[3].strip()
    return expected


def good(outcome):
    return outcome is not None and outcome.verdict in ("pass", "leak", "skip")


def differing_points(name_of_case, plain, celled):
    before, after = plain.points(), celled.points()
    for points in (before, after):
        points.pop(name_of_case, None)  # one point that says what the case as a whole does
    if not before or not after:
        return []
    return [f"{name}: {before.get(name, 'absent')} -> {after.get(name, 'absent')}"
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)]


def show_row(what, outcomes, seconds):
    count = {}
    for outcome in outcomes.values():
        count[outcome.verdict] = count.get(outcome.verdict, 0) + 1
    rest = "  ".join(f"{n} {verdict}" for verdict, n in sorted(count.items()))
    print(f"{what:<34} {len(outcomes):>5} cases {seconds:>8.1f} s   {rest}", flush=True)


class Plain:
    """What suites did without cloche, and their cases as far as it is known."""

    def __init__(self, directory):
        self.suites = suites_in(directory)
        self.outcomes = {name: run_plainly(path) for name, path in self.suites.items()}
        self.alone = {}

    def pairs(self, celled):
        """(name, outcome without, outcome under cloche), of all that can be compared."""
        for suite, outcome in self.outcomes.items():
            cases = {name: one for name, one in celled.items() if name.startswith(suite + ":")}
            if suite in celled or not cases:
                yield suite, outcome, celled.get(suite)
                continue
            points = {f"{suite}:{point}": Outcome(verdict)
                      for point, verdict in outcome.points().items()}
            for name in points.keys() | cases.keys():
                one = cases.get(name)
                plain = points.get(name)
                if one and not good(one) and (not plain or good(plain)):
                    alone = self.by_itself(suite, name)
                    plain = alone if not plain or not good(alone) else plain
                if plain:
                    yield name, plain, one

    def by_itself(self, suite, name):
        """One that needs what those before it have done fails so."""
        if name not in self.alone:
            outcome = run_plainly(self.suites[suite], "-p", name.partition(":")[2])
            if outcome.verdict == "crash" and b"Bail out!" in outcome.output:
                outcome.verdict = "fail"  # as cloche has it
            self.alone[name] = outcome
        return self.alone[name]


class Differences:
    """One line for each, with the runs in which it was seen."""

    def __init__(self, expected):
        self.expected = expected
        self.seen = {}
        self.unexplained = 0

    def add(self, name, plain, celled, run):
        if celled is None:
            text, bad = "did not run under cloche", True
        elif plain.verdict != celled.verdict:
            text = f"{plain.verdict} -> {celled.verdict} ({celled.reason})"
            bad = good(plain) and not good(celled)
        else:
            text, bad = "", False
        lines = [text] if text else []
        lines += differing_points(name, plain, celled) if celled else []
        verdict = celled.verdict if celled else ""
        for line in lines:
            self.seen.setdefault((name, verdict, line), []).append(run)
        if bad and not self.explanation(name, verdict):
            self.unexplained += 1

    def explanation(self, name, verdict):
        return next((why for (pattern, of), why in self.expected.items()
                     if of == verdict and fnmatch.fnmatchcase(name, pattern)), None)

    def show(self):
        for (name, verdict, line), runs in sorted(self.seen.items()):
            print(f"    {name}: {line} [{len(runs)} runs]")
            if self.explanation(name, verdict):
                print(f"        explained: {self.explanation(name, verdict)}")


def save(directory, run, outcomes):
    os.makedirs(directory, exist_ok=True)
    for name, outcome in outcomes.items():
        with open(os.path.join(directory, f"{name.replace('/', '_')}.{run}"), "wb") as file:
            file.write(f"{outcome.verdict}: {outcome.reason}\n".encode() + outcome.output)


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cloche", required=True)
    parser.add_argument("--cases", required=True)
    parser.add_argument("--label", default="user")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--orders", type=int, default=1)
    parser.add_argument("--expected")
    parser.add_argument("--save")
    arguments, arguments.options = parser.parse_known_args()
    return arguments


def main():
    arguments = parse_arguments()
    differences = Differences(read_expected(arguments.expected, arguments.label))
    start = time.monotonic()
    plain = Plain(arguments.cases)
    show_row(f"{arguments.label}: one by one, no cloche", plain.outcomes, time.monotonic() - start)
    if arguments.save:
        save(arguments.save, "plain", plain.outcomes)
    for seed in range(1, arguments.orders + 1):
        start = time.monotonic()
        celled = run_cloche(arguments, seed)
        show_row(f"{arguments.label}: cloche -j{arguments.jobs}, order {seed}", celled,
                 time.monotonic() - start)
        if arguments.save:
            save(arguments.save, f"cloche{seed}", celled)
        for name, outcome, one in plain.pairs(celled):
            differences.add(name, outcome, one, seed)
    differences.show()
    print(f"{arguments.label}: {differences.unexplained} failures that a serial run does not have")
    return 1 if differences.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
