# SPDX-License-Identifier: MIT
"""Programs of GLib's test framework: each path in a cell of its own."""

import shlex
import subprocess

import pytest

SOURCE = r"""
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void one(void) { g_assert_cmpint(getpid(), ==, 2); }
static void nothing(void) {}
static void parent(void) { if (write(1, "the parent\n", 11) != 11) abort(); }
static void child(void) { if (write(1, "the child\n", 10) != 10) abort(); }
static void not_equal(void) { g_assert_cmpint(1, ==, 2); }
static void goes_on(void)
{
    g_test_set_nonfatal_assertions();
    g_assert_cmpint(1, ==, 2);
    g_assert_cmpstr("a:3:b", ==, "c");
}
static void says_why(void) { g_test_fail_printf("bad %d", 3); }
static void says_nothing(void) { g_test_fail(); }
static void warns(void) { g_warning("oh"); }
static void skips(void) { g_test_skip("no device # 3"); }
static void incomplete(void) { g_test_incomplete("later"); }
static void ends_early(void) { exit(0); }
static void crashes(void) { raise(SIGSEGV); }
static void traps(void)
{
    if (g_test_subprocess())
        g_assert_cmpint(1, ==, 2);
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDOUT);
    g_test_trap_assert_failed();
}
static void traps_kid(void)
{
    g_test_trap_subprocess("/sub/named/subprocess/kid", 0, 0);
    g_test_trap_assert_passed();
}
static void unfinished(void) { if (write(1, "no newline", 10) != 10) abort(); }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/a", parent);
    g_test_add_func("/a/b", child);
    g_test_add_func("/a/b/c", child);
    g_test_add_func("/a c", child);
    g_test_add_func("/end/passes", one);
    g_test_add_func("/end/not-equal", not_equal);
    g_test_add_func("/end/goes-on", goes_on);
    g_test_add_func("/end/says-why", says_why);
    g_test_add_func("/end/says-nothing", says_nothing);
    g_test_add_func("/end/warns", warns);
    g_test_add_func("/end/skips", skips);
    g_test_add_func("/end/incomplete", incomplete);
    g_test_add_func("/end/early", ends_early);
    g_test_add_func("/end/crashes", crashes);
    g_test_add_func("/end/unfinished", unfinished);
    g_test_add_func("/sub/self", traps);
    g_test_add_func("/sub/named", traps_kid);
    g_test_add_func("/sub/named/subprocess/kid", nothing);
    g_test_add_func("/n/a b, c # d \\ * ? [é] \"q\" 'r' %s $HOME", one);
    g_test_add_func("/n/  two", one);
    g_test_add_func("/n/-p", one);
    if (g_test_slow())
        g_test_add_func("/slow", one);
    return g_test_run();
}
"""

EXPECTED = {
    "/a": "pass",
    "/a/b": "pass",
    "/a/b/c": "pass",
    "/a c": "pass",
    "/end/passes": "pass",
    "/end/not-equal": "fail",
    "/end/goes-on": "fail",
    "/end/says-why": "fail",
    "/end/says-nothing": "fail",
    "/end/warns": "fail",
    "/end/skips": "skip",
    "/end/incomplete": "pass",
    "/end/early": "fail",
    "/end/crashes": "crash",
    "/end/unfinished": "pass",
    "/sub/self": "pass",
    "/sub/named": "pass",
    "/n/a b, c # d \\ * ? [é] \"q\" 'r' %s $HOME": "pass",
    "/n/  two": "pass",
    "/n/-p": "pass",
}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    directory = tmp_path_factory.mktemp("glib")
    (directory / "gtests.c").write_text(SOURCE)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0"], check=True,
                           capture_output=True, text=True).stdout.split()
    subprocess.run(["gcc", "-O0", "-o", directory / "gtests", directory / "gtests.c", *flags],
                   check=True)
    return directory / "gtests"


@pytest.fixture
def gtests(program, work):
    """A copy: a list that is remembered of one is not that of another."""
    target = work / "gtests"
    target.write_bytes(program.read_bytes())
    target.chmod(0o755)
    return target


def test_cases(cloche, gtests):
    result = cloche.run(gtests)
    assert result.status == 100
    assert result.verdicts == EXPECTED


def test_at_each_point_of_a_matrix(cloche, gtests):
    """A parent is run without those below it, which the program knows by the names it listed."""
    result = cloche.run("--uptime-matrix", "--exact=/a", "--exact=/a/b", gtests)
    assert result.status == 0 and len(result.verdicts) == 12, result
    for name, case in result.cases.items():
        said = ("the parent" in case["output"]["text"], "the child" in case["output"]["text"])
        assert said == (name.startswith("/a@"), name.startswith("/a/b@")), case


