# SPDX-License-Identifier: MIT
"""Go's test programs: each test, example and fuzz test in a cell of its own."""

import subprocess

import pytest

SOURCE = r"""package pkg

import (
	"errors"
	"fmt"
	"os"
	"testing"
)

func TestAdds(t *testing.T)     { t.Log("said") }
func TestAddsMore(t *testing.T) {}
func TestFails(t *testing.T)    { t.Log("only said"); t.Errorf("first\nand more"); t.Fatal("last") } // fails
func TestSkips(t *testing.T)    { t.Log("before"); t.Skip("no device") }
func TestSubtests(t *testing.T) {
	t.Log("parent")
	t.Run("a b", func(t *testing.T) { t.Error("inner") }) // inner
	t.Run("c", func(t *testing.T) { t.Skip("not this") })
}
func TestSkipsInside(t *testing.T) { t.Run("c", func(t *testing.T) { t.Skip("not this") }) }
func TestPanics(t *testing.T)      { panic(errors.New("boom\nbang")) } // panics
func TestEnds(t *testing.T)        { os.Exit(0) }
func TestEndsAsSkipped(t *testing.T) { os.Exit(77) }
func TestSource(t *testing.T) {
	if _, err := os.Stat("testdata/x"); err != nil {
		t.Fatal(err)
	}
}
func TestÜber(t *testing.T) {
	if name, _ := os.Hostname(); name != "cloche" {
		t.Fatal(name)
	}
}
func Example()     { fmt.Println("x") /* Output: x */ }
func ExampleBad()  { fmt.Println("y") /* Output: x */ }
func FuzzX(f *testing.F) { f.Add("a"); f.Fuzz(func(t *testing.T, s string) {}) }

func BenchmarkX(b *testing.B)    { if b.N > 1 { b.Fatal("again") } }
func BenchmarkBad(b *testing.B)  { b.Fatal("slow") }
func BenchmarkSkip(b *testing.B) { b.Skip("no device") }
"""

EXPECTED = {
    "TestAdds": "pass",
    "TestAddsMore": "pass",
    "TestFails": "fail",
    "TestSkips": "skip",
    "TestSubtests": "fail",
    "TestSkipsInside": "pass",
    "TestPanics": "fail",
    "TestEnds": "fail",
    "TestEndsAsSkipped": "fail",
    "TestSource": "pass",
    "TestÜber": "pass",
    "Example": "pass",
    "ExampleBad": "fail",
    "FuzzX": "pass",
}
BENCHMARKS = {"BenchmarkX": "pass", "BenchmarkBad": "fail", "BenchmarkSkip": "skip"}


def line_of(mark):
    return 1 + SOURCE[:SOURCE.index("// " + mark)].count("\n")


@pytest.fixture(scope="session")
def package(stage):
    """The module, its package, and programs built of it, in a directory that all may read."""
    directory = stage / "go"
    (directory / "pkg/testdata").mkdir(parents=True)
    (directory / "pkg/testdata/x").touch()
    (directory / "go.mod").write_text("module example.com/m\n")
    (directory / "pkg/x_test.go").write_text(SOURCE)
    for name, *flags in (("pkg.test",), ("trimmed.test", "-trimpath")):
        subprocess.run(["go", "test", "-c", *flags, "-o", directory / name, "./pkg"], check=True,
                       cwd=directory)
    return directory


@pytest.fixture
def program(package, work):
    target = work / "pkg.test"
    target.write_bytes((package / "pkg.test").read_bytes())
    target.chmod(0o755)
    return target


def test_cases(cloche, program):
    """In the directory of the package, wherever the program itself is."""
    result = cloche.run(program)
    assert result.status == 100 and result.verdicts == EXPECTED


