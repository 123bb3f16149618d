# SPDX-License-Identifier: MIT
"""A suite's own program is a complete runner of itself."""

import json
import os
import shutil
import subprocess

import pytest

from program import SOURCE

WHERE = """
#include <cloche.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>
TEST(tells)
{
	struct stat status;

	printf("pid %d\\n", (int)getpid());
	EXPECT_OK(stat("/proc/self/ns/uts", &status));
	printf("uts %lu\\n", (unsigned long)status.st_ino);
}
TEST(fails)
{
	EXPECT(1 + 1, ==, 3);
	note("a note");
}
TEST(skips)
{
	skip("not here");
}
#include <signal.h>
TEST(signals)
{
	EXPECT(signal(SIGPIPE, SIG_DFL) == SIG_DFL);
	EXPECT(signal(SIGXFSZ, SIG_DFL) == SIG_DFL);
}
"""


@pytest.fixture
def where(build_suite):
    return build_suite("where", WHERE)


def test_same_flags_same_reports(cloche):
    """But for the name of the suite, which it does not need to be told."""
    suite = cloche.sample("comparing")
    flags = ("-j1", "--report=jsonl", "--name=is_even*", "--name=near", "--hostname=moon")
    def essence(result):
        return [(event["name"], event["verdict"], event["reason"], event["failures"],
                 event["world"]) for event in result.events if event["event"] == "case-ended"]
    bare, run = cloche.command(suite, *flags), cloche("run", *flags, suite)
    assert bare.status == run.status == 100
    assert essence(bare) == essence(run) and len(essence(bare)) == 3
    assert {event.get("suite") for event in bare.events[1:-1]} == {"comparing"}


def test_globs_choose(cloche):
    suite = cloche.sample("comparing")
    result = cloche.command(suite, "is_even/even", "--report=jsonl")
    assert result.status == 0 and result.verdicts == {"is_even/even": "pass"}, result
    result = cloche.command(suite, "*/even", "n*r", "--list")
    assert result.out == "comparing::near\ncomparing::is_even/even\n", result


def test_list(cloche):
    suite = cloche.sample("comparing")
    listed = cloche.command(suite, "--list").out.splitlines()
    assert len(listed) == 14 and listed[0] == "comparing::numbers"
    assert cloche.command(suite, "-l").out.splitlines() == listed


def test_help(cloche):
    result = cloche.command(cloche.sample("comparing"), "--help")
    assert result.status == 0 and result.out.startswith("Usage: ")
    for option in ("--list", "--jobs", "--shuffle", "--no-isolation", "--hostname"):
        assert option in result.out


@pytest.mark.plain  # a library of its own would bring no run-time
def test_no_case(cloche, build_suite):
    """A program without cases is no foreign one, which would run itself again and again."""
    suite = build_suite("caseless", "#include <cloche.h>\nint nothing;\n",
                        "-Wl,--undefined=cloche_main")
    for words in ([], ["--list"], ["--no-isolation"]):
        result = cloche.command(suite, *words)
        assert (result.status, result.out) == (4, ""), result
        assert result.err == ("cloche: there is no case in this program; is the file with its TEST() "
                              "compiled in?\n")


@pytest.mark.plain
def test_cases_in_a_library(cloche, build_suite, stage):
    """The program has no note of them, by which a suite is recognised: run bare, it needs none."""
    source, library = stage / "built/in_a_library.c", stage / "built/libcases.so"
    source.write_text("#include <cloche.h>\nTEST(in_a_library) { EXPECT(1, ==, 1); }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-I", SOURCE / "harness", source, "-o", library], check=True)
    suite = build_suite("with_library", "#include <cloche.h>\nint nothing;\n",
                        "-Wl,--undefined=cloche_main", "-Wl,--no-as-needed", "-rdynamic", library)
    result = cloche.command(suite, "--report=jsonl")
    assert result.verdicts == {"in_a_library": "pass"}, result


@pytest.mark.parametrize("words, status, sentence", (
    (["--exact=nothing"], 4, "there is no case 'nothing'; 'cloche list' shows their names"),
    (["--shufle"], 96, "there is no option '--shufle'; did you mean '--shuffle'?")))
def test_errors(cloche, words, status, sentence):
    result = cloche.command(cloche.sample("comparing"), *words)
    assert (result.status, result.err) == (status, f"cloche: {sentence}\n"), result


def test_found_by_path(cloche):
    """Started by its name alone, it finds itself."""
    shutil.copy(cloche.sample("comparing"), cloche.cwd / "my_suite")
    result = cloche.command("my_suite", "--list", env={"PATH": f"{cloche.cwd}:/usr/bin:/bin"})
    assert result.out.startswith("my_suite::numbers\n"), result


def test_cells(cloche, where):
    result = cloche.command(where, "--report=jsonl", "--exact=tells")
    text = result.cases["tells"]["output"]["text"]
    assert text.startswith("pid 2\n")
    assert f"uts {result.cases['tells']['namespaces']['uts']}\n" in text


def test_one_case_in_this_very_process(cloche, where):
    """For a debugger: no fork, no cell, and expectations told at once."""
    process = cloche.popen(where, "--no-isolation", "--exact=tells")
    out, _ = process.communicate(timeout=60)
    inode = os.stat("/proc/self/ns/uts").st_ino
    assert out.decode().startswith(f"pid {process.pid}\n") and f"uts {inode}\n" in out.decode()
    assert process.returncode == 0
    failed = cloche.command(where, "--no-isolation", "--exact=fails")
    assert failed.status == 100, failed
    assert "where.c:16: EXPECT(1 + 1, ==, 3)" in failed.err and "a note" in failed.err, failed
    skipped = cloche.command(where, "--no-isolation", "--exact=skips")
    assert skipped.status in (0, 77) and "not here" in skipped.err, skipped
    signals = cloche.command(where, "--no-isolation", "--exact=signals")
    assert signals.status == 0, signals


def test_without_isolation_but_several(cloche, where):
    """A process each, in one world."""
    result = cloche.command(where, "--no-isolation", "--report=jsonl")
    assert result.status == 100 and result.events[0]["isolated"] is False
    assert result.verdicts == {"tells": "pass", "fails": "fail", "skips": "skip", "signals": "pass"}
    assert cloche.command(where, "--no-isolation").out.splitlines()[0].endswith("without isolation")


def test_gdb(cloche, where):
    """Breaks in the body, and sees where it was called from."""
    result = cloche.command("gdb", "-batch", "-nx", "-ex", "set debuginfod enabled off",
                            "-ex", "break cloche_fail_at", "-ex", "break cloche_note_at",
                            "-ex", "run", "-ex", "bt 3", "--args", where, "--no-isolation",
                            "--exact=fails")
    assert "Breakpoint" in result.out and "where.c:17" in result.out, result


def test_own_main(cloche, build_suite):
    """Which also runs in the process that the cases are forked from."""
    suite = build_suite("own_main", """
#include <cloche.h>
static int prepared;
TEST(finds_what_main_did) { EXPECT(prepared, ==, 42); }
int main(int argc, char **argv)
{
	prepared = 42;
	return cloche_main(argc, argv);
}
""")
    for result in (cloche.command(suite), cloche("run", suite)):
        assert result.status == 0, result


def test_list_as_json(cloche, where):
    """`--list` in both forms, where the form can be asked for."""
    result = cloche("list", "--format=json", where)
    assert [json.loads(line)["name"] for line in result.out.splitlines()] == \
        ["tells", "fails", "skips", "signals"]
