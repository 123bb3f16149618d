# SPDX-License-Identifier: MIT
"""However much a test says and however many there are: bounded memory, and what was cut is told."""

import fcntl
import os
import re

import pytest

from program import incomplete, reports

MEMORY = 64 << 10  # KiB that the keeper may use at most


def measured(cloche, *words, **arguments):
    """cloche run, and its own peak of resident memory in KiB."""
    file = cloche.cwd / "peak"
    result = cloche.command("/usr/bin/python3", "-c", MEASURE, file, cloche.path, "run",
                            "--report=jsonl", *words, **arguments)
    return result, int(file.read_text())


# The peak of one process without that of its children, which wait4(2) would mix in: read from /proc
# at ptrace's stop at exit, the last moment at which the process has its memory.
MEASURE = r"""
import ctypes, os, re, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4
PTRACE_SEIZE, PTRACE_CONT, PTRACE_O_TRACEEXIT, EVENT_EXIT = 0x4206, 7, 0x40, 6
read, write = os.pipe()
child = os.fork()
if not child:
    os.close(write)
    os.read(read, 1)
    os.close(read)
    os.execv(sys.argv[2], sys.argv[2:])
assert libc.ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXIT) == 0
os.close(read)
os.close(write)
peak = 0
while True:
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        break
    deliver = os.WSTOPSIG(status)
    if status >> 16 == EVENT_EXIT:
        text = open(f"/proc/{child}/status").read()
        peak = int(re.search(r"VmHWM:\s+(\d+)", text)[1])
        deliver = 0
    elif status >> 16:
        deliver = 0
    libc.ptrace(PTRACE_CONT, child, 0, deliver)
open(sys.argv[1], "w").write(str(peak))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.plain
def test_the_measure_measures(cloche):
    """That of a program of a known size."""
    file = cloche.cwd / "peak"
    cloche.command("/usr/bin/python3", "-c", MEASURE, file, "/usr/bin/python3", "-c",
                   "x = b'x' * (100 << 20)")
    assert (100 << 10) < int(file.read_text()) < (130 << 10)


@pytest.mark.plain
def test_200_megabytes_of_output(cloche):
    result, peak = measured(cloche, "--exact=prints_200_megabytes", cloche.sample("many"))
    assert result.status == 100 and peak < MEMORY, (result.err, peak)
    output = result.cases["prints_200_megabytes"]["output"]
    assert output["bytes"] == (200 << 20) + 8
    assert output["cut"] == output["bytes"] - (4 << 20)
    assert output["text"].startswith("aaaa") and output["end"].endswith("\nthe end\n")


def test_output_that_was_cut_is_told_to_people(cloche):
    result = cloche("run", "--output-limit=2000", "--exact=prints_200_megabytes",
                    cloche.sample("many"))
    assert result.status == 100, result
    assert re.search(r"\n  \.\.\. 209,713,208 bytes left out, see --output-limit \.\.\.\n", result.out)
    assert len(result.out) < 5000 and "the end\n" in result.out


@pytest.mark.plain
def test_output_of_a_foreign_suite(cloche):
    suite = cloche.script("yes", "#!/bin/sh\nyes | head -c 100000000\nexit 1\n")
    result, peak = measured(cloche, suite)
    assert result.status == 100 and peak < MEMORY, peak
    assert result.cases["yes"]["output"]["bytes"] == 100000000


@pytest.mark.plain
def test_a_flood_of_notes(cloche):
    """160 MB of them: as many as fit in 8 MB are kept."""
    result, peak = measured(cloche, "--exact=notes_for_ever", cloche.sample("many"))
    assert result.status == 100 and peak < MEMORY, peak
    case = result.cases["notes_for_ever"]
    assert case["verdict"] == "fail" and case["failure_count"] == 1
    assert 0 < len(case["notes"]) < 1500
    assert case["remarks_left_out"] == 20001 - len(case["notes"]) - len(case["failures"])


FLOOD = r"""
#include <cloche.h>
static void flood(void)
{
	for (int i = 0; i < 1500; i++)
		note("%08000d", i);
}
TEST(skips) { flood(); skip("there is no moon"); }
TEST(fails) { flood(); EXPECT(1, ==, 2); }
TEST(fails_early) { fail("at once"); flood(); skip("too late"); }
TEST(crashes) { flood(); __builtin_trap(); }
"""


@pytest.mark.plain
def test_what_decides_has_always_room(cloche, build_suite):
    """12 MB of notes before it, and 8 are kept."""
    cases = cloche.run(build_suite("flood", FLOOD)).cases
    assert all(case["remarks_left_out"] > 0 for case in cases.values()), cases.keys()
    assert {name: (case["verdict"], case["reason"]) for name, case in cases.items()} == {
        "skips": ("skip", "there is no moon"),
        "fails": ("fail", "1 expectation failed"),
        "fails_early": ("fail", "1 expectation failed"),
        "crashes": ("crash", "killed by SIGILL")}
    assert cases["fails"]["failures"][0]["expression"] == "EXPECT(1, ==, 2)"
    assert "SIGILL at address" in cases["crashes"]["crash"]


@pytest.mark.plain
def test_a_flood_of_nothing(cloche):
    """Four million notes without a text, as only a test that goes behind our back can send them."""
    result, peak = measured(cloche, "--exact=sends_empty_records", cloche.sample("many"))
    assert result.status == 100 and peak < MEMORY, peak
    case = result.cases["sends_empty_records"]
    assert len(case["notes"]) + case["remarks_left_out"] == 4000000 + 1 - len(case["failures"])


@pytest.mark.plain
def test_a_flood_of_failures(cloche):
    result, peak = measured(cloche, "--exact=fails_100000_times", cloche.sample("many"))
    case = result.cases["fails_100000_times"]
    assert case["reason"] == "100000 of 100000 expectations failed" and peak < MEMORY
    assert len(case["failures"]) == 1000 and case["failure_count"] == 100000
    assert case["remarks_left_out"] == 99000


def test_what_was_left_out_is_told_to_people(cloche):
    flags = ("--exact=fails_100000_times", cloche.sample("many"))
    assert "\n  ... 99000 more are not shown\n" in cloche("run", *flags).out
    assert "\n  remarks_left_out: 99000\n" in cloche("run", "--report=tap", *flags).out


@pytest.mark.plain
def test_a_flood_of_attachments(cloche):
    """300 MB: 256 are kept on disk, none in memory."""
    result, peak = measured(cloche, "--exact=attaches_a_lot", cloche.sample("many"))
    assert result.status == 100 and peak < MEMORY, peak
    attached = result.cases["attaches_a_lot"]["attachments"]
    kept = sum((cloche.cwd / one["file"]).stat().st_size for one in attached if one["file"])
    assert kept <= 256 << 20
    assert any(one.get("cut") for one in attached)


# ---- hostile names ----

HOSTILE = r"""
#include <cloche.h>
#include <string.h>
TEST(attaches)
{
	static char longest[5000];

	memset(longest, 'n', sizeof(longest) - 1);
	attach_bytes("/etc/passwd", "1", 1);
	attach_bytes("..", "2", 1);
	attach_bytes("a\nb\033[31m\xff", "3", 1);
	attach_bytes("", "4", 1);
	attach_bytes(longest, "5", 1);
	attach_bytes(".hidden", "6", 1);
	fail("to show them");
}
"""


NAMESAKES = r"""
#include <cloche.h>
TEST(attaches)
{
	attach_bytes("a/b", "1", 1);
	attach_bytes("a_b", "2", 1);
	attach_bytes("a_b.4", "3", 1);
	attach_bytes("a_b", "4", 1);
}
"""


def test_attachments_of_one_name_are_all_kept(cloche, build_suite):
    suite = build_suite("namesakes", NAMESAKES)
    for _ in range(2):  # those of an earlier run are replaced
        attached = cloche.run("--artifacts=kept", suite).cases["attaches"]["attachments"]
        files = [cloche.cwd / one["file"] for one in attached]
        assert [file.read_text() for file in files] == ["1", "2", "3", "4"], attached
        assert [file.name.split(".", 3)[3] for file in files] == \
            ["a_b", "a_b.2", "a_b.4", "a_b.5"]
        assert set(files) == set((cloche.cwd / "kept").iterdir())


def test_attachments_with_hostile_names(cloche, build_suite):
    """They stay in the directory, under names of harmless letters; no report is confused."""
    suite = build_suite("hostile", HOSTILE)
    result = cloche.run("--artifacts=kept", suite)
    attached = result.cases["attaches"]["attachments"]
    assert len(attached) == 6
    files = {path.name for path in (cloche.cwd / "kept").iterdir()}
    assert all(re.fullmatch(r"[\w.+-]+", name) and not name.startswith(".") and len(name) < 256
               for name in files), files
    assert {one["file"] for one in attached} == {f"kept/{name}" for name in files}
    assert sorted(path.name for path in cloche.cwd.iterdir()) == ["kept"]
    shown = cloche("run", "--artifacts=kept", suite)
    assert "\033" not in shown.out and "\xff" not in shown.out, shown


def test_names_and_reasons_do_not_confuse_reports(cloche, build_suite):
    suite = build_suite("rows", r"""
