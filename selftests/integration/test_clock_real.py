# SPDX-License-Identifier: MIT
"""What stays by the machine's clock in a cell with its own: the rows of docs/clocks.md."""

import datetime
import re
import time

import pytest

from clock import SLACK, START, START_S, build, is_about, shell, wall


@pytest.fixture(scope="session")
def real(stage):
    """A program that tells stamps of the kernel's."""
    directory = stage / "clock-real"
    directory.mkdir()
    return build(directory, "clock_real", "c", "-Wall", "-Werror")


def is_real(seconds):
    return abs(float(seconds) - time.time()) < SLACK


def is_shown_real(text):
    """In words, for people; the day may be over in between."""
    years = {(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=n)).year
             for n in (-1, 0, 1)}
    return any(str(year) in text for year in years) and "2038" not in text


def test_files(cloche):
    """New files, changed ones, and those that are told to have the time of now."""
    result = shell(cloche, "cd $TMPDIR; : >a; : >b; touch b; mkdir c; ln -s x d; echo >>a; "
                           "stat -c '%X %Y %Z' a b c d")
    assert result.status == 0 and len(result.out.split()) == 12, result
    assert all(is_real(value) for value in result.out.split()), result


def test_files_that_are_told_a_time(cloche):
    """Have that: the cell's, where it is the program that asks."""
    result = shell(cloche, "cd $TMPDIR; : >a; touch -d \"$(date)\" a; stat -c %Y a; "
                           "find a -mmin -5; : >b; find b -mmin -5")
    assert is_about(result.out.split()[0], START_S) and result.out.split()[1:] == ["a"], result


def test_sysv_ipc(cloche, real):
    result = wall(cloche, real, "ipc")
    assert result.status == 0 and len(result.out.split()) == 3, result
    assert all(is_real(value) for value in result.out.split()), result


def files_are_served(cloche):
    """/proc/stat is the cell's own where it may use /dev/fuse."""
    return " /proc/stat fuse " in shell(cloche, "cat /proc/mounts").out


def test_when_processes_and_the_machine_began(cloche):
    result = shell(cloche, "sed -n 's/btime //p' /proc/stat; ps -o lstart= -p $$; uptime -s")
    btime, lstart, since = result.out.splitlines()
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    assert "2037" in since or "2038" in since, result  # the wall clock less the uptime
    if files_are_served(cloche):
        assert abs(int(btime) - booted - START_S + time.time()) < SLACK, result
        assert "2038" in lstart, result
    else:
        assert abs(int(btime) - booted) < SLACK, result
        assert is_shown_real(lstart), result


def test_uptime(cloche):
    """Is an option of its own."""
    result = shell(cloche, "cut -d' ' -f1 /proc/uptime")
    assert abs(float(result.out) - time.clock_gettime(time.CLOCK_BOOTTIME)) < SLACK, result
    result = shell(cloche, "cut -d' ' -f1 /proc/uptime; date +%s", flags=["--uptime=497d"])
    uptime, now = result.out.split()
    assert is_about(uptime, 497 * 86400) and is_about(now, START_S), result


def test_kernel_log(cloche):
    """Seconds since the boot of the machine, whatever clocks the cell has; if it may be read."""
    result = wall(cloche, "dmesg", "--raw", flags=["--uptime=497d"])
    stamps = re.findall(r"^<\d+>\[ *(\d+)\.", result.out, re.M)
    assert not result.status or "not permitted" in result.err, result
    assert all(int(stamp) <= time.clock_gettime(time.CLOCK_BOOTTIME) for stamp in stamps), result


def test_datagrams(cloche, real):
    result = wall(cloche, real, "stamp")
    assert result.status == 0 and is_real(result.out), result


def test_keys(cloche, real):
    """A key of an hour is there after two hours of the cell's."""
    result = wall(cloche, real, "key")
    if "add_key" in result.err:
        pytest.skip("no keys here")
    assert result.out == "is there\n", result


@pytest.mark.parametrize("root", ("minimal", "cow"))
def test_real_time_clock(cloche, root):
    """The device is not there; what sysfs and procfs tell of it is the machine's."""
    result = shell(cloche, "ls /dev/rtc* 2>/dev/null; cat /sys/class/rtc/rtc0/since_epoch "
                           "2>/dev/null; hwclock -r 2>/dev/null", flags=[f"--root={root}"])
    assert not [word for word in result.out.split() if not is_real(word)], result


def test_no_core_is_dumped(cloche):
    """The time in its name, %t of core(5), would be the machine's."""
    result = shell(cloche, "cd $TMPDIR; ulimit -c unlimited; sh -c 'kill -SEGV $$'; ls")
    assert "core" not in result.out, result


def test_who_is_outside(cloche):
    """A peer on the other side of a descriptor has the machine's clock."""
    process = cloche.popen(cloche.path, "exec", f"--wall={START}", "--", "/bin/sh", "-c",
                           "read there; echo $there; date +%s", stdin=-1)
    out, err = process.communicate(str(int(time.time())).encode() + b"\n")
    there, here = out.split()
    assert process.returncode == 0 and is_real(there) and is_about(here, START_S), err


def test_other_clocks(cloche):
    """CLOCK_MONOTONIC does not jump, and processor time does not either."""
    script = """
import time, subprocess
before = time.monotonic(), time.process_time(), time.clock_gettime(time.CLOCK_BOOTTIME)
subprocess.run(["date", "-s", "+1 year"], stdout=subprocess.DEVNULL, check=True)
after = time.monotonic(), time.process_time(), time.clock_gettime(time.CLOCK_BOOTTIME)
print(max(b - a for a, b in zip(before, after)))
"""
    result = wall(cloche, "python3", "-c", script)
    assert result.status == 0 and 0 <= float(result.out) < SLACK, result


def test_rates_are_kept_and_not_carried_out(cloche):
    """adjtimex(2) gives back what it was told, a tenth slower here; the clock goes on as before."""
    script = """
import ctypes, time
class timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("constant", ctypes.c_long), ("precision", ctypes.c_long),
                ("tolerance", ctypes.c_long), ("time", ctypes.c_long * 2), ("tick", ctypes.c_long),
                ("rest", ctypes.c_char * 256)]
libc = ctypes.CDLL(None)
def ahead():
    return time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
before = ahead()
assert libc.adjtimex(ctypes.byref(timex(modes=0x4002, freq=-500 << 16, tick=9000))) >= 0
t = timex()
assert libc.adjtimex(ctypes.byref(t)) >= 0
time.sleep(2)
print(t.freq >> 16, t.tick, abs(ahead() - before) < 0.1)
"""
    result = wall(cloche, "python3", "-c", script)
    assert result.out == "-500 9000 True\n", result


def ring(cloche, real, *flags):
    return cloche("exec", *flags, "--", real, "io_uring").out


def needs_rings(cloche, real):
    said = ring(cloche, real)
    if said != "on time\n":
        pytest.skip(f"no io_uring here: {said}")


def test_rings_are_refused(cloche, real):
    """io_uring(7) has absolute timeouts that nobody outside of the kernel sees."""
    assert ring(cloche, real, f"--wall={START}") == "ENOSYS\n"


def test_rings_in_a_time_namespace(cloche, real):
    """A canary: absolute timeouts of io_uring ignore time namespaces."""
    needs_rings(cloche, real)
    assert ring(cloche, real, "--monotonic=+1d", "--uptime=+1d") == "late\n", \
        "this kernel has learnt it: tell docs/clocks.md and docs/reference.md since when"
