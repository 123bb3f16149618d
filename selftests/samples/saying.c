/* SPDX-License-Identifier: MIT */
/* Verdicts that are no comparison: skips, notes, attachments, expected ends, and plain output. */
#include <cloche.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TEST(skips)
{
	skip("not before %s", "# Tuesday");
}

TEST(fails_and_skips)
{
	fail("first");
	skip("then");
}

TEST(notes)
{
	note("kept");
	note("of two\nlines");
	fail("so that they are shown");
}

TEST(notes_of_a_pass)
{
	note("nobody sees this");
	puts("nor this");
}

TEST(attaches)
{
	attach_bytes("data.bin", "\0\1\2", 3);
	attach_bytes("../../escape", "x", 1);
	attach("nothing", "/nowhere");
}

TEST(fails_as_expected, .expect_failure = true)
{
	fail("known");
}

TEST(passes_unexpectedly, .expect_failure = true)
{
}

TEST(dies_as_expected, .expect_signal = SIGUSR1)
{
	raise(SIGUSR1);
}

TEST(lives_unexpectedly, .expect_signal = SIGUSR1)
{
}

TEST(dies_otherwise, .expect_signal = SIGUSR1)
{
	raise(SIGUSR2);
}

TEST(exits)
{
	puts("about to exit");
	exit(0);
}

TEST(prints_binary)
{
	static const char bytes[] = "\xff\xfe\0\x80 bell \a escape \033]0;title\a\n";

	fwrite(bytes, 1, sizeof(bytes) - 1, stdout);
	fail("binary");
}

TEST(prints_half_a_character)
{
	fputs("caf\xc3", stdout);
	fail("half");
}

TEST(prints_colors)
{
	puts("\033[31mred\033[0m r\xc3\xa9sum\xc3\xa9\r");
	fail("colors");
}

TEST(prints_to_both)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	printf("out 1\n");
	fprintf(stderr, "err 2\n");
	printf("out 3, and no end of line");
	fail("both");
}

TEST(has_a_world, .hostname = "moon", .uptime = days(3), .tags = "slow,net", .env = "A=1\nB=2")
{
	fail("to show it");
}
