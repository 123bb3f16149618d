# SPDX-License-Identifier: MIT
"""GNOME's installed tests: files NAME.test, one by one or a directory of them."""

import shutil

import pytest


@pytest.fixture
def tests(cloche):
    """write(name, exec, *lines): a test below installed-tests; its value is that directory."""
    top = cloche.cwd / "share/installed-tests"

    def write(name, command, *lines, type="session"):
        path = top / f"{name}.test"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["# a comment", "[Other]", "Exec=/bin/false", "[Test]",
                                   f"Exec = {command}", f"Type={type}", *lines]) + "\n")
        return path
    write.top = top
    return write


def test_directory(cloche, tests):
    tests("glib/passes", "/bin/true")
    tests("glib/fails", "/bin/sh -c 'exit 3'")
    tests("gio/skips", "sh -c \"exit 77\"", type="session-exclusive")
    tests("gio/tap", r"sh -c 'printf \"1..2\\nok 1\\nnot ok 2\\n\"'".replace(r"\"", '"'),
          "Output=TAP")
    tests("gio/dies", "sh -c 'kill -SEGV $$'")
    listed = cloche("list", tests.top)
    assert [line.split("::")[1] for line in listed.out.splitlines()] == \
        ["gio/dies.test", "gio/skips.test", "gio/tap.test", "glib/fails.test", "glib/passes.test"]
    result = cloche.run(tests.top)
    assert result.verdicts == {"glib/passes.test": "pass", "glib/fails.test": "fail",
                               "gio/skips.test": "skip", "gio/tap.test": "fail",
                               "gio/dies.test": "crash"}
    assert result.cases["gio/dies.test"]["reason"] == "killed by SIGSEGV"
    assert "session-exclusive would prevent" in result.err
    apart = cloche.run(tests.top, "--trust-isolation=none")
    assert apart.verdicts == result.verdicts and "session-exclusive" not in apart.err


def test_one_file(cloche, tests):
    """Its name is the one that it has among all others."""
    assert cloche.run(tests("glib/one", "true")).verdicts == {"glib/one.test": "pass"}
    loose = cloche.cwd / "loose.test"
    loose.write_text("[Test]\nExec=true\n")
    assert cloche.run(loose).verdicts == {"loose.test": "pass"}


def test_words_and_variables(cloche, tests):
    """Nothing is expanded in Exec=; an item of TestEnvironment= may contain its separator."""
    script = cloche.script("say", '#!/bin/sh\nfor word; do echo "<$word>"; done\n'
                           'echo "[$A][$B][$(ls -A | wc -l)]"\nexit 1\n')
    tests("my/words", rf"""{script} 'it is' "a\\"b" * $HOME '' c\\ d""",
          r"TestEnvironment=A=x\;y;B=z=1;")
    result = cloche.run(tests.top)
    text = result.cases["my/words.test"]["output"]["text"]
    at = 0  # the session bus may say something in between, at any moment
    for word in ("<it is>", '<a"b>', "<*>", "<$HOME>", "<>", "<c d>", "[x;y][z=1][0]"):
        assert word in text[at:], text
        at = text.index(word, at)


@pytest.mark.skipif(not shutil.which("dbus-run-session"), reason="there is no dbus-run-session")
def test_session_bus(cloche, tests):
    tests("my/bus", "dbus-send --session --print-reply --dest=org.freedesktop.DBus / "
          "org.freedesktop.DBus.GetId")
    assert cloche.run(tests.top).verdicts == {"my/bus.test": "pass"}


def test_what_cannot_be_run(cloche, tests):
    tests("my/gone", "/no/such/program")
    result = cloche.run(tests.top)
    assert result.verdicts == {"my/gone.test": "error"}
    assert "'/no/such/program', which it runs, cannot be executed: No such file or directory" in \
        result.cases["my/gone.test"]["reason"]


@pytest.mark.parametrize("text, why", [
    ("[Test]\nType=session\n", "has no Exec= in [Test]"),
    ("[Test]\nExec=sh -c 'x\n", "has a quote that is not closed"),
    ("[Test]\nExec=\n", "is empty"),
    ("[Test]\nExec=true\nType=user\n", "is of the type 'user', and there are only session and"),
])
def test_what_is_no_test(cloche, text, why):
    path = cloche.cwd / "odd.test"
    path.write_text(text)
    result = cloche("list", "--kind=gnome", path)
    assert result.status == 104
    assert "cannot be listed as GNOME's installed tests" in result.err and why in result.err


def test_other_files_of_that_name(cloche):
    """*.test is Tcl's, too; and a directory with programs in it is searched for all suites."""
    directory = cloche.cwd / "installed-tests"
    cloche.script("installed-tests/tcl.test", "#!/bin/sh\n# [Test]\n")
    (directory / "my.test").write_text("[Test]\nExec=true\n")
    assert cloche.run(directory).verdicts == {"tcl.test": "pass", "my.test": "pass"}
    empty = cloche.cwd / "empty"
    empty.mkdir()
    result = cloche("list", "--kind=gnome", empty)
    assert result.status == 104 and "there is no file NAME.test in it" in result.err
