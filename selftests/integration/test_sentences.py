# SPDX-License-Identifier: MIT
"""What is said when something is wrong with the command line or with a suite: one sentence each."""

import os
import shutil
import struct

import pytest


def said(result, status, sentence):
    assert (result.status, result.out) == (status, ""), result
    assert result.err == f"cloche: {sentence}\n", result


# ---- the command line ----

COMMAND_LINE = (
    (["run"], "name the suites to run: a program, or a directory"),
    (["list"], "name the suites to list: a program, or a directory"),
    (["rum", "x"], "there is no command 'rum'; did you mean 'run'?"),
    (["run", "--hostnmae=x", "x"],
     "there is no option '--hostnmae=x'; did you mean '--hostname'?"),
    (["run", "--reports=x", "x"], "there is no option '--reports=x'; did you mean '--report'?"),
    (["run", "--wall-=x", "x"],
     "option '--wall-=x' is short for more than one: --wall-matrix, --wall-speed; write one of them "
     "out"),
    (["run", "--shufle", "x"], "there is no option '--shufle'; did you mean '--shuffle'?"),
    (["list", "--frobnicate", "x"], "there is no option '--frobnicate'; --help lists them"),
    (["list", "--format=xml", "x"], "--format is one of text|json, not 'xml'"),
    (["run", "--output=some", "x"], "--output is one of immediate|final|immediate-final|never, not 'some'"),
    (["run", "--color=blue", "x"], "--color is one of auto|always|never, not 'blue'"),
    (["run", "-j0", "x"], "--jobs takes a number from 1 to 1000000, not '0'"),
    (["run", "-j", "-1", "x"], "--jobs takes a number from 1 to 1000000, not '-1'"),
    (["run", "--jobs=many", "x"], "--jobs takes a number from 1 to 1000000, not 'many'"),
    (["run", "--repeat=1e3", "x"], "--repeat takes a number from 1 to 1000000, not '1e3'"),
    (["run", "--shuffle=x", "x"], "--shuffle takes a number as its seed, not 'x'"),
    (["run", "--output-limit=-5", "x"],
     "--output-limit: '-5' is not a size (try 4096, 64K, 1M, 2G or unlimited)"),
    (["run", "--exact"], "option '--exact' needs a value"),
    (["run", "-j"], "option '-j' needs a value"),
    (["run", "--timeout=soon", "x"],
     "--timeout: 'soon' is not a duration (try 2, 500ms, 1h30m or 30d)"),
    (["run", "--timeout=0", "x"], "--timeout: '0' is not a duration above 0"),
    (["run", "--timeout=0x10", "x"],
     "--timeout: '0x10' is not a duration (try 2, 500ms, 1h30m or 30d)"),
    (["run", "--grace=-1", "x"], "--grace: '-1' is not a duration (try 2, 500ms, 1h30m or 30d)"),
    (["run", "--uptime=tomorrow", "x"],
     "--uptime: 'tomorrow' is not a point in time (try 497d, or from now +30d or -1h)"),
    (["run", "--tmpfs-size=1X", "x"],
     "--tmpfs-size: '1X' is not a size (try 4096, 64K, 1M, 2G or unlimited)"),
    (["run", "--tmpfs-size=0", "x"], "--tmpfs-size: '0' is not a size that fits: 1 to 8E"),
    (["run", "--descriptors=1.5", "x"],
     "--descriptors: '1.5' is not a number (try 100 or unlimited)"),
    (["run", "--descriptors=0", "x"], "--descriptors: '0' is not a number that fits: at least 1"),
    (["run", "--expect-signal=SIGFOO", "x"],
     "--expect-signal: 'SIGFOO' is not a signal (try SIGSEGV, SEGV or 11)"),
    (["run", "--leaks=some", "x"], "--leaks: 'some' is not one of warn|fail|ignore"),
    (["run", "--allow-missing=bogus", "x"], "--allow-missing: 'bogus' is not one of "
     "user|mnt|pid|net|ipc|uts|cgroup|time|ids|proc|keyring|all"),
    (["run", "--allow-missing=net,tme", "x"], "--allow-missing: 'tme' is not one of "
     "user|mnt|pid|net|ipc|uts|cgroup|time|ids|proc|keyring|all; did you mean 'time'?"),
    (["run", "--ids=few", "x"], "--ids: 'few' is not one of one|full"),
    (["run", "--hostname=", "x"], "--hostname: '' is not a value: it is empty"),
    (["run", "--env=", "x"], "--env: '' is not a value: it is empty"),
)


