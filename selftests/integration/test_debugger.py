# SPDX-License-Identifier: MIT
"""One case under a debugger or a tracer, in its cell."""

import os
import pty
import re
import select
import shutil
import uuid
from pathlib import Path

import pytest

from program import wait_for

pytestmark = pytest.mark.plain  # LeakSanitizer does not work under ptrace(2)

SUITE = r"""
#include <cloche.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TEST(knows_its_host, .hostname = "moon", .timeout = 1, .uptime = days(40))
{
	char name[64] = "";

	EXPECT_OK(gethostname(name, sizeof(name)));
	EXPECT_STR(name, ==, "moon");
}

TEST(fails)
{
	EXPECT(1, ==, 2);
}

TEST(dies_as_expected, .expect_signal = SIGABRT)
{
	abort();
}

TEST(reads)
{
	char answer[16] = "";

	EXPECT(read(0, answer, sizeof(answer)), ==, 3);
	EXPECT_STR(answer, ==, "yes");
}

TEST(name_with$dollar)
{
}
"""


@pytest.fixture
def suite(cloche, build_suite):
    """In the working directory, where its source is too."""
    built = build_suite("debugged", SUITE)
    for name in ("debugged", "debugged.c"):
        shutil.copy(built.parent / name, cloche.cwd / name)
        cloche.who.owns(cloche.cwd / name)
    return cloche.cwd / "debugged"


def test_gdb(cloche, suite):
    """It is in the cell, finds the program and the source, and stops in the test's body."""
    result = cloche("run", "--exact=knows_its_host", "--debugger",
                    "gdb -q -batch -ex 'break gethostname' -ex run -ex 'bt 2' -ex 'finish' "
                    "-ex 'print (char *)$rdi' -ex 'list cloche_test_knows_its_host' -ex continue --args", suite)
    assert result.status == 0, result
    assert "#1 " in result.out and " in cloche_test_knows_its_host () at " in result.out
    assert 'EXPECT_STR(name, ==, "moon");' in result.out, "the source was found"
    assert "exited normally" in result.out
    assert "Starting 1 case" not in result.out and not re.search("PASS|FAIL", result.out), \
        "nothing is reported where the debugger writes"


def test_strace(cloche, suite):
    result = cloche("run", "--exact=knows_its_host", "--tracer", "strace -f -e trace=uname", suite)
    assert result.status == 0, result
    assert 'nodename="moon"' in result.err, "it traces, and in the world of the case"


def test_tracer_writes_in_the_cell(cloche, suite):
    """Where the test has its temporary files: variables mean what they mean there."""
    cloche.script("shows", "#!/bin/sh\nstrace -f -o \"$TEST_TMPDIR/trace\" \"$@\"\n"
                  "grep -c uname \"$TEST_TMPDIR/trace\"\n")
    result = cloche("run", "--exact=knows_its_host", "--tracer", str(cloche.cwd / "shows"), suite)
    assert result.status == 0 and int(result.out) > 0, result
    result = cloche("run", "--exact=knows_its_host", "--tracer",
                    "strace -f -o $TEST_TMPDIR/trace", suite)
    assert result.status == 0 and result.err == "2 checks, 0 failures\n", result


@pytest.mark.parametrize("case, status", [("fails", 100), ("dies_as_expected", 0)])
def test_status(cloche, suite, case, status):
    result = cloche("run", f"--exact={case}", "--tracer", "strace -o /dev/null", suite)
    assert result.status == status, result
    if status:
        assert "EXPECT(1, ==, 2)" in result.err


def test_no_deadline_and_input(cloche, suite):
    """The case has one of a second; what it prints, and reads, is the caller's."""
    result = cloche("run", "--exact=knows_its_host", "--timeout=200ms", "--tracer",
                    "sh -c 'sleep 2; exec \"$@\"' sh", suite)
    assert result.status == 0, result
    result = cloche("run", "--exact=reads", "--tracer", "nice", suite, stdin=b"yes")
    assert result.status == 0, result


def test_any_name(cloche, suite):
    result = cloche("run", "--exact=name_with$dollar", "--tracer", "nice", suite)
    assert result.status == 0, result


def test_bare(cloche, suite):
    result = cloche.command(suite, "--debugger", "gdb -q -batch -ex run --args", "fails")
    assert result.status == 100 or "exited with code 0144" in result.out, result
    assert "EXPECT(1, ==, 2)" in result.err


def test_foreign(cloche):
    script = cloche.script("looks", "#!/bin/sh\nhostname; exit 3\n")
    result = cloche("run", "--hostname=moon", "--tracer", "strace -f -o trace", script)
    assert result.status == 100 and result.out == "moon\n", result
    assert not (cloche.cwd / "trace").exists(), "it was written in the cell"


def test_the_program_is_shown_in_other_roots(cloche, build_suite):
    """Read-only, where the root has nothing of that name; a tree with no more than a busybox."""
    tree = cloche.cwd / "tree"
    for directory in ("bin", "proc", "sys", "dev", "tmp"):
        (tree / directory).mkdir(parents=True)
    shutil.copy("/bin/busybox", tree / "bin/sh")
    for path in (tree, *tree.rglob("*")):
        cloche.who.owns(path)
    suite = build_suite("debugged_static", SUITE, "-static")
    tracer = f"sh -c 'echo >{suite} 2>/dev/null || echo read-only; exec \"$@\"' sh"
    for root in (tree, "minimal", "cow"):
        result = cloche("run", f"--root={root}", "--exact=knows_its_host", "--tracer", tracer, suite)
        assert result.status == 0, result
        if root != "cow":
            assert result.out == "read-only\n", result
    result = cloche("run", f"--root={tree}", "--exact=fails", "--tracer", "", suite)
    assert result.status == 100 and "EXPECT(1, ==, 2)" in result.err, result


