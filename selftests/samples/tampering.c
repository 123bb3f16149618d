/* SPDX-License-Identifier: MIT */
/* Cases that write into the pipe of their own results, which no test has any business to do. */
#include <cloche.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RECORDS 250 /* RECORD_FD of runner/protocol.h */

/* docs/records.md: a header, then two numbers and three empty strings. */
static void send_record(int type, unsigned long long a, unsigned long long b)
{
	unsigned char bytes[16 + 8 + 8 + 6] = {0xc1, (unsigned char)type};

	bytes[4] = 8 + 8 + 6;
	for (int i = 0; i < 8; i++) {
		bytes[16 + i] = (unsigned char)(a >> (8 * i));
		bytes[24 + i] = (unsigned char)(b >> (8 * i));
	}
	REQUIRE(write(RECORDS, bytes, sizeof(bytes)), ==, sizeof(bytes));
}

static void say_done(void)
{
	send_record(7, 1, 0);
}

TEST(writes_garbage)
{
	REQUIRE_OK(write(RECORDS, "garbage that is no record", 25));
}

TEST(writes_garbage_and_fails)
{
	REQUIRE_OK(write(RECORDS, "garbage that is no record", 25));
	fail("nobody believes this any more");
}

TEST(is_done_too_early)
{
	say_done();
	fail("after the end");
}

TEST(is_done_and_exits)
{
	fail("before the end");
	say_done();
	_exit(0);
}

TEST(closes_the_pipe)
{
	close(RECORDS);
}

TEST(keeps_the_pipe_from_blocking)
{
	static char block[1 << 20]; /* more than a pipe holds */
	int flags = fcntl(RECORDS, F_GETFL);

	fcntl(RECORDS, F_SETFL, flags | O_NONBLOCK);
	attach_bytes("block", block, sizeof(block));
	fail("at the end");
}

TEST(lends_it_to_a_child)
{
	int go[2];

	REQUIRE_OK(pipe(go));
	if (!fork()) {
		char byte;

		close(go[1]);
		if (!read(go[0], &byte, 1)) /* the test has ended */
			say_done();
		_exit(0);
	}
}

TEST(is_honest)
{
	EXPECT(1, ==, 1);
}
