/* SPDX-License-Identifier: MIT */
/* What is drawn on the last lines of a terminal, with a terminal of our own that has a size. */
#define _GNU_SOURCE
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"
#include "unit.h"

static struct progress progress;
static char text[65536];
static int master, slave;
static unsigned waiting;
static struct case_info infos[20];
static char names[20][16];

static void resize(unsigned columns, unsigned rows)
{
	struct winsize size = {.ws_col = columns, .ws_row = rows};

	ck_assert_int_eq(ioctl(slave, TIOCSWINSZ, &size), 0);
}

static void setup(void)
{
	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	resize(80, 24);
	progress_begin(&progress, slave, false);
	for (int i = 0; i < 20; i++) {
		snprintf(names[i], sizeof(names[i]), "case%d", i);
		infos[i] = (struct case_info){.suite = "suite", .name = names[i], .attempt = 1};
	}
}

static void teardown(void)
{
	progress_end(&progress);
	close(master);
	close(slave);
}

/* As if it had started so long ago. */
static void start(int index, double seconds)
{
	ck_assert_int_eq(progress_started(&progress, &infos[index]), 0);
	progress.cases[progress.count - 1].since -= seconds;
}

static const char *draw(unsigned ended, unsigned cases)
{
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct progress_counts counts = {ended, cases, 2, 1, waiting};

	progress_draw(&progress, out, &counts);
	fclose(out);
	return text;
}

static const char *erase(void)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	*text = '\0';
	progress_erase(&progress, out);
	fclose(out);
	return text;
}

START_TEST(counts)
{
	ck_assert_str_eq(draw(5, 10), "\033[?7l     Running [00:00] [=========>         ] 5/10, "
				      "0 running, 2 failed, 1 skipped\033[?7h");
	ck_assert_ptr_nonnull(strstr(draw(10, 10), "[==================] 10/10"));
	ck_assert_ptr_nonnull(strstr(draw(12, 10), "[==================] 12/10"));
	/* how many are to come is not known */
	ck_assert_ptr_nonnull(strstr(draw(7, 0), "] 7, "));
	ck_assert_ptr_null(strstr(draw(7, 0), "="));
	ck_assert_ptr_nonnull(strstr(draw(0, 10), "[>                  ] 0/10"));
	ck_assert_ptr_nonnull(strstr(draw(12345, 100000), "[=>         ] 12345/100000, "));
	resize(200, 24);
	ck_assert_ptr_nonnull(strstr(draw(1, 2), "[===========>          ] 1/2"));
	resize(60, 24);
	ck_assert_ptr_nonnull(strstr(draw(1, 2), "[00:00] 1/2, 0 running"));
}
END_TEST

/* Those that run for a second or more, the oldest first; the young ones are only counted. */
START_TEST(long_cases_have_lines)
{
	start(0, 5);
	start(1, 1.5);
	start(2, 0);
	draw(0, 10);
	ck_assert_ptr_nonnull(strstr(text, "3 running"));
	ck_assert_ptr_nonnull(strstr(text, "\n             [   5.0"));
	ck_assert_ptr_nonnull(strstr(strstr(text, "suite case0"), "\n             [   1.5"));
	ck_assert_ptr_null(strstr(text, "case2"));
	progress_ended(&progress, &infos[0]);
	draw(1, 10);
	ck_assert_ptr_null(strstr(text, "case0"));
	ck_assert_ptr_nonnull(strstr(text, "suite case1"));
	progress_ended(&progress, &infos[7]); /* never told: no harm */
	ck_assert_uint_eq(progress.count, 2);
}
END_TEST

/* A third of the window at most. */
START_TEST(lines_are_few)
{
	static const struct {
		unsigned rows, lines;
	} windows[] = {{24, 9}, {12, 5}, {6, 3}, {3, 2}, {2, 1}, {1, 1}, {0, 9}};

	for (int i = 0; i < 20; i++)
		start(i, 30 - i);
	for (size_t i = 0; i < sizeof(windows) / sizeof(*windows); i++) {
		resize(80, windows[i].rows);
		erase();
		draw(0, 10);
		ck_assert_uint_eq(progress.lines, windows[i].lines);
	}
	resize(80, 24);
	draw(0, 10);
	ck_assert_ptr_nonnull(strstr(text, "... and 13 more for a second or longer"));
}
END_TEST

/* They have a line if there is one left for the cases that run. */
START_TEST(those_that_wait_are_counted)
{
	static const struct {
		unsigned rows, lines;
		bool told;
	} windows[] = {{24, 9, true}, {6, 3, true}, {3, 2, false}, {2, 1, false}};

	ck_assert_ptr_null(strstr(draw(0, 10), "waiting"));
	waiting = 3;
	ck_assert_ptr_nonnull(
		strstr(draw(0, 10), "\n             3 waiting to be tried again\033[?7h"));
	resize(80, 3);
	erase();
	ck_assert_ptr_nonnull(strstr(draw(0, 10), "3 waiting to be tried again"));
	for (int i = 0; i < 20; i++)
		start(i, 30 - i);
	for (size_t i = 0; i < sizeof(windows) / sizeof(*windows); i++) {
		resize(80, windows[i].rows);
		erase();
		draw(0, 10);
		ck_assert_uint_eq(progress.lines, windows[i].lines);
		ck_assert(!strstr(text, "3 waiting") == !windows[i].told);
	}
	resize(80, 24);
	draw(0, 10);
	ck_assert_ptr_nonnull(strstr(text, "... and 14 more for a second or longer"));
	waiting = 0;
}
END_TEST

START_TEST(lines_fit)
{
	static char longer[300];

	memset(longer, 'x', sizeof(longer) - 1);
	infos[0].name = longer;
	infos[1].name = "caf\xc3\xa9\xe2\x98\x83";
	start(0, 5);
	start(1, 5);
	for (unsigned columns = 1; columns < 200; columns++) {
		resize(columns, 24);
		draw(0, 10);
		for (unsigned i = 0; i < progress.lines; i++)
			ck_assert_uint_lt(progress.widths[i], columns);
	}
	ck_assert_ptr_nonnull(strstr(text, "caf\xc3\xa9\xe2\x98\x83\033[?7h"));
}
END_TEST

/* As many rows up as the lines take now; once, and then nothing is there. */
START_TEST(what_was_drawn_goes)
{
	ck_assert_str_eq(erase(), "");
	draw(0, 10);
	ck_assert_str_eq(erase(), "\r\033[J");
	ck_assert_str_eq(erase(), "");
	start(0, 5);
	start(1, 5);
	draw(0, 10);
	ck_assert_str_eq(erase(), "\033[2A\r\033[J");
	draw(0, 10);
	resize(40, 24); /* the first line, of 79 columns, takes two rows now, the others one */
	ck_assert_uint_gt(progress.widths[0], 40);
	ck_assert_str_eq(erase(), "\033[3A\r\033[J");
}
END_TEST

START_TEST(due_at_times)
{
	ck_assert(progress_is_due(&progress));
	draw(0, 10);
	ck_assert(!progress_is_due(&progress) || progress.drawn == 0);
	progress.drawn -= 1;
	ck_assert(progress_is_due(&progress));
	erase();
	progress.drawn += 10;
	ck_assert(progress_is_due(&progress));
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, counts);
	tcase_add_test(all, long_cases_have_lines);
	tcase_add_test(all, lines_are_few);
	tcase_add_test(all, those_that_wait_are_counted);
	tcase_add_test(all, lines_fit);
	tcase_add_test(all, what_was_drawn_goes);
	tcase_add_test(all, due_at_times);
	return unit_run("progress", all);
}
