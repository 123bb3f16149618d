# SPDX-License-Identifier: MIT
"""Eight fresh namespaces for each cell, as init read them back."""

import os

NAMES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time")


def machine(name):
    return os.stat(f"/proc/self/ns/{name}").st_ino


def test_two_cells_at_once_share_none(cloche):
    """Both live when the other's are read: no number can have been given out twice."""
    suite = cloche.script("waits", "#!/bin/sh\nsleep 0.5\n")
    result = cloche.run("-j2", "--repeat=2", suite)
    assert result.status == 0, result
    ended = [event for event in result.events if event["event"] == "case-ended"]
    assert len(ended) == 2
    for name in NAMES:
        inodes = {event["namespaces"][name] for event in ended} | {machine(name)}
        assert len(inodes) == 3, f"{name}: {inodes}"


def test_native_cells_as_well(cloche):
    result = cloche.run("-j1", "--exact=is_honest", "--exact=closes_the_pipe",
                        cloche.sample("tampering"))
    for case in result.cases.values():
        assert set(case["namespaces"]) == set(NAMES)
        for name in NAMES:
            assert case["namespaces"][name] != machine(name), name


def test_they_are_those_that_the_test_sees(cloche):
    """The report says what is so: the command inside reads the same numbers."""
    suite = cloche.script("looks", "#!/bin/sh\nreadlink /proc/self/ns/*\n")
    case = cloche.run(suite).cases["looks"]
    for name in NAMES:
        assert f"{name}:[{case['namespaces'][name]}]" in case["output"]["text"], case


def test_without_isolation_none_is_claimed(cloche):
    suite = cloche.script("passes", "#!/bin/sh\nexit 0\n")
    result = cloche.run("--no-isolation", suite)
    assert result.status == 0, result
    assert result.cases["passes"]["namespaces"] == {}
    assert result.events[0]["isolated"] is False
