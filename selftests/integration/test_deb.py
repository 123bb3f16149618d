# SPDX-License-Identifier: MIT
"""The Debian packages: what is in them, and that they come and go without a trace.

CLOCHE_DEB names a directory that has them; otherwise they are built, by ci/deb.sh.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from program import SOURCE, cache_value

pytestmark = [pytest.mark.plain, pytest.mark.only_root]


@pytest.fixture(scope="module")
def packages(stage):
    """Where everybody may read them: {name: path}."""
    made = stage / "deb"
    if "CLOCHE_DEB" in os.environ:
        shutil.copytree(os.environ["CLOCHE_DEB"], made)
    else:
        plain = {**os.environ, "DEB_BUILD_OPTIONS": "noautodbgsym"}  # debug symbols take their time
        built = subprocess.run([SOURCE / "ci/deb.sh", made], capture_output=True, text=True,
                               check=False, env=plain)
        assert built.returncode == 0, built.stdout + built.stderr
    return {path.name.partition("_")[0]: path for path in Path(made).glob("*.deb")
            if "dbgsym" not in path.name}


def contents(package):
    listed = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True)
    return {line.split()[5][1:]: line for line in listed.stdout.splitlines()}


def field(package, name):
    return subprocess.run(["dpkg-deb", "-f", package, name], capture_output=True, text=True,
                          check=True).stdout.strip()


def test_what_is_in_them(packages):
    assert set(packages) == {"cloche", "libcloche0", "libcloche-dev"}
    program = contents(packages["cloche"])
    library = contents(packages["libcloche0"])
    development = contents(packages["libcloche-dev"])
    triplet = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], capture_output=True,
                             text=True, check=True).stdout.strip()
    for path in ("/usr/bin/cloche", "/usr/share/man/man1/cloche-run.1.gz",
                 "/usr/share/man/man5/cloche.ini.5.gz",
                 "/usr/share/bash-completion/completions/cloche",
                 "/usr/share/zsh/vendor-completions/_cloche",
                 "/usr/share/fish/vendor_completions.d/cloche.fish"):
        assert path in program, path
    assert f"/usr/lib/{triplet}/libcloche.so.0" in library
    for path in ("/usr/include/cloche.h", f"/usr/lib/{triplet}/libcloche.a",
                 f"/usr/lib/{triplet}/pkgconfig/cloche.pc",
                 f"/usr/lib/{triplet}/cmake/cloche/clocheConfig.cmake",
                 "/usr/share/man/man3/cloche.3.gz"):
        assert path in development, path
    together = [*program, *library, *development]
    files = [path for path in together if not path.endswith("/")]
    assert len(files) == len(set(files))
    for listing in (program, library, development):
        for line in listing.values():  # nothing is setuid, all of it is root's
            assert re.match(r"[-dl][r-][w-][x-][r-][w-][x-][r-][w-][x-] root/root ", line), line


def test_what_they_say_of_themselves(packages):
    for package in packages.values():
        assert field(package, "Version").partition("-")[0] == cache_value("CMAKE_PROJECT_VERSION")
    assert "libc6" in field(packages["cloche"], "Depends")
    assert "libinih" not in field(packages["libcloche0"], "Depends")
    assert "libcloche0 (=" in field(packages["libcloche-dev"], "Depends")
    assert "inih (= " in field(packages["libcloche-dev"], "Static-Built-Using")


SCRIPT = r"""
set -e
trace() { find /usr /etc /opt -xdev ! -path /etc/ld.so.cache ! -name '*.pyc' | sort; }
ldconfig
trace > /tmp/before
dpkg -i "$@" > /tmp/log 2>&1 || { cat /tmp/log; exit 1; }
dpkg --verify cloche libcloche0 libcloche-dev
/usr/bin/cloche --version
man_page=$(dpkg -L cloche | grep cloche-run.1)
[ -f "$man_page" ]
cat > /tmp/t_one.c <<'END'
#include <cloche.h>
TEST(one) { EXPECT(1 == 1); }
END
cc /tmp/t_one.c -o /tmp/t_static -l:libcloche.a -ljansson -ldl
cc /tmp/t_one.c -o /tmp/t_shared $(pkg-config --cflags --libs cloche)
/tmp/t_static --report=tap | grep '^ok 1'
/tmp/t_shared --report=tap | grep '^ok 1'
/usr/bin/cloche run --report=tap /tmp/t_static | grep '^ok 1'
dpkg -P cloche libcloche-dev libcloche0 > /tmp/log 2>&1 || { cat /tmp/log; exit 1; }
trace > /tmp/after
diff /tmp/before /tmp/after
[ ! -e /usr/bin/cloche ]
echo all is well
"""


def test_they_are_installed_and_purged_without_a_trace(cloche, packages):
    """In a cell, which is the only place where this may be done."""
    result = cloche("exec", "--root=cow", "--ids=full", "--timeout=5m", "--processes=4096", "--",
                    "sh", "-c", SCRIPT, "sh", *packages.values(), timeout=300)
    assert result.status == 0 and result.out.endswith("all is well\n"), result
    assert subprocess.run(["dpkg-query", "-W", "libcloche0"], capture_output=True,
                          check=False).returncode == 1  # and not on the machine
