#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a cell costs, beside its raw floor and what users would take instead.

    bench.py [--build DIR] [--rounds N] [--best] [--only NAME,...] [--long | --everything]
             [CLOCHE OPTIONS...]

Microseconds per case and cases per second of 1,000 trivial cases at -j1, -j2 and -j8, and the ratio
to the best floor of this same run (floor.c). Rounds of all rows are interleaved, and what is
printed are medians, so that a machine that is busy for a moment bends none of them; --best prints
the shortest times, for a machine that is busy all the while. Below the table: how long a list of
10,000 GoogleTest cases takes the program that has them, and cloche. --only takes parts of names;
"foreign" brings what foreign programs are measured against, "list" is those lists. With --long: 50,000 cells at -j8
instead, to see whether anything grows or slows down. With --everything: 100,000 cells each with
nothing told and with all of it (progress on a terminal, journal, JUnit, JSON lines), in turns of
10,000, what the keeper itself takes, and how long a list of 100,000 cases does.

Nothing here passes or fails: the numbers are for reading.
"""

import argparse
import os
import pty
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

CASES = 1000
JOBS = (1, 2, 8)
LONG_CASES = 50_000
ALL_CASES = 100_000
TURN_CASES = 10_000
# Between two measurements: the kernel takes the network namespaces of one down during the next.
PAUSE = 0.5
# After so many seconds for a row in all, further rounds leave it out.
BUDGET = 60


class Row:
    """One line of the table: how to run `count` cases, `jobs` at once."""

    statistic = statistics.median

    def __init__(self, name, command, count=CASES, jobs=JOBS, floor=False):
        self.name = name
        self.command = command
        self.count = count
        self.jobs = jobs
        self.floor = floor
        self.spent = 0
        self.times = {j: [] for j in jobs}

    def measure(self, jobs):
        time.sleep(PAUSE)
        start = time.monotonic()
        run = subprocess.run(self.command(jobs, self.count), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        elapsed = time.monotonic() - start
        if run.returncode:
            sys.exit(f"{self.name}: status {run.returncode}\n"
                     f"{(run.stdout + run.stderr).decode(errors='replace')[-2000:]}")
        self.spent += elapsed
        # The floor and spawn know better when their loops began.
        if self.floor or self.command(jobs, self.count)[0].endswith("/spawn"):
            self.times[jobs].append(float(run.stdout.split()[0]))
        else:
            self.times[jobs].append(elapsed * 1e6 / self.count)

    def typical(self, jobs):
        return Row.statistic(self.times[jobs]) if self.times.get(jobs) else None


def floor_rows(bench):
    variants = ["", "-N", "-M", "-w2", "-w2 -N"] + (["-U"] if os.geteuid() == 0 else [])
    return [Row(f"floor {variant}".strip(),
                lambda j, n, v=variant: [f"{bench}/floor", "-q", f"-n{n}", f"-j{j}", *v.split()],
                floor=True)
            for variant in variants]


def gtest(bench, count):
    """A program with so many cases, or None where GoogleTest is not installed."""
    path = f"{bench}/gtest_{count}"
    return path if os.path.exists(path) else None


def spawn_row(bench, name, command, count=CASES):
    return Row(name, lambda j, n: [f"{bench}/spawn", f"-n{n}", f"-j{j}", *command], count)


def cloche_rows(arguments, bench, directories):
    cloche = f"{arguments.build}/cloche"
    rows = [Row("cloche: native suite",
                lambda j, n: [cloche, "run", f"-j{j}", *arguments.options, f"{bench}/t_trivial"])]
    for kind, directory in directories.items():
        rows.append(Row(f"cloche: foreign, {kind}",
                        lambda j, n, d=directory:
                        [cloche, "run", f"-j{j}", *arguments.options, d]))
    return rows


def other_rows(bench, scratch):
    static = f"{bench}/trivial_static"
    rows = [
        Row("plain fork and wait",
            lambda j, n: [f"{bench}/floor", "-f", "-q", f"-n{n}", f"-j{j}"], floor=True),
        spawn_row(bench, "plain exec, static", [static]),
        spawn_row(bench, "plain exec, dynamic", [f"{bench}/trivial_dynamic"]),
    ]
    if gtest(bench, CASES):
        rows.append(spawn_row(bench, "plain exec, gtest", [
            gtest(bench, CASES), "--gtest_filter=Many/Trivial.Case/7"]))
    if os.path.exists(f"{bench}/check_trivial"):
        rows.append(Row("Check, fork mode", lambda j, n: [f"{bench}/check_trivial"], jobs=(1,)))
    if os.path.exists(f"{bench}/criterion_trivial"):
        rows.append(Row("Criterion", lambda j, n: [f"{bench}/criterion_trivial", f"-j{j}"], 100))
    if shutil.which("ctest"):
        with open(f"{scratch}/CTestTestfile.cmake", "w", encoding="ascii") as file:
            file.writelines(f'add_test(t{i} "{static}")\n' for i in range(CASES))
        rows.append(Row("ctest, static", lambda j, n:
                        ["ctest", f"-j{j}", "-Q", "--test-dir", scratch]))
    if shutil.which("unshare"):
        rows.append(spawn_row(bench, "unshare(1), static", [
            "unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--net", "--ipc",
            "--uts", "--cgroup", "--time", "--mount-proc", static], 300))
    if shutil.which("bwrap"):
        rows.append(spawn_row(bench, "bubblewrap, static", [
            "bwrap", "--unshare-all", "--unshare-user", "--ro-bind", "/usr", "/usr", "--symlink",
            "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            "--ro-bind", static, "/run/trivial", "/run/trivial"], 300))
    return rows


def make_directories(bench, scratch):
    """A thousand foreign programs each, as links to one; and one of a thousand cases."""
    made = {}
    for kind in ("static", "dynamic"):
        directory = f"{scratch}/{kind}"
        os.mkdir(directory)
        shutil.copy(f"{bench}/trivial_{kind}", f"{directory}/t000")
        for i in range(1, CASES):
            os.link(f"{directory}/t000", f"{directory}/t{i:03}")
        made[kind] = directory
    if gtest(bench, CASES):
        made["gtest"] = gtest(bench, CASES)
    return made


def best_floor(rows, jobs):
    return min(row.typical(jobs) for row in rows if row.floor and row.name.startswith("floor"))


def show(rows):
    print(f"{'':<26}" + "".join(f"{f'-j{j}':>8}{'per s':>8}{'ratio':>7}" for j in JOBS))
    floors = {j: best_floor(rows, j) for j in JOBS}
    print(f"{'best floor':<26}" +
          "".join(f"{floors[j]:>8.0f}{1e6 / floors[j]:>8.0f}{1:>7.2f}" for j in JOBS))
    for row in rows:
        line = f"{row.name:<26}"
        for j in JOBS:
            time_of = row.typical(j)
            line += (f"{time_of:>8.0f}{1e6 / time_of:>8.0f}{time_of / floors[j]:>7.2f}" if time_of
                     else f"{'-':>8}{'-':>8}{'-':>7}")
        print(line)
    for kind in ("static", "dynamic", "gtest"):
        show_foreign(rows, kind, floors)


def show_foreign(rows, kind, floors):
    found = {row.name: row for row in rows}
    foreign, plain = found.get(f"cloche: foreign, {kind}"), found.get(f"plain exec, {kind}")
    if foreign and plain:
        ratios = [foreign.typical(j) / (floors[j] + plain.typical(j)) for j in JOBS]
        print(f"{f'  {kind}/(floor+exec)':<26}" + "".join(f"{ratio:>23.2f}" for ratio in ratios))


def run_table(arguments, bench, scratch):
    if arguments.only == "list":
        show_lists(arguments, bench)
        return
    rows = floor_rows(bench)
    rows += cloche_rows(arguments, bench, make_directories(bench, scratch))
    rows += other_rows(bench, scratch)
    if arguments.only:
        words = arguments.only.split(",")
        rows = [row for row in rows if row.name.startswith("floor") or
                any(word in row.name for word in words) or
                ("foreign" in words and row.name.startswith("plain exec"))]
    for _ in range(arguments.rounds):
        for jobs in JOBS:
            for row in rows:
                if jobs in row.jobs and (row.spent < BUDGET or not row.times[jobs]):
                    row.measure(jobs)
    show(rows)
    if not arguments.only or "list" in words:
        show_lists(arguments, bench)


def show_lists(arguments, bench):
    """Interleaved, like the rows; the first list of all is a fresh one, and is remembered."""
    program = gtest(bench, 10_000)
    if not program:
        return
    cloche = [f"{arguments.build}/cloche", "list", *arguments.options, program]
    commands = {"the program alone": [program, "--gtest_list_tests"],
                "cloche, asking it": [*cloche, "--fresh-list"], "cloche, from memory": cloche}
    times = {name: [] for name in commands}
    for _ in range(max(3, arguments.rounds)):
        for name, command in commands.items():
            start = time.monotonic()
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
            times[name].append(1000 * (time.monotonic() - start))
    print("a list of 10,000 gtest cases: " + "; ".join(
        f"{name} {Row.statistic(taken):.0f} ms" for name, taken in times.items()))


def kilobytes(path, key):
    try:
        with open(path, encoding="ascii", errors="replace") as lines:
            return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Watch(threading.Thread):
    """The highest memory of the keeper and of the kernel's slab, while a run lasts."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.keeper = self.slab = 0

    def run(self):
        while os.path.exists(f"/proc/{self.pid}/status"):
            self.keeper = max(self.keeper, kilobytes(f"/proc/{self.pid}/status", "VmHWM:"))
            self.slab = max(self.slab, kilobytes("/proc/meminfo", "Slab:"))
            time.sleep(0.1)


