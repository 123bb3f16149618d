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


MIXED = r"""
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void tell(void)
{
	const char *names[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"};
	char path[64], link[64];

	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		ssize_t size = REQUIRE_OK(readlink(path, link, sizeof(link) - 1));
		printf("%.*s\n", (int)size, link);
	}
	printf("pid %d uid %d\n", (int)getppid(), (int)getuid());
}
TEST(inside) { tell(); }
TEST(outside, .no_isolation = true) { tell(); }
TEST(fails_outside, .no_isolation = true, .env = "A=b") { EXPECT_STR(getenv("A"), ==, "c"); }
TEST(crashes_outside, .no_isolation = true) { abort(); }
FIXTURE(bare, .no_isolation = true) { int n; };
TEST_IN(bare, is_outside) { tell(); }
"""


def test_a_case_without_isolation_among_others(cloche, build_suite):
    """It runs in the caller's own world, and all others in their cells."""
    suite = build_suite("mixed", MIXED)
    for words in ((cloche.path, "run", "--report=jsonl", "-j4", "--repeat=3", suite),
                  (suite, "--report=jsonl", "-j1")):
        result = cloche.command(*words)
        assert result.status == 100, result
        assert result.verdicts == {
            "inside": "pass", "outside": "pass", "fails_outside": "fail",
            "crashes_outside": "crash", "bare.is_outside": "pass"}
        for name, case in result.cases.items():
            text = case["output"]["text"]
            seen = dict(line.rstrip("]").split(":[") for line in text.splitlines() if ":[" in line)
            if name == "inside":
                assert all(int(inode) != machine(ns) for ns, inode in seen.items()), case
                assert "pid 1 uid 0\n" in text
            elif seen:
                assert case["namespaces"] == {}
                assert all(int(inode) == machine(ns) for ns, inode in seen.items()), case
                assert f" uid {cloche.who.uid}\n" in text and "pid 1 " not in text
        assert result.cases["fails_outside"]["failures"][0]["text"].count('"b"') == 1


def test_a_suite_of_cases_without_isolation_needs_no_namespace(cloche, build_suite):
    suite = build_suite("mixed", MIXED)
    result = cloche.command("unshare", "-Ur", "/bin/sh", "-ec",
                            'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"', "sh",
                            cloche.path, "run", "--report=jsonl", "--exact=outside", suite)
    assert result.status == 0 and result.verdicts == {"outside": "pass"}, result
