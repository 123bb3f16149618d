# SPDX-License-Identifier: MIT
"""cmocka programs: each test in a cell of its own."""

import shlex
import subprocess

import pytest

SOURCE = r"""
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static void passes(void **state) { assert_string_equal(*state, "set up"); }
static void fails(void **state) { (void)state; assert_int_equal(1, 2); }
static void skips(void **state) { (void)state; skip(); }
static void ends_early(void **state) { (void)state; exit(0); }
static void crashes(void **state) { (void)state; raise(SIGSEGV); }
static void is_renamed(void **state) { (void)state; assert_int_equal(sethostname("moon", 4), 0); }
static void is_initial(void **state) { assert_string_equal(*state, "initial"); }
static void has_no_variable(void **state)
{
    (void)state;
    assert_null(getenv("CLOCHE_CMOCKA"));
}
static int set_up(void **state) { *state = "set up"; return 0; }
static int cannot(void **state) { (void)state; return -1; }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes), cmocka_unit_test(fails), cmocka_unit_test(skips),
        cmocka_unit_test(ends_early), cmocka_unit_test(crashes),
        cmocka_unit_test_setup_teardown(passes, cannot, NULL),
        {"a * ? b, \"c\" 'd' \\ $HOME é", is_renamed, NULL, NULL, NULL},
        cmocka_unit_test(has_no_variable),
    };
    int failed = cmocka_run_group_tests_name("first group", tests, set_up, NULL);
#ifndef ONE
    const struct CMUnitTest others[] = {cmocka_unit_test_prestate(is_initial, "initial")};
    failed += cmocka_run_group_tests(others, NULL, NULL);
#endif
    return failed;
}
"""

FIRST = {
    "passes": "pass",
    "fails": "fail",
    "skips": "skip",
    "ends_early": "fail",
    "crashes": "crash",
    "passes#2": "fail",
    "a * ? b, \"c\" 'd' \\ $HOME é": "pass",
    "has_no_variable": "pass",
}
EXPECTED = {**{f"first group.{name}": verdict for name, verdict in FIRST.items()},
            "others.is_initial": "pass"}


def build(source, target, *flags):
    target.with_suffix(".c").write_text(source)
    subprocess.run(["gcc", *flags, "-o", target, target.with_suffix(".c"), "-lcmocka"], check=True)
    return target


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    return build(SOURCE, tmp_path_factory.mktemp("cmocka") / "suite")


@pytest.fixture
def suite(program, work):
    target = work / "suite"
    target.write_bytes(program.read_bytes())
    target.chmod(0o755)
    return target


def test_cases(cloche, suite):
    result = cloche.run(suite)
    assert result.status == 100
    assert result.verdicts == EXPECTED


def test_one_group(cloche, suite):
    """Its name says nothing then."""
    one = build(SOURCE, suite.parent / "one", "-DONE")
    assert cloche.run(one).verdicts == FIRST


def test_results_say_where(cloche, suite):
    result = cloche.run(suite)
    line = 1 + [at for at, text in enumerate(SOURCE.splitlines()) if "void fails" in text][0]
    (failure,) = result.cases["first group.fails"]["failures"]
    assert failure["file"].endswith("suite.c")
    assert (failure["line"], failure["text"]) == (line, "0x1 != 0x2")
    assert result.cases["first group.ends_early"]["reason"] == "ended in the middle, by exit(0)"
    assert "Segmentation fault" in result.cases["first group.crashes"]["reason"]


def test_no_test_runs_to_list(cloche, suite):
    spy = suite.parent / "spy"
    source = SOURCE.replace("*state = \"set up\";", f'creat("{spy}", 0600); *state = "set up";')
    seen = build("#include <fcntl.h>\n" + source, suite.parent / "seen")
    result = cloche("list", "--root=host", "--fresh-list", seen)
    assert len(result.out.splitlines()) == len(EXPECTED)
    assert not spy.exists()


def test_its_own_variables(cloche, suite):
    names = {"CMOCKA_TEST_FILTER": "none", "CMOCKA_MESSAGE_OUTPUT": "XML",
             "CMOCKA_XML_FILE": "/does/not/exist", "CMOCKA_TEST_ABORT": "1"}
    flags = [f"--env={name}={value}" for name, value in names.items()]
    assert cloche.run("--fresh-list", *flags, suite).verdicts == EXPECTED


def test_result_ignored(cloche, suite):
    """A program that forgets what failed does not pass."""
    careless = build(SOURCE.replace("return failed;", "return failed * 0;"),
                     suite.parent / "careless")
    assert cloche.run(careless).verdicts == EXPECTED


def test_a_case_that_is_gone(cloche, suite):
    script = cloche.script("later", f"""#!/bin/sh
case $CLOCHE_CMOCKA in
list) printf 'Gone\\0Tgone\\0' >/proc/self/fd/249 ;;
*) exec {shlex.quote(str(suite))} ;;
esac
""")
    result = cloche.run("--kind=cmocka", script)
    assert result.verdicts == {"gone": "error"}
    assert "--fresh-list" in result.cases["gone"]["reason"]


def test_sanitized(cloche, suite):
    """Its runtime wants to be loaded first."""
    asan = build(SOURCE, suite.parent / "asan", "-fsanitize=address")
    name = "others.is_initial"
    assert cloche.run(f"--exact={name}", asan).verdicts == {name: "pass"}


@pytest.mark.parametrize("says, why", [
    ("Tfirst\\0", "is no list"),
    ("Gfirst\\0Xone\\0", "is no list"),
    ("Gfirst\\0Tone", "is no list"),
    ("\\0\\0", "is no list"),
    ("", "does not give its tests to cmocka's library"),
])
def test_no_list(cloche, says, why):
    script = cloche.script("odd", f"#!/bin/sh\nprintf '{says}' >/proc/self/fd/249\n")
    result = cloche("list", "--kind=cmocka", script)
    assert result.status == 104 and why in result.err