@pytest.mark.parametrize("words, sentence", COMMAND_LINE, ids=lambda value: "")
def test_command_line(cloche, words, sentence):
    said(cloche(*words), 96, sentence)


IMPOSSIBLE = (
    (f"--hostname={'x' * 65}",
     "the host name is longer than the 64 bytes that the kernel allows"),
    (f"--domainname={'x' * 65}",
     "the domain name is longer than the 64 bytes that the kernel allows"),
    ("--user=nobody", "user is 'root', 'me' or a number below 4294967295"),
    ("--user=4294967295", "user is 'root', 'me' or a number below 4294967295"),
    ("--root=relative", "root is 'minimal', 'cow', 'host', or the absolute path of a directory"),
    ("--uptime=4611686018", "a clock can start at 0 up to 53375 days (146 years), the kernel's limit"),
    ("--monotonic=60000d",
     "a clock can start at 0 up to 53375 days (146 years), the kernel's limit"),
    ("--uptime=+60000d", "a clock can start at 0 up to 53375 days (146 years), the kernel's limit"),
    ("--uptime=-60000d", "a clock can start at 0 up to 53375 days (146 years), the kernel's limit"),
    ("--uptime=60000d", "a clock can start at 0 up to 53375 days (146 years), the kernel's limit"),
)


@pytest.mark.parametrize("flag, sentence", IMPOSSIBLE, ids=lambda value: value[:16])
def test_impossible_worlds(cloche, flag, sentence):
    """Before anything runs, the same for run and exec."""
    said(cloche("run", flag, cloche.script("s", "#!/bin/sh\n")), 96, sentence)
    said(cloche("exec", flag, "true"), 125, sentence)


def test_impossible_world_with_full_ids(cloche):
    said(cloche("exec", "--ids=full", "--user=70000", "true"), 125,
         "with ids=full the cell has the ids 0 to 65535 only")


def test_a_world_of_the_case_that_no_machine_gives(cloche, build_suite):
    """The others run."""
    suite = build_suite("impossible", """
#include <cloche.h>
TEST(never, .hostname = "01234567890123456789012345678901234567890123456789012345678901234") {}
TEST(always) {}
""")
    result = cloche.run(suite)
    assert result.status == 100, result
    assert result.verdicts == {"never": "error", "always": "pass"}
    assert result.cases["never"]["reason"] == \
        "the host name is longer than the 64 bytes that the kernel allows"


def test_uptime_before_the_machine_s_start(cloche):
    """Only the kernel knows."""
    result = cloche("exec", "--uptime=-200w", "true")
    assert result.status == 125, result
    assert result.err.endswith("; a clock cannot be set to before 0 nor past 146 years; a shift "
                               "counts from the machine's own clock: make it smaller, or ask for "
                               "a time since boot, as 0 or 497d\n")


def test_report_in_a_directory_that_cannot_be(cloche):
    said(cloche("run", "--report=tap=/proc/no/where", cloche.script("s", "#!/bin/sh\n")), 96,
         "cannot write the report '/proc/no/where': No such file or directory; choose another file")


def test_two_reports_in_one_place(cloche):
    """However the place is named; and nothing is lost of what was there."""
    suite, file = cloche.script("s", "#!/bin/sh\n"), cloche.cwd / "out"
    file.write_text("of yesterday\n")
    cloche.who.owns(file)
    (cloche.cwd / "link").symlink_to("out")
    for words in (("tap=out", "jsonl=./out"), ("tap=out", "jsonl", "jsonl=link")):
        said(cloche("run", *(f"--report={word}" for word in words), suite), 96,
             f"the reports '{words[0]}' and '{words[-1]}' would be written to the same place; "
             "give each a file of its own")
    assert file.read_text() == "of yesterday\n"
    said(cloche("run", "--report=tap", "--report=terminal", suite), 96,
         "the reports 'tap' and 'terminal' would be written to the same place; give each a file "
         "of its own")


def test_unknown_report(cloche):
    said(cloche("run", "--report=junk=x", cloche.script("s", "#!/bin/sh\n")), 96,
         "there is no report 'junk'; the reports are github, html, jsonl, junit, libtest, tap and terminal")


