#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a clock of the cell's own costs, against the machine's in the same run.

    clocks.py [--build DIR] [--rounds N]

Everything is measured in turn, several times, and the best of each counts: machines are noisy, and
only what was measured side by side can be compared. The aims are in the last column.
"""

import argparse
import shutil
import subprocess
from pathlib import Path

WALL = "2038-01-19T03:14:00Z"

# name, what it is compared by, the aim
AIMS = [
    ("clock_gettime", "plain + 5 ns", lambda plain, wall: wall - plain <= 5),
    ("clock_gettime-monotonic", "plain + 5 ns", lambda plain, wall: wall - plain <= 5),
    ("time", "plain + 5 ns", lambda plain, wall: wall - plain <= 5),
    ("raw-realtime", "15 us", lambda plain, wall: wall <= 15000),
    ("raw-monotonic", "", None),
    ("getppid", "plain + 40 ns", lambda plain, wall: wall - plain <= 40),
    ("sleep-until-past", "", None),
    ("exec", "plain + 150 us", lambda plain, wall: wall - plain <= 150000),
    ("fork", "", None),
]


def cost(command):
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in map(str.split, output.splitlines())}


def measure(ways, rounds):
    best = {}
    for _ in range(rounds):
        for way, command in ways.items():
            for name, value in cost(command).items():
                key = (way, name)
                best[key] = min(best.get(key, value), value)
    return best


def show(best, ways):
    print(f"{'nanoseconds':<25}" + "".join(f"{way:>12}" for way in ways) + f"{'wall-plain':>12}  aim")
    for name, aim, holds in AIMS:
        plain, wall = best["cell", name], best["wall", name]
        met = "" if holds is None else ("  met" if holds(plain, wall) else "  NOT MET")
        print(f"{name:<25}" + "".join(f"{best[way, name]:>12.1f}" for way in ways) +
              f"{wall - plain:>+12.1f}  {aim}{met}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    subprocess.run(["cmake", "--build", arguments.build, "--target", "bench"], check=True,
                   stdout=subprocess.DEVNULL)
    bench, cloche = arguments.build / "selftests/bench", arguments.build / "cloche"
    program = [str((bench / "clock_cost").resolve()), str((bench / "trivial_static").resolve())]
    cell = [str(cloche), "exec", "--root", "cow"]
    ways = {"nothing": program, "cell": [*cell, "--", *program],
            "wall": [*cell, "--wall", WALL, "--", *program]}
    faketime = shutil.which("faketime")
    if faketime:
        ways["libfaketime"] = [faketime, "2038-01-19 03:14:00", *program]
    show(measure(ways, arguments.rounds), ways)
    jumps = [*cell, "--wall", WALL, "--timeout", "600", "--", str((bench / "clock_jumps").resolve())]
    print(subprocess.run(jumps, capture_output=True, text=True).stdout.replace("\n", "  ") +
          "(aim: none early, none lost, the slowest 50 ms)")


if __name__ == "__main__":
    main()
