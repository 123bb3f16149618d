# SPDX-License-Identifier: MIT
"""What the tests of virtual clocks have in common: programs of helpers/, and times."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

HELPERS = Path(__file__).parent / "helpers"
START = "2038-01-19T03:00:00Z"
START_S = 2147482800
SLACK = 600  # seconds; no test is that slow

COMPILERS = {
    "c": ["gcc", "-O1", "-pthread"],
    "static": ["gcc", "-O1", "-pthread", "-static"],
    "musl": ["musl-gcc", "-O1", "-static"],
    "musl-dynamic": ["musl-gcc", "-O1"],
    "asan": ["gcc", "-O1", "-pthread", "-fsanitize=address"],
    "tsan": ["gcc", "-O1", "-pthread", "-fsanitize=thread"],
    "go": ["go", "build"],
    "rust": ["rustc", "-O"],
}
SUFFIXES = {"go": ".go", "rust": ".rs"}


def build(directory, name, how="c", *flags):
    """The program of helpers/NAME, built once in this directory."""
    source = HELPERS / (name + SUFFIXES.get(how, ".c"))
    target = directory / f"{name}-{how}"
    if target.exists():
        return target
    compiler = COMPILERS[how]
    if not shutil.which(compiler[0]):
        pytest.skip(f"there is no {compiler[0]}")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GO111MODULE": "off",
                   "GOCACHE": str(directory / "gocache"), "HOME": str(directory)}
    subprocess.run([*compiler, *flags, "-o", target, source], check=True, cwd=directory,
                   env=environment)
    return target


def is_about(value, expected):
    """Clocks go on while a test runs."""
    return expected <= float(value) < expected + SLACK


def wall(cloche, *command, start=START, flags=(), **arguments):
    """cloche exec with a wall clock."""
    return cloche("exec", f"--wall={start}", *flags, "--", *command, **arguments)


def shell(cloche, script, **arguments):
    return wall(cloche, "/bin/sh", "-c", script, **arguments)


def host_is_left_alone():
    """A check at the end: the machine's wall clock went on as its monotonic one."""
    before = time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)

    def check():
        after = time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
        assert abs(after - before) < 60
    return check
