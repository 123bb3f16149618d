/* SPDX-License-Identifier: MIT */
/* A suite of 100,000 cases, and cases that have far too much to say. */
#include <cloche.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROWS 100000

static struct {
	const char *name;
	int number;
} rows[ROWS];

__attribute__((constructor)) static void name_rows(void)
{
	static char names[ROWS][8];

	for (int i = 0; i < ROWS; i++) {
		snprintf(names[i], sizeof(names[i]), "%05d", i);
		rows[i].name = names[i];
		rows[i].number = i;
	}
}

TEST_EACH(rows, row)
{
	EXPECT(param->number, !=, 77);
}

TEST(prints_200_megabytes, .tags = "flood")
{
	static char line[65536];

	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 200 << 4; i++)
		REQUIRE(write(1, line, sizeof(line)), ==, sizeof(line));
	REQUIRE_OK(write(1, "the end\n", 8));
	fail("to show it");
}

TEST(notes_for_ever, .tags = "flood")
{
	static char text[8000];

	memset(text, 'n', sizeof(text) - 1);
	for (int i = 0; i < 20000; i++)
		note("%s", text);
	fail("to show them");
}

TEST(sends_empty_records, .tags = "flood")
{
	static unsigned char block[4000][38];

	for (int i = 0; i < 4000; i++) {
		block[i][0] = 0xc1; /* docs/records.md */
		block[i][1] = 2;    /* a note */
		block[i][4] = 22;   /* two numbers, and the sizes of three texts */
	}
	for (int i = 0; i < 1000; i++)
		REQUIRE(write(250, block, sizeof(block)), ==, sizeof(block));
	fail("to show them");
}

TEST(fails_100000_times, .tags = "flood")
{
	for (int i = 0; i < 100000; i++)
		EXPECT(i, <, 0);
}

TEST(attaches_a_lot, .tags = "flood")
{
	static char block[1 << 20];

	for (int i = 0; i < 300; i++)
		attach_bytes("block", block, sizeof(block));
	fail("to show them");
}
