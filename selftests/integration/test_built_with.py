# SPDX-License-Identifier: MIT
"""Suites built with sanitizers and with coverage: what they report comes out of the cell whole."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from program import BUILD, SOURCE, wait_for

pytestmark = [pytest.mark.plain,  # libcloche.a of this build is linked with another run-time
              pytest.mark.xdist_group("built_with")]  # a run takes away what a killed one has left

BROKEN = r"""
#include <cloche.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
TEST(uses_freed_memory)
{
	char *volatile memory = malloc(10);

	free(memory);
	memory[1] = 'x';
}
TEST(overflows)
{
	volatile int most = INT_MAX;

	most = most + 1;
}
static int shared;
static void *race(void *unused)
{
	(void)unused;
	for (int i = 0; i < 1000; i++)
		shared++;
	return NULL;
}
TEST(races)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, race, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}
TEST(leaks_memory)
{
	char *volatile memory = malloc(100);

	memory = NULL;
	EXPECT(memory == NULL);
}
TEST(is_fine)
{
	char *memory = malloc(10);

	EXPECT(memory != NULL);
	free(memory);
}
"""

SANITIZERS = (
    ("address", "uses_freed_memory", "ERROR: AddressSanitizer: heap-use-after-free"),
    ("address", "leaks_memory", "ERROR: LeakSanitizer: detected memory leaks"),
    ("undefined", "overflows", "runtime error: signed integer overflow: 2147483647 + 1"),
    ("thread", "races", "WARNING: ThreadSanitizer: data race"),
)


@pytest.mark.parametrize("compiler", ("gcc", "clang"))
@pytest.mark.parametrize("sanitizer, name, report", SANITIZERS, ids=[row[1] for row in SANITIZERS])
def test_sanitizer(cloche, build_suite, sanitizer, name, report, compiler):
    suite = build_suite(f"{compiler}_{sanitizer}", BROKEN, f"-fsanitize={sanitizer}",
                        compiler=compiler)
    result = cloche.run(f"--exact={name}", "--exact=is_fine", suite)
    assert result.status == 100, result
    case = result.cases[name]
    text = case["output"]["text"] + case["output"].get("end", "")
    assert case["failure"], case
    assert report in text, case
    assert f"{suite}.c:" in text or f"/{suite.name}.c:" in text, "the place by file and line"
    if sanitizer != "undefined":
        assert "SUMMARY: " in text, "its last line"
    assert result.cases["is_fine"]["verdict"] == "pass", result.cases["is_fine"]


@pytest.mark.parametrize("sanitizer", ("address", "undefined", "thread"))
def test_many_at_once(cloche, build_suite, sanitizer):
    suite = build_suite(f"gcc_{sanitizer}", BROKEN, f"-fsanitize={sanitizer}")
    result = cloche.run("--repeat=40", "-j8", "--exact=is_fine", suite)
    assert result.status == 0, result


# ---- coverage ----

LIBRARY = """
int classify(int n)
{
	if (n > 10)
		return 1; /* never */
	return n == 3 ? 3 : 0;
}
"""
SUITE = """
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int classify(int n);
static const struct { const char *name; int value; } rows[] = {{"a", 1}, {"b", 2}, {"c", 3}};
TEST_EACH(rows, classifies) { EXPECT(classify(param->value), !=, 1); }
TEST(crashes) { classify(3); abort(); }
TEST(waits) { classify(3); printf("ready\\n"); fflush(stdout); pause(); }
"""


@pytest.fixture
def covered(cloche, stage):
    """A build tree of the user's own, compiled with --coverage: data go where the objects are."""
    tree = cloche.cwd / "tree"
    tree.mkdir()
    cloche.who.owns(tree)
    headers = stage / "coverage"
    headers.mkdir(exist_ok=True)
    for file in (SOURCE / "harness/cloche.h", BUILD / "libcloche.a"):
        shutil.copy(file, headers)
    for name, text in (("library.c", LIBRARY), ("suite.c", SUITE)):
        cloche.script(f"tree/{name}", text, mode=0o644)
    for command in (["gcc", "--coverage", "-O0", f"-I{headers}", "-c", "library.c", "suite.c"],
                    ["gcc", "--coverage", "library.o", "suite.o", "-o", "suite",
                     f"{headers}/libcloche.a", "-ljansson", "-pthread"]):
        result = cloche.command(*command, cwd=tree)
        assert result.status == 0, result
    return tree


def executions(cloche, tree):
    """How often each line of library.c ran, by gcov."""
    result = cloche.command("gcov", "-t", "library.c", cwd=tree)
    assert result.status == 0, result
    return {int(line): count for count, line in
            re.findall(r"^ *([\d#]+): +(\d+):", result.out, re.M)}


