/* SPDX-License-Identifier: MIT */
/*
 * One part of what is chosen, because --shard says so, or somebody else who divides the work.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "filter.h"
#include "select.h"
#include "times.h"

/* ---- the environment ---- */

static int touch(const char *path, const char *variable)
{
	fd_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd >= 0 && !futimens(fd, NULL))
		return 0;
	return complain(EXIT_SETUP, "cannot touch '%s', as %s asks: %s; unset it, or name another",
			path, variable, strerror(errno));
}

/* That we know of shards: else each of them would be thought to run everything. */
static int touch_status_files(void)
{
	const struct shard_protocol *protocol;
	int result = 0;

	for (size_t i = 0; !result && (protocol = shard_protocol(i)); i++) {
		const char *path = protocol->status ? getenv(protocol->status) : NULL;

		if (path && *path)
			result = touch(path, protocol->status);
	}
	return result;
}

/* What we have read is not for programs that we start, and divide their own work. */
static void unset_variables(void)
{
	const struct shard_protocol *protocol;

	for (size_t i = 0; (protocol = shard_protocol(i)); i++) {
		unsetenv(protocol->index);
		unsetenv(protocol->count);
		if (protocol->status)
			unsetenv(protocol->status);
	}
	unsetenv(SHARD_ONLY);
}

static int read_shard(struct flags *flags)
{
	struct shard *shard = &flags->shard, said;
	const char *names;
	char why[512];
	int result;

	if (flags->exacts.count && !shard->count) /* somebody else divides, and named our part */
		return 0;
	result = shard_from_environment(getenv, &said, &names, why, sizeof(why));
	if (!shard->count && result < 0)
		return complain(EXIT_SETUP, "%s", why);
	if (result <= 0 || (shard->index == said.index && shard->count == said.count))
		return 0;
	if (shard->count)
		return complain(0, "--shard=%u/%u wins over %s, which say %u/%u", shard->index,
				shard->count, names, said.index, said.count);
	*shard = said;
	return complain(0, "only shard %u/%u, as %s say; --shard=1/1 is all", said.index,
			said.count, names);
}

static int read_only(struct flags *flags)
{
	const char *only = getenv(SHARD_ONLY);

	if (!only || !*only)
		return 0;
	flags->only = strdup(only);
	if (!flags->only)
		return select_no_memory();
	return complain(0, "only cases that match '%s', as " SHARD_ONLY " says", only);
}

int select_environment(struct flags *flags)
{
	int result = 0;

	if (flags->times && !flags->shard.by_time)
		return complain(EXIT_SETUP,
				"--times is for --shard=time:K/N, which is not there; add it");
	if (flags->command != COMMAND_LIST && !flags->list)
		result = touch_status_files();
	if (!result)
		result = read_shard(flags);
	if (!result)
		result = read_only(flags);
	unset_variables();
	return result;
}

/* ---- taking away ---- */

int select_only(struct selection *selection)
{
	const char *only = selection->flags->only;
	size_t used = 0;

	if (!only)
		return 0;
	for (size_t i = 0; i < selection->count; i++)
		if (filter_name_matches(only, selection_suite(selection, i),
					selection_name(selection, i)) ||
		    filter_name_matches(only, selection_suite(selection, i),
					selection_listed(selection, i)))
			selection->jobs[used++] = selection->jobs[i];
	selection->count = used;
	/* It goes to many programs at once: most have nothing that matches, which is no failure. */
	return used ? 0 : complain(0, "no case matches '%s'; nothing is run", only);
}

static int times_from_file(const struct selection *selection, struct shard_item *items)
{
	char why[PATH_MAX + 256];
	struct times *times = times_read(selection->flags->times, why, sizeof(why));

	if (!times)
		return complain(EXIT_SETUP, "%s", why);
	for (size_t i = 0; i < selection->count; i++)
		items[i].seconds = times_find(times, items[i].suite, items[i].name);
	times_free(times);
	return 0;
}

static int times_from_journals(const struct selection *selection, struct shard_item *items)
{
	char why[PATH_MAX + 256];
	struct journal_cases cases;

	if (select_history(selection, &cases, why, sizeof(why)) < 0)
		return complain(0,
				"the shards have about as many cases each, by no times: %s, or "
				"give --times",
				why);
	for (size_t i = 0; i < selection->count; i++) {
		const struct journal_case *known =
			journal_cases_find(&cases, items[i].suite, items[i].name);

		if (known)
			items[i].seconds = known->seconds;
	}
	journal_cases_free(&cases);
	return 0;
}

static int divide_by_time(const struct selection *selection, struct shard_item *items)
{
	int result = selection->flags->times ? times_from_file(selection, items)
					     : times_from_journals(selection, items);

	if (!result && shard_by_time(selection->flags->shard.count, items, selection->count) < 0)
		result = select_no_memory();
	return result;
}

static int divide_by_hash(const struct selection *selection, struct shard_item *items)
{
	for (size_t i = 0; i < selection->count; i++)
		items[i].shard =
			shard_by_hash(selection->flags->shard.count, items[i].suite, items[i].name);
	return 0;
}

/* What is in our shard stays. */
static size_t keep(struct selection *selection, const struct shard_item *items)
{
	size_t used = 0;

	for (size_t i = 0; i < selection->count; i++)
		if (items[i].shard == selection->flags->shard.index)
			selection->jobs[used++] = selection->jobs[i];
	return used;
}

int select_shard(struct selection *selection)
{
	const struct shard *shard = &selection->flags->shard;
	size_t all = selection->count;
	struct shard_item *items;
	int result;

	if (!shard->count || !all)
		return 0;
	items = calloc(all, sizeof(*items));
	if (!items)
		return select_no_memory();
	for (size_t i = 0; i < all; i++)
		items[i] = (struct shard_item){.suite = selection_suite(selection, i),
					       .name = selection_name(selection, i),
					       .seconds = -1};
	result = shard->by_time ? divide_by_time(selection, items)
				: divide_by_hash(selection, items);
	if (!result)
		selection->count = keep(selection, items);
	free(items);
	if (result || selection->count)
		return result;
	return complain(0, "none of %zu case%s is in shard %u/%u; nothing is run", all,
			all == 1 ? "" : "s", shard->index, shard->count);
}
