# SPDX-License-Identifier: MIT
"""Foreign suites: judged by exit code or by TAP; found in directories."""

import shutil
from pathlib import Path

import pytest


def judge(cloche, text, *flags):
    """(verdict, reason, tap) of a shell script."""
    (case,) = cloche.run(*flags, cloche.script("s", "#!/bin/sh\n" + text)).cases.values()
    return case["verdict"], case["reason"], case.get("tap")


def tap(text):
    return f"cat <<'END'\n{text}\nEND\n"


# ---- exit codes ----

@pytest.mark.parametrize("status, verdict, reason", (
    (0, "pass", ""), (77, "skip", "exit status 77"), (99, "error", "exit status 99, a hard error"),
    (1, "fail", "exit status 1"), (125, "fail", "exit status 125"),
    (255, "fail", "exit status 255")))
def test_exit_status(cloche, status, verdict, reason):
    assert judge(cloche, f"exit {status}\n") == (verdict, reason, None)


def test_signals_have_no_output_of_ours(cloche):
    assert judge(cloche, "kill -SEGV $$\n") == ("crash", "killed by SIGSEGV", None)


# ---- TAP ----

def counts(planned, run, failed=0, skipped=0):
    return {"planned": planned, "run": run, "failed": failed, "skipped": skipped}


TAP = (
    ("version 13", "TAP version 13\n1..2\nok 1 - a\nok 2 - b", "pass", "", counts(2, 2)),
    ("version 14", "TAP version 14\n1..1\nok 1 - a\n  ---\n  not ok: x\n  ...", "pass", "",
     counts(1, 1)),
    ("no version", "1..2\nok\nok", "pass", "", counts(2, 2)),
    ("plan at the end", "ok 1\nok 2\n1..2", "pass", "", counts(2, 2)),
    ("other output", "hello\n1..1\nthis is not ok\nok 1 - yes\nok computer\n# ok 2", "fail",
     "planned 1 test, and ran 2", counts(1, 2)),
    ("diagnostics", "1..1\n# not ok\nnot okay\n  not ok 1\nok 1", "pass", "", counts(1, 1)),
    ("failed", "1..3\nok 1\nnot ok 2 - b\nok 3", "fail", "1 of 3 tests failed", counts(3, 3, 1)),
    ("todo", "1..2\nok 1\nnot ok 2 - later # TODO not written", "pass", "", counts(2, 2)),
    ("some skipped", "1..2\nok 1\nok 2 # SKIP no device", "pass", "", counts(2, 2, 0, 1)),
    ("all skipped one by one", "1..2\nok 1 # skip a\nok 2 # SKIP b", "skip",
     "all of its tests skipped", counts(2, 2, 0, 2)),
    ("all skipped", "1..0 # SKIP not on this machine", "skip", "not on this machine", counts(0, 0)),
    ("escaped hash", "1..1\nnot ok 1 - color \\# TODO", "fail", "1 of 1 tests failed",
     counts(1, 1, 1)),
    ("too few", "1..3\nok 1", "fail", "planned 3 tests, and ran 1", counts(3, 1)),
    ("too many", "1..1\nok 1\nok 2", "fail", "planned 1 test, and ran 2", counts(1, 2)),
    ("out of order", "1..2\nok 2\nok 1", "fail", "test 2 came after test 0", counts(2, 2)),
    ("two plans", "1..1\nok 1\n1..1", "fail", "more than one plan", counts(1, 1)),
    ("no plan", "TAP version 14\nok 1", "fail", "printed no plan; did it end in the middle?",
     counts(0, 1)),
    ("version alone", "TAP version 14", "fail", "printed no plan; did it end in the middle?",
     counts(0, 0)),
    ("bail out", "1..2\nok 1\nBail out! No disk", "error", "bailed out: No disk", counts(2, 1)),
    ("subtests", "1..1\n    1..2\n    ok 1\n    not ok 2 - inner\nok 1 - outer", "pass", "",
     counts(1, 1)),
    ("carriage returns", "1..1\r\nok 1 - a\r", "pass", "", counts(1, 1)),
    ("no TAP at all", "ok so far\nnot ok", "pass", "", None),
    ("a plan alone", "1..4 items", "pass", "", None),
)


@pytest.mark.parametrize("text, verdict, reason, tap_counts", [row[1:] for row in TAP],
                         ids=[row[0] for row in TAP])
def test_tap(cloche, text, verdict, reason, tap_counts):
    assert judge(cloche, tap(text)) == (verdict, reason, tap_counts)


def test_tap_and_exit_status(cloche):
    assert judge(cloche, tap("1..1\nok 1") + "exit 3\n")[:2] == \
        ("fail", "exit status 3, though no test failed")
    assert judge(cloche, tap("1..1\nnot ok 1") + "exit 1\n")[:2] == ("fail", "1 of 1 tests failed")
    assert judge(cloche, tap("1..1\nok 1") + "kill -ABRT $$\n")[:2] == ("crash", "killed by SIGABRT")


def test_tap_is_read_from_standard_output_only(cloche):
    """In pieces as small as they may come, and with standard error in between."""
    assert judge(cloche, "for c in 1 . . 1 '\\n' o k '\\n'; do printf \"$c\"; echo 'not ok 2' >&2; "
                 "done\n") == ("pass", "", counts(1, 1))


