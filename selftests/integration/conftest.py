# SPDX-License-Identifier: MIT
"""Every test runs as root and as an ordinary user when it is root who starts them; else as the user.

CLOCHE_BUILD       the build directory (default build/)
CLOCHE_TEST_USER   the ordinary user's name (default clochetest)
CLOCHE_TEST_PATIENCE=SECONDS  how long to wait for anything (default 120), for a slow machine
CLOCHE_UPDATE=1    rewrite the golden files instead of comparing with them
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from program import BUILD, COVERAGE, FLAGS, SANITIZED, SOURCE, Program, Who

SAMPLES = ("demo", "comparing", "saying", "dying", "limited", "tampering", "sleeping", "many",
           "refuse")


def pytest_configure(config):
    config.addinivalue_line("markers", "plain: not for a build with sanitizers or coverage, which "
                            "print, need memory, or clash with those of the test's own suites")
    config.addinivalue_line("markers", "alone: looks at all of the machine, or at how much of it is "
                            "used: nothing else of cloche's may run at the same time")
    config.addinivalue_line("markers", "xdist_group(name): for one worker of pytest-xdist")
    config.addinivalue_line("markers", "only_root: needs privilege to prepare")
    config.addinivalue_line("markers", "only_user: is about somebody without privilege")
    if not (BUILD / "cloche").exists():
        pytest.exit(f"{BUILD}/cloche is not there; build it, or say where by CLOCHE_BUILD", 2)
    name = os.environ.get("CLOCHE_TEST_USER", "clochetest")
    try:
        os.geteuid() == 0 and pwd.getpwnam(name)
    except KeyError:
        pytest.exit(f"there is no user '{name}'; useradd {name}, or name one by CLOCHE_TEST_USER", 2)


def pytest_generate_tests(metafunc):
    if "who" not in metafunc.fixturenames:
        return
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    names = ["root", "user"] if os.geteuid() == 0 else ["user"]
    if "only_root" in marks:
        names = [name for name in names if name == "root"]
    if "only_user" in marks:
        names = [name for name in names if name == "user"]
    metafunc.parametrize("who", names, indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks
def pytest_collection_modifyitems(config, items):
    leave_out(config, items)
    for item in items:
        if builds(item) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))


def builds(item):
    """Whether it needs what its module makes once, which should not be made by every worker."""
    return any(name == "build_suite" or (made.scope != "function" and made.baseid.endswith(".py"))
               for name, found in item._fixtureinfo.name2fixturedefs.items() for made in found)


def leave_out(config, items):
    """Leave out what cannot be in this build: that is no skip, it is not a test of it."""
    def fits(item):
        if item.get_closest_marker("plain") and (SANITIZED or COVERAGE):
            return False
        return not (item.get_closest_marker("only_root") and os.geteuid() != 0)
    left_out = [item for item in items if not fits(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if fits(item)]


@pytest.fixture(scope="session")
def stage():
    """Copies of the programs where everybody can enter: the checkout may be in a 0700 directory."""
    with tempfile.TemporaryDirectory(prefix="cloche-integration-") as name:
        path = Path(name)
        path.chmod(0o755)
        shutil.copy(BUILD / "cloche", path)
        shutil.copytree(BUILD / "preload", path / "preload")
        for sample in SAMPLES:
            if (BUILD / "selftests/samples" / sample).exists():
                shutil.copy(BUILD / "selftests/samples" / sample, path)
        yield path


@pytest.fixture(scope="session")
def who(request):
    return Who(request.param)


@pytest.fixture
def work(who):
    """A directory of the user's own."""
    with tempfile.TemporaryDirectory(prefix="cloche-work-", ignore_cleanup_errors=True) as name:
        path = Path(name)
        path.chmod(0o755)  # root's cells are somebody else, who with --root=host needs the right
        yield who.owns(path)


@pytest.fixture(scope="session")
def states():
    """Where journals go: not to the user's own. Everybody has a directory in it."""
    with tempfile.TemporaryDirectory(prefix="cloche-states-") as name:
        path = Path(name)
        path.chmod(0o1777)
        yield path


@pytest.fixture
def cloche(stage, who, work, states):
    program = Program(stage, who, work, states / who.name)
    yield program
    program.end()


@pytest.fixture(scope="session")
def build_suite(stage):
    """build_suite(name, text, *flags): a native suite of that text, linked with this build."""
    made = stage / "built"
    made.mkdir()

    def build(name, text, *flags, compiler="gcc", suffix=".c"):
        directory = made / name
        directory.mkdir(exist_ok=True)
        source, target = directory / (name + suffix), directory / name
        if target.exists() and source.read_text() == text:
            return target
        source.write_text(text)
        command = [compiler, *FLAGS, "-g", *flags, "-I", SOURCE / "harness", source, "-o", target,
                   BUILD / "libcloche.a", "-ljansson", "-ldl", "-pthread"]
        subprocess.run(command, check=True, cwd=directory)
        return target

    return build
