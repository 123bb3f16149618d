# SPDX-License-Identifier: MIT
"""root=cow, root=DIR and root=host: the files of a machine, as a cell sees and changes them.

What needs a mount is tried in a mount namespace of its own, so that the machine keeps none.
"""

import hashlib
import os
import platform
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from program import Program, Who

KERNEL = tuple(int(part) for part in platform.release().split(".")[:2])
# For what root must prepare, and both root and the user then try.
prepared = pytest.mark.only_root if os.geteuid() != 0 else lambda test: test
# A tmpfs has user.* attributes since then, and without them overlayfs keeps directories.
removes_directories = KERNEL >= (6, 6)
# A tmpfs can be id-mapped since then, and until then its owners are not shown to root's cells.
tmpfs_has_owners = KERNEL >= (6, 3)


def cow(cloche, script, *flags, root="cow", **arguments):
    return cloche("exec", f"--root={root}", *flags, "--", "sh", "-ec", script, **arguments)


def cow_on(cloche, prepare, script, *flags, root="cow", cwd="/", **arguments):
    """The same after root ran `prepare` in a mount namespace of its own."""
    words = [cloche.path, "exec", f"--root={root}", *flags, "--", "sh", "-ec", script]
    if not cloche.who.is_root:
        words = ["setpriv", f"--reuid={cloche.who.uid}", f"--regid={cloche.who.gid}",
                 "--clear-groups", *words]
    text = (f"set -e\n{prepare}\ncd {shlex.quote(str(cwd))}\n"
            f"export HOME={cloche.who.entry.pw_dir} USER={cloche.who.entry.pw_name}\nexec "
            + " ".join(shlex.quote(str(word)) for word in words))
    root_program = Program(cloche.stage, Who("root"), "/", cloche.state)
    try:
        return root_program.command("unshare", "-m", "sh", "-c", text, **arguments)
    finally:
        root_program.end()


@pytest.fixture
def owners_on_tmpfs(who):
    if who.is_root and not tmpfs_has_owners:
        pytest.skip("needs Linux 6.3")


def said(result):
    assert result.status == 0, result
    assert result.err == "", result
    return result.out.splitlines()


def test_the_caller_keeps_their_name(cloche):
    name = cloche.who.entry.pw_name
    assert said(cow(cloche, "echo $USER $LOGNAME; id -un", "--user=me")) == [f"{name} {name}", name]
    assert said(cow(cloche, "echo $USER $LOGNAME")) == ["root root"]


