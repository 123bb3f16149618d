/* SPDX-License-Identifier: MIT */
/* The schedule: its order, its limits, and that nobody waits for ever. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "schedule.h"
#include "shuffle.h"

#define NO_GROUP .group = SCHEDULE_NO_GROUP

/* Numbers by chance, the same in every run. */
static uint64_t drawn;

static unsigned below(unsigned bound)
{
	return (unsigned)(shuffle_draw(42, drawn++, 0) % bound);
}

/* ---- a run in which time is a number ---- */

#define RUNNING 64

/* Hundreds of thousands of times, and ck_assert() writes to a file whenever it is passed. */
#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what))                                                                       \
			ck_abort_msg("not so: %s", #what);                                         \
	} while (0)

struct run {
	struct schedule *schedule;
	const struct schedule_item *items;
	size_t count;
	struct schedule_rules rules;
	struct schedule_ticket tickets[RUNNING];
	double ends[RUNNING];
	unsigned running, used, group_used[16];
	double now;
	uint64_t started;
	unsigned char *times; /* how often each item of each repetition started */
};

static void begin(struct run *run, const struct schedule_item *items, size_t count,
		  struct schedule_rules rules)
{
	*run = (struct run){.items = items, .count = count, .rules = rules};
	run->schedule = schedule_new(items, count, &rules);
	run->times = calloc(count * (rules.repetitions ? rules.repetitions : 1000) + 1, 1);
	ck_assert(run->schedule && run->times);
}

static void end(struct run *run)
{
	schedule_free(run->schedule);
	free(run->times);
}

static unsigned threads_of(const struct run *run, uint32_t item)
{
	uint64_t threads = run->items[item].threads ? run->items[item].threads : 1;

	return threads < run->rules.slots ? (unsigned)threads : run->rules.slots;
}

static unsigned slots_of(const struct run *run, uint32_t group)
{
	return run->rules.group_slots[group] ? run->rules.group_slots[group] : 1;
}

/* The next one, which is checked against all limits; it will run so long. */
static bool step(struct run *run, double duration, struct schedule_ticket *ret_ticket)
{
	const struct schedule_item *item;
	struct schedule_ticket ticket;

	if (!schedule_next(run->schedule, run->now, &ticket))
		return false;
	item = &run->items[ticket.item];
	must(ticket.item < run->count);
	run->used += threads_of(run, ticket.item);
	must(run->used <= run->rules.slots);
	if (item->group != SCHEDULE_NO_GROUP) {
		run->group_used[item->group]++;
		must(run->group_used[item->group] <= slots_of(run, item->group));
	}
	if (!ticket.again)
		must(!run->times[ticket.repetition * run->count + ticket.item]++);
	run->started += !ticket.again;
	run->tickets[run->running] = ticket;
	run->ends[run->running++] = run->now + duration;
	if (ret_ticket)
		*ret_ticket = ticket;
	return true;
}

/* Time goes on to the next end; the ticket of what ended. */
static struct schedule_ticket finish(struct run *run)
{
	struct schedule_ticket ticket;
	unsigned soonest = 0;

	must(run->running);
	for (unsigned i = 1; i < run->running; i++)
		if (run->ends[i] < run->ends[soonest])
			soonest = i;
	ticket = run->tickets[soonest];
	run->now = run->ends[soonest];
	run->used -= threads_of(run, ticket.item);
	if (run->items[ticket.item].group != SCHEDULE_NO_GROUP)
		run->group_used[run->items[ticket.item].group]--;
	schedule_ended(run->schedule, &ticket);
	run->running--;
	run->tickets[soonest] = run->tickets[run->running];
	run->ends[soonest] = run->ends[run->running];
	return ticket;
}

/* To the end, with durations by chance. */
static void run_all(struct run *run)
{
	do {
		while (step(run, 1 + below(50), NULL))
			;
		if (run->running)
			finish(run);
	} while (run->running || schedule_left(run->schedule));
}

