# SPDX-License-Identifier: MIT
"""Test programs of Rust's libtest: each test in a cell of its own."""

import os
import subprocess

import pytest

SOURCE = r"""
mod tests {
    fn hostname() -> String { std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap() }

    #[test] fn adds() { println!("said while it passes"); assert_eq!(1 + 1, 2); }
    #[test] fn fails() { assert_eq!(1 + 1, 3, "it's \"odd\", isn't it"); }
    #[test] fn adds_more() {
        let thread = std::thread::spawn(|| panic!("expected"));
        assert!(thread.join().is_err());
    }
    #[test] #[should_panic] fn panics() { panic!("x"); }
    #[test] #[should_panic(expected = "other")] fn panics_otherwise() { panic!("x"); }
    #[test] #[should_panic] fn does_not_panic() { }
    #[test] #[ignore] fn slow() { assert!(false); }
    #[test] #[ignore = "needs a device"] fn device() { }
    #[test] fn ends() { std::process::exit(0); }
    #[test] fn ends_as_skipped() { std::process::exit(77); }
    #[test] fn aborts() { std::process::abort(); }
    #[test] fn returns() -> Result<(), String> { Err("no \"luck\"".into()) }
    #[test] fn grüße() { assert_eq!(hostname(), "cloche\n"); }
}
mod other {
    #[test] fn adds() { }
}
"""
FAILS_LINE = 1 + SOURCE[:SOURCE.index("fn fails")].count("\n")

EXPECTED = {
    "tests::adds": "pass",
    "tests::fails": "fail",
    "tests::adds_more": "pass",
    "tests::panics": "pass",
    "tests::panics_otherwise": "fail",
    "tests::does_not_panic": "fail",
    "tests::ends": "fail",
    "tests::ends_as_skipped": "fail",
    "tests::aborts": "crash",
    "tests::returns": "fail",
    "tests::grüße": "pass",
    "other::adds": "pass",
}


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    directory = tmp_path_factory.mktemp("rust")
    (directory / "rusty.rs").write_text(SOURCE)
    subprocess.run(["rustc", "--test", "--edition=2018", "-o", "rusty", "rusty.rs"], check=True,
                   cwd=directory, stderr=subprocess.DEVNULL)
    return (directory / "rusty").read_bytes()


@pytest.fixture
def rusty(program, work):
    target = work / "rusty"
    target.write_bytes(program)
    target.chmod(0o755)
    return target


def test_cases(cloche, rusty):
    result = cloche.run(rusty)
    assert result.status == 100 and result.verdicts == EXPECTED


def test_reasons_and_places(cloche, rusty):
    cases = cloche.run(rusty).cases
    (failure,) = cases["tests::fails"]["failures"]
    assert failure["file"] == "rusty.rs" and failure["line"] == FAILS_LINE
    assert "it's \"odd\", isn't it" in failure["text"]
    assert cases["tests::fails"]["reason"].startswith("panicked: assertion")
    assert cases["tests::does_not_panic"]["reason"] == "did not panic, though it should"
    assert cases["tests::panics_otherwise"]["reason"] == \
        "panicked with another message than expected"
    assert cases["tests::returns"]["reason"] == 'Error: "no \\"luck\\""'
    assert cases["tests::ends"]["reason"] == "ended in the middle, by exit(0)"
    assert cases["tests::ends_as_skipped"]["reason"] == "ended in the middle, by exit(77)"
    assert "failures" not in cases["tests::adds_more"]


def test_what_passes_has_said_can_be_seen(cloche, rusty):
    result = cloche("run", rusty, "--exact=tests::adds", "--success-output=immediate")
    assert result.status == 0 and "said while it passes" in result.out


def test_ignored(cloche, rusty):
    """Only on request, by flag or by name."""
    assert cloche.run("--run-ignored=only", rusty).verdicts == \
        {"tests::slow": "fail", "tests::device": "pass"}
    assert len(cloche.run("--run-ignored=all", rusty).verdicts) == len(EXPECTED) + 2
    assert cloche.run("--exact=tests::device", rusty).verdicts == {"tests::device": "pass"}


