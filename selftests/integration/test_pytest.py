# SPDX-License-Identifier: MIT
"""Directories and files of pytest: each item in a cell of its own."""

import pytest

SOURCE = r"""
import os
import socket
import sys

import pytest

def test_passes():
    print("said while it passes")

@pytest.mark.net
@pytest.mark.usefixtures("tmp_path")
def test_fails():
    one = 1
    assert one == 2, "not <equal>"

@pytest.mark.parametrize("v", [
    "a::b", "[x]", "x]", "a b", "ü", "*?", "it's", 'q"', "a/b", "\\n", "\n", "a,b", "-k", "", "$HOME"])
def test_values(v):
    pass

@pytest.mark.parametrize("v", [1], ids=["x[1]::y"])
class TestClass:
    def test_method(self, v):
        assert socket.gethostname() == "cloche"

def test_skips():
    pytest.skip("no device")

@pytest.mark.skipif(True, reason="not here")
def test_skips_if():
    pass

@pytest.mark.xfail(reason="a bug")
def test_xfails():
    assert False

@pytest.mark.xfail(reason="a bug")
def test_xpasses():
    pass

@pytest.mark.xfail(strict=True, reason="a bug")
def test_xpasses_strictly():
    pass

@pytest.mark.xfail(run=False, reason="hangs")
def test_xfails_unrun():
    pass

@pytest.fixture
def broken():
    raise OSError("no luck")

@pytest.fixture
def breaks():
    yield
    raise OSError("no end")

def test_setup(broken):
    pass

def test_teardown(breaks):
    pass

def test_ends():
    os._exit(0)

def test_ends_as_skipped():
    os._exit(77)

def test_exits():
    sys.exit(0)

def test_stops_the_session():
    pytest.exit("enough", 0)

def test_crashes():
    os.abort()

@pytest.mark.slow
def test_slow():
    pass

@pytest.mark.parametrize("n", range(2))
def test_hostname(n):
    assert socket.gethostname() == "cloche"
    socket.sethostname(f"moon{n}")
"""

VALUES = ("a::b", "[x]", "x]", "a b", "\\xfc", "*?", "it's", 'q"', "a/b", "\\\\n", "\\n", "a,b",
          "-k", "", "$HOME")
EXPECTED = {
    "test_passes": "pass",
    "test_fails": "fail",
    **{f"test_values[{value}]": "pass" for value in VALUES},
    "TestClass::test_method[x[1]::y]": "pass",
    "test_skips": "skip",
    "test_skips_if": "skip",
    "test_xfails": "pass",
    "test_xpasses": "pass",
    "test_xpasses_strictly": "fail",
    "test_xfails_unrun": "skip",
    "test_setup": "fail",
    "test_teardown": "fail",
    "test_ends": "fail",
    "test_ends_as_skipped": "fail",
    "test_exits": "fail",
    "test_stops_the_session": "fail",
    "test_crashes": "crash",
    "test_slow": "pass",
    "test_hostname[0]": "pass",
    "test_hostname[1]": "pass",
}
MARKERS = "markers = [\"net\", \"slow\"]\n"


@pytest.fixture
def project(work):
    """write(**files): a project of these files, named with '__' for '/' and '_dot_' for '.'."""
    def write(**files):
        for name, text in files.items():
            path = work / "project" / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return "project"
    return write


def place(mark):
    return 1 + SOURCE[:SOURCE.index(mark)].count("\n")


