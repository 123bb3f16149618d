# SPDX-License-Identifier: MIT
"""cloche exec and cloche shell: one command in one cell, with the caller's own descriptors."""

import os
import pwd
import re
import signal
from pathlib import Path

import pytest


def sh(cloche, script, *flags, **arguments):
    return cloche("exec", *flags, "--", "/bin/sh", "-c", script, **arguments)


# ---- exit status ----

@pytest.mark.parametrize("status", (0, 1, 42, 77, 99, 100, 125, 255))
def test_status_is_the_command_s_own(cloche, status):
    result = sh(cloche, f"exit {status}")
    assert (result.status, result.out, result.err) == (status, "", ""), result


@pytest.mark.parametrize("name", ("TERM", "KILL", "SEGV", "USR1"))
def test_signal(cloche, name):
    result = sh(cloche, f"kill -{name} $$")
    assert result.status == 128 + getattr(signal, f"SIG{name}"), result
    assert not result.err


def test_127_not_found(cloche):
    result = cloche("exec", "no-such-command", "--help")
    assert result.status == 127, result
    assert result.err == "cloche: cannot find the program: No such file or directory (ENOENT)\n"


def test_127_interpreter_not_found(cloche):
    result = cloche("exec", cloche.script("odd", "#!/no/such/interpreter\n"))
    assert result.status == 127, result
    assert result.err == (
        "cloche: cannot find the program's interpreter: No such file or directory (ENOENT); what a "
        "script's first line names, or the loader of a program, is to be in the cell, too\n")


def foreign_program(cloche):
    """One that the kernel does not take, though it is an ELF file: for another class of machines."""
    program = cloche.script("foreign", "")
    data = bytearray(Path("/bin/true").read_bytes())
    data[18:20] = b"\xff\xfe"  # e_machine
    program.write_bytes(data)
    return program


def test_126_another_architecture(cloche):
    """No shell gets to read it, as it may a script that has no first line."""
    result = cloche("exec", foreign_program(cloche))
    assert (result.status, result.out) == (126, ""), result
    assert result.err == ("cloche: cannot execute the program: Exec format error (ENOEXEC); it is for "
                          "another architecture, or cut off: build it for this machine\n")


def test_a_script_without_a_first_line(cloche):
    result = cloche("exec", cloche.script("plain", "echo $0 $1\n"), "one")
    assert result.status == 0 and result.out.endswith("/plain one\n"), result


@pytest.mark.parametrize("command", ("/tmp", "./plain"))
def test_126_not_executable(cloche, command):
    cloche.script("plain", "no program\n", mode=0o644)
    result = cloche("exec", "--", command)
    assert result.status == 126, result
    assert result.err == "cloche: cannot execute the program: Permission denied (EACCES)\n"


def test_a_script_without_its_first_line(cloche):
    """Runs by /bin/sh, as execvp(3) and env(1) do it."""
    result = cloche("exec", cloche.script("plain", "echo $1; exit 3\n"), "argument")
    assert (result.status, result.out) == (3, "argument\n"), result


@pytest.mark.parametrize("flags, sentence", (
    ([], "name a command: cloche exec [OPTION...] -- COMMAND"),
    (["--hostnmae=x", "true"], "there is no option '--hostnmae=x'; did you mean '--hostname'?"),
    (["--cwd=/nowhere", "true"],
     "session: cannot enter the working directory: No such file or directory (ENOENT); give "
     "another one with --cwd, or make it readable for the user of the cell"),
    (["--root=here", "true"],
     "root is 'minimal', 'cow', 'host', or the absolute path of a directory"),
))
def test_125_cloche_itself_failed(cloche, flags, sentence):
    result = cloche("exec", *flags)
    assert (result.status, result.out, result.err) == (125, "", f"cloche: {sentence}\n"), result


def test_124_deadline(cloche):
    result = sh(cloche, "trap '' TERM; sleep 1000 & wait; while :; do wait; done", "--timeout=200ms",
                "--grace=100ms")
    assert result.status == 124, result
    assert result.err == "cloche: the command ran into its deadline\n"


