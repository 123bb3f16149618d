/* SPDX-License-Identifier: MIT */
/*
 * The commands that list cases are cases themselves, of a run that nobody sees: they get cells,
 * deadlines and order from the same keeper as all others. What is found out is remembered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "captured.h"
#include "cleanup.h"
#include "select.h"
#include "suite/command.h"
#include "suite/list.h"
#include "suite/list_cache.h"
#include "suite/listing.h"
#include "suite/locks.h"
#include "text.h"

#define OUTPUT_BYTES (256u << 20) /* of one list */

/* One suite to be asked. */
struct question {
	struct suite *suite;
	struct command_line command;
	struct suite asked; /* the suite of one case that the keeper runs: the command */
	struct kind kind;   /* of that; not in the table, since nothing is recognised as one */
	struct suite_case item;
	struct list_key key;
	struct answer answer;
	bool answered;
	char reason[1024]; /* why there is no answer */
};

struct listing {
	struct question *questions;
	size_t count;
	const struct flags *flags;
	const struct session *session;
};

void listing_options(struct cloche_options *options)
{
	options->timeout = LISTING_SECONDS;
	options->slow_after = LISTING_SECONDS;
	options->retries = 0;
	options->expect_signal = 0;
	options->expect_failure = false;
	options->leaks = "ignore";
	options->tty = false;
}

static void asked_command(const struct suite *suite, const struct suite_case *item,
			  struct command_line *command)
{
	const struct command_line *wanted = item->detail;

	(void)suite;
	for (size_t at = 0; at < wanted->words_size; at += strlen(wanted->words + at) + 1)
		command_add(command, wanted->words + at);
}

static char *copy(const char *text, size_t size)
{
	char *bytes = malloc(size + 1);

	if (bytes) {
		if (size) /* else there may be no text */
			memcpy(bytes, text, size);
		bytes[size] = '\0';
	}
	return bytes;
}

/* A reporter: what a command said is kept. */
static int question_ended(void *state, const struct result *result)
{
	struct listing *listing = state;
	struct question *question = &listing->questions[result->info->number - 1];
	const struct outcome *o = result->outcome;
	struct answer *answer = &question->answer;

	if (o->exec_error) {
		snprintf(question->reason, sizeof(question->reason),
			 "'%s' cannot be executed: %s; is it installed, and in PATH?",
			 question->command.words, strerror(o->exec_error));
		return 0;
	}
	if (!o->ended || o->setup_failed || o->timed_out || o->cancelled || o->out.cut) {
		snprintf(question->reason, sizeof(question->reason), "%s",
			 o->out.cut ? "its list is longer than 256 MiB" : result->reason);
		return 0;
	}
	answer->out = copy(o->out.head, o->out.head_size);
	answer->errors = copy(o->errors.head, o->errors.head_size);
	answer->result = copy(o->result, o->result_size);
	answer->out_size = o->out.head_size;
	answer->errors_size = o->errors.head_size;
	answer->result_size = o->result_size;
	answer->wait_status = o->wait_status;
	question->answered = answer->out && answer->errors && answer->result;
	return 0;
}

static const struct reporter listing_reporter = {.name = "list", .case_ended = question_ended};

static int ask(struct listing *listing, size_t *questions, size_t count)
{
	struct suites suites = {0};
	struct keeper keeper = {.session = listing->session,
				.suites = &suites,
				.slots = listing->flags->jobs ? listing->flags->jobs
							      : 2 * sysconf(_SC_NPROCESSORS_ONLN),
				.output_limit = 2 * (size_t)OUTPUT_BYTES,
				.lists = true,
				.timeout_multiplier = listing->flags->timeout_multiplier,
				.reporters = {{.reporter = &listing_reporter, .state = listing}},
				.reporter_count = 1};
	struct flags flags = {.command = COMMAND_RUN, .repeat = 1};
	char why[PATH_MAX + 512] = "not enough memory";
	size_t unused_size, unused_count;
	char *unused = NULL;
	int result;

	keeper.jobs = calloc(count, sizeof(*keeper.jobs));
	suites.list = calloc(count, sizeof(*suites.list));
	result = keeper.jobs && suites.list
			 ? zygote_start(listing->session->self, listing->session, &keeper.foreign,
					&unused, &unused_size, &unused_count, why, sizeof(why))
			 : -ENOMEM;
	free(unused);
	for (size_t i = 0; !result && i < count; i++) {
		struct question *question = &listing->questions[questions[i]];

		suites.list[suites.count++] = &question->asked;
		question->asked.zygote = keeper.foreign;
		question->asked.left = 1;
		keeper.foreign->users++;
		keeper.jobs[keeper.job_count++] =
			(struct job){.suite = i, .number = questions[i] + 1};
	}
	if (!result)
		result = plan_schedule(&keeper, &flags);
	if (!result)
		result = keeper_run(&keeper);
	for (size_t i = 0; i < suites.count; i++)
		suite_stop(suites.list[i]);
	free(suites.list);
	free(keeper.jobs);
	schedule_free(keeper.schedule);
	if (keeper.interrupts)
		return EXIT_INTERRUPTED;
	return result < 0 ? complain(EXIT_LISTING, "cannot list cases: %s", why) : 0;
}

