/* SPDX-License-Identifier: MIT */
/*
 * reports: which ones a run has, where they go, and their ends
 *
 * All files are opened before any is emptied: a command line that is wrong destroys nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "directories.h"
#include "flags.h"
#include "report/fold.h"

#define REPORTER(name) extern const struct reporter reporter_##name;
#include "report-table.h"
#undef REPORTER

static const struct reporter *const known[] = {
#define REPORTER(name) &reporter_##name,
#include "report-table.h"
#undef REPORTER
};

#define KNOWN (sizeof(known) / sizeof(*known))

const struct reporter *report_at(size_t index)
{
	return index < KNOWN ? known[index] : NULL;
}

/* One `--report NAME[=FILE]`, opened. */
struct asked {
	const struct reporter *reporter;
	const char *text, *file; /* file: NULL for standard output */
	struct report_options options;
	struct stat place;
};

static const struct reporter *find_reporter(const char *name, size_t size)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strlen(known[i]->name) == size && !strncmp(known[i]->name, name, size))
			return known[i];
	return NULL;
}

static int complain_unknown(const char *name, size_t size)
{
	char names[256];
	size_t used = 0;

	for (size_t i = 0; i < KNOWN; i++)
		used += snprintf(names + used, sizeof(names) - used, "%s%s",
				 !i              ? ""
				 : i + 1 < KNOWN ? ", "
						 : " and ",
				 known[i]->name);
	return complain(EXIT_SETUP, "there is no report '%.*s'; the reports are %s", (int)size,
			name, names);
}

static bool wants_color(const struct flags *flags, int fd)
{
	const char *forced = getenv("CLICOLOR_FORCE"), *none = getenv("NO_COLOR");

	if (strcmp(flags->color, "auto"))
		return !strcmp(flags->color, "always");
	if (none && *none)
		return false;
	return (forced && *forced && strcmp(forced, "0")) || isatty(fd);
}

static int open_file(const char *file)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC, fd = open(file, flags, 0666);
	memory_free char *path = NULL;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	path = strdup(file);
	if (path)
		directories_above(path, 0777);
	return open(file, flags, 0666);
}

static enum output_when output_when(const char *word)
{
	return !strcmp(word, "never")       ? OUTPUT_NEVER
	       : !strcmp(word, "immediate") ? OUTPUT_IMMEDIATE
	       : !strcmp(word, "final")     ? OUTPUT_FINAL
					    : OUTPUT_BOTH;
}

static int open_report(struct asked *asked, const struct flags *flags, const char *text)
{
	size_t size = strcspn(text, "=");
	const char *file = text[size] ? text + size + 1 : NULL, *refusal;
	struct report_options *options = &asked->options;

	asked->reporter = find_reporter(text, size);
	asked->text = text;
	asked->file = file;
	if (!asked->reporter)
		return complain_unknown(text, size);
	refusal = asked->reporter->refusal ? asked->reporter->refusal() : NULL;
	if (refusal)
		return complain(EXIT_SETUP, "the report %s cannot be had: %s",
				asked->reporter->name, refusal);
	options->verbose = flags->verbose;
	options->failure_output = output_when(flags->output);
	options->success_output = output_when(flags->success_output);
	options->file = file;
	options->fd = file ? open_file(file) : fcntl(1, F_DUPFD_CLOEXEC, 3);
	if (options->fd < 0 || fstat(options->fd, &asked->place))
		return complain(EXIT_SETUP, "cannot write the report '%s': %s; choose another file",
				file ? file : text, strerror(errno));
	options->color = wants_color(flags, options->fd);
	options->live = isatty(options->fd);
	return 0;
}

/* Two texts in one file would be neither; a terminal or /dev/null may have several. */
static int check_places(const struct asked *asked, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct asked *a = &asked[j], *b = &asked[i];

			if (S_ISCHR(a->place.st_mode) || a->reporter->mixes || b->reporter->mixes ||
			    a->place.st_dev != b->place.st_dev ||
			    a->place.st_ino != b->place.st_ino)
				continue;
			return complain(EXIT_SETUP,
					"the reports '%s' and '%s' would be written to the same "
					"place; give each a file of its own",
					a->text, b->text);
		}
	return 0;
}

static int start_report(struct keeper *keeper, struct asked *asked, const struct run_info *info)
{
	struct running_reporter *to = &keeper->reporters[keeper->reporter_count];

	if (asked->file && S_ISREG(asked->place.st_mode) && ftruncate(asked->options.fd, 0))
		return complain(EXIT_SETUP, "cannot write the report '%s': %s; choose another file",
				asked->file, strerror(errno));
	*to = (struct running_reporter){.reporter = asked->reporter, .file = asked->file};
	to->error = asked->reporter->start(&to->state, &asked->options, info);
	keeper->reporter_count++;
	return 0;
}

/* Where a log is read by GitHub, and for people: one more, unless it was asked for. */
static bool wants_github(const struct asked *asked, size_t count)
{
	bool people = false;

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(asked[i].reporter->name, "github"))
			return false;
		people |= !strcmp(asked[i].reporter->name, "terminal") && !asked[i].file;
	}
	return people && count < REPORTS_MAX && fold_is_github();
}

int reports_start(struct keeper *keeper, const struct flags *flags, const struct run_info *info)
{
	static const char *const only_terminal[] = {"terminal"};
	const char *const *texts = flags->reports.count ? flags->reports.items : only_terminal;
	/* A debugger has the terminal. */
	size_t count = flags->reports.count ? flags->reports.count : !keeper->passthrough;
	struct asked asked[REPORTS_MAX] = {0};
	int result = 0;

	if (count > REPORTS_MAX)
		return complain(EXIT_SETUP, "more than %d reports; give fewer", REPORTS_MAX);
	for (size_t i = 0; i < count && !result; i++)
		result = open_report(&asked[i], flags, texts[i]);
	if (!result && wants_github(asked, count))
		result = open_report(&asked[count++], flags, "github");
	if (!result)
		result = check_places(asked, count);
	for (size_t i = 0; i < count && !result; i++)
		result = start_report(keeper, &asked[i], info);
	return result;
}

/* A run that is remembered has lost nothing by it. */
static int complain_incomplete(const struct running_reporter *report, int error, const char *id)
{
	const char *name = report->reporter->name, *file = report->file;
	char cure[128];

	if (id)
		snprintf(cure, sizeof(cure), "'cloche replay %s --report=%s=FILE' writes it again",
			 id, name);
	else
		snprintf(cure, sizeof(cure), "write it elsewhere with --report=%s=FILE", name);
	return complain(EXIT_REPORT, "the report %s%s%s is not complete: %s; %s", name,
			file ? "=" : "", file ? file : "", strerror(-error), cure);
}

int reports_end(struct keeper *keeper, const char *id)
{
	int result = 0;

	for (size_t i = 0; i < keeper->reporter_count; i++) {
		struct running_reporter *to = &keeper->reporters[i];
		int error = to->state ? to->reporter->end(to->state, &keeper->totals) : 0;

		error = to->error ? to->error : error;
		if (error)
			result = complain_incomplete(to, error, id);
	}
	return result;
}
