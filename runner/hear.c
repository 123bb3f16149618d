/* SPDX-License-Identifier: MIT */
/*
 * What the test says becomes part of the outcome. The test is not trusted: what is kept of it is
 * bounded, and what it says it is called is no path.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "keeper.h"

#define REMARKS_BYTES (8u << 20) /* of one case, all together */
#define NOTES_BYTES   (6u << 20) /* of these, for all but failures: notes must not crowd them out */
#define REMARK_BYTES  512        /* what one without any text costs, here and in reports */

static const char *keep_text(struct running *running, struct record_text text)
{
	running->remembered += text.size;
	return obstack_copy0(&running->memory, text.size ? text.data : "", text.size);
}

static struct remark *keep(struct running *running, const struct record *record)
{
	struct remark *remark = obstack_alloc(&running->memory, sizeof(*remark));

	running->remembered += REMARK_BYTES;
	*remark = (struct remark){
		.file = record->file.size ? keep_text(running, record->file) : NULL,
		.line = record->line,
		.name = record->name.size ? keep_text(running, record->name) : NULL,
		.text = keep_text(running, record->text),
		.size = record->text.size,
		.cut = record->flags & RECORD_CUT,
	};
	return remark;
}

/* At the end of a list, if there is room: what only tells more may be left out. */
static struct remark *keep_in(struct running *running, const struct record *record,
			      struct remark ***end, size_t room)
{
	struct remark *remark;

	if (running->remembered > room) {
		running->outcome.remarks_left_out++;
		return NULL;
	}
	remark = keep(running, record);
	**end = remark;
	*end = &remark->next;
	return remark;
}

static void hear_failure(struct running *running, const struct record *record)
{
	if (running->outcome.failure_count++ < REMARKS_COUNT)
		keep_in(running, record, &running->failures_end, REMARKS_BYTES);
	else
		running->outcome.remarks_left_out++;
}

/* The test itself does not say all failures when they are too many, but counts them. */
static void hear_done(struct outcome *outcome, const struct record *record)
{
	uint64_t failures = record->b < UINT_MAX ? record->b : UINT_MAX;

	outcome->done = true;
	outcome->checks = record->a;
	if (failures <= outcome->failure_count)
		return;
	outcome->remarks_left_out += failures - outcome->failure_count;
	outcome->failure_count = failures;
}

static void hear_crash(struct running *running, const struct record *record)
{
	struct remark *remark;

	if (running->outcome.crash)
		return;
	remark = obstack_alloc(&running->memory, sizeof(*remark));
	*remark = (struct remark){0};
	symbolise(record, running->suite->path, &running->memory, &remark->text);
	remark->size = strlen(remark->text);
	running->outcome.crash = remark;
}

/* "a/../b c" becomes "a_.._b_c": a file name, never a path. */
static void safe_name(const struct record_text *name, char *buffer, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < name->size && used + 1 < size; i++) {
		unsigned char c = name->data[i];

		buffer[used++] = isalnum(c) || strchr("._-+", c) ? c : '_';
	}
	if (!used || buffer[0] == '.')
		buffer[0] = '_';
	buffer[used ? used : 1] = '\0';
}

void hear_place(const struct running *running, char *buffer, size_t size)
{
	struct record_text suite = {running->info.suite, strlen(running->info.suite)};
	struct record_text name = {running->info.name, strlen(running->info.name)};
	char a[100], b[100], attempt[16] = "";

	safe_name(&suite, a, sizeof(a));
	safe_name(&name, b, sizeof(b));
	if (running->info.attempt > 1)
		snprintf(attempt, sizeof(attempt), "-%u", running->info.attempt);
	snprintf(buffer, size, "%s.%s.%u%s", a, b, running->info.number, attempt);
}

static bool is_taken(const struct running *running, const char *path)
{
	for (const struct remark *r = running->outcome.attachments; r; r = r->next)
		if (r->file && !strcmp(r->file, path))
			return true;
	return false;
}

