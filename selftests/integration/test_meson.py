# SPDX-License-Identifier: MIT
"""Meson build trees: each test in a cell of its own, as `meson test` would run and judge it."""

import json
import shutil
import subprocess

import pytest

TESTS = r"""project('big', version: '1')
sh = find_program('sh')
test('passes', sh, args: ['-c', 'exit 0'], suite: ['a', 'b'])
test('fails', sh, args: ['-c', 'exit 3'])
test('skips', sh, args: ['-c', 'exit 77'])
test('hard', sh, args: ['-c', 'exit 99'])
test('should_fail', sh, args: ['-c', 'exit 1'], should_fail: true)
test('should_fail_passes', sh, args: ['-c', 'exit 0'], should_fail: true)
test('should_fail_skips', sh, args: ['-c', 'exit 77'], should_fail: true)
test('should_fail_hard', sh, args: ['-c', 'exit 99'], should_fail: true)
test('should_fail_crashes', sh, args: ['-c', 'kill -SEGV $$'], should_fail: true)
test('crashes', sh, args: ['-c', 'kill -SEGV $$'])
test('no_tap', sh, args: ['-c', 'echo not ok'])
test('tap', sh, args: ['-c', 'echo 1..2; echo ok; echo ok'], protocol: 'tap')
test('tap_fails', sh, args: ['-c', 'echo 1..2; echo ok; echo not ok'], protocol: 'tap')
test('tap_short', sh, args: ['-c', 'echo 1..2; echo ok'], protocol: 'tap')
test('tap_skips', sh, args: ['-c', 'echo 1..0 \# SKIP no device'], protocol: 'tap')
test('tap_should_fail', sh, args: ['-c', 'echo 1..1; echo not ok'], protocol: 'tap',
     should_fail: true)
test('tap_missing', sh, args: ['-c', 'echo hello'], protocol: 'tap')
test('odd, "name" \\ *[x]? é', sh, args: ['-c', 'test "$0" = " a;\'"', ' a;\''])
e = environment({'A': '1', 'B': 'x y'})
e.append('PATH', '/later')
e.prepend('PATH', '/sooner')
e.append('NEW', 'n', separator: ',')
test('env', sh, args: ['-c', '''case $PATH in /sooner:/*:/later) ;; *) exit 1;; esac
test "$A,$B,$NEW" = "1,x y,n"'''], env: e)
test('here', sh, args: ['-c', 'test $(pwd) = "$0" && echo 1 >written', meson.project_build_root()])
test('elsewhere', sh, args: ['-c', 'test $(pwd) = /usr'], workdir: '/usr')
subproject('small')
"""

SMALL = r"""project('small')
test('passes', find_program('sh'), args: ['-c', 'exit 0'])
test('passes', find_program('sh'), args: ['-c', 'exit 1'], suite: 'z')
"""

# What becomes of what Meson says; a crash is a failure to it.
SAME = {"OK": {"pass"}, "FAIL": {"fail", "crash"}, "SKIP": {"skip"}, "ERROR": {"error", "fail"},
        "EXPECTEDFAIL": {"pass"}, "UNEXPECTEDPASS": {"fail"}}


@pytest.fixture(scope="session")
def configured(tmp_path_factory):
    """Meson is slow: once for all."""
    directory = tmp_path_factory.mktemp("meson") / "big"
    (directory / "subprojects/small").mkdir(parents=True)
    (directory / "meson.build").write_text(TESTS)
    (directory / "subprojects/small/meson.build").write_text(SMALL)
    subprocess.run(["meson", "setup", directory / "build", directory], check=True,
                   capture_output=True)
    return directory


def by_meson(build):
    subprocess.run(["meson", "test", "-C", build, "--no-rebuild"], capture_output=True, check=False)
    lines = (build / "meson-logs/testlog.json").read_text().splitlines()
    return {test["name"]: test["result"] for test in map(json.loads, lines)}


@pytest.fixture
def tree(configured, cloche, work):
    """A copy of the user's own; where it was configured is written in it."""
    def make(text=None):
        if not text:
            shutil.copytree(configured / "build", work / "build")
        else:
            (work / "source").mkdir()
            (work / "source/meson.build").write_text(text)
            subprocess.run(["meson", "setup", work / "build", work / "source"], check=True,
                           capture_output=True)
        for path in [work / "build", *(work / "build").rglob("*")]:
            cloche.who.owns(path)
        return work / "build"
    return make


def test_as_meson_says(cloche, configured, tree):
    theirs = by_meson(configured / "build")
    build = tree()
    # the tree was configured elsewhere, which one test looks at
    result = cloche.run(build, "-j4", "--skip=big / here")
    del theirs["big / here"]
    assert result.verdicts.keys() == theirs.keys()
    assert {name: verdict for name, verdict in result.verdicts.items()
            if verdict not in SAME[theirs[name]]} == {}
    assert result.verdicts["big / crashes"] == "crash"
    assert result.verdicts["big / should_fail_hard"] == "error"
    assert "big:a+b / passes" in theirs


