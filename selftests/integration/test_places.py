# SPDX-License-Identifier: MIT
"""Directories that a case gets on the machine itself are gone with it, however it ends."""

import json
import signal
import uuid
from pathlib import Path

import pytest

from program import PATIENCE, processes, wait_for

FILL = """#!/bin/sh
echo "$TMPDIR $TEST_UNDECLARED_OUTPUTS_DIR"
mkdir -p "$TMPDIR/a/b" && echo > "$TMPDIR/a/b/file" && ln -s "$OTHER" "$TMPDIR/a/link"
echo > "$TEST_UNDECLARED_OUTPUTS_DIR/result"
"""
KEPT_BUSY = """
trap '' TERM
sh -c 'while :; do sleep 0.05; done' %s &
echo > "$OTHER/ready"
while :; do sleep 0.05; done
"""
HOSTS = pytest.mark.parametrize("host", ["--root=host", "--no-isolation"])


@pytest.fixture
def fill(cloche):
    """fill(flags, end): a case that fills its directories and then does `end`; its result. With
    `interrupt`, the run is interrupted when the case is ready."""
    other = cloche.cwd / "other"
    other.mkdir(mode=0o777)
    other.chmod(0o777)
    (other / "stays").write_text("")

    def run(flags, end, interrupt=False):
        script = cloche.script("fills", FILL + end)
        process = cloche.popen(cloche.path, "run", "--report=jsonl", *flags,
                               f"--env=OTHER={other}", script)
        if interrupt:
            wait_for((other / "ready").exists, "the case is ready")
            process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE)
        ended = [json.loads(line) for line in out.splitlines() if b'"case-ended"' in line]
        [case] = ended
        places = [Path(word) for word in case["output"]["text"].split()[:2]]
        assert places and all(str(place).startswith("/tmp/cloche-") for place in places), case
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
def test_does_not_listen(fill, host):
    """When it is asked to end, as at a deadline; and then none of its processes is left."""
    marker = f"busy-{uuid.uuid4()}"
    case = fill([host, "--timeout=1h", "--grace=100ms"], KEPT_BUSY % marker, interrupt=True)
    assert case["verdict"] == "error"
    wait_for(lambda: not processes(marker), "no process is left")


def test_init_is_killed(fill):
    """By the case itself, which without isolation it can do."""
    assert fill(["--no-isolation"], "kill -KILL $PPID")["verdict"] == "error"
