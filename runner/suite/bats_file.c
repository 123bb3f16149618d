/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite/bats_file.h"

/* These are bats-preprocess's own, down to what they take for a name by mistake. */
#define TEST "^[[:blank:]]*@test[[:blank:]]+(.*[^[:blank:]])[[:blank:]]+\\{(.*)$"
#define COMMENT                                                                                    \
	"[[:blank:]]*([^[:blank:]()]+)[[:blank:]]*\\(?\\)?[[:blank:]]+\\{[[:blank:]]+#[[:blank:]]" \
	"*@"                                                                                       \
	"test[[:blank:]]*$"
#define TAGS "^[[:blank:]]*#[[:blank:]]*bats[[:blank:]]+(file|test)_tags=([-_:, [:alnum:]]*)$"

int bats_file_begin(struct bats_file *file, const char *text, size_t size)
{
	*file = (struct bats_file){.lines = lines_of(text, size)};
	return regcomp(&file->test, TEST, REG_EXTENDED) ||
			       regcomp(&file->comment, COMMENT, REG_EXTENDED) ||
			       regcomp(&file->tags, TAGS, REG_EXTENDED)
		       ? -ENOMEM
		       : 0;
}

void bats_file_end(struct bats_file *file)
{
	regfree(&file->test);
	regfree(&file->comment);
	regfree(&file->tags);
	free(file->text);
}

/* The next line as a text, without carriage returns. */
static bool read_line(struct bats_file *file)
{
	const char *line;
	size_t size, used = 0;

	if (!lines_next(&file->lines, &line, &size))
		return false;
	file->line++;
	if (size >= file->room) {
		char *grown = realloc(file->text, size + 1);

		if (!grown)
			return false;
		file->text = grown;
		file->room = size + 1;
	}
	for (size_t i = 0; i < size; i++)
		if (line[i] != '\r' && line[i])
			file->text[used++] = line[i];
	file->text[used] = '\0';
	return true;
}

/* "a, b" is "a,b". */
static void take_tags(const char *text, char tags[BATS_TAGS_ROOM])
{
	size_t used = 0;

	for (; *text && used < BATS_TAGS_ROOM - 1; text++)
		if (*text != ' ')
			tags[used++] = *text;
	tags[used] = '\0';
}

bool bats_file_next(struct bats_file *file, struct bats_test *ret_test)
{
	char own[BATS_TAGS_ROOM] = "";
	regmatch_t match[3];

	while (read_line(file)) {
		char *text = file->text, *name;

		if (!regexec(&file->tags, text, 3, match, 0)) {
			take_tags(text + match[2].rm_so,
				  text[match[1].rm_so] == 'f' ? file->file_tags : own);
			continue;
		}
		if (regexec(&file->test, text, 2, match, 0) &&
		    regexec(&file->comment, text, 2, match, 0))
			continue;
		name = text + match[1].rm_so;
		text[match[1].rm_eo] = '\0';
		if (*name == '"' || *name == '\'')
			name++;
		if (*name && strchr("\"'", name[strlen(name) - 1]))
			name[strlen(name) - 1] = '\0';
		ret_test->name = name;
		ret_test->line = file->line;
		snprintf(ret_test->tags, sizeof(ret_test->tags), "%s%s%s", file->file_tags,
			 *file->file_tags && *own ? "," : "", own);
		return true;
	}
	return false;
}

void bats_print_name(const char *name, char *room)
{
	char *to = room;

	for (const char *at = name; *at; at++) {
		if (*at == '$' || *at == '`') {
			strcpy(room, name);
			return;
		}
		if (*at == '"')
			continue;
		if (*at == '\\' && at[1] && strchr("\"\\$`", at[1]))
			at++;
		*to++ = *at;
	}
	*to = '\0';
}
