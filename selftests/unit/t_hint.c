/* SPDX-License-Identifier: MIT */
/* What a cell cannot do, told from what a program printed. */
#include <string.h>

#include "unit.h"
#include "hint.h"

#define IDS  "--ids=full gives it all"
#define TTY  "--tty gives the case a terminal"
#define NODE "no user namespace may make device nodes"
#define FS   "a cell may mount no file systems of devices"

static const struct cloche_options bare = {0}, full = {.ids = "full"}, terminal = {.tty = true},
				   none = {.no_isolation = true};

static const struct {
	const char *text;
	const struct cloche_options *options;
	const char *hint; /* what is in it, or NULL */
} rows[] = {
	{"", &bare, NULL},
	{"su: cannot set groups: Operation not permitted", &bare, IDS},
	{"a\nsetpriv: setresuid failed: Invalid argument\nb\n", &bare, IDS},
	{"chown(\"x\", 1, 1) = -1 EINVAL (Invalid argument)", &bare, IDS},
	{"chown: x: Operation not permitted", &full, NULL},
	{"chown: x: Operation not permitted", &none, NULL},
	{"chown x\nOperation not permitted\n", &bare, NULL}, /* not of the same line */
	{"parse: Invalid argument", &bare, NULL},
	{"mknod: /x: Operation not permitted", &full, NODE},
	{"mount: /m: mount failed: Operation not permitted.", &full, FS},
	{"mount: /m: mount failed: Operation not permitted.", &none, NULL},
	{"not a tty", &bare, TTY},
	{"tcgetattr: Inappropriate ioctl for device", &full, TTY},
	{"not a tty", &terminal, NULL},
};

START_TEST(all_rows)
{
	const char *hint = hint_find(rows[_i].options, rows[_i].text, strlen(rows[_i].text));

	if (!rows[_i].hint) {
		ck_assert_ptr_null(hint);
		return;
	}
	ck_assert_ptr_nonnull(hint);
	ck_assert_msg(strstr(hint, rows[_i].hint) != NULL, "%s: %s", rows[_i].text, hint);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, all_rows, 0, sizeof(rows) / sizeof(*rows));
	return unit_run("hint", all);
}
