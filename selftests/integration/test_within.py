# SPDX-License-Identifier: MIT
"""Suites that make worlds of their own, or are somebody else: what works in the default cell of a
foreign suite, and what is said of the rest."""

import subprocess

import pytest

WORKS = {
    "user namespace": "test \"$(unshare -Ur id -u)\" = 0",
    "all namespaces": "unshare -mnpuif --mount-proc sh -c 'hostname moon; test $$ = 1; test -d /proc/1'",
    "cell in a cell": "mkdir $TMPDIR/state && CLOCHE_STATE_DIR=$TMPDIR/state {cloche} exec true",
    "mount tmpfs": "mkdir $TMPDIR/m && mount -t tmpfs none $TMPDIR/m && touch $TMPDIR/m/x && umount $TMPDIR/m",
    "bind mount": "mkdir $TMPDIR/m && mount --bind /usr $TMPDIR/m && test -e $TMPDIR/m/bin && umount $TMPDIR/m",
    "mount overlay": "mkdir $TMPDIR/o && mount -t tmpfs none $TMPDIR/o && cd $TMPDIR/o && mkdir l u w m && "
                     "mount -t overlay -o userxattr,lowerdir=$TMPDIR/o/l,upperdir=$TMPDIR/o/u,"
                     "workdir=$TMPDIR/o/w none $TMPDIR/o/m",
    "chroot": "mkdir -p $TMPDIR/c/bin && cp /bin/busybox $TMPDIR/c/bin/sh && "
              "test \"$(chroot $TMPDIR/c /bin/sh -c 'echo /*')\" = /bin",
    "strace": "strace -f -o $TMPDIR/s true && grep -q exit_group $TMPDIR/s",
    "gdb": "gdb -nx -batch -ex run true 2>&1 | grep -q 'exited normally'",
    "gdb attaches": "sleep 100 & gdb -nx -batch -p $! -ex 'info inferiors' 2>&1 | "
                    "grep -q 'process.*sleep'; s=$?; kill $!; exit $s",
    "process groups": "setsid -w sh -c 'kill -TERM 0'; test $? = 143",
    "abstract socket": "python3 -c 'import socket; a = socket.socket(socket.AF_UNIX); "
                       "a.bind(chr(0) + \"cloche\"); a.listen(); "
                       "socket.socket(socket.AF_UNIX).connect(chr(0) + \"cloche\")'",
    "a pty of its own": "script -qec 'test -t 0 && test -t 1' /dev/null",
    "message bus": "dbus-run-session -- dbus-send --session --print-reply "
                   "--dest=org.freedesktop.DBus / org.freedesktop.DBus.GetId",
}

# With all ids, which the machine's root has by default: to be somebody else.
WORKS_WITH_IDS = {
    "su": "test \"$(su -s /bin/sh nobody -c 'id -un')\" = nobody",
    "setpriv": "test \"$(setpriv --reuid=1000 --regid=1000 --clear-groups id -u)\" = 1000",
    "chown": "touch $TMPDIR/f && chown 1000:1000 $TMPDIR/f",
    "setuid program": "cp {setuid} $TMPDIR/s && chown 0 $TMPDIR/s && chmod 4755 $TMPDIR/s && "
                      "test \"$(setpriv --reuid=1000 --regid=1000 --clear-groups $TMPDIR/s)\" = '1000 0'",
}


@pytest.fixture(scope="session")
def setuid(stage):
    source = stage / "setuid.c"
    source.write_text('#include <stdio.h>\n#include <unistd.h>\n'
                      'int main(void) { printf("%d %d\\n", getuid(), geteuid()); return 0; }\n')
    subprocess.run(["gcc", "-o", stage / "setuid", source], check=True)
    return stage / "setuid"


def run(cloche, setuid, text, *flags):
    script = cloche.script("case", "#!/bin/sh\n" + text.replace("{cloche}", str(cloche.path))
                           .replace("{setuid}", str(setuid)) + "\n")
    return cloche.run("--leaks=ignore", *flags, script).cases["case"]


@pytest.mark.plain
@pytest.mark.parametrize("what", WORKS)
def test_works(cloche, setuid, what):
    case = run(cloche, setuid, WORKS[what])
    assert case["verdict"] == "pass", case


@pytest.mark.parametrize("what", WORKS_WITH_IDS)
def test_works_with_ids(cloche, setuid, what):
    """And where there are none, that is said."""
    case = run(cloche, setuid, WORKS_WITH_IDS[what], "--ids=full")
    assert case["verdict"] == "pass", case
    bare = run(cloche, setuid, WORKS_WITH_IDS[what])
    if cloche.who.is_root:
        assert bare["verdict"] == "pass", bare
    else:
        assert bare["verdict"] == "fail"
        assert "this cell has one id only; --ids=full" in bare["reason"], bare


def test_terminal(cloche, setuid):
    text = "tty"
    assert run(cloche, setuid, text, "--tty")["verdict"] == "pass"
    case = run(cloche, setuid, text)
    assert case["verdict"] == "fail" and "--tty gives the case a terminal" in case["reason"], case


@pytest.mark.parametrize("text, hint", [
    ("mknod $TMPDIR/null c 1 3", "no user namespace may make device nodes"),
    ("mkdir $TMPDIR/m; truncate -s 4M $TMPDIR/i; mount -o loop -t ext4 $TMPDIR/i $TMPDIR/m",
     "a cell may mount no file systems of devices"),
])
def test_what_no_cell_can(cloche, setuid, text, hint):
    case = run(cloche, setuid, text)
    assert case["verdict"] == "fail" and hint in case["reason"], case


def test_no_hint_without_a_reason(cloche, setuid):
    case = run(cloche, setuid, "echo 'chown: fine'; exit 3")
    assert case["reason"] == "exit status 3"
    assert run(cloche, setuid, "echo 'tty: not a tty'")["verdict"] == "pass"
