/* SPDX-License-Identifier: MIT */
/*
 * cloche completions, and the words that its scripts ask for
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "complete.h"
#include "config.h"
#include "journal.h"
#include "kept.h"

#define CASES_MAX 1000 /* more are no help, and shells are slow */

/*
 * bash takes words apart at '=' and ':' and replaces the last piece only, so what is before that
 * goes from the answers.
 */
static const char bash[] =
	"# bash completion of cloche\n"
	"_cloche() {\n"
	"	local line=${COMP_LINE:0:COMP_POINT} words word answer kind= before=\n"
	"	read -ra words <<<\"$line\"\n"
	"	[[ $line == *[[:space:]] ]] && words+=('')\n"
	"	word=${words[-1]}\n"
	"	[[ $word == *[=:]* ]] && before=${word%\"${word##*[=:]}\"}\n"
	"	COMPREPLY=()\n"
	"	while IFS=$'\\t' read -r answer _; do\n"
	"		if [[ $answer == :* ]]; then\n"
	"			kind=${answer#:}\n"
	"		elif [[ $answer == \"$word\"* ]]; then\n"
	"			printf -v answer %q \"${answer#\"$before\"}\"\n"
	"			COMPREPLY+=(\"$answer\")\n"
	"		fi\n"
	"	done < <(\"${words[0]}\" " COMPLETE_ARGUMENT " \"${words[@]}\" 2>/dev/null)\n"
	"	case $kind in\n"
	"	files) kind=-f ;;\n"
	"	directories) kind=-d ;;\n"
	"	programs) kind=-c ;;\n"
	"	*) return ;;\n"
	"	esac\n"
	"	compopt -o filenames 2>/dev/null\n"
	"	mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < "
	"<(compgen $kind -- \"${word#\"$before\"}\")\n"
	"}\n"
	"complete -F _cloche cloche\n";

static const char zsh[] = "#compdef cloche\n"
			  "# zsh completion of cloche\n"
			  "_cloche() {\n"
			  "	local line kind=\n"
			  "	local -a answers shown\n"
			  "	for line in ${(f)\"$(\"${words[1]}\" " COMPLETE_ARGUMENT
			  " \"${(@)words[1,CURRENT]}\" 2>/dev/null)\"}; do\n"
			  "		if [[ $line == :* ]]; then\n"
			  "			kind=${line#:}\n"
			  "		else\n"
			  "			answers+=(\"${line%%$'\\t'*}\")\n"
			  "			shown+=(\"${line/$'\\t'/  -- }\")\n"
			  "		fi\n"
			  "	done\n"
			  "	(( $#answers )) && compadd -l -d shown -a answers\n"
			  "	case $kind in\n"
			  "	files) compset -P '--*='; _files ;;\n"
			  "	directories) compset -P '--*='; _files -/ ;;\n"
			  "	programs) _command_names -e ;;\n"
			  "	esac\n"
			  "}\n"
			  "if [ \"$funcstack[1]\" = _cloche ]; then\n"
			  "	_cloche \"$@\"\n"
			  "else\n"
			  "	compdef _cloche cloche\n"
			  "fi\n";

static const char fish[] =
	"# fish completion of cloche\n"
	"function __cloche_complete\n"
	"	set -l word (commandline -ct)\n"
	"	set -l words (commandline -opc) $word\n"
	"	set -l before (string match -r '^--[^=]+=' -- $word)\n"
	"	set -q before[1]; or set before ''\n"
	"	set -l rest (string replace -r '^--[^=]+=' '' -- $word)\n"
	"	for line in ($words[1] " COMPLETE_ARGUMENT " $words 2>/dev/null)\n"
	"		switch $line\n"
	"			case :files\n"
	"				printf '%s\\n' $before(__fish_complete_path $rest)\n"
	"			case :directories\n"
	"				printf '%s\\n' "
	"$before(__fish_complete_directories $rest directory)\n"
	"			case :programs\n"
	"				__fish_complete_command\n"
	"			case '*'\n"
	"				echo $line\n"
	"		end\n"
	"	end\n"
	"end\n"
	"complete -c cloche -f -a '(__cloche_complete)'\n";