def test_more_reports_than_anyone_needs(cloche):
    suite = cloche.script("s", "#!/bin/sh\n")
    result = cloche("run", *(f"--report=tap=r{i}" for i in range(100)), suite)
    assert result.status == 96 and "; give fewer" in result.err, result


def test_working_directory_that_is_gone(cloche):
    gone = cloche.cwd / "gone"
    gone.mkdir()
    result = cloche.command("/bin/sh", "-c", f"cd {gone}; rmdir {gone}; {cloche.path} exec true")
    said(result, 125, "the working directory is gone (No such file or directory); "
         "cd to one that exists")


# ---- suites ----

def elf(machine=62, kind=2, entry=0x400000):
    """An ELF header with nothing behind it."""
    return b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, entry, 64,
                                                      0, 0, 64, 56, 0, 64, 0, 0)


def put(cloche, name, content, mode=0o755):
    path = cloche.script(name, "", mode)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content, mode, sentence", (
    (b"#!/bin/sh\n", 0o644, "is not executable; chmod +x it"),
    (b"", 0o755, "is empty"),
    (b"some text\n", 0o755,
     "is neither a program nor a script; does its first line lack '#!'?"),
    (elf(machine=243), 0o755, "is a program for another architecture; build it for this one"),
    (elf(kind=3, entry=0), 0o755, "is a library, not a program"),
    (elf(kind=1), 0o755, "is a library, not a program"),
), ids=("mode", "empty", "text", "other", "library", "object"))
def test_what_is_no_suite(cloche, content, mode, sentence):
    put(cloche, "thing", content, mode)
    for command in ("run", "list"):
        said(cloche(command, "./thing"), 104, f"'./thing' {sentence}")
    # Found in a directory it is no mistake, but nothing either.
    said(cloche("run", "."), 104,
         "no suite is below '.'; name a program, or build them first")


@pytest.mark.parametrize("size", (1, 4, 16, 40, 63))
def test_half_an_elf_header(cloche, size):
    put(cloche, "thing", elf()[:size])
    result = cloche("list", "./thing")
    assert result.status == 104 and result.err.startswith("cloche: './thing' is "), result


def test_missing(cloche):
    said(cloche("run", "./nowhere"), 104, "'./nowhere' does not exist; was it built?")


def test_no_way_there(cloche):
    put(cloche, "thing", b"x")
    said(cloche("run", "./thing/more"), 104,
         "'./thing/more' does not exist: a part of the path before it is no directory")
    (cloche.cwd / "loop").symlink_to("loop")
    said(cloche("run", "./loop"), 104,
         "'./loop' is a symbolic link that leads to itself; make it anew")


@pytest.mark.only_user
def test_a_directory_that_is_closed(cloche):
    cloche.script("closed/passes", "#!/bin/sh\n")
    (cloche.cwd / "closed").chmod(0)
    try:
        said(cloche("run", "./closed/passes"), 104, "'./closed/passes' is below a directory that "
             "you may not enter; chmod +x that directory")
    finally:
        (cloche.cwd / "closed").chmod(0o755)


def test_no_file_at_all(cloche):
    os.mkfifo(cloche.cwd / "fifo", 0o777)
    said(cloche("run", "./fifo"), 104, "'./fifo' is not a file that can be executed")


def test_fifo_among_suites_does_not_block(cloche):
    os.mkfifo(cloche.cwd / "fifo", 0o777)
    cloche.script("passes", "#!/bin/sh\n")
    assert cloche.run(".").verdicts == {"passes": "pass"}


def test_named_twice(cloche):
    suite = cloche.script("s", "#!/bin/sh\n")
    (cloche.cwd / "link").symlink_to(suite)
    said(cloche("run", "s", "./s"), 104, "'s' is named twice; name every suite once, or use "
         "--repeat")
    said(cloche("run", "s", "link"), 104, "'link' is named twice; name every suite once, or use "
         "--repeat")


def test_two_cases_of_one_name(cloche, build_suite):
    suite = build_suite("twice", """
#include <cloche.h>
static const struct { const char *name; } rows[] = {{"a"}, {"b"}, {"a"}};
TEST_EACH(rows, each) {}
""")
    said(cloche("run", suite), 104, f"{suite}: two rows of one case are named 'each/a' ({suite}.c:4)"
         ", rows 1 and 3; give each a name of its own")


