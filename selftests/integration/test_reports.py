# SPDX-License-Identifier: MIT
"""All reports of one run: that they agree, what each tells of what cases used, and full disks."""

import json
import os
import re
import shlex
import xml.etree.ElementTree as ElementTree

import pytest
import yaml

from program import SOURCE, incomplete, reports
from schema import check_events

REPORTS = reports()
SAMPLES = ("comparing", "saying", "dying", "limited", "tampering")
FIELDS = ("user_seconds", "system_seconds", "max_rss_kib", "blocks_read", "blocks_written", "waits",
          "preemptions")


def page_events(text):
    """The events that stand in a page."""
    inside = text.partition('<script type="application/json" id="run">\n')[2].partition("\n</script>")[0]
    return [json.loads(line) for line in inside.splitlines()]


def tap_tests(text):
    """(ok, name, what its YAML block says) of each test."""
    return [(ok != "not ", name, yaml.safe_load(block)) for ok, name, block in
            re.findall(r"^(not )?ok \d+ - ([^\n]*?)(?: # SKIP[^\n]*)?\n  ---\n(.*?)^  \.\.\.$", text, re.M | re.S)]


def junit_usage(case):
    told = {one.get("name"): one.get("value") for one in case.findall("properties/property")}
    usage = dict(pair.split("=") for pair in told["usage"].split())
    usage["user_seconds"], usage["system_seconds"] = usage.pop("user"), usage.pop("system")
    return {field: float(usage[field]) for field in FIELDS}


def all_reports(cloche, *words, status=100, **arguments):
    """Run with all reports at once, and give their texts by name."""
    result = cloche("run", *(f"--report={name}=out/{name}" for name in REPORTS), *words, **arguments)
    assert result.status == status and not result.out and not result.err, result
    return {name: (cloche.cwd / "out" / name).read_text() for name in REPORTS}


@pytest.mark.plain
def test_all_at_once_agree(cloche):
    """Each case has the same verdict, time and use in all of them."""
    texts = all_reports(cloche, "-j4", "-v", *map(cloche.sample, SAMPLES))
    events = [json.loads(line) for line in texts["jsonl"].splitlines()]
    check_events(events)
    ended = {(event["suite"], event["name"]): event for event in events if event["event"] == "case-ended"}
    used = {key: {field: event[field] for field in FIELDS} for key, event in ended.items()
            if "waits" in event}
    failed = {key for key, event in ended.items() if event["failure"]}
    assert len(ended) == 60 and len(used) > 40 and len(failed) > 40

    page = [event for event in page_events(texts["html"]) if event["event"] == "case-ended"]
    assert {(event["suite"], event["name"]): event for event in page} == ended

    libtest = [json.loads(line) for line in texts["libtest"].splitlines()]
    over = {tuple(event["name"].split("::", 1)): event for event in libtest if "exec_time" in event and
            event["type"] == "test"}
    assert set(over) == set(ended)
    assert {key for key, event in over.items() if event["event"] == "failed"} == failed
    assert {key: {field: over[key]["cloche"][field] for field in FIELDS} for key in used} == used
    assert libtest[-1]["failed"] == len(failed)

    junit = {(case.get("classname"), case.get("name")): case
             for case in ElementTree.fromstring(texts["junit"]).iter("testcase")}
    assert set(junit) == set(ended)
    assert {key for key, case in junit.items()
            if case.find("failure") is not None or case.find("error") is not None} == failed
    assert {key: junit_usage(junit[key]) for key in used} == used

    tap = {tuple(name.replace("\\", "").split(" ", 1)): (ok, block) for ok, name, block in tap_tests(texts["tap"])}
    assert set(tap) == set(ended)
    assert {key for key, (ok, _) in tap.items() if not ok} == failed
    assert {key: {field: tap[key][1][field] for field in FIELDS} for key in used} == used
    assert {key: block["seconds"] for key, (_, block) in tap.items()} == \
        {key: event["seconds"] for key, event in ended.items()}

    told = re.findall(r"^  used: (\d+\.\d{3}) s user, (\d+\.\d{3}) s system, (\d+\.\d) MiB, (\d+\.\d) MiB read, "
                      r"(\d+\.\d) written, (\d+) waits?, (\d+) preemptions?$", texts["terminal"], re.M)
    assert sorted(int(line[5]) for line in told) == sorted(usage["waits"] for usage in used.values())
    for usage in used.values():
        assert (int(usage["user_seconds"] * 1e6 + .5) // 1000, f"{usage['max_rss_kib'] / 1024:.1f}",
                f"{usage['waits']}") in [(round(float(line[0]) * 1000), line[2], line[5]) for line in told]


