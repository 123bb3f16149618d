# SPDX-License-Identifier: MIT
"""The program under test: how it is started, what it did, and how to wait for something."""

import json
import os
import pwd
import re
import signal
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CLOCHE_BUILD", TOP / "build")).resolve()
# Seconds until something that should have happened counts as missing.
PATIENCE = int(os.environ.get("CLOCHE_TEST_PATIENCE", 120))


def cache_value(name):
    """A value of the build's CMake cache, or ""."""
    for line in (BUILD / "CMakeCache.txt").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split("=", 1)[1]
    return ""


SOURCE = Path(cache_value("CMAKE_HOME_DIRECTORY") or TOP)
FLAGS = cache_value("CMAKE_C_FLAGS").split()
SANITIZED = any(flag.startswith("-fsanitize") for flag in FLAGS)
COVERAGE = "--coverage" in FLAGS


def reports():
    """The names of all reports, as --help has them."""
    text = subprocess.run([BUILD / "cloche", "run", "--help"], capture_output=True, text=True,
                          check=True).stdout
    return re.split(r",\s+", re.search(r"one of ([a-z,\s]+),\s+to\s+FILE", text)[1])


def incomplete(place, why):
    """A pattern of the sentence, with its cure, for a report that could not be written."""
    return f"cloche: the report {re.escape(place)} is not complete: {why}; " \
        rf"'cloche replay \d+T\d+-[0-9a-f]+ --report={place.split('=')[0]}=FILE' writes it again\n"


def wait_for(condition, what):
    """Wait until condition() gives something true, which is returned."""
    end = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"waited for {PATIENCE} s, and still not: {what}"
        time.sleep(0.01)


def processes(marker):
    """The pids of all processes, in whatever namespaces, that have the marker in a word of theirs."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:  # it has just ended
            pass
    return found


class Who:
    """Whom the program is run as: ourselves, or from root somebody ordinary."""

    def __init__(self, name):
        self.name = name
        self.is_root = name == "root"
        if self.is_root or os.geteuid() != 0:
            self.entry = pwd.getpwuid(os.geteuid())
            self.arguments = {}
        else:
            self.entry = pwd.getpwnam(os.environ.get("CLOCHE_TEST_USER", "clochetest"))
            self.arguments = {"user": self.entry.pw_uid, "group": self.entry.pw_gid,
                              "extra_groups": []}
        self.uid, self.gid = self.entry.pw_uid, self.entry.pw_gid

    def owns(self, path):
        """Give a path that we made to them."""
        if self.arguments:
            os.chown(path, self.uid, self.gid)
        return path

    def __repr__(self):
        return self.name


class Result:
    """What a program that has ended did."""

    def __init__(self, command, status, out, err):
        self.command, self.status = command, status
        self.raw_out, self.raw_err = out, err
        self.out = out.decode("utf-8", "backslashreplace")
        self.err = err.decode("utf-8", "backslashreplace")

    def __repr__(self):
        return (f"{' '.join(map(str, self.command))}\nstatus {self.status}\n"
                f"--- stdout\n{self.out[-6000:]}\n--- stderr\n{self.err[-6000:]}")

    @property
    def events(self):
        """The JSON lines of `--report jsonl`."""
        return [json.loads(line) for line in self.raw_out.splitlines() if line.startswith(b"{")]

    @property
    def cases(self):
        """Ended cases by name; with --repeat the last one."""
        return {event["name"]: event for event in self.events if event["event"] == "case-ended"}

    @property
    def verdicts(self):
        return {name: event["verdict"] for name, event in self.cases.items()}


class Program:
    """cloche, as `who`, in a working directory of the test's own; ends what is still running."""

    def __init__(self, stage, who, cwd, state):
        self.stage, self.who, self.cwd, self.state = stage, who, cwd, state
        self.path = stage / "cloche"
        self.started = []

    def sample(self, name):
        return self.stage / name

    def environment(self, more):
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
                       "HOME": self.who.entry.pw_dir, "USER": self.who.entry.pw_name,
                       "CLOCHE_STATE_DIR": str(self.state)}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "GCOV_PREFIX",
                     "GCOV_ERROR_FILE"):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment.update(more or {})
        return {name: value for name, value in environment.items() if value is not None}

    def popen(self, *command, env=None, cwd=None, **arguments):
        """Start any command as `who`, in a process group of its own."""
        for name in ("stdin", "stdout", "stderr"):
            arguments.setdefault(name, subprocess.DEVNULL if name == "stdin" else subprocess.PIPE)
        process = subprocess.Popen([str(word) for word in command], env=self.environment(env),
                                   cwd=cwd or self.cwd, start_new_session=True,
                                   **self.who.arguments, **arguments)
        self.started.append(process)
        return process

    def command(self, *command, stdin=None, timeout=PATIENCE, **arguments):
        """Run any command as `who` to its end."""
        if stdin is not None:
            arguments["stdin"] = subprocess.PIPE
        process = self.popen(*command, **arguments)
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            result = Result(command, "none: it hung", out or b"", err or b"")
            raise AssertionError(repr(result)) from None
        return Result(command, process.returncode, out or b"", err or b"")

    def __call__(self, *words, **arguments):
        """Run cloche."""
        return self.command(self.path, *words, **arguments)

    def run(self, *words, **arguments):
        """cloche run, reported as JSON lines."""
        return self("run", "--report=jsonl", *words, **arguments)

    def lines(self, name):
        """The JSON lines in a file of the working directory."""
        return [json.loads(line) for line in (self.cwd / name).read_text().splitlines()]

    def script(self, name, text, mode=0o755):
        """An executable of that text in the working directory."""
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        for made in (path, path.parent):
            self.who.owns(made)
        return path

    def end(self):
        for process in self.started:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    stream.close()
