# SPDX-License-Identifier: MIT
"""Every exit code of run and list. Those of exec are in test_exec.py, 97 in test_refusals.py."""

import os
import re
import signal

import pytest

from program import incomplete, processes, reports, wait_for


def test_0_all_passed_or_skipped(cloche):
    cloche.script("suites/passes", "#!/bin/sh\n")
    cloche.script("suites/skips", "#!/bin/sh\nexit 77\n")
    result = cloche("run", "suites")
    assert result.status == 0, result
    assert result.out.endswith("2 cases run: 1 passed, 1 skipped\n")


@pytest.mark.parametrize("text", ("exit 1", "exit 99", "kill -SEGV $$", "echo 1..2; echo ok",
                                  "sleep 1000"))
def test_100_a_case_failed(cloche, text):
    """Whatever it failed by."""
    cloche.script("suites/passes", "#!/bin/sh\n")
    cloche.script("suites/other", f"#!/bin/sh\n{text}\n")
    result = cloche("run", "--timeout=0.5", "suites")
    assert result.status == 100, result
    assert " 2 cases run: 1 passed, 1 " in result.out


def test_4_nothing_to_run(cloche, build_suite):
    empty = build_suite("empty", "#include <cloche.h>\nCLOCHE_NOTE\n")
    for command in ("run", "list"):
        result = cloche(command, empty)
        assert result.status == 4, result
        assert result.err == "cloche: there is no case in these suites\n"


@pytest.mark.parametrize("words", (
    ["run"], ["list"], ["run", "--jobs"], ["run", "--report=nothing", "/bin/true"], ["frob"], ["--frob"]))
def test_96_set_up(cloche, words):
    result = cloche(*words)
    assert result.status == 96 and not result.out and result.err.startswith("cloche: "), result


def test_104_listing_failed(cloche):
    for command in ("run", "list"):
        result = cloche(command, "./missing")
        assert result.status == 104, result
        assert result.err == "cloche: './missing' does not exist; was it built?\n"


@pytest.mark.parametrize("report", reports())
def test_110_a_report_cannot_be_written(cloche, report):
    """The disk is full: cases run, other reports are written, and this one's loss is told."""
    suite = cloche.script("leaks", "#!/bin/sh\nsleep 1000 &\n")  # every report tells that
    result = cloche("run", f"--report={report}=/dev/full", "--report=jsonl", suite)
    assert result.status == 110, result
    assert result.verdicts == {"leaks": "leak"}
    assert re.fullmatch(incomplete(f"{report}=/dev/full", "No space left on device"), result.err), result


def test_110_the_caller_s_limit_on_files(cloche):
    """SIGXFSZ, of ulimit -f, would end the run; the case has it as ever, and a limit of its own."""
    suite = cloche.script("passes", "#!/bin/sh\ngrep SigIgn /proc/self/status\nseq 100000\n")
    result = cloche.command("/bin/sh", "-c", 'ulimit -S -f 256; exec "$@"', "sh", cloche.path, "run",
                            "--no-journal", "--report=libtest=file", "--report=jsonl", suite)
    assert result.status == 110 and result.verdicts == {"passes": "pass"}, result
    assert "0000000000000000" in result.cases["passes"]["output"]["text"], result
    assert result.err == ("cloche: the report libtest=file is not complete: File too large; write it "
                          "elsewhere with --report=libtest=FILE\n")


def test_110_without_a_journal(cloche):
    suite = cloche.script("passes", "#!/bin/sh\n")
    result = cloche("run", "--no-journal", "--report=tap=/dev/full", suite)
    assert (result.status, result.err) == (
        110, "cloche: the report tap=/dev/full is not complete: No space left on device; write it "
        "elsewhere with --report=tap=FILE\n")


def test_110_standard_output_is_full(cloche):
    suite = cloche.script("passes", "#!/bin/sh\n")
    for words in (["run", suite], ["list", suite], ["runs"], ["top"], ["--help"],
                  ["--version"], ["run", "--help"]):
        with open("/dev/full", "wb") as full:
            result = cloche(*words, stdout=full)
        assert result.status == 110, result
        assert result.err.startswith("cloche: ") and "No space left on device" in result.err


@pytest.mark.parametrize("closed, status, err", (
    ("<&-", 0, ""),
    ("2>&-", 0, ""),
    (">&-", 110, "cloche: the report terminal is not complete: Bad file descriptor; write it "
                 "elsewhere with --report=terminal=FILE\n"),
    ("<&- >&- 2>&-", 110, "")))
def test_closed_descriptors(cloche, closed, status, err):
    """Nothing of the run's own gets the number of one that is closed, and the report in it."""
    suite = cloche.script("passes", "#!/bin/sh\n")
    result = cloche.command("/bin/sh", "-c", f'exec "$@" {closed}', "sh", cloche.path, "run",
                            "--no-journal", "--report=terminal", "--report=jsonl=events", suite)
    assert (result.status, result.err) == (status, err), result
    assert cloche.lines("events")[-1]["pass"] == 1


def test_100_is_before_110(cloche):
    suite = cloche.script("fails", "#!/bin/sh\nexit 1\n")
    assert cloche("run", "--report=tap=/dev/full", suite).status == 100


@pytest.mark.parametrize("name", ("SIGINT", "SIGTERM", "SIGHUP"))
def test_130_interrupted(cloche, name):
    """What runs is asked to end and told of, what does not run yet is counted."""
    for i in range(3):
        cloche.script(f"suites/s{i}", "#!/bin/sh\ntrap 'echo asked; exit' TERM\n"
                      "while :; do sleep 0.02; done\n")
    process = cloche.popen(cloche.path, "run", "-j1", "--report=tap", "suites")
    wait_for(lambda: processes(f"{cloche.cwd}/suites/s0"), "the first case runs")
    os.kill(process.pid, getattr(signal, name))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert b"# interrupted: asking 1 running cases to end; again to end them at once\n" in out
    assert b"Bail out! 2 cases were not run\n" in out


def test_a_status_for_runs_in_which_all_was_skipped(cloche, build_suite):
    suite = build_suite("skipping", '''
#include <cloche.h>
TEST(one) { skip("not here"); }
TEST(two) { skip("nor there"); }
TEST(passes) {}
TEST(fails) { fail("no"); }
''')
    def status(*words):
        return cloche("run", "--skip-status=77", suite, *words).status
    assert status("--exact=one", "--exact=two") == 77
    assert status("--exact=one", "--exact=passes") == 0
    assert status("--exact=one", "--exact=fails") == 100
    assert status("--exact=one", "--report=tap=/dev/full") == 110
    assert cloche("run", suite, "--exact=one").status == 0
    assert cloche.command(suite, "--skip-status", "3", "--exact=one").status == 3
    refused = cloche("run", "--skip-status=256", suite)
    assert (refused.status, refused.err) == (
        96, "cloche: --skip-status is a number from 1 to 255, not 256\n")
