/* SPDX-License-Identifier: MIT */
/*
 * cloche clock: in a cell, what the clocks are, and what they shall be
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock_ask.h"
#include "clock_text.h"
#include "flags.h"
#include "keeper.h"
#include "nearest.h"

static void print_duration(const char *name, const struct clock_control_time *time)
{
	long long days = time->seconds / 86400;

	printf("%-10s %lld.%03lld s", name, (long long)time->seconds,
	       (long long)time->nanoseconds / 1000000);
	if (days)
		printf(" (%lld days %02lld:%02lld:%02lld)", days,
		       (long long)time->seconds % 86400 / 3600,
		       (long long)time->seconds % 3600 / 60, (long long)time->seconds % 60);
	putchar('\n');
}

static void print_time(const char *name, const struct clock_control_time *time)
{
	struct timespec t = {time->seconds, time->nanoseconds};
	char text[CLOCK_TEXT_MAX];

	clock_text_format(&t, text);
	printf("%-10s %s\n", name, text);
}

static int print(const struct clock_control *c)
{
	print_time("wall", &c->wall);
	printf("%-10s %g\n", "speed", (double)c->speed / CLOCK_CONTROL_RATE);
	printf("%-10s %lld s\n", "tai-wall", (long long)c->tai);
	print_duration("boottime", &c->boottime);
	print_duration("monotonic", &c->monotonic);
	printf("%-10s %u\n", "jumps", c->jumps);
	print_time("machine", &c->real);
	return 0;
}

/* Each fills in the question. Returns 0, or what clock_ask_why() explains. */

static int make_show(struct clock_control *c, char **words)
{
	(void)words;
	*c = (struct clock_control){.operation = CLOCK_CONTROL_SHOW};
	return 0;
}

static int make_set(struct clock_control *c, char **words)
{
	return clock_ask_set(c, words[0]);
}

static int take_duration(const char *text, struct clock_control_time *ret)
{
	struct timespec time;

	if (clock_text_duration(text, &time) < 0)
		return -ENOMSG;
	*ret = (struct clock_control_time){time.tv_sec, time.tv_nsec};
	return 0;
}

static int make_step(struct clock_control *c, char **words)
{
	struct timespec time = {0};
	bool is_relative;

	c->operation = CLOCK_CONTROL_STEP;
	if (*words[0] != '+' && *words[0] != '-')
		return take_duration(words[0], &c->time);
	if (clock_text_parse(words[0], &time, &is_relative) < 0)
		return -ENOMSG;
	c->time = (struct clock_control_time){time.tv_sec, time.tv_nsec};
	return 0;
}

static int make_speed(struct clock_control *c, char **words)
{
	char *end;
	double factor = strtod(words[0], &end);

	if (end == words[0] || *end || !isfinite(factor))
		return -ERANGE;
	clock_ask_speed(c, factor);
	return 0;
}

static int make_tai(struct clock_control *c, char **words)
{
	char *end;
	long seconds = strtol(words[0], &end, 10);

	if (end == words[0] || *end || labs(seconds) > 1000000)
		return -EILSEQ;
	*c = (struct clock_control){.operation = CLOCK_CONTROL_TAI, .time = {.seconds = seconds}};
	return 0;
}

static int make_suspend(struct clock_control *c, char **words)
{
	c->operation = CLOCK_CONTROL_SUSPEND;
	return take_duration(words[0], &c->time);
}

static int make_advance(struct clock_control *c, char **words)
{
	int result = take_duration(words[0], &c->time);

	c->operation = CLOCK_CONTROL_ADVANCE;
	if (!result && words[1])
		result = take_duration(words[1], &c->step);
	return result;
}

static const struct {
	const char *name, *words;
	unsigned least, most;
	int (*make)(struct clock_control *c, char **words);
} questions[] = {
	{"show", "", 0, 0, make_show},
	{"set", " WHEN", 1, 1, make_set},
	{"step", " [+-]DURATION", 1, 1, make_step},
	{"tai", " SECONDS", 1, 1, make_tai},
	{"speed", " FACTOR", 1, 1, make_speed},
	{"suspend", " DURATION", 1, 1, make_suspend},
	{"advance", " DURATION [STEP]", 1, 2, make_advance},
};

#define QUESTIONS (sizeof(questions) / sizeof(*questions))

static int refuse(const char *word)
{
	struct nearest nearest = {.word = word};

	for (size_t i = 0; i < QUESTIONS; i++)
		nearest_offer(&nearest, questions[i].name);
	if (nearest.found)
		return complain(EXIT_SETUP, "a clock cannot '%s'; did you mean '%s'?", word,
				nearest.found);
	return complain(EXIT_SETUP,
			"a clock cannot '%s'; it can show, set, step, tai, speed, suspend, advance",
			word);
}

static const char *why(int error)
{
	switch (error) {
	case ENOMSG:
		return "a duration is such as 90, 500ms, 1h30m or 30d";
	case EILSEQ:
		return "CLOCK_TAI is ahead by a whole number of seconds, such as 37";
	case ENOSYS:
		return "this is not a cell with a clock of its own; start one with 'cloche exec "
		       "--wall now -- COMMAND'";
	default:
		return clock_ask_why(error);
	}
}

int command_clock(struct flags *flags, struct session *session)
{
	struct clock_control control = {0};
	const char *word = flags->rest_count ? flags->rest[0] : "show";
	size_t i = 0, words = flags->rest_count ? flags->rest_count - 1 : 0;
	int result;

	(void)session;
	while (i < QUESTIONS && strcmp(questions[i].name, word))
		i++;
	if (i == QUESTIONS)
		return refuse(word);
	if (words < questions[i].least || words > questions[i].most)
		return complain(EXIT_SETUP, "it is 'cloche clock %s%s'", word, questions[i].words);
	result = questions[i].make(&control, flags->rest_count ? flags->rest + 1 : NULL);
	if (!result)
		result = clock_ask(&control);
	if (result < 0)
		return complain(EXIT_SETUP, "%s", why(-result));
	return strcmp(word, "show") ? 0 : print(&control);
}
