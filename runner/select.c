/* SPDX-License-Identifier: MIT */
/*
 * Which cases of which suites run, and in which order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "filter.h"
#include "matrix.h"
#include "select.h"
#include "suite/listing.h"
#include "suite/template.h"

static bool is_twice(const struct suites *suites, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(suites->list[i]->path, suites->list[index]->path))
			return true;
	return false;
}

/*
 * A suite none of whose cases can be chosen is not started to list them. With --exact all are: its
 * names have to exist.
 */
static bool may_choose(const struct flags *flags, const struct suite *suite)
{
	for (size_t i = 0; i < flags->filters.count; i++)
		if (expression_may_match(flags->filters.items[i], suite->shown, suite->native))
			return true;
	return !flags->filters.count || flags->exacts.count;
}

/* Foreign suites first, all at once; then each native one by its own zygote. */
static int list_cases(struct suites *suites, const struct flags *flags,
		      const struct session *session, struct zygote **foreign)
{
	bool *wanted = calloc(suites->count + 1, sizeof(*wanted));
	char why[PATH_MAX + 512];
	int result;

	if (!wanted)
		return select_no_memory();
	for (size_t i = 0; i < suites->count; i++)
		wanted[i] = may_choose(flags, suites->list[i]);
	result = listing_run(suites, wanted, flags, session);
	for (size_t i = 0; i < suites->count && !result; i++)
		if (wanted[i] &&
		    suite_list(suites->list[i], session, foreign, why, sizeof(why)) < 0)
			result = complain(EXIT_LISTING, "%s", why);
	free(wanted);
	return result;
}

/* What cloche.ini says of suites, and above that the command line. */
static int take_templates(struct suites *suites, const struct flags *flags,
			  const struct session *session)
{
	const struct config *config = session->config;
	size_t sections = config ? config->count : 0;
	struct template *templates = calloc(sections + 1, sizeof(*templates)), *last;
	char why[512];

	if (!templates)
		return select_no_memory();
	suites->templates = templates;
	for (size_t i = 0; i < sections; i++) {
		const struct config_section *section = &config->sections[i];

		if (section->kind != SECTION_SUITES)
			continue;
		templates[suites->template_count] =
			(struct template){section_value(section, "paths"),
					  section_value(section, "list-command"),
					  section_value(section, "case-command"),
					  section_value(section, "pass-regex"),
					  section_value(section, "fail-regex"),
					  section_value(section, "skip-regex")};
		if (template_check(&templates[suites->template_count++], why, sizeof(why)) < 0)
			return complain(EXIT_SETUP, "%s:%u: [suites %s]: %s", config->shown,
					section->line, section->name, why);
	}
	last = &templates[suites->template_count];
	*last = (struct template){NULL,
				  flags->list_command,
				  flags->case_command,
				  flags->pass_regex,
				  flags->fail_regex,
				  flags->skip_regex};
	if (template_check(last, why, sizeof(why)) < 0)
		return complain(EXIT_SETUP, "--%s", why);
	for (struct template *t = templates; t < last; t++) { /* they go above each of these */
		t->pass_regex = last->pass_regex ? last->pass_regex : t->pass_regex;
		t->fail_regex = last->fail_regex ? last->fail_regex : t->fail_regex;
		t->skip_regex = last->skip_regex ? last->skip_regex : t->skip_regex;
	}
	if (flags->case_command || flags->pass_regex || flags->fail_regex || flags->skip_regex)
		suites->template_count++;
	return 0;
}

