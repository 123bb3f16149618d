# SPDX-License-Identifier: MIT
"""A wall clock of the cell's own, for whole programs: whoever asks, in whatever language and way.

t_clock in selftests/cells has the system calls one by one.
"""

import datetime
import os
import pathlib
import shlex
import signal
import subprocess

import pytest

from clock import START, START_S, build, host_is_left_alone, is_about, shell, wall
from program import PATIENCE, wait_for

LAST = 2147483647  # of a signed 32-bit time_t


@pytest.fixture(scope="session")
def made(stage):
    """made(name, how): a program of helpers/, where everybody can read it."""
    directory = stage / "clock"
    directory.mkdir()
    return lambda name, how="c", *flags: build(directory, name, how, *flags)


# ---- 2038, in every language ----

def crossed(result):
    assert result.status == 0, result
    before, year, word, after = result.out.split()
    assert is_about(before, START_S) and year == "2038" and word == "crossed", result
    assert int(after) > LAST and is_about(after, LAST), result


@pytest.mark.parametrize("how", ("c", "static", "musl", "musl-dynamic", "go", "rust"))
def test_the_end_of_32_bits(cloche, made, how):
    if how == "musl-dynamic" and not os.path.exists("/lib/ld-musl-x86_64.so.1"):
        pytest.skip("there is no musl to link with when it runs")
    crossed(wall(cloche, made("clock_y2038", how)))


SCRIPTS = {
    "python3": """
import subprocess, time, datetime
before = int(time.time())
subprocess.run(["date", "-s", "@2147483647"], check=True, stdout=subprocess.DEVNULL)
while time.time() < 2147483648:
    time.sleep(0.01)
print(before, datetime.datetime.now(datetime.timezone.utc).year)
print("crossed", int(time.clock_gettime(time.CLOCK_REALTIME)))
""",
    "perl": """
use POSIX;
my $before = time;
system("date -s \\@2147483647 >/dev/null") and exit 2;
select(undef, undef, undef, 0.01) while time < 2147483648;
print "$before ", strftime("%Y", gmtime), "\\ncrossed ", time, "\\n";
""",
    "sh": """
before=$(date +%s)
date -s @2147483647 >/dev/null || exit 2
while [ "$(date +%s)" -lt 2147483648 ]; do sleep 0.01; done
echo "$before $(date +%Y)"
echo "crossed $(date +%s)"
""",
    "busybox": """
before=$(busybox date +%s)
busybox date -s @2147483647 >/dev/null || exit 2
while [ "$(busybox date +%s)" -lt 2147483648 ]; do busybox usleep 10000; done
echo "$before $(busybox date +%Y)"
echo "crossed $(busybox date +%s)"
""",
    "bash": """
before=$EPOCHSECONDS
date -s @2147483647 >/dev/null || exit 2
while [ "$EPOCHSECONDS" -lt 2147483648 ]; do sleep 0.01; done
printf '%s %(%Y)T\\ncrossed %s\\n' "$before" -1 "$EPOCHSECONDS"
""",
}


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_end_of_32_bits_in_a_script(cloche, language):
    command = {"perl": ["perl", "-e"], "busybox": ["busybox", "sh", "-c"]}.get(language,
                                                                              [language, "-c"])
    crossed(wall(cloche, *command, SCRIPTS[language]))


# ---- many at once, and the machine ----

@pytest.mark.parametrize("root", ("minimal", "cow"))
def test_sixteen_cells_have_sixteen_dates(cloche, root):
    """Each sets its own clock on, too; neither the others nor the machine see it."""
    check = host_is_left_alone()
    dates = [datetime.datetime(1999 + 5 * n, 3, 1, tzinfo=datetime.timezone.utc)
             for n in range(16)]
    script = "date +%s; date -s '+40 days' >/dev/null; date +%s"
    started = [cloche.popen(cloche.path, "exec", f"--root={root}",
                            f"--wall={date:%Y-%m-%dT%H:%M:%SZ}", "--", "/bin/sh", "-c", script)
               for date in dates]
    for process, date in zip(started, dates):
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0 and not err, err
        first, second = out.split()
        assert is_about(first, date.timestamp())
        assert is_about(second, date.timestamp() + 40 * 86400)
    check()