def slab_at_rest():
    """Network namespaces are taken down by a worker, later."""
    time.sleep(5)
    return kilobytes("/proc/meminfo", "Slab:")


def run_long(arguments, name, path, scratch):
    before = slab_at_rest()
    fifo = f"{scratch}/report-{name}"
    os.mkfifo(fifo)
    command = [f"{arguments.build}/cloche", "run", "-j8", f"--repeat={LONG_CASES // CASES}",
               f"--report=jsonl={fifo}", *arguments.options, path]
    marks = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        watch = Watch(process.pid)
        watch.start()
        with open(fifo, "rb") as lines:
            for line in lines:
                if b'"event":"case-ended"' in line:
                    marks.append(time.monotonic())
    watch.join()
    thousands = [CASES / (marks[i + CASES - 1] - marks[i]) for i in range(0, len(marks), CASES)]
    after = slab_at_rest()
    print(f"{name}: {len(marks)} cells in {marks[-1] - marks[0]:.1f} s, status "
          f"{process.returncode}; per second: first thousand {thousands[0]:.0f}, last "
          f"{thousands[-1]:.0f}, slowest {min(thousands):.0f}, fastest {max(thousands):.0f}")
    print(f"{name}: keeper's peak {watch.keeper} KiB; slab before {before // 1024} MiB, at most "
          f"{watch.slab // 1024}, 5 s after {after // 1024}")


