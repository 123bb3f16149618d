#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Suites that nobody here wrote: one by one without cloche, then under it, at once and shuffled.

    real_suites.py WORK [--orders N] [--as root|user] [--cloche PROGRAM] [NAME...]
    real_suites.py --list

WORK has the sources, built by real-suites.sh. For each suite: how long its own runner takes and what
it says of each case; then N shuffled orders at -j8. Printed are a line of a table for each suite, and
each case that fails under cloche and does not without, and the other way round. Ends with 1 when
there is a failure that is not in real-suites.expected.

What others wrote is not run as the machine's root: with --as root, a suite's own runner works in one
cell that all its cases share.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOOD = ("pass", "skip", "leak", "flaky")
BAD = ("fail", "hang")
HANGS = 120    # seconds, of one case alone


def quiet(command, cwd, **arguments):
    return subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          **arguments)


def quiet_or_hanging(command, cwd):
    """(exit status, output) of one case; None in place of a status where it has hung."""
    with tempfile.TemporaryFile("w+", errors="replace") as file, \
            subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=file,
                             stderr=subprocess.STDOUT, start_new_session=True) as process:
        status = None
        try:
            status = process.wait(HANGS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        file.seek(0)
        return status, file.read()


class Suite:
    """One project: `paths` as cloche is given them, all below its directory. In what `environment`
    names, {directory} is that."""

    def __init__(self, name, paths, *flags, cwd=".", timeout=1800, environment=None):
        self.name, self.paths, self.flags, self.cwd, self.timeout = name, paths, flags, cwd, timeout
        self.environment = environment or {}

    def directory(self, work):
        return work / "src" / self.name / self.cwd

    def variables(self, work):
        return {name: value.format(directory=self.directory(work))
                for name, value in self.environment.items()}

    def arguments(self):
        """What `cloche run` is told."""
        return [*self.flags, *self.paths]

    def serial(self, work):
        """{case: verdict}, by the suite's own runner, one after the other."""
        raise NotImplementedError

    def named(self, name):
        """A case of cloche's, as serial() names it."""
        return name


class GoogleTest(Suite):
    """Each test by itself: a program that dies takes those behind it along."""

    def one(self, work, path, name):
        status, output = quiet_or_hanging([f"./{path}", f"--gtest_filter={name}"],
                                          self.directory(work))
        return "fail" if status != 0 else "skip" if "[  SKIPPED ] 1 test" in output else "pass"

    def serial(self, work):
        found = {}
        for path in self.paths:
            suite = ""
            for line in quiet([f"./{path}", "--gtest_list_tests"],
                              self.directory(work)).stdout.splitlines():
                words = line.split("  # ")[0].rstrip()
                if not line.startswith(" ") and words.endswith("."):
                    suite = words
                elif suite and "DISABLED_" not in suite + words:
                    found[suite + words.strip()] = self.one(work, path, suite + words.strip())
        return found


class Catch2(Suite):
    """All in one process, which the next test goes on in: Catch2 catches what it can."""

    def serial(self, work):
        found = {}
        for path in self.paths:
            with tempfile.NamedTemporaryFile(suffix=".xml") as file:
                os.chmod(file.name, 0o666)
                quiet([f"./{path}", "-r", "xml", "-o", file.name], self.directory(work),
                      timeout=self.timeout)
                root = ElementTree.parse(file.name).getroot()
            for case in root.iter("TestCase"):
                good = case.find("OverallResult").get("success") == "true"
                found[case.get("name")] = "pass" if good else "fail"
        return found


class Meson(Suite):
    VERDICTS = {"OK": "pass", "EXPECTEDFAIL": "pass", "SKIP": "skip"}

    def serial(self, work):
        where = self.directory(work) / self.paths[0]
        quiet(["meson", "test", "-C", str(where), "--no-rebuild", "--num-processes", "1"],
              self.directory(work), timeout=self.timeout)
        lines = (where / "meson-logs/testlog.json").read_text().splitlines()
        return {test["name"]: self.VERDICTS.get(test["result"], "fail")
                for test in map(json.loads, lines)}


class CTest(Suite):
    VERDICTS = {"run": "pass", "fail": "fail", "notrun": "skip", "disabled": "skip"}

    def serial(self, work):
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            os.chmod(file.name, 0o666)
            quiet(["ctest", "--test-dir", self.paths[0], "-j1", "--output-junit", file.name],
                  self.directory(work), timeout=self.timeout)
            root = ElementTree.parse(file.name).getroot()
        return {case.get("name"): self.VERDICTS[case.get("status")]
                for case in root.iter("testcase")}


class Automake(Suite):
    def named(self, name):
        """Logs are named without what TEST_EXTENSIONS has."""
        return re.sub(r"\.(test|sh)$", "", name)

    VERDICTS = {"PASS": "pass", "XFAIL": "pass", "SKIP": "skip"}

    def serial(self, work):
        """By the .trs files that the test driver writes; XFAIL is as expected, so it passes."""
        found = {}
        for path in self.paths:
            where = self.directory(work) / path
            for old in where.rglob("*.trs"):
                old.unlink()
            quiet(["make", "-k", "-j1", "check"], where, timeout=self.timeout)
            for file in where.rglob("*.trs"):
                results = re.findall(r"^:global-test-result: (\w+)", file.read_text(), re.M)
                name = str(file.relative_to(where))[:-len(".trs")]
                found[name] = self.VERDICTS.get(results[-1] if results else "", "fail")
        return found


class Unittest(Suite):
    """CPython's own, by unittest's own runner, module after module. A test that takes longer than
    PATIENCE seconds, or ends the process, hangs; the rest of its module goes on without it."""

    PATIENCE = 150
    PROGRAM = r"""
import os, sys, unittest
names = sys.argv[2:]
over = {line.split()[1] for line in open(sys.argv[1])}
file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
def tell(what, test):
    os.write(file, f"{what} {test.id()}\n".encode())
class Result(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test); self.verdict = "pass"; tell("hang", test)
    def stopTest(self, test):
        super().stopTest(test); tell(self.verdict, test)
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if not hasattr(test, "test_case"): self.verdict = "skip"
    def addFailure(self, test, err):
        super().addFailure(test, err); self.verdict = "fail"
    def addError(self, test, err):
        super().addError(test, err); self.verdict = "fail"
    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err: self.verdict = "fail"
def left(suite):
    return unittest.TestSuite(left(test) if isinstance(test, unittest.TestSuite) else test
        for test in suite if isinstance(test, unittest.TestSuite) or test.id() not in over)
runner = unittest.TextTestRunner(resultclass=Result, stream=open("/dev/null", "w"))
runner.run(left(unittest.defaultTestLoader.loadTestsFromNames(names)))
"""

    def ends(self, work, file, path):
        """Does it, and before nothing was told for too long?"""
        command = ["/usr/bin/python3", "-c", self.PROGRAM, file, f"test.{Path(path).stem}"]
        with subprocess.Popen(command, cwd=self.directory(work),
                              start_new_session=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while True:
                try:
                    process.wait(5)
                    last = Path(file).read_text().rstrip().rpartition("\n")[2]
                    return not last.startswith("hang ")
                except subprocess.TimeoutExpired:
                    if time.time() - os.stat(file).st_mtime > self.PATIENCE:
                        os.killpg(process.pid, signal.SIGKILL)
                        return False

    def serial(self, work):
        with tempfile.NamedTemporaryFile() as file:
            for path in self.paths:
                while not self.ends(work, file.name, path):
                    pass
            lines = Path(file.name).read_text().splitlines()
        return {name: verdict for verdict, name in map(str.split, lines)}


class Rust(Suite):
    """One test after the other, in one process for each program."""

    VERDICTS = {"ok": "pass", "FAILED": "fail", "ignored": "skip"}

    def serial(self, work):
        found = {}
        for path in self.paths:
            said = quiet([f"./{path}", "--test-threads=1"], self.directory(work),
                         timeout=self.timeout).stdout
            for name, how in re.findall(r"^test (\S+)(?: - should panic)? \.\.\. (\w+)", said, re.M):
                found[name] = self.VERDICTS[how]
        return found


class Go(Suite):
    VERDICTS = {"PASS": "pass", "FAIL": "fail", "SKIP": "skip"}

    def serial(self, work):
        found = {}
        for path in self.paths:
            said = quiet([f"./{path}", "-test.v", "-test.parallel=1"], self.directory(work),
                         timeout=self.timeout).stdout
            for how, name in re.findall(r"^--- (PASS|FAIL|SKIP): (\S+) \(", said, re.M):
                found[name] = self.VERDICTS[how]
        return found


class Bats(Suite):
    def serial(self, work):
        said = quiet(["bats", "--tap", *self.paths], self.directory(work), timeout=self.timeout,
                     env=os.environ | self.variables(work)).stdout
        found = {}
        for bad, name, skip in re.findall(r"^(not )?ok \d+ (.*?)( # skip.*)?$", said, re.M):
            found[name] = "fail" if bad else "skip" if skip else "pass"
        return found


class Make(Suite):
    """mosquitto's: what the target `test` of a Makefile runs, a line of a recipe each."""

    LIST = "make -s -n -C {suite} test | grep '^[.]/'"
    CASE = "cd {suite} && eval {name}"

    def arguments(self):
        return ["--list-command", self.LIST, "--case-command", self.CASE, *super().arguments()]

    def serial(self, work):
        """With make -i, which goes on behind a failure and says that it ignored it."""
        found = {}
        for path in self.paths:
            listed = quiet(["sh", "-c", self.LIST.format(suite=path)], self.directory(work)).stdout
            names, current = set(listed.splitlines()), None
            for line in quiet(["make", "-i", "-j1", "-C", path, "test"], self.directory(work),
                              timeout=self.timeout).stdout.splitlines():
                if line in names:
                    current = line
                    found[current] = "pass"
                elif current and re.match(r"make\[?\d*\]?: \[.*\(ignored\)$", line):
                    found[current] = "fail"
        return found


class UtilLinux(Suite):
    """Its tests/run.sh, which takes names of scripts, too; each by itself."""

    LIST = "find {suite}/ts -type f -executable ! -name '*[.~]*' -printf '%P\\n'"
    CASE = "{suite}/run.sh --parsable --show-diff {name}"
    FAILED = r"\.\.\. FAILED"
    SKIPPED = r"^[^[]*\.\.\. SKIPPED"

    def arguments(self):
        return ["--list-command", self.LIST, "--case-command", self.CASE,
                "--fail-regex", self.FAILED, "--skip-regex", self.SKIPPED, *super().arguments()]

    def one(self, work, name):
        status, output = quiet_or_hanging(
            ["sh", "-c", self.CASE.format(suite=self.paths[0], name=name)], self.directory(work))
        if status != 0 or re.search(self.FAILED, output):
            return "fail"
        return "skip" if re.search(self.SKIPPED, output, re.M) else "pass"

    def serial(self, work):
        listed = quiet(["sh", "-c", self.LIST.format(suite=self.paths[0])], self.directory(work))
        return {name: self.one(work, name) for name in sorted(listed.stdout.splitlines())}


def serially(suite, work, options):
    """({case: verdict}, seconds), without cloche; root has one cell for all of it."""
    began = time.monotonic()
    command = [sys.executable, __file__, str(work), "--alone", suite.name]
    if options.who == "root":
        command = [options.cloche, "exec", "--root=cow", "--ids=full", f"--timeout={2 * 3600}s",
                   "--cpu=2h", "--tmpfs-size=4G", "--", *command]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                         check=False)
    if run.returncode:
        sys.exit(f"{suite.name}: its own runner cannot be run\n{run.stdout[-2000:]}")
    return json.loads(run.stdout), time.monotonic() - began


def under_cloche(suite, work, options, order):
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        os.chmod(file.name, 0o666)
        run = quiet([options.cloche, "run", "--no-journal", "--no-config", "-j8",
                     f"--shuffle={order}", "--report=terminal", f"--report=jsonl={file.name}",
                     *options.world,
                     *(f"--env={name}={value}" for name, value in suite.variables(work).items()),
                     *suite.arguments()], suite.directory(work), timeout=suite.timeout)
        events = [json.loads(line) for line in Path(file.name).read_text().splitlines()]
    found = {event["name"]: event["verdict"] for event in events
             if event["event"] == "case-ended"}
    if not found:
        sys.exit(f"{suite.name}: no case was run\n{run.stdout[-2000:]}")
    if options.save:
        (Path(options.save) / f"{suite.name}-{options.who}-{order}.log").write_text(run.stdout)
    return found


def count(verdicts):
    words = {}
    for verdict in verdicts.values():
        words[verdict] = words.get(verdict, 0) + 1
    return ", ".join(f"{number} {word}" for word, number in sorted(words.items()))


def expected_differences():
    """Lines `SUITE CASE WHY`, with a glob's * in CASE; what they name may fail."""
    patterns = []
    for line in (HERE / "real-suites.expected").read_text().splitlines():
        if line and not line.startswith("#"):
            suite, case, _ = line.split(None, 2)
            patterns.append(re.compile(re.escape(f"{suite} {case}").replace(r"\*", ".*") + "$"))
    return patterns


def compare(suite, work, options, excused):
    serial, alone = serially(suite, work, options)
    seconds, new = [], {}
    for order in range(1, options.orders + 1):
        began = time.monotonic()
        found = {name if name in serial else suite.named(name): verdict for name, verdict
                 in under_cloche(suite, work, options, order).items()}
        seconds.append(time.monotonic() - began)
        for name, verdict in found.items():
            before = serial.get(name)
            if verdict not in GOOD and before not in BAD:
                new.setdefault((name, f"{before} -> {verdict}"), []).append(order)
            elif verdict in GOOD and before in BAD:
                new.setdefault((name, f"{before} -> {verdict}"), []).append(order)
            elif before == "skip" and verdict == "pass" or before == "pass" and verdict == "skip":
                new.setdefault((name, f"{before} -> {verdict}"), []).append(order)
    print(f"| {suite.name} | {options.who} | {len(serial)}: {count(serial)} | {alone:.1f} s | "
          f"{len(found)}: {count(found)} | {min(seconds):.1f} to {max(seconds):.1f} s |", flush=True)
    failures = 0
    for (name, change), orders in sorted(new.items()):
        bad = change.rpartition(" ")[2] not in GOOD
        known = any(pattern.match(f"{suite.name} {name}") for pattern in excused)
        failures += bad and not known
        print(f"    {name}: {change}, in orders {orders}{' (explained)' if known else ''}",
              flush=True)
    missing = set(serial) - set(found)
    if missing:
        print(f"    not run under cloche: {', '.join(sorted(missing)[:8])} "
              f"({len(missing)} in all)", flush=True)
    return failures


SUITES = (
    GoogleTest("cpp-httplib", ["test"], cwd="test"),
    GoogleTest("srt", ["b/test-srt"], cwd="."),
    Catch2("catch2", ["b/projects/SelfTest"]),
    Meson("wayland", ["b"]),
    CTest("json-c", ["b"]),
    CTest("libssh", ["b"]),
    Automake("libdatrie", ["tests"]),
    Automake("libmodbus", ["tests"]),
    Automake("libplist", ["test"]),
    Automake("zeromq3", ["."]),
    Make("mosquitto", ["test/unit", "test/broker", "test/lib", "test/client"]),
    UtilLinux("util-linux", ["tests"], "--timeout=10m"),
    Unittest("cpython", [f"test/test_{name}.py" for name in (
        "posix", "signal", "time", "socket", "subprocess", "multiprocessing_fork")],
        "--kind=unittest"),
    Rust("rust-fd-find", ["target/debug/deps/unit", "target/debug/deps/integration"]),
    Go("golang-fsnotify", ["test"], "--timeout=240", cwd="src/github.com/fsnotify/fsnotify"),
    Go("golang-dns", ["test"], cwd="src/github.com/miekg/dns"),
    Bats("postsrsd", ["run_postsrsd_tests.bats"]),
    Bats("msitools", ["tests/tools.bats", "tests/wixl.bats"],
         environment={"SRCDIR": "{directory}", "BUILDDIR": "{directory}/b"}),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", action="version", version="\n".join(s.name for s in SUITES),
                        help="print the names of all suites")
    parser.add_argument("--orders", type=int, default=5)
    parser.add_argument("--as", dest="who", default="root")
    parser.add_argument("--cloche", default="cloche")
    parser.add_argument("--alone", action="store_true",
                        help="print what the suite's own runner says of each case, and no more")
    parser.add_argument("--save", help="keep what each run printed in this directory")
    options = parser.parse_intermixed_args()
    if options.save:
        Path(options.save).mkdir(parents=True, exist_ok=True)
    # A job in the background may be started with SIGINT ignored, in which CPython's tests of it
    # fail, or wait for a minute each: a handler is not inherited, and the default is back.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options.world = ["--ids=full"] if options.who == "root" else ["--user=me", "--ids=full"]
    known = {suite.name: suite for suite in SUITES}
    for name in options.names:
        if name not in known:
            parser.error(f"there is no suite '{name}'; there are {', '.join(known)}")
    if options.alone:
        json.dump(known[options.names[0]].serial(options.work), sys.stdout)
        return 0
    excused = expected_differences()
    failures = sum(compare(known[name], options.work, options, excused)
                   for name in options.names or known)
    print(f"{failures} failures that the suites alone do not have, and that nothing explains")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
