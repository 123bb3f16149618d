# SPDX-License-Identifier: MIT
"""Cells that stay after their case failed: they can be entered, and are gone when they should be."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import time
import uuid
from pathlib import Path

import pytest

from program import processes, wait_for

SUITE = r"""
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern char **environ;

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	REQUIRE(file != NULL);
	fputs(text, file);
	fclose(file);
}

/* A process with the marker in its command line; it prints more than a pipe holds. */
static void leave_a_process(void)
{
	char *arguments[] = {"sh", "-c", "while :; do echo 0123456789; [ -e /tmp/quiet ] && sleep 1;"
			     "echo x >>/tmp/printed; done; : $0", getenv("MARKER"), NULL};

	if (!fork())
		execv("/bin/sh", arguments);
}

TEST(fails, .hostname = "moon", .uptime = days(40), .descriptors = 300,
     .env = "COLOUR=red")
{
	write_file("/tmp/greeting", "hello\n");
	leave_a_process();
	while (access("/tmp/printed", F_OK))
		usleep(1000);
	EXPECT(1, ==, 2);
}

TEST(passes)
{
	if (getenv("MARKER"))
		leave_a_process();
}

TEST(crashes)
{
	write_file("/tmp/quiet", "");
	leave_a_process();
	abort();
}

TEST(hangs, .timeout = 1)
{
	char *arguments[] = {"sleep", "1000", getenv("MARKER"), NULL};

	write_file("/tmp/greeting", "hello\n");
	arguments[0] = arguments[2];
	arguments[2] = NULL;
	execv("/bin/sleep", arguments);
}

static const struct {
	const char *name;
} five[] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}};

TEST_EACH(five, each)
{
	fail("on purpose");
}

TEST(fails_with_its_tmpdir)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/left", getenv("TEST_TMPDIR"));
	write_file(path, "left\n");
	note("%s", path);
	EXPECT(1, ==, 2);
}
"""


class Kept:
    """cloche with a state directory of the test's own; ends what was kept."""

    def __init__(self, cloche, suite):
        self.cloche, self.suite = cloche, suite
        self.marker = f"kept-{uuid.uuid4()}"
        self.env = {"CLOCHE_STATE_DIR": str(cloche.cwd / "state"), "MARKER": self.marker}
        self.directory = cloche.cwd / "state/kept"

    def __call__(self, *words, **arguments):
        return self.cloche(*words, env=self.env, **arguments)

    def run(self, *words, **arguments):
        return self("run", "--report=jsonl", "--env=MARKER", "--keep", *words, self.suite,
                    **arguments)

    def popen(self, *words, **arguments):
        return self.cloche.popen(self.cloche.path, *words, env=self.env, **arguments)

    def start(self, *words):
        """In the background; nobody would read what it prints."""
        return self.popen("run", "--report=jsonl=report", "--env=MARKER", "--keep", *words, self.suite)

    def one(self, case, *words, **arguments):
        """Run it; returns the id of the one cell that was kept."""
        result = self.run(f"--exact={case}", *words, **arguments)
        assert result.status == 100, result
        assert re.fullmatch("[0-9a-f]{4}", result.cases[case]["kept"]), result
        return result.cases[case]["kept"]

    def enter(self, cell, *words, **arguments):
        return self("enter", cell, *words, **arguments)

    def ids(self):
        result = self("kept")
        assert result.status == 0 and not result.err, result
        return [line.split()[0] for line in result.out.splitlines()]

    def inits(self):
        return [pid for pid in processes(str(self.suite)) + processes(str(self.cloche.path))
                if comm(pid) == "cloche-init"]

    def nothing_is_left(self):
        wait_for(lambda: not processes(self.marker), "no process is left")
        wait_for(lambda: not self.inits(), "no init is left")
        assert self.ids() == [] and list(self.directory.iterdir()) == []