int command_completions(struct flags *flags, struct session *session)
{
	static const struct {
		const char *name, *script;
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	(void)session;
	for (size_t i = 0; flags->rest_count == 1 && i < sizeof(shells) / sizeof(*shells); i++)
		if (!strcmp(shells[i].name, flags->rest[0])) {
			fputs(shells[i].script, stdout);
			return output_ended("the script");
		}
	if (flags->rest_count)
		return complain(EXIT_SETUP,
				"there is no script for '%s'; name one shell: bash, zsh or fish",
				flags->rest[0]);
	return complain(EXIT_SETUP, "name a shell: bash, zsh or fish");
}

/* ---- the words ---- */

/* What is before the value in its word, and the word itself. */
static void offer(const char *word, const struct completion *what, const char *text,
		  const char *doc)
{
	printf("%.*s%s%s%s\n", (int)what->given, word, text, doc ? "\t" : "", doc ? doc : "");
}

static void offer_commands(const char *word, const struct completion *what)
{
	for (const struct command_row *row = command_rows; row->name; row++)
		if (*row->name)
			offer(word, what, row->name, row->summary);
	offer(word, what, "--help", "the commands");
	offer(word, what, "--version", "the version");
}

static void offer_flags(const char *word, const struct completion *what)
{
	char flag[80];

	for (size_t i = 0; i < key_count(); i++) {
		const struct key key = key_at(i);

		if (key.heading || !(key.commands & what->commands))
			continue;
		snprintf(flag, sizeof(flag), "--%s", key.name);
		offer(word, what, flag, key.doc);
	}
}

/* In capitals are placeholders: "minimal|cow|host|DIR". */
static void offer_choices(const char *word, const struct completion *what)
{
	char text[64];

	for (const char *at = what->choices; *at; at += strcspn(at, "|"), at += *at == '|') {
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(at, "| ]"), at);
		if (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(text))
			offer(word, what, text, NULL);
	}
}

static void offer_reports(const char *word, const struct completion *what)
{
	const struct reporter *reporter;

	for (size_t i = 0; (reporter = report_at(i)); i++)
		offer(word, what, reporter->name, reporter->doc);
}

static void offer_runs(const char *word, const struct completion *what)
{
	struct journal_ids ids = {0};
	char why[512];

	if (journal_ids(&ids, why, sizeof(why)) < 0)
		return;
	for (size_t i = ids.count; i > 0; i--)
		offer(word, what, ids.list[i - 1], NULL);
	offer(word, what, "last", "the last run");
	journal_ids_free(&ids);
}

static void offer_kept(const char *word, const struct completion *what)
{
	char why[PATH_MAX + 256], (*ids)[KEPT_ID_MAX] = NULL;
	int directory = kept_directory(why, sizeof(why));
	size_t count = 0;

	if (directory < 0)
		return;
	if (kept_list(directory, &ids, &count) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		struct kept_entry entry;

		if (kept_read(directory, ids[i], &entry) < 0)
			continue;
		offer(word, what, ids[i], entry.name);
		kept_entry_free(&entry);
	}
	free(ids);
	close(directory);
}

/* The flags among the words hold, as far as they can be read: --config, and which suites. */
static bool begin(struct flags *flags, struct session *session, struct config *config, int argc,
		  char **argv)
{
	char why[PATH_MAX + 1024];

	return !flags_parse(flags, COMMAND_RUN, argc - 1, argv + 1, why, sizeof(why)) &&
	       !config_load(config, flags, argc - 1, argv + 1, why, sizeof(why)) &&
	       !session_begin(session, flags, config, why, sizeof(why));
}

static void offer_profiles(const char *word, const struct completion *what, int argc, char **argv)
{
	static struct config config;
	static struct session session;
	static struct flags flags;

	begin(&flags, &session, &config, argc, argv);
	for (size_t i = 0; i < config.count; i++)
		if (config.sections[i].kind == SECTION_PROFILE)
			offer(word, what, config.sections[i].name, NULL);
}

static void offer_cases(const char *word, const struct completion *what, int argc, char **argv)
{
	static struct config config;
	static struct session session;
	static struct flags flags;
	static struct suites suites;
	static struct zygote *foreign;
	size_t offered = 0;

	if (!begin(&flags, &session, &config, argc, argv) ||
	    select_suites(&suites, &flags, &session, NULL, &foreign))
		return;
	for (size_t s = 0; s < suites.count; s++)
		for (size_t c = 0; c < suites.list[s]->case_count && offered < CASES_MAX; c++) {
			const char *name = suites.list[s]->cases[c].name;

			if (strncmp(name, word + what->given, strlen(word + what->given)) != 0)
				continue;
			offer(word, what, name, suites.list[s]->shown);
			offered++;
		}
}

int complete_words(int argc, char **argv)
{
	const struct completion what = complete_kind((const char *const *)argv, argc);
	const char *word = argc ? argv[argc - 1] : "";
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null >= 0)
		dup2(null, 2);
	switch (what.kind) {
	case COMPLETE_NOTHING:
		break;
	case COMPLETE_COMMANDS:
		offer_commands(word, &what);
		break;
	case COMPLETE_FLAGS:
		offer_flags(word, &what);
		break;
	case COMPLETE_CHOICES:
		offer_choices(word, &what);
		break;
	case COMPLETE_REPORTS:
		offer_reports(word, &what);
		break;
	case COMPLETE_PROFILES:
		offer_profiles(word, &what, argc, argv);
		break;
	case COMPLETE_CASES:
		offer_cases(word, &what, argc, argv);
		break;
	case COMPLETE_RUNS:
		offer_runs(word, &what);
		break;
	case COMPLETE_KEPT:
		offer_kept(word, &what);
		break;
	case COMPLETE_FILES:
		puts(":files");
		break;
	case COMPLETE_DIRECTORIES:
		puts(":directories");
		break;
	case COMPLETE_PROGRAMS:
		puts(":programs");
		break;
	}
	if (what.or_directories)
		puts(":directories");
	return 0;
}