def test_two_files_with_a_case_of_one_name(cloche, build_suite):
    text = "#include <cloche.h>\nTEST(same) {}\n"
    other = cloche.stage / "built/other.c"
    other.write_text(text)
    suite = build_suite("same", text, other)
    result = cloche("list", suite)
    assert result.status == 104 and not result.out, result
    assert f"{suite}.c:2" in result.err and f"{other}:2" in result.err and "'same'" in result.err


def test_crash_while_listing(cloche, build_suite):
    suite = build_suite("dies", """
#include <cloche.h>
#include <stdlib.h>
__attribute__((constructor)) static void die(void) { abort(); }
TEST(never) {}
""")
    said(cloche("run", suite), 104, f"'{suite}' died of SIGABRT while listing its cases; run it by "
         f"itself under a debugger: gdb --args {suite} --list")


def test_exit_while_listing(cloche, build_suite):
    suite = build_suite("exits", """
#include <cloche.h>
#include <stdlib.h>
int main(void) { return 3; }
TEST(never) {}
""")
    said(cloche("run", suite), 104, f"'{suite}' ended with status 3 instead of listing its cases; "
         "was it built with this version of cloche?")


def test_real_time_signal_while_listing(cloche, build_suite):
    """Which has no name of its own."""
    suite = build_suite("dies_in_time", """
#include <cloche.h>
__attribute__((constructor)) static void die(void) { raise(SIGRTMIN + 3); }
TEST(never) {}
""")
    said(cloche("run", suite), 104, f"'{suite}' died of SIGRTMIN+3 while listing its cases; run it "
         f"by itself under a debugger: gdb --args {suite} --list")


def test_main_that_runs_no_cases(cloche, build_suite):
    suite = build_suite("forgets", """
#include <cloche.h>
int main(void) { return 0; }
TEST(never) {}
""")
    said(cloche("run", suite), 104, f"'{suite}' ended instead of listing its cases; does its main() "
         "return cloche_main(argc, argv), of this version of cloche?")


def test_missing_library(cloche, build_suite):
    """The loader's own words, and ours."""
    (build_suite("needs", "int need = 1;\n", "-shared", "-fPIC"))
    directory = cloche.stage / "built/needs"
    suite = build_suite("needy", "#include <cloche.h>\nextern int need;\nTEST(t) { EXPECT(need); }\n",
                        f"-Wl,--no-as-needed,{directory}/needs")
    shutil.move(directory / "needs", directory / "away")
    try:
        result = cloche("run", suite)
    finally:
        shutil.move(directory / "away", directory / "needs")
    assert result.status == 104, result
    assert "error while loading shared libraries" in result.err
    assert "ended with status 127 instead of listing its cases" in result.err


def test_printing_constructors_do_not_mix_with_reports(cloche, build_suite):
    suite = build_suite("prints", """
#include <cloche.h>
#include <stdio.h>
__attribute__((constructor)) static void greet(void) { printf("hello\\n"); fflush(stdout); }
TEST(passes) {}
""")
    result = cloche("run", "--report=tap", suite)
    assert result.status == 0 and result.out.startswith("TAP version 14\n"), result
    assert "hello" not in result.out and "hello" in result.err


def test_directory_without_suites(cloche):
    (cloche.cwd / "empty").mkdir()
    said(cloche("run", "empty"), 104,
         "no suite is below 'empty'; name a program, or build them first")


def test_suite_of_another_version(cloche, build_suite):
    """Both ends of the protocol have one version; this one says another."""
    suite = build_suite("older", r"""
#include <cloche.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void)
{
	char buffer[4096] = {0};
	struct iovec iov = {buffer, 64};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	return sendmsg(3, &message, 0) < 0;
}
TEST(never) {}
""")
    result = cloche("run", suite)
    assert result.status == 104 and not result.out, result
    assert "version of cloche" in result.err


# ---- ids ----

@pytest.mark.only_user
def test_no_newuidmap(cloche):
    result = cloche("exec", "--ids=full", "--", "/bin/true", env={"PATH": "/nowhere"})
    assert result.status == 125, result
    assert result.err.startswith("cloche: user: cannot write the full map: ")
    assert result.err.endswith("; start cloche as root, or give yourself 65536 subordinate ids with "
                               "'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
                               "NAME' and install newuidmap (package uidmap)\n")
