# SPDX-License-Identifier: MIT
"""What is drawn on a terminal while cases run."""

import os
import re
import select

from program import PATIENCE, wait_for


class Screen:
    """The other end of the program's terminal."""

    def __init__(self, cloche, *words):
        self.text = ""
        self.master, slave = os.openpty()
        self.process = cloche.popen(cloche.path, *words, stdout=slave, stderr=slave)
        os.close(slave)

    def shows(self, pattern):
        """Wait for it."""
        def look():
            if select.select([self.master], [], [], PATIENCE)[0]:
                self.text += os.read(self.master, 65536).decode()
            return re.search(pattern, self.text)
        return wait_for(look, pattern)

    def end(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.master)


def test_the_clock_goes_on_while_all_cases_hang(cloche):
    cloche.script("hangs", "#!/bin/sh\nsleep 1000\n")
    screen = Screen(cloche, "run", "hangs")
    screen.shows(r"Running \[00:00\] .*0/1, 1 running, 0 failed")
    screen.shows(r"Running \[00:(0[3-9]|[1-5]\d)\] .*0/1, 1 running, 0 failed")
    screen.end()


def test_no_status_where_there_is_no_terminal(cloche):
    suite = cloche.script("passes", "#!/bin/sh\nsleep 2.5\n")
    result = cloche("run", suite)
    assert result.status == 0 and "Running" not in result.out and "\r" not in result.out, result
