# SPDX-License-Identifier: MIT
"""What people do wrong in their first suites, and what they are told."""

LATE = r"""
#include <cloche.h>
#include <unistd.h>
TEST(does_not_wait)
{
	int end[2];

	REQUIRE_OK(pipe(end));
	if (!fork()) {
		char byte;

		close(end[1]);
		read(end[0], &byte, 1); /* until the test has ended */
		EXPECT(1, ==, 2);
		_exit(0);
	}
}
"""


def test_a_child_that_nobody_waits_for(cloche, build_suite):
    case = cloche.run(build_suite("late", LATE)).cases["does_not_wait"]
    assert (case["verdict"], case["reason"]) == (
        "error", "a child or a thread had something to say after its end; wait for them")


LITERALS = r"""
#include <cloche.h>
#include <string.h>
TEST(literal) { const char *name = "moon"; EXPECT(name, ==, "moon"); }
TEST(literal_differs) { const char *name = "moon"; EXPECT("sun", !=, name); }
TEST(required) { const char *name = "moon"; REQUIRE(name, ==, "moon"); fail("not here"); }
TEST(pointers) { char text[] = "moon", *end = strchr(text, 0); EXPECT(end, ==, text + 4); }
TEST(text) { EXPECT_STR("moon", ==, "moon"); }
TEST(condition) { EXPECT(!strcmp("a", "a")); EXPECT(strlen("a"), ==, 1u); EXPECT('"', ==, '"'); }
"""


def test_text_is_compared_by_address(cloche, build_suite):
    """Which would hold where the linker merges literals, and only there."""
    result = cloche.run(build_suite("literals", LITERALS))
    assert result.verdicts == {"literal": "fail", "literal_differs": "fail", "required": "fail",
                               "pointers": "pass", "text": "pass", "condition": "pass"}
    for name in ("literal", "literal_differs", "required"):
        (failure,) = result.cases[name]["failures"]
        assert failure["text"] == "compares addresses, not texts: write EXPECT_STR, or REQUIRE_STR"


def test_a_tmpfs_too_small_for_anything(cloche, build_suite):
    suite = build_suite("tiny", "#include <cloche.h>\nTEST(tiny, .tmpfs_size = 10) {}\n")
    result = cloche.run(suite)
    assert result.status == 100, result
    assert "does not fit in the tmpfs; ask for a larger tmpfs-size" in \
        result.cases["tiny"]["reason"], result
    assert cloche.run("--tmpfs-size=64K", suite).status == 0


REBOOT = """#!/usr/bin/python3
import ctypes, os, sys
assert os.getppid() == 1, "not in a cell"
ctypes.CDLL(None).reboot(int(sys.argv[1], 0) if sys.argv[1:] else 0x01234567)
"""


def test_a_test_reboots(cloche):
    """That ends the cell, and nothing else, reboot(2)."""
    script = cloche.script("reboots", REBOOT)
    case = cloche.run(script).cases["reboots"]
    assert (case["verdict"], case["reason"]) == ("error", "called reboot(2), which ends its cell")
    for how in ("0x01234567", "0x4321fedc"):  # restart, power off
        result = cloche("exec", script, how)
        assert (result.status, result.err) == \
            (125, "cloche: the command called reboot(2), which ends its cell\n")