/* "it ended with status 2, and said: no such option" */
static void describe_end(const struct answer *answer, char *text, size_t size)
{
	const char *end = answer->errors + answer->errors_size, *line;
	char name[TEXT_SIGNAL_ROOM];
	size_t used;

	if (WIFSIGNALED(answer->wait_status))
		snprintf(text, size, "it was killed by %s",
			 text_signal(WTERMSIG(answer->wait_status), name));
	else
		snprintf(text, size, "it ended with status %d", WEXITSTATUS(answer->wait_status));
	while (end > answer->errors && strchr("\n\r ", end[-1]))
		end--;
	for (line = end; line > answer->errors && line[-1] != '\n'; line--)
		;
	used = strlen(text);
	if (end > line)
		snprintf(text + used, size - used, ", and said: %.*s", (int)(end - line), line);
}

static int as_program(struct suite *suite, struct list *list)
{
	suite->kind = &kind_program;
	list_begin(list, suite);
	suite->kind->list(suite, NULL, list);
	return list_end(list);
}

/*
 * Whoever named the kind wants to know; of what only looks like one, nobody said it is. A directory
 * is no program in any case.
 */
static int doubt(struct suite *suite, struct list *list, const char *why)
{
	if (suite->kind_given || !suite->kind->list_command ||
	    suite->kind->order == ORDER_DIRECTORY)
		return complain(EXIT_LISTING, "'%s' cannot be listed as %s: %s", suite->path,
				suite->kind->title, why);
	complain(0,
		 "%s: looks like %s, and cannot be listed as that: %s; it runs as one case, and "
		 "--kind=program says that this is right",
		 suite->shown, suite->kind->title, why);
	return as_program(suite, list) < 0 ? select_no_memory() : 0;
}

static int read_answer(struct suite *suite, const struct answer *answer)
{
	struct said said = {.out = answer->out,
			    .out_size = answer->out_size,
			    .errors = answer->errors,
			    .errors_size = answer->errors_size,
			    .result = answer->result,
			    .result_size = answer->result_size,
			    .wait_status = answer->wait_status};
	struct list list;
	char why[1024];
	int result;

	list_begin(&list, suite);
	result = suite->kind->list(suite, suite->kind->list_command ? &said : NULL, &list);
	if (!result && suite->kind->list_command && !suite->case_count && answer->wait_status)
		result = list_fail(&list, "it lists no case");
	if (!result)
		result = list_end(&list);
	if (result == -ENOMEM)
		return select_no_memory();
	if (!result)
		return 0;
	if (!suite->kind->list_command || !answer->wait_status)
		return doubt(suite, &list, list.why);
	describe_end(answer, why, sizeof(why));
	return doubt(suite, &list, why);
}

static int prepare(struct listing *listing, struct question *question, struct suite *suite)
{
	int result = command_begin(&question->command);

	question->suite = suite;
	if (!result)
		suite->kind->list_command(suite, &question->command);
	if (!result)
		result = command_end(&question->command);
	if (result < 0)
		return result;
	question->item = (struct suite_case){
		.name = "(list)", .world = question->command.world, .detail = &question->command};
	question->kind = (struct kind){.name = "list",
				       .title = "a list",
				       .wants_result = suite->kind->wants_result,
				       .scrubbed = suite->kind->scrubbed,
				       .command = asked_command};
	question->asked = (struct suite){.kind = &question->kind,
					 .shown = suite->shown,
					 .cases = &question->item,
					 .case_count = 1};
	strcpy(question->asked.path, suite->path);
	return list_key_make(&question->key, &question->asked, &question->command,
			     listing->session);
}

/* All that nothing is remembered of. */
static int find_answers(struct listing *listing)
{
	size_t *unknown = calloc(listing->count + 1, sizeof(*unknown)), count = 0;
	int result = 0;

	if (!unknown)
		return select_no_memory();
	for (size_t i = 0; !result && i < listing->count; i++) {
		struct question *question = &listing->questions[i];

		question->answered = question->suite->kind->remembered &&
				     !listing->flags->fresh_list &&
				     list_cache_get(&question->key, &question->answer);
		if (!question->answered)
			unknown[count++] = i;
	}
	if (!result && count)
		result = ask(listing, unknown, count);
	for (size_t i = 0; !result && i < count; i++) {
		const struct question *question = &listing->questions[unknown[i]];

		if (question->answered && question->suite->kind->remembered)
			list_cache_put(&question->key, &question->answer);
	}
	free(unknown);
	return result;
}

static int read_question(struct question *question)
{
	struct suite *suite = question->suite;
	struct list list;

	if (question->answered)
		return read_answer(suite, &question->answer);
	list_begin(&list, suite);
	return doubt(suite, &list, question->reason);
}

static void forget(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct question *question = &listing->questions[i];

		command_free(&question->command);
		list_key_free(&question->key);
		answer_free(&question->answer);
	}
	free(listing->questions);
}

int listing_run(struct suites *suites, const bool *wanted, const struct flags *flags,
		const struct session *session)
{
	struct listing listing = {.flags = flags, .session = session};
	const struct answer nothing = {0};
	int result = 0;

	listing.questions = calloc(suites->count + 1, sizeof(*listing.questions));
	if (!listing.questions)
		return select_no_memory();
	for (size_t i = 0; i < suites->count && !result; i++) {
		struct suite *suite = suites->list[i];

		if (!wanted[i] || suite->native)
			continue;
		if (!suite->kind->list_command)
			result = read_answer(suite, &nothing);
		else if (prepare(&listing, &listing.questions[listing.count++], suite) < 0)
			result = select_no_memory();
	}
	if (!result)
		result = find_answers(&listing);
	for (size_t i = 0; i < listing.count && !result; i++)
		result = read_question(&listing.questions[i]);
	if (!result && locks_apply(suites, flags, session) < 0)
		result = select_no_memory();
	forget(&listing);
	return result;
}