def test_reasons(cloche, tree):
    result = cloche.run(tree())
    reasons = {name: case["reason"] for name, case in result.cases.items()}
    assert reasons["big / fails"] == "exit status 3"
    assert reasons["big / hard"] == "exit status 99, a hard error"
    assert reasons["big / should_fail"] == "failed, as expected"
    assert reasons["big / tap_skips"] == "no device"
    assert reasons["big / tap_missing"] == "printed no TAP, which is its protocol"


def listed(cloche, *words):
    lines = cloche("list", "--format=json", *words).out.splitlines()
    return {item["name"]: item for item in map(json.loads, lines)}


def test_worlds(cloche, tree):
    build = tree("""project('one')
sh = find_program('sh')
test('plain', sh)
test('full', sh, timeout: 7, priority: 5, is_parallel: false, workdir: '/usr')
test('never', sh, timeout: 0)
test('first', sh, priority: 1000000)
""")
    cases = listed(cloche, build, "--trust-isolation=none")
    assert set(cases) == {"first", "full", "plain", "never"}
    assert cases["plain"]["world"]["timeout"] == "30"
    assert cases["plain"]["world"]["cwd"] == str(build)
    full = cases["full"]["world"]
    assert (full["timeout"], full["priority"], full["cwd"]) == ("7", "5", "/usr")
    assert cases["full"]["threads"] == 1000000 and cases["plain"]["threads"] == 1
    assert cases["first"]["world"]["priority"] == "1000"
    assert cases["never"]["world"]["timeout"] == "100000h"
    run = cloche.run(build)
    assert f"1 case of {build} runs at once with others, which is_parallel: false would" in run.err


def test_benchmarks(cloche, tree):
    """They run when they are asked for, as their own words say, and one at a time."""
    build = tree("""project('one')
sh = find_program('sh')
test('plain', sh, args: ['-c', 'exit 0'])
e = environment({'A': '1'})
e.append('PATH', '/later')
benchmark('slow', sh, args: ['-c', 'case $PATH in *:/later) exit $((A - 1)) ;; esac; exit 9'],
          env: e, timeout: 7)
benchmark('fails', sh, args: ['-c', 'exit 3'], should_fail: true)
benchmark('late', sh, args: ['-c', 'exit 3'])
""")
    assert cloche.run(build).verdicts == {"plain": "pass"}
    run = cloche.run("--run-ignored=only", build)
    assert run.verdicts == {"slow": "pass", "fails": "pass", "late": "fail"}, run
    cases = listed(cloche, "--run-ignored=all", build)
    assert set(cases) == {"plain", "slow", "fails", "late"}
    assert cases["slow"]["world"]["timeout"] == "7"
    assert {cases[name]["group"] for name in ("slow", "fails", "late")} == {"benchmark"}


def test_tags(cloche, tree):
    build = tree()
    cases = listed(cloche, build)
    assert set(cases["big:a+b / passes"]["tags"]) == {"big", "big:a", "a", "big:b", "b"}
    assert [line.partition("::")[2] for line in
            cloche("list", build, "-E", "tag(small)").out.splitlines()] == \
        ["small / passes", "small:z / passes"]


def test_not_built(cloche, tree, work):
    build = tree("""project('one')
run = custom_target('run', output: 'run.sh', command: ['sh', '-c', 'echo true >@OUTPUT@'])
test('late', find_program('sh'), args: [run])
""")
    result = cloche.run(build)
    assert result.verdicts == {"late": "error"}
    assert result.cases["late"]["reason"] == \
        f"'{build}/run.sh' is not built; 'meson compile -C {build}' builds it"
    (build / "run.sh").write_text("true\n")
    cloche.who.owns(build / "run.sh")
    assert cloche.run(build).verdicts == {"late": "pass"}


def test_without_meson(cloche, tree):
    """What only Meson can read is not guessed, and that is said."""
    build = tree("""project('one')
test('x', find_program('sh'), args: ['-c', 'exit 0'])
""")
    data = build / "meson-private/meson_test_setup.dat"
    data.write_bytes(b"nothing of the kind")
    result = cloche.run(build)
    assert result.verdicts == {"x": "pass"}
    assert "which tests should fail, and what is added to variables, is not known" in result.err


def test_no_list(cloche, tree):
    build = tree("project('one')\n")
    assert "there is no case" in cloche("list", build).err
    (build / "meson-info/intro-tests.json").write_text("{}")
    result = cloche("list", build)
    assert result.status == 104 and "is no list of tests" in result.err
    (build / "meson-info/intro-tests.json").write_text('[{"name": 1, "cmd": []}]')
    result = cloche("list", build)
    assert result.status == 104 and "has a test without a name" in result.err
