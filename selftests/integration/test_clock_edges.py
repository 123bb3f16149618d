# SPDX-License-Identifier: MIT
"""Wall clocks of a cell's own at their edges: programs of 32 bits, and in numbers."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from program import SANITIZED, processes, wait_for

SOURCE = Path(__file__).parent / "helpers" / "clocks.c"
WALL = "--wall=2030-01-01T00:00:00Z"
# How often the clock jumps in a storm. What races with it is in the program, which is the same under
# any build of cloche: a quarter will do for one with sanitizers.
JUMPS = "25" if SANITIZED else "100"
# gcc-12-multilib comes without the link to these headers.
NARROW = ["-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"]
FLAVOURS = {
    "64": ["-m64"],
    "64-static": ["-m64", "-static"],
    "32": NARROW,
    "32-static": [*NARROW, "-static"],
    "32-wide": [*NARROW, "-D_FILE_OFFSET_BITS=64", "-D_TIME_BITS=64"],
}


def build(stage, flavour):
    """The program in clocks.c."""
    target = stage / f"clocks-{flavour}"
    subprocess.run(["gcc", "-O1", "-g", "-pthread", *FLAVOURS[flavour], SOURCE, "-o", target,
                    "-lrt"], check=True)
    return target


@pytest.fixture(scope="module", params=FLAVOURS)
def clocks(request, stage):
    """It, in one of its flavours."""
    return build(stage, request.param)


def test_a_program_reads_and_sets_the_clock(cloche, clocks):
    result = cloche("exec", WALL, "--", clocks, "read")
    assert (result.status, result.out) == (0, ""), result


def test_a_program_waits_by_the_clock(cloche, clocks):
    result = cloche("exec", WALL, "--", clocks, "wait")
    assert (result.status, result.out) == (0, ""), result


def test_nothing_is_lost_in_a_storm(cloche, clocks):
    result = cloche("exec", WALL, "--timeout=20m", "--", clocks, "storm", JUMPS, timeout=1200)
    assert result.status == 0, result
    assert result.out.startswith("waits "), result


def test_signals_interrupt_waits_while_the_clock_jumps(cloche, clocks):
    result = cloche("exec", WALL, "--timeout=20m", "--", clocks, "signals", JUMPS, timeout=1200)
    assert (result.status, result.out) == (0, ""), result


@pytest.fixture(scope="module")
def static_clocks(stage):
    return build(stage, "64-static")


def test_a_program_begins_without_a_free_descriptor(cloche, static_clocks):
    result = cloche("exec", WALL, "--", static_clocks, "full", "64")
    assert (result.status, result.out) == (0, ""), result


def test_without_a_hard_limit_that_leaves_one_the_case_is_an_error(cloche, static_clocks):
    result = cloche("exec", WALL, "--", static_clocks, "full", "32")
    assert result.status == 125, result
    assert "it has no descriptor left" in result.err, result


BARE = r"""
typedef long entry(long, long *);

static long call(long number, long a, long b)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b)
                     : "rcx", "r11", "memory");
    return result;
}

/* Finds the clock in the vDSO by itself, and makes no system call before. */
__attribute__((used)) static void begin(long *stack)
{
    long *at = stack + 1 + *stack + 1, time[2] = {0, 0};
    unsigned char *vdso = 0;
    entry *gettime = 0;
    while (*at)
        at++;
    for (at++; *at; at += 2)
        if (*at == 33)
            vdso = (unsigned char *)at[1];
    unsigned char *segment = vdso + *(long *)(vdso + 32), *symbol = 0, *names = 0;
    while (*(unsigned *)segment != 2) /* PT_DYNAMIC */
        segment += 56;
    for (long *dynamic = (long *)(vdso + *(long *)(segment + 16)); *dynamic; dynamic += 2) {
        if (*dynamic == 5)
            names = vdso + dynamic[1];
        if (*dynamic == 6)
            symbol = vdso + dynamic[1];
    }
    for (; symbol < names; symbol += 24) { /* which are behind the symbols */
        const char *name = (char *)names + *(unsigned *)symbol, *wanted = "__vdso_clock_gettime";
        while (*name && *name == *wanted)
            name++, wanted++;
        if (!*name && !*wanted)
            gettime = (entry *)(vdso + *(long *)(symbol + 8));
    }
    gettime(0, time);
    call(60, time[0] / 86400 == 21915 ? 0 : 1, 0);
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
"""


@pytest.fixture(scope="module")
def bare(stage):
    """A program without a library."""
    source, target = stage / "bare.c", stage / "bare"
    source.write_text(BARE)
    subprocess.run(["gcc", "-O1", "-static", "-nostdlib", "-fno-stack-protector",
                    "-fcf-protection=none", source, "-o", target], check=True)
    return target


def test_a_program_without_a_library_sees_the_clock(cloche, bare):
    result = cloche("exec", WALL, "--", bare)
    assert result.status == 0, result


def test_nor_one_under_a_tracer_with_the_machines_clock(cloche, bare):
    """Nothing it does would tell when to cover it: the case is an error, and says so."""
    result = cloche("exec", WALL, "--", "strace", "-f", bare)
    assert result.status == 125, result
    assert "it never called its C library" in result.err, result


@pytest.mark.parametrize("words", [("date", "-u", "+%Y"), ("sh", "-c", "nothing; date -u +%Y"),
                                   ("sh", "-c", "env nothing; date -u +%Y")])
def test_what_is_traced_is_covered(cloche, words):
    result = cloche("exec", WALL, "--", "strace", "-f", "-o", "/dev/null", *words)
    assert (result.status, result.out) == (0, "2030\n"), result


@pytest.mark.parametrize("kind", range(8))
def test_what_is_traced_waits_by_the_clock(cloche, clocks, kind):
    result = cloche("exec", WALL, "--", "strace", "-f", "-o", "/dev/null", clocks, "one", kind)
    assert (result.status, result.out) == (0, ""), result


def test_the_clock_is_not_set_while_a_traced_program_waits(cloche, clocks):
    result = cloche("exec", WALL, "--", "strace", "-f", "-o", "/dev/null", clocks, "wait")
    assert result.status == 125, result
    assert "it is traced by a debugger" in result.err, result


def test_a_timer_is_cancelled_when_the_clock_is_set(cloche, clocks):
    """read(2) says ECANCELED; poll(2) is woken up, and says no more than that."""
    result = cloche("exec", WALL, "--", clocks, "cancel")
    assert (result.status, result.out) == (0, ""), result


def supervisors(stage):
    return [pid for pid in processes(str(stage))
            if Path(f"/proc/{pid}/comm").read_text() == "cloche-clock\n"]


@pytest.mark.alone
def test_without_its_supervisor_a_cell_ends(cloche, stage):
    process = cloche.popen(cloche.path, "exec", WALL, "--", "sh", "-c", "echo begun; sleep 1000")
    assert process.stdout.readline() == b"begun\n"
    pid, = supervisors(stage)
    os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 125, err
    assert b"the supervisor of the clocks was killed" in err, err


LISTENER = r"""
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog all = {1, &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &all);
    return 0;
}
"""


def test_a_seccomp_listener_of_the_tests_own_makes_it_an_error(cloche, stage):
    source, target = stage / f"listener-{cloche.who}.c", stage / f"listener-{cloche.who}"
    source.write_text(LISTENER)
    subprocess.run(["gcc", source, "-o", target], check=True)
    result = cloche("exec", WALL, "--", target)
    assert result.status == 125, result
    assert "seccomp listener" in result.err, result