# ---- what a case used ----

SPENDS = r"""
#include <cloche.h>
#include <stdlib.h>
#include <string.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

TEST(works)
{
	while (clock() < CLOCKS_PER_SEC / 5)
		;
}

TEST(lets_a_child_work)
{
	if (!fork()) {
		while (clock() < CLOCKS_PER_SEC / 5)
			;
		_exit(0);
	}
	wait(NULL);
}

TEST(lets_others_work)
{
	if (!fork()) {
		while (clock() < CLOCKS_PER_SEC / 5)
			;
		_exit(0);
	}
	_exit(0); /* nobody waits for it */
}

TEST(remembers)
{
	memset(malloc(64 << 20), 1, 64 << 20);
}

TEST(waits)
{
	for (int i = 0; i < 50; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
}

TEST(rests)
{
}
"""


def test_time_memory_and_switches(cloche, build_suite):
    """Of the test and what it waited for, and of nothing else."""
    cases = cloche.run("-j1", build_suite("spends", SPENDS, "-O0")).cases
    spent = {name: case["user_seconds"] + case["system_seconds"] for name, case in cases.items()}
    assert spent["works"] >= 0.19 and spent["lets_a_child_work"] >= 0.19
    assert spent["lets_others_work"] < 0.15
    assert cases["works"]["seconds"] >= 0.19
    assert cases["remembers"]["max_rss_kib"] >= 64 << 10
    assert cases["rests"]["max_rss_kib"] < cases["remembers"]["max_rss_kib"]
    assert cases["waits"]["waits"] >= 50


def on_a_disk(path):
    """Whether the file system of a path has one, which memory has not."""
    found = max((line.split() for line in open("/proc/self/mountinfo", encoding="ascii")
                 if os.path.commonpath([path, line.split()[4]]) == line.split()[4]),
                key=lambda fields: len(fields[4]))
    return found[found.index("-") + 1] not in ("tmpfs", "ramfs", "overlay")