# ---- what the command has ----

def test_arguments_arrive_as_they_are(cloche):
    result = cloche("exec", "printf", "%s|", "--help", "-j", "a b", "", "--", "\u00e9")
    assert result.out == "--help|-j|a b||--|\u00e9|", result


def test_descriptors_are_the_caller_s(cloche):
    result = sh(cloche, "cat; echo err >&2; ls /proc/self/fd", stdin=b"from outside\n")
    assert result.out == "from outside\n0\n1\n2\n3\n", result  # 3 is of ls itself
    assert result.err == "err\n"


def test_bytes_pass_unchanged(cloche):
    everything = bytes(range(256)) * 4096
    result = cloche("exec", "cat", stdin=everything)
    assert result.status == 0 and result.raw_out == everything


def test_no_descriptor_leaks_in(cloche):
    read, write = os.pipe()
    try:
        result = sh(cloche, "ls /proc/self/fd", pass_fds=(read, write))
        assert result.out == "0\n1\n2\n3\n", result
    finally:
        os.close(read)
        os.close(write)


def test_clean_environment(cloche):
    env = {"SECRET": "x", "LC_ALL": "C.UTF-8", "TZ": "Europe/Berlin", "TMPDIR": "/nowhere",
           "LD_PRELOAD": ""}
    names = {line.split("=")[0]: line.split("=", 1)[1] for line in
             cloche("exec", "env", env=env).out.splitlines()}
    assert "SECRET" not in names and "LD_PRELOAD" not in names and "LD_BIND_NOW" not in names
    assert names["LC_ALL"] == "C.UTF-8" and names["TZ"] == "UTC" and names["CLOCHE"] == "1"
    assert names["TMPDIR"] == names["TEST_TMPDIR"] != "/nowhere"
    assert {"PATH", "HOME", "LANG"} <= set(names)


@pytest.mark.parametrize("root", ("cow", "minimal"))
def test_environment_of_nobody(cloche, who, root):
    """As a service has it: what every test may count on is there."""
    command = [cloche.path, "exec", f"--root={root}", "/usr/bin/env"]
    result = cloche.command("/usr/bin/env", "-i", *command)
    names = dict(line.split("=", 1) for line in result.out.splitlines())
    assert {"PATH", "HOME", "USER", "LOGNAME", "TZ", "TMPDIR", "TEST_TMPDIR", "CLOCHE"} == set(names)
    assert names["HOME"] == (pwd.getpwuid(who.uid).pw_dir if root == "cow" else "/root")


def test_clean_signals_and_umask(cloche):
    """Whatever the caller ignores or blocks."""
    def disturb():
        os.umask(0o777)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGCHLD})
    result = sh(cloche, "umask; grep -E 'Sig(Blk|Ign)' /proc/self/status", preexec_fn=disturb)
    assert result.out.split() == ["0022", "SigBlk:", "0" * 16, "SigIgn:", "0" * 16], result


SPAWN = """#!/usr/bin/python3
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_signals_of_the_library_are_clean(cloche):
    """glibc's posix_spawn(3), which make and system(3) use, has two ignored that nobody else may."""
    command = ["exec", "--", "/bin/cat", "/proc/self/status"]
    result = cloche.command(cloche.script("spawn", SPAWN), cloche.path, *command)
    assert "\nSigIgn:\t" + "0" * 16 + "\n" in result.out, result


def test_pids_and_session(cloche):
    """Pid 1 is cloche's own, the command is 2; nobody else is there; the session is its own."""
    result = sh(cloche, "echo $$; ps -e -o pid=,sid=,comm= | grep -v ps")
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0] == ["2"]
    assert lines[1][0] == "1" and lines[1][2] == "cloche-init"
    assert lines[2] == ["2", "2", "sh"] and len(lines) <= 4, result


def test_leaks_are_told_on_request(cloche):
    script = "sleep 1000 & exit 3"
    quiet, loud = sh(cloche, script), sh(cloche, script, "--leaks=warn")
    assert quiet.status == loud.status == 3 and not quiet.err
    assert "left behind: process: pid " in loud.err and "sleep 1000" in loud.err, loud