def picture(top):
    """All that can be seen of a tree: names, modes, owners, times, contents."""
    seen = {}
    for directory, names, files in os.walk(top):
        for name in [".", *names, *files]:
            path = Path(directory, name)
            status = path.lstat()
            content = (os.readlink(path) if path.is_symlink() else
                       hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
            seen[str(path)] = (status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns,
                               status.st_ino, status.st_nlink, content)
    return seen


@pytest.fixture
def tree(cloche):
    """A build tree of the user's own."""
    top = cloche.cwd / "tree"
    for path, text in (("a", "a\n"), ("d/b", "b\n"), ("d/e/f", "f\n"), ("g/h", "h\n"),
                       ("secret", "secret\n")):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    (top / "secret").chmod(0o600)
    (top / "link").symlink_to("a")
    for path in (top, *top.rglob("*")):
        os.chown(path, cloche.who.uid, cloche.who.gid, follow_symlinks=False)
    return top


# ---- writing ----

CHANGES = {
    "create": ("echo x >new; mkdir nd; echo y >nd/y", "cat new nd/y", "x\ny"),
    "modify": ("echo more >>a; echo over >d/b", "cat a d/b", "a\nmore\nover"),
    "truncate": (": >a; truncate -s 1 d/e/f", "wc -c <a; cat d/e/f", "0\nf"),
    "rename a file": ("mv a z; mv d/b g/b", "ls; cat z g/b", "d\ng\nlink\nsecret\nz\na\nb"),
    "rename over a file": ("echo n >n; mv n a", "cat a", "n"),
    "unlink": ("rm a d/e/f", "ls; ls d/e", "d\ng\nlink\nsecret"),
    "a new directory is renamed": ("mkdir nd; touch nd/f; mv nd md; mv md g/", "ls g/md", "f"),
    "hard link": ("ln a hard; echo q >>hard", "stat -c %h a; cat a", "2\na\nq"),
    "symbolic link": ("ln -s d/b s; echo w >s", "cat d/b", "w"),
    "chmod": ("chmod 700 a; chmod 711 d", "stat -c %a a d", "700\n711"),
    "utime": ("touch -d @7 a d", "stat -c %Y a d", "7\n7"),
    "0600": ("echo s >>secret", "cat secret; stat -c %a secret", "secret\ns\n600"),
    "attributes": ("python3 -c 'import os; os.setxattr(\"a\", \"security.x\", b\"1\")' || :",
                   "cat a", "a"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_tree_of_ones_own(cloche, tree, change):
    do, look, expected = CHANGES[change]
    before = picture(tree)
    result = cow(cloche, f"{do}\n{look}", cwd=tree)
    assert "\n".join(said(result)) == expected
    assert picture(tree) == before


@pytest.mark.skipif(not removes_directories, reason="needs Linux 6.6")
def test_directories_of_the_machine_go_and_come(cloche, tree):
    before = picture(tree)
    result = cow(cloche, "rm -rf d; ls; mkdir d; ls d; mv g h; cat h/h; rmdir d; ls", cwd=tree)
    assert said(result) == ["a", "g", "link", "secret", "h", "a", "h", "link", "secret"]
    assert picture(tree) == before


@pytest.mark.skipif(not removes_directories, reason="needs Linux 6.6")
def test_a_directory_of_the_machine_is_not_renamed_in_place(cloche, tree):
    """What overlayfs does not do without trusted.* attributes; mv(1) copies."""
    script = ("perl -e 'rename(\"d\", \"dd\") or print $!+0'; echo; mv d dd; cat dd/e/f; "
              "mkdir n; perl -e 'rename(\"n\", \"m\") and print 1'")
    assert said(cow(cloche, script, cwd=tree)) == ["18", "f", "1"]


NUMBERS = """
import os, sys
for top in sys.argv[1:]:
    for entry in os.scandir(top):
        status = entry.stat(follow_symlinks=False)
        if status.st_dev != os.stat(top).st_dev:
            print(entry.path, "is of another device than its directory")
        if status.st_ino != entry.inode():
            print(entry.path, "has another number in its directory")
print(len({os.lstat(name).st_ino for name in os.listdir(".")}), len(os.listdir(".")))
"""


def test_a_file_is_of_the_device_of_its_directory(cloche, tree):
    """And stat(2) and readdir(3) agree about its number, which no other file has."""
    result = cow(cloche, "echo more >>d/b; echo x >new; ln new hard; mkdir d2; cp a d2; mv g/h d2;"
                 "rm link; python3 - . d d/e d2 /etc", cwd=tree, stdin=NUMBERS.encode())
    assert said(result) == ["6 7"]


def test_shared_mapping(cloche, tree):
    script = """python3 -c '
import mmap
with open("a", "r+b") as file:
    mapped = mmap.mmap(file.fileno(), 0)
    mapped[0:1] = b"m"
    mapped.flush()
print(open("a").read(), end="")
'"""
    before = picture(tree)
    assert said(cow(cloche, script, cwd=tree)) == ["m"]
    assert picture(tree) == before


@pytest.mark.parametrize("where", ("/tmp", "/run", "/var/tmp", "/dev/shm", "/etc", "/", "/srv"))
def test_places_of_everybody(cloche, where):
    name = Path(where, f"cloche-test-{os.getpid()}")
    assert said(cow(cloche, f"echo x >{name}; cat {name}; rm {name}; mkdir {name}")) == ["x"]
    assert not name.exists()


def test_each_cell_starts_anew(cloche, tree):
    suite = cloche.script("writes", f"#!/bin/sh\ncd {tree} && test ! -e new && test -e a &&\n"
                          "test ! -e /tmp/cloche-new && echo x | tee new /tmp/cloche-new && rm a\n")
    result = cloche.run("-j4", "--repeat=12", suite)
    assert result.status == 0, result


def test_what_is_written_shares_one_limit(cloche, tree):
    script = ("dd if=/dev/zero of=f bs=1M count=5 2>/dev/null; "
              "dd if=/dev/zero of=/dev/shm/f bs=1M count=5 2>/dev/null; "
              "dd if=/dev/zero of=/var/tmp/f bs=1M count=9 2>&1 | grep -o 'No space.*'")
    assert said(cow(cloche, script, "--tmpfs-size=16M", cwd=tree)) == ["No space left on device"]


def test_the_limit_is_named(cloche):
    suite = cloche.script("fills", "#!/bin/sh\ndd if=/dev/zero of=f bs=1M count=20\n")
    result = cloche.run("--tmpfs-size=16M", suite)
    assert "tmpfs-size" in result.cases["fills"]["reason"], result


# ---- whose files ----

@pytest.mark.only_root
def test_what_only_root_may_read(cloche, work):
    closed = work / "closed"
    closed.mkdir(0o700)
    (closed / "key").write_text("key\n")
    (closed / "key").chmod(0o600)
    before = picture(work)
    script = "cat key; stat -c '%a %u' . key; echo x >>key; echo y >new; cat key"
    assert said(cow(cloche, script, cwd=closed)) == ["key", "700 0", "600 0", "key", "x"]
    assert picture(work) == before


@pytest.mark.only_root
def test_owners_are_true_for_root(cloche, tree):
    for path, owner in (("a", 1234), ("d", 65535), ("d/b", 1)):
        os.chown(tree / path, owner, owner)
    before = picture(tree)
    script = "stat -c %u:%g a d d/b; chown 5:6 a; stat -c %u:%g a; echo x >>d/b; stat -c %u d/b"
    assert said(cow(cloche, script, cwd=tree)) == ["1234:1234", "65535:65535", "1:1", "5:6", "1"]
    assert picture(tree) == before


@pytest.mark.only_user
def test_others_are_nobody_for_a_user(cloche, tree):
    script = "stat -c %U a /usr/bin/env; cat /etc/shadow 2>&1 | grep -o denied"
    assert said(cow(cloche, script, cwd=tree)) == ["root", "nobody", "denied"]


@pytest.mark.usefixtures("owners_on_tmpfs")
@prepared
def test_a_closed_directory_is_no_obstacle(cloche, tree):
    """/root and the like: for a user it is there, and has nothing in it."""
    result = cow_on(cloche, "mount -t tmpfs -o mode=700 tmpfs /root; echo x >/root/x",
                    "cat /root/x || ls -A /root; cat a", cwd=tree)
    assert result.status == 0, result
    assert result.out == ("x\na\n" if cloche.who.is_root else "a\n")


@pytest.mark.usefixtures("owners_on_tmpfs")
@prepared
def test_a_directory_that_can_be_passed_but_not_listed(cloche, tree):
    """/home is often 0711."""
    own = f"/home/{cloche.who.uid}"
    prepare = (f"mount -t tmpfs -o mode=711 tmpfs /home; mkdir -m 700 {own}; echo x >{own}/x; "
               f"mkdir /home/m; mount -t tmpfs tmpfs /home/m; "
               f"chown -R {cloche.who.uid}:{cloche.who.gid} {own}")
    assert said(cow_on(cloche, prepare, "cat x; pwd; echo y >>x; cat x", cwd=own)) == [
        "x", own, "x", "y"]


def test_ones_own_tree_is_not_copied(cloche, tree):
    """It is a layer: hard links are still links, which a copy of files one by one breaks."""
    os.link(tree / "a", tree / "d/hard")
    assert said(cow(cloche, "stat -c %h a; test a -ef d/hard", cwd=tree)) == ["2"]


@prepared
def test_some_of_ones_own_tree_belongs_to_another(cloche, tree):
    """A user's cell has no such owner or group, and yet it can be changed."""
    os.chown(tree / "a", cloche.who.uid, 1234)
    os.chown(tree / "d/e", 1234, 1234)
    (tree / "d/e").chmod(0o777)
    assert said(cow(cloche, "echo x >>a; mv d/e/f d; touch d/e/new; cat a d/f; ls d/e", cwd=tree)
                ) == ["a", "x", "f", "new"]


ME = ("--user=me", "--ids=full")


def test_me_among_all_ids(cloche, tree):
    """The caller's files are the caller's, as outside; root of the cell is somebody else."""
    before = picture(tree)
    move, left = ("mv d n", []) if removes_directories else ("cp -r d n", ["d"])
    script = f"""
    stat -c %u:%g . a secret; cat secret; echo x >>a; {move}; touch new; rm g/h; cat a; ls
    stat -c %u:%g new; cat /proc/1/status | grep -o 'Uid:.0'
    """
    own = f"{cloche.who.uid}:{cloche.who.gid}"
    assert said(cow(cloche, script, *ME, cwd=tree)) == [
        own, own, own, "secret", "a", "x", "a", *left, "g", "link", "n", "new", "secret", own,
        "Uid:\t0"]
    assert picture(tree) == before


@pytest.mark.only_user
def test_me_is_not_root_among_all_ids(cloche, tree):
    script = """
    for change in "chown 0 a" "chgrp 0 a" "touch /new" "touch /proc/sys/net/ipv4/ip_forward" \\
            "setpriv --reuid=0 true" "setpriv --regid=0 true"; do
        ! $change 2>/dev/null || echo "$change"
    done
    """
    assert said(cow(cloche, script, *ME, cwd=tree)) == []


@prepared
def test_me_of_another_group(cloche, tree):
    """It is the owner who reads, wherever the file is, also when the group is none in the cell."""
    os.chown(tree / "secret", cloche.who.uid, 200000)
    assert said(cow(cloche, f"cat {tree}/secret", *ME, cwd="/")) == ["secret"]


def test_me_at_another_time(cloche):
    """Its offsets are written after init has changed its ids."""
    assert said(cow(cloche, "cut -c-4 /proc/uptime", *ME, "--uptime=3d")) == ["2592"]


def test_me_in_a_prepared_tree(cloche, system):
    own = f"{cloche.who.uid}"
    script = "id -u; cat /etc/name; echo x >/etc/name; cat /etc/name; stat -c %u / /etc/name /bin"
    assert said(cow(cloche, script, *ME, root=system)) == [own, "system", "x", own, own, own]


# ---- the current directory ----

def where_am_i(cloche, **arguments):
    return said(cow(cloche, "pwd -P; cat a; echo x >new; cat new", **arguments))


def test_the_current_directory_stays(cloche, tree):
    assert where_am_i(cloche, cwd=tree) == [str(tree), "a", "x"]
    assert not (tree / "new").exists()


def test_behind_a_link(cloche, tree):
    link = cloche.cwd / "to-tree"
    link.symlink_to(tree)
    assert where_am_i(cloche, cwd=link) == [str(tree), "a", "x"]


def test_with_odd_characters(cloche, tree):
    odd = tree.parent / "a:b,c\\d\\040e=f 'g'\nh\t\xfc" / "upperdir=x"
    odd.parent.mkdir()
    tree.rename(odd)
    result = cow(cloche, "cat a; echo x >new; cat new", cwd=odd)
    assert said(result) == ["a", "x"]
    assert not (odd / "new").exists()


def test_deep_down(cloche, tree):
    deep = tree / ("d" * 200) / ("e" * 200) / ("f" * 200) / ("g" * 200)
    deep.mkdir(parents=True)
    (deep / "a").write_text("a\n")
    for path in (deep, *deep.parents[:4]):
        cloche.who.owns(path)
    assert where_am_i(cloche, cwd=deep) == [str(deep), "a", "x"]


@pytest.mark.parametrize("kind", ("tmpfs", "bind", "overlay", "ext4"))
@prepared
def test_a_mount_point(cloche, tree, kind):
    point, who = cloche.cwd / "point", cloche.who
    prepare = {
        "tmpfs": f"mount -t tmpfs tmpfs {point}",
        "bind": f"mount --bind {tree} {point}",
        "overlay": f"mkdir {tree.parent}/u {tree.parent}/w; chown {who.uid} {tree.parent}/u; "
                   f"mount -t overlay -o lowerdir={tree},upperdir={tree.parent}/u,"
                   f"workdir={tree.parent}/w overlay {point}",
        "ext4": f"truncate -s 8M {tree.parent}/image; mke2fs -q -t ext4 {tree.parent}/image; "
                f"mount -o loop {tree.parent}/image {point}",
    }[kind]
    prepare = (f"mkdir {point}; {prepare}; chown {who.uid}:{who.gid} {point}; "
               f"test -e {point}/a || echo a >{point}/a; mkdir -p {point}/sub; "
               f"chown {who.uid} {point}/a {point}/sub")
    # An overlay cannot be id-mapped.
    lost = who.is_root and (kind == "overlay" or kind == "tmpfs" and not tmpfs_has_owners)
    for cwd in (point, point / "sub"):
        result = cow_on(cloche, f"rm -rf {point} {tree.parent}/u {tree.parent}/w\n{prepare}",
                        f"pwd -P; cat {point}/a; echo x >new; cat new; mkdir n; touch n/f", cwd=cwd)
        assert result.status == 0, result
        assert ("without their owners" in result.err) == lost, result
        assert result.out.splitlines() == [str(cwd), "a", "x"]


# What a container is: its root is an overlay, and so no file has an owner in a cell of root's.
CONTAINER = """
mkdir {top}/c; mount -t tmpfs tmpfs {top}/c; cd {top}/c; mkdir u w r
mount -t overlay -o lowerdir=/,upperdir=u,workdir=w overlay r; cd r
mount -t proc proc proc; mount -t sysfs sysfs sys; mount --rbind /dev dev
echo container >../file; mount --bind ../file etc/hosts; mount --bind ../file etc/resolv.conf
mkdir old_root 2>/dev/null || :; pivot_root . old_root; umount -l old_root; cd /
mkdir -p -m 755 /srv/a /srv/a/own; cd /srv/a/own; mkdir d; echo f >d/f
touch $(seq -f d/m%g {files}); chown -R {uid}:{uid} .
mkdir -m 700 /root/own; cp -r d /root/own
"""


@pytest.mark.parametrize("files", (10, 5000))
@prepared
def test_in_a_container(cloche, files):
    """As root, a tree that is small enough is copied; a big one can be seen, and added to."""
    who, cwd = cloche.who, "/srv/a/own"
    # A closed directory, as root's HOME is, cannot be hidden where it cannot be removed.
    home = "" if who.is_root and not removes_directories else "~/f"
    prepare = CONTAINER.format(top=cloche.cwd, files=files, uid=who.uid)
    script = f"""
    pwd; cat /etc/hosts /etc/resolv.conf; echo mine >/etc/resolv.conf; cat /etc/resolv.conf
    touch /tmp/f-$$ /var/tmp/f-$$ {home}; echo x >new; echo x >d/new
    (echo y >>d/f) 2>/dev/null || echo no; cat new d/new d/f
    """
    result = cow_on(cloche, prepare, script, cwd=cwd)
    assert result.status == 0, result
    changed = ["no", "x", "x", "f"] if who.is_root and files > 4096 else ["x", "x", "f", "y"]
    assert result.out.splitlines() == [cwd, "container", "127.0.1.1\tcloche", "container", "mine",
                                       *changed], result
    assert ("without their owners" in result.err) == who.is_root


@pytest.mark.only_root
@pytest.mark.parametrize("files", (10, 5000))
def test_a_closed_directory_in_a_container(cloche, files):
    prepare = CONTAINER.format(top=cloche.cwd, files=files, uid=0)
    result = cow_on(cloche, prepare, "cat d/f; echo x >>d/f; cat d/f; ls ..; echo x >../x",
                    cwd="/root/own")
    if files < 4096 and removes_directories:
        assert (result.status, result.out) == (0, "f\nf\nx\nown\n"), result
    else:
        assert result.status == 125
        assert "cannot enter the working directory" in result.err and "EACCES" in result.err


@pytest.mark.parametrize("owner, mode", ((0, 0o755), (0, 0o777), (1234, 0o755), (1234, 0o777)))
@prepared
def test_owned_by_another(cloche, tree, owner, mode):
    os.chown(tree, owner, owner)
    tree.chmod(mode)
    cloche.cwd.chmod(0o755)
    before = picture(tree)
    assert said(cow(cloche, "pwd -P; cat a d/b; echo x >>d/b; cat d/b", cwd=tree)) == [
        str(tree), "a", "b", "b", "x"]
    assert picture(tree) == before


@pytest.mark.only_root
@pytest.mark.parametrize("owner", (0, 1234))
def test_owned_by_another_and_closed(cloche, tree, owner):
    os.chown(tree, owner, owner)
    tree.chmod(0o700)
    assert where_am_i(cloche, cwd=tree) == [str(tree), "a", "x"]


@pytest.mark.usefixtures("owners_on_tmpfs")
@prepared
def test_below_a_directory_of_root(cloche):
    """What is written is copied with the directories above it, whose owner has no id in the cell."""
    prepare = (f"mkdir -p /srv/a/b/own/c; echo x >/srv/a/b/own/c/f; "
               f"chown -R {cloche.who.uid}:{cloche.who.gid} /srv/a/b/own")
    prepare = f"mount -t tmpfs tmpfs /srv; {prepare}; chmod 755 /srv /srv/a /srv/a/b"
    for cwd in ("/srv/a/b/own/c", "/srv/a/b/own", "/srv/a/b"):
        assert said(cow_on(cloche, prepare, "cd /srv/a/b/own/c; echo y >>f; echo z >g; cat f g",
                           cwd=cwd)) == ["x", "y", "z"]


@pytest.mark.usefixtures("owners_on_tmpfs")
def test_in_shared_memory(cloche):
    place = Path("/dev/shm") / f"cloche-test-{os.getpid()}" / "d"
    place.mkdir(parents=True)
    try:
        cloche.who.owns(place)
        (place / "a").write_text("a\n")
        assert where_am_i(cloche, cwd=place) == [str(place), "a", "x"]
        assert said(cow(cloche, f"ls -A /dev/shm; ls {place}", cwd=place)) == [
            place.parent.name, "a"]
        assert said(cow(cloche, "ls -A /dev/shm")) == []
        assert sorted(os.listdir(place)) == ["a"]
    finally:
        shutil.rmtree(place.parent)


# ---- what is shown ----

def test_the_top_of_the_machine(cloche):
    """Everything at / is there, of the same kind."""
    listed = said(cow(cloche, "cd /; for f in .* *; do test -e \"$f\" || test -L \"$f\" || continue;"
                      " stat -c '%F %N' \"$f\"; done"))
    def kind(path):
        return subprocess.run(["stat", "-c", "%F %N", path], cwd="/", capture_output=True,
                              check=True).stdout.decode().strip()
    machine = [kind(name) for name in [".", "..", *os.listdir("/")]]
    assert sorted(listed) == sorted(machine)


def test_kernel_file_systems_are_the_cells_own(cloche):
    script = """
    cat /proc/1/comm; ls /sys/class/net; ls -A /dev; ls -A /dev/shm /dev/pts
    readlink /dev/fd /dev/stdin /dev/stdout /dev/stderr /dev/ptmx; echo x >/dev/null
    echo <<END | cat /dev/fd/0
    y
END
    """
    assert said(cow(cloche, script)) == [
        "cloche-init", "lo", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm",
        "stderr", "stdin", "stdout", "tty", "urandom", "zero", "/dev/pts:", "ptmx", "",
        "/dev/shm:", "/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2",
        "pts/ptmx", ""]


def test_the_machinery_is_not_seen(cloche):
    names = [name for name in ("/old", "/lower", "/patch", "/cell", "/host", "/dev-full")
             if not os.path.lexists(name)]  # a machine may have a directory of that name
    seen = said(cow(cloche, f"ls -d {' '.join(names)} 2>/dev/null || :; cat /proc/self/mountinfo"))
    assert all(" - " in line for line in seen), seen
    assert not any("/old" in line.split()[4] or "/lower" in line.split()[4] for line in seen)


MOUNTS = """
cd {top}
mkdir m 'm/a b' 'm/c\\d' m/e:f,g m/deep m/deep/er m/over m/over/below m/closed m/read
for d in 'm/a b' 'm/c\\d' m/e:f,g m/deep; do mount -t tmpfs tmpfs "$d"; echo $d >"$d/f"; done
mkdir m/deep/er; mount -t tmpfs tmpfs m/deep/er; echo x >m/deep/er/f
dd if=/dev/zero of=m/deep/er/big bs=1M count=2 2>/dev/null
mount -t tmpfs tmpfs m/over; mkdir m/over/below; mount -t tmpfs tmpfs m/over/below
echo hidden >m/over/below/f; mount -t tmpfs tmpfs m/over; echo over >m/over/f
echo small >small; truncate -s 2M large; echo large >>large; touch m/small m/large m/socket
mount --bind small m/small; mount --bind large m/large
chown {uid}:{uid} small large; chown -R {uid}:{uid} m; mount -t proc proc m/read
"""


@pytest.mark.usefixtures("owners_on_tmpfs")
@prepared
def test_mounts_below(cloche):
    top = cloche.cwd
    script = """
    cd m; cat 'a b/f' 'c\\d/f' e:f,g/f deep/f deep/er/f over/f small; tail -c6 large; ls over read
    for f in 'a b/f' 'c\\d/f' e:f,g/f deep/f deep/er/f deep/er/big over/f small; do
        echo changed >"$f"; cat "$f"; done
    (echo x >>large) 2>&1 | grep -o Read-only; stat -c %s deep/er/big
    """
    result = cow_on(cloche, MOUNTS.format(top=top, uid=cloche.who.uid), script, cwd=top)
    assert said(result) == [
        "m/a b", "m/c\\d", "m/e:f,g", "m/deep", "x", "over", "small", "large", "over:", "f", "",
        "read:", *["changed"] * 8, "Read-only", "8"]
    assert (top / "small").read_text() == "small\n"


@prepared
def test_mounts_are_no_findings(cloche):
    """Only what the case mounted itself is found."""
    top, leaves = cloche.cwd, cloche.cwd / "leaves"
    leaves.write_text("#!/bin/sh\nmkdir /mnt/new\\ one && mount -t tmpfs x /mnt/new\\ one\n")
    leaves.chmod(0o755)
    for root in ("cow", "host"):
        prepare = f"rm -rf {top}/m\n" + MOUNTS.format(top=top, uid=cloche.who.uid)
        prepare += "mount -t tmpfs -o mode=777 tmpfs /mnt"
        result = cow_on(cloche, prepare.replace("set -e", ""), "true", cwd=top)
        assert result.status == 0, result
        words = f"{cloche.path} run --report=jsonl --root={root} {leaves}"
        if not cloche.who.is_root:
            words = f"setpriv --reuid={cloche.who.uid} --regid={cloche.who.gid} " \
                    f"--clear-groups {words}"
        program = Program(cloche.stage, Who("root"), "/", cloche.state)
        result = program.command("unshare", "-m", "sh", "-ec",
                                 f"rm -rf {top}/m\n{prepare}\ncd {top}\nexec {words}")
        (case,) = result.cases.values()
        assert case["verdict"] == "pass", result
        assert [f["text"] for f in case["findings"]] == ["/mnt/new one (tmpfs)"], (root, result)


def test_a_socket_of_the_machine_is_not_answered(cloche):
    """Overlays and copies have inodes of their own: what listens outside cannot be reached."""
    path = cloche.cwd / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen()
        script = ("test -S socket; python3 -c 'import socket\ntry: socket.socket(socket.AF_UNIX)"
                  ".connect(\"socket\")\nexcept OSError as e: print(type(e).__name__)'")
        assert said(cow(cloche, script)) == ["ConnectionRefusedError"]


def test_host_names_resolve(cloche):
    assert said(cow(cloche, "getent hosts $(hostname)")) == ["127.0.1.1       cloche"]
    assert said(cow(cloche, "getent hosts $(hostname); grep -c localhost /etc/hosts",
                    "--hostname=moon"))[0] == "127.0.1.1       moon"
    assert "cloche" not in Path("/etc/hosts").read_text()


# ---- what can go wrong ----

@pytest.mark.only_root
def test_too_many_mounts(cloche):
    prepare = (f"cd {cloche.cwd}; mkdir d; mount --bind d d; "
               "for i in $(seq 520); do mkdir d/$i; mount --bind d/$i d/$i; done")
    result = cow_on(cloche, prepare, "true")
    assert result.status == 125
    assert "more mounts" in result.err and "E2BIG" in result.err
    assert said(cow_on(cloche, f"rm -rf {cloche.cwd}/d\n" + prepare, "echo yes",
                       root="minimal")) == ["yes"]


@prepared
def test_overlays_of_overlays_of_overlays(cloche, tree):
    """The kernel stacks two, and there is nothing to show then."""
    where = cloche.cwd
    prepare = f"cd {where}; mkdir 1 2 3; chmod 755 . 1 2 3; mount -t tmpfs tmpfs 3; mkdir 3/u 3/w\n"
    prepare += f"mount -t overlay -o lowerdir={tree},upperdir=3/u,workdir=3/w overlay 1\n"
    prepare += f"mount -t overlay -o lowerdir=1:{tree}/d overlay 2"
    result = cow_on(cloche, prepare, "true", cwd=where / "2")
    assert result.status == 125, result
    assert "root: cannot mount an overlay: " in result.err and "(EINVAL)" in result.err
    assert "--root=minimal" in result.err
    # Elsewhere it is in nobody's way.
    prepare = f"rm -rf {where}/[123]\n{prepare}"
    assert said(cow_on(cloche, prepare, f"cat {where}/2/a")) == ["a"]


def test_a_cell_in_a_cell(cloche, tree):
    inner = (f"{cloche.path} exec --root=cow -- sh -ec "
             "'cat a; cat /proc/1/comm; echo in >>a; cat a'; cat a")
    result = cow(cloche, inner, cwd=tree)
    assert said(result) == ["a", "cloche-init", "a", "in", "a"]


# ---- root=DIR ----

@pytest.fixture
def system(cloche):
    """A hand-made system: busybox, a file, a secret; no /proc, no /tmp."""
    top = cloche.cwd / "system"
    (top / "bin").mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), top / "bin/busybox")
    for name in ("sh", "cat", "ls", "mount", "stat", "id", "rm", "mkdir", "readlink"):
        (top / "bin" / name).symlink_to("busybox")
    (top / "etc").mkdir()
    (top / "etc/name").write_text("system\n")
    (top / "etc/name").chmod(0o600)
    for path in (top, *top.rglob("*")):
        os.chown(path, cloche.who.uid, cloche.who.gid, follow_symlinks=False)
    return top


def test_a_prepared_tree(cloche, system):
    before = picture(system)
    script = """
    cat /etc/name; pwd; ls /; cat /proc/1/comm; ls /sys/class/net; stat -c '%a %n' /tmp /run
    echo x >/etc/name; echo y >/new; rm /bin/id; mkdir /tmp/d; echo >/dev/null; cat /etc/name /new
    readlink /dev/fd
    """
    assert said(cow(cloche, script, root=system)) == [
        "system", "/", "bin", "dev", "etc", "proc", "run", "sys", "tmp", "cloche-init", "lo",
        "1777 /tmp", "755 /run", "x", "y", "/proc/self/fd"]
    assert picture(system) == before


def test_a_prepared_tree_behind_a_link(cloche, system):
    link = cloche.cwd / "link"
    link.symlink_to(system)
    assert said(cow(cloche, "cat /etc/name", root=link)) == ["system"]
    assert said(cow(cloche, "cat /etc/name", root=f"{system}/")) == ["system"]


def test_trees_of_many_cases(cloche, system, build_suite):
    """Each case has its own root; those of others are in nobody's way."""
    other = cloche.cwd / "other"
    shutil.copytree(system, other, symlinks=True)
    (other / "etc/name").write_text("other\n")
    cloche.who.owns(other / "etc/name")
    suite = build_suite("trees", f"""
    #include <cloche.h>
    #include <stdio.h>
    static const char *name(void)
    {{
        static char text[32];
        FILE *file = fopen("/etc/name", "r");
        return file && fgets(text, sizeof(text), file) ? text : "none";
    }}
    TEST(one, .root = "{system}") {{ EXPECT_STR(name(), ==, "system\\n"); }}
    TEST(two, .root = "{other}") {{ EXPECT_STR(name(), ==, "other\\n"); }}
    TEST(gone, .root = "/nowhere") {{ EXPECT(1, ==, 1); }}
    TEST(none) {{ EXPECT_STR(name(), ==, "none"); }}
    TEST(cow, .root = ROOT_COW) {{ EXPECT_STR(name(), ==, "none"); }}
    """)
    result = cloche.run(suite)
    assert result.verdicts == {"one": "pass", "two": "pass", "gone": "error", "none": "pass",
                               "cow": "pass"}, result
    assert "does not exist" in result.cases["gone"]["reason"]


@prepared
def test_a_prepared_tree_with_mounts(cloche, system):
    """As a chroot often has them; the kernel's own are replaced, the others shown."""
    prepare = (f"cd {system}; mkdir proc mnt data; mount -t proc proc proc; mount -t tmpfs tmpfs mnt;"
               f"echo m >mnt/f; mount --bind etc data; chown -R {cloche.who.uid} mnt")
    script = "cat /mnt/f /data/name /etc/name; cat /proc/1/comm; echo x >/mnt/f; echo y >/etc/name;" \
             "cat /mnt/f /etc/name"
    assert said(cow_on(cloche, prepare, script, root=system)) == [
        "m", "system", "system", "cloche-init", "x", "y"]
    assert (system / "etc/name").read_text() == "system\n"


def test_a_tree_that_is_not_there(cloche):
    result = cow(cloche, "true", root=cloche.cwd / "nothing")
    assert result.status == 125
    assert "does not exist" in result.err and "--root=cow" in result.err


def test_a_tree_that_is_a_file(cloche):
    result = cow(cloche, "true", root=cloche.script("file", ""))
    assert result.status == 125
    assert result.err == \
        "cloche: what is to be the root is no directory; give one, or use --root=cow\n"


@pytest.mark.only_user
def test_a_tree_behind_a_closed_directory(cloche):
    result = cow(cloche, "true", root="/root/tree")
    assert result.status == 125
    assert result.err == ("cloche: the way to the directory that is to be the root is closed; "
                          "open it, or use --root=cow\n")


@pytest.mark.only_user
def test_a_tree_of_somebody_else(cloche):
    result = cow(cloche, "true", root="/root")
    assert result.status == 125
    assert "EACCES" in result.err and "readable" in result.err, result


# ---- root=host ----

def test_the_machine_itself(cloche, tree):
    """Real changes, as far as the cell's root may make them; processes are the cell's own."""
    tree.chmod(0o777)
    for path in (cloche.cwd, tree):
        path.chmod(0o777)
    script = "cat a; echo x >new; cat /proc/1/comm; pwd -P; ls -d /proc /sys /dev /usr"
    assert said(cow(cloche, script, root="host", cwd=tree)) == [
        "a", "cloche-init", str(tree), "/dev", "/proc", "/sys", "/usr"]
    assert (tree / "new").read_text() == "x\n"
