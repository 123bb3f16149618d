# SPDX-License-Identifier: MIT
"""Machines and containers that refuse what a cell is made of: never a silently weaker cell.

Refusals are made where they harm nobody else: in user namespaces of the test's own, and by a
seccomp filter on the program alone.
"""

import re

import pytest

NAMES = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"}
CONTAINER = ("a container's seccomp filter or security policy forbids namespaces; start it with "
             "--security-opt seccomp=unconfined (Docker, Podman) and without a no-namespaces policy")


@pytest.fixture
def suite(cloche):
    return cloche.script("passes", "#!/bin/sh\nhostname\n")


@pytest.fixture
def refuse(cloche):
    """refuse(rules, *words): cloche, while the kernel refuses these system calls to it."""
    def run(rules, *words, **arguments):
        return cloche.command(cloche.sample("refuse"), *rules, "--", cloche.path, *words,
                              **arguments)
    return run


@pytest.fixture
def inside(cloche):
    """inside(preparation, *words): cloche in a user namespace that a shell prepared."""
    def run(preparation, *words, flags="-Ur", **arguments):
        return cloche.command("unshare", flags, "/bin/sh", "-ec", f'{preparation}\nexec "$@"', "sh",
                              cloche.path, *words, **arguments)
    return run


def refused(result, reason):
    """97, the case is an error, and the sentence in full."""
    assert result.status == 97, result
    (case,) = result.cases.values()
    assert case["verdict"] == "error" and case["namespaces"] == {}
    assert re.fullmatch(reason, case["reason"]), case["reason"]


# ---- user namespaces ----

OFF = "echo 0 > /proc/sys/user/max_user_namespaces"


def test_user_namespaces_are_off(inside, suite):
    reason = r"stage: cannot make a user namespace: No space left on device \(ENOSPC\); " \
        r"user namespaces are off on this machine; as root: sysctl user.max_user_namespaces=10000"
    refused(inside(OFF, "run", "--report=jsonl", suite), reason)
    result = inside(OFF, "exec", "true")
    assert result.status == 125 and re.fullmatch(f"cloche: {reason}\n", result.err), result


def test_native_suites_say_so_for_every_case(inside, cloche):
    result = inside(OFF, "run", "--report=jsonl", "--name=is_even*", cloche.sample("comparing"))
    assert result.status == 97, result
    assert [case["verdict"] for case in result.cases.values()] == ["error", "error"]


def test_user_namespaces_are_used_up(inside, suite):
    """The zygote's fits, the cell's does not."""
    reason = r"cell: cannot clone: .*; too many user namespaces exist; raise the sysctl " \
        r"user\.max_user_namespaces, or lower -j"
    refused(inside("echo 1 > /proc/sys/user/max_user_namespaces", "run", "--report=jsonl", suite),
            reason)


@pytest.mark.parametrize("rules", (
    ("unshare=EPERM",), ("unshare=EPERM", "clone=EPERM", "clone3=ENOSYS")))
def test_unshare_is_refused(refuse, suite, rules):
    refused(refuse(rules, "run", "--report=jsonl", suite),
            r"stage: cannot make a (user|mount) namespace: Operation not permitted \(EPERM\); "
            + re.escape(CONTAINER))


def test_clone_is_refused(refuse, suite):
    refused(refuse(("clone3=ENOSYS", "clone=EPERM"), "run", "--report=jsonl", suite),
            r"cell: cannot clone: Operation not permitted \(EPERM\); " + re.escape(CONTAINER))


def test_vfork_is_refused(refuse):
    """As Linux 6.1 does it where the child is to be in another time."""
    result = refuse(("vfork=EINVAL",), "exec", "--uptime=3d", "--", "cut", "-c-4", "/proc/uptime")
    assert (result.status, result.out, result.err) == (0, "2592\n", ""), result


def test_clone3_is_refused_otherwise(refuse, suite):
    """EPERM is no ENOSYS: whoever says so means it."""
    refused(refuse(("clone3=EPERM",), "run", "--report=jsonl", suite),
            r"cell: cannot clone: Operation not permitted \(EPERM\); " + re.escape(CONTAINER))


def test_keyctl_is_refused(refuse, suite):
    """By Docker's filter, also where the container may make namespaces."""
    rules = ("keyctl=EPERM",)
    refused(refuse(rules, "run", "--report=jsonl", suite),
            re.escape("session: cannot join a session keyring: Operation not permitted (EPERM); a "
                      "container's seccomp filter forbids keyctl(2): start it with --security-opt "
                      "seccomp=unconfined (Docker, Podman), or let cases do without with "
                      "--allow-missing=keyring"))
    result = refuse(rules, "run", "--report=jsonl", "--allow-missing=keyring", suite)
    assert result.status == 0 and result.cases["passes"]["missing"] == "keyring", result


