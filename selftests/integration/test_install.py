# SPDX-License-Identifier: MIT
"""What is installed, used by a project that knows nothing but the prefix."""

import json
import os
import re
import subprocess

import pytest

from program import BUILD, SOURCE, cache_value

pytestmark = pytest.mark.plain

SUITE = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cloche.h>

TEST(passes, .tags = "quick,net") { EXPECT(1 == 1); }
TEST(fails, .timeout = 7, .retries = 1, .retry_delay = 2) { EXPECT(1 == 2); }
TEST(shares, .group = "door", .threads = 3) {}
TEST(skips) { skip("not here"); }
TEST(hostname)
{
	char name[65];

	gethostname(name, sizeof(name));
	EXPECT_STR(name, ==, getenv("WANTED"));
}

static const struct {
	const char *name;
} rows[] = {{"a b;c"}, {"q\"u]=]ote\\$x"}, {"a b;c "}};

TEST_EACH(rows, odd) { EXPECT(strlen(param->name) > 3); }
"""

PROJECT = """
cmake_minimum_required(VERSION 3.22)
project(example C)
find_package(cloche 0.1 REQUIRED)
enable_testing()
foreach(name one two)
  add_executable(${name} suite.c)
endforeach()
target_link_libraries(one PRIVATE cloche::cloche)
target_link_libraries(two PRIVATE cloche::shared)
cloche_discover_tests(one --hostname=moon WORLD --env=WANTED=moon PROPERTIES COST 7)
cloche_discover_tests(two DISCOVERY_MODE PRE_TEST TEST_PREFIX two/ TEST_SUFFIX .x
  WORLD --hostname=mars --env=WANTED=mars)
file(GENERATE OUTPUT program CONTENT "$<TARGET_FILE:cloche::program>")
"""

NAMES = ["passes", "fails", "shares", "skips", "hostname", "odd/a b;c", 'odd/q"u]=]ote\\$x', "odd/a b;c "]


def run(*command, cwd=None, env=None, status=0):
    result = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True,
                            text=True, check=False, env={**os.environ, **(env or {})})
    assert result.returncode == status, (command, result.stdout, result.stderr)
    return result.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Installed to one place by DESTDIR, and moved to another."""
    top = tmp_path_factory.mktemp("install")
    os.chmod(top, 0o755)
    run("cmake", "--install", BUILD, env={"DESTDIR": str(top / "stage")})
    staged = top / "stage" / cache_value("CMAKE_INSTALL_PREFIX").lstrip("/")
    moved = top / "elsewhere" / "opt"
    moved.parent.mkdir()
    staged.rename(moved)
    return moved


@pytest.fixture(scope="module")
def example(prefix, tmp_path_factory):
    source = tmp_path_factory.mktemp("example")
    (source / "suite.c").write_text(SUITE)
    (source / "CMakeLists.txt").write_text(PROJECT)
    run("cmake", "-S", source, "-B", source / "build", "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}")
    run("ninja", "-C", source / "build")
    return source / "build"


def test_files_are_where_they_are_looked_for(prefix):
    for path in ("bin/cloche", "include/cloche.h", "share/man/man1/cloche.1",
                 "share/man/man3/cloche.3", "share/man/man5/cloche.ini.5",
                 "share/bash-completion/completions/cloche", "share/zsh/site-functions/_cloche",
                 "share/fish/vendor_completions.d/cloche.fish", "share/doc/cloche/reference.md"):
        assert (prefix / path).is_file(), path
    for path in prefix.rglob("*"):  # nothing knows where it was built
        if path.is_file() and path.suffix in (".cmake", ".pc"):
            text = path.read_text()
            assert str(BUILD) not in text and str(BUILD.parent) not in text, path


def test_the_installed_program_runs(prefix):
    assert run(prefix / "bin/cloche", "exec", "hostname") == "cloche\n"


@pytest.mark.parametrize("static", [False, True])
def test_pkg_config(prefix, tmp_path, static):
    pc = next(prefix.rglob("cloche.pc")).parent
    words = run("pkg-config", *(["--static"] if static else []), "--cflags", "--libs", "cloche",
                env={"PKG_CONFIG_PATH": str(pc)}).split()
    if static:  # of the library itself only
        words = ["-l:libcloche.a" if word == "-lcloche" else word for word in words]
    (tmp_path / "suite.c").write_text(SUITE)
    run("cc", tmp_path / "suite.c", "-o", tmp_path / "suite", *words)
    library = {"LD_LIBRARY_PATH": str(pc.parent)}
    assert len(run(tmp_path / "suite", "--list", env=library).splitlines()) == len(NAMES)
    needed = run("readelf", "-d", tmp_path / "suite")
    assert ("libcloche.so.0" in needed) != static and "inih" not in needed