def test_cases_of_a_run_have_each_a_clock(cloche):
    scripts = [cloche.script(f"s{n}", "#!/bin/sh\ndate -s '+1 year' >/dev/null\ndate +%Y\n"
                             f"test $(date +%Y) = 2039\n") for n in range(8)]
    result = cloche.run("-j8", f"--wall={START}", *scripts)
    assert set(result.verdicts.values()) == {"pass"} and len(result.verdicts) == 8, result


# ---- what other processes are ----

@pytest.mark.parametrize("script", (
    "setpriv --no-new-privs date +%s",
    "unshare -U date +%s",
    "unshare -Ur sh -c 'date +%s'",
    "unshare -mpf --mount-proc date +%s",
    "unshare -Urmpf --mount-proc date +%s",
    "unshare -Urnm sh -c 'mount -t sysfs none /sys && date +%s'",
    "mkdir -p /tmp/r/bin && cp /bin/busybox /tmp/r/bin && chroot /tmp/r /bin/busybox date +%s",
    "env -i /bin/date +%s",
    "setsid -w date +%s",
    "cp /bin/date /tmp/d && chmod 111 /tmp/d && /tmp/d +%s",
    "ulimit -s 256; date +%s",
))
def test_however_it_is_started(cloche, script):
    if "unshare -U " in script or "-Ur" in script:
        if cloche("exec", "unshare", "-Ur", "true").status:
            pytest.skip("no user namespace in a user namespace here")
    result = shell(cloche, script)
    assert result.status == 0 and is_about(result.out, START_S), result


@pytest.mark.only_root
@pytest.mark.parametrize("bits", ("4755", "2755"))
def test_a_setuid_program(cloche, bits):
    """That of another user: not even its own tracer may see it."""
    script = (f"cp /usr/bin/date /usr/local/bin/d && chmod {bits} /usr/local/bin/d && "
              "setpriv --reuid=1000 --regid=1000 --clear-groups /usr/local/bin/d +%s")
    result = shell(cloche, script, flags=["--ids=full"])
    assert result.status == 0 and is_about(result.out, START_S), result


@pytest.mark.only_root
def test_who_may_not_set_it(cloche):
    result = shell(cloche, "setpriv --reuid=1000 --clear-groups date -s @5 2>&1; date +%s",
                   flags=["--ids=full"])
    assert "Operation not permitted" in result.out, result
    assert is_about(result.out.split()[-1], START_S), result
    result = shell(cloche, "unshare -Ur date -s @5 2>&1; date +%s")
    assert "Operation not permitted" in result.out, result


@pytest.mark.parametrize("what", ("strict", "dumpable"))
def test_programs_that_close_themselves(cloche, made, what):
    """A filter of their own that allows next to nothing; nobody may look at their memory."""
    result = wall(cloche, made("clock_closed"), what)
    assert result.status == 0, result
    assert all(is_about(value, START_S) for value in result.out.split()), result


# ---- tools that look at programs ----

plain = pytest.mark.plain  # sanitizers do not go together with ptrace(2)


@plain
def test_under_strace(cloche):
    result = shell(cloche, "strace -f -o /dev/null sh -c 'date +%s; date +%s'")
    first, second = result.out.split()
    assert is_about(first, START_S) and is_about(second, START_S), result


@plain
@pytest.mark.parametrize("how", ("c", "static"))
def test_under_gdb(cloche, made, how):
    result = wall(cloche, "gdb", "-q", "-batch", "-ex", "run", "-ex", "quit", "--args",
                  made("clock_closed", how), "none")
    said = [line for line in result.out.splitlines() if line.isdigit()]
    assert len(said) == 2 and all(is_about(value, START_S) for value in said), result