def comm(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


@pytest.fixture
def kept(cloche, build_suite):
    built = build_suite("keeping", SUITE)
    suite = cloche.cwd / f"keeping-{uuid.uuid4()}"  # whose processes are told from those of others
    shutil.copy(built, suite)
    cloche.who.owns(suite)
    kept = Kept(cloche, suite)
    yield kept
    kept("drop", "--all")
    for pid in processes(kept.marker):
        os.kill(pid, signal.SIGKILL)


def test_enter(kept):
    """Namespaces, files, processes; and what the case had: environment, directory, limits, ids."""
    cell = kept.one("fails")
    result = kept.enter(cell, "sh", "-c", "hostname; cat /tmp/greeting; echo $COLOUR; pwd; id -u; "
                        "ulimit -n; cut -d. -f1 /proc/uptime; echo $TEST_TMPDIR; cat /proc/1/comm")
    assert result.status == 0 and not result.err, result
    lines = result.out.splitlines()
    assert lines[:6] == ["moon", "hello", "red", "/tmp", "0", "300"]
    assert 40 * 86400 <= int(lines[6]) < 41 * 86400
    assert lines[7:] == ["/tmp", "cloche-init"]
    result = kept.enter(cell, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert kept.marker in result.out
    assert kept.enter(cell, "sh", "-c", "echo more >>/tmp/greeting").status == 0
    assert kept.enter(cell, "cat", "/tmp/greeting").out == "hello\nmore\n"
    assert kept.enter(cell, "--", "cat", "/tmp/greeting").out == "hello\nmore\n"
    assert kept("drop", cell).status == 0
    kept.nothing_is_left()


def test_survivors_may_print(kept):
    """More than a pipe holds; nobody reads it any more, and they do not die of it."""
    cell = kept.one("fails")

    def size():
        return int(kept.enter(cell, "stat", "-c%s", "/tmp/printed").out)
    first = size()
    wait_for(lambda: size() > first + 20000, "it goes on printing")
    assert kept("drop", cell).status == 0
    kept.nothing_is_left()


def test_reports(kept):
    result = kept("run", "--exact=fails", "--keep", "--env=MARKER", kept.suite)
    found = re.search(r"\n  kept as ([0-9a-f]{4}): cloche enter \1\n", result.out)
    assert result.status == 100 and found, result
    assert kept.ids() == [found.group(1)]
    assert f"\n             kept as {found.group(1)}: cloche enter" in result.out.partition("Summary")[2]
    result = kept("run", "--exact=fails", "--keep", "--env=MARKER", "--report=tap", kept.suite)
    assert re.search(r"\n  kept: '[0-9a-f]{4}'\n", result.out), result


def test_list(kept):
    before = time.time()
    cell = kept.one("crashes", "--keep-for=90")
    line = kept("kept").out
    assert line.startswith(f"{cell}  {kept.suite} "), line
    assert " crashes: crash, killed by SIGABRT; until " in line, line
    entry = json.loads((kept.directory / f"{cell}.json").read_text())
    assert before + 89 <= entry["until"] <= time.time() + 91
    assert kept.enter(cell, "true").status == 0


def test_what_passes_is_not_kept(kept):
    result = kept.run("--exact=passes")
    assert result.status == 0 and "kept" not in result.cases["passes"], result
    assert result.cases["passes"]["verdict"] == "leak"
    kept.nothing_is_left()


def test_without_keep_nothing_is(kept):
    result = kept("run", "--exact=fails", "--env=MARKER", kept.suite)
    assert result.status == 100 and "kept as" not in result.out, result
    assert not kept.directory.exists() and not processes(kept.marker)


def test_at_most_so_many(kept):
    result = kept.run("--keep=2", "--name=each/*", "-j5")
    cells = [case["kept"] for case in result.cases.values() if "kept" in case]
    assert len(result.cases) == 5 and len(set(cells)) == 2, result
    assert sorted(cells) == sorted(kept.ids())
    assert len(kept.inits()) == 2
    assert kept("drop", "--all").status == 0
    kept.nothing_is_left()


def test_three_without_a_number(kept):
    result = kept.run("--name=each/*")
    assert len([case for case in result.cases.values() if "kept" in case]) == 3
    assert len(kept.ids()) == 3


def test_the_last_attempt_only(kept):
    result = kept.run("--exact=each/1", "--retries=2", "--keep=3")
    assert result.status == 100 and "kept" in result.cases["each/1"], result
    assert len(kept.ids()) == 1


def test_at_the_deadline(kept):
    """As it hangs: it is told where, and is not asked to end."""
    cell = kept.one("hangs", "--grace=100ms")
    (pid,) = processes(kept.marker)
    assert comm(pid) == "sleep"
    assert kept.enter(cell, "cat", "/tmp/greeting").out == "hello\n"
    result = kept.enter(cell, "sh", "-c", "cat /proc/2/cmdline; kill 2")
    assert kept.marker in result.out
    wait_for(lambda: not processes(kept.marker), "it can be ended from inside")
    assert kept.ids() == [cell], "and the cell stays without it"
    assert kept("drop", cell).status == 0
    kept.nothing_is_left()


def test_the_deadline_tells_verdict_and_stacks(kept):
    result = kept.run("--exact=hangs")
    case = result.cases["hangs"]
    assert case["verdict"] == "timeout" and case["reason"] == "ran into its deadline of 1 s"
    assert "pid 2 'sleep', sleeping in " in case["stacks"] or "clock_nanosleep" in case["stacks"]
    assert kept.marker in str(case["findings"]) and case["kept"]


@pytest.mark.parametrize("command, status", [
    (("true",), 0), (("sh", "-c", "exit 3"), 3), (("sh", "-c", "kill -9 $$"), 137),
    (("no-such-command",), 127), (("/etc",), 126)])
def test_status(kept, command, status):
    cell = kept.one("each/1")
    result = kept.enter(cell, *command)
    assert result.status == status, result
    sentence = {127: "cannot find the program: No such file or directory (ENOENT)",
                126: "cannot execute the program: Permission denied (EACCES)"}.get(status)
    assert (sentence in result.err) if sentence else not result.err, result


def test_input_and_output(kept):
    cell = kept.one("each/1")
    result = kept.enter(cell, "sh", "-c", "cat; echo oops >&2", stdin=b"\0some\n" * 50000)
    assert result.raw_out == b"\0some\n" * 50000 and result.err == "oops\n", result.err


def test_shell_at_a_terminal(kept):
    cell = kept.one("fails")
    ours, theirs = pty.openpty()
    process = kept.popen("enter", cell, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""

    def shown(text):
        nonlocal seen
        while select.select([ours], [], [], 0)[0]:
            seen += os.read(ours, 4096)
        return text in seen
    os.write(ours, b"tty; echo on-$(hostname)\n")
    wait_for(lambda: shown(b"on-moon"), "the shell answers")
    assert b"/dev/pts/0" in seen
    sleeper = f"1{uuid.uuid4().int % 10**9:09}"
    os.write(ours, f"sleep {sleeper}\n".encode())
    wait_for(lambda: processes(sleeper), "it sleeps")
    os.write(ours, b"\x03")  # Ctrl-C is the shell's, not ours
    os.write(ours, b"exit 7\n")
    assert process.wait(60) == 7, seen
    os.close(ours)


def test_many_at_once(kept):
    cell = kept.one("each/1")
    together = [kept.popen("enter", cell, "sh", "-c", f"touch /tmp/here-{i}; while ! [ -e /tmp/go ]; "
                           f"do sleep 0.05; done; echo {i}") for i in range(5)]
    wait_for(lambda: kept.enter(cell, "ls", "/tmp").out.count("here-") == 5, "all are there")
    kept.enter(cell, "touch", "/tmp/go")
    assert [process.communicate(timeout=60)[0] for process in together] == [
        b"%d\n" % i for i in range(5)]


def test_who_enters_is_killed(kept):
    """What they ran ends, and the cell does not."""
    cell = kept.one("each/1")
    process = kept.popen("enter", cell, "sh", "-c", f"sleep 1000; : {kept.marker}")
    wait_for(lambda: len(processes(kept.marker)) == 2, "it runs")
    process.kill()
    process.wait()
    wait_for(lambda: not processes(kept.marker), "it is gone")
    assert kept.enter(cell, "true").status == 0


def test_nobody_inside_ends_it(kept):
    cell = kept.one("each/1")
    kept.enter(cell, "sh", "-c", "for i in HUP INT QUIT USR1 TERM KILL STOP; do kill -$i 1; done")
    assert kept.enter(cell, "echo", "still").out == "still\n"


def test_its_time_is_over(kept):
    """It ends by itself, with all that is in it, whoever is in it."""
    cell = kept.one("fails", "--keep-for=2")
    assert processes(kept.marker) and kept.inits()
    result = kept.enter(cell, "sleep", "1000")
    assert result.status == 125, result
    assert result.err == "cloche: the cell has ended: its time was over, or somebody dropped it\n"
    kept.nothing_is_left()


def test_dropped_while_somebody_is_in_it(kept):
    cell = kept.one("fails")
    process = kept.popen("enter", cell, "sleep", "1000")
    wait_for(lambda: "sleep" in kept.enter(cell, "sh", "-c", "cat /proc/[0-9]*/comm").out, "it is in")
    assert kept("drop", cell).status == 0
    assert process.wait(60) == 125
    kept.nothing_is_left()


def test_drop_some(kept):
    kept.run("--keep=3", "--name=each/*")
    first, second, third = kept.ids()
    assert kept("drop", first, third).status == 0
    assert kept.ids() == [second]
    result = kept("drop", first)
    assert result.status == 96, result
    assert result.err == f"cloche: there is no kept cell '{first}'; 'cloche kept' lists them\n"


def test_stopped_init_is_dropped_all_the_same(kept):
    cell = kept.one("fails")
    (init,) = kept.inits()
    os.kill(init, signal.SIGSTOP)
    assert kept("drop", cell).status == 0
    kept.nothing_is_left()


def test_no_process_number_is_believed(kept):
    """Another process of that number is not killed, when the cell does not answer."""
    cell = kept.one("fails")
    (init,) = kept.inits()
    os.kill(init, signal.SIGSTOP)
    innocent = kept.cloche.popen("sleep", "1000")
    path = kept.directory / f"{cell}.json"
    entry = json.loads(path.read_text())
    entry["init"] = innocent.pid
    path.write_text(json.dumps(entry))
    result = kept("drop", cell)
    assert result.status == 96 and result.err == (
        f"cloche: the cell {cell} does not end; send SIGKILL to its 'cloche-init', as ps shows "
        "it\n"), result
    assert innocent.poll() is None
    os.kill(init, signal.SIGCONT)
    wait_for(lambda: not kept.inits(), "now it hears that it was dropped")


def test_what_is_gone_is_cleaned(kept):
    cell = kept.one("fails")
    (init,) = kept.inits()
    os.kill(init, signal.SIGKILL)
    wait_for(lambda: not processes(kept.marker), "the cell is gone")
    assert kept.ids() == [] and list(kept.directory.iterdir()) == []
    for name in ("abcd.socket", "abcd.json", "1234.json", "other", ".beef.json"):
        (kept.directory / name).write_text("rubbish")
        kept.cloche.who.owns(kept.directory / name)
    assert kept.ids() == []
    assert {path.name for path in kept.directory.iterdir()} == {"other"}
    assert kept.enter(cell, "true").status == 125


def test_a_run_cleans_what_is_over(kept):
    """And nothing else: not those that live, nor what another machine may have registered."""
    first, second = kept.one("each/1"), kept.one("each/2")
    os.kill(json.loads((kept.directory / f"{first}.json").read_text())["init"], signal.SIGKILL)
    wait_for(lambda: len(kept.inits()) == 1, "one is gone")

    def until(cell, moment):
        path = kept.directory / f"{cell}.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "until": moment}))

    def files():
        assert kept("run", "--no-journal", "--exact=passes", kept.suite).status == 0
        return {path.name for path in kept.directory.iterdir()}
    everything = {f"{cell}.{what}" for cell in (first, second) for what in ("json", "socket")}
    assert files() == everything
    until(first, 1000000000)
    until(second, 1000000000)  # it is there all the same
    lock = os.open(kept.directory, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert files() == everything, "whoever has the lock is not waited for"
    os.close(lock)
    assert files() == {f"{second}.json", f"{second}.socket"}
    assert kept.ids() == [second] and kept.enter(second, "hostname").status == 0


def test_a_run_leaves_no_register(kept):
    """It makes none to look into it."""
    assert kept("run", "--exact=passes", kept.suite).status == 0
    assert not kept.directory.exists()


def test_nothing_is_known_of_it(kept):
    """A damaged description does not hide the cell, and it can be ended."""
    cell = kept.one("fails")
    (kept.directory / f"{cell}.json").write_text("{")
    result = kept("kept")
    assert result.out == f"{cell}  (nothing is known of it)\n", result
    assert kept.enter(cell, "hostname").out == "moon\n"
    assert kept("drop", cell).status == 0
    kept.nothing_is_left()


@pytest.mark.parametrize("name", ["", "..", "../kept/x", "../precious", "ABCD", "12345", "12g4"])
def test_no_such_cell(kept, name):
    """What is no ID is no path, either: nothing of that name is removed."""
    kept.one("each/1")
    precious = kept.directory.parent / "precious.json"
    precious.write_text("{}")
    kept.cloche.who.owns(precious)
    for command in ("enter", "drop"):
        result = kept(command, name)
        assert result.status == (125 if command == "enter" else 96), result
        assert result.err == f"cloche: there is no kept cell '{name}'; 'cloche kept' lists them\n"
    assert precious.exists()


def test_directory_of_others_is_refused(kept):
    cell = kept.one("each/1")
    kept.directory.chmod(0o755)
    for words in (("kept",), ("enter", cell), ("drop", cell)):
        result = kept(*words)
        assert result.status in (96, 125) and "must be yours alone, with mode 0700" in result.err
    result = kept.run("--exact=each/1")
    assert result.status == 96 and "must be yours alone" in result.err, result
    kept.directory.chmod(0o700)
    assert oct((kept.directory / f"{cell}.json").stat().st_mode)[-3:] == "600"


@pytest.mark.only_user
def test_it_cannot_be_registered(kept):
    """Then it is said, and the case ends as it would."""
    assert kept.ids() == []
    kept.directory.chmod(0o500)
    result = kept("run", "--exact=fails", "--env=MARKER", "--keep", kept.suite)
    kept.directory.chmod(0o700)
    assert result.status == 100 and "kept as" not in result.out, result
    assert "the cell of fails cannot be kept: Permission denied" in result.out, result
    kept.nothing_is_left()


def test_the_register_is_locked(kept):
    """By somebody who is stopped: nobody waits for long."""
    cell = kept.one("each/1")
    directory = os.open(kept.directory, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    result = kept.run("--exact=each/2")
    assert result.status == 100 and "kept" not in result.cases["each/2"], result
    assert "the cell of each/2 cannot be kept: Device or resource busy" in result.out, result
    assert kept.enter(cell, "true").status == 125
    os.close(directory)
    assert kept.enter(cell, "true").status == 0


@pytest.mark.parametrize("root", ["host", "cow"])
def test_temporary_directory(kept, root):
    """With root=host it is on the machine: there as long as the cell is, and no longer."""
    result = kept.run("--exact=fails_with_its_tmpdir", f"--root={root}")
    case = result.cases["fails_with_its_tmpdir"]
    (path,) = [note["text"] for note in case["notes"]]
    assert kept.enter(case["kept"], "cat", path).out == "left\n"
    assert Path(path).exists() == (root == "host")
    assert kept("drop", case["kept"]).status == 0
    assert not Path(path).exists() and not Path(path).parent.exists()


def test_foreign(kept):
    script = kept.cloche.script("works", "#!/bin/sh\necho text >file\nexit 2\n")
    result = kept("run", "--report=jsonl", "--keep", script)
    cell = result.cases["works"]["kept"]
    assert kept.enter(cell, "cat", "file").out == "text\n", "in the directory of the case"
    assert not (kept.cloche.cwd / "file").exists()


def test_keeper_is_killed_afterwards(kept):
    """The cell needs nobody."""
    process = kept.start("--exact=fails", "--exact=hangs", "-j1", "--timeout=1000")
    wait_for(lambda: len(processes(kept.marker)) == 2, "one is kept, and another one runs")
    process.kill()
    process.wait()
    wait_for(lambda: len(kept.inits()) == 1, "of the others nothing is left")
    (cell,) = kept.ids()
    assert kept.enter(cell, "hostname").out == "moon\n"
    assert kept("drop", cell).status == 0
    kept.nothing_is_left()


def test_keeper_is_killed_before(kept):
    process = kept.start("--exact=hangs", "--timeout=1000")
    wait_for(lambda: processes(kept.marker), "it runs")
    process.kill()
    process.wait()
    kept.nothing_is_left()


def test_keeper_is_killed_meanwhile(kept):
    """At moments around that at which cells are kept: each is registered, or is gone."""
    kept.ids()
    for moment in range(12):
        process = kept.start("--keep=9", "--name=each/*", "--name=fails", "-j6")
        wait_for(lambda: kept.inits() or process.poll() is not None, "a cell is there")
        time.sleep(0.01 * moment)
        process.kill()
        process.wait()
        wait_for(lambda: len(kept.inits()) == len(kept.ids()), "those that stay are known")
        for cell in kept.ids():
            assert kept.enter(cell, "true").status == 0
        assert kept("drop", "--all").status == 0
        kept.nothing_is_left()


def test_interrupted(kept):
    """Nothing is kept of cases that were ended for it."""
    process = kept.start("--exact=hangs", "--timeout=1000", "--grace=200ms")
    wait_for(lambda: processes(kept.marker), "it runs")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert '"kept"' not in (kept.cloche.cwd / "report").read_text()
    kept.nothing_is_left()


def test_interrupt_does_not_reach_kept_ones(kept):
    """They have left the caller's process group, and terminal."""
    process = kept.start("--exact=fails", "--exact=hangs", "-j1", "--timeout=1000", "--grace=100ms")
    wait_for(lambda: len(processes(kept.marker)) == 2, "one is kept, and another one runs")
    os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: len(kept.inits()) == 1, "the other one is gone")
    (cell,) = kept.ids()
    assert kept.enter(cell, "hostname").out == "moon\n"


@pytest.mark.parametrize("words, sentence", [
    (("--no-isolation",), "without isolation there are no cells to keep; leave out --keep, or "
     "--no-isolation"),
    (("--keep=0",), "--keep takes a number from 1 to 1000, not '0'"),
    (("--keep=x",), "--keep takes a number from 1 to 1000, not 'x'"),
    (("--keep-for=0",), "--keep-for: '0' is not a duration above 0"),
])
def test_refusals(kept, words, sentence):
    result = kept.run("--exact=each/1", *words)
    assert result.status == 96 and result.err == f"cloche: {sentence}\n", result


def test_completion(kept):
    """What there is to enter and to drop."""
    cell = kept.one("each/1")
    for command in ("enter", "drop"):
        result = kept("--complete-words", "cloche", command, cell[:2])
        assert result.out == f"{cell}\teach/1\n", result


def test_usage(kept):
    for words, status, sentence in (
            (("enter",), 125, "name a kept cell: cloche enter ID [COMMAND...]; 'cloche kept' lists "
             "them"),
            (("drop",), 96, "name the cells to end, or all of them with --all; 'cloche kept' lists "
             "them"),
            (("drop", "--all", "abcd"), 96, "name the cells to end, or all of them with --all; "
             "'cloche kept' lists them"),
            (("kept", "abcd"), 96, "kept takes no 'abcd'; 'cloche enter' opens a cell")):
        result = kept(*words)
        assert result.status == status and result.err == f"cloche: {sentence}\n", result


def test_configured(kept):
    (kept.cloche.cwd / "cloche.ini").write_text("[run]\nkeep = 1\nkeep-for = 30\n")
    result = kept("run", "--report=jsonl", "--name=each/*", kept.suite)
    assert len([case for case in result.cases.values() if "kept" in case]) == 1, result
