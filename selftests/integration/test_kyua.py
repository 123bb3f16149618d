# SPDX-License-Identifier: MIT
"""Suites of Kyua, which kyua(1) itself reads: each case in a cell of its own."""

import pytest

TOP = """syntax(2)
test_suite('first')
plain_test_program{name='plain', timeout=20}
tap_test_program{name='tap', is_exclusive=true}
atf_test_program{name='shell'}
plain_test_program{name='lacking', required_programs='no-such-program'}
plain_test_program{name='nobody', required_user='unprivileged'}
include('below/Kyuafile')
"""

# What no reader of simple lists would understand.
BELOW = """syntax(2)
test_suite('second')
for file in fs.files('.') do
    if string.match(file, '_test$') then plain_test_program{name=file} end
end
"""

ATF = """#!/usr/bin/env atf-sh
atf_test_case good
good_body() { atf_check -o inline:'hi\\n' echo hi; }
atf_test_case bad cleanup
bad_body() { atf_fail "it's (so)"; }
bad_cleanup() { echo cleaned up; }
atf_test_case later
later_body() { atf_expect_fail "bug 3"; atf_fail yes; }
atf_init_test_cases() { for c in good bad later; do atf_add_test_case $c; done; }
"""


@pytest.fixture
def suite(cloche):
    top = cloche.cwd / "kyua"
    for name, text in (("plain", "exit 77"), ("tap", "printf '1..2\\nok 1\\nnot ok 2\\n'"),
                       ("lacking", "exit 1"), ("nobody", "test $(id -u) -ne 0"),
                       ("below/one_test", "kill -SEGV $$"), ("below/two_test", "pwd; ls -A"),
                       ("below/other", "exit 1")):
        cloche.script(f"kyua/{name}", f"#!/bin/sh\n{text}\n")
    cloche.script("kyua/shell", ATF)
    (top / "Kyuafile").write_text(TOP)
    (top / "below/Kyuafile").write_text(BELOW)
    return top


def test_cases(cloche, suite):
    result = cloche.run(suite)
    assert {name: (case["verdict"], case["reason"]) for name, case in result.cases.items()} == {
        "plain:main": ("fail", "Returned non-success exit status 77"),
        "tap:main": ("fail", "1 of 2 tests failed"),
        "shell:good": ("pass", ""), "shell:bad": ("fail", "it's (so)"),
        "shell:later": ("pass", "bug 3: yes"),
        "lacking:main": ("skip", "Required program 'no-such-program' not found in PATH"),
        "nobody:main": ("pass", ""),
        "below/one_test:main": ("error", "Received signal 11"),
        "below/two_test:main": ("pass", "")}
    assert "cleaned up" in result.cases["shell:bad"]["output"]["text"]
    assert "is_exclusive would prevent" in result.err


def test_file(cloche, suite):
    assert len(cloche.run(suite / "Kyuafile").verdicts) == 9
    assert cloche.run(suite / "Kyuafile", "--exact=shell:good").verdicts == {"shell:good": "pass"}


def test_what_kyua_refuses(cloche, suite):
    (suite / "Kyuafile").write_text("syntax(2)\nnonsense(\n")
    result = cloche("list", "--kind=kyua", suite)
    assert result.status == 104 and "cannot be listed as a suite of Kyua: it ended with" in result.err
    missing = cloche("list", "--env=PATH=/none", "--kind=kyua", suite)
    assert missing.status == 104 and "kyua" in missing.err