@pytest.mark.parametrize("rule, reason", (
    ("sethostname=EPERM", "uts: cannot sethostname: Operation not permitted (EPERM); a container's "
     "seccomp filter or security policy forbids it; start it with --security-opt "
     "seccomp=unconfined (Docker, Podman) and without that policy"),
    ("mount_setattr=ENOSYS", "stage: cannot copy the system directories: Function not implemented "
     "(ENOSYS); this kernel does not have it, or a container's seccomp filter hides it; cloche "
     "needs Linux 6.1 or newer, and --security-opt seccomp=unconfined (Docker, Podman)")),
    ids=lambda value: value.split(" ")[0])
def test_a_step_is_refused(refuse, suite, rule, reason):
    refused(refuse((rule,), "run", "--report=jsonl", suite), re.escape(reason))


def test_a_session_is_refused(refuse, suite):
    """To the test's own process, when its cell is there."""
    result = refuse(("setsid=EPERM",), "run", "--report=jsonl", suite)
    (case,) = result.cases.values()
    assert result.status == 97 and case["verdict"] == "error", result
    assert case["reason"] == "cell: cannot begin a session of its own: Operation not permitted " \
        "(EPERM); a container's seccomp filter or security policy forbids it; start it with " \
        "--security-opt seccomp=unconfined (Docker, Podman) and without that policy"


@pytest.mark.parametrize("sysctl, value, cure", (
    ("unprivileged_userns_clone", 0, "user namespaces are off for ordinary users here; as root: "
     "sysctl kernel.unprivileged_userns_clone=1"),
    ("apparmor_restrict_unprivileged_userns", 1, "AppArmor restricts user namespaces here; as "
     "root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or give cloche an AppArmor "
     "profile with the rule 'userns,'")))
def test_distributions_restrictions(cloche, suite, sysctl, value, cure):
    """A /proc/sys/kernel that says so, and a kernel that acts so."""
    pretend = f"mount -t tmpfs none /proc/sys/kernel; echo {value} > /proc/sys/kernel/{sysctl}"
    result = cloche.command("unshare", "-Urm", "/bin/sh", "-ec", f'{pretend}\nexec "$@"', "sh",
                            cloche.sample("refuse"), "unshare=EPERM", "--", cloche.path, "run",
                            "--report=jsonl", suite)
    refused(result, r"stage: cannot make a user namespace: .*; " + re.escape(cure))


# ---- what older kernels lack ----

def test_without_descriptors_of_namespaces_their_links_are_read(refuse, cloche):
    suite = cloche.script("looks", "#!/bin/sh\nreadlink /proc/self/ns/*\n")
    result = refuse(("ioctl=ENOTTY",), "run", "--report=jsonl", "--uptime=30d", suite)
    assert result.status == 0, result
    case = result.cases["looks"]
    assert set(case["namespaces"]) == NAMES
    for name, number in case["namespaces"].items():
        assert f"{name}:[{number}]" in case["output"]["text"], case


# ---- clone3 is not there ----

def test_without_clone3_all_is_the_same(refuse, cloche, suite):
    """What Docker's filter does: ENOSYS for clone3, by which libc knows what to do."""
    rules = ("clone3=ENOSYS",)
    result = refuse(rules, "run", "--report=jsonl", "--uptime=30d", suite)
    assert result.status == 0, result
    assert set(result.cases["passes"]["namespaces"]) == NAMES
    result = refuse(rules, "exec", "--uptime=30d", "--", "cut", "-d.", "-f1", "/proc/uptime")
    assert 30 * 86400 <= int(result.out) < 30 * 86400 + 100, result
    result = refuse(rules, "run", "--report=jsonl", "--name=is_*", cloche.sample("tampering"))
    assert set(result.cases["is_honest"]["namespaces"]) == NAMES


def test_without_clone3_and_without_an_offset(refuse, suite):
    """The time namespace is fresh then, too."""
    result = refuse(("clone3=ENOSYS",), "run", "--report=jsonl", "-j2", "--repeat=2", suite)
    assert result.status == 0, result
    ended = [event for event in result.events if event["event"] == "case-ended"]
    assert all(set(event["namespaces"]) == NAMES for event in ended)


# ---- other namespaces ----

# A user namespace's own limit is on those of its descendants.
@pytest.mark.parametrize("name, sysctl", (
    ("pid", "pid"), ("net", "net"), ("ipc", "ipc"), ("uts", "uts"), ("cgroup", "cgroup"),
    ("time", "time"), ("mnt", "mnt")))
