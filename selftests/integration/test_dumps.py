# SPDX-License-Identifier: MIT
"""A case that runs into its deadline tells the stacks of all its threads before it dies."""

import os
import re
import signal
import subprocess

import pytest

from program import FLAGS, processes, wait_for

pytestmark = pytest.mark.plain  # sanitizers have threads and frames of their own

SUITE = r"""
#include <cloche.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

__attribute__((noinline)) static int waits_for_the_mutex(void)
{
	return pthread_mutex_lock(&held) + 1;
}

static void *worker(void *name)
{
	prctl(PR_SET_NAME, name);
	return waits_for_the_mutex() ? name : NULL;
}

__attribute__((noinline)) static int sleeps_for_ever(int deeper)
{
	return deeper ? sleeps_for_ever(deeper - 1) + 1 : pause();
}

static void be_deaf(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
}

TEST(has_threads)
{
	pthread_t first, second;

	be_deaf();
	pthread_mutex_lock(&held);
	REQUIRE(pthread_create(&first, NULL, worker, "first"), ==, 0);
	REQUIRE(pthread_create(&second, NULL, worker, "second"), ==, 0);
	if (!fork()) {
		prctl(PR_SET_NAME, "child");
		for (volatile unsigned i = 0;; i++)
			;
	}
	EXPECT(sleeps_for_ever(0), ==, 0);
}

TEST(calls_itself)
{
	EXPECT(sleeps_for_ever(30), ==, 0);
}

TEST(has_many_threads)
{
	pthread_t thread;

	pthread_mutex_lock(&held);
	for (int i = 0; i < 299; i++)
		REQUIRE(pthread_create(&thread, NULL, worker, "many"), ==, 0);
	EXPECT(sleeps_for_ever(0), ==, 0);
}

/* Who waits for the child of vfork(2) cannot be stopped. */
TEST(cannot_be_stopped)
{
	pid_t pid = vfork();

	if (!pid)
		for (;;)
			pause();
}

TEST(is_traced)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_NAME, "traced");
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
	}
	EXPECT(sleeps_for_ever(0), ==, 0);
}

static void say(int number)
{
	(void)number;
	_exit(write(1, "was asked to end\n", 17) != 17);
}

TEST(listens)
{
	signal(SIGTERM, say);
	EXPECT(sleeps_for_ever(0), ==, 0);
}
"""

PROGRAM = r"""
#define _GNU_SOURCE
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

__attribute__((noinline)) int NAME(int deeper)
{
	return deeper ? NAME(deeper - 1) + 1 : pause();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "secretly"))
		prctl(PR_SET_DUMPABLE, 0);
	if (argc > 1 && !strcmp(argv[1], "without-file"))
		unlink(argv[0]);
	return NAME(0) + 1;
}
"""


def line_of(text):
    return SUITE[:SUITE.index(text)].count("\n") + 1


@pytest.fixture
def hanging(build_suite):
    return build_suite("hanging", SUITE)


@pytest.fixture
def compile_program(cloche):
    """compile_program(name, *flags): a program that hangs in a function of that name."""
    def build(name, *flags):
        source = cloche.script(name + ".c", PROGRAM.replace("NAME", name))
        subprocess.run(["gcc", *FLAGS, "-O2", *flags, "-o", cloche.cwd / name, source], check=True)
        return cloche.cwd / name
    return build


def stacks_of(cloche, *words, name=None, timeout="300ms"):
    result = cloche.run(f"--timeout={timeout}", "--grace=100ms", *words)
    assert result.status == 100, result
    (case,) = result.cases.values()
    assert case["verdict"] == "timeout", result
    assert case["reason"] == f"ran into its deadline of {float(timeout[:-2]) / 1000:g} s"
    return case.get("stacks")


def blocks(stacks):
    """The text of each thread by the line that it begins with."""
    found = {}
    for block in re.split(r"^(?=pid )", stacks, flags=re.M)[1:]:
        head, _, rest = block.partition("\n")
        found[head] = rest
    return found


def block_of(stacks, pattern):
    (found,) = [(head, text) for head, text in blocks(stacks).items() if re.match(pattern, head)]
    return found


