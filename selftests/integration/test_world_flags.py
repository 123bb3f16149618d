# SPDX-License-Identifier: MIT
"""Every option of a world as a flag: of run for native suites, of run for foreign ones, of exec."""

import re
import subprocess

import pytest

ASK = r"""
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
TEST(asks)
{
	fflush(stdout);
	if (getenv("PRINT"))
		printf("%s\n", getenv("PRINT"));
	if (system(getenv("ASK")))
		fail("the command failed");
}
"""


@pytest.fixture(params=("exec", "foreign", "native"))
def ask(request, cloche, build_suite):
    """ask(command, *flags): what the shell command prints in a cell with these flags."""
    def by_exec(command, *flags):
        result = cloche("exec", *flags, "--", "/bin/sh", "-c", command)
        assert result.status == 0, result
        return result.out

    def by_run(suite, command, *flags):
        result = cloche.run(*flags, suite, env={"ASK": command})
        assert result.status == 0, result
        (case,) = result.cases.values()
        return case["output"]["text"]

    def foreign(command, *flags):
        return by_run(cloche.script("asks", "#!/bin/sh\n" + command + "\n"), command, *flags)

    def native(command, *flags):
        return by_run(build_suite("ask", ASK), command, "--env=ASK", *flags)

    function = {"exec": by_exec, "foreign": foreign, "native": native}[request.param]
    function.kind = request.param
    return function


def test_hostname(ask):
    assert ask("uname -n") == "cloche\n"
    assert ask("uname -n; cat /proc/sys/kernel/hostname", "--hostname=moon") == "moon\nmoon\n"


def test_domainname(ask):
    assert ask("cat /proc/sys/kernel/domainname") == "(none)\n"
    assert ask("cat /proc/sys/kernel/domainname", "--domainname", "sky") == "sky\n"


UPTIME = "cut -d. -f1 /proc/uptime"


@pytest.mark.parametrize("when, least", (
    ("497d", 497 * 86400), ("1h30m", 5400), ("0", 0), ("140w", 140 * 604800),
    ("53375d", 53375 * 86400)))
def test_uptime(ask, when, least):
    assert least <= int(ask(UPTIME, f"--uptime={when}")) < least + 100


@pytest.mark.parametrize("when, shift", (("+30d", 30 * 86400), ("-1m", -60)))
def test_uptime_shift(ask, when, shift):
    with open("/proc/uptime", encoding="ascii") as file:
        before = float(file.read().split()[0])
    assert before + shift - 2 <= int(ask(UPTIME, f"--uptime={when}")) < before + shift + 100


def test_monotonic(ask):
    """By itself, or with the uptime."""
    clocks = "cat /proc/uptime; /usr/bin/python3 -c 'import time; print(time.monotonic())'"
    up, _, monotonic = ask(clocks, "--uptime=1d", "--monotonic=2d").split()
    assert 86400 <= float(up) < 86500 and 2 * 86400 <= float(monotonic) < 2 * 86400 + 100
    up, _, monotonic = ask(clocks, "--uptime=3d").split()
    assert 0 <= float(monotonic) - float(up) < 60 and float(up) >= 3 * 86400


def test_user(ask, who):
    assert ask("id -u; id -g") == "0\n0\n"
    assert ask("id -u; id -g", "--user=me") == f"{who.uid}\n{who.gid}\n"
    assert ask("id -u; id -g", "--user=1234") == "1234\n1234\n"
    assert ask("grep CapEff /proc/self/status", "--user=1234").split()[1] == "0" * 16


def test_ids(ask, who):
    change = "touch $TMPDIR/f; chown 1:2 $TMPDIR/f && stat -c %u:%g $TMPDIR/f || echo refused"
    if ask.kind == "native" or not who.is_root:  # root=cow of root's shows all owners
        assert "refused\n" in ask(change + " 2>&1")
    assert ask(change, "--ids=full") == "1:2\n"
    assert ask("id -u; awk '{s += $3} END {print s}' /proc/self/uid_map", "--ids=full",
               "--user=1000") == "1000\n65536\n"


@pytest.mark.parametrize("ask", ("exec", "native"), indirect=True)
def test_root_minimal(ask):
    assert ask("pwd; ls -A /home /root; touch /usr/x 2>/dev/null || echo read-only",
               "--root=minimal") == "/tmp\n/home:\n\n/root:\nread-only\n"