def test_names_are_whole(cloche, rusty):
    """One that is the beginning of another, or is in two modules, is still one."""
    result = cloche("run", rusty, "--exact=tests::adds", "--success-output=immediate")
    assert "running 1 test\n" in result.out


def test_its_own_variables(cloche, rusty):
    flags = ("--env=RUST_TEST_NOCAPTURE=0", "--env=RUST_TEST_THREADS=none",
             "--env=__RUST_TEST_INVOKE=tests::ends")
    assert cloche.run(rusty, "--fresh-list", *flags).verdicts == EXPECTED


STAND_IN = """#!/bin/sh
# A harness that speaks libtest's options and changes its mind.
case "$*" in
*--ignored*) {ignored} ;;
*--list*) {list} ;;
*) {run} ;;
esac
"""


def stand_in(cloche, run, listed="echo 'a test: test'", ignored=":"):
    return cloche.script("harness", STAND_IN.format(list=listed, ignored=ignored, run=run))


NOTHING = "echo 'test result: ok. 0 passed; 0 failed; {} ignored; 0 measured; 1 filtered out'"


def test_a_test_that_is_gone_is_an_error(cloche):
    result = cloche.run("--kind=rust", stand_in(cloche, NOTHING.format(0)))
    (case,) = result.cases.values()
    assert case["verdict"] == "error" and "--fresh-list" in case["reason"]


def test_a_test_that_is_ignored_as_it_runs(cloche):
    run = "echo 'test a test ... ignored, no luck'; " + NOTHING.format(1)
    (case,) = cloche.run("--kind=rust", stand_in(cloche, run)).cases.values()
    assert (case["verdict"], case["reason"]) == ("skip", "no luck")


@pytest.mark.parametrize("listed, ignored, why", (
    ("echo 'a: test'; exit 1", ":", "it ended with status 1"),
    ("echo 'a: test'; echo; echo", ":", "'' in its list is no test"),
    ("echo usage", ":", "'usage' in its list is no test"),
    ("echo 'a: test'", "echo 'b: test'", "its list of ignored tests has another order"),
    ("echo 'a: test'", "exit 3", "it ended with status 3")))
def test_what_is_no_list(cloche, listed, ignored, why):
    result = cloche("run", "--kind=rust", stand_in(cloche, "exit 0", listed, ignored))
    assert result.status == 104 and why in result.err


NASTY = "a [x], 'y' \"z\" $HOME `id` \\n * ?; ünï"


def test_names_of_other_harnesses(cloche):
    """Whatever is in them reaches the program as it is."""
    script = cloche.script("harness", f"""#!/bin/sh
wanted=$(cat <<'END'
{NASTY}
END
)
case "$*" in
*--ignored*) ;;
*--list*) printf '%s: test\\n%s: benchmark\\n' "$wanted" -other ;;
*) for last; do :; done
   [ "$last" = "$wanted" ] && n=1 || n=0
   echo "test result: ok. $n passed; 0 failed; 0 ignored; 0 measured; 0 filtered out" ;;
esac
""")
    assert cloche.run("--kind=rust", script).verdicts == {NASTY: "pass", "-other": "error"}


def test_the_package_s_directory(cloche, program, work):
    """As cargo does: where Cargo.toml is, found by the list of sources beside the program."""
    package = work / "some space/crates/one"
    deps = work / "some space/target/debug/deps"
    (package / "src").mkdir(parents=True)
    deps.mkdir(parents=True)
    (package / "src/lib.rs").touch()
    (package / "Cargo.toml").touch()
    harness = cloche.script("some space/target/debug/deps/one-1", STAND_IN.format(
        list="test -e Cargo.toml && echo 'a: test'", ignored=":",
        run="test \"$PWD\" = \"$CARGO_MANIFEST_DIR\" && test -e src/lib.rs && "
            "echo 'test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out'"))
    name = str(harness).replace(" ", "\\ ")
    (deps / "one-1.d").write_text(f"{name}.d: crates/one/src/lib.rs\n\n"
                                  f"{name}: crates/one/src/lib.rs crates/one/src/b.rs\n")
    assert cloche.run("--kind=rust", harness).verdicts == {"a": "pass"}
    os.remove(deps / "one-1.d")
    assert cloche("list", "--kind=rust", harness).status == 104
