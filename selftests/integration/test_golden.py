# SPDX-License-Identifier: MIT
"""What deliberately broken suites print, in every report, against golden files.

After a change that is meant: CLOCHE_UPDATE=1 pytest test_golden.py, and read the diff.
"""

import json
import os
import re

import pytest

from program import SOURCE, TOP
from schema import check_events

GOLDEN = TOP / "selftests/samples/golden"
UPDATE = os.environ.get("CLOCHE_UPDATE") == "1"
SAMPLES = ("comparing", "saying", "dying", "limited", "tampering")

pytestmark = pytest.mark.plain  # sanitizers report crashes themselves, and need address space

# What differs from run to run, from machine to machine and from compiler to compiler.
TEXT = (
    (re.compile(r"\[ *\d+\.\d{3}s\]"), "[ SECONDS ]"),
    (re.compile(r"^( *(user_|system_)?seconds): \d+\.\d+$", re.M), r"\1: SECONDS"),
    (re.compile(r"^( *(max_rss_kib|blocks_read|blocks_written|waits|preemptions)): \d+$", re.M),
     r"\1: COUNT"),
    (re.compile(r"at address 0x[0-9a-f]{6,}"), "at address 0xSTACK"),
    # Frames of libc, and how many there are, are its own affair.
    (re.compile(r"^ *#\d+ +lib\S+\.so\S*\+0x[0-9a-f]+.*\n", re.M), ""),
    # So is what the kernel calls it when they wait.
    (re.compile(r"^( *pid \d+ .*, sleeping) in \w+ \(\w+\)$", re.M), r"\1 in CALL"),
    (re.compile(r"#\d+ +(\w+)\+0x[0-9a-f]+ in"), r"#N \1+0xN in"),
)

MOMENTS = {"id": r"\d{8}T\d{6}-[0-9a-f]+", "started": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"}


def normalised(text, stage):
    text = text.replace(str(SOURCE), "TOP").replace(str(stage), "STAGE")
    text = text.replace(str(stage).replace("/", "_"), "_STAGE")
    for pattern, replacement in TEXT:
        text = pattern.sub(replacement, text)
    return text


def normalised_event(event, stage):
    if event["event"] == "run-started":
        for key, pattern in MOMENTS.items():
            assert key not in event or re.fullmatch(pattern, event.pop(key))
        event.pop("command", None)  # paths of this test's own
    for key in ("blocks_read", "blocks_written", "waits", "preemptions"):
        if key in event:
            assert isinstance(event[key], int) and event[key] >= 0
            event[key] = "COUNT"
    for key in ("started", "seconds", "user_seconds", "system_seconds"):
        if key in event:
            assert isinstance(event[key], float) and event[key] >= 0
            event[key] = "SECONDS"
    if "max_rss_kib" in event:
        assert event["max_rss_kib"] > 0
        event["max_rss_kib"] = "KIB"
    if event.get("namespaces"):
        assert all(isinstance(inode, int) for inode in event["namespaces"].values())
        event["namespaces"] = " ".join(sorted(event["namespaces"]))
    if "cloche" in event:
        event["cloche"] = "VERSION"
    for key in ("crash", "stacks"):  # of several lines, which JSON would hide
        if isinstance(event.get(key), str):
            event[key] = normalised(event[key], stage)
    return normalised(json.dumps(event, indent=1, ensure_ascii=False), stage)


def normalised_jsonl(text, stage):
    events = [json.loads(line) for line in text.splitlines()]
    check_events(events)
    return "".join(normalised_event(event, stage) + "\n" for event in events)


def compare(name, found):
    path = GOLDEN / name
    if UPDATE:
        path.write_text(found)
    assert found.splitlines() == path.read_text().splitlines()


@pytest.fixture(params=SAMPLES)
def reports(request, cloche):
    """All reports of one run: it is the same run that they tell of."""
    names = {kind: cloche.cwd / kind for kind in ("terminal", "tap", "jsonl")}
    result = cloche("run", "-j1", *(f"--report={kind}={path}" for kind, path in names.items()),
                    cloche.sample(request.param))
    assert result.status == 100 and not result.out and not result.err, result
    return request.param, {kind: path.read_text() for kind, path in names.items()}


def test_reports(reports, stage):
    sample, texts = reports
    for kind in ("terminal", "tap"):
        compare(f"{sample}.{kind}", normalised(texts[kind], stage))
    compare(f"{sample}.jsonl", normalised_jsonl(texts["jsonl"], stage))


def test_attachments_are_kept(cloche):
    """Under names that are no paths, whatever the test called them."""
    result = cloche.run("-j1", "--exact=attaches", "--artifacts=kept", cloche.sample("saying"))
    attached = {one["name"]: one for one in result.cases["attaches"]["attachments"]}
    assert set(attached) == {"data.bin", "../../escape"}
    for name, content in (("data.bin", b"\0\1\2"), ("../../escape", b"x")):
        file = cloche.cwd / attached[name]["file"]
        assert file.parent == cloche.cwd / "kept"
        assert file.read_bytes() == content
        assert attached[name]["bytes"] == len(content)
    assert len(list((cloche.cwd / "kept").iterdir())) == 2


def test_attachments_arrive_whole(cloche):
    case = cloche.run("--exact=keeps_the_pipe_from_blocking", cloche.sample("tampering"))
    (block,) = case.cases["keeps_the_pipe_from_blocking"]["attachments"]
    assert (cloche.cwd / block["file"]).stat().st_size == block["bytes"] == 1 << 20