def test_all_threads(cloche, hanging):
    stacks = stacks_of(cloche, "--exact=has_threads", hanging)
    head, text = block_of(stacks, r"pid 2 'has_threads',")
    assert "sleeping in pause" in head
    assert re.search(r"^  #\d+ +hanging\+0x[0-9a-f]+ in sleeps_for_ever at \S+hanging.c:%d$"
                     % line_of(": pause()"), text, re.M), text
    last = text.splitlines()[-1]
    assert re.search(r" in has_threads at \S+hanging.c:\d+$", last), "cloche's own are not shown"
    for name in ("first", "second"):
        head, text = block_of(stacks, rf"pid 2 thread \d+ '{name}',")
        assert "sleeping in futex" in head
        assert " in waits_for_the_mutex at " in text and " in worker at " in text
    head, text = block_of(stacks, r"pid \d+ 'child',")
    assert head.endswith(", running"), head
    assert re.search(r" in has_threads at \S+hanging.c:%d$" % line_of("for (volatile"),
                     text.splitlines()[0]), text
    assert len(blocks(stacks)) == 4, "init is not told"


def test_in_every_report(cloche, hanging):
    names = {kind: cloche.cwd / kind for kind in ("terminal", "tap", "jsonl")}
    result = cloche("run", "--exact=has_threads", "--timeout=300ms", "--grace=100ms",
                    *(f"--report={kind}={path}" for kind, path in names.items()), hanging)
    assert result.status == 100, result
    terminal, tap, jsonl = (names[kind].read_text() for kind in ("terminal", "tap", "jsonl"))
    assert "\n  stacks at the deadline:\n    pid 2 'has_threads', sleeping" in terminal
    assert "\n      #0  " in terminal
    assert "\n  stacks: |2-\n    pid 2 'has_threads', sleeping" in tap
    assert jsonl.count('"stacks":"pid 2 \'has_threads\', sleeping') == 1


def test_can_be_left_out(cloche, hanging):
    assert stacks_of(cloche, "--dump=no", "--exact=has_threads", hanging) is None


def test_only_at_the_deadline(cloche):
    result = cloche.run("--name=aborts", cloche.sample("dying"))
    assert result.verdicts == {"aborts": "crash"}, result
    assert "stacks" not in result.cases["aborts"]


def test_recursion_is_short(cloche, hanging):
    head, text = block_of(stacks_of(cloche, "--exact=calls_itself", hanging), "pid 2 ")
    assert text.count("sleeps_for_ever") < 5 and "... again and again ..." in text, text
    assert " in calls_itself at " in text


def test_many_threads_are_not_all_told(cloche, hanging):
    stacks = stacks_of(cloche, "--exact=has_many_threads", hanging, timeout="900ms")
    assert len(blocks(stacks)) == 256
    assert stacks.endswith("... and 44 threads more\n")


def test_who_cannot_be_stopped(cloche, hanging):
    """The others are told, and nobody waits for ever."""
    stacks = stacks_of(cloche, "--exact=cannot_be_stopped", hanging)
    head, text = block_of(stacks, "pid 2 ")
    assert "in uninterruptible sleep in vfork" in head
    assert text == "  (no stack: it did not stop)\n"
    head, text = block_of(stacks, r"pid 3 ")
    assert "sleeping in pause" in head and " in cannot_be_stopped at " in text


def test_who_is_traced_by_another(cloche, hanging):
    stacks = stacks_of(cloche, "--exact=is_traced", hanging)
    head, text = block_of(stacks, r"pid 3 'traced'")
    assert "stopped by its tracer" in head
    assert text == "  (no stack: something else traces it)\n"
    assert " in sleeps_for_ever at " in block_of(stacks, "pid 2 ")[1]


def test_the_case_goes_on_afterwards(cloche, hanging):
    result = cloche.run("--exact=listens", "--timeout=300ms", "--grace=1000", hanging)
    case = result.cases["listens"]
    assert case["verdict"] == "timeout" and "sleeps_for_ever" in case["stacks"]
    assert case["output"]["text"] == "was asked to end\n" and case["status"] == 0


def test_more_than_are_read_at_once(cloche, hanging):
    result = cloche.run("--exact=calls_itself", "--repeat=9", "-j9", "--timeout=300ms",
                        "--grace=100ms", hanging)
    ended = [event for event in result.events if event["event"] == "case-ended"]
    assert len(ended) == 9, result
    assert all(" in calls_itself at " in event["stacks"] for event in ended)


@pytest.mark.parametrize("flags", [("-g",), ("-fomit-frame-pointer",), ("-static",),
                                   ("-static", "-no-pie"), ("-no-pie",)], ids="_".join)
