#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A stand-in for a program with Catch2 3.x, which Debian 12 does not have: it answers the options
of docs/command-line.md that a runner needs, as that says and as its console and XML reporters
write. The tests are rows: name, tags, line, and what happens."""

import os
import signal
import sys
from xml.sax.saxutils import escape

TESTS = [
    ("adds", "[math][x y]", 3, "pass"),
    ("fails", "[math]", 4, "fail"),
    ("skips", "", 5, "skip"),
    ("skips a part", "", 6, "skip-part"),
    ("ends early", "", 7, "exit"),
    ("crashes", "", 8, "crash"),
    ("hidden", "[.]", 9, "fail"),
    ("hidden slow", "[.][slow]", 10, "pass"),
    ("a, b [c] \"d\" \\e \\, ~f <&>", "", 11, "pass"),
    ("a star", "", 12, "fail"),
    ("*star", "", 13, "pass"),
    ("Adds", "", 14, "fail"),
    ("twin", "[one]", 15, "pass"),
    ("twin", "[two]", 16, "fail"),
    ("four", "", 17, "four"),
    ("[@alias]", "", 18, "pass"),
]


def options(words):
    """Every option that is given here has a value, but for --list-tests."""
    given, words = {}, list(words)
    while words:
        word = words.pop(0)
        if word == "--list-tests":
            given[word] = True
        elif word in ("--reporter", "--out", "--order", "--colour-mode", "--shard-count",
                      "--shard-index"):
            given[word] = words.pop(0)
        elif word.startswith("-"):
            sys.exit(f"\nError(s) in input:\n  Unrecognised token: {word}\n")
        else:
            given["spec"] = word
    return given


def parse(spec):
    """One name, quoted or not; escapes as TestSpecParser has them."""
    name, quoted, at = "", spec.startswith('"'), 1 if spec.startswith('"') else 0
    while at < len(spec):
        if spec[at] == "\\":
            at += 1
        elif spec[at] == ",":
            sys.exit("invalid test spec")
        elif quoted and spec[at] == '"':
            break
        name += spec[at]
        at += 1
    return name.strip().lower()


def matches(pattern, name):
    name = name.strip().lower()
    begins, ends = pattern.startswith("*"), pattern.endswith("*") and len(pattern) > 1
    part = pattern[begins:len(pattern) - ends]
    if begins and ends:
        return part in name
    return name.endswith(part) if begins else name.startswith(part) if ends else name == part


def shard(tests, count, index):
    size, rest = divmod(len(tests), count)
    begin = index * size + min(index, rest)
    return tests[begin:begin + size + (index < rest)]


def list_tests(tests, out):
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<MatchingTests>\n')
    for name, tags, line, _ in tests:
        out.write(f"  <TestCase>\n    <Name>{escape(name)}</Name>\n    <ClassName/>\n"
                  f"    <Tags>{tags}</Tags>\n    <SourceInfo>\n      <File>tests.cpp</File>\n"
                  f"      <Line>{line}</Line>\n    </SourceInfo>\n  </TestCase>\n")
    out.write("</MatchingTests>\n")


def head(out, test):
    rule = 79 * "-"
    out.write(f"{rule}\n{test[0]}\n{rule}\ntests.cpp:{test[2]}\n{79 * '.'}\n\n")


def failure(out, test, number):
    for _ in range(number):
        head(out, test)
        out.write(f"tests.cpp:{test[2] + 100}: FAILED:\n  CHECK( a == 4 )\nwith expansion:\n"
                  "  3 == 4\nwith message:\n  seen\n\n")


def run(test, out):
    """Returns failed assertions, skipped tests, and the exit status."""
    what = test[3]
    print("printed", *sorted(name for name in os.environ if "BAZEL" in name or "XML" in name),
          flush=True)
    if what == "exit":
        os._exit(0)
    if what == "crash":
        head(out, test)
        out.write(f"tests.cpp:{test[2]}: FAILED:\ndue to a fatal error condition:\n"
                  "  SIGSEGV - Segmentation violation signal\n\n")
        out.flush()
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGSEGV)
    if what.startswith("skip"):
        head(out, test)
        out.write(f"tests.cpp:{test[2]}: SKIPPED:\nexplicitly with message:\n  no device\n\n")
    failures = {"fail": 1, "four": 4}.get(what, 0)
    failure(out, test, failures)
    return failures, what == "skip"


def main():
    given = options(sys.argv[1:])
    out = open(given["--out"], "w", encoding="utf-8") if "--out" in given else sys.stdout
    pattern = parse(given["spec"]) if "spec" in given else None
    tests = [test for test in TESTS
             if (matches(pattern, test[0]) if pattern else "[.]" not in test[1])]
    if given.get("--list-tests"):
        assert given["--reporter"] == "xml"
        list_tests(tests, out)
        return 0
    tests = shard(tests, int(given.get("--shard-count", 1)), int(given.get("--shard-index", 0)))
    results = [run(test, out) for test in tests]
    failed, skipped = sum(one for one, _ in results), sum(skip for _, skip in results)
    out.write(79 * "=" + "\n")
    if not tests:
        out.write("No tests ran\n\n")
        return 2
    if skipped == len(tests):
        out.write("test cases: 1 | 1 skipped\nassertions: - none -\n\n")
        return 4
    if failed:
        out.write(f"test cases: 1 | 1 failed\nassertions: {failed} | {failed} failed\n\n")
    else:
        out.write(f"All tests passed (1 assertion in {len(tests)} test case)\n\n")
    return failed


sys.exit(main())