def test_writes_are_gone_afterwards(cloche):
    cloche.script("file", "before\n", mode=0o644)
    result = sh(cloche, "echo after > file; echo new > other; mkdir d; cat file; rm -f /etc/passwd;"
                "ls /etc/passwd 2>&1; pwd")
    assert "after\n" in result.out and result.out.endswith(f"{cloche.cwd}\n"), result
    assert [path.name for path in cloche.cwd.iterdir()] == ["file"]
    assert (cloche.cwd / "file").read_text() == "before\n"
    assert os.path.exists("/etc/passwd")


def test_nesting(cloche):
    """cloche in a cell of cloche: what works for an ordinary user works for a cell's root."""
    result = cloche("exec", "--hostname=outer", "--", cloche.path, "exec", "--hostname=inner", "--",
                    "sh", "-c", "hostname; id -u; exit 7")
    assert (result.status, result.out) == (7, "inner\n0\n"), result


# ---- ends ----

def test_ctrl_c_ends_the_cell(cloche):
    """The command has a session of its own: the signal reaches it through cloche."""
    process = cloche.popen(cloche.path, "exec", "--", "sh", "-c",
                           "trap 'echo ended; exit 9' TERM; echo up; while :; do sleep 0.02; done")
    assert process.stdout.readline() == b"up\n"
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert out == b"ended\n" and process.returncode in (9, 130), (process.returncode, err)


# ---- terminals ----

def on_a_terminal(cloche, command, typed=""):
    return cloche.command("script", "-qec", command, "/dev/null", stdin=typed.encode(),
                          env={"TERM": "dumb", "SHELL": "/bin/sh"})


def test_tty(cloche):
    result = on_a_terminal(cloche, f"{cloche.path} exec --tty -- sh -c 'tty; test -t 0 && test -t 1 "
                           "&& test -t 2 && ps -o tty= -p $$; exit 5'")
    terminals = re.findall(r"pts/\d+", result.out)  # script(1) has typed a NUL somewhere
    assert len(terminals) == 2 and len(set(terminals)) == 1 and result.status == 5, result


@pytest.mark.parametrize("user", ("root", "me", "1000"))
def test_tty_belongs_to_the_test(cloche, user):
    result = on_a_terminal(cloche, f"{cloche.path} exec --tty --ids=full --user={user} -- "
                           "sh -c 'echo opened >$(tty)'")
    assert result.status == 0 and "opened" in result.out, result


def test_tty_of_a_case(cloche):
    suite = cloche.script("looks", "#!/bin/sh\ntty\ntest -t 0 && test -t 1 && test -t 2\n")
    case = cloche.run("--tty", suite).cases["looks"]
    assert case["verdict"] == "pass" and "/dev/pts/0" in case["output"]["text"], case
    case = cloche.run(suite).cases["looks"]
    assert case["verdict"] == "fail" and "not a tty" in case["output"]["text"], case


def test_shell(cloche):
    """Typed into the cell's own terminal; the shell's end, and its status, are ours."""
    result = on_a_terminal(cloche, f"{cloche.path} shell --hostname=bell",
                           "echo [$(hostname)] $((6 * 7)) $$\nexit 3\n")
    assert "[bell] 42 2" in result.out, result
    assert result.status == 3


def test_shell_takes_no_command(cloche):
    result = cloche("shell", "--", "ls")
    assert result.status == 125, result
    assert result.err == "cloche: a shell takes no command; use cloche exec\n"


def test_shell_without_a_terminal(cloche):
    result = cloche("shell", env={"SHELL": "/bin/sh"}, stdin=b"echo $((6 * 7)); exit 4\n")
    assert (result.status, result.out) == (4, "42\n"), result


def test_output_that_nobody_reads(cloche):
    """SIGPIPE is at its default in the cell, as anywhere."""
    process = cloche.popen(cloche.path, "exec", "--", "yes")
    assert process.stdout.read(2) == b"y\n"
    process.stdout.close()
    assert process.wait(60) == 128 + signal.SIGPIPE
    process.stdout = None
