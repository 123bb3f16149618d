# SPDX-License-Identifier: MIT
"""CTest build trees: each test in a cell of its own, as ctest itself would run and judge it."""

import json
import shutil
import subprocess
import xml.etree.ElementTree as xml

import pytest


def t(name, script, verdict="pass", **properties):
    """A test as a CTestTestfile.cmake has it, and what is expected of it."""
    return name, ["sh", "-c", script], verdict, properties


def text_of(tests):
    """Bracket arguments, in which nothing is special."""
    def argument(word):
        return f"[==[{word}]==]"
    lines = []
    for name, command, _, properties in tests:
        words = " ".join(argument(word) for word in [name, *command])
        lines.append(f"add_test({words})\n")
        if properties:
            pairs = " ".join(f"{key} {argument(value)}" for key, value in properties.items())
            lines.append(f"set_tests_properties({argument(name)} PROPERTIES {pairs})\n")
    return "".join(lines)


# What ctest and we say of the same tests.
JUDGED = [
    t("passes", "exit 0"),
    t("fails", "exit 3", "fail"),
    t("status77", "exit 77", "fail"),
    t("status99", "exit 99", "fail"),
    t("skips", "exit 5", "skip", SKIP_RETURN_CODE="5"),
    t("skips_wanted_fail", "exit 5", "skip", SKIP_RETURN_CODE="5", WILL_FAIL="TRUE"),
    t("will_fail", "exit 1", WILL_FAIL="TRUE"),
    t("will_fail_passes", "exit 0", "fail", WILL_FAIL="TRUE"),
    t("pass_regex", "echo one; exit 4", PASS_REGULAR_EXPRESSION="^on.\n$;two"),
    t("pass_regex_second", "echo xtwo", PASS_REGULAR_EXPRESSION="^one;two"),
    t("pass_regex_missing", "echo three", "fail", PASS_REGULAR_EXPRESSION="one;two"),
    t("pass_regex_stderr", "echo one >&2", PASS_REGULAR_EXPRESSION="one"),
    t("fail_regex", "echo 2 warnings", "fail", FAIL_REGULAR_EXPRESSION="[0-9]+ warn"),
    t("fail_regex_none", "echo fine", FAIL_REGULAR_EXPRESSION="[0-9]+ warn"),
    t("fail_and_pass_regex", "echo onetwo", "fail", FAIL_REGULAR_EXPRESSION="two",
      PASS_REGULAR_EXPRESSION="one"),
    t("fail_regex_will_fail", "echo two", FAIL_REGULAR_EXPRESSION="two", WILL_FAIL="TRUE"),
    t("skip_regex", "echo no device; exit 1", "skip", SKIP_REGULAR_EXPRESSION="no (device|bus)"),
    t("skip_and_fail", "echo no device", "skip", SKIP_REGULAR_EXPRESSION="no",
      FAIL_REGULAR_EXPRESSION="no"),
    t("braces", "echo 'a{2}'", PASS_REGULAR_EXPRESSION="a{2}"),
    t("braces_literal", "echo aa", "fail", PASS_REGULAR_EXPRESSION="a{2}"),
    t("backslash", "echo '1.w'", PASS_REGULAR_EXPRESSION=r"^1\.\w"),
    t("dollar", "printf 'a\\nb\\n'", "fail", PASS_REGULAR_EXPRESSION="a$"),
    t("class", "echo 'xl]'", PASS_REGULAR_EXPRESSION="^x[[:alpha:]]"),
    t("environment", "test \"$A,$B\" = '1,x y'", ENVIRONMENT="A=1;B=x y"),
    t("changes", "test \"$A,$B,$C,$D,$E,${F-no},$G\" = '12,01,x:y,y:x,x;y,no,x=:y'",
      ENVIRONMENT="A=1;B=1;C=x;D=x;E=x;F=1",
      ENVIRONMENT_MODIFICATION="A=string_append:2;B=string_prepend:0;C=path_list_append:y;"
      "D=path_list_prepend:y;E=cmake_list_append:y;F=unset:;G=set:x=:y"),
    t("change_of_nothing", "test \"$A,$B\" = x,y",
      ENVIRONMENT_MODIFICATION="A=path_list_append:x;B=string_append:y"),
    t("reset", "test \"$A,${B-no}\" = 1,no", ENVIRONMENT="A=1",
      ENVIRONMENT_MODIFICATION="A=set:2;A=reset:;B=set:1;B=reset:"),
    t("path", "case $PATH in /x:*) ;; *) exit 1;; esac",
      ENVIRONMENT_MODIFICATION="PATH=path_list_prepend:/x"),
    t("directory", "test $(pwd) = /usr", WORKING_DIRECTORY="/usr"),
    t("needs", "exit 0", REQUIRED_FILES="/etc/passwd"),
    t("needs_missing", "exit 0", "error", REQUIRED_FILES="/etc/passwd;none"),
    t("disabled", "exit 0", None, DISABLED="TRUE"),
    ("unbuilt", ["no-such-program"], "error", {}),
    t("a, b; [c] \"d\" \\ *?$x 'e' \u00fc", "exit 0"),
    # fixtures: what they write is there in the cell of each test
    t("setup", "echo 1 >>db", FIXTURES_SETUP="DB"),
    t("uses", "test $(wc -l <db) = 1", FIXTURES_REQUIRED="DB"),
    t("cleanup", "rm db", FIXTURES_CLEANUP="DB"),
    t("broken", "exit 1", "fail", FIXTURES_SETUP="Broken"),
    t("uses_broken", "exit 0", "error", FIXTURES_REQUIRED="Broken;DB"),
    t("odd_setup", "echo ready; exit 1", FIXTURES_SETUP="Odd", PASS_REGULAR_EXPRESSION="ready"),
    t("uses_odd", "exit 0", FIXTURES_REQUIRED="Odd"),
    t("base", "touch base", FIXTURES_SETUP="Base"),
    t("upper", "test -e base && touch upper", FIXTURES_SETUP="Upper", FIXTURES_REQUIRED="Base"),
    t("uses_upper", "test -e base && test -e upper", FIXTURES_REQUIRED="Upper"),
    # dependencies: the one before may fail
    t("makes", "echo $K >made; exit 1", "fail", ENVIRONMENT="K=v"),
    t("takes", "test $(cat made) = v && test -z \"$K\"", DEPENDS="makes"),
    t("takes_quietly", "echo of the test", DEPENDS="noisy", FAIL_REGULAR_EXPRESSION="noise"),
    t("noisy", "echo noise"),
    t("crashes", "kill -SEGV $$", "crash"),
    t("crashes_will_fail", "kill -SEGV $$", "crash", WILL_FAIL="TRUE"),
    t("crashes_between", "kill -SEGV $$", "crash", FIXTURES_REQUIRED="DB"),
]


