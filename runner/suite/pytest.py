# SPDX-License-Identifier: MIT
"""Lists the cases of pytest, or runs one: python3 -c THIS list|run RESULT PATH [FILE NAME NUMBER].

What is found out goes to RESULT as JSON lines. PATH is what pytest is given in any case, so that
its configuration is the same. Of the options that a project has in addopts, those that choose,
spread or measure tests would fight with cells.
"""

import glob
import json
import os
import sys

mode, result, path = sys.argv[1:4]
try:
    import pytest
except ImportError:
    sys.exit(f"there is no pytest for {sys.executable}; install it there, or name another python "
             "by CLOCHE_PYTHON")

WITHOUT = {
    "numprocesses": None, "dist": "no", "distload": False, "tx": [], "looponfail": False,
    "lf": False, "failedfirst": False, "newfirst": False, "stepwise": False,
    "stepwise_skip": False, "maxfail": 0, "xmlpath": None, "no_cov": True,
}
CHOOSING = {"markexpr": "", "keyword": "", "deselect": None}
UNTOLD = {"parametrize", "usefixtures", "filterwarnings"}
descriptor = os.open(result, os.O_WRONLY | os.O_APPEND)


def tell(**what):
    os.write(descriptor, json.dumps(what).encode() + b"\n")


def set_options(options, values):
    for name, value in values.items():
        if hasattr(options, name):
            setattr(options, name, value)


def reason_of(report):
    """Of a skip, which has its place before it."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text[9:] if text.startswith("Skipped: ") else text


def tell_failure(report, when):
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash:
        tell(event="failure", when=when, file=str(crash.path), line=crash.lineno,
             text=crash.message)
    else:
        text = report.longreprtext
        errors = [line[2:].strip() for line in text.splitlines() if line.startswith("E ")]
        tell(event="failure", when=when, text=text, gist=(errors or [text])[-1])


def file_of(item):
    return str(getattr(item, "path", None) or item.fspath)


class Plugin:
    options = WITHOUT

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config):
        early_config.known_args_namespace.no_cov = True
        yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config):
        set_options(config.option, self.options)
        yield


class Lister(Plugin):
    def __init__(self):
        self.left_out = []
        self.root = ""
        self.failed = False

    def pytest_sessionstart(self, session):
        """testpaths are pytest's where it is started in their directory, without a path."""
        config = session.config
        self.root = str(config.rootdir)
        paths = [found for wanted in config.getini("testpaths")
                 for found in sorted(glob.glob(os.path.join(self.root, wanted), recursive=True))]
        if paths and os.path.realpath(path) == os.path.realpath(self.root):
            config.args = paths

    def pytest_deselected(self, items):
        self.left_out += items

    def pytest_collectreport(self, report):
        """What cannot be imported is a case that fails; a module that is skipped, one that skips."""
        if report.nodeid and not report.passed:
            self.failed |= report.failed
            file = os.path.join(self.root, report.nodeid.split("::")[0])
            tell(name=report.nodeid, argument=file, file=file, number=0)

    def pytest_collection_finish(self, session):
        seen = {}
        for items, ignored in ((session.items, False), (self.left_out, True)):
            for item in items:
                number = seen[item.nodeid] = seen.get(item.nodeid, -1) + 1
                tags = sorted({mark.name for mark in item.iter_markers()} - UNTOLD)
                tell(name=item.nodeid, argument=file_of(item), number=number,
                     file=os.path.join(self.root, item.location[0]),
                     line=(item.location[1] or 0) + 1, tags=",".join(tags), ignored=ignored)


class Runner(Plugin):
    options = {**WITHOUT, **CHOOSING}

    def __init__(self, file, name, number):
        self.file, self.name, self.number = file, name, number
        self.found = False

    def pytest_sessionstart(self, session):
        session.config.args = [self.file]

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        """Hooks of the project may leave it out, or put it in."""
        before = self.wanted(items)
        yield
        items[:] = self.wanted(items) or before
        self.found |= bool(items)

    def wanted(self, items):
        return [item for item in items if item.nodeid == self.name][self.number:][:1]

    def pytest_collectreport(self, report):
        if report.failed or (report.skipped and report.nodeid == self.name):
            self.found = True
            if report.failed:
                tell_failure(report, "collect")
            else:
                tell(event="skip", text=reason_of(report))
            tell(event="end")

    def pytest_runtest_logstart(self):
        tell(event="start")

    def pytest_runtest_logreport(self, report):
        expected = getattr(report, "wasxfail", None)
        if expected and expected.startswith("reason: "):
            expected = expected[8:]
        if report.failed:
            tell_failure(report, report.when)
        elif report.skipped and expected is None:
            tell(event="skip", text=reason_of(report))
        elif report.skipped and expected.startswith("[NOTRUN] "):
            tell(event="skip", text=expected[9:])
        elif report.skipped:
            tell(event="xfail", text=expected)
        elif expected is not None and report.when == "call":
            tell(event="xpass", text=expected)

    def pytest_runtest_logfinish(self):
        tell(event="end")


def main():
    del sys.argv[1:]
    if mode == "list":
        plugin = Lister()
        status = pytest.main(["--collect-only", "-q", path], plugins=[plugin])
        return 0 if status == 5 or (status == 2 and plugin.failed) else int(status)
    plugin = Runner(*arguments)
    status = pytest.main(["--color=no", path], plugins=[plugin])
    if not plugin.found:
        tell(event="gone")
    return 0 if status == 5 else int(status)


arguments = sys.argv[4:6] + [int(number) for number in sys.argv[6:7]]
sys.exit(main())