def test_cases(cloche, project):
    project(tests__test_a_dot_py=SOURCE, pytest_dot_ini="[pytest]\nmarkers =\n net\n slow\n")
    result = cloche.run("project")
    assert result.status == 100
    assert result.verdicts == {f"tests/test_a.py::{name}": verdict
                               for name, verdict in EXPECTED.items()}
    cases = {name.split("::", 1)[1]: case for name, case in result.cases.items()}
    source = str(cloche.cwd / "project/tests/test_a.py")
    assert [(failure["file"], failure["line"]) for failure in cases["test_fails"]["failures"]] == \
        [(source, place("assert one"))]
    for name, reason in {
            "test_fails": "AssertionError: not <equal>",
            "test_skips": "no device", "test_skips_if": "not here",
            "test_xfails": "failed, as expected: a bug",
            "test_xpasses": "passed, though it was expected to fail: a bug",
            "test_xpasses_strictly": "[XPASS(strict)] a bug", "test_xfails_unrun": "hangs",
            "test_setup": "setup: OSError: no luck", "test_teardown": "teardown: OSError: no end",
            "test_ends": "ended in the middle, by exit(0)",
            "test_ends_as_skipped": "ended in the middle, by exit(77)",
            "test_exits": "SystemExit: 0"}.items():
        assert cases[name]["reason"] == reason


def test_markers_are_tags(cloche, project):
    project(test_a_dot_py=SOURCE, pytest_dot_ini="[pytest]\nmarkers =\n net\n slow\n")
    result = cloche("list", "project", "-E", "tag(net) or tag(slow)")
    assert result.out.splitlines() == ["project::test_a.py::test_fails",
                                       "project::test_a.py::test_slow"]
    assert cloche("list", "project", "-E", "tag(usefixtures)").out == ""


ADDOPTS = ("[tool.pytest.ini_options]\n"
           "addopts = \"-n 4 --lf -x -qq -m 'not slow' --cov --cov-fail-under=100 "
           "--junitxml=/does/not/exist/x.xml\"\n" + MARKERS)
SMALL = """
import pytest
def test_one():
    assert __import__("os").environ.get("PYTEST_XDIST_WORKER") is None
@pytest.mark.slow
def test_two():
    pass
"""


def test_options_of_the_project(cloche, project):
    """Those that spread, choose or measure do not fight; what they leave out is ignored."""
    project(test_a_dot_py=SMALL, pyproject_dot_toml=ADDOPTS)
    assert cloche.run("project").verdicts == {"test_a.py::test_one": "pass"}
    assert cloche.run("project", "--run-ignored=only").verdicts == {"test_a.py::test_two": "pass"}
    assert cloche.run("project", "--exact=test_a.py::test_two").verdicts == \
        {"test_a.py::test_two": "pass"}


def test_options_of_the_environment(cloche, project):
    project(test_a_dot_py=SMALL, pyproject_dot_toml="[tool.pytest.ini_options]\n" + MARKERS)
    flags = ("--env=PYTEST_ADDOPTS=-n2 -k two", "--env=PYTEST_XDIST_AUTO_NUM_WORKERS=x")
    assert cloche.run("project", *flags).verdicts == {"test_a.py::test_two": "pass"}


@pytest.mark.parametrize("name, text, found", (
    ("pytest.ini", "", True), (".pytest.ini", "", True), ("conftest.py", "", True),
    ("tox.ini", "[pytest]\n", True), ("tox.ini", "[tox]\n", False),
    ("setup.cfg", "[tool:pytest]\n", True), ("setup.cfg", "[metadata]\n", False),
    ("pyproject.toml", "[tool.pytest.ini_options]\n", True), ("pyproject.toml", "\n", False)))
def test_recognised_by_its_configuration(cloche, project, name, text, found):
    project(test_a_dot_py="def test_one(): pass\n")
    (cloche.cwd / "project" / name).write_text(text)
    result = cloche("list", "project")
    assert result.out.endswith("test_a.py::test_one\n") == found
    assert result.status == (0 if found else 104)
    assert cloche("list", "project", "--kind=pytest").out.endswith("::test_one\n")


def test_files_that_are_named(cloche, project):
    """By their name or by --kind; in a directory that is searched, they are nothing of it."""
    text = "def test_one(): pass\n"
    project(test_a_dot_py=text, b_test_dot_py=text, c_dot_py=text)
    cloche.script("project/script", "#!/bin/sh\n")
    named = cloche("list", "project/test_a.py", "project/b_test.py", "--kind=pytest=c.py",
                   "project/c.py")
    assert [line.split("::")[0] for line in named.out.splitlines()] == \
        ["project/test_a.py", "project/b_test.py", "project/c.py"]
    assert cloche("list", "project").out == "project/script::script\n"


