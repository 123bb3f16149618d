# SPDX-License-Identifier: MIT
"""Runtest files of the Linux Test Project. Debian has no LTP: the programs are stand-ins, which end
with the statuses and print the lines that those of LTP do (tst_res_flags.h)."""

import pytest

RUNTEST = """# a comment
  # another one

fail01 fail01 -x
conf01 conf01
brok01 brok01
warn01 warn01
pass01   echo "it is '$LTPROOT'" | grep -q ltp && pwd | grep -q testcases/bin
many_fail brok01; exit 3
none01 no-such-program
"""


@pytest.fixture
def ltp(cloche):
    """An installed LTP, with a few programs."""
    for name, status, text in (("fail01", 1, "fail01.c:42: TFAIL: got 1, expected 2"),
                               ("conf01", 32, "conf01.c:7: TCONF: needs a newer kernel"),
                               ("brok01", 3, "brok01.c:9: TBROK: mount() failed: EPERM (1)"),
                               ("warn01", 4, "warn01.c:5: TWARN: cannot remove x")):
        cloche.script(f"ltp/testcases/bin/{name}",
                      f"#!/bin/sh\necho 'tst_test.c:1: TINFO: $*'\necho '{text}'\nexit {status}\n")
    path = cloche.cwd / "ltp/runtest/some"
    path.parent.mkdir()
    path.write_text(RUNTEST)
    return path


def test_cases(cloche, ltp):
    result = cloche.run(ltp)
    assert result.verdicts == {"fail01": "fail", "conf01": "skip", "brok01": "error",
                               "warn01": "fail", "pass01": "pass", "many_fail": "error",
                               "none01": "error"}
    assert {name: case["reason"] for name, case in result.cases.items()} == {
        "fail01": "got 1, expected 2", "conf01": "needs a newer kernel",
        "brok01": "mount() failed: EPERM (1)", "warn01": "cannot remove x", "pass01": "",
        "many_fail": "mount() failed: EPERM (1)", "none01": "exit status 127"}
    (failure,) = result.cases["fail01"]["failures"]
    assert (failure["file"], failure["line"]) == ("fail01.c", 42)
    assert (result.cases["conf01"]["file"], result.cases["conf01"]["line"]) == (str(ltp), 5)


def test_directory(cloche, ltp):
    """Of all of LTP: the runtest files in it, and no program by itself that is named there."""
    assert set(cloche.run(ltp.parent).verdicts) == \
        {"fail01", "conf01", "brok01", "warn01", "pass01", "many_fail", "none01"}


@pytest.mark.parametrize("path, below", [("some", "ltp/runtest"), ("./some", "ltp/runtest"),
                                         ("runtest/some", "ltp"), (".", "ltp/runtest")])
def test_named_from_within(cloche, ltp, path, below):
    assert len(cloche.run(path, cwd=cloche.cwd / below).verdicts) == 7


def test_file_elsewhere(cloche, ltp):
    """It is one when that is said, and LTPROOT says where the programs are."""
    other = cloche.cwd / "mine"
    other.write_text("fail01 fail01\n")
    root = {"LTPROOT": str(ltp.parents[1])}
    assert cloche.run("--kind=ltp", other, env=root).verdicts == {"fail01": "fail"}
    lost = cloche("list", "--kind=ltp", other, env={"LTPROOT": "/none"})
    assert lost.status == 104
    assert "there is no '/none/testcases/bin'; say where LTP is by the variable LTPROOT" in lost.err


@pytest.mark.parametrize("text, why", [(b"ok true\nalone\n", "line 2, 'alone', has no command"),
                                       (b"a b\0c\n", "line 1 is no text")])
def test_what_is_no_runtest_file(cloche, ltp, text, why):
    ltp.write_bytes(text)
    result = cloche("list", "--kind=ltp", ltp)
    assert result.status == 104 and why in result.err
