# SPDX-License-Identifier: MIT
"""Cells die whole: whatever ends the run, nothing of it is left on the machine."""

import ctypes
import json
import os
import shutil
import signal
import time
import uuid
from pathlib import Path

import pytest

from program import COVERAGE, processes, wait_for

pytestmark = pytest.mark.alone
CASES = 50
OF_EACH = 5  # processes: the test, two children in sessions of their own, and their children


def mounts():
    return Path("/proc/self/mountinfo").read_text().splitlines()


def temporary():
    """Only what is cloche's: others use these directories at the same time, other tests too."""
    return {path for directory in ("/tmp", "/dev/shm", "/var/tmp", "/run")
            for path in Path(directory).glob("*cloche*")
            if not path.name.startswith(("cloche-integration-", "cloche-work-"))}


@pytest.fixture
def alive(cloche):
    """alive(count): a run of `count` cases that do all they can to be alive; then all are checked
    to be gone, and with them what else a cell has."""
    marker = f"sleeper-{uuid.uuid4()}"

    def start(*flags, count=CASES, name="sleeps/*", suite="sleeping"):
        process = cloche.popen(cloche.path, "run", f"-j{count}", f"--name={name}", "--grace=200ms",
                               "--env=MARKER", *flags, cloche.sample(suite),
                               env={"MARKER": marker})
        expected = count * (OF_EACH if name == "sleeps/*" else 1)
        wait_for(lambda: len(processes(marker)) == expected or process.poll() is not None,
                 f"{expected} processes are alive")
        assert process.poll() is None, process.communicate()
        return process

    start.marker = marker
    yield start
    for pid in processes(marker):
        os.kill(pid, signal.SIGKILL)


def all_gone(cloche, alive, before):
    wait_for(lambda: not processes(alive.marker), "no process is left")
    # Zygotes and inits have the suite's name in their command line.
    wait_for(lambda: not processes(str(cloche.sample("sleeping"))), "no zygote or init is left")
    nothing_left(before)


def nothing_left(before):
    wait_for(lambda: set(mounts()) <= set(before[0]), "no mount is left")
    if COVERAGE:  # of suites that are themselves covered, their data are left for whom wants them
        for path in temporary() - before[1]:
            shutil.rmtree(path, ignore_errors=True)
    wait_for(lambda: temporary() <= before[1], "no temporary directory is left")


@pytest.fixture
def before(stage, work):
    return mounts(), temporary()


