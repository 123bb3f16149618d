# SPDX-License-Identifier: MIT
"""Programs of the kernel's kselftest_harness.h: each test in a cell of its own.

The header is no part of a Debian package. The program here stands in for one that is built with
it: it lists, selects, prints and ends as the header of Linux 6.10 does.
"""

import shlex
import subprocess

import pytest

SOURCE = r"""
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASS, FAIL, XFAIL, XPASS, SKIP };
static const char *reason;
static int passes(void) { return getpid() == 3 ? PASS : FAIL; }
static int fails(void)
{
    printf("# suite.c:12:fails:Expected 1 (1) == 2 (2)\n");
    return FAIL;
}
static int skips(void) { return SKIP; }
static int xfails(void) { return XFAIL; }
static int crashes(void) { raise(SIGSEGV); return PASS; }
static int hangs(void) { for (;;) pause(); }
static int asserts(void) { printf("# suite.c:13:asserts:Expected 0 != 0\n"); fflush(stdout); abort(); }
static int outlives(void) { kill(getppid(), SIGKILL); return PASS; }

struct test { const char *name; int (*run)(void); };
struct fixture {
    const char *name;
    const char *variants[4];
    struct test tests[10];
} fixtures[] = {
    {"global", {0}, {{"passes", passes}, {"fails", fails}, {"skips", skips}, {"xfails", xfails},
                     {"crashes", crashes}, {"hangs", hangs}, {"asserts", asserts},
                     {"ends_all", outlives}}},
    {"a_fixture_with_a_name_that_is_long", {"ipv4", "a_variant_with_a_name_that_is_long", "ipv6"},
     {{"one", passes}}},
    {"few", {"only"}, {{"one", passes}, {"two", passes}}},
};
#define COUNT (sizeof(fixtures) / sizeof(*fixtures))

static int list(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        struct fixture *f = &fixtures[i];
        if (i)
            fprintf(stderr, "%.80s\n", "----------------------------------------"
                    "----------------------------------------");
        else
            fprintf(stderr, "%-20s %-25s %s\n", "# FIXTURE", "VARIANT", "TEST");
        const char **variant = f->variants;
        struct test *test = f->tests;
        for (const char *name = f->name; *variant || test->name; name = "")
            fprintf(stderr, "%-20s %-25s %s\n", name, *variant ? *variant++ : "",
                    test->name ? test++->name : "");
    }
    return SKIP;
}

static int run(const char *name, struct test *test)
{
    int status, code;
    pid_t child;
    printf("#  RUN           %s ...\n", name);
    fflush(stdout);
    child = fork();
    if (!child) {
        alarm(test->run == hangs);
        setpgid(0, 0);
        code = test->run();
        fflush(stdout);
        _exit(code);
    }
    waitpid(child, &status, 0);
    code = WIFEXITED(status) ? WEXITSTATUS(status) : FAIL;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        printf("# %s: Test terminated by timeout\n", test->name);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        printf("# %s: Test terminated by assertion\n", test->name);
    else if (WIFSIGNALED(status))
        printf("# %s: Test terminated unexpectedly by signal %d\n", test->name, WTERMSIG(status));
    else if (code == FAIL)
        printf("# %s: Test failed\n", test->name);
    printf("#          %4s  %s\n", code == FAIL ? "FAIL" : "OK", name);
    printf("%sok 1 %s%s\n", code == FAIL ? "not " : "", name,
           code == SKIP ? " # SKIP no device" : code == XFAIL ? " # XFAIL known" : "");
    return code;
}

int main(int argc, char **argv)
{
    const char *wanted = NULL;
    int opt, ran = 0, failed = 0;
    while ((opt = getopt(argc, argv, "hlr:")) != -1)
        switch (opt) {
        case 'l': return list();
        case 'r': wanted = optarg; break;
        default: fprintf(stderr, "\t-r name  run specified test\n"); return opt == 'h' ? SKIP : FAIL;
        }
    printf("TAP version 13\n");
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < COUNT; i++)
            for (unsigned v = 0; !v || fixtures[i].variants[v]; v++)
                for (struct test *t = fixtures[i].tests; t->name; t++) {
                    char name[256];
                    const char *variant = fixtures[i].variants[v];
                    snprintf(name, sizeof(name), "%s%s%s.%s", fixtures[i].name, variant ? "." : "",
                             variant ? variant : "", t->name);
                    if (wanted && strcmp(wanted, name))
                        continue;
                    if (!pass)
                        ran++;
                    else
                        failed += run(name, t) == FAIL;
                }
        if (!pass)
            printf("1..%d\n", ran);
    }
    return failed ? FAIL : PASS;
}
"""

LONG = "a_fixture_with_a_name_that_is_long"
EXPECTED = {
    "global.passes": "pass",
    "global.fails": "fail",
    "global.skips": "skip",
    "global.xfails": "pass",
    "global.crashes": "crash",
    "global.hangs": "timeout",
    "global.asserts": "fail",
    "global.ends_all": "crash",
    f"{LONG}.ipv4.one": "pass",
    f"{LONG}.a_variant_with_a_name_that_is_long.one": "pass",
    f"{LONG}.ipv6.one": "pass",
    "few.only.one": "pass",
    "few.only.two": "pass",
}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    directory = tmp_path_factory.mktemp("kselftest")
    (directory / "suite.c").write_text(SOURCE)
    subprocess.run(["gcc", "-o", directory / "suite", directory / "suite.c"], check=True)
    return directory / "suite"


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
    result = cloche.run("-n", "global.*", suite)
    for name, line in ("global.fails", 12), ("global.asserts", 13):
        (failure,) = result.cases[name]["failures"]
        assert (failure["file"], failure["line"]) == ("suite.c", line)
        assert "Expected" in failure["text"]
    assert result.cases["global.skips"]["reason"] == "no device"
    assert result.cases["global.crashes"]["reason"] == \
        "Test terminated unexpectedly by signal 11"


def test_a_case_that_is_gone(cloche, suite):
    script = cloche.script("later", f"""#!/bin/sh
case $1 in -l) {shlex.quote(str(suite))} -l 2>&1 | sed s/passes/gone/ >&2 ;;
*) exec {shlex.quote(str(suite))} "$@" ;; esac
""")
    result = cloche.run("--kind=kselftest", "-n", "global.gone", script)
    assert result.verdicts == {"global.gone": "error"}
    assert "--fresh-list" in result.cases["global.gone"]["reason"]


HEADER = f"{'# FIXTURE':20} {'VARIANT':25} TEST\n"


@pytest.mark.parametrize("says, why", [
    ("hello\n", "it prints no table of its tests"),
    (HEADER + f"{'':20} {'':25} lost\n", "in its list is no test"),
    (HEADER + f"{'a':20} {'':25} one more\n", "in its list is no test"),
    (HEADER + f"{'a':20} {'':25} one\n{'b':20} {'':25} two\n", "in its list is no test"),
])
def test_no_list(cloche, says, why):
    script = cloche.script("odd", f"#!/bin/sh\nprintf %s {shlex.quote(says)} >&2\n")
    result = cloche("list", "--kind=kselftest", script)
    assert result.status == 104 and why in result.err