def test_foreign_programs(cloche, compile_program, flags):
    program = compile_program("hangs_here", *flags)
    head, text = block_of(stacks_of(cloche, program), r"pid 2 'hangs_here', sleeping in pause")
    assert " in hangs_here" in text and " in main" in text


def test_stripped(cloche, compile_program):
    """Without names there are addresses, and the way through it to main's caller."""
    program = compile_program("hangs_here", "-s")
    _, text = block_of(stacks_of(cloche, program), r"pid 2 'hangs_here'")
    assert len(re.findall(r"^  #\d+ +hangs_here\+0x[0-9a-f]+$", text, re.M)) == 3, text
    assert " in __libc_start_main" in text


def test_only_the_cell_has_the_file(cloche, compile_program):
    """And another one has that name outside, which is not taken for it."""
    compile_program("inside")
    outside = compile_program("outside")
    script = cloche.script("replaces", "#!/bin/sh\ncp inside outside.new && mv outside.new outside\n"
                           "exec ./outside\n")
    _, text = block_of(stacks_of(cloche, script), "pid 2 ")
    assert " in inside" in text and " in main" in text and " in outside" not in text
    assert b"outside" in outside.read_bytes()


def test_nobody_has_the_file(cloche, compile_program):
    program = compile_program("unlinked")
    script = cloche.script("starts", f"#!/bin/sh\nexec {program} without-file\n")
    _, text = block_of(stacks_of(cloche, script), "pid 2 ")
    assert " in unlinked" in text and " in main" in text


def test_undumpable(cloche, compile_program):
    program = compile_program("secret")
    script = cloche.script("starts", f"#!/bin/sh\nexec {program} secretly\n")
    _, text = block_of(stacks_of(cloche, script), "pid 2 ")
    assert " in secret" in text and " in main" in text


def test_without_isolation(cloche, compile_program):
    """It is no cell, and yet only what belongs to the case is told."""
    program = compile_program("outside_of_cells")
    script = cloche.script("starts", f"#!/bin/sh\n{program} & {program}\n")
    stacks = stacks_of(cloche, "--no-isolation", script)
    assert len(blocks(stacks)) == 3, stacks
    assert stacks.count("  #0 ") == 3 and stacks.count(" in main") == 2, stacks


def test_a_static_suite_run_bare_says_why_not(cloche, build_suite):
    suite = build_suite("hanging_static", SUITE, "-static")
    result = cloche.command(suite, "--report=jsonl", "--exact=listens", "--timeout=300ms")
    (case,) = result.cases.values()
    head, text = block_of(case["stacks"], "pid 2 ")
    assert "sleeping in pause" in head
    assert "(no stacks: this program is linked statically, and cannot load libdw" in text
    assert case["output"]["text"] == "was asked to end\n"


def dumping(cloche, hanging, *flags):
    """A run whose dumper waits for somebody who cannot be stopped."""
    process = cloche.popen(cloche.path, "run", "--report=jsonl", "--exact=cannot_be_stopped",
                           "--timeout=300ms", *flags, hanging)
    (dumper,) = wait_for(lambda: processes("--cloche-dump") and [
        pid for pid in processes("--cloche-dump") if parent(pid) == process.pid],
        "a dumper is there")
    return process, dumper


def parent(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def is_gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def test_keeper_is_killed_meanwhile(cloche, hanging):
    process, dumper = dumping(cloche, hanging)
    process.kill()
    process.wait()
    wait_for(lambda: is_gone(dumper), "the dumper is gone")
    wait_for(lambda: not processes(str(hanging)), "no zygote and no cell is left")


def test_interrupted_meanwhile(cloche, hanging):
    process, dumper = dumping(cloche, hanging, "--grace=100ms")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and b'"reason":"interrupted"' in out, (out, err)
    assert is_gone(dumper) and not processes(str(hanging))


def test_dumper_is_killed(cloche, hanging):
    """What it had written counts, and the case ends as it would."""
    process, dumper = dumping(cloche, hanging, "--grace=100ms")
    os.kill(dumper, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 100 and b'"verdict":"timeout"' in out, (out, err)
    assert b"(not all stacks are here: the dumper was ended)" in out


def test_dumper_hangs(cloche, hanging):
    """It is killed when its time is over, and the case ends as it would."""
    process, dumper = dumping(cloche, hanging, "--grace=100ms")
    os.kill(dumper, signal.SIGSTOP)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 100 and b'"verdict":"timeout"' in out, (out, err)
    assert b"(not all stacks are here: reading them took too long)" in out
    assert is_gone(dumper) and not processes(str(hanging))