/* Where one of the case has the name already, it has its number behind: the third is "NAME.3". */
static int name_attachment(const struct running *running, const struct record *record,
			   char **ret_path)
{
	char place[NAME_MAX], name[128], again[16] = "", *path = NULL;
	unsigned number = 0;

	hear_place(running, place, sizeof(place));
	safe_name(&record->name, name, sizeof(name));
	for (const struct remark *r = running->outcome.attachments; r; r = r->next)
		number++;
	do {
		free(path);
		if (asprintf(&path, "%s/%s.%s%s", running->keeper->artifacts, place, name, again) <
		    0)
			return -ENOMEM;
		snprintf(again, sizeof(again), ".%u", number++);
	} while (is_taken(running, path));
	*ret_path = path;
	return 0;
}

static int open_attachment(struct running *running, const struct record *record, char **ret_path)
{
	char *path;
	int fd = name_attachment(running, record, &path);

	if (fd < 0)
		return fd;
	mkdir(running->keeper->artifacts, 0777);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0) {
		free(path);
		return -errno;
	}
	*ret_path = path;
	return fd;
}

struct remark *hear_file(struct running *running, const struct record *record)
{
	struct remark *remark = keep_in(running, &(struct record){.name = record->name},
					&running->attachments_end, NOTES_BYTES);
	char *path = NULL;

	if (!remark || !running->keeper->artifacts)
		return remark;
	running->attachment = open_attachment(running, record, &path);
	if (running->attachment < 0 || !path) {
		keeper_message(running->keeper,
			       "cannot keep an attachment of %s in '%s': %s; choose "
			       "another directory with --artifacts",
			       running->info.name, running->keeper->artifacts,
			       strerror(-running->attachment));
		return remark;
	}
	remark->file = obstack_copy0(&running->memory, path, strlen(path));
	free(path);
	return remark;
}

/* The pieces of an attachment come one after the other; the last has no RECORD_MORE. */
static void hear_attachment(struct running *running, const struct record *record)
{
	struct remark *last = running->outcome.attachments;

	while (last && last->next)
		last = last->next;
	if (!running->attaching)
		last = hear_file(running, record);
	running->attaching = record->flags & RECORD_MORE;
	if (!last)
		return;
	if (running->attached + record->text.size > ATTACHED_BYTES) {
		last->cut = true;
	} else if (running->attachment >= 0 &&
		   write(running->attachment, record->text.data, record->text.size) !=
			   (ssize_t)record->text.size) {
		last->cut = true;
		keeper_message(running->keeper, "an attachment of %s is cut, '%s': %s",
			       running->info.name, last->file, strerror(errno));
		running->attachment = safe_close(running->attachment);
	}
	running->attached += record->text.size;
	last->size += record->text.size;
	if (!running->attaching)
		running->attachment = safe_close(running->attachment);
}

static void hear_limit(struct running *running, const struct record *record)
{
	static const char *const names[] = {
		"address-space", "descriptors", "processes", "file-size",
		"cpu",           "tmpfs-size",  NULL};

	for (const char *const *name = names; *name; name++)
		if (strlen(*name) == record->name.size &&
		    !memcmp(*name, record->name.data, record->name.size))
			running->outcome.limit_hit = *name;
}

void hear_record(void *context, const struct record *record)
{
	struct running *running = context;
	struct outcome *outcome = &running->outcome;

	if (outcome->done) { /* nothing may follow */
		outcome->late = true;
		outcome->tampered |= record->type == RECORD_DONE;
		return;
	}
	switch (record->type) {
	case RECORD_FAILURE:
		hear_failure(running, record);
		break;
	case RECORD_NOTE:
		keep_in(running, record, &running->notes_end, NOTES_BYTES);
		break;
	case RECORD_SKIP:
		if (!outcome->skip) /* it decides: there is always room for one */
			outcome->skip = keep(running, record);
		break;
	case RECORD_ATTACH:
		hear_attachment(running, record);
		break;
	case RECORD_CRASH:
		hear_crash(running, record);
		break;
	case RECORD_LIMIT:
		hear_limit(running, record);
		break;
	case RECORD_DONE:
		hear_done(outcome, record);
		break;
	}
}