int select_suites(struct suites *suites, const struct flags *flags, const struct session *session,
		  const char *self_suite, struct zygote **foreign)
{
	char why[PATH_MAX + 512];
	int result;

	if (self_suite && suites_add_native(suites, self_suite, why, sizeof(why)) < 0)
		return complain(EXIT_LISTING, "%s", why);
	if (self_suite) { /* it is run bare: its name says enough */
		free(suites->list[0]->shown);
		suites->list[0]->shown = strrchr(suites->list[0]->path, '/') + 1;
	}
	if (!self_suite && take_templates(suites, flags, session))
		return EXIT_SETUP;
	for (size_t i = 0; !self_suite && i < flags->rest_count; i++)
		if (suites_add(suites, flags->rest[i], &flags->kinds, why, sizeof(why)) < 0)
			return complain(EXIT_LISTING, "%s", why);
	for (size_t i = 0; i < suites->count; i++)
		if (is_twice(suites, i))
			return complain(EXIT_LISTING,
					"'%s' is named twice; name every suite once, or use "
					"--repeat",
					suites->list[i]->shown);
	for (size_t i = 0; i < suites->count; i++)
		suites->list[i]->build_config = flags->build_config;
	result = list_cases(suites, flags, session, foreign);
	return result ? result : matrix_expand(suites, session);
}

static size_t count_cases(const struct suites *suites)
{
	size_t count = 0;

	for (size_t i = 0; i < suites->count; i++)
		count += suites->list[i]->case_count;
	return count;
}

int select_no_memory(void)
{
	return complain(EXIT_SETUP, "not enough memory for so many cases; choose fewer");
}

/* Whoever names one exactly means it. */
static bool is_left_out(const struct flags *flags, const struct suite_case *item)
{
	if (!strcmp(flags->run_ignored, "all"))
		return false;
	if (!strcmp(flags->run_ignored, "only"))
		return !item->ignored;
	return item->ignored && !flags->exacts.count;
}

static void choose(struct selection *selection, const struct filter *filter)
{
	const struct suites *suites = selection->suites;

	for (size_t s = 0; s < suites->count; s++) {
		const struct suite *suite = suites->list[s];

		for (size_t c = 0; c < suite->case_count; c++) {
			struct expression_subject subject = suite_subject(suite, &suite->cases[c]);

			if (!is_left_out(selection->flags, &suite->cases[c]) &&
			    filter_matches(filter, &subject))
				selection->jobs[selection->count++] =
					(struct job){.suite = s, .index = c};
		}
	}
}

/* What the flags name. */
static int select_named(struct selection *selection)
{
	const struct flags *flags = selection->flags;
	struct filter filter = {.names = flags->names.items,
				.name_count = flags->names.count,
				.skips = flags->skips.items,
				.skip_count = flags->skips.count,
				.exacts = flags->exacts.items,
				.exact_count = flags->exacts.count,
				.expressions =
					(const struct expression *const *)flags->filters.items,
				.expression_count = flags->filters.count};
	size_t cases = count_cases(selection->suites);

	selection->jobs = calloc(cases + 1, sizeof(*selection->jobs));
	if (!selection->jobs)
		return select_no_memory();
	choose(selection, &filter);
	if (selection->count)
		return 0;
	return complain(EXIT_NOTHING_TO_RUN,
			cases || flags->filters.count
				? "no case matches; 'cloche list' shows their names"
				: "there is no case in these suites");
}

static void stop_unused(struct suites *suites)
{
	for (size_t i = 0; i < suites->count; i++) {
		struct suite *suite = suites->list[i];

		if (!suite->left)
			suite_stop(suite);
	}
}

static void number_jobs(struct selection *selection)
{
	for (size_t i = 0; i < selection->count; i++) {
		selection->jobs[i].number = i + 1;
		selection->suites->list[selection->jobs[i].suite]->left++;
	}
}

int select_jobs(struct suites *suites, const struct flags *flags, struct job **ret_jobs,
		size_t *ret_count)
{
	struct selection selection = {.suites = suites, .flags = flags};
	int result = select_exact(&selection);

	if (!result)
		result = select_named(&selection);
	if (!result)
		result = select_only(&selection);
	if (!result)
		result = select_shard(&selection);
	if (!result) /* behind the shard: its part is then that of the run before */
		result = select_rerun(&selection);
	if (!result)
		number_jobs(&selection);
	stop_unused(suites);
	if (result) {
		free(selection.jobs);
		return result;
	}
	*ret_jobs = selection.jobs;
	*ret_count = selection.count;
	return 0;
}