@pytest.mark.parametrize("where", ["a/b", "a", "."])
@pytest.mark.parametrize("suite_in", ["a/b", "a", "."])
def test_wherever_it_is_started(cloche, suite, where, suite_in):
    """The directory of one may be in that of the other."""
    for path in (cloche.cwd / "a", cloche.cwd / "a/b"):
        path.mkdir()
        cloche.who.owns(path)
    shutil.move(suite, cloche.cwd / suite_in / "moved")
    result = cloche("run", "--exact=knows_its_host", "--tracer",
                    f"sh -c 'ls -d {cloche.cwd}/{where} >/dev/null && exec \"$@\"' sh",
                    cloche.cwd / suite_in / "moved", cwd=cloche.cwd / where)
    assert result.status == 0, result


def test_below_a_directory_of_the_cells_own(cloche, suite):
    """/tmp of the cell is not the machine's; the program is in it all the same."""
    program = Path(f"/tmp/cloche-debugged-{uuid.uuid4()}")
    shutil.copy(suite, program)
    cloche.who.owns(program)
    try:
        result = cloche("run", "--exact=knows_its_host", "--tracer", "sh -c 'ls /tmp; exec \"$@\"' sh",
                        program, cwd="/tmp")
    finally:
        program.unlink()
    assert result.status == 0 and program.name in result.out.split(), result
    assert cloche.cwd.name not in result.out.split(), "but nothing else of the machine's"


def test_environment_is_the_same(cloche):
    script = cloche.script("nothing", "#!/bin/true\n")
    plain = cloche("exec", "--", "/usr/bin/cat", "/proc/self/environ")
    traced = cloche("run", "--tracer", "/usr/bin/cat /proc/self/environ; :", script)
    names = [{item.split("=")[0] for item in result.out.split("\0") if item}
             for result in (plain, traced)]
    assert names[0] == names[1]


def test_reports_besides(cloche, suite):
    result = cloche("run", "--exact=fails", "--tracer", "nice", "--report=jsonl=report", suite)
    assert result.status == 100 and not result.out, result
    assert '"verdict":"fail"' in (cloche.cwd / "report").read_text()


def test_terminal(cloche, suite):
    """An interactive debugger has a terminal of the cell's own, and a prompt."""
    ours, theirs = pty.openpty()
    process = cloche.popen(cloche.path, "run", "--exact=fails", "--debugger", "gdb -q --args", suite,
                           stdin=theirs, stdout=theirs, stderr=theirs, env={"TERM": "dumb"})
    os.close(theirs)
    seen = b""

    def shown(text):
        nonlocal seen
        if select.select([ours], [], [], 0)[0]:
            seen += os.read(ours, 4096)
        return text in seen
    wait_for(lambda: shown(b"(gdb) "), "a prompt")
    os.write(ours, b"break body_run\nrun\n")
    wait_for(lambda: shown(b"Breakpoint 1, "), "a breakpoint")
    os.write(ours, b"shell tty\ncontinue\n")
    wait_for(lambda: shown(b"exited with code 0144"), "the end of the case")
    assert b"/dev/pts/0" in seen, seen
    os.write(ours, b"quit\n")
    assert process.wait(60) == 0, seen
    os.close(ours)


@pytest.mark.parametrize("words, sentence", [
    (("--tracer=strace",), "--tracer takes exactly one case, and here are 5; name one with --exact"),
    (("--debugger=gdb", "--exact=fails", "--repeat=2"),
     "--debugger takes exactly one case, and here are 2; name one with --exact"),
    (("--debugger=gdb", "--exact=fails", "--until-fail"),
     "--debugger runs a case once; leave out --until-fail and --for"),
    (("--tracer=strace", "--exact=fails", "--repeat=3", "--for=1h"),
     "--tracer runs a case once; leave out --until-fail and --for"),
    (("--debugger=gdb", "--tracer=strace", "--exact=fails"),
     "--debugger and --tracer cannot be had both; give one"),
])
def test_refusals(cloche, suite, words, sentence):
    result = cloche("run", *words, suite)
    assert result.status == 96 and result.err == f"cloche: {sentence}\n", result


def test_is_not_kept(cloche, suite):
    result = cloche("run", "--tracer=nice", "--exact=fails", "--keep", suite)
    assert result.status == 100, result
    assert "--keep does not apply to a case under --tracer: its cell ends with it\n" in result.err


def test_not_found(cloche, suite):
    result = cloche("run", "--tracer=no-such-tracer -f", "--exact=fails", suite)
    assert result.status == 100 and "no-such-tracer: not found" in result.err, result


def test_set_up_fails(cloche, suite):
    result = cloche("run", "--tracer=nice", "--exact=fails", "--cwd=/no/such", suite)
    assert result.status == 100, result
    assert "cannot enter the working directory" in result.err
