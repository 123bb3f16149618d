# SPDX-License-Identifier: MIT
"""Suites that no kind knows, by --list-command and --case-command, and what output means."""

import pytest

NASTY = ["plain", "two words", "it's", '"quoted"', "$HOME", "`id`", "back\\slash", "a;b|c&d", "*?[x]",
         "{name}", "--flag", "grüße", "#no comment", "tab\there", "(a) <b>", "!bang", "~"]

RUNNER = r"""#!/bin/sh
# An in-house framework: the list is a file beside it.
case $1 in
--list) cat "$2" ;;
--one) grep -qxF -e "$3" "$2" || { echo "no such case: <$3>"; exit 4; }
    echo "ran <$3>"
    case $3 in fails) exit 1 ;; skips) echo 'SKIPPED: no device' ;; warns) echo 'x: ERROR in it' ;; esac
    [ "$3" = silent ] || echo 'RESULT good' ;;
esac
"""


@pytest.fixture
def house(cloche):
    """house(*cases): a suite of that framework, and flags for it."""
    runner = cloche.script("runner", RUNNER)

    def make(*cases, name="cases with 'blank.txt"):
        path = cloche.cwd / name
        path.write_text("\n".join(cases) + "\n")
        return path, f"--list-command={runner} --list {{suite}}", \
            f"--case-command={runner} --one {{suite}} {{name}}"
    make.runner = runner
    return make


def test_cases(cloche, house):
    result = cloche.run(*house("passes", "fails"))
    assert result.verdicts == {"passes": "pass", "fails": "fail"}
    assert result.cases["fails"]["output"]["text"] == "ran <fails>\n"


def test_nasty_names(cloche, house):
    suite, lists, _ = house(*NASTY)
    for one in ("{name}", '"{name}"', "'{name}'", '""{name}'):
        result = cloche.run(suite, lists, f"--case-command={house.runner} --one {{suite}} {one}")
        assert result.verdicts == dict.fromkeys(NASTY, "pass"), one
    exact = cloche.run(*house(*NASTY), "--exact=it's")
    assert exact.verdicts == {"it's": "pass"}


def test_shell_is_left_alone(cloche, house):
    """What is not for us is the shell's."""
    suite, lists, _ = house("one")
    result = cloche.run(suite, lists, '--case-command=name=x; echo {name} ${name} {other}; exit 1')
    assert result.cases["one"]["output"]["text"] == "one x {other}\n"


def test_without_a_list(cloche):
    """A wrapper: each suite is a case, and may be anything."""
    suite = cloche.cwd / "data.txt"
    suite.write_text("hello\n")
    result = cloche.run("--case-command=grep -q hello {suite}", suite)
    assert result.verdicts == {"data.txt": "pass"}


def test_directory(cloche, house):
    """It is one suite, whatever is in it."""
    directory = cloche.cwd / "dir"
    cloche.script("dir/other", "#!/bin/sh\nexit 1\n")
    result = cloche.run("--list-command=ls {suite}", "--case-command=test -e {suite}/{name}",
                        directory)
    assert result.verdicts == {"other": "pass"}
    suite, lists, one = house("passes", name="dir/x.cases")
    limited = cloche.run("--kind=template=*.cases", lists, one, directory)
    assert limited.verdicts == {"passes": "pass", "other": "fail"}


def test_regular_expressions(cloche, house):
    flags = ("--pass-regex=^RESULT (good|fine)$", "--fail-regex=ERROR", "--skip-regex=^SKIPPED")
    result = cloche.run(*house("passes", "fails", "skips", "warns", "silent"), *flags)
    assert {name: (case["verdict"], case["reason"]) for name, case in result.cases.items()} == {
        "passes": ("pass", ""), "fails": ("fail", "exit status 1"),
        "skips": ("skip", "SKIPPED: no device"), "warns": ("fail", "x: ERROR in it"),
        "silent": ("fail", "printed nothing that matches the pass-regex '^RESULT (good|fine)$'")}
    script = cloche.script("plain", "#!/bin/sh\necho all is well\n")
    assert cloche.run(script, "--pass-regex=well$").verdicts == {"plain": "pass"}
    assert cloche.run(script, "--pass-regex=^well").verdicts == {"plain": "fail"}
    dies = cloche.script("dies", "#!/bin/sh\necho SKIPPED\nkill -SEGV $$\n")
    assert cloche.run(dies, *flags).verdicts == {"dies": "crash"}
    tap = cloche.script("tap", "#!/bin/sh\nprintf '1..1\\nnot ok 1\\nRESULT good\\n'\n")
    assert cloche.run(tap, flags[0]).verdicts == {"tap": "fail"}


def test_configuration(cloche, house):
    house("passes", "silent", name="a.cases")
    cloche.script("other", "#!/bin/sh\n")
    (cloche.cwd / "cloche.ini").write_text(
        f"[suites ours]\npaths = *.cases\nlist-command = {house.runner} --list {{suite}}\n"
        f"case-command = {house.runner} --one {{suite}} {{name}}\npass-regex = RESULT\n")
    assert cloche.run(".", "-E", "not suite(runner)").verdicts == \
        {"passes": "pass", "silent": "fail", "other": "pass"}
    above = cloche.run("a.cases", "--pass-regex=ran")
    assert above.verdicts == {"passes": "pass", "silent": "pass"}


@pytest.mark.parametrize("flags, why", [
    (["--list-command=ls"], "--list-command needs case-command, which runs one of the cases"),
    (["--list-command=ls", "--case-command=run"], "--case-command has no {name}, and would do the "
     "same for each case; say where the name goes"),
    (["--list-command=ls {name}", "--case-command=a {name}"], "--list-command: a list has no {name}"),
    (["--case-command=echo 'x {suite}"], "--case-command: a quote is not closed in it"),
    (["--case-command=echo \"$(cat {suite})\""], "where it cannot be quoted; put it into a variable"),
    (["--pass-regex=(x"], "--pass-regex: '(x' is no regular expression of POSIX's extended ones"),
])
def test_mistakes(cloche, flags, why):
    result = cloche.run(*flags, cloche.script("some", "#!/bin/sh\n"))
    assert result.status == 96 and why in result.err


def test_lists_that_are_none(cloche, house):
    suite, _, one = house("passes")
    for command, why in (("exit 3", "it ended with status 3"), ("echo; echo", "prints no case"),
                         ("echo no >&2; exit 1", "it ended with status 1, and said: no"),
                         (r"printf 'a\0b\n'", "prints what is no text")):
        result = cloche("list", suite, f"--list-command={command}", one)
        assert result.status == 104 and why in result.err, command
    alone = cloche("list", "--kind=template", suite)
    assert alone.status == 104 and "nothing says how a case is run; --case-command" in alone.err
