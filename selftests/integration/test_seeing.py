# SPDX-License-Identifier: MIT
"""What somebody sees who looks at a run: on a terminal, on request, and in the logs of CI services."""

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading

import pytest

from program import wait_for


class Terminal:
    """A run whose standard input and output are a terminal of its own, as of a shell."""

    def __init__(self, cloche, *arguments, columns=80, rows=24, env=None):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.seen = b""
        self.process = cloche.popen(
            cloche.path, *arguments, stdin=slave, stdout=slave, stderr=slave,
            env={"NO_COLOR": "1", **(env or {})},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.slave = slave
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                return
            self.seen += piece

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.master, text)

    def wait_for(self, pattern):
        return wait_for(lambda: re.search(pattern, self.text()), pattern)

    def text(self):
        return self.seen.decode("utf-8", "replace")

    def end(self):
        status = self.process.wait(120)
        os.close(self.slave)
        self.reader.join(120)
        return status

    def screen(self):
        """The lines that stand on the screen, as a terminal of 24 rows and enough columns draws them."""
        lines, row = [""], 0
        for token in re.findall(r"\x1b\[(?:\?7[hl]|\d*[A-Za-z])|\r\n|[\r\n]|[^\x1b\r\n]+", self.text()):
            if token == "\r\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif token.endswith("A") and token.startswith("\x1b["):
                row -= int(token[2:-1])
            elif token == "\x1b[J":
                del lines[row + 1:]
                lines[row] = ""
            elif token[0] not in "\x1b\r\n":
                lines[row] += token
        return lines


@pytest.fixture
def gate(cloche):
    """A program that says hello, and goes on when the file `go` is there; root=host shows it."""
    cloche.script("waits", "#!/bin/sh\necho hello out\necho hello err >&2\n"
                  f"until [ -e {cloche.cwd}/go ]; do sleep 0.01; done\necho done\n")
    return "--root=host", "./waits"


def go(cloche):
    (cloche.cwd / "go").touch()


def test_a_hanging_case_is_named(cloche, gate):
    """The last lines move on though nothing happens, and leave nothing behind."""
    terminal = Terminal(cloche, "run", *gate)
    terminal.wait_for(r"Running \[\d\d:\d\d\] .* 0/1, 1 running, 0 failed")
    terminal.wait_for(r"\[ +[12]\.\d+s\] waits waits")
    go(cloche)
    assert terminal.end() == 0
    assert [line[:13] for line in terminal.screen()] == ["    Starting ", "------------", "     Summary ", ""]


def test_counts(cloche):
    cloche.script("suites/passes", "#!/bin/sh\n")
    cloche.script("suites/fails", "#!/bin/sh\nexit 1\n")
    cloche.script("suites/skips", "#!/bin/sh\nexit 77\n")
    terminal = Terminal(cloche, "run", "-j1", "suites")
    assert terminal.end() == 100
    assert re.search(r"2/3, [01] running, 1 failed", terminal.text()) or "3/3" in terminal.text()
    screen = terminal.screen()
    assert not any("Running" in line or "PASS" in line for line in screen), screen
    assert sum("FAIL" in line for line in screen) == 2, screen


def test_those_that_wait_for_a_retry_are_counted(cloche):
    """Nothing runs, and the display says why; whoever is tried again does not wait any more."""
    tries = cloche.cwd / "tries"
    tries.touch()
    tries.chmod(0o666)
    cloche.script("shy", f"#!/bin/sh\necho x >>{tries}\n[ $(wc -l <{tries}) -gt 1 ] || exit 1\n"
                  f"until [ -e {cloche.cwd}/go ]; do sleep 0.01; done\n")
    terminal = Terminal(cloche, "run", "--root=host", "--retries=1", "--retry-delay=1s", "./shy")
    terminal.wait_for(r" 0/1, 0 running, 0 failed\r\n             1 waiting to be tried again\x1b")
    terminal.wait_for(r" 0/1, 1 running, 0 failed\r\n             \[ +\d+\.\d+s\] shy shy \(attempt 2\)\x1b")
    go(cloche)
    assert terminal.end() == 0
    assert not any("waiting" in line for line in terminal.screen()), terminal.screen()


def test_those_that_are_given_up_do_not_wait(cloche):
    cloche.script("fails", "#!/bin/sh\nexit 1\n")
    terminal = Terminal(cloche, "run", "--retries=1", "--retry-delay=1h", "--repeat=2", "./fails")
    terminal.wait_for(r" 0/2, 0 running, 0 failed\r\n             2 waiting to be tried again\x1b")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130
    assert not any("waiting" in line for line in terminal.screen()), terminal.screen()


@pytest.mark.parametrize("columns", (20, 40, 80, 200))
def test_lines_fit_the_window(cloche, gate, columns):
    terminal = Terminal(cloche, "run", *gate, columns=columns)
    wait_for(lambda: terminal.text().count("\x1b[?7l") > 1, "the line of the case")
    terminal.resize(columns // 2, 24)
    before = terminal.text().count("\x1b[?7l")
    wait_for(lambda: terminal.text().count("\x1b[?7l") > before + 1, "lines drawn again")
    go(cloche)
    assert terminal.end() == 0
    drawn = re.findall(r"\x1b\[\?7l(.*?)\x1b\[\?7h", terminal.text(), re.S)
    assert drawn and all(len(line) < columns for text in drawn for line in text.split("\r\n"))
    assert all(len(line) < columns // 2 for line in drawn[-1].split("\r\n"))


def test_the_key_t_shows_output_so_far(cloche, gate):
    terminal = Terminal(cloche, "run", *gate)
    terminal.wait_for("1 running")
    wait_for(lambda: not terminal.echoes(), "the terminal gives single keys")
    wait_for(lambda: terminal.type(b"xt") or "hello err" in terminal.text(), "what was printed so far")
    asked = r"Running\S* \[ +\d+\.\d+s\] waits waits\r\n  --- output ---\r\n"
    assert re.search(asked + r"hello out\r\nhello err\r\n  --- end of output ---", terminal.text()), \
        terminal.text()
    assert "xt" not in terminal.text()
    go(cloche)
    assert terminal.end() == 0
    # never but when it was asked for, which may have been once more just before the end
    assert len(re.findall(asked, terminal.text())) == terminal.text().count("--- output ---")


@pytest.mark.parametrize("end", (signal.SIGINT, signal.SIGTERM, None))
def test_the_terminal_is_set_back(cloche, gate, end):
    terminal = Terminal(cloche, "run", *gate)
    terminal.wait_for("1 running")
    wait_for(lambda: not terminal.echoes(), "the terminal gives single keys")
    if end == signal.SIGINT:
        terminal.type(b"\x03")
    elif end:
        terminal.process.send_signal(end)
    else:
        go(cloche)
    assert terminal.process.wait(120) == (130 if end else 0)
    assert terminal.echoes()
    terminal.end()


def test_sigusr1_shows_output_so_far(cloche, gate):
    """Without a terminal as well: somebody logged in to a CI machine wants to know."""
    with open(cloche.cwd / "log", "wb") as log:
        process = cloche.popen(cloche.path, "run", *gate, stdout=log)
    read = lambda: (cloche.cwd / "log").read_text()
    wait_for(lambda: "Starting" in read(), "the run has begun")
    wait_for(lambda: process.send_signal(signal.SIGUSR1) or "hello err" in read(), "what was printed so far")
    go(cloche)
    assert process.wait(120) == 0
    assert re.search(r"Running \[ +\d+\.\d+s\] waits waits\n  --- output ---\nhello out\n", read())


def test_nothing_printed_so_far(cloche):
    cloche.script("waits", f"#!/bin/sh\nuntil [ -e {cloche.cwd}/go ]; do sleep 0.01; done\n")
    with open(cloche.cwd / "log", "wb") as log:
        process = cloche.popen(cloche.path, "run", "--root=host", "./waits", stdout=log)
    read = lambda: (cloche.cwd / "log").read_text()
    wait_for(lambda: "Starting" in read(), "the run has begun")
    wait_for(lambda: process.send_signal(signal.SIGUSR1) or "has printed nothing so far\n" in read(), "that")
    go(cloche)
    assert process.wait(120) == 0


# ---- CI services ----

HOSTILE = "#!/bin/sh\necho '::error::from the test'\necho \"$CLOCHE_X\"\nexit 1\n"


def test_github(cloche):
    cloche.script("a,b:c%", HOSTILE)
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(cloche.cwd / "summary"),
                   "GITHUB_WORKSPACE": "/nowhere"}
    (cloche.cwd / "summary").write_text("mine\n")
    cloche.who.owns(cloche.cwd / "summary")
    result = cloche("run", "./a,b:c%", cloche.sample("comparing"), "--exact=strings",
                    "--exact=a,b:c%", env=environment)
    assert result.status == 100, result
    assert re.search(r"^::error title=fail%3A a%2Cb%3Ac%25 a%2Cb%3Ac%25::exit status 1$", result.out, re.M)
    assert re.search(r"^::error file=\S*comparing\.c,line=\d+,title=fail%3A \S+ strings::"
                     r"5 of 5 expectations failed%0A\S*comparing\.c:\d+: EXPECT_STR\(", result.out, re.M)
    commands = re.search(r"^::group::output of (.*)\n::stop-commands::([0-9a-f]{16})\n(.*)^::\2::\n::endgroup::$",
                         result.out, re.M | re.S)
    assert commands and commands[1] == "a,b:c% a,b:c%" and "::error::from the test" in commands[3]
    summary = (cloche.cwd / "summary").read_text()
    assert summary.startswith("mine\n### cloche: failed\n\n| fail | not run | seconds |\n|---|---|---|\n| 2 | 0 |")
    assert "\n| fail | a,b:c% | a,b:c% | exit status 1 |\n" in summary


def test_github_word_is_new_each_time(cloche):
    cloche.script("fails", HOSTILE)
    words = {re.search(r"::stop-commands::(\w+)", cloche("run", "./fails",
                                                         env={"GITHUB_ACTIONS": "true"}).out)[1]
             for _ in range(3)}
    assert len(words) == 3


def test_github_says_when_the_summary_cannot_be_written(cloche):
    cloche.script("passes", "#!/bin/sh\n")
    result = cloche("run", "./passes", env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/no/such/file"})
    assert result.status == 110 and "the report github is not complete: No such file" in result.err, result


@pytest.mark.parametrize("reports", (["jsonl"], ["jsonl=x"], ["tap"], ["terminal=x"]))
def test_github_leaves_other_reports_alone(cloche, reports):
    """Its lines go where people read, and nowhere else."""
    cloche.script("fails", HOSTILE)
    result = cloche("run", *(f"--report={report}" for report in reports), "./fails",
                    env={"GITHUB_ACTIONS": "true"})
    assert result.status == 100 and not re.search("^::error title", result.out, re.M), result


def test_gitlab(cloche):
    cloche.script("fails", HOSTILE)
    result = cloche("run", "./fails", env={"GITLAB_CI": "true"})
    assert re.search(r"\x1b\[0Ksection_start:\d+:cloche_1\[collapsed=true\]\r\x1b\[0Koutput of fails fails\n"
                     r"  --- output ---\n(.*\n)+  --- end of output ---\n"
                     r"\x1b\[0Ksection_end:\d+:cloche_1\r\x1b\[0K\n", result.out), result


def test_elsewhere_nothing_is_folded(cloche):
    cloche.script("fails", "#!/bin/sh\necho x\nexit 1\n")
    result = cloche("run", "./fails", env={"GITHUB_ACTIONS": "false", "GITLAB_CI": ""})
    assert "::" not in result.out and "section_" not in result.out, result
