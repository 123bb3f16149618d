/* SPDX-License-Identifier: MIT */
/*
 * The commands of the program `cloche`, and cloche_main() for a suite's own program.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case.h"
#include "commands.h"
#include "complete.h"
#include "config.h"
#include "dump.h"
#include "flags.h"
#include "nearest.h"
#include "protocol.h"
#include "suite/steps.h"

static bool reads_config(enum command command)
{
	return command &
	       (COMMAND_RUN | COMMAND_LIST | COMMAND_SELF | COMMAND_CONFIG | COMMAND_RUNS);
}

static int begin(struct flags *flags, struct session *session, enum command command, int argc,
		 char **argv)
{
	static struct config config; /* it lives as long as the run */
	char why[PATH_MAX + 1024] = "not enough memory";
	int failed = command & (COMMAND_EXEC | COMMAND_SHELL | COMMAND_ENTER) ? EXIT_EXEC_FAILED
									      : EXIT_SETUP;

	if (flags_parse(flags, command, argc, argv, why, sizeof(why)) < 0)
		return complain(failed, "%s", why);
	if (flags->help)
		return 0;
	if (reads_config(command) && config_load(&config, flags, argc, argv, why, sizeof(why)) < 0)
		return complain(failed, "%s", why);
	if (session_begin(session, flags, &config, why, sizeof(why)) < 0)
		return complain(failed, "%s", why);
	return 0;
}

/*
 * What the caller has closed of descriptors 0, 1 and 2 still fails to be used (EBADF), but is no
 * number that something else gets: a report would be written into that.
 */
static void take_closed(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd ? O_RDONLY : O_WRONLY); /* the lowest number: fd */
}

/* What this program is for itself: a zygote, a dumper, or what runs steps. */
static void be_a_part(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], ZYGOTE_ARGUMENT))
		zygote_main(argv[0]);
	if (argc == 4 && !strcmp(argv[1], DUMP_ARGUMENT))
		_exit(dump_main(argv + 2)); /* nothing of the suite's own runs */
	if (argc >= 2 && !strcmp(argv[1], STEPS_ARGUMENT))
		steps_main(argv + 2);
}

/* How a program of cloche starts; returns if that is a keeper. */
static void be_ready(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN); /* write(2) tells, by EPIPE and EFBIG */
	signal(SIGXFSZ, SIG_IGN);
	be_a_part(argc, argv);
	take_closed();
}

int cloche_main(int argc, char **argv)
{
	/* What lives as long as the run is static: nobody frees it. */
	static struct session session;
	static struct flags flags;
	int result;

	be_ready(argc, argv);
	result = begin(&flags, &session, COMMAND_SELF, argc, argv);
	if (result)
		return result;
	if (flags.help)
		return flags_help(stdout, COMMAND_SELF, argv[0]), output_ended("the help");
	if (!case_count())
		return complain(EXIT_NOTHING_TO_RUN,
				"there is no case in this program; is the file with its TEST() "
				"compiled in?");
	flags.words = argv;
	flags.names.items =
		reallocarray(flags.names.items, flags.names.count + flags.rest_count + 1,
			     sizeof(*flags.names.items));
	for (size_t i = 0; flags.names.items && i < flags.rest_count; i++)
		flags.names.items[flags.names.count++] = flags.rest[i];
	if (flags.list)
		return command_list(&flags, &session, session.self);
	return command_run(&flags, &session, session.self);
}

static int refuse_command(const char *word)
{
	struct nearest nearest = {.word = word};

	for (const struct command_row *row = command_rows; row->name; row++)
		if (*row->name)
			nearest_offer(&nearest, row->name);
	if (nearest.found)
		return complain(EXIT_SETUP, "there is no command '%s'; did you mean '%s'?", word,
				nearest.found);
	return complain(EXIT_SETUP, "there is no command '%s'; 'cloche --help' lists them", word);
}

int cloche_program(int argc, char **argv)
{
	static struct session session;
	static struct flags flags;
	const struct command_row *row;
	int result;

	be_ready(argc, argv);
	if (argc < 2)
		return program_help(stderr), EXIT_SETUP;
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return program_help(stdout), output_ended("the help");
	if (!strcmp(argv[1], "--version"))
		return puts("cloche " CLOCHE_VERSION), output_ended("the version");
	if (!strcmp(argv[1], COMPLETE_ARGUMENT))
		return complete_words(argc - 2, argv + 2);
	row = command_find(argv[1]);
	if (!row)
		return refuse_command(argv[1]);
	result = begin(&flags, &session, row->command, argc - 1, argv + 1);
	if (result)
		return result;
	if (flags.help)
		return flags_help(stdout, row->command, "cloche"), output_ended("the help");
	flags.words = argv;
	return row->run(&flags, &session);
}