def test_namespace_is_not_to_be_had(inside, suite, name, sysctl):
    off = f"echo 0 > /proc/sys/user/max_{sysctl}_namespaces"
    result = inside(off, "run", "--report=jsonl", suite)
    assert result.status == 97, result
    (case,) = result.cases.values()
    assert case["verdict"] == "error" and "ENOSPC" in case["reason"]
    assert f"user.max_{sysctl}_namespaces" in case["reason"], case["reason"]


@pytest.mark.parametrize("name", ("pid", "ipc", "uts", "cgroup", "time"))
def test_allow_missing(inside, suite, name):
    """What is left out is left out of the report, and nothing else is."""
    off = f"echo 0 > /proc/sys/user/max_{name}_namespaces"
    result = inside(off, "run", "--report=jsonl", f"--allow-missing={name}", suite)
    assert result.status == 0, result
    assert set(result.cases["passes"]["namespaces"]) == NAMES - {name}
    assert result.cases["passes"]["world"]["allow-missing"] == name
    other = "uts" if name != "uts" else "ipc"
    result = inside(off, "run", "--report=jsonl", f"--allow-missing={other}", suite)
    assert result.status == 97, result


@pytest.mark.parametrize("count", (1, 0))
def test_allow_missing_net(inside, suite, count):
    """One is there for the zygote, none for the cell; or none for either."""
    off = f"echo {count} > /proc/sys/user/max_net_namespaces"
    result = inside(off, "run", "--report=jsonl", "--allow-missing=net", suite)
    assert result.status == 0, result
    assert set(result.cases["passes"]["namespaces"]) == NAMES - {"net"}
    assert inside(off, "run", "--report=jsonl", suite).status == 97


def test_allow_missing_is_no_licence(cloche, suite):
    """Where all is to be had, all is given."""
    result = cloche.run("--allow-missing=net", "--allow-missing=pid", "--allow-missing=time", suite)
    assert set(result.cases["passes"]["namespaces"]) == NAMES


# ---- files ----

def test_covered_proc(inside, suite):
    """As containers cover parts of /proc: the kernel then refuses a fresh one."""
    cover = "mount -t tmpfs none /proc/sys"
    result = inside(cover, "run", "--report=jsonl", suite, flags="-Urm")
    assert result.status == 97, result
    (case,) = result.cases.values()
    assert case["verdict"] == "error"
    assert re.match(r"\w+: cannot mount /proc: Operation not permitted \(EPERM\); .*cover", case["reason"]), \
        case["reason"]


def test_mount_is_refused(refuse, suite):
    result = refuse(("mount=EPERM",), "run", "--report=jsonl", suite)
    assert result.status == 97, result
    assert "EPERM" in result.cases["passes"]["reason"]


@pytest.mark.parametrize("call, step", (
    ("pivot_root", "stage: cannot pivot into the tree"), ("sethostname", "uts: cannot sethostname"),
))
def test_the_step_is_named(refuse, suite, call, step):
    result = refuse((f"{call}=EPERM",), "run", "--report=jsonl", suite)
    assert result.status == 97, result
    assert result.cases["passes"]["reason"].startswith(
        f"{step}: Operation not permitted (EPERM)"), result


def test_no_proc(inside, suite):
    result = inside("mount -t tmpfs none /proc", "run", suite, flags="-Urm")
    sentence = "cloche: cannot read /proc/self/exe: No such file or directory; is /proc mounted?\n"
    assert sentence in result.err, result
    if "LeakSanitizer" not in result.err:  # which cannot work without /proc either
        assert result.status == 96 and result.err == sentence, result


# ---- limits of whoever starts it ----

def test_limit_beyond_the_hard_limit(cloche, suite):
    result = cloche.command("/bin/sh", "-c", 'ulimit -n 256; exec "$@"', "sh", cloche.path, "run",
                            "--report=jsonl", "--descriptors=1000", suite)
    assert result.status == 100, result
    assert "descriptors" in result.cases["passes"]["reason"]
    assert "EPERM" in result.cases["passes"]["reason"]


def test_limit_on_the_size_of_files(cloche, suite):
    """Every cell writes files, and every list of cases."""
    cure = "File too large%s; the caller's limit on the size of files is too low; raise it: " \
        "ulimit -f unlimited"

    def run(path):
        return cloche.command("/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh", cloche.path, "run",
                              "--no-journal", path)

    listed = run(cloche.sample("comparing"))
    assert listed.status == 104, listed
    assert f"cannot write its list of cases: {cure % ''}\n" in listed.err, listed
    told = run(suite)
    assert told.status == 100 and cure % " (EFBIG)" in told.out, told