def test_every_case_is_a_test(example):
    tests = {test["name"]: test for test in json.loads(
        run("ctest", "--show-only=json-v1", cwd=example))["tests"]}
    assert sorted(tests) == sorted([f"one::{name}" for name in NAMES] +
                                   [f"two/{name}.x" for name in NAMES])

    def properties(name):
        return {item["name"]: item["value"] for item in tests[name]["properties"]}
    assert sorted(properties("one::passes")["LABELS"]) == ["net", "quick"]
    assert properties("one::passes")["SKIP_RETURN_CODE"] == 77
    assert properties("one::passes")["TIMEOUT"] == 60 + 2 + 60
    assert properties("one::fails")["TIMEOUT"] == 2 * (7 + 2) + 2 + 60
    assert properties("one::shares")["RESOURCE_LOCK"] == ["cloche-group-door"]
    assert properties("one::shares")["PROCESSORS"] == 3
    assert "RESOURCE_LOCK" not in properties("one::fails")
    assert properties("one::fails")["COST"] == 7 and "COST" not in properties("two/fails.x")
    assert "LABELS" not in properties("one::fails")


def test_ctest_to_the_end(example):
    ended = run("ctest", "-j4", "--output-on-failure", cwd=example, status=8)
    results = dict(re.findall(r"Test +#\d+: (.*?) \.+ *(?:\*\*\*)?(Passed|Failed|Skipped)", ended))
    assert len(results) == 2 * len(NAMES), ended
    for name in NAMES:
        expected = {"fails": "Failed", "skips": "Skipped"}.get(name, "Passed")
        assert results[f"one::{name}"] == expected, ended
    assert "EXPECT(1 == 2)" in ended and "2 tests failed out of 16" in ended


def test_ctest_is_not_remembered(example, tmp_path):
    """A hundred cases would be a hundred runs, and push all others out of the history."""
    state = {"CLOCHE_STATE_DIR": str(tmp_path)}
    run(example / "one", "--exact=passes", env=state)
    before = sorted(tmp_path.rglob("*.jsonl"))
    assert len(before) == 1
    run("ctest", "-R", "passes", cwd=example, env=state)
    assert sorted(tmp_path.rglob("*.jsonl")) == before


def test_a_suite_that_is_built_again_is_asked_again(example):
    source = example.parent / "suite.c"
    source.write_text(SUITE + "TEST(another) {}\n")
    os.utime(source, (2e9, 2e9))
    try:
        run("ninja", "-C", example)
        listed = run("ctest", "-N", cwd=example)
        assert "one::another" in listed and "two/another.x" in listed
        assert "another" in run("ctest", "-R", "another", cwd=example)
    finally:
        source.write_text(SUITE)
        run("ninja", "-C", example)


def test_reports_of_the_file_are_not_overwritten_by_each_case(example):
    (example / "cloche.ini").write_text(
        "[run]\nreport = junit=all.xml\n[override all]\nfilter = test(hostname)\n"
        "hostname = other\n[override more]\nfilter = test(passes)\nexpect-failure = true\n")
    try:
        ended = run("ctest", "-R", "one::(passes|hostname)", cwd=example, status=8)
        assert re.search(r"one::passes \.*\*\*\*Failed", ended), ended  # the override holds
        assert re.search(r"one::hostname \.* +Passed", ended), ended  # the flag wins over it
        assert not (example / "all.xml").exists()
    finally:
        (example / "cloche.ini").unlink()


@pytest.mark.parametrize("text, sentence", [
    ("cloche_discover_tests(none)", "there is no target 'none'"),
    ("cloche_discover_tests(one root=cow)", "'root=cow' is neither a keyword nor a flag"),
    ("cloche_discover_tests(one DISCOVERY_MODE NEVER)",
     "DISCOVERY_MODE is POST_BUILD or PRE_TEST, not 'NEVER'"),
])
def test_refusals(prefix, tmp_path, text, sentence):
    (tmp_path / "suite.c").write_text(SUITE)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(example C)\nfind_package(cloche REQUIRED)\n"
        f"add_executable(one suite.c)\n{text}\n")
    result = subprocess.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build",
                             f"-DCMAKE_PREFIX_PATH={prefix}"], capture_output=True, text=True,
                            check=False)
    assert result.returncode and sentence in " ".join(result.stderr.split()), result.stderr


def test_what_is_no_suite_fails_the_build(prefix, tmp_path):
    (tmp_path / "main.c").write_text("int main(void) { return 3; }\n")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(example C)\nfind_package(cloche REQUIRED)\n"
        "add_executable(one main.c)\ncloche_discover_tests(one)\n")
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build", "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={prefix}")
    out = run("ninja", "-C", tmp_path / "build", status=1)
    assert "does not list its cases (3); is it built with cloche.h?" in " ".join(out.split())


def test_sources_in_a_directory_have_the_same_names(tmp_path):
    (tmp_path / "suite.c").write_text(SUITE)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(example C)\nenable_testing()\n"
        f"set(CLOCHE_SELFTESTS OFF)\nadd_subdirectory({SOURCE} cloche EXCLUDE_FROM_ALL)\n"
        "add_executable(one suite.c)\ntarget_link_libraries(one PRIVATE cloche::cloche)\n"
        "cloche_discover_tests(one DISCOVERY_MODE PRE_TEST)\n")
    build = tmp_path / "build"
    run("cmake", "-S", tmp_path, "-B", build, "-G", "Ninja")
    # Building all of it once more is not what this is about: take what is built.
    run("cc", "-I", SOURCE / "harness", tmp_path / "suite.c", "-o", build / "one",
        BUILD / "libcloche.a", "-ljansson", "-ldl")
    assert "one::hostname" in run("ctest", "-N", cwd=build)
    assert "libcloche.a" in run("ninja", "-C", build, "-t", "inputs", "one")
