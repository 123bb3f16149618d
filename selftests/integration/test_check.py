# SPDX-License-Identifier: MIT
"""Check programs: each of its test cases in a cell of its own."""

import shlex
import subprocess

import pytest

SOURCE = r"""
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

START_TEST(passes) { printf("a test ran\n"); ck_assert_int_eq(1, 1); } END_TEST
START_TEST(fails) { ck_assert_msg(0, "<bad> & %d", 3); } END_TEST
START_TEST(crashes) { raise(SIGSEGV); } END_TEST
START_TEST(exits) { exit(3); } END_TEST
START_TEST(hangs) { for (;;) pause(); } END_TEST
START_TEST(loops) { ck_assert_int_lt(_i, 2); } END_TEST
START_TEST(is_alone) { ck_assert_int_eq(sethostname("moon", 4), 0); } END_TEST
START_TEST(is_named)
{
    char name[64];
    ck_assert_int_eq(gethostname(name, sizeof(name)), 0);
    ck_assert_str_eq(name, "cloche");
}
END_TEST

static TCase *with(Suite *suite, const char *name)
{
    TCase *made = tcase_create(name);
    suite_add_tcase(suite, made);
    return made;
}

static void setup(void) { printf("a setup ran\n"); }

int main(void)
{
    Suite *first = suite_create("first & <suite>"), *other = suite_create("other");
    TCase *core = with(first, "core, \"x\" * \\ 'é' $HOME"), *ends = with(first, "ends well");
    SRunner *runner = srunner_create(first);
    int failed;

    srunner_add_suite(runner, other);
    tcase_add_unchecked_fixture(core, setup, NULL);
    tcase_add_test(core, passes);
    tcase_add_test(core, fails);
    tcase_add_loop_test(core, loops, 0, 4);
    tcase_add_test_raise_signal(ends, crashes, SIGSEGV);
    tcase_add_exit_test(ends, exits, 3);
    tcase_add_test(with(first, "crashes"), crashes);
    TCase *hanging = with(first, "hangs");
    tcase_set_timeout(hanging, 0.05);
    tcase_add_test(hanging, hangs);
    tcase_add_test(with(other, "ends well"), is_alone);
    tcase_add_test(with(other, "host"), is_named);
    tcase_add_test(with(other, "host"), passes);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
"""

CORE = "first & <suite>:core, \"x\" * \\ 'é' $HOME"
EXPECTED = {
    CORE: "fail",
    "first & <suite>:ends well": "pass",
    "first & <suite>:crashes": "crash",
    "first & <suite>:hangs": "timeout",
    "other:ends well": "pass",
    "other:host": "pass",
}


def build(source, target, *flags):
    target.with_suffix(".c").write_text(source)
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", "--static", "check"], check=True,
                               capture_output=True, text=True).stdout.split()
    subprocess.run(["gcc", *flags, "-o", target, target.with_suffix(".c"), *libraries], check=True)


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    target = tmp_path_factory.mktemp("check") / "suite"
    build(SOURCE, target)
    return target


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


def test_results_say_where(cloche, suite):
    result = cloche.run(suite)
    line = 1 + [at for at, text in enumerate(SOURCE.splitlines()) if "TEST(fails)" in text][0]
    failures = result.cases[CORE]["failures"]
    assert [(failure["file"].rpartition("/")[2], failure["line"]) for failure in failures] == \
        [("suite.c", line), ("suite.c", line + 4), ("suite.c", line + 4)]
    assert failures[0]["text"] == "fails: <bad> & 3"
    assert failures[1]["text"].endswith("(iteration 2)")
    assert result.cases["first & <suite>:hangs"]["reason"] == "hangs: Test timeout expired"


def test_no_test_runs_to_list(cloche, suite):
    """Nor what is set up for one."""
    spy = suite.parent / "spy"
    source = SOURCE.replace('printf("a ', f'creat("{spy}", 0600); printf("a ')
    build("#include <fcntl.h>\n" + source, suite.parent / "seen")
    result = cloche("list", "--root=host", "--fresh-list", suite.parent / "seen")
    assert len(result.out.splitlines()) == len(EXPECTED)
    assert not spy.exists()


def test_its_own_variables(cloche, suite):
    names = {"CK_RUN_SUITE": "other", "CK_RUN_CASE": "none", "CK_EXCLUDE_TAGS": "x",
             "CK_INCLUDE_TAGS": "y", "CK_XML_LOG_FILE_NAME": "/does/not/exist",
             "CK_TAP_LOG_FILE_NAME": "/does/not/exist", "CK_LOG_FILE_NAME": "/does/not/exist"}
    flags = [f"--env={name}={value}" for name, value in names.items()]
    assert cloche.run("--fresh-list", *flags, suite).verdicts == EXPECTED


def test_a_path_like_a_variable(cloche, suite):
    directory = suite.parent / "a=b"
    directory.mkdir()
    suite.rename(directory / "suite")
    assert cloche.run(directory / "suite").verdicts == EXPECTED


def test_a_case_that_is_gone(cloche, suite):
    """Check runs nothing, and is content."""
    script = cloche.script("later", f"""#!/bin/sh
case $CK_RUN_SUITE in
cloche*) printf 'Sother\\0Cgone\\0' >/proc/self/fd/249; echo '<testsuites' ;;
*) exec {shlex.quote(str(suite))} ;;
esac
""")
    result = cloche.run("--kind=check", script)
    assert result.verdicts == {"other:gone": "error"}
    assert "--fresh-list" in result.cases["other:gone"]["reason"]


def test_sanitized(cloche, suite):
    """Its runtime wants to be loaded first."""
    build(SOURCE, suite.parent / "asan", "-fsanitize=address")
    assert len(cloche("list", suite.parent / "asan").out.splitlines()) == len(EXPECTED)


@pytest.mark.parametrize("says, why", [
    ("Cfirst\\0", "is no list"),
    ("Sfirst\\0Xone\\0", "is no list"),
    ("Sfirst\\0Cone", "is no list"),
    ("", "it is linked statically"),
])
def test_no_list(cloche, says, why):
    script = cloche.script("odd", f"#!/bin/sh\nprintf '{says}' >/proc/self/fd/249\n")
    result = cloche("list", "--kind=check", script)
    assert result.status == 104 and why in result.err


def test_in_doubt(cloche, suite):
    """Two runners write over each other's log; nothing can be loaded into a static program."""
    twice = suite.parent / "twice"
    once = "srunner_run_all(runner, CK_ENV);"
    build(SOURCE.replace(once, once + once), twice)
    result = cloche("list", twice)
    assert result.out.splitlines() == [f"{twice}::twice"]
    assert "it has 2 runners, which write over each other's log" in result.err
    static = suite.parent / "static"
    build(SOURCE, static, "-static")
    result = cloche("list", static)
    assert result.out.splitlines() == [f"{static}::static"]
    assert "it is linked statically" in result.err


def test_list_is_whole_or_none(cloche):
    script = cloche.script("odd", r"""#!/bin/sh
printf 'Ss\0Cone\0' >/proc/self/fd/249
kill -ABRT $$
""")
    result = cloche("list", "--kind=check", script)
    assert result.status == 104 and "it was killed by SIGABRT" in result.err