def test_root_minimal_is_without_the_program(cloche):
    suite = cloche.script("far", "#!/bin/sh\n")
    result = cloche.run("--root=minimal", suite)
    assert result.status == 100, result
    assert result.cases["far"]["reason"].startswith("cannot find the program: ")


def test_root_cow(ask, cloche):
    """The machine's own files, and nothing that is written stays."""
    cloche.script("file", "before\n", mode=0o644)
    path = cloche.cwd / "file"
    assert ask(f"cat {path}; echo after > {path}; cat {path}", "--root=cow") == "before\nafter\n"
    assert path.read_text() == "before\n"


def test_root_directory(cloche):
    """A tree with no more than a busybox."""
    tree = cloche.cwd / "tree"
    for directory in ("bin", "etc", "proc", "sys", "dev", "tmp"):
        (tree / directory).mkdir(parents=True)
    subprocess.run(["cp", "/bin/busybox", tree / "bin/sh"], check=True)
    (tree / "etc/this").write_text("tree\n")
    for path in (tree, *tree.rglob("*")):
        cloche.who.owns(path)
    result = cloche("exec", f"--root={tree}", "--", "/bin/sh", "-c",
                    "read a < /etc/this; echo $a; pwd; echo new > /etc/this; read a < /etc/this; "
                    "echo $a")
    assert (result.status, result.out) == (0, "tree\n/\nnew\n"), result
    assert (tree / "etc/this").read_text() == "tree\n"


def test_root_host(ask, cloche):
    """No copy: what is written stays, and so it is only there for whom asks by name."""
    (cloche.cwd / "open").mkdir()
    (cloche.cwd / "open").chmod(0o777)
    cloche.who.owns(cloche.cwd / "open")
    assert ask(f"echo here > {cloche.cwd}/open/file; hostname", "--root=host",
               "--hostname=still-a-cell") == "still-a-cell\n"
    assert (cloche.cwd / "open/file").read_text() == "here\n"


def test_tmpfs_size(ask):
    fill = "head -c 3000000 /dev/zero > $TMPDIR/f 2>/dev/null && echo fits || echo full"
    assert ask(fill) == "fits\n"
    assert ask(fill, "--tmpfs-size=2M") == "full\n"
    assert ask(fill, "--tmpfs-size=unlimited") == "fits\n"


def test_env(ask):
    assert ask("echo $A$B", "--env=A=1", "--env", "B=x y=z") == "1x y=z\n"
    assert ask("echo [$SECRET]") == "[]\n"


def test_env_passes_the_caller_s_value_on(cloche):
    result = cloche("exec", "--env=SECRET", "--env=NOT_SET", "--", "env", env={"SECRET": "told"})
    assert "\nSECRET=told\n" in "\n" + result.out and "NOT_SET" not in result.out, result


def test_cwd(ask, cloche):
    assert ask("pwd", "--cwd=/usr/lib") == "/usr/lib\n"
    assert ask("pwd", "--root=cow") == f"{cloche.cwd}\n"


LIMITS = (("address-space", "3G", "ulimit -v", str(3 << 20)),
          ("file-size", "1M", "ulimit -f", "2048"),
          ("descriptors", "77", "ulimit -n", "77"),
          ("processes", "55", "ulimit -p", "55"),
          ("cpu", "90", "ulimit -t", "90"))


@pytest.mark.parametrize("name, value, question, answer", LIMITS, ids=[row[0] for row in LIMITS])
@pytest.mark.plain  # sanitizers reserve more address space than that
def test_limits(ask, name, value, question, answer):
    assert ask(question, f"--{name}={value}") == answer + "\n"


def test_limits_can_be_unlimited(ask):
    assert ask("ulimit -t; ulimit -f", "--cpu=10000d", "--file-size=unlimited").split()[1] == \
        "unlimited"


# ---- options of the case: run only ----

def run_one(cloche, text, *flags):
    result = cloche.run(*flags, cloche.script("one", "#!/bin/sh\n" + text))
    (case,) = result.cases.values()
    return result.status, case["verdict"], case["reason"]