# ---- subordinate ids ----

IDS = r"""
#include <cloche.h>
#include <unistd.h>
TEST(plain) { EXPECT(getuid(), ==, 0); }
TEST(wants_all, .ids = "full") { EXPECT(chown("/tmp", 1, 1), ==, 0); }
TEST(can_do_without, .ids = "full", .allow_missing = "ids,keyring", .user = "7")
{
	EXPECT(getuid(), ==, 7);
	EXPECT_ERRNO(EINVAL, chown("/tmp", 1, 1));
}
"""


def test_without_subordinate_ids(inside, build_suite):
    """Only the case that needs them fails, and what does without says so."""
    result = inside("true", "run", "--report=jsonl", build_suite("ids", IDS))
    assert result.status == 97, result
    assert result.verdicts == {"plain": "pass", "wants_all": "error", "can_do_without": "pass"}
    assert result.cases["wants_all"]["reason"] == (
        "user: cannot write the full map: Operation not permitted (EPERM); start cloche as root, "
        "or give yourself 65536 subordinate ids with 'usermod --add-subuids 100000-165535 "
        "--add-subgids 100000-165535 NAME' and install newuidmap (package uidmap)")
    assert result.cases["can_do_without"]["missing"] == "ids"
    assert "missing" not in result.cases["plain"]


def test_what_is_there_is_not_missing(cloche, suite):
    result = cloche.run("--ids=full", "--allow-missing=all", suite)
    assert result.status == 0 and "missing" not in result.cases["passes"], result


# ---- values that no machine could give: no lack of isolation ----

FAR = ("a clock cannot be set to before 0 nor past 146 years; a shift counts from the machine's own "
       "clock: make it smaller, or ask for a time since boot, as 0 or 497d")


@pytest.mark.parametrize("flags, reason", (
    (["--uptime=-9999d"], "time: cannot write timens_offsets: Numerical result out of range "
     "(ERANGE); " + FAR),
    (["--monotonic=-9999d"], "time: cannot write timens_offsets: Numerical result out of range "
     "(ERANGE); " + FAR),
    (["--uptime=+4611686017"], "time: cannot write timens_offsets: Numerical result out of range "
     "(ERANGE); " + FAR),
    (["--descriptors=99999999999"], "limits: cannot set the limit descriptors: Operation not "
     "permitted (EPERM); ask for less, or raise the hard limit of the shell that starts cloche "
     "('ulimit -H')"),
    (["--cwd=/nowhere"], "session: cannot enter the working directory: No such file or directory "
     "(ENOENT); give another one with --cwd, or make it readable for the user of the cell"),
), ids=lambda value: value[0].split("=")[0] if isinstance(value, list) else "")
def test_100_for_a_value(cloche, suite, flags, reason):
    result = cloche.run(*flags, suite)
    assert result.status == 100, result
    assert result.cases["passes"]["verdict"] == "error"
    assert result.cases["passes"]["reason"] == reason


IMPOSSIBLE = r"""
#include <cloche.h>
TEST(name, .allow_missing = "nett") {}
TEST(clock, .uptime = days(99999)) {}
TEST(never, .uptime = days(1e9)) {}
TEST(before, .uptime = -5) {}
TEST(both, .uptime = 5, .uptime_shift = 3) {}
TEST(limit, .descriptors = UINT64_MAX - 1) {}
"""


def test_100_for_a_value_in_c(cloche, build_suite):
    result = cloche.run(build_suite("impossible", IMPOSSIBLE))
    assert result.status == 100, result
    assert {name: case["reason"] for name, case in result.cases.items()} == {
        "name": "the case's option 'allow-missing': 'nett' is not one of user|mnt|pid|net|ipc|uts|"
                "cgroup|time|ids|proc|keyring|all; did you mean 'net'?",
        "clock": "a clock can start at 0 up to 53375 days (146 years), the kernel's limit",
        "never": "the case's option 'uptime': '86400000000000' is not a point in time that fits: "
                 "clocks go up to 53375 days (146 years)",
        "before": "the case's option 'uptime': '-5 s since boot' is not a point in time (try 497d, "
                  "or from now +30d or -1h)",
        "both": "the case's option 'uptime': '5 s since boot, shifted by 3 s' is not a point in "
                "time (try 497d, or from now +30d or -1h)",
        "limit": "limits: cannot set the limit descriptors: Operation not permitted (EPERM); ask "
                 "for less, or raise the hard limit of the shell that starts cloche ('ulimit -H')"}
