/* SPDX-License-Identifier: MIT */
/*
 * cloche-manual DIRECTORY CLOCHE_H: write all man pages below DIRECTORY
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "manual.h"

#define LINE 72

static void die(const char *what)
{
	fprintf(stderr, "cloche-manual: cannot write %s: %s\n", what, strerror(errno));
	exit(1);
}

static void put_escaped(FILE *page, char c)
{
	switch (c) {
	case '\\':
		fputs("\\e", page);
		break;
	case '-':
		fputs("\\-", page);
		break;
	case '\'':
		fputs("\\(aq", page);
		break;
	case '`':
		fputs("\\(ga", page);
		break;
	case '^':
		fputs("\\(ha", page);
		break;
	case '~':
		fputs("\\(ti", page);
		break;
	case '"':
		fputs("\\(dq", page);
		break;
	default:
		putc(c, page);
	}
}

void put_bytes(FILE *page, const char *text, size_t size)
{
	if (size && (*text == '.' || *text == '\''))
		fputs("\\&", page);
	for (size_t i = 0; i < size; i++) {
		put_escaped(page, text[i]);
		if (text[i] == '\n' && i + 1 < size && text[i + 1] == '.')
			fputs("\\&", page);
	}
}

/* In lines that are not long; a sentence begins on a line of its own, as mdoc wants it. */
void put_text(FILE *page, const char *text)
{
	while (*text) {
		const char *end = strstr(text, ". ");
		size_t size = end ? (size_t)(end - text) + 1 : strlen(text);

		if (size > LINE)
			for (size = LINE; size > 1 && text[size] != ' ';)
				size--;
		put_bytes(page, text, size);
		putc('\n', page);
		text += size + (text[size] == ' ');
	}
}

void put_word(FILE *page, const char *word)
{
	fputs(" \\&", page);
	for (; *word; word++)
		if (*word == ' ')
			fputs("\\ ", page);
		else
			put_escaped(page, *word);
}

FILE *manual_open(const char *directory, const char *name, int section, const char *what)
{
	char path[PATH_MAX], upper[64];
	FILE *page;
	size_t i;

	snprintf(path, sizeof(path), "%s/man%d", directory, section);
	if (mkdir(path, 0777) && errno != EEXIST)
		die(path);
	snprintf(path, sizeof(path), "%s/man%d/%s.%d", directory, section, name, section);
	page = fopen(path, "we");
	if (!page)
		die(path);
	for (i = 0; name[i] && i + 1 < sizeof(upper); i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	upper[i] = '\0';
	fprintf(page,
		".\\\" Made by the build; see manual/.\n.Dd %s\n.Dt %s %d\n.Os "
		"cloche " CLOCHE_VERSION "\n.Sh NAME\n.Nm %s\n.Nd ",
		CLOCHE_DATE, upper, section, name);
	put_text(page, what);
	return page;
}

void manual_close(FILE *page)
{
	if (fflush(page) || ferror(page) || fclose(page))
		die("a page");
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("Usage: cloche-manual DIRECTORY CLOCHE_H\n", stderr);
		return 1;
	}
	if (mkdir(argv[1], 0777) && errno != EEXIST)
		die(argv[1]);
	write_commands(argv[1]);
	write_ini(argv[1]);
	write_header(argv[1], argv[2]);
	return 0;
}
