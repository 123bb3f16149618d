#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Count results: `tally.py jsonl|junit FILE EXPECTED-SKIPS WHO STATUS` prints "passed failed skipped".

A skip that EXPECTED-SKIPS does not list (a line `WHO NAME-GLOB`, `*` for anybody) is a failure, and
so is a run whose file cannot be read, has no results, or whose exit status says otherwise.
"""
import fnmatch
import json
import sys
import xml.etree.ElementTree as ElementTree


def results_of_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event["event"] == "case-ended":
                name = event["suite"].rsplit("/", 1)[-1] + "::" + event["name"]
                verdict = event["verdict"]
                yield name, "skip" if verdict == "skip" else "fail" if event["failure"] else "pass"


def results_of_junit(path):
    for case in ElementTree.parse(path).iter("testcase"):
        name = case.get("classname", "") + "::" + case.get("name", "")
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            yield name, "fail"
        else:
            yield name, "skip" if "skipped" in kinds else "pass"


def expected_skips(path, who):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if len(words) == 2 and words[0] in ("*", who):
                yield words[1]


def main():
    kind, path, skips, who, status = sys.argv[1:]
    expected = list(expected_skips(skips, who))
    count = {"pass": 0, "fail": 0, "skip": 0}
    try:
        results = list((results_of_jsonl if kind == "jsonl" else results_of_junit)(path))
    except (OSError, ValueError, KeyError, ElementTree.ParseError) as error:
        print(f"no results: {error}", file=sys.stderr)
        results = []
    for name, result in results:
        if result == "skip" and not any(fnmatch.fnmatch(name, glob) for glob in expected):
            print(f"skipped, and not expected to be: {name} as {who}", file=sys.stderr)
            result = "fail"
        count[result] += 1
    if not results or (status != "0" and not count["fail"]):
        print(f"exit status {status} with {len(results)} results", file=sys.stderr)
        count["fail"] += 1
    print(count["pass"], count["fail"], count["skip"])


main()