#include <cloche.h>
static const struct { const char *name; } rows[] = {{"a\nok 7\033[31m # SKIP"}};
TEST_EACH(rows, row) { skip("one\nok 8\033[31m\r"); }
""")
    result = cloche("run", "--report=tap", "--report=terminal=people", "--report=jsonl=lines", suite)
    assert result.status == 0, result
    assert [line.split()[:2] for line in result.out.splitlines()[2:]] == [["ok", "1"]], result
    assert result.out.count("# SKIP") == 2 and result.out.count("\\# SKIP") == 1
    people = (cloche.cwd / "people").read_text()
    assert "\033" not in people + result.out and "\r" not in people + result.out
    assert len(people.splitlines()) == 4, people


def test_attachments_do_not_follow_links(cloche, build_suite):
    """Somebody put a link where an attachment goes."""
    suite = build_suite("hostile", HOSTILE)
    names = [one["file"] for one in
             cloche.run("--artifacts=kept", suite).cases["attaches"]["attachments"]]
    target = cloche.script("target", "precious\n", mode=0o644)
    for name in set(names):
        (cloche.cwd / name).unlink()
        (cloche.cwd / name).symlink_to(target)
    result = cloche.run("--artifacts=kept", suite)
    assert target.read_text() == "precious\n"
    assert all(one["file"] is None for one in result.cases["attaches"]["attachments"])


def test_cases_with_long_names(cloche, build_suite):
    name = "a" * 3000
    suite = build_suite("long_name", f'#include <cloche.h>\nTEST({name}) {{ fail("x"); }}\n')
    result = cloche.run(suite)
    assert result.verdicts == {name: "fail"}
    assert cloche.run(f"--exact={name}", suite).verdicts == {name: "fail"}


# ---- many cases ----

def test_100000_cases(cloche):
    """Listed whole, chosen from."""
    suite = cloche.sample("many")
    result = cloche("list", "--skip=*_*", suite)
    assert result.status == 0 and result.out.count("\n") == 100000
    chosen = cloche.run("--name=row/1234*", suite)
    assert chosen.status == 0, chosen
    assert sorted(chosen.verdicts) == [f"row/{n:05}" for n in range(12340, 12350)]


@pytest.mark.plain
def test_2000_cases(cloche):
    result, peak = measured(cloche, "-j8", "--name=row/00*", "--name=row/01*", cloche.sample("many"))
    assert result.status == 100 and peak < MEMORY, peak
    verdicts = result.verdicts
    assert len(verdicts) == 2000 and verdicts.pop("row/00077") == "fail"
    assert set(verdicts.values()) == {"pass"}


def with_descriptors(cloche, number, *words):
    return cloche.command("/bin/sh", "-c", f'ulimit -n {number}; exec "$@"', "sh", cloche.path,
                          "run", "--report=jsonl", "--descriptors=50", *words,
                          cloche.sample("many"))


def test_descriptors_are_given_back(cloche):
    """A few for each cell: with 260 of them, 300 cells one after the other."""
    result = with_descriptors(cloche, 260, "-j4", *(f"--name=row/00{i}*" for i in "123"))
    assert result.status == 0 and len(result.verdicts) == 300, result


def test_too_few_descriptors(cloche):
    """A native case has its pipe at 250, out of the test's way."""
    result = with_descriptors(cloche, 100, "--exact=row/00001")
    assert result.status == 100, result
    assert result.cases["row/00001"]["reason"] == \
        "limits: cannot have 251 descriptors: Operation not permitted (EPERM); ask for less, or " \
        "raise the hard limit of the shell that starts cloche ('ulimit -H')"


