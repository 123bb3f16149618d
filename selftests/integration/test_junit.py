# SPDX-License-Identifier: MIT
"""--report junit: what Jenkins and GitLab get, from broken suites, from killed runs, from full disks."""

import os
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from program import TOP, wait_for

SAMPLES = ("comparing", "saying", "dying", "limited", "tampering")


def validate(path):
    """The parsed report, which is as docs/junit.xsd says."""
    result = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", TOP / "docs/junit.xsd", path],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stderr + path.read_text()
    return ElementTree.parse(path).getroot()


def properties(element):
    return {one.get("name"): one.get("value") for one in element.findall("properties/property")}


def cases(root):
    return {case.get("name"): case for case in root.iter("testcase")}


def kind(case):
    """What a reader takes it for."""
    found = [name for name in ("failure", "error", "skipped") if case.find(name) is not None]
    assert len(found) <= 1
    return found[0] if found else "pass"


KINDS = {"pass": "pass", "leak": "failure", "skip": "skipped", "fail": "failure", "limit": "failure",
         "crash": "error", "timeout": "error", "error": "error"}


@pytest.mark.plain
def test_of_broken_suites(cloche):
    """The same as the JSON lines of that run say."""
    result = cloche("run", "--report=jsonl", "--report=junit=junit.xml", "--shuffle=7",
                    *map(cloche.sample, SAMPLES))
    assert result.status == 100 and not result.err, result
    root = validate(cloche.cwd / "junit.xml")
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {str(cloche.sample(name)) for name in SAMPLES}
    ended = [event for event in result.events if event["event"] == "case-ended"]
    assert len(ended) == len(cases(root)) == int(root.get("tests"))
    for event in ended:
        (case,) = [case for case in suites[event["suite"]].findall("testcase")
                   if case.get("name") == event["name"]]
        told = properties(case)
        assert case.get("classname") == event["suite"]
        passed = event["verdict"] != "skip" and not event["failure"]
        assert kind(case) == ("pass" if passed else KINDS[event["verdict"]]), event
        assert told["verdict"] == event["verdict"]
        assert told["isolation"].split() == list(event["namespaces"])
        assert told["slot"] == str(event["slot"])
        assert (case.get("file"), case.get("line")) == (event["file"], str(event["line"]))
        if "max_rss_kib" in event:
            assert f"max_rss_kib={event['max_rss_kib']} " in told["usage"]
            assert f"wall={event['seconds']:.6f} user={event['user_seconds']:.6f} " in told["usage"]
        for name, value in event["world"].items():
            assert told[f"world.{name}"] == value.replace("\n", " ")
    for suite in suites.values():
        kinds = [kind(case) for case in suite.findall("testcase")]
        assert [int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")] == \
            [len(kinds), kinds.count("failure"), kinds.count("error"), kinds.count("skipped")]
        assert properties(suite)["seed"] == "7"
        assert properties(suite)["isolated"] == "true"
        assert suite.get("hostname") == os.uname().nodename


@pytest.mark.plain
def test_attachments_are_where_it_says(cloche):
    cloche("run", "--report=junit=junit.xml", "--artifacts=kept", "--exact=attaches",
           cloche.sample("saying"))
    (case,) = cases(validate(cloche.cwd / "junit.xml")).values()
    files = [line[len("[[ATTACHMENT|"):-len("]]")] for line in case.findtext("system-out").splitlines()
             if line.startswith("[[ATTACHMENT|") and line.endswith("]]")]
    assert len(files) == 2 and all(file.startswith(f"{cloche.cwd}/kept/") for file in files)
    assert os.path.getsize(files[0]) == 3


def test_to_standard_output(cloche):
    """Which is no file to be replaced: all of it comes at the end, and nothing else is left."""
    result = cloche("run", "--report=junit", cloche.script("s", "#!/bin/sh\necho out; exit 1\n"))
    assert result.status == 100 and not result.err, result
    root = ElementTree.fromstring(result.raw_out)
    assert cases(root)["s"].findtext("system-out") == "out\n"
    assert os.listdir(cloche.cwd) == ["s"]


def test_a_suite_that_is_run_bare_has_it(cloche):
    """libxml2 is loaded by the runner alone: no cell has it."""
    result = cloche.command(cloche.sample("many"), "--report=junit=junit.xml", "--exact=row/00001")
    assert result.status == 0 and not result.err, result
    assert list(cases(validate(cloche.cwd / "junit.xml"))) == ["row/00001"]


@pytest.mark.plain
def test_cells_have_no_libxml2(cloche, build_suite):
    suite = build_suite("maps", """
        #include <cloche.h>
        #include <stdio.h>
        #include <string.h>
        TEST(maps)
        {
            char line[4096];
            FILE *maps = fopen("/proc/self/maps", "r");

            while (fgets(line, sizeof(line), maps))
                EXPECT(strstr(line, "libxml2"), ==, NULL);
        }
        """)
    for command in ([cloche.path, "run", suite], [suite]):
        result = cloche.command(*command, "--report=junit=junit.xml", "--report=terminal")
        assert result.status == 0, result


@pytest.mark.plain
def test_a_static_suite_says_who_can(cloche, build_suite):
    suite = build_suite("static", "#include <cloche.h>\nTEST(passes) {}\n", "-static")
    result = cloche.command(suite, "--report=junit=junit.xml")
    assert result.status == 96
    assert result.err == "cloche: the report junit cannot be had: this program is linked " \
        "statically, and cannot load libxml2; run it by 'cloche run'\n"
    assert cloche("run", "--report=junit=junit.xml", suite).status == 0
    validate(cloche.cwd / "junit.xml")


def test_of_a_killed_run(cloche):
    """What has ended is there, well-formed, and says that it is not all; yesterday's is gone."""
    file = cloche.cwd / "junit.xml"
    file.write_text("yesterday's")
    cloche.who.owns(file)
    cloche.script("suites/s0", "#!/bin/sh\n")
    cloche.script("suites/s1", "#!/bin/sh\nsleep 1000\n")
    process = cloche.popen(cloche.path, "run", "-j1", "--report=junit=junit.xml", "suites")
    wait_for(lambda: b"</testcase>" in file.read_bytes(), "the first case is told")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (suite,) = validate(file)
    assert suite.get("name") == "cloche: this run has not ended"
    assert list(cases(suite)) == ["s0"]
    assert sorted(os.listdir(cloche.cwd)) == ["junit.xml", "suites"]


# Only system calls on these paths count; and none makes a file without a name.
IN_PLACE = ("-P", "./", "-P", "./junit.xml")
REFUSED = (*IN_PLACE, "-e", "inject=openat:error=EOPNOTSUPP")


@pytest.mark.plain
@pytest.mark.parametrize("words, status, left", (
    ([*IN_PLACE, "-e", "inject=pread64:signal=SIGKILL"], -signal.SIGKILL, 0),
    ([*IN_PLACE, "-e", "inject=pread64:error=EIO"], 110, 0),
    (["-e", "inject=linkat:signal=SIGKILL"], -signal.SIGKILL, 0),
    (["-e", "inject=linkat:error=EEXIST:when=1"], 0, 0),
    (["-e", "inject=/^rename:signal=SIGKILL"], -signal.SIGKILL, 1),
    (["-e", "inject=/^rename:error=EACCES"], 110, 0),
    ([*REFUSED], 0, 0),
    ([*REFUSED, "-e", "inject=pread64:signal=SIGKILL"], -signal.SIGKILL, 1),
    ([*REFUSED, "-e", "inject=pread64:error=EIO"], 110, 0),
))
def test_the_end_takes_the_place_of_the_file(cloche, words, status, left):
    """Whatever goes wrong there, FILE is the old or the new one, and no other file is touched."""
    mine = [cloche.cwd / name for name in ("junit.xml.new", ".junit.xml", "junit.xml~")]
    for file in mine:
        file.write_text("mine")
        cloche.who.owns(file)
    words = [word.replace("./", f"{cloche.cwd}/") for word in words]
    suite = cloche.script("s", "#!/bin/sh\n")
    before = {path.name for path in cloche.cwd.iterdir()} | {"junit.xml"}
    result = cloche.command("strace", "-qq", "-o", "/dev/null", *words, cloche.path, "run",
                            "--no-journal", "--report=junit=junit.xml", suite)
    assert result.status == status, result
    assert all(file.read_text() == "mine" for file in mine)
    (suite,) = validate(cloche.cwd / "junit.xml")
    assert (suite.get("name") == "cloche: this run has not ended") == (status != 0)
    assert list(cases(suite)) == ["s"]
    more = {path.name for path in cloche.cwd.iterdir()} - before
    assert len(more) == left and all(name.startswith(".cloche-") for name in more), more


def test_the_file_keeps_its_mode(cloche):
    """A new one has that of the umask."""
    suite = cloche.script("s", "#!/bin/sh\n")
    modes = []
    for umask in (0o027, 0o077):
        assert cloche("run", "--report=junit=junit.xml", suite, umask=umask).status == 0
        modes.append((cloche.cwd / "junit.xml").stat().st_mode & 0o7777)
    assert modes == [0o640, 0o640]


def test_of_an_interrupted_run(cloche):
    """It ends in order: what was cut short is an error, what was not run is counted."""
    for name, text in (("s0", ""), ("s1", "sleep 1000\n"), ("s2", "")):
        cloche.script(f"suites/{name}", "#!/bin/sh\n" + text)
    process = cloche.popen(cloche.path, "run", "-j1", "--report=junit=junit.xml", "suites")
    wait_for(lambda: (cloche.cwd / "junit.xml").exists() and
             b"</testcase>" in (cloche.cwd / "junit.xml").read_bytes(), "the first case is told")
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    root = validate(cloche.cwd / "junit.xml")
    assert {name: kind(case) for name, case in cases(root).items()} == {"s0": "pass", "s1": "error"}
    assert properties(root[0])["not-run"] == "1"
    assert "interrupted: asking 1 running cases to end" in root[0].findtext("system-err")


def test_attempts(cloche):
    """As Surefire tells them: of a flaky case the last one with those before, of a failed one the first."""
    log = cloche.cwd / "log"
    log.touch()
    log.chmod(0o666)
    cloche.script("suites/flaky", f"#!/bin/sh\necho x >>{log}\necho try $(wc -l <{log})\n"
                  f"[ $(wc -l <{log}) -ge 3 ] || exit 3\n")
    cloche.script("suites/dies", "#!/bin/sh\necho last words\nkill -SEGV $$\n")
    result = cloche("run", "-j1", "--retries=2", "--root=host", "--report=junit=junit.xml",
                    "--report=terminal", "suites")
    assert result.status == 100, result
    found = cases(validate(cloche.cwd / "junit.xml"))
    flaky, dies = found["flaky"], found["dies"]
    assert kind(flaky) == "pass" and properties(flaky)["verdict"] == "flaky"
    assert [one.tag for one in flaky][1:] == ["flakyFailure", "flakyFailure", "system-out"]
    assert [one.findtext("system-out") for one in flaky.findall("flakyFailure")] == ["try 1\n", "try 2\n"]
    assert flaky.findtext("system-out") == "try 3\n"
    assert flaky.find("flakyFailure").get("message") == "exit status 3"
    assert kind(dies) == "error"
    assert [one.get("type") for one in dies.findall("rerunError")] == ["crash", "crash"]
    assert [one.findtext("system-out") for one in dies.findall("rerunError")] == ["last words\n"] * 2
    for case in (flaky, dies):
        assert properties(case)["attempts"] == "3"
