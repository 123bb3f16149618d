# SPDX-License-Identifier: MIT
"""Wall clocks of a cell's own at their edges: programs of 32 bits, and in numbers."""

import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "helpers" / "clocks.c"
WALL = "--wall=2030-01-01T00:00:00Z"
FLAVOURS = {
    "64": ["-m64"],
    "64-static": ["-m64", "-static"],
    "32": ["-m32"],
    "32-static": ["-m32", "-static"],
    "32-wide": ["-m32", "-D_FILE_OFFSET_BITS=64", "-D_TIME_BITS=64"],
}


@pytest.fixture(scope="module", params=FLAVOURS)
def clocks(request, stage):
    """The program in clocks.c, in one of its flavours."""
    target = stage / f"clocks-{request.param}"
    subprocess.run(["gcc", "-O1", "-g", "-pthread", *FLAVOURS[request.param], SOURCE, "-o", target,
                    "-lrt"], check=True)
    return target


def test_a_program_reads_and_sets_the_clock(cloche, clocks):
    result = cloche("exec", WALL, "--", clocks, "read")
    assert (result.status, result.out) == (0, ""), result


def test_a_program_waits_by_the_clock(cloche, clocks):
    result = cloche("exec", WALL, "--", clocks, "wait")
    assert (result.status, result.out) == (0, ""), result


def test_nothing_is_lost_in_a_storm(cloche, clocks):
    result = cloche("exec", WALL, "--timeout=20m", "--", clocks, "storm", "100", timeout=1200)
    assert result.status == 0, result
    assert result.out.startswith("waits "), result


def test_signals_interrupt_waits_while_the_clock_jumps(cloche, clocks):
    result = cloche("exec", WALL, "--timeout=20m", "--", clocks, "signals", "100", timeout=1200)
    assert (result.status, result.out) == (0, ""), result