static void check_once(const struct run *run, uint64_t repetitions)
{
	ck_assert_uint_eq(run->started, run->count * repetitions);
	for (size_t i = 0; i < run->count * repetitions; i++)
		ck_assert_uint_eq(run->times[i], 1);
}

/* ---- order ---- */

static void check_order(const struct schedule_item *items, size_t count,
			struct schedule_rules rules, const char *expected)
{
	struct schedule_ticket ticket;
	char order[256] = "";
	struct run run;

	begin(&run, items, count, rules);
	while (step(&run, 1, &ticket)) {
		snprintf(order + strlen(order), sizeof(order) - strlen(order), "%u.%u ",
			 ticket.repetition, ticket.item);
		finish(&run);
	}
	ck_assert_str_eq(order, expected);
	ck_assert_uint_eq(schedule_left(run.schedule), 0);
	end(&run);
}

START_TEST(as_listed_and_by_priority)
{
	static const struct schedule_item items[] = {{NO_GROUP},
						     {NO_GROUP, .priority = 5},
						     {NO_GROUP, .priority = -1},
						     {NO_GROUP, .priority = 5, .threads = 3},
						     {.group = 0}};

	check_order(items, 3, (struct schedule_rules){.slots = 1, .repetitions = 2},
		    "0.1 0.0 0.2 1.1 1.0 1.2 ");
	/* The same across buckets, when there is always room. */
	check_order(items, 5,
		    (struct schedule_rules){.slots = 4,
					    .group_slots = (unsigned[]){0},
					    .group_count = 1,
					    .repetitions = 1},
		    "0.1 0.3 0.0 0.4 0.2 ");
	check_order(items, 0, (struct schedule_rules){.slots = 4, .repetitions = 3}, "");
}
END_TEST

#define COUNT 1000

static void shuffled(uint64_t seed, uint32_t order[2][COUNT])
{
	static struct schedule_item items[COUNT];
	struct schedule_ticket ticket;
	struct run run;

	for (size_t i = 0; i < COUNT; i++)
		items[i] = (struct schedule_item){NO_GROUP, .threads = i % 3, .identity = i};
	begin(&run, items, COUNT,
	      (struct schedule_rules){.slots = 2, .repetitions = 2, .shuffle = true, .seed = seed});
	for (size_t i = 0; i < (size_t)2 * COUNT; i++) {
		ck_assert(step(&run, 1, &ticket));
		ck_assert_uint_eq(ticket.repetition, i / COUNT);
		order[i / COUNT][i % COUNT] = ticket.item;
		finish(&run);
	}
	check_once(&run, 2);
	end(&run);
}

START_TEST(shuffled_by_the_seed)
{
	uint32_t order[2][COUNT], again[2][COUNT], other[2][COUNT];
	size_t in_place = 0;

	shuffled(7, order);
	shuffled(7, again);
	shuffled(8, other);
	ck_assert_mem_eq(order, again, sizeof(order));
	ck_assert_mem_ne(order, other, sizeof(order));
	ck_assert_mem_ne(order[0], order[1], sizeof(order[0]));
	for (size_t i = 0; i < COUNT; i++) {
		in_place += order[0][i] == i;
		for (uint32_t r = 0; i && r < 2; r++)
			ck_assert(shuffle_draw(7, order[r][i - 1], r) <
				  shuffle_draw(7, order[r][i], r));
	}
	ck_assert_uint_lt(in_place, 20); /* 1 is to be expected */
}
END_TEST

START_TEST(priority_holds_when_shuffled)
{
	struct schedule_item items[100];
	struct schedule_ticket ticket;
	int32_t last = INT32_MAX;
	struct run run;

	for (int i = 0; i < 100; i++)
		items[i] = (struct schedule_item){NO_GROUP, .priority = i % 4,
						  .identity = (uint64_t)i};
	begin(&run, items, 100,
	      (struct schedule_rules){.slots = 1, .repetitions = 1, .shuffle = true});
	while (step(&run, 1, &ticket)) {
		ck_assert_int_le(items[ticket.item].priority, last);
		last = items[ticket.item].priority;
		finish(&run);
	}
	check_once(&run, 1);
	end(&run);
}
END_TEST

