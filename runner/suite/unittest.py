# SPDX-License-Identifier: MIT
"""Lists the cases of unittest, or runs one: python3 -c THIS list|run RESULT PATH [FILE NAME NUMBER].

What is found out goes to RESULT as JSON lines. Discovery starts below the directory that is in no
package, so that names are whole.
"""

import json
import os
import sys
import traceback
import unittest

mode, result, path = sys.argv[1:4]
descriptor = os.open(result, os.O_WRONLY | os.O_APPEND)


def tell(**what):
    os.write(descriptor, json.dumps(what).encode() + b"\n")


def top_of(directory):
    while os.path.exists(os.path.join(directory, "__init__.py")):
        directory = os.path.dirname(directory)
    return directory


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        elif test is not None:
            yield test


def discover():
    """All tests; what cannot be imported is a test that fails."""
    if os.path.isdir(path):
        return tests_of(unittest.defaultTestLoader.discover(path, "test*.py", top_of(path)))
    # Discovery by a pattern of one name would also load what packages beside it have.
    top = top_of(os.path.dirname(path))
    sys.path.insert(0, top)
    module = os.path.splitext(os.path.relpath(path, top))[0].replace(os.sep, ".")
    return tests_of(unittest.defaultTestLoader.loadTestsFromName(module))


def find(name, number):
    """By its name, which imports its module only; where that leads elsewhere, among all."""
    sys.path.insert(0, top_of(path if os.path.isdir(path) else os.path.dirname(path)))
    if not number and not name.startswith("unittest.loader."):
        try:
            found = list(tests_of(unittest.defaultTestLoader.loadTestsFromName(name)))
        except Exception:  # whatever a module does when it is imported: discovery tells it
            found = []
        if len(found) == 1 and found[0].id() == name:
            return found
    return [test for test in discover() if test.id() == name][number:][:1]


def place_of(test):
    method = getattr(test, getattr(test, "_testMethodName", ""), None)
    while hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    code = getattr(method, "__code__", None)
    if code is None or isinstance(test, unittest.loader._FailedTest):
        return {}
    return {"file": os.path.abspath(code.co_filename), "line": code.co_firstlineno}


class Result(unittest.TextTestResult):
    def tell_failure(self, test, error):
        """The last place that is not unittest's own."""
        frames = [frame for frame in traceback.extract_tb(error[2])
                  if os.path.dirname(frame.filename) != os.path.dirname(unittest.__file__)]
        text = "".join(traceback.format_exception_only(error[0], error[1])).strip()
        if not isinstance(test, unittest.TestCase):  # setUpClass (x.Class)
            text = f"{test}: {text}"
        if frames:
            tell(event="failure", text=text, file=frames[-1].filename, line=frames[-1].lineno)
        else:
            tell(event="failure", text=text)

    def startTest(self, test):
        super().startTest(test)
        tell(event="start")

    def addError(self, test, err):
        super().addError(test, err)
        self.tell_failure(test, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.tell_failure(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.tell_failure(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if not hasattr(test, "test_case"):  # a subtest's, of which there may be others
            tell(event="skip", text=reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        tell(event="xfail", text="")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        tell(event="failure", text="was expected to fail, and passed")


def list_tests():
    seen = {}
    for test in discover():
        name = test.id()
        seen[name] = seen.get(name, -1) + 1
        tell(name=name, argument="", number=seen[name], **place_of(test))


def run(name, number):
    tests = find(name, number)
    if not tests:
        tell(event="gone")
        return 0
    outcome = unittest.TextTestRunner(resultclass=Result, verbosity=2).run(
        unittest.TestSuite(tests))
    tell(event="end")
    return 0 if outcome.wasSuccessful() else 1


arguments = sys.argv[5:7]
del sys.argv[1:]
if mode == "list":
    list_tests()
else:
    sys.exit(run(arguments[0], int(arguments[1])))