def test_input_and_output(cloche):
    """In blocks that go to a disk: none of them does where there is only memory."""
    place = cloche.cwd / "place"
    place.mkdir()
    place.chmod(0o777)
    (place / "in").write_bytes(os.urandom(1 << 20))
    with open(place / "in", "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    where = shlex.quote(str(place))
    reads = cloche.script("reads", f"#!/bin/sh\nexec cat {where}/in >/dev/null\n")
    writes = cloche.script("writes", f"#!/bin/sh\nexec dd if=/dev/zero of={where}/out bs=64K count=16\n")
    in_cell = cloche.script("in_cell", "#!/bin/sh\nexec dd if=/dev/zero of=/tmp/out bs=64K count=16\n")
    cases = cloche.run("-j1", "--root=host", reads, writes).cases
    least = 2048 if on_a_disk(str(place)) else 0
    assert cases["reads"]["verdict"] == cases["writes"]["verdict"] == "pass"
    assert cases["reads"]["blocks_read"] >= least
    assert cases["writes"]["blocks_written"] >= least
    assert cloche.run("--root=minimal", "--env=PATH=/usr/bin:/bin", in_cell).cases["in_cell"]["blocks_written"] < 64


# ---- full disks ----

def full_disk(cloche, *words, size="64k"):
    """cloche in a mount namespace of its own, where ./small is a file system that is soon full."""
    (cloche.cwd / "small").mkdir()
    cloche.who.owns(cloche.cwd / "small")
    inner = "mount -t tmpfs -o size=%s,mode=777 none small && status=0 && { \"$@\" || status=$?; } && " \
        "{ cp -r small after || :; } && exit $status" % size
    user = [] if cloche.who.is_root else ["--user", "--map-root-user"]
    return cloche.command("unshare", *user, "--mount", "sh", "-ec", inner, "sh", cloche.path, "run", *words)


@pytest.fixture
def flaky(cloche):
    """Words for a run of 40 repetitions of a case that fails, is tried again, and passes."""
    (cloche.cwd / "tries").touch()
    (cloche.cwd / "tries").chmod(0o666)
    suite = cloche.script("flaky" * 20, f"#!/bin/sh\necho x >>{cloche.cwd}/tries\n"
                          f"exit $(($(wc -l <{cloche.cwd}/tries) % 2))\n")
    return "-j1", "-v", "--root=host", "--retries=1", "--repeat=40", suite


def again(cloche, run="last"):
    """The texts of all reports of a run that is remembered."""
    result = cloche("replay", run, "-v", *(f"--report={name}=again/{name}" for name in REPORTS))
    assert (result.status, result.err) == (0, ""), result
    return {name: (cloche.cwd / "again" / name).read_bytes() for name in REPORTS}


@pytest.mark.plain
@pytest.mark.parametrize("victim", REPORTS)
def test_a_disk_fills_up(cloche, flaky, victim):
    """110 and a sentence, whose cure works; every other report is whole, and of this one the beginning."""
    all_reports(cloche, *flaky, status=0)
    size = (cloche.cwd / "out" / victim).stat().st_size * 3 // 4 // 4096 * 4096
    assert size, "what is to be too large is not"
    places = {name: "small" if name == victim else "out" for name in REPORTS}
    result = full_disk(cloche, *(f"--report={name}={place}/{name}" for name, place in places.items()),
                       *flaky, size=size)
    assert result.status == 110, result
    assert re.fullmatch(incomplete(f"{victim}=small/{victim}", "No space left on device"), result.err), result
    whole = again(cloche, re.search(r"replay (\S+)", result.err)[1])
    for name in REPORTS:
        if name != victim:
            assert (cloche.cwd / "out" / name).read_bytes() == whole[name], name
    assert b" 40 cases run: 0 passed, 40 flaky\n" in whole["terminal"]
    cut = (cloche.cwd / "after" / victim).read_bytes()
    assert cut and len(cut) <= size
    if victim == "junit":
        root = ElementTree.fromstring(cut)
        assert root[0].get("name") == "cloche: this run has not ended" and 0 < len(root[0].findall("testcase")) < 40
    else:
        assert whole[victim].startswith(cut)


@pytest.mark.plain
def test_the_disk_is_full_at_the_end(cloche):
    """A JUnit report that cannot be put in order is there as it was while the run went on."""
    suite = cloche.script("fine", "#!/bin/sh\necho fine\n")
    result = full_disk(cloche, "--report=junit=small/junit", "-j1", "--repeat=10", suite, size="12k")
    assert result.status == 110, result
    root = ElementTree.fromstring((cloche.cwd / "after/junit").read_text())
    assert len(list(root.iter("testcase"))) == 10
    assert os.listdir(cloche.cwd / "after") == ["junit"]


def test_a_failure_is_told_before_a_report(cloche):
    suite = cloche.script("fails", "#!/bin/sh\nexit 1\n")
    result = cloche("run", "--report=junit=/dev/full", "--report=html=/dev/full", "--report=libtest=lib", suite)
    assert result.status == 100
    assert [line.split(" is ")[0] for line in result.err.splitlines()] == \
        ["cloche: the report junit=/dev/full", "cloche: the report html=/dev/full"]
    assert json.loads((cloche.cwd / "lib").read_text().splitlines()[-1])["failed"] == 1


def test_reports_are_documented():
    """Each has a heading in the reference."""
    reference = (SOURCE / "docs/reference.md").read_text()
    within = {"jsonl": "json lines", "github": "terminal"}
    for name in REPORTS:
        assert f"\n### {within.get(name, name)}\n" in reference.lower(), name