/* ---- limits ---- */

/* Every mixture: step() checks the limits, check_once() that nothing is lost or comes twice. */
START_TEST(nothing_is_lost_and_no_limit_passed)
{
	static const unsigned group_slots[] = {0, 1, 2, 3, 7, 100};
	struct schedule_item items[300];
	struct run run;

	drawn = (uint64_t)_i * 1000000;
	for (size_t i = 0; i < 300; i++)
		items[i] = (struct schedule_item){.group = below(3) ? SCHEDULE_NO_GROUP : below(6),
						  .threads = below(3) ? 1 : below(12),
						  .priority = below(2) ? 0 : (int32_t)below(7) - 3,
						  .identity = i};
	begin(&run, items, 300,
	      (struct schedule_rules){.slots = 1 + below(9),
				      .group_slots = group_slots,
				      .group_count = 6,
				      .repetitions = 1 + below(4),
				      .shuffle = below(2)});
	run_all(&run);
	check_once(&run, run.rules.repetitions);
	end(&run);
}
END_TEST

START_TEST(a_group_does_not_hold_up_others)
{
	struct schedule_item items[20];
	struct run run;

	for (size_t i = 0; i < 20; i++)
		items[i] = (struct schedule_item){.group = i < 10 ? 0 : SCHEDULE_NO_GROUP};
	begin(&run, items, 20,
	      (struct schedule_rules){.slots = 4,
				      .group_slots = (unsigned[]){1},
				      .group_count = 1,
				      .repetitions = 1});
	for (int i = 0; i < 4; i++)
		ck_assert(step(&run, i ? 1 : 100, NULL)); /* one of the group, three others */
	ck_assert(!step(&run, 1, NULL));
	for (int i = 0; i < 7; i++) {
		finish(&run);
		ck_assert(step(&run, 1, NULL));
	}
	ck_assert_uint_eq(run.group_used[0], 1);
	end(&run);
}
END_TEST

/* More threads than slots are all slots, and no case at all is too heavy to run. */
START_TEST(a_heavy_one_takes_all)
{
	static const struct schedule_item items[] = {
		{NO_GROUP, .threads = UINT64_MAX}, {NO_GROUP, .threads = 5}, {NO_GROUP}};
	struct run run;

	begin(&run, items, 3, (struct schedule_rules){.slots = 4, .repetitions = 1});
	for (int i = 0; i < 3; i++) {
		ck_assert(step(&run, 1, NULL));
		ck_assert(i == 2 || !step(&run, 1, NULL));
		ck_assert_uint_eq(run.used, i < 2 ? 4 : 1);
		finish(&run);
	}
	end(&run);
}
END_TEST

/* ---- nobody starves ---- */

/* Of endless light ones, always some in the way: the heavy one has its turn nevertheless. */
START_TEST(a_heavy_one_has_its_turn)
{
	struct schedule_item items[1001];
	struct schedule_ticket ticket;
	unsigned before = 0;
	struct run run;

	for (size_t i = 0; i < 1001; i++)
		items[i] = (struct schedule_item){NO_GROUP, .threads = i % 100 == 3 ? 3 : 1};
	begin(&run, items, 1001, (struct schedule_rules){.slots = 3, .repetitions = 1});
	for (uint32_t heavy = 3; heavy < 1000; heavy += 100) { /* each lets as many pass */
		for (ticket.item = 0; ticket.item != heavy; before++)
			while (!step(&run, 2 + before % 3, &ticket))
				finish(&run);
		ck_assert_uint_ge(before, heavy + SCHEDULE_PATIENCE * 3); /* no slot was idle */
		ck_assert_uint_le(before, heavy + 1 + SCHEDULE_PATIENCE * 3);
	}
	run_all(&run);
	check_once(&run, 1);
	end(&run);
}
END_TEST

