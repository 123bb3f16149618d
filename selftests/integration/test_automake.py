# SPDX-License-Identifier: MIT
"""Directories with automake's `make check`: each test in a cell of its own."""

import json
import re
import shutil
import subprocess

import pytest

CONFIGURE = """AC_INIT([x], [1])
AM_INIT_AUTOMAKE([foreign {options}])
AC_REQUIRE_AUX_FILE([tap-driver.sh])
AC_CONFIG_FILES([Makefile {more}])
AC_OUTPUT
"""

TOP = r"""SUBDIRS = . below
TESTS = pass.sh fail.sh skip.sh hard.sh xfail.sh xpass.sh xskip.sh built.sh unbuilt.sh first.sh \
  second.sh env.sh named.sh plain tap.tap tapfail.tap tapskip.tap tapnone.tap x.py own.odd
XFAIL_TESTS = xfail.sh xpass.sh xskip.sh
TEST_EXTENSIONS = .sh .tap .py .odd
SH_LOG_COMPILER = $(SHELL)
AM_SH_LOG_FLAGS = -e
TAP_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/tap-driver.sh
PY_LOG_COMPILER = env
AM_PY_LOG_FLAGS = B=2
PY_LOG_FLAGS = C='3 4'
ODD_LOG_DRIVER = $(SHELL) $(srcdir)/own-driver
AM_TESTS_ENVIRONMENT = X='1 it'\''s'; export X; H=$$HOME; export H;
TESTS_ENVIRONMENT = Z=3
check_SCRIPTS = built.sh
built.sh:
	echo exit 0 >built.sh
unbuilt.sh:
	echo exit 0 >unbuilt.sh
second.log: first.log
"""

SCRIPTS = {
    "pass.sh": "exit 0", "fail.sh": "exit 1", "skip.sh": "exit 77", "hard.sh": "exit 99",
    "xfail.sh": "exit 2", "xpass.sh": "exit 0", "xskip.sh": "exit 77",
    "first.sh": "echo 1 >made; exit 1", "second.sh": "test $(cat made) = 1",
    "env.sh": "test \"$X,$Z,$srcdir\" = \"1 it's,3,..\" && test -n \"$H\"",
    "named.sh": "case $- in *e*) ;; *) exit 1;; esac; echo x >written", "plain": "exit 0",
    "tap.tap": "echo 1..2; echo ok; echo ok", "tapfail.tap": "echo 1..2; echo ok; echo not ok",
    "tapskip.tap": "echo '1..0 # SKIP no device'", "tapnone.tap": "echo hello",
    "x.py": "test \"$B,$C\" = '2,3 4'", "own.odd": "echo by the driver",
    "below/inner.sh": "test $(basename $(pwd)) = below",
}

# A driver of one's own: the test prints, and two results are told.
DRIVER = """while test "$1" != --; do
  case $1 in --log-file) log=$2;; --trs-file) trs=$2;; esac; shift
done
shift; "$@" >$log; { echo ':test-result: PASS one'; echo ':test-result: FAIL two'; } >$trs
"""

EXPECTED = {
    "pass.sh": "pass", "fail.sh": "fail", "skip.sh": "skip", "hard.sh": "error",
    "xfail.sh": "pass", "xpass.sh": "fail", "xskip.sh": "skip", "built.sh": "pass",
    "unbuilt.sh": "error", "first.sh": "fail", "second.sh": "pass", "env.sh": "pass",
    "named.sh": "pass", "plain": "pass", "tap.tap": "pass", "tapfail.tap": "fail",
    "tapskip.tap": "skip", "tapnone.tap": "error", "x.py": "pass", "own.odd": "fail",
    "below/inner.sh": "pass",
}

VERDICTS = {"PASS": "pass", "FAIL": "fail", "SKIP": "skip", "ERROR": "error", "XFAIL": "pass",
            "XPASS": "fail"}


def write(directory, makefiles, options=""):
    for name, text in SCRIPTS.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    (directory / "own-driver").write_text(DRIVER)
    for name, text in makefiles.items():
        (directory / name).write_text(text)
    more = " ".join(name[:-3] for name in makefiles if "/" in name)
    (directory / "configure.ac").write_text(CONFIGURE.format(options=options, more=more))
    subprocess.run(["autoreconf", "-i"], cwd=directory, check=True, capture_output=True)
    (directory / "build").mkdir()
    subprocess.run(["../configure"], cwd=directory / "build", check=True, capture_output=True)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """autoreconf is slow: once for all."""
    parallel = tmp_path_factory.mktemp("automake") / "parallel"
    write(parallel, {"Makefile.am": TOP,
                     "below/Makefile.am": "TESTS = inner.sh\n.NOTPARALLEL:\n"})
    subprocess.run(["make", "check", "TESTS="], cwd=parallel / "build", check=True,
                   capture_output=True)
    serial = parallel.parent / "serial"
    write(serial, {"Makefile.am": "TESTS = pass.sh fail.sh skip.sh hard.sh xfail.sh xpass.sh env.sh\n"
                   "XFAIL_TESTS = xfail.sh xpass.sh\nTESTS_ENVIRONMENT = X=\"1 it's\" Z=3 H=4\n"},
          "serial-tests")
    return parallel.parent


