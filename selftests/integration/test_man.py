# SPDX-License-Identifier: MIT
"""The man pages: they are well-formed, and say of every command, flag, key and option."""

import re
import subprocess

import pytest

from program import BUILD, SOURCE

PAGES = sorted((BUILD / "man").glob("man*/*"))


def text(name, section):
    """A page as it is read."""
    path = BUILD / f"man/man{section}/{name}.{section}"
    out = subprocess.run(["mandoc", "-Tutf8", "-Owidth=100", path], capture_output=True, check=True)
    return re.sub(r".\x08", "", out.stdout.decode()).replace("\xa0", " ")


def help_flags(cloche, *words):
    result = cloche(*words, "--help")
    return set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", result.out, re.MULTILINE))


def test_there_are_pages():
    names = {path.name for path in PAGES}
    assert {"cloche.1", "cloche-run.1", "cloche-config.1", "cloche.3", "cloche.ini.5"} <= names


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_are_well_formed(path):
    for command in (["mandoc", "-Tlint", "-W", "warning"],
                    ["groff", "-ww", "-mdoc", "-Tutf8", "-z"]):
        result = subprocess.run([*command, path], capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", ""), path


@pytest.mark.only_user
def test_every_command_has_a_page_with_all_its_flags(cloche):
    commands = re.findall(r"^  cloche ([a-z]+)", cloche("--help").out, re.MULTILINE)
    assert "run" in commands
    program = text("cloche", 1)
    for command in commands:
        page = text(f"cloche-{command}", 1)
        found = set(re.findall(r"--([a-z-]+)", page))
        flags = help_flags(cloche, command)
        assert "help" in flags and flags <= found, (command, flags - found)
        assert f"cloche-{command}(1)" in program
        for status in re.findall(r"^  ([0-9N +]+[0-9N]|0)  ", cloche(command, "--help").out,
                                 re.MULTILINE):
            assert re.search(rf"^     {re.escape(status)}( |$)", page, re.MULTILINE), (command, status)


@pytest.mark.only_user
def test_every_key_of_the_file_is_in_its_page(cloche):
    page = text("cloche.ini", 5)
    keys = re.findall(r"^(?:; )?([a-z-]+) =", cloche("config").out, re.MULTILINE)
    assert len(keys) > 30
    for key in keys:
        assert re.search(rf"^     {key} = ", page, re.MULTILINE), key
    for heading in ("[run]", "[profile NAME]", "[override NAME]", "[group NAME]",
                    "[suites NAME]", "[setup NAME]"):
        assert heading in page
    assert not re.search(r"^     (help|exact|no-config) = ", page, re.MULTILINE)


def test_every_variable_that_is_read_is_in_a_page():
    pages = "".join(text(path.stem, path.suffix[1:]) for path in PAGES if path.suffix == ".1")
    read = set()
    for source in (path for folder in ("", "report/", "suite/")
                   for path in SOURCE.glob(f"runner/{folder}*.c")):
        read |= set(re.findall(r"(?:getenv|variable|is_true)\(\"([A-Z_]+)\"\)", source.read_text()))
    assert "CLOCHE_CONFIG" in read
    for name in read - {"USER"}:  # which is set, and not asked
        assert re.search(rf"\b{name}\b", pages), name


def test_what_is_an_example_can_be_copied():
    """No hyphen, quote or backslash was made prettier."""
    page = text("cloche.ini", 5)
    assert 'command = ./make-database && echo "DATABASE=$PWD/db" >> "$CLOCHE_ENV"' in page
    assert 'EXPECT_STR(name, ==, "moon");' in text("cloche", 3)
    assert "'gdb --args'" in text("cloche-run", 1)


def test_the_library_page_has_every_option_and_macro():
    page = text("cloche", 3)
    header = (SOURCE / "harness/cloche.h").read_text()
    public = header[:header.index("/* How it works")]
    struct = public[public.index("struct cloche_options {"):]
    struct = re.sub(r"/\*.*?\*/", "", struct[:struct.index("\n};")], flags=re.DOTALL)
    options = re.findall(r"(\w+)[,;]", struct)
    assert len(options) > 25
    for option in options:
        assert re.search(rf"^     .*\b{option}\b", page, re.MULTILINE), option
    for macro in re.findall(r"^#define (TEST\w*|EXPECT\w*|FIXTURE|SETUP|TEARDOWN)\(", public,
                            re.MULTILINE):
        assert f"{macro}(" in page, macro
    assert "cloche_call_" not in page and "CLOCHE_API" not in page and "*/" not in page


def test_pages_are_the_same_each_time(tmp_path):
    subprocess.run([BUILD / "cloche-manual", tmp_path / "man", SOURCE / "harness/cloche.h"],
                   check=True)
    for path in PAGES:
        assert path.read_bytes() == (tmp_path / path.relative_to(BUILD)).read_bytes()


def test_what_cannot_be_written_is_told(tmp_path):
    (tmp_path / "man1").write_text("in the way")
    result = subprocess.run([BUILD / "cloche-manual", tmp_path, SOURCE / "harness/cloche.h"],
                            capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == (f"cloche-manual: cannot write {tmp_path}/man1/cloche.1: "
                             "Not a directory\n")
