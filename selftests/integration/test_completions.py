# SPDX-License-Identifier: MIT
"""Completions, in the shells themselves."""

import os
import pty
import re
import select
import signal
import time

import pytest

from program import PATIENCE


@pytest.fixture
def shell(cloche):
    """shell(NAME, COMMAND): what it prints, with cloche in its PATH and a directory of its own."""
    cloche.script("cloche.ini", "[profile nightly]\n[profile night]\n", 0o644)
    cloche.script("suite dir/one", "#!/bin/sh\n")
    cloche.script("sub/two", "#!/bin/sh\n")

    def run(*command):
        path = f"{cloche.path.parent}:/usr/bin:/bin"
        result = cloche.command(*command, env={
            "PATH": path, "HOME": str(cloche.cwd), "CLOCHE_STATE_DIR": str(cloche.cwd / "state")})
        assert result.status == 0, result
        return result.out
    return run


def bash(shell, line):
    script = ('source <(cloche completions bash); COMP_LINE=$1 COMP_POINT=${#1}; '
              '_cloche; ((${#COMPREPLY[@]})) && printf "%s\\n" "${COMPREPLY[@]}"; true')
    return shell("bash", "--norc", "-c", script, "bash", line).splitlines()


def fish(shell, line):
    out = shell("fish", "--no-config", "-c", "cloche completions fish | source; complete -C $argv[1]",
                line)
    return [answer.split("\t")[0] for answer in out.splitlines()]


LINES = [
    ("cloche ru", ["run", "runs"]),
    ("cloche confi", ["config"]),
    ("cloche run --output-l", ["--output-limit"]),
    ("cloche list --qqq", []),
    ("cloche run --leaks ", ["warn", "fail", "ignore"]),
    ("cloche run --color a", ["auto", "always"]),
    ("cloche run --report js", ["jsonl"]),
    ("cloche run -r js", ["jsonl"]),
    ("cloche run --root m", ["minimal"]),
    ("cloche run -P night", ["nightly", "night"]),
    ("cloche completions f", ["fish"]),
    ("cloche run --jobs ", []),
    ("cloche nothing ", []),
]


@pytest.mark.parametrize("line, answers", LINES)
@pytest.mark.parametrize("ask", [bash, fish])
def test_answers(shell, ask, line, answers):
    assert sorted(ask(shell, line)) == sorted(answers)


def test_values_after_an_equals_sign(shell):
    assert bash(shell, "cloche run --color=al") == ["always"]  # '=' breaks words in bash
    assert fish(shell, "cloche run --color=al") == ["--color=always"]
    assert bash(shell, "cloche run --config=cl") == ["cloche.ini"]
    assert fish(shell, "cloche run --config=cl") == ["--config=cloche.ini"]


def test_files_and_programs(shell):
    assert bash(shell, "cloche run su") == ["suite dir", "sub"]
    assert "sub/" in fish(shell, "cloche run su")
    assert bash(shell, "cloche run --artifacts s") == ["suite dir", "sub"]
    assert "hostname" in bash(shell, "cloche exec hostn")
    assert "hostname" in fish(shell, "cloche exec hostn")
    assert bash(shell, "cloche exec hostname cl") == ["cloche.ini"]


@pytest.mark.parametrize("ask", [bash, fish])
def test_names_of_cases(cloche, shell, ask):
    demo, many = cloche.sample("demo"), cloche.sample("many")
    names = [line.rpartition("::")[2] for line in cloche("list", demo).out.splitlines()]
    assert len(names) > 10
    assert 500 < len(ask(shell, f"cloche run {many} -n ")) <= 1000
    assert sorted(ask(shell, f"cloche run {demo} -n ")) == sorted(names)
    assert ask(shell, f"cloche run {demo} --exact {names[3]}")[0] == names[3]
    assert ask(shell, "cloche run -n ") == []


@pytest.mark.parametrize("ask", [bash, fish])
def test_runs(cloche, shell, ask):
    state = {"CLOCHE_STATE_DIR": str(cloche.cwd / "state")}
    assert cloche("run", cloche.sample("many"), "-n", "none_of_them", env=state).status == 4
    assert ask(shell, "cloche show la") == ["last"]
    assert cloche("run", cloche.cwd / "sub", env=state).status == 0
    answers = ask(shell, "cloche show 2")
    assert len(answers) == 1 and re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]+", answers[0])


def read_until(fd, wanted):
    """What a terminal shows until it shows `wanted`."""
    seen, end = "", time.monotonic() + PATIENCE
    while wanted not in seen:
        assert time.monotonic() < end, seen
        if select.select([fd], [], [], 1)[0]:
            seen += os.read(fd, 65536).decode(errors="replace")
    return seen


@pytest.mark.only_user
def test_zsh(cloche, shell):
    """Its completion works at a terminal only."""
    (cloche.cwd / "_cloche").write_text(shell("cloche", "completions", "zsh"))
    (cloche.cwd / ".zshrc").write_text(
        "fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; PS1='ready> '\n")
    master, terminal = pty.openpty()
    zsh = cloche.popen(
        "zsh", "-d", "-i", stdin=terminal, stdout=terminal, stderr=terminal,
        env={"PATH": f"{cloche.path.parent}:/usr/bin:/bin", "ZDOTDIR": str(cloche.cwd),
             "TERM": "dumb"})
    os.close(terminal)
    read_until(master, "ready> ")
    os.write(master, b"cloche confi\t")
    read_until(master, "cloche config")
    os.write(master, b"--profile night\t")
    read_until(master, "nightly")
    os.write(master, b"\x15cloche run --color=al\t")
    read_until(master, "--color=always")
    os.write(master, b"\x15cloche run --report \t")
    seen = read_until(master, "terminal")
    assert "jsonl" in seen and "JSON lines" in seen
    os.write(master, b"\x15cloche run --config clo\t")
    read_until(master, "cloche.ini")
    os.killpg(zsh.pid, signal.SIGKILL)
    os.close(master)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_scripts_are_such(cloche, name):
    script = cloche("completions", name)
    assert script.status == 0, script
    path = cloche.script("script", script.out, 0o644)
    assert cloche.command(name, "-n", path).status == 0


def test_refusals(cloche):
    result = cloche("completions", "csh")
    assert (result.status, result.err) == (
        96, "cloche: there is no script for 'csh'; name one shell: bash, zsh or fish\n")
    result = cloche("completions")
    assert (result.status, result.err) == (96, "cloche: name a shell: bash, zsh or fish\n")
    full = cloche("completions", "bash", stdout=open("/dev/full", "wb"))
    assert (full.status, full.err) == (
        110, "cloche: cannot write the script: No space left on device\n")