def test_modules_that_cannot_be_collected(cloche, project):
    """One that cannot be imported fails as one case, and one that is skipped skips as one."""
    project(pytest_dot_ini="[pytest]\n", test_a_dot_py="def test_one(): pass\n",
            sub__test_broken_dot_py="import nothing_of_this_name\n",
            sub__test_skipped_dot_py="import pytest\npytest.importorskip('nothing_here')\n")
    result = cloche.run("project")
    assert result.verdicts == {"test_a.py::test_one": "pass", "sub/test_broken.py": "fail",
                               "sub/test_skipped.py": "skip"}
    assert result.cases["sub/test_broken.py"]["reason"] == \
        "collect: ModuleNotFoundError: No module named 'nothing_of_this_name'"
    assert "could not import 'nothing_here'" in result.cases["sub/test_skipped.py"]["reason"]


def test_a_configuration_below(cloche, project):
    """One that a file has nearer to it is not that of the directory."""
    project(pytest_dot_ini="[pytest]\npython_functions = check_*\n", sub__pytest_dot_ini="[pytest]\n",
            sub__test_a_dot_py="def check_one(): pass\n")
    assert cloche.run("project").verdicts == {"sub/test_a.py::check_one": "pass"}


def test_testpaths(cloche, project):
    text = "def test_one(): pass\n"
    project(pytest_dot_ini="[pytest]\ntestpaths = some\n", some__test_a_dot_py=text,
            other__test_b_dot_py=text)
    assert cloche("list", "project").out == "project::some/test_a.py::test_one\n"
    assert cloche("list", "--kind=pytest", "project/other").out == \
        "project/other::other/test_b.py::test_one\n"


def test_hooks_and_doubles(cloche, project):
    """Items that a conftest leaves out, puts in order, or collects twice."""
    project(pytest_dot_ini="[pytest]\n", conftest_dot_py="""
def pytest_collection_modifyitems(config, items):
    out = [item for item in items if "left" in item.name]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in reversed(items) if item not in out]
    items += [item for item in items if "twice" in item.name]
""", test_a_dot_py="def test_twice(): pass\ndef test_left(): pass\n")
    assert cloche.run("project", "--run-ignored=all").verdicts == {
        "test_a.py::test_twice": "pass", "test_a.py::test_twice#2": "pass",
        "test_a.py::test_left": "pass"}


def test_a_test_that_is_gone_is_an_error(cloche, project):
    """Its file changes between the list and the case: it looks whether it is listed."""
    project(conftest_dot_py="", test_a_dot_py="""
import sys
if "--collect-only" in sys.orig_argv or "list" in sys.orig_argv:
    def test_only_listed(): pass
""")
    (case,) = cloche.run("project").cases.values()
    assert case["verdict"] == "error" and case["reason"] == "there is no such test any more"


def test_what_is_no_list(cloche, project):
    project(conftest_dot_py="import nothing_of_this_name\n")
    result = cloche("run", "--kind=pytest", "project")
    assert result.status == 104 and "No module named 'nothing_of_this_name'" in result.err
    found = cloche.run("project")
    assert found.status == 104 and "No module named 'nothing_of_this_name'" in found.err


def test_another_python(cloche, project):
    project(conftest_dot_py="", test_a_dot_py="def test_one(): pass\n")
    python = cloche.script("python", "#!/bin/sh\necho of a python >&2\nexec python3 \"$@\"\n")
    result = cloche("run", "project", "--success-output=final", env={"CLOCHE_PYTHON": str(python)})
    assert result.status == 0 and "of a python" in result.out
    bare = cloche.script("bare", "#!/bin/sh\nexec python3 -S \"$@\"\n")
    result = cloche("run", "--kind=pytest", "project", env={"CLOCHE_PYTHON": str(bare)})
    assert result.status == 104 and "CLOCHE_PYTHON" in result.err