@pytest.mark.parametrize("jobs", (1, 8))
def test_coverage(cloche, covered, jobs):
    """Nothing is lost between cells at once, and nothing counted twice."""
    result = cloche.run(f"-j{jobs}", "--name=classifies*", "--repeat=20", "tree/suite")
    assert result.status == 0, result
    assert executions(cloche, covered) == {2: "60", 4: "60", 5: "#####", 6: "60"}
    # A second run adds to what is there, as without cloche.
    assert cloche.run("-j2", "--name=classifies*", "tree/suite").status == 0
    assert executions(cloche, covered)[6] == "63"
    assert not [path for path in covered.rglob("*") if path.suffix not in
                (".c", ".o", ".gcno", ".gcda", "")], "nothing else is left in the tree"


def place_of(process):
    """Where coverage data of this run are while it runs: it holds the directory open."""
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        target = os.readlink(link)
        if target.startswith("/tmp/cloche-coverage-"):
            return Path(target)
    return None


def test_coverage_of_a_killed_run_is_removed_by_the_next(cloche, covered):
    """And not that of a run which still lives."""
    def start():
        process = cloche.popen(cloche.path, "run", "--name=waits", "--report=jsonl", "tree/suite")
        wait_for(lambda: b"case-started" in process.stdout.readline(), "the case runs")
        return process, place_of(process)

    alive, place_of_alive = start()
    killed, place_of_killed = start()
    killed.kill()
    killed.wait()
    assert place_of_killed.is_dir()
    result = cloche.run("--name=classifies*", "tree/suite")
    assert result.status == 0 and executions(cloche, covered)[6] == "3", result
    assert place_of_alive.is_dir() and not place_of_killed.exists()
    alive.terminate()
    alive.wait()
    assert not place_of_alive.exists()


def test_coverage_that_cannot_be_merged_is_kept(cloche, covered):
    """The message says where, and no later run takes it away."""
    assert cloche.run("--name=classifies*", "tree/suite").status == 0
    (covered / "nothing").mkdir()
    cloche.who.owns(covered / "nothing")
    result = cloche("run", "--name=classifies*", "tree/suite",
                    env={"PATH": str(covered / "nothing")})
    (place,) = re.findall(r"coverage data is left in '(/tmp/cloche-kept-coverage-\w+)/new'",
                          result.out + result.err)
    assert cloche.run("--name=classifies*", "tree/suite").status == 0
    assert list(Path(place).rglob("library.gcda"))
    cloche.command("rm", "-r", place)


MAIN = """
int classify(int n);
int main(int argc, char **argv) { return argc > 1 ? classify(3) != 3 : classify(1) || classify(3) != 3; }
"""


def foreign(cloche, *commands):
    """A tree with a program built by these, and scripts that run it."""
    tree = cloche.cwd / "tree"
    tree.mkdir()
    cloche.who.owns(tree)
    for name, text in (("library.c", LIBRARY), ("main.c", MAIN)):
        cloche.script(f"tree/{name}", text, mode=0o644)
    for name in ("one", "two"):
        cloche.script(f"tree/{name}.sh", f"#!/bin/sh\n{tree}/program && {tree}/program {name}\n")
    for command in commands:
        result = cloche.command(*command.split(), cwd=tree)
        assert result.status == 0, result
    return tree


GCC = ("gcc --coverage -O0 -c library.c", "gcc --coverage -O0 library.o main.c -o program")


def test_coverage_of_a_foreign_program(cloche):
    tree = foreign(cloche, *GCC)
    result = cloche.run("-j8", "--repeat=20", "tree/program")
    assert result.status == 0, result
    assert executions(cloche, tree) == {2: "40", 4: "40", 5: "#####", 6: "40"}
    assert cloche.run("--coverage=no", "tree/program").status == 0
    assert executions(cloche, tree)[6] == "40"


def test_coverage_of_what_scripts_run(cloche):
    """Where the notes files of gcc are, data are looked for."""
    tree = foreign(cloche, *GCC)
    result = cloche.run("-j8", "--repeat=10", "tree/one.sh", "tree/two.sh")
    assert result.status == 0, result
    assert executions(cloche, tree)[6] == "60"


def test_coverage_by_clang(cloche):
    """Two runs, of which neither writes over the other's data."""
    tree = foreign(cloche, "clang -fprofile-instr-generate -fcoverage-mapping -O0 library.c main.c "
                   "-o program")
    assert cloche.run("-j8", "--repeat=20", "program", cwd=tree).status == 0
    first = set(tree.glob("*.profraw"))
    assert first and cloche.run("-j2", "--repeat=5", "program", cwd=tree).status == 0
    assert cloche.run("--coverage=yes", "one.sh", cwd=tree).status == 0
    files = set(tree.glob("*.profraw"))
    assert first < files
    result = cloche.command("llvm-profdata", "merge", "-o", "all.profdata", *files, cwd=tree)
    assert result.status == 0, result
    result = cloche.command("llvm-profdata", "show", "--counts", "--function=classify",
                            "all.profdata", cwd=tree)
    assert "Function count: 53" in result.out, result


