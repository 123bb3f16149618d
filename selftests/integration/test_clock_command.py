# SPDX-License-Identifier: MIT
"""cloche clock: the clocks of a cell, shown and set from within."""

import pytest

START = "2038-01-19T03:14:00Z"


@pytest.fixture
def ask(cloche):
    """Run a shell script in a cell with a clock; cloche itself is $C there."""

    def call(script, *options):
        return cloche("exec", "--root", "cow", "--wall", START, *options, "--", "sh", "-c",
                      f"C={cloche.path}; {script}")

    return call


def test_show(ask):
    result = ask("$C clock; $C clock show", "--uptime", "497d")
    assert result.status == 0, result.out
    assert result.out.count("wall       2038-01-19T03:1") == 2
    assert "boottime   42940" in result.out and "(497 days 00:0" in result.out
    assert "speed      1\n" in result.out
    assert "jumps      0\n" in result.out
    assert "machine    20" in result.out


@pytest.mark.parametrize(
    "words, date",
    [
        ("set 2040-02-29T12:00:00Z", "2040-02-29 12:0"),
        ("set @1893456000", "2030-01-01 00:0"),
        ("set +1d", "2038-01-20 03:1"),
        ("step 1h", "2038-01-19 04:1"),
        ("step -86400s", "2038-01-18 03:1"),
        ("step +0.5d", "2038-01-19 15:1"),
        ("suspend 8h", "2038-01-19 11:1"),
    ],
)
def test_what_it_does(ask, words, date):
    result = ask(f"$C clock {words} && date -u +'%F %T'")
    assert result.status == 0, result.out
    assert result.out.startswith(date), result.out


def test_speed_and_tai(ask):
    result = ask("$C clock speed 0 && date +%s.%N && date +%s.%N && $C clock tai 37 && $C clock")
    lines = result.out.splitlines()
    assert result.status == 0, result.out
    assert lines[0] == lines[1]
    assert "speed      0" in lines and "tai-wall   37 s" in lines


def test_suspend_leaves_monotonic_alone(ask):
    result = ask("$C clock suspend 8h && $C clock", "--uptime", "1d")
    assert "boottime   115200." in result.out and "monotonic  86400." in result.out


def test_nobody_needs_a_capability(ask):
    result = ask("$C clock set 2040-01-01T00:00:00Z && date -u +%Y", "--user", "me")
    assert result.out == "2040\n"


@pytest.mark.parametrize(
    "words, sentence",
    [
        ("sett now", "a clock cannot 'sett'; did you mean 'set'?"),
        ("bend", "a clock cannot 'bend'; it can show, set, step, tai, speed, suspend, advance"),
        ("set", "it is 'cloche clock set WHEN'"),
        ("advance 1 2 3", "it is 'cloche clock advance DURATION [STEP]'"),
        ("set soon", "a time is such as 2038-01-19T03:14:00Z, @2147483640, now, +30d or -1h"),
        ("set 1969-12-31T00:00:00Z", "a time lies in one of the years 1970 to 9999"),
        ("suspend -1h", "a duration is such as 90, 500ms, 1h30m or 30d"),
        ("speed fast", "the speed of the wall clock is from 0 to 1000000"),
        ("speed 1000001", "the speed of the wall clock is from 0 to 1000000"),
        ("tai 0.5", "CLOCK_TAI is ahead by a whole number of seconds, such as 37"),
        (
            "set 1970-01-01T00:00:00Z",
            "the kernel takes no time before the machine was started, nor after the year 2232",
        ),
    ],
)
def test_mistakes(ask, words, sentence):
    result = ask(f"$C clock {words}")
    assert result.status == 96
    assert result.err == f"cloche: {sentence}\n"


def test_outside_of_such_a_cell(cloche):
    inside = ["exec", "--root", "cow", "--", cloche.path]
    for where in ([], inside):
        result = cloche(*where, "clock", "set", "now")
        assert result.status == 96
        assert result.err == (
            "cloche: this is not a cell with a clock of its own; "
            "start one with 'cloche exec --wall now -- COMMAND'\n"
        )