/* And light ones have theirs among heavy ones. */
START_TEST(a_light_one_has_its_turn)
{
	struct schedule_item items[200];
	struct schedule_ticket ticket;
	struct run run;

	for (size_t i = 0; i < 200; i++)
		items[i] = (struct schedule_item){NO_GROUP, .threads = i % 10 ? 4 : 1};
	begin(&run, items, 200, (struct schedule_rules){.slots = 4, .repetitions = 1});
	for (uint32_t i = 0; i < 200; i++) {
		while (!step(&run, 1, &ticket))
			finish(&run);
		ck_assert_uint_le(i, ticket.item + SCHEDULE_PATIENCE * 4); /* not later than that */
	}
	check_once(&run, 1);
	end(&run);
}
END_TEST

/* A heavy one of a group, while light ones of that group come and go. */
START_TEST(a_heavy_one_of_a_group_has_its_turn)
{
	struct schedule_item items[500];
	struct schedule_ticket ticket;
	unsigned before = 0;
	struct run run;

	for (size_t i = 0; i < 500; i++)
		items[i] = (struct schedule_item){.group = i % 2 ? SCHEDULE_NO_GROUP : 0,
						  .threads = i == 4 ? 4 : 1};
	begin(&run, items, 500,
	      (struct schedule_rules){.slots = 4,
				      .group_slots = (unsigned[]){2},
				      .group_count = 1,
				      .repetitions = 1});
	for (ticket.item = 0; ticket.item != 4; before++)
		while (!step(&run, 2 + before % 5, &ticket))
			finish(&run);
	ck_assert_uint_lt(before, 50);
	run_all(&run);
	check_once(&run, 1);
	end(&run);
}
END_TEST

/* ---- repetitions ---- */

/* A slow group does not let the others run away: that would need memory, and --for would wait. */
START_TEST(repetitions_stay_together)
{
	struct schedule_item items[10];
	struct schedule_ticket ticket;
	unsigned last = 0, of_group = 0;
	struct run run;

	for (size_t i = 0; i < 10; i++)
		items[i] = (struct schedule_item){.group = i < 5 ? 0 : SCHEDULE_NO_GROUP};
	begin(&run, items, 10,
	      (struct schedule_rules){
		      .slots = 4, .group_slots = (unsigned[]){1}, .group_count = 1});
	for (int i = 0; i < 1000; i++) {
		while (!step(&run, 1, &ticket))
			finish(&run);
		last = ticket.repetition > last ? ticket.repetition : last;
		of_group += ticket.item < 5;
		ck_assert_uint_le(last, of_group / 5 + 1);
	}
	ck_assert_uint_gt(last, 50);
	end(&run);
}
END_TEST

START_TEST(stops_with_the_repetitions_that_have_begun)
{
	struct schedule_item items[10];
	unsigned last = 0;
	struct run run;

	for (size_t i = 0; i < 10; i++)
		items[i] = (struct schedule_item){.group = i < 3 ? 0 : SCHEDULE_NO_GROUP};
	begin(&run, items, 10,
	      (struct schedule_rules){.slots = 4,
				      .group_slots = (unsigned[]){1},
				      .group_count = 1,
				      .repetitions = _i ? 1000 : 0,
				      .shuffle = _i});
	for (int i = 0; i < 234; i++)
		while (!step(&run, 1 + below(3), NULL))
			finish(&run);
	for (unsigned i = 0; i < run.running; i++)
		last = run.tickets[i].repetition > last ? run.tickets[i].repetition : last;
	if (_i)
		ck_assert_uint_eq(schedule_left(run.schedule), 10000 - 234);
	schedule_stop(run.schedule);
	ck_assert_uint_eq(schedule_left(run.schedule), (last + 1) * 10 - 234);
	run_all(&run);
	check_once(&run, last + 1);
	end(&run);
}
END_TEST