@plain
def test_under_valgrind(cloche, made):
    result = wall(cloche, "valgrind", "-q", "--error-exitcode=9", made("clock_closed"), "none")
    assert result.status == 0, result
    assert all(is_about(value, START_S) for value in result.out.split()), result


@plain
@pytest.mark.parametrize("how", ("asan", "tsan"))
def test_with_sanitizers(cloche, made, how):
    """LeakSanitizer, which is in the first, traces the program at its end."""
    result = wall(cloche, made("clock_closed", how), "none")
    assert result.status == 0, result
    assert all(is_about(value, START_S) for value in result.out.split()), result


@plain
def test_leaks_are_found(cloche, made):
    result = wall(cloche, made("clock_closed", "asan"), "leaks")
    assert result.status and "detected memory leaks" in result.err, result


# ---- signals ----

@pytest.mark.parametrize("what, said", (
    ("eintr", "EINTR EINTR handled\n"),
    ("restart", "EINTR EINTR handled\n"),
    ("siglongjmp", "jumped 5, 0\n"),
    ("cancel", "cancelled\n"),
    ("stop", "status 0\n"),
    ("unmodified", "unmodified\n"),
))
@pytest.mark.parametrize("clock", ("own", "machine's"))
def test_signals_while_it_waits(cloche, made, what, said, clock):
    """As with the machine's clock."""
    program = made("clock_signals")
    result = wall(cloche, program, what) if clock == "own" else cloche("exec", program, what)
    assert (result.status, result.out) == (0, said), result


# ---- jumps ----

def test_jumps_without_end(cloche, made):
    """Eight threads that wait, programs that begin, and a clock that is set on and back."""
    result = shell(cloche, f"cd $TMPDIR && {made('clock_jumps')} 200")
    assert (result.status, result.out) == (0, "0 early, 0 wrong, all passed\n"), result


# ---- with what else cloche does ----

def test_retries_begin_anew(cloche):
    """A second attempt has the clock of the first, whatever that did to it."""
    script = cloche.script("again", "#!/bin/sh\ndate +%Y\n"
                           "test $(date +%Y) = 2038 || exit 3\ndate -s '+2 years'\nexit 1\n")
    result = cloche.run("--retries=2", f"--wall={START}", script)
    (case,) = result.cases.values()
    assert case["verdict"] == "fail" and "exit status 1" in case["reason"], result


COVERED = r"""
#include <cloche.h>
#include <time.h>

TEST(tells, .wall = "2038-01-19T03:00:00Z")
{
	EXPECT(time(NULL), >=, 2147482800);
}
"""


@plain
def test_coverage(cloche, build_suite, work):
    suite = build_suite("clock_covered", COVERED, "--coverage")
    result = cloche("run", "--coverage=yes", suite)
    assert result.status == 0 and "1 passed" in result.err + result.out, result


GTEST = r"""
#include <gtest/gtest.h>
#include <chrono>
#include <ctime>
TEST(Clock, Tells)
{
    using std::chrono::system_clock;
    EXPECT_GE(time(NULL), 2147482800);
    EXPECT_GE(system_clock::to_time_t(system_clock::now()), 2147482800);
}
TEST(Clock, Sets)
{
    struct timespec t = {2214172790, 0};
    ASSERT_EQ(0, clock_settime(CLOCK_REALTIME, &t));
    EXPECT_GE(time(NULL), 2214172790);
}
TEST(Clock, IsOfEach) { EXPECT_LT(time(NULL), 2147482800 + 600); }
"""


def test_a_foreign_suite(cloche, work):
    source = work / "c.cc"
    source.write_text(GTEST)
    subprocess.run(["g++", "-O0", "-o", work / "gtests", source, "-lgtest", "-lgtest_main",
                    "-lpthread"], check=True)
    result = cloche.run(f"--wall={START}", "-j2", work / "gtests")
    assert result.verdicts == {"Clock.Tells": "pass", "Clock.Sets": "pass",
                               "Clock.IsOfEach": "pass"}, result


# ---- what cannot be covered is an error ----