def give(who, directory):
    """Of the user's own, as a tree is that one has built."""
    for path in [directory, *directory.rglob("*")]:
        who.owns(path)


@pytest.fixture
def tree(cloche, work):
    """tree(tests): a build tree as cmake leaves it."""
    def make(tests, more=""):
        build = work / "tree"
        build.mkdir()
        (build / "CTestTestfile.cmake").write_text(text_of(tests) + more)
        give(cloche.who, build)
        return build
    return make


def test_as_ctest_says(cloche, tree, work):
    """The same tests, by ctest and by us; what ctest calls failed may be more than that to us."""
    build = tree(JUDGED)
    expected = {name: verdict for name, _, verdict, _ in JUDGED if verdict}
    result = cloche.run(build, "-j4")
    assert result.verdicts == expected
    report = work / "ctest.xml"
    subprocess.run(["ctest", "--output-junit", report], cwd=build, capture_output=True,
                   check=False)
    theirs = {case.get("name"): case.get("status") for case in xml.parse(report).iter("testcase")}
    assert theirs.pop("disabled") == "disabled"
    assert theirs.keys() == expected.keys()
    for name, status in theirs.items():
        if expected[name] == "error":
            assert status in ("fail", "notrun"), name
        else:
            assert status == {"pass": "run", "skip": "notrun"}.get(expected[name], "fail"), name


def reason(result, name):
    return result.cases[name]["reason"]


def test_reasons(cloche, tree):
    build = tree(JUDGED)
    result = cloche.run(build)
    assert reason(result, "needs_missing") == \
        "'needs_missing' requires the file 'none', which is not there"
    assert reason(result, "unbuilt").startswith("the program of 'unbuilt' is not built; 'cmake ")
    assert reason(result, "uses_broken") == "its setup 'broken' has failed: exit status 1"
    assert reason(result, "pass_regex_missing") == \
        "printed nothing that matches 'one' or the others"
    assert reason(result, "fail_regex") == "printed what matches '[0-9]+ warn'"
    assert reason(result, "will_fail") == "failed, as expected"
    assert reason(result, "will_fail_passes") == "was expected to fail, and passed"
    assert reason(result, "skip_regex") == "printed what matches 'no (device|bus)'"