@pytest.mark.parametrize("signal", ("SIGUSR1", "usr1", "10"))
def test_expect_signal(cloche, signal):
    flag = f"--expect-signal={signal}"
    assert run_one(cloche, "kill -USR1 $$\n", flag)[:2] == (0, "pass")
    assert run_one(cloche, "exit 0\n", flag) == \
        (100, "fail", "was expected to die of SIGUSR1, and did not")
    assert run_one(cloche, "kill -USR2 $$\n", flag) == \
        (100, "crash", "killed by SIGUSR2; expected was SIGUSR1")


def test_expect_failure(cloche):
    assert run_one(cloche, "exit 1\n", "--expect-failure") == (0, "pass", "failed, as expected")
    assert run_one(cloche, "exit 0\n", "--expect-failure") == \
        (100, "fail", "was expected to fail, and passed")
    assert run_one(cloche, "exit 77\n", "--expect-failure")[:2] == (0, "skip")
    assert run_one(cloche, "exit 99\n", "--expect-failure")[:2] == (100, "error")


@pytest.mark.parametrize("leaks, status, verdict", (
    (None, 0, "leak"), ("warn", 0, "leak"), ("fail", 100, "leak"), ("ignore", 0, "pass")))
def test_leaks(cloche, leaks, status, verdict):
    flags = [f"--leaks={leaks}"] if leaks else []
    assert run_one(cloche, "sleep 1000 &\n", *flags)[:2] == (status, verdict)


def test_leaked_servers_are_described(cloche):
    """What they are, and where they listen; what is only connected is not told."""
    suite = cloche.script("serves", """#!/usr/bin/python3
import os, socket, time
server = socket.create_server(("127.0.0.1", 8080))
os.chdir(os.environ["TMPDIR"])
named, abstract, bound = [socket.socket(socket.AF_UNIX) for _ in range(3)]
named.bind("a socket")
abstract.bind("\\0hidden")
bound.bind("bound")
named.listen()
abstract.listen()
pair = socket.socketpair()
if not os.fork():
    os.setsid()
    time.sleep(1000)
""")
    (finding,) = cloche.run(suite).cases["serves"]["findings"]
    assert finding["kind"] == "process"
    assert re.match(r"pid \d+ serves '/usr/bin/python3 .*/serves', "
                    r"listening on tcp 127\.0\.0\.1:8080, unix a socket, unix @hidden$",
                    finding["text"]), finding


UNDEAD = r"""
#include <cloche.h>
#include <pthread.h>
#include <unistd.h>
static void *sleep_on(void *unused) { pause(); return unused; }
/* Whoever has ended is not left behind, even if nobody ever waits for it. */
TEST(zombies)
{
	int ready[2];
	char byte;

	REQUIRE_OK(pipe(ready));
	if (!fork()) {
		for (int i = 0; i < 20; i++) {
			pid_t child = fork();
			siginfo_t info;

			if (!child)
				_exit(i);
			waitid(P_PID, child, &info, WEXITED | WNOWAIT);
		}
		REQUIRE(write(ready[1], "", 1), ==, 1);
		pause();
	}
	REQUIRE(read(ready[0], &byte, 1), ==, 1);
}
/* And whose first thread has ended is. */
TEST(headless)
{
	pid_t child = fork();
	char path[64], stat[256] = "";

	if (!child) {
		pthread_t thread;

		pthread_create(&thread, NULL, sleep_on, NULL);
		pthread_exit(NULL);
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	while (!strstr(stat, ") Z ")) {
		int fd = REQUIRE_OK(open(path, O_RDONLY));

		REQUIRE_OK(read(fd, stat, sizeof(stat) - 1));
		close(fd);
	}
}
TEST(killed, .leaks = "fail")
{
	for (int i = 0; i < 50; i++) {
		pid_t child = fork();

		if (!child)
			for (;;)
				pause();
		kill(child, SIGKILL);
	}
}
"""


def test_who_is_dying_is_not_left(cloche, build_suite):
    suite = build_suite("undead", "#include <fcntl.h>\n#include <stdio.h>\n#include <string.h>\n"
                        "#include <sys/wait.h>\n" + UNDEAD, "-pthread")
    cases = cloche.run("--repeat=5", suite).cases
    assert {name: (case["verdict"], [f["kind"] for f in case["findings"]])
            for name, case in cases.items()} == {
        "zombies": ("leak", ["process"]), "headless": ("leak", ["process"]),
        "killed": ("pass", [])}