def keeper_seconds(pid):
    """User and system time of one process, without its children."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Turn:
    """One run of a part of the cells; with `told` on a terminal that somebody reads."""

    def __init__(self, command, told):
        self.seconds = self.keeper = self.peak = 0
        master, slave = pty.openpty()
        begin = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              stdout=slave if told else subprocess.DEVNULL) as process:
            os.close(slave)
            threading.Thread(target=self.read, args=(master,), daemon=True).start()
            while process.poll() is None:
                self.keeper = max(self.keeper, keeper_seconds(process.pid))
                self.peak = max(self.peak, kilobytes(f"/proc/{process.pid}/status", "VmHWM:"))
                time.sleep(0.05)
        self.seconds = time.monotonic() - begin
        if process.returncode:
            sys.exit(f"{command}: status {process.returncode}")

    @staticmethod
    def read(master):
        try:
            while os.read(master, 65536):
                pass
        except OSError:
            os.close(master)


def run_everything(arguments, bench, scratch):
    """Turns of both kinds follow one another, so that a busy moment bends neither."""
    cloche = f"{arguments.build}/cloche"
    command = [cloche, "run", "-j8", f"--repeat={TURN_CASES // CASES}", *arguments.options,
               f"{bench}/t_trivial"]
    kinds = {"nothing told": [*command, "--no-journal", "--report=tap=/dev/null"],
             "everything told": [*command, "--report=terminal", f"--report=junit={scratch}/junit.xml",
                                 f"--report=jsonl={scratch}/all.jsonl"]}
    turns = {kind: [] for kind in kinds}
    for _ in range(ALL_CASES // TURN_CASES):
        for kind, words in kinds.items():
            turns[kind].append(Turn(words, kind.startswith("every")))
    rates = {}
    for kind, done in turns.items():
        seconds = sum(turn.seconds for turn in done)
        rates[kind] = ALL_CASES / seconds
        print(f"{kind:<16} {rates[kind]:>6.0f} cells per second; the keeper: "
              f"{100 * sum(turn.keeper for turn in done) / seconds:.1f} % of a processor, "
              f"at most {max(turn.peak for turn in done)} KiB")
    print(f"rate with everything told: {rates['everything told'] / rates['nothing told']:.3f} of that "
          "with nothing told")
    one = Turn([cloche, "run", "-j8", f"--repeat={ALL_CASES // CASES}", *arguments.options,
                "--report=terminal", f"--report=junit={scratch}/junit.xml",
                f"--report=jsonl={scratch}/all.jsonl", f"{bench}/t_trivial"], True)
    print(f"{ALL_CASES} cells in one run, everything told: {ALL_CASES / one.seconds:.0f} per second; "
          f"the keeper: {100 * one.keeper / one.seconds:.1f} % of a processor, at most {one.peak} KiB")
    many = f"{arguments.build}/selftests/samples/many"
    if os.path.exists(many):
        print(f"a list of 100,000 cases: {min(Turn([cloche, 'list', many], False).seconds for _ in range(5)):.3f} s")


def build_all(build):
    if os.path.exists(f"{build}/build.ninja"):
        subprocess.run(["ninja", "-C", build, "--quiet", "bench"], check=True)


def main():
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=f"{top}/build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--best", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--everything", action="store_true")
    parser.add_argument("--as-built", action="store_true", help="build nothing")
    arguments, arguments.options = parser.parse_known_args()
    if arguments.best:
        Row.statistic = min
    if not arguments.as_built:
        build_all(arguments.build)
    bench = f"{arguments.build}/selftests/bench"
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        os.environ["CLOCHE_STATE_DIR"] = f"{scratch}/state"
        if arguments.everything:
            run_everything(arguments, bench, scratch)
        elif arguments.long:
            run_long(arguments, "native", f"{bench}/t_trivial", scratch)
            run_long(arguments, "foreign", make_directories(bench, scratch)["static"], scratch)
        else:
            run_table(arguments, bench, scratch)


if __name__ == "__main__":
    main()
