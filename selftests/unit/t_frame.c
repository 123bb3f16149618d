/* SPDX-License-Identifier: MIT */
/* A frame of a stack, as it is printed. */
#include <stdio.h>
#include <string.h>

#include "dw.h"
#include "unit.h"

static const char *format(const char *module, const char *function, const char *file, int line)
{
	static char buffer[512];
	static struct frame frame;

	frame = (struct frame){.offset = 0x1234, .function = function, .file = file, .line = line};
	snprintf(frame.module, sizeof(frame.module), "%s", module);
	ck_assert_int_eq(frame_format(&frame, 3, buffer, sizeof(buffer)), (int)strlen(buffer));
	return buffer;
}

START_TEST(what_is_known_is_told)
{
	ck_assert_str_eq(format("/a/program", NULL, NULL, 0), "  #3  program+0x1234\n");
	ck_assert_str_eq(format("program", "f", NULL, 0), "  #3  program+0x1234 in f\n");
	ck_assert_str_eq(format("/a/b", "f", "/src/f.c", 12),
			 "  #3  b+0x1234 in f at /src/f.c:12\n");
}
END_TEST

/* The macros' own prefixes are left out, and of nothing else. */
START_TEST(tests_have_their_names)
{
	ck_assert_str_eq(format("t", "cloche_test_opens", NULL, 0), "  #3  t+0x1234 in opens\n");
	ck_assert_str_eq(format("t", "cloche_call_opens", NULL, 0), "  #3  t+0x1234 in opens\n");
	ck_assert_str_eq(format("t", "my_cloche_test_x", NULL, 0),
			 "  #3  t+0x1234 in my_cloche_test_x\n");
}
END_TEST

START_TEST(the_last_frame)
{
	ck_assert(frame_is_last(&(struct frame){.function = "cloche_test_x"}));
	ck_assert(frame_is_last(&(struct frame){.function = "cloche_call_x"}));
	ck_assert(!frame_is_last(&(struct frame){.function = "cloche_main"}));
	ck_assert(!frame_is_last(&(struct frame){.function = NULL}));
}
END_TEST

/* Cut, and no more than there is room for. */
START_TEST(names_may_be_long)
{
	char buffer[16];

	memset(buffer, '!', sizeof(buffer));
	ck_assert_int_gt(frame_format(&(struct frame){.function = "a_function_of_a_long_name"}, 1,
				      buffer, sizeof(buffer) - 1),
			 15);
	ck_assert_uint_eq(strlen(buffer), 14);
	ck_assert_int_eq(buffer[15], '!');
}
END_TEST

UNIT_MAIN("frame", what_is_known_is_told, tests_have_their_names, the_last_frame, names_may_be_long)