COVERS = r"""
#include <cloche.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <unistd.h>
static void leave(void)
{
	REQUIRE_OK(shmget(5, 10, IPC_CREAT | 0600));
	REQUIRE_OK(mount("x", "/mnt", "tmpfs", 0, NULL));
	if (!fork())
		for (;;)
			pause();
}
TEST(uncovers) { REQUIRE_OK(mkdir("/mnt", 0700)); leave(); REQUIRE_OK(umount2("/proc", MNT_DETACH)); }
TEST(covers)
{
	REQUIRE_OK(mkdir("/mnt", 0700));
	leave();
	REQUIRE_OK(mount("x", "/proc", "tmpfs", 0, NULL));
	REQUIRE_OK(mkdir("/proc/77", 0700));
}
"""


@pytest.mark.plain
def test_what_is_left_is_seen_without_proc(cloche, build_suite):
    """The test has taken away, or covered, what init would look at (and LeakSanitizer, too)."""
    suite = build_suite("covers", "#include <sys/stat.h>\n" + COVERS)
    cases = cloche.run("--leaks=fail", suite).cases
    assert {name: case["verdict"] for name, case in cases.items()} == \
        {"uncovers": "leak", "covers": "leak"}
    for name, case in cases.items():
        over = [("mount", "/proc (tmpfs)")] if name == "covers" else []
        assert sorted((f["kind"], f["text"]) for f in case["findings"]) == [
            ("mount", "/mnt (tmpfs)"), *over,
            ("process", "at least one; the cell has no /proc to tell more"),
            ("sysv-shm", "1; the cell has no /proc to tell more")]


OVER = r"""
#include <cloche.h>
#include <sys/mount.h>
#include <sys/stat.h>
static const struct { const char *name; } points[] = {
	{"/"}, {"/proc"}, {"/sys"}, {"/dev"}, {"/dev/pts"}, {"/dev/shm"}, {"/usr"}, {"/etc"}};
static void cover(const char *point) { REQUIRE_OK(mount("x", point, "tmpfs", 0, NULL)); }
TEST_EACH(points, minimal) { cover(param->name); }
TEST_EACH(points, cow, .root = ROOT_COW) { cover(param->name); }
static void leave_none(void)
{
	mkdir("/mnt", 0700);
	cover("/mnt");
	REQUIRE_OK(umount2("/mnt", MNT_DETACH));
}
TEST(none_minimal) { leave_none(); }
TEST(none_cow, .root = ROOT_COW) { leave_none(); }
TEST(none_host, .root = ROOT_HOST) { leave_none(); }
TEST(none_wall, .wall = "2040-01-01T00:00:00Z") { leave_none(); }
"""


@pytest.mark.plain
def test_a_mount_over_one_of_the_cells_own(cloche, build_suite):
    """It is told, and those of the cell's own making are not."""
    cases = cloche.run(build_suite("over", OVER)).cases
    assert len(cases) == 20
    for name, case in cases.items():
        point = name.partition("/")[2]
        assert case["verdict"] == "pass", case
        assert [(f["kind"], f["text"]) for f in case["findings"]] == \
            ([("mount", f"{point} (tmpfs)")] if point else []), name


def test_leaked_objects_are_described(cloche):
    suite = cloche.script("leaves", "#!/bin/sh\nipcmk -M 4096 -Q >/dev/null\n"
                          "touch /dev/shm/here\nmkdir $TMPDIR/m\nmount -t tmpfs x $TMPDIR/m\n")
    case = cloche.run(suite).cases["leaves"]
    assert case["verdict"] == "pass", case
    assert {finding["kind"] for finding in case["findings"]} == \
        {"sysv-shm", "sysv-msg", "posix-shm", "mount"}, case


def test_world_is_reported(cloche):
    """As it was in the end, flags over fields, in the flags' own words."""
    result = cloche.run("--exact=has_a_world", "--hostname=sun", "--monotonic=+1h",
                        "--leaks=ignore", cloche.sample("saying"))
    assert result.cases["has_a_world"]["world"] == {
        "hostname": "sun", "uptime": "259200", "monotonic": "+3600", "tags": "slow,net",
        "env": "A=1\nB=2", "leaks": "ignore", "root": "minimal"}