def is_error(cloche, sentence, *command, flags=()):
    """By run and by exec."""
    result = wall(cloche, *command, flags=flags)
    assert (result.status, result.out) == (125, ""), result
    assert sentence in result.err and result.err.count("\n") == 1, result
    script = cloche.script("runs", f"#!/bin/sh\nexec {shlex.join(map(str, command))}\n")
    result = cloche.run(f"--wall={START}", *flags, script)
    (case,) = result.cases.values()
    assert case["verdict"] == "error" and sentence in case["reason"], result
    return case


@pytest.mark.only_user
def test_a_program_that_nobody_may_read(cloche):
    """Only where the root shows it with its owner, who does not exist in the cell."""
    program = cloche.stage / "unreadable"
    program.write_bytes(pathlib.Path("/bin/date").read_bytes())
    program.chmod(0o711)
    if os.access(program, os.R_OK) and os.geteuid() != 0:
        pytest.skip("it is one's own: only root can make one of somebody else")
    is_error(cloche, "keeps the real clock: its memory cannot be written", "/bin/sh", "-c",
             f"exec {program}", flags=["--root=host"])


def test_a_listener_of_its_own(cloche, made):
    is_error(cloche, "keeps the real clock: it wants a seccomp listener, of which there is one "
             "only", made("clock_closed"), "listener")


def test_no_room_on_the_stack(cloche, made):
    assert cloche("exec", made("clock_closed"), "short").status == 0
    is_error(cloche, "keeps the real clock: it has no room on its stack", made("clock_closed"),
             "short")


def test_no_memory(cloche):
    """A limit is raised until programs get as far as to ask for the page of the clock."""
    script = ("for v in $(seq 1000 4 8000); do (ulimit -v $v; exec busybox true) && exit; done "
              "2>/dev/null")
    result = shell(cloche, script)
    assert result.status == 125, result
    assert "keeps the real clock: it has no memory left\n" in result.err, result


def children(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
            for child in task.read_text().split()]


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def name_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def test_a_supervisor_that_is_killed(cloche):
    """Takes the cell with it."""
    process = cloche.popen(cloche.path, "exec", f"--wall={START}", "--", "/bin/sh", "-c",
                           "sleep 1000 & echo up; sleep 1000")
    assert process.stdout.readline() == b"up\n"
    below = descendants(process.pid)
    (supervisor,) = [pid for pid in below if name_of(pid) == "cloche-clock"]
    os.kill(supervisor, signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 125, err
    # a shell may have complained of its system calls before it was killed
    assert err.endswith(b"cloche: the supervisor of the clocks was killed\n")
    wait_for(lambda: not [pid for pid in below if name_of(pid)], "nobody is left")


@pytest.mark.parametrize("flags, sentence", (
    (["--wall=tomorrow"], "the wall clock starts at a time such as 2038-01-19T03:14:00Z, "
     "@2147483640, now, +30d or -1h; with ',leap' behind it a leap second ends the day"),
    (["--wall=1969-12-31T00:00:00Z"], "the wall clock starts in one of the years 1970 to 9999"),
    (["--wall-speed=fast"],
     "the speed of the wall clock is a number from 0 to 1000000, such as 100 or 0.5"),
    (["--wall-speed=-1"],
     "the speed of the wall clock is a number from 0 to 1000000, such as 100 or 0.5"),
))
def test_sentences(cloche, flags, sentence):
    result = cloche("exec", *flags, "true")
    assert (result.status, result.out, result.err) == (125, "", f"cloche: {sentence}\n"), result


def test_a_cell_in_a_cell(cloche):
    """One listener a process: the inner one cannot have a clock of its own, and says so."""
    result = wall(cloche, cloche.path, "exec", "--wall=now", "true", flags=["--root=cow"])
    assert (result.status, result.out) == (125, ""), result
    assert result.err.count("\n") == 1 and "it wants a seccomp listener" in result.err, result
    result = wall(cloche, cloche.path, "exec", "date", "+%s", flags=["--root=cow"])
    assert is_about(result.out, START_S), result