@pytest.fixture
def tree(made, cloche, work):
    def make(name="parallel"):
        shutil.copytree(made / name, work / name)
        for path in [work / name, *(work / name).rglob("*")]:
            cloche.who.owns(path)
        return work / name / "build"
    return make


def test_verdicts(cloche, tree):
    build = tree()
    result = cloche.run(build, "-j4")
    assert result.verdicts == EXPECTED
    assert not (build / "made").exists() and not (build / "pass.log").exists()


def test_as_make_check_says(made, tmp_path):
    """What automake's own drivers tell is what the test above expects."""
    shutil.copytree(made / "parallel", tmp_path / "copy")
    out = subprocess.run(["make", "-k", "check"], cwd=tmp_path / "copy/build", capture_output=True,
                         check=False, text=True).stdout
    told = {}
    for verdict, name in re.findall(r"^(PASS|FAIL|SKIP|ERROR|XFAIL|XPASS): (\S+)", out, re.M):
        told.setdefault(name, set()).add(VERDICTS[verdict])
    told["below/inner.sh"] = told.pop("inner.sh")
    assert told.pop("unbuilt.sh") == {"pass"}  # make builds it
    for name, verdicts in told.items():
        worst = [v for v in ("error", "fail", "pass", "skip") if v in verdicts][0]
        assert (name, worst) == (name, EXPECTED[name])
    assert len(told) == len(EXPECTED) - 2  # unbuilt.sh, and own.odd, whose driver prints nothing


def reasons(result):
    return {name: case["reason"] for name, case in result.cases.items()}


def test_reasons(cloche, tree):
    build = tree()
    told = reasons(cloche.run(build))
    assert told["unbuilt.sh"] == \
        f"'unbuilt.sh' is not built; 'make -C {build} check TESTS=' builds it"
    assert told["hard.sh"] == "exit status 99, a hard error"
    assert told["tapfail.tap"] == "1 of 2 tests failed"
    assert told["tapskip.tap"] == "no device"
    assert told["own.odd"] == "1 of 2 tests failed"
    assert told["xpass.sh"] == "was expected to fail, and passed"


def test_serial_harness(cloche, tree):
    build = tree("serial")
    result = cloche.run(build)
    assert result.verdicts == {"pass.sh": "pass", "fail.sh": "fail", "skip.sh": "skip",
                               "hard.sh": "fail", "xfail.sh": "pass", "xpass.sh": "fail",
                               "env.sh": "pass"}
    assert "which serial-tests would prevent" in result.err


def listed(cloche, *words):
    lines = cloche("list", "--format=json", *words).out.splitlines()
    return {item["name"]: item for item in map(json.loads, lines)}


def test_locks(cloche, tree):
    build = tree()
    assert "1 case of" in cloche.run(build).err
    cases = listed(cloche, build, "--trust-isolation=none")
    assert cases["below/inner.sh"]["group"] == str(build / "below")
    assert cases["pass.sh"]["group"] is None


def test_one_directory(cloche, tree):
    build = tree()
    assert cloche.run(build / "below").verdicts == {"inner.sh": "pass"}


def test_what_is_not_built(cloche, tree):
    build = tree()
    (build / "built.sh").unlink()
    result = cloche("list", build)
    assert f"'built.sh', which tests may want, is not built; 'make -C {build} check TESTS='" in \
        result.err


def test_tree_without_tests(cloche, tree):
    """It is searched for programs, as any directory."""
    build = tree()
    for name in ("Makefile", "below/Makefile"):
        text = (build / name).read_text()
        (build / name).write_text(text.replace("\ncheck-TESTS:", "\nother:"))
    assert all("::config.status" in line or "::built.sh" in line
               for line in cloche("list", build).out.splitlines())


def test_makefile_in_disorder(cloche, tree):
    build = tree()
    (build / "Makefile").write_text("# generated by automake\n\ncheck-TESTS:\n(\n")
    result = cloche("run", build)
    assert result.status == 104 and "cannot be listed as a directory with automake's" in result.err