def test_tap_in_a_long_line(cloche):
    text = "echo 1..1; printf 'ok 1 - '; head -c 1000000 /dev/zero | tr '\\0' x; echo\n"
    assert judge(cloche, text) == ("pass", "", counts(1, 1))


# ---- directories ----

def names(result):
    return sorted(f"{event['suite']}::{event['name']}" for event in result.events
                  if event["event"] == "case-ended")


def test_directories_are_searched(cloche):
    for name in ("a", "deep/er/b", ".hidden", ".git/hooks/c", "CMakeFiles/d", "node_modules/e"):
        cloche.script(f"tree/{name}", "#!/bin/sh\n")
    cloche.script("tree/data", "#!/bin/sh\nexit 1\n", mode=0o644)
    cloche.script("tree/text", "executable, for no reason\nexit 1\n")
    library = next(Path("/lib").glob("*-linux-gnu/libm.so.6"))
    shutil.copy(library, cloche.cwd / "tree/libm.so.6")
    (cloche.cwd / "tree/libm.so.6").chmod(0o755)
    result = cloche.run("tree")
    assert result.status == 0, result
    assert names(result) == ["tree/a::a", "tree/deep/er/b::b"]


def test_native_suites_are_found_among_foreign_ones(cloche):
    (cloche.cwd / "tree").mkdir()
    shutil.copy(cloche.sample("comparing"), cloche.cwd / "tree")
    cloche.script("tree/script", "#!/bin/sh\n")
    result = cloche("list", "tree", "--name=is_even*", "--name=script")
    assert result.out.splitlines() == ["tree/comparing::is_even/even", "tree/comparing::is_even/odd",
                                       "tree/script::script"], result


def test_symbolic_links(cloche):
    """To a program, to a directory, to nothing, and in a circle."""
    cloche.script("away/program", "#!/bin/sh\n")
    tree = cloche.cwd / "tree"
    tree.mkdir()
    (tree / "link").symlink_to("../away/program")
    (tree / "nothing").symlink_to("nowhere")
    (tree / "circle").symlink_to(".")
    result = cloche.run("tree")
    assert result.status == 0, result
    assert names(result) == ["tree/link::program"]
    assert names(cloche.run("tree/link")) == ["tree/link::program"]


def test_a_suite_found_twice(cloche):
    cloche.script("tree/program", "#!/bin/sh\n")
    (cloche.cwd / "tree/link").symlink_to("program")
    result = cloche("run", "tree")
    assert result.status == 104 and "is named twice" in result.err, result


def test_several_paths_and_flags_between_them(cloche):
    for name in ("a", "b", "-c"):
        cloche.script(f"tree/{name}", "#!/bin/sh\n")
    result = cloche.run("tree/a", "-j1", "tree/b", "--name=*", "--", "./tree/-c")
    assert result.status == 0, result
    assert names(result) == ["tree/-c::-c", "tree/a::a", "tree/b::b"]


# ---- how they run ----

def test_the_working_directory_is_the_caller_s(cloche):
    cloche.script("data", "data\n", mode=0o644)
    assert judge(cloche, "test $(cat data) = data && test \"$(pwd)\" = " + str(cloche.cwd) +
                 " && test $# = 0\n") == ("pass", "", None)


def test_a_build_tree_that_only_its_owner_may_read(cloche):
    """0700 and 0600, as root's as well as the user's."""
    cloche.script("private/data", "data\n", mode=0o600)
    suite = cloche.script("private/reads", "#!/bin/sh\ncat private/data && echo more >> private/data "
                          "&& test $(wc -l < private/data) = 2\n", mode=0o700)
    suite.parent.chmod(0o700)
    case = cloche.run(suite).cases["reads"]
    assert case["verdict"] == "pass", case
    assert (cloche.cwd / "private/data").read_text() == "data\n"


def test_standard_input_is_empty(cloche):
    assert judge(cloche, "test -z \"$(cat)\"\n") == ("pass", "", None)


@pytest.mark.parametrize("flags", ((), ("--user=1000",), ("--ids=full", "--user=1000"),
                                   ("--ids=full", "--user=me")), ids=" ".join)
def test_output_can_be_opened_again(cloche, flags):
    text = "echo out >/dev/stdout && echo err >/dev/stderr || exit 1\n"
    assert judge(cloche, text, *flags) == ("pass", "", None)


def test_executable_but_not_readable(cloche):
    program = cloche.cwd / "program"
    shutil.copy("/bin/true", program)
    cloche.who.owns(program).chmod(0o111)
    assert cloche.run("./program").verdicts == {"program": "pass"}


def test_static_program(cloche):
    shutil.copy("/bin/busybox", cloche.cwd / "true")
    assert cloche.run("./true").verdicts == {"true": "pass"}


def test_many_suites(cloche):
    for i in range(300):
        cloche.script(f"tree/s{i}", f"#!/bin/sh\nexit {i % 2}\n")
    result = cloche.run("-j8", "tree")
    assert result.status == 100, result
    assert sorted(result.verdicts.values()) == ["fail"] * 150 + ["pass"] * 150
