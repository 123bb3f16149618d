# SPDX-License-Identifier: MIT
"""Time that passes at once, for whole programs; t_clock_advance in selftests/cells has the waits."""

import os
import shutil

import pytest

from clock import SLACK, START, START_S, build, is_about, wall

MINUTES = 60
BEFORE_IT_WAITS = 60  # steps that a program may be late to begin

SCRIPTS = {
    "asyncio": ("/usr/bin/python3", """
import asyncio, time
async def main():
    start = time.monotonic()
    for i in range(60):
        await asyncio.sleep(60)
    print(int(time.monotonic() - start) // 60)
asyncio.run(main())
"""),
    "threading": ("/usr/bin/python3", """
import queue, threading, time
start = time.monotonic()
for i in range(20):
    timer = threading.Timer(60, lambda: None)
    timer.start()
    timer.join()
    threading.Event().wait(60)
    try:
        queue.Queue().get(timeout=60)
    except queue.Empty:
        pass
print(int(time.monotonic() - start) // 60)
"""),
    "perl": ("perl", """
my $start = time;
for (1..30) { sleep 60; select undef, undef, undef, 60; }
print int((time - $start) / 60), "\\n";
"""),
    "sh": ("sh", """
start=$(date +%s)
for i in 1 2 3 4 5 6; do sleep 10m; done
echo $((($(date +%s) - start) / 60))
"""),
    "node": ("node", """
const start = Date.now();
let left = 60;
const timer = setInterval(() => {
    if (--left) return;
    clearInterval(timer);
    console.log(Math.floor((Date.now() - start) / 60000));
}, 60000);
"""),
}


@pytest.fixture
def watch(cloche, work):
    """A program beside which time passes by the minute; what it prints, and how many passed."""
    steps = work / "watch"
    steps.write_text(f"""#!/bin/sh
"$@" >$TMPDIR/out & pid=$!
steps=0
while kill -0 $pid 2>/dev/null && [ $steps -lt {MINUTES + BEFORE_IT_WAITS} ]; do
    {cloche.path} clock advance 60s >/dev/null || exit 1
    steps=$((steps + 1))
done
kill $pid 2>/dev/null && exit 2
wait $pid && cat $TMPDIR/out && echo $steps
""")
    steps.chmod(0o755)

    def call(*command):
        result = wall(cloche, steps, *command, flags=["--root=cow"])
        assert result.status == 0, result
        return [int(word) for word in result.out.split()]
    return call


def is_an_hour(passed, steps):
    """By the program's own clock too, which is never late."""
    return MINUTES <= passed <= steps <= MINUTES + BEFORE_IT_WAITS


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_hour_of_waits(watch, work, name):
    program, text = SCRIPTS[name]
    if not shutil.which(program):
        pytest.skip(f"there is no {program}")
    script = work / "script"
    script.write_text(text)
    script.chmod(0o644)
    assert is_an_hour(*watch(program, script))


@pytest.fixture(scope="session")
def ticker(stage):
    directory = stage / "clock-advance"
    directory.mkdir()
    return build(directory, "clock_ticker", "go")


def test_an_hour_of_a_ticker(watch, ticker):
    assert is_an_hour(*watch(ticker))


def test_in_steps(cloche):
    """One that takes an hour by the minute wakes up each time."""
    result = wall(cloche, "sh", "-c", f"""
(while :; do sleep 60; echo; done) >$TMPDIR/out & sleep 0.1
{cloche.path} clock advance 1h 60s >/dev/null && wc -l <$TMPDIR/out; kill $!""",
                  flags=["--root=cow"])
    assert result.status == 0 and 58 <= int(result.out) <= 60, result


# ---- /proc ----

FILES = """#!/bin/sh
grep -q ' /proc/uptime .* - fuse ' /proc/self/mountinfo && echo own || echo machine
show() { cut -d' ' -f1 /proc/uptime; sed -n 's/btime //p' /proc/stat; }
show; $0 clock suspend 8h >/dev/null; show; $0 clock advance 1d >/dev/null; show
grep -c ^cpu /proc/stat; wc -l </proc/stat; dd if=/proc/uptime bs=1 2>/dev/null | wc -w
"""


def test_uptime_and_btime(cloche, who):
    """They are the cell's where /dev/fuse is to be had, and the result says where it is not."""
    script = cloche.script("files", FILES.replace("$0", str(cloche.path)))
    result = cloche.run(f"--wall={START}", "--uptime=3d", "--root=cow", script)
    [case] = result.cases.values()
    assert result.status == 0 and not case.get("findings"), result
    whose, *lines = case["output"]["text"].split()
    has_fuse = who.is_root or os.stat("/dev/fuse").st_mode & 0o006 == 0o006
    assert (whose, case.get("missing")) == (("own", None) if has_fuse else ("machine", "uptime"))
    if not has_fuse:
        return
    uptimes, btimes = [float(line) for line in lines[0:6:2]], [int(line) for line in lines[1:6:2]]
    assert is_about(uptimes[0], 3 * 86400), result
    assert is_about(uptimes[1], 3 * 86400 + 8 * 3600), result
    assert is_about(uptimes[2], 4 * 86400 + 8 * 3600), result
    assert all(abs(btime - (START_S - 3 * 86400)) < SLACK for btime in btimes), result
    with open("/proc/stat", encoding="ascii") as stat:
        text = stat.read()
    assert int(lines[6]) == text.count("cpu") and int(lines[7]) == text.count("\n"), result
    assert int(lines[8]) == 2, result


def test_another_proc(cloche):
    """Namespaces in the cell may have a /proc of their own, over whose files there is nothing."""
    result = wall(cloche, "unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc",
                  "cut", "-d.", "-f1", "/proc/uptime", flags=["--uptime=3d"])
    assert result.status == 0 and is_about(result.out, 3 * 86400), result
