# SPDX-License-Identifier: MIT
"""Python's unittest, of which --kind says it: each test in a cell of its own."""

import pytest

SOURCE = r"""
import os
import socket
import unittest

class Math(unittest.TestCase):
    def test_adds(self):
        print("said while it passes")
    def test_adds_more(self):
        pass
    def test_fails(self):
        self.assertEqual(1, 2, "not <equal>")
    def test_raises(self):
        raise OSError("no luck")
    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                if part == 2:
                    self.skipTest("not this")
                self.assertNotEqual(part, 1)
    def test_skips(self):
        self.skipTest("no device")
    @unittest.skip("not here")
    def test_skipped(self):
        pass
    @unittest.expectedFailure
    def test_fails_as_expected(self):
        self.fail()
    @unittest.expectedFailure
    def test_does_not_fail(self):
        pass
    def test_ends(self):
        os._exit(0)
    def test_crashes(self):
        os.abort()

class Prepared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.name = socket.gethostname()
        socket.sethostname("moon")
    def test_name(self):
        self.assertEqual(self.name, "cloche")
    def test_name_again(self):
        self.assertEqual(self.name, "cloche")

class Unprepared(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no class")
    def test_nothing(self):
        pass

class Left(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("no class")
    def test_nothing(self):
        pass
"""

EXPECTED = {
    "Math.test_adds": "pass",
    "Math.test_adds_more": "pass",
    "Math.test_fails": "fail",
    "Math.test_raises": "fail",
    "Math.test_parts": "fail",
    "Math.test_skips": "skip",
    "Math.test_skipped": "skip",
    "Math.test_fails_as_expected": "pass",
    "Math.test_does_not_fail": "fail",
    "Math.test_ends": "fail",
    "Math.test_crashes": "crash",
    "Prepared.test_name": "pass",
    "Prepared.test_name_again": "pass",
    "Unprepared.test_nothing": "fail",
    "Left.test_nothing": "skip",
}


@pytest.fixture
def write(work):
    def write_file(name, text):
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path
    return write_file


def test_cases(cloche, write):
    source = write("tests/test_a.py", SOURCE)
    result = cloche.run("--kind=unittest", "tests")
    assert result.verdicts == {f"test_a.{name}": verdict for name, verdict in EXPECTED.items()}
    cases = {name.split(".", 1)[1]: case for name, case in result.cases.items()}
    (failure,) = cases["Math.test_fails"]["failures"]
    line = 1 + SOURCE[:SOURCE.index("self.assertEqual(1, 2")].count("\n")
    assert (failure["file"], failure["line"]) == (str(source), line)
    for name, reason in {
            "Math.test_fails": "AssertionError: 1 != 2 : not <equal>",
            "Math.test_raises": "OSError: no luck",
            "Math.test_parts": "AssertionError: 1 == 1",
            "Math.test_skips": "no device", "Math.test_skipped": "not here",
            "Math.test_does_not_fail": "was expected to fail, and passed",
            "Math.test_fails_as_expected": "failed, as expected",
            "Math.test_ends": "ended in the middle, by exit(0)",
            "Unprepared.test_nothing": "setUpClass (test_a.Unprepared): OSError: no class",
            "Left.test_nothing": "no class"}.items():
        assert cases[name]["reason"] == reason


PASSES = "import unittest\nclass T(unittest.TestCase):\n    def test(self): pass\n"


def test_packages_have_their_whole_names(cloche, write):
    for name in ("top/pkg/__init__.py", "top/pkg/tests/__init__.py"):
        write(name, "")
    write("top/pkg/tests/test_a.py", "from .. import tests\n" + PASSES)
    for path in ("top/pkg", "top/pkg/tests", "top/pkg/tests/test_a.py"):
        assert cloche.run("--kind=unittest", path).verdicts == {"pkg.tests.test_a.T.test": "pass"}


def test_a_file_of_any_name(cloche, write):
    write("test_other.py", PASSES)
    write("some.py", PASSES)
    assert cloche.run("--kind=unittest", "some.py").verdicts == {"some.T.test": "pass"}


def test_a_file_among_packages(cloche, write):
    """What packages beside it have is not in it, though unittest's discovery finds that, too."""
    write("all/__init__.py", "")
    write("all/other/__init__.py", PASSES)
    path = write("all/test_one.py", PASSES)
    result = cloche.run("--kind=unittest", path)
    assert result.verdicts == {"all.test_one.T.test": "pass"}, result


def test_a_module_that_cannot_be_imported(cloche, write):
    write("tests/test_broken.py", "import nothing_of_this_name\n")
    write("tests/test_fine.py", PASSES)
    result = cloche.run("--kind=unittest", "tests")
    assert result.verdicts == {"unittest.loader._FailedTest.test_broken": "fail",
                               "test_fine.T.test": "pass"}
    assert "nothing_of_this_name" in \
        result.cases["unittest.loader._FailedTest.test_broken"]["failures"][0]["text"]


def test_names_that_are_made(cloche, write):
    """By load_tests, with any characters, and two of one name."""
    write("test_a.py", """
import unittest
class T(unittest.TestCase):
    def __init__(self, name):
        super().__init__()
        self.name = name
    def runTest(self):
        self.assertEqual(self.name, self.name)
    def id(self):
        return self.name
def load_tests(loader, tests, pattern):
    return unittest.TestSuite(T(name) for name in NAMES)
NAMES = ["a [x]", "it's", 'q"', "*", "ü", "-k", "os.path", "same", "same"]
""")
    result = cloche.run("--kind=unittest", "test_a.py")
    assert result.status == 0
    assert sorted(result.verdicts) == sorted(
        ["a [x]", "it's", 'q"', "*", "ü", "-k", "os.path", "same", "same#2"])


def test_a_test_that_is_gone_is_an_error(cloche, write):
    write("test_a.py", "import sys\nif 'list' in sys.orig_argv:\n    " +
          PASSES.replace("\n", "\n    ").rstrip() + "\n")
    (case,) = cloche.run("--kind=unittest", "test_a.py").cases.values()
    assert case["verdict"] == "error" and case["reason"] == "there is no such test any more"


def test_what_is_no_list(cloche, write):
    write("test_a.py", "import os\nos._exit(3)\n")
    result = cloche("run", "--kind=unittest", "test_a.py")
    assert result.status == 104 and "it ended with status 3" in result.err
