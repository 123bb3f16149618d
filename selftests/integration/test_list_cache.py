# SPDX-License-Identifier: MIT
"""What programs said when they were asked for their cases: when it counts, and when it goes."""

import os
import subprocess
import time

import pytest

DAYS = 24 * 60 * 60


@pytest.fixture
def listed(cloche, work):
    """listed(program): the names of its cases, with lists of this test's own."""
    state = work / "state"

    def ask(program):
        result = cloche("list", "--kind=gtest", program, env={"CLOCHE_STATE_DIR": str(state)})
        assert result.status == 0, result
        return [line.rpartition("::")[2] for line in result.out.splitlines()]

    ask.lists = state / "lists"
    return ask


def fresh(listed, before):
    """The one list that is new."""
    return (set(listed.lists.iterdir()) - set(before)).pop()


def make(cloche, name, case="one"):
    return cloche.script(name, f"#!/bin/sh\necho Suite.\necho '  {case}'\n")


def beside(path, other):
    """The list gets a name that is looked at when the other one is written."""
    target = path.with_name(other.name[0] + path.name[1:])
    return path.rename(target)


def test_pruned(cloche, listed):
    """A list goes with its program, or when it was not used for long; others stay."""
    written = make(cloche, "written")
    listed(written)
    [own] = listed.lists.iterdir()
    lists = {}
    for name in ("gone", "unused", "rarely"):
        before = list(listed.lists.iterdir())
        listed(make(cloche, name))
        lists[name] = beside(fresh(listed, before), own)
    cloche.cwd.joinpath("gone").unlink()
    for name, days in ("unused", 31), ("rarely", 29):
        os.utime(lists[name], (time.time(), time.time() - days * DAYS))
    make(cloche, "written", "two")
    assert listed(written) == ["Suite.two"]
    assert set(listed.lists.iterdir()) == {own, lists["rarely"]}


def test_use_is_seen(cloche, listed):
    """A list that is read is as new as one that is written."""
    program = make(cloche, "program")
    listed(program)
    [path] = listed.lists.iterdir()
    old = time.time() - 29 * DAYS
    os.utime(path, (old, old))
    assert listed(program) == ["Suite.one"]
    assert path.stat().st_mtime > old + 28 * DAYS


@pytest.mark.parametrize("flags", [["-Wl,-rpath,$ORIGIN/parts"],
                                   ["-Wl,-rpath,/nowhere:${ORIGIN}/parts", "-Wl,--disable-new-dtags"]],
                         ids=["runpath", "rpath"])
def test_libraries_of_its_own(cloche, listed, flags):
    """A library that the program finds in its build tree is built again: so is the list."""
    def library(case):
        subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", parts / "libparts.so"],
                       input=f'const char *parts_case(void) {{ return "{case}"; }}', text=True,
                       check=True)

    parts = cloche.cwd / "parts"
    parts.mkdir()
    library("one")
    program = cloche.cwd / "program"
    subprocess.run(["gcc", "-x", "c", "-", "-o", program, "-L", parts, *flags, "-lparts"], text=True,
                   input='#include <stdio.h>\nconst char *parts_case(void);\n'
                         'int main(void) { printf("Suite.\\n  %s\\n", parts_case()); }', check=True)
    assert listed(program) == ["Suite.one"]
    library("another")
    assert listed(program) == ["Suite.another"]
