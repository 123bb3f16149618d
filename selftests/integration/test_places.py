# SPDX-License-Identifier: MIT
"""Directories that a case gets on the machine itself are gone with it, however it ends."""

import uuid
from pathlib import Path

import pytest

from program import processes, wait_for

FILL = """#!/bin/sh
echo "$TMPDIR $TEST_UNDECLARED_OUTPUTS_DIR"
mkdir -p "$TMPDIR/a/b" && echo > "$TMPDIR/a/b/file" && ln -s "$OTHER" "$TMPDIR/a/link"
echo > "$TEST_UNDECLARED_OUTPUTS_DIR/result"
"""
KEPT_BUSY = """
trap '' TERM
sh -c 'while :; do sleep 0.05; done' %s &
echo ready
while :; do sleep 0.05; done
"""
HOSTS = pytest.mark.parametrize("host", ["--root=host", "--no-isolation"])


@pytest.fixture
def fill(cloche):
    """fill(flags, end): a case that fills its directories and then does `end`; its result."""
    other = cloche.cwd / "other"
    other.mkdir(mode=0o777)
    other.chmod(0o777)
    (other / "stays").write_text("")

    def run(flags, end):
        script = cloche.script("fills", FILL + end)
        result = cloche.run(*flags, f"--env=OTHER={other}", script, timeout=60)
        case = result.cases["fills"]
        places = [Path(word) for word in case["output"]["text"].split()[:2]]
        assert all(str(place).startswith("/tmp/cloche-") for place in places), result
        assert not any(place.exists() for place in places)
        assert (other / "stays").exists()
        return case

    return run


@HOSTS
def test_passes(fill, host):
    assert fill([host], "")["verdict"] == "pass"


@HOSTS
def test_kills_itself(fill, host):
    assert fill([host], "kill -KILL $$")["verdict"] == "crash"


@HOSTS
def test_deadline(fill, host):
    """Also when it does not listen, and then none of its processes is left."""
    marker = f"busy-{uuid.uuid4()}"
    case = fill([host, "--timeout=500ms", "--grace=100ms", "--dump=no"], KEPT_BUSY % marker)
    assert case["verdict"] == "timeout" and "ready" in case["output"]["text"]
    wait_for(lambda: not processes(marker), "no process is left")


def test_init_is_killed(fill):
    """By the case itself, which without isolation it can do."""
    assert fill(["--no-isolation"], "kill -KILL $PPID")["verdict"] == "error"