# ---- readers that go ----

SAYS_MUCH = r"""
#include <cloche.h>
TEST(says_much)
{
	note("%01000d", 0);
	fail("%01000d", 1);
}
"""


@pytest.mark.parametrize("report", reports())
def test_reader_goes_away(cloche, build_suite, report):
    """`| head -c1`: the run ends by itself, and says that its report is not complete."""
    reading, writing = os.pipe()
    room = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = cloche.popen(cloche.path, "run", f"--report={report}", "-v", "--repeat=64",
                           build_suite("says_much", SAYS_MUCH), stdout=writing)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    error = process.stderr.read().decode()
    assert process.wait(60) == 100 and re.fullmatch(incomplete(report, "Broken pipe"), error), error
    file = cloche.cwd / "again"
    replayed = cloche("replay", re.search(r"replay (\S+)", error)[1], "-v", f"--report={report}={file}")
    assert (replayed.status, replayed.err) == (0, "") and file.stat().st_size > room + 1, replayed


@pytest.mark.parametrize("report", reports())
def test_nobody_reads(cloche, report):
    """From the first word on."""
    reading, writing = os.pipe()
    os.close(reading)
    suite = cloche.script("leaks", "#!/bin/sh\nsleep 1000 &\n")
    result = cloche("run", f"--report={report}", "--report=jsonl=lines", suite, stdout=writing)
    os.close(writing)
    assert result.status == 110, result
    assert re.fullmatch(incomplete(report, "Broken pipe"), result.err), result
    assert cloche.lines("lines")[-1]["leak"] == 1


def test_reader_of_a_list_goes_away(cloche):
    process = cloche.popen(cloche.path, "list", cloche.sample("many"))
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 110
    assert process.stderr.read() == b"cloche: cannot write the list: Broken pipe\n"


def test_slow_reader(cloche):
    """Nothing is lost for one who takes their time, of more than a pipe holds."""
    process = cloche.popen(cloche.path, "run", "--report=jsonl", "--name=row/000*",
                           "--name=row/001*", cloche.sample("many"))
    lines = []
    while line := process.stdout.readline():
        lines.append(line)
    assert process.wait(60) == 100 and len(lines) == 2 * 200 + 2
    assert sum(map(len, lines)) > 2 * 65536
