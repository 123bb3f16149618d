# SPDX-License-Identifier: MIT
"""The demo: twenty cases that fight over one of everything."""

import pytest


@pytest.mark.parametrize("jobs", (1, 8, 20))
def test_side_by_side(cloche, jobs):
    result = cloche.run(f"-j{jobs}", "--shuffle", cloche.sample("demo"))
    assert result.status == 0, result
    assert list(result.verdicts.values()) == ["pass"] * 20


def test_in_one_world(cloche):
    """They really fight, and what they do would be seen: as root of one cell."""
    result = cloche("exec", "--", cloche.sample("demo"), "-j20", "--no-isolation",
                    "--report=jsonl")
    assert result.status == 100, result
    assert list(result.verdicts.values()).count("fail") >= 19
    failures = [failure["expression"] for case in result.cases.values()
                for failure in case["failures"]]
    for what in ("bind(", "shmget(", "EXPECT_STR(found, ==, "):
        assert any(what in expression for expression in failures), what


def test_scripts_side_by_side(cloche):
    """The same for programs that know nothing of cells."""
    for i in range(12):
        cloche.script(f"suites/s{i}", f"""#!/usr/bin/python3
import os, socket, time
server = socket.create_server(("127.0.0.1", 80))
open("state", "w").write("{i}")
open("/tmp/lock", "x").close()
socket.socket(socket.AF_UNIX).bind("\\0abstract")
time.sleep(0.1)
assert open("state").read() == "{i}"
assert os.getpid() == 2
""")
    result = cloche.run("-j12", "suites")
    assert result.status == 0, result
    assert len(result.verdicts) == 12
    assert [path.name for path in cloche.cwd.iterdir()] == ["suites"]