def end(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out.decode(), err.decode()


def test_keeper_is_killed(cloche, before, alive):
    """Nobody is left to clean up: the kernel does."""
    process = alive()
    process.kill()
    assert process.wait() == -signal.SIGKILL
    all_gone(cloche, alive, before)


def test_keeper_and_zygote_are_killed(cloche, before, alive):
    process = alive(count=10)
    for pid in {process.pid, *processes("--cloche-zygote")}:
        if pid == process.pid or parent(pid) == process.pid:
            os.kill(pid, signal.SIGKILL)
    all_gone(cloche, alive, before)


def parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_keeper_is_killed_while_cells_start(cloche, before, alive):
    """Sent at some moment between the first cell and the last."""
    for delay in (0.0, 0.02, 0.05, 0.1):
        process = cloche.popen(cloche.path, "run", "-j50", "--name=sleeps/*", "--env=MARKER",
                               cloche.sample("sleeping"), env={"MARKER": alive.marker})
        wait_for(lambda: processes(alive.marker) or process.poll() is not None, "the first is alive")
        time.sleep(delay)
        process.kill()
        process.wait()
        all_gone(cloche, alive, before)


def test_ctrl_c_once(cloche, before, alive):
    """To the whole process group, as a terminal does it. Who is deaf to SIGTERM gets SIGKILL."""
    process = alive("--report=jsonl")
    os.killpg(process.pid, signal.SIGINT)
    status, out, err = end(process)
    assert status == 130, (out, err)
    assert out.count('"reason":"interrupted"') == CASES
    all_gone(cloche, alive, before)


def test_ctrl_c_once_is_polite(cloche, before, alive):
    """Who listens to SIGTERM ends by it, long before the grace is over."""
    process = alive("--report=jsonl", "--grace=1000", count=1, name="sleeps_politely")
    os.killpg(process.pid, signal.SIGINT)
    status, out, err = end(process)
    assert status == 130 and '"signal":"SIGTERM"' in out, (out, err)
    all_gone(cloche, alive, before)


def test_ctrl_c_twice(cloche, before, alive):
    """At once: the grace would be far longer than anyone waits."""
    process = alive("--grace=1000")
    os.killpg(process.pid, signal.SIGINT)
    assert b"Starting" in process.stdout.readline()
    assert b"interrupted: asking 50 running cases to end; again to end them at once" in \
        process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    status, out, err = end(process)
    assert status == 130, (out, err)
    all_gone(cloche, alive, before)


def test_deadline(cloche, before, alive):
    result = cloche.run("-j10", "--name=sleeps/1*", "--timeout=500ms", "--grace=100ms",
                        "--env=MARKER", cloche.sample("sleeping"), env={"MARKER": alive.marker})
    assert result.status == 100, result
    assert set(result.verdicts.values()) == {"timeout"} and len(result.verdicts) == 10
    all_gone(cloche, alive, before)


def test_zygote_is_killed(cloche, before, alive):
    """What it made lives on to its end; what it should still make is an error, and says so."""
    process = alive("--report=jsonl", "-j1", "--timeout=2", count=1)
    (zygote,) = [pid for pid in processes("--cloche-zygote") if parent(pid) == process.pid
                 and Path(f"/proc/{pid}/comm").read_text() == "cloche-zygote\n"]
    os.kill(zygote, signal.SIGKILL)
    status, out, err = end(process)
    assert status == 100, (out, err)
    died = "zygote: cannot make a cell: Broken pipe (EPIPE); the suite's program died; it may " \
        "not be killed, and must not use threads before main"
    reasons = [event["reason"] for event in map(json.loads, out.splitlines())
               if event["event"] == "case-ended"]
    assert len(reasons) == CASES and set(reasons) == {died, "ran into its deadline of 2 s"}
    all_gone(cloche, alive, before)


# A change of init's ids takes away what PR_SET_PDEATHSIG has set, prctl(2).
@pytest.mark.parametrize("flags", ([], ["--ids=full", "--user=me"]), ids=("root", "me"))
def test_exec_is_killed(cloche, before, alive, flags):
    process = cloche.popen(cloche.path, "exec", *flags, "--", "/bin/bash", "-c",
                           f"exec -a {alive.marker} sleep 1000 & setsid bash -c 'trap \"\" TERM; "
                           f"exec -a {alive.marker} sleep 1000' & wait")
    wait_for(lambda: len(set(processes(alive.marker)) & sleepers()) == 2, "both are alive")
    process.kill()
    process.wait()
    all_gone(cloche, alive, before)


def sleepers():
    found = set()
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text() == "sleep\n":
                found.add(int(path.parent.name))
        except OSError:
            pass
    return found


def watched_pipes(pid):
    """What the keeper reads from: the pipes in its epoll set, as inodes and descriptors."""
    found = {}
    for fdinfo in Path(f"/proc/{pid}/fdinfo").iterdir():
        for line in fdinfo.read_text().splitlines():
            if line.startswith("tfd:"):
                fd = int(line.split()[1])
                target = os.readlink(f"/proc/{pid}/fd/{fd}")
                if target.startswith("pipe:"):
                    found[target] = fd
    return found


def copy_of(pid, fd):
    """A copy of a descriptor of another process, pidfd_getfd(2)."""
    pidfd = os.pidfd_open(pid)
    copy = ctypes.CDLL(None, use_errno=True).syscall(438, pidfd, fd, 0)
    assert copy >= 0, os.strerror(ctypes.get_errno())
    os.close(pidfd)
    return copy


def test_copies_of_its_pipes(cloche, before, alive):
    """A pipe of a case that is over goes on to be reported by epoll(7) as long as somebody else has
    a copy, as children have before they exec; nobody may be told then."""
    scripts = [cloche.script(name, f"#!/bin/bash\nexec -a {alive.marker}-{name} sleep 1000\n")
               for name in ("first", "second")]
    process = cloche.popen(cloche.path, "run", "--report=jsonl", "-j2", *scripts)
    wait_for(lambda: len(set(processes(alive.marker)) & sleepers()) == 2, "both are alive")
    wait_for(lambda: len(watched_pipes(process.pid)) >= 2, "their pipes are watched")
    pipes = {name: copy_of(process.pid, fd) for name, fd in watched_pipes(process.pid).items()}
    (first,) = set(processes(f"{alive.marker}-first")) & sleepers()
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: b"case-ended" in process.stdout.readline(), "the first has ended")
    gone = set(pipes) - set(watched_pipes(process.pid))
    assert gone
    for name in gone:
        with open(f"/proc/self/fd/{pipes[name]}", "wb", buffering=0) as end_of_pipe:
            end_of_pipe.write(b"nobody reads this\n")
    (second,) = set(processes(f"{alive.marker}-second")) & sleepers()
    os.kill(second, signal.SIGKILL)
    status, out, err = end(process)
    for copy in pipes.values():
        os.close(copy)
    assert status == 100 and not err and "nobody reads" not in out, (status, out, err)
    assert out.count('"signal":"SIGKILL"') == 1
    all_gone(cloche, alive, before)


def test_after_a_run_nothing_is_left(cloche, before, alive):
    """Of one that goes well, either."""
    result = cloche("run", "--output=never", cloche.sample("dying"), "--skip=ignores*")
    assert result.status == 100, result
    nothing_left(before)
    assert not processes(str(cloche.sample("dying")))