def listed(cloche, *words):
    lines = cloche("list", "--format=json", *words).out.splitlines()
    return {item["name"]: item for item in map(json.loads, lines)}


def test_worlds(cloche, tree):
    build = tree([
        t("plain", ""),
        t("full", "", TIMEOUT="2.5", LABELS="slow;a,b", PROCESSORS="3", COST="12.4"),
        t("never", "", TIMEOUT="0"),
        t("costly", "", COST="1e9"),
        t("setup", "", TIMEOUT="10", FIXTURES_SETUP="F", PROCESSORS="4"),
        t("uses", "", TIMEOUT="1", FIXTURES_REQUIRED="F"),
    ])
    cases = listed(cloche, build)
    assert cases["plain"]["world"]["timeout"] == "1500.000"
    full = cases["full"]
    assert full["world"]["timeout"] == "2.500" and full["world"]["priority"] == "12"
    assert full["tags"] == ["a;b", "slow"] and full["threads"] == 3
    assert full["world"]["cwd"] == str(build)
    assert cases["never"]["world"]["timeout"] == "100000h"
    assert cases["costly"]["world"]["priority"] == "1000"
    assert cases["uses"]["world"]["timeout"] == "11.000" and cases["uses"]["threads"] == 4
    assert cloche("list", build, "-E", "tag(slow)").out.splitlines() == [f"{build}::full"]


LOCKED = [
    t("alone", "", RUN_SERIAL="TRUE"),
    t("one", "", RESOURCE_LOCK="db"),
    t("two", "", RESOURCE_LOCK="db;port"),
    t("three", "", RESOURCE_LOCK="port"),
    t("card", "", RESOURCE_LOCK="gpu"),
    t("free", ""),
]


def test_locks(cloche, tree):
    """Moot in cells, and that is said once; as they were on request."""
    build = tree(LOCKED)
    cases = listed(cloche, build)
    assert {name: (item["group"], item["threads"]) for name, item in cases.items()} == {
        "alone": (None, 1), "one": (None, 1), "two": (None, 1), "three": (None, 1),
        "card": ("gpu", 1), "free": (None, 1)}
    cases = listed(cloche, build, "--trust-isolation=none")
    assert {name: (item["group"], item["threads"]) for name, item in cases.items()} == {
        "alone": (None, 1000000), "one": ("db", 1), "two": ("db", 1), "three": ("db", 1),
        "card": ("gpu", 1), "free": (None, 1)}
    cases = listed(cloche, build, "--trust-isolation=net,ipc")
    assert cases["three"]["group"] is None and cases["one"]["group"] == "db"
    run = cloche.run(build)
    sentence = f"cloche: 4 cases of {build} run at once with others, which RUN_SERIAL and " \
        "RESOURCE_LOCK would prevent: a cell has its own network, files, IPC objects and host " \
        "name; --trust-isolation=none keeps them apart\n"
    assert run.status == 0 and run.err == sentence
    assert cloche.run(build, "--trust-isolation=none").err == ""
    assert cloche.run(build, "--exact=alone").err == ""


def overlapping(result):
    """Do any two of the cases run at once?"""
    spans = sorted((event["started"], event["started"] + event["seconds"])
                   for event in result.cases.values())
    return any(after[0] < before[1] for before, after in zip(spans, spans[1:]))


def test_locks_hold(cloche, tree):
    """With none, nobody runs beside another who has the lock, or beside who runs alone."""
    tests = [t(f"l{i}", "sleep 0.1", RESOURCE_LOCK=lock) for i, lock in enumerate(("a", "a;b", "b"))]
    build = tree(tests + [t("alone", "sleep 0.1", RUN_SERIAL="TRUE")])
    result = cloche.run("-j8", "--trust-isolation=none", build)
    assert result.status == 0 and not overlapping(result)
    assert overlapping(cloche.run("-j8", build))


def test_native_suites_below(cloche, tree, work):
    """Such a tree is searched for them, as it always was; and that is said."""
    build = tree([t("other", "")])
    shutil.copy(cloche.sample("many"), build / "many")
    give(cloche.who, build)
    result = cloche("list", build)
    assert "is a CTest build tree with suites that are built with cloche.h" in result.err
    assert "--kind=ctest runs its tests instead" in result.err
    assert all(line.startswith(f"{build}/many::") for line in result.out.splitlines())
    asked = cloche("list", "--kind=ctest", build)
    assert asked.err == "" and asked.out.splitlines() == [f"{build}::other"]