def test_reasons_and_places(cloche, program, package):
    cases = cloche.run(program).cases
    source = str(package / "pkg/x_test.go")

    def told(name):
        return [(failure["file"], failure["line"], failure["text"].split("\n")[0])
                for failure in cases[name]["failures"]]
    line = line_of("fails")
    assert told("TestFails") == [(source, line, "only said"), (source, line, "first"),
                                 (source, line, "last")]
    assert cases["TestFails"]["reason"] == "last"
    assert told("TestSubtests") == [(source, line_of("inner"), "inner")]
    assert cases["TestSubtests"]["reason"] == "TestSubtests/a_b: inner"
    assert told("TestPanics") == [(source, line_of("panics"), "panic: boom")]
    assert cases["TestPanics"]["reason"] == "panic: boom"
    assert cases["TestSkips"]["reason"] == "no device"
    assert cases["TestEnds"]["reason"] == "ended in the middle, by exit(0)"
    assert cases["TestEndsAsSkipped"]["reason"] == "exit status 77"
    assert cases["ExampleBad"]["failures"][0]["text"] == "got:\ny\nwant:\nx"


def test_benchmarks(cloche, program):
    """Only on request, and then once."""
    result = cloche.run("--run-ignored=only", program)
    assert result.verdicts == BENCHMARKS
    assert result.cases["BenchmarkBad"]["reason"] == "slow"
    assert cloche.run("--exact=BenchmarkX", program).verdicts == {"BenchmarkX": "pass"}


def test_names_are_whole(cloche, program):
    result = cloche("run", program, "--exact=TestAdds", "--success-output=immediate")
    assert "RUN   TestAdds\n" in result.out and "TestAddsMore" not in result.out


def test_built_without_paths(cloche, package, program, work):
    """Beside its sources they are found; elsewhere it runs where cloche does."""
    (work / "pkg/testdata").mkdir(parents=True)
    (work / "pkg/testdata/x").touch()
    (work / "pkg/x_test.go").write_text(SOURCE)
    for target in (work / "pkg/pkg.test", work / "other.test"):
        target.write_bytes((package / "trimmed.test").read_bytes())
        target.chmod(0o755)
    assert cloche.run("--exact=TestSource", "pkg/pkg.test").verdicts == {"TestSource": "pass"}
    assert cloche.run("--exact=TestSource", "other.test").verdicts == {"TestSource": "fail"}
    assert cloche.run("--exact=TestSource", "../other.test", cwd=work / "pkg").verdicts == \
        {"TestSource": "pass"}


def stand_in(cloche, run, listed):
    return cloche.script("stand-in", f"""#!/bin/sh
# A test program that changes its mind.
case "$*" in *-test.list*) {listed} ;; *) {run} ;; esac
""")


@pytest.mark.parametrize("name, run, verdict", (
    ("TestGone", "echo 'testing: warning: no tests to run' >&2; echo PASS", "error"),
    ("BenchmarkGone", "echo PASS", "error"),
    ("TestMain2", "echo '--- FAIL: TestMain2 (0.00s)'; echo PASS", "fail"),
    ("TestStarts", "echo '=== RUN   TestStarts'", "fail")))
def test_what_ends_otherwise(cloche, name, run, verdict):
    script = stand_in(cloche, run, f"echo {name}")
    assert cloche.run("--kind=go", "--run-ignored=all", script).verdicts == {name: verdict}


@pytest.mark.parametrize("listed, why", (
    ("echo TestA; exit 2", "it ended with status 2"),
    ("printf 'starting TestA\\n'", "'starting TestA' in its list is no test"),
    ("printf 'startingTestA\\n'", "'startingTestA' in its list is no test")))
def test_what_is_no_list(cloche, listed, why):
    result = cloche("run", "--kind=go", stand_in(cloche, "exit 0", listed))
    assert result.status == 104 and why in result.err


def test_what_main_prints_is_no_test(cloche):
    script = stand_in(cloche, "exit 1", "echo set up; echo TestA; echo; echo done")
    assert cloche("list", "--kind=go", script).out.splitlines() == [f"{script}::TestA"]