def test_results_say_where(cloche, gtests):
    result = cloche.run(gtests)

    def failures(name):
        return [(failure["file"].rpartition("/")[2], failure["line"], failure["text"])
                for failure in result.cases[name]["failures"]]
    line = 1 + SOURCE.splitlines().index(
        "static void not_equal(void) { g_assert_cmpint(1, ==, 2); }")
    assert failures("/end/not-equal") == \
        [("gtests.c", line, "not_equal: assertion failed (1 == 2): (1 == 2)")]
    assert failures("/end/goes-on") == [
        ("gtests.c", line + 4, "goes_on: assertion failed (1 == 2): (1 == 2)"),
        ("gtests.c", line + 5, 'goes_on: assertion failed ("a:3:b" == "c"): ("a:3:b" == "c")')]
    assert {name: result.cases["/end/" + name]["reason"] for name in
            ("goes-on", "says-why", "says-nothing", "warns", "skips", "early")} == {
        "goes-on": "2 expectations failed",
        "says-why": "bad 3",
        "says-nothing": "it said that it failed: g_test_fail()",
        "warns": "FATAL-WARNING: oh",
        "skips": "no device # 3",
        "early": "ended in the middle, by exit(0)"}


def test_nothing_below_it_runs(cloche, gtests):
    """GLib runs what is below a path with it."""
    alone = cloche("run", "--exact=/a", "--success-output=immediate", gtests)
    alone = alone.out + alone.err
    assert "the parent" in alone and "the child" not in alone
    middle = cloche("run", "--exact=/a/b", "--success-output=immediate", gtests)
    assert (middle.out + middle.err).count("the child") == 1


CHANCE = r"""
#include <glib.h>
static void nothing(gconstpointer data) { g_test_message("drawn %s", (const char *)data); }
int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int i = 0; i < 3; i++) {
        char *path = g_strdup_printf("/chance/seed:%u", g_test_rand_int_range(0, G_MAXINT));
        g_test_add_data_func(path, path, nothing);
    }
    return g_test_run();
}
"""


def test_paths_by_chance(cloche):
    """They are there again when the case runs, with the random seed of the list."""
    source = cloche.script("chance.c", CHANCE)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0"], check=True,
                           capture_output=True, text=True).stdout
    subprocess.run(["gcc", "-o", cloche.cwd / "chance", source, *shlex.split(flags)], check=True)
    result = cloche.run("chance")
    assert result.status == 0 and len(result.verdicts) == 3, result
    again = cloche.run("--fresh-list", "chance")
    assert again.status == 0 and not set(again.verdicts) & set(result.verdicts), \
        "others, by another seed"


def test_a_case_that_is_gone(cloche, gtests):
    """GLib runs nothing, and is content."""
    script = cloche.script("later", f"""#!/bin/sh
case $1 in -l) echo /gone; echo 1..1 ;; *) exec {shlex.quote(str(gtests))} "$@" ;; esac
""")
    result = cloche.run("--kind=glib", script)
    assert result.verdicts == {"/gone": "error"}
    assert "--fresh-list" in result.cases["/gone"]["reason"]


def test_modes(cloche, gtests):
    """-m is the program's own word: a script says it."""
    script = cloche.script("slowly", f"""#!/bin/sh
exec {shlex.quote(str(gtests))} -m slow "$@"
""")
    result = cloche.run("--kind=glib", script)
    assert result.verdicts == {**EXPECTED, "/slow": "pass"}


@pytest.mark.parametrize("says, why", [
    ("/a\n/b\n1..3\n", "its list is of 2 tests, and it says that it has 3"),
    ("/tmp/a/file\n1..0\n", "its list is of 1 tests, and it says that it has 0"),
    ("hello\n", "it lists no case"),
])
def test_no_list(cloche, says, why):
    script = cloche.script("odd", f"#!/bin/sh\nprintf %s {shlex.quote(says)}\n")
    result = cloche("list", "--kind=glib", script)
    assert result.status == 104 and why in result.err


def test_in_doubt(cloche, work):
    """A program that calls the framework and reads its own options runs as one case."""
    (work / "own.c").write_text(r"""
#include <glib.h>
int main(int argc, char **argv)
{
    if (argc > 1) { g_printerr("no such option\n"); return 2; }
    g_test_init(&argc, &argv, NULL);
    return g_test_run();
}
""")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "glib-2.0"], check=True,
                           capture_output=True, text=True).stdout.split()
    subprocess.run(["gcc", "-o", work / "own", work / "own.c", *flags], check=True)
    result = cloche("list", work / "own")
    assert result.out.splitlines() == [f"{work}/own::own"]
    assert "looks like GLib tests" in result.err and "no such option" in result.err