/* Before anything began, one repetition is what is still meant. */
START_TEST(stopped_at_once_is_one_repetition)
{
	static const struct schedule_item items[] = {{NO_GROUP}, {NO_GROUP}};
	struct run run;

	begin(&run, items, 2, (struct schedule_rules){.slots = 4});
	schedule_stop(run.schedule);
	run_all(&run);
	check_once(&run, 1);
	end(&run);
}
END_TEST

/* Nor what is next in its order, while its group is full. */
START_TEST(stops_before_what_has_not_begun)
{
	static const struct schedule_item items[] = {{.group = 0}};
	struct run run;

	begin(&run, items, 1,
	      (struct schedule_rules){
		      .slots = 2, .group_slots = (unsigned[]){1}, .group_count = 1});
	ck_assert(step(&run, 1, NULL));
	ck_assert(!step(&run, 1, NULL));
	schedule_stop(run.schedule);
	finish(&run);
	ck_assert(!step(&run, 1, NULL));
	ck_assert_uint_eq(schedule_left(run.schedule), 0);
	end(&run);
}
END_TEST

/* ---- again ---- */

START_TEST(comes_again_when_it_is_due)
{
	static const struct schedule_item items[] = {
		{NO_GROUP}, {NO_GROUP}, {NO_GROUP}, {NO_GROUP, .priority = 1}};
	struct schedule_ticket ticket, failed;
	int what[2];
	struct run run;

	begin(&run, items, 4, (struct schedule_rules){.slots = 1, .repetitions = 1});
	ck_assert(isinf(schedule_due(run.schedule)));
	ck_assert(step(&run, 1, NULL)); /* of priority 1 */
	finish(&run);
	ck_assert(step(&run, 1, &failed) && !failed.again);
	ck_assert_int_eq(schedule_again(run.schedule, &failed, 10, &what[0]), 0);
	ck_assert(schedule_due(run.schedule) == 10);
	finish(&run);
	ck_assert(step(&run, 1, &ticket) && ticket.item == 1);
	ck_assert_int_eq(schedule_again(run.schedule, &ticket, 5, &what[1]), 0);
	ck_assert(schedule_due(run.schedule) == 5);
	finish(&run);
	run.now = 20; /* both are due, and go before what was not yet */
	ck_assert(step(&run, 1, &ticket) && ticket.item == 1 && ticket.again == &what[1]);
	finish(&run);
	ck_assert(step(&run, 1, &ticket) && ticket.item == 0 && ticket.again == &what[0]);
	finish(&run);
	ck_assert(step(&run, 1, &ticket) && ticket.item == 2 && !ticket.again);
	finish(&run);
	ck_assert(!step(&run, 1, NULL));
	ck_assert_uint_eq(schedule_left(run.schedule), 0);
	end(&run);
}
END_TEST

START_TEST(gives_back_who_waits)
{
	static const struct schedule_item items[] = {{NO_GROUP}};
	struct schedule_ticket ticket;
	bool seen[50] = {false};
	char what[50];
	struct run run;

	begin(&run, items, 1, (struct schedule_rules){.slots = 1, .repetitions = 1});
	ck_assert(step(&run, 1, &ticket));
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(schedule_again(run.schedule, &ticket, i * 7 % 50, &what[i]), 0);
	run.now = 20;
	ck_assert(!step(&run, 1, NULL)); /* no slot is free, but some became due */
	for (char *one; (one = schedule_take_back(run.schedule));)
		seen[one - what] = true;
	for (int i = 0; i < 50; i++)
		ck_assert(seen[i]);
	ck_assert(isinf(schedule_due(run.schedule)));
	end(&run);
}
END_TEST