def test_coverage_by_clang_of_a_native_suite(cloche, build_suite):
    """What the program does before its cases is in none of them."""
    suite = build_suite("profiled", SUITE + LIBRARY, "-fprofile-instr-generate",
                        "-fcoverage-mapping", compiler="clang")
    tree = cloche.cwd / "tree"
    tree.mkdir()
    cloche.who.owns(tree)
    result = cloche.run("-j4", "--name=classifies*", "--repeat=10", suite, cwd=tree)
    assert result.status == 0, result
    for root in "host", "cow":
        flags = (f"--root={root}", "--name=classifies*")
        assert cloche.run(*flags, suite, cwd=tree).status == 0
    files = list(tree.iterdir())
    assert all(re.fullmatch(r"cloche-\d+-[\d_]+\.profraw", file.name) for file in files), files
    result = cloche.command("llvm-profdata", "merge", "-o", "all.profdata", *files, cwd=tree)
    assert result.status == 0, result
    result = cloche.command("llvm-profdata", "show", "--counts", "--function=classify",
                            "all.profdata", cwd=tree)
    assert re.search(r"^ +classify:\n(   .*\n)*? +Function count: 36\n", result.out, re.M), result


def test_coverage_of_a_bare_suite(cloche, covered):
    result = cloche.command("tree/suite", "-j4", "classifies*")
    assert result.status == 0, result
    assert executions(cloche, covered)[6] == "3"


def test_linked_with_the_shared_library(cloche, stage):
    """As whoever installed it builds a suite."""
    library = next(BUILD.glob("libcloche.so.0"))
    directory = stage / "shared"
    directory.mkdir(exist_ok=True)
    shutil.copy(library, directory / "libcloche.so.0")
    shutil.copy(library, directory / "libcloche.so")
    (directory / "suite.c").write_text(SUITE + "int classify(int n) { return n == 1 ? 0 : n; }\n")
    subprocess.run(["gcc", "-g", f"-I{SOURCE}/harness", "suite.c", "-o", "suite", "-L.", "-lcloche",
                    f"-Wl,-rpath,{directory}"], cwd=directory, check=True)
    result = cloche.run("--root=cow", "--skip=waits", directory / "suite")
    assert result.status == 100, result
    assert result.verdicts == {"classifies/a": "pass", "classifies/b": "pass",
                               "classifies/c": "pass", "crashes": "crash"}
    assert " in crashes at " in result.cases["crashes"]["crash"]


# ---- linked in other ways ----

CRASHES = "#include <cloche.h>\nTEST(crashes) { volatile int *p = 0; *p = 1; }\n"
NAMED = re.compile(r"#0 .* in crashes at .*\.c:2$", re.M)


@pytest.mark.parametrize("name, flags", (("fixed", ["-no-pie"]), ("static", ["-static"]),
                                         ("static_pie", ["-static-pie", "-fPIE"])),
                         ids=lambda value: value if isinstance(value, str) else "")
def test_crash_has_names(cloche, build_suite, name, flags):
    suite = build_suite(name, CRASHES, *flags)
    result = cloche.run(suite)
    assert result.status == 100, result
    assert NAMED.search(result.cases["crashes"]["crash"]), result


CPLUSPLUS = r"""
#include <cloche.h>
#include <vector>
namespace moon {
struct base { __attribute__((noinline)) void land(std::vector<int> &v) { v.at(3); } };
}
TEST(throws) { std::vector<int> v; moon::base().land(v); }
"""


def test_functions_of_cxx_are_named(cloche, build_suite):
    """As they were written, and no further than to the test."""
    suite = build_suite("cxx", CPLUSPLUS, "-std=c++17", compiler="g++", suffix=".cpp")
    crash = cloche.run(suite).cases["throws"]["crash"]
    assert re.search(r" in moon::base::land\(std::vector<int.*\) at .*cxx.cpp:5$", crash, re.M), crash
    assert re.search(r" in throws\(\) at .*cxx.cpp:7$", crash.splitlines()[-1]), crash


@pytest.mark.parametrize("name, flags", (("static", ["-static"]),
                                         ("static_pie", ["-static-pie", "-fPIE"])),
                         ids=lambda value: value if isinstance(value, str) else "")
def test_static_suite_run_bare_survives_a_crash(cloche, build_suite, name, flags):
    """It cannot load the library that finds names, and must not try to."""
    suite = build_suite(name, CRASHES, *flags)
    result = cloche.command(suite, "--report=jsonl")
    assert result.status == 100, result
    crash = result.cases["crashes"]["crash"]
    assert re.search(rf"#0 +{name}\+0x[0-9a-f]+$", crash, re.M), crash
    assert "this program is linked statically" in crash and "run it by 'cloche run'" in crash