def test_build_configuration(cloche, tree):
    build = tree([t("always", "")], """if(CTEST_CONFIGURATION_TYPE MATCHES "^([Dd][Ee][Bb][Uu][Gg])$")
  add_test(debugging sh -c exit)
endif()
""")
    assert list(listed(cloche, build)) == ["always"]
    assert list(listed(cloche, "-C", "Debug", build)) == ["always", "debugging"]


def test_as_cmake_makes_it(cloche, work):
    """Of a project; cases are where add_test() is."""
    project = work / "project"
    project.mkdir()
    (project / "CMakeLists.txt").write_text("""cmake_minimum_required(VERSION 3.22)
project(some LANGUAGES NONE)
enable_testing()
add_test(NAME "odd; \\"name\\"" COMMAND sh -c "echo $0 >out; test $0 = 'a;b'" "a;b")
add_subdirectory(below)
""")
    (project / "below").mkdir()
    (project / "below/CMakeLists.txt").write_text("add_test(NAME under COMMAND cmake -E true)\n")
    build = project / "build"
    subprocess.run(["cmake", "-S", project, "-B", build], check=True, capture_output=True)
    give(cloche.who, project)
    result = cloche.run(build)
    assert result.verdicts == {'odd; "name"': "pass", "under": "pass"}, result
    assert (result.cases["under"]["file"], result.cases["under"]["line"]) == \
        (str(project / "below/CMakeLists.txt"), 1)
    assert not (build / "out").exists()


def test_disabled(cloche, tree):
    build = tree([t("on", ""), t("off", "", DISABLED="TRUE")])
    assert cloche.run(build).verdicts == {"on": "pass"}
    assert cloche.run(build, "--run-ignored=only").verdicts == {"off": "pass"}
    assert cloche.run(build, "--exact=off").verdicts == {"off": "pass"}


def test_no_list(cloche, work):
    """Of a tree that ctest cannot read nothing is guessed."""
    broken = work / "broken"
    broken.mkdir()
    (broken / "CTestTestfile.cmake").write_text("nonsense(\n")
    give(cloche.who, broken)
    result = cloche("run", broken)
    assert result.status == 104
    assert "cannot be listed as a CTest build tree: it ended with status" in result.err


def test_circles_end(cloche, tree):
    """ctest would not run them; here each is run, and what it needs before it."""
    build = tree([t("a", "", FIXTURES_SETUP="A", FIXTURES_REQUIRED="B"),
                  t("b", "", FIXTURES_SETUP="B", DEPENDS="a;b", FIXTURES_REQUIRED="A")])
    assert cloche.run(build).verdicts == {"a": "pass", "b": "pass"}


def test_too_much(cloche, tree):
    """What does not fit into one request is an error of that case alone."""
    tests = [t(f"n{i}", f": {'x' * 500}", **({"DEPENDS": f"n{i - 1}"} if i else {}))
             for i in range(150)]
    result = cloche.run(tree(tests), "--exact=n0", "--exact=n80", "--exact=n149")
    assert result.verdicts == {"n0": "pass", "n80": "pass", "n149": "error"}
    assert "longer than 60000 bytes" in reason(result, "n149")


def test_under_a_tracer(cloche, tree):
    build = tree([t("x", "echo here", FIXTURES_REQUIRED="F"),
                  t("s", "echo prepared", FIXTURES_SETUP="F")])
    result = cloche("run", "--exact=x", "--tracer=env", build)
    assert (result.status, result.out) == (0, "here\n") and "prepared" in result.err


def test_retries_and_junit(cloche, tree, work):
    build = tree([t("x", "exit 1")])
    result = cloche("run", "--retries=1", "--report=junit=out.xml", build)
    assert result.status == 100
    (case,) = xml.parse(work / "out.xml").iter("testcase")
    assert case.get("name") == "x" and case.find("failure") is not None


def test_server_of_a_fixture(cloche, tree):
    """A process that the setup leaves is there for the test, and the cleanup ends it."""
    build = tree([t("start", "sleep 1000 >/dev/null 2>&1 & echo $! >pid", FIXTURES_SETUP="S"),
                  t("talk", "kill -0 $(cat pid)", FIXTURES_REQUIRED="S"),
                  t("stop", "kill $(cat pid)", FIXTURES_CLEANUP="S")])
    result = cloche.run(build, "--exact=talk", "--leaks=fail")
    assert result.verdicts == {"talk": "pass"}


def test_timeout(cloche, tree):
    build = tree([t("hangs", "sleep 1000", TIMEOUT="0.2")])
    assert cloche.run(build).verdicts == {"hangs": "timeout"}