/* In the order in which they are due. */
START_TEST(the_soonest_comes_first)
{
	struct schedule_item items[500];
	struct schedule_ticket ticket;
	double due[500];
	struct run run;

	for (int i = 0; i < 500; i++)
		items[i] = (struct schedule_item){NO_GROUP};
	begin(&run, items, 500, (struct schedule_rules){.slots = 1, .repetitions = 1});
	for (int i = 0; i < 500; i++) {
		ck_assert(step(&run, 0, &ticket));
		finish(&run);
		due[i] = 1000 + below(100000);
		ck_assert_int_eq(schedule_again(run.schedule, &ticket, due[i], &due[i]), 0);
	}
	for (int i = 0; i < 500; i++) {
		ck_assert(!step(&run, 0, NULL));
		ck_assert(schedule_due(run.schedule) > run.now);
		run.now = schedule_due(run.schedule);
		while (step(&run, 0, &ticket)) {
			ck_assert(*(double *)ticket.again == run.now);
			finish(&run);
			i++;
		}
		i--;
	}
	ck_assert(isinf(schedule_due(run.schedule)));
	end(&run);
}
END_TEST

/* What waits needs memory: with very many, no new ones start until some came back. */
START_TEST(not_too_many_wait)
{
	struct schedule_item *items = calloc(SCHEDULE_WAITING + 10, sizeof(*items));
	struct schedule_ticket ticket;
	struct run run;

	for (size_t i = 0; i < SCHEDULE_WAITING + 10; i++)
		items[i].group = SCHEDULE_NO_GROUP;
	begin(&run, items, SCHEDULE_WAITING + 10,
	      (struct schedule_rules){.slots = 1, .repetitions = 1});
	for (int i = 0; i < SCHEDULE_WAITING; i++) {
		ck_assert(step(&run, 0, &ticket));
		finish(&run);
		ck_assert_int_eq(schedule_again(run.schedule, &ticket, 5, items), 0);
	}
	ck_assert(!step(&run, 0, NULL));
	run.now = 5;
	ck_assert(step(&run, 0, &ticket) && ticket.again);
	end(&run);
	free(items);
}
END_TEST

/* ---- many ---- */

START_TEST(a_hundred_thousand)
{
	static const unsigned group_slots[10];
	struct schedule_item *items = calloc(100000, sizeof(*items));
	struct run run;

	for (size_t i = 0; i < 100000; i++)
		items[i] = (struct schedule_item){.group = i % 11 < 10 ? i % 11 : SCHEDULE_NO_GROUP,
						  .threads = i % 4,
						  .priority = (int32_t)(i % 1000),
						  .identity = i};
	begin(&run, items, 100000,
	      (struct schedule_rules){.slots = 16,
				      .group_slots = group_slots,
				      .group_count = 10,
				      .repetitions = 2,
				      .shuffle = true});
	run_all(&run);
	check_once(&run, 2);
	end(&run);
	free(items);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_test(all, as_listed_and_by_priority);
	tcase_add_test(all, shuffled_by_the_seed);
	tcase_add_test(all, priority_holds_when_shuffled);
	tcase_add_loop_test(all, nothing_is_lost_and_no_limit_passed, 0,
			    1 + 199 / (int)unit_every());
	tcase_add_test(all, a_group_does_not_hold_up_others);
	tcase_add_test(all, a_heavy_one_takes_all);
	tcase_add_test(all, a_heavy_one_has_its_turn);
	tcase_add_test(all, a_light_one_has_its_turn);
	tcase_add_test(all, a_heavy_one_of_a_group_has_its_turn);
	tcase_add_test(all, repetitions_stay_together);
	tcase_add_loop_test(all, stops_with_the_repetitions_that_have_begun, 0, 2);
	tcase_add_test(all, stops_before_what_has_not_begun);
	tcase_add_test(all, stopped_at_once_is_one_repetition);
	tcase_add_test(all, comes_again_when_it_is_due);
	tcase_add_test(all, gives_back_who_waits);
	tcase_add_test(all, the_soonest_comes_first);
	tcase_add_test(all, not_too_many_wait);
	tcase_add_test(all, a_hundred_thousand);
	return unit_run("schedule", all);
}
