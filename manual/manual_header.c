/* SPDX-License-Identifier: MIT */
/*
 * cloche(3), out of the comments of cloche.h
 *
 * The header is written as a manual: what begins with "---- " is a heading; a comment is prose; in
 * it, what is indented by a tab is code, and so is a first paragraph that is a call. Within the
 * struct of the options, a comment belongs to the member below it. What follows the line "How it
 * works" is nobody's concern.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manual.h"

/* The line before is a rule. */
#define END "/* ------------------------------------------------------------------------------"

struct header {
	FILE *page;
	char comment[16384]; /* the last one, its lines without the stars */
	bool in_options;     /* within the struct of the options */
	bool in_list;        /* of members */
	bool apart;          /* the next paragraph has one before it, and no heading */
};

/* ---- the lines of a comment ---- */

/* A paragraph ends at an empty line, or where code or a list item begins. */
static size_t paragraph_size(const char *text)
{
	const char *at = text;

	while (*at && *at != '\n') {
		at += strcspn(at, "\n");
		at += *at == '\n';
		if (*at == '\t' || (*at == ' ' && isdigit((unsigned char)at[1])))
			break;
	}
	return at - text;
}

/* "TEST(name, options...) { body }": what is said of it follows in the next paragraph. */
static bool is_call(const char *text, size_t size)
{
	size_t word = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return (word > 2 && text[word] == '(' && !memmem(text, size, "): ", 3)) ||
	       !strncmp(text, "int fd = ", 9);
}

static void put_code(struct header *header, const char *text, size_t size)
{
	FILE *page = header->page;

	header->apart = true;
	fputs(".Bd -literal -offset indent\n", page);
	for (const char *line = text; line < text + size;) {
		size_t length = strcspn(line, "\n");
		size_t tab = *line == '\t';

		put_bytes(page, line + tab, length - tab);
		putc('\n', page);
		line += length + 1;
	}
	fputs(".Ed\n", page);
}

/* Lines that begin with a tab, and empty ones between such. */
static size_t code_size(const char *text)
{
	const char *at = text, *end = text;

	while (*at == '\t' || *at == '\n') {
		at += strcspn(at, "\n") + 1;
		if (at[-2] != '\n')
			end = at;
	}
	return end - text;
}

/* Lines as one, with single spaces. */
static void put_joined(struct header *header, const char *text, size_t size)
{
	char copy[4096];
	size_t used = 0;

	for (size_t i = 0; i < size && used + 1 < sizeof(copy); i++)
		if (!isspace((unsigned char)text[i]))
			copy[used++] = text[i];
		else if (used && copy[used - 1] != ' ')
			copy[used++] = ' ';
	used -= used && copy[used - 1] == ' ';
	copy[used] = '\0';
	put_text(header->page, copy);
}

static void put_prose(struct header *header, const char *text, size_t size)
{
	if (header->apart)
		fputs(".Pp\n", header->page);
	header->apart = true;
	put_joined(header, text, size);
}

static bool is_item(const char *text)
{
	return *text == ' ' && isdigit((unsigned char)text[1]) && text[2] == '.';
}

/* " 1. It gets a cell", and those that follow. Returns their size. */
static size_t put_items(struct header *header, const char *text)
{
	const char *at = text;

	fputs(".Bl -enum\n", header->page);
	while (is_item(at)) {
		size_t size = paragraph_size(at);

		fputs(".It\n", header->page);
		put_joined(header, at + 4, size - 4);
		at += size;
	}
	fputs(".El\n", header->page);
	return at - text;
}

/* The first words of the file are the title, which the page has, and its own contents. */
static bool is_of_the_file(const char *text)
{
	return !strncmp(text, "cloche.h: ", 10) || !strncmp(text, "Contents: ", 10);
}

static void put_comment(struct header *header)
{
	bool first = true;

	for (const char *text = header->comment; *text;) {
		size_t size = *text == '\t' ? code_size(text) : paragraph_size(text);

		if (*text == '\n') {
			text++;
			continue;
		}
		if (*text == '\t' || (first && is_call(text, size)))
			put_code(header, text, size);
		else if (is_item(text))
			size = put_items(header, text);
		else if (!is_of_the_file(text))
			put_prose(header, text, size);
		first = false;
		text += size;
	}
}

/* ---- the file ---- */

/* One line of a comment, without what makes it one. Returns true when the comment ends. */
static bool add_line(struct header *header, const char *line)
{
	const char *end = strstr(line, "*/");
	size_t used = strlen(header->comment), size = end ? (size_t)(end - line) : strlen(line);

	while (size && (line[size - 1] == '\n' || line[size - 1] == ' '))
		size--;
	snprintf(header->comment + used, sizeof(header->comment) - used, "%.*s\n", (int)size, line);
	return end != NULL;
}

/* The whole comment that begins with this line. */
static void read_comment(struct header *header, FILE *file, const char *line)
{
	char more[512];
	const char *text = strstr(line, "/*") + 2;

	header->comment[0] = '\0';
	if (text[strspn(text, " \t\n")] && add_line(header, text + strspn(text, " ")))
		return;
	while (fgets(more, sizeof(more), file)) {
		text = more + strspn(more, " \t");
		text += *text == '*' && text[1] != '/';
		text += *text == ' ';
		if (add_line(header, text))
			return;
	}
}

/* "---- expectations -----" */
static bool put_heading(struct header *header)
{
	const char *text = header->comment;
	size_t size;

	if (strncmp(text, "---- ", 5))
		return false;
	text += 5;
	size = strcspn(text, "-\n");
	while (size && text[size - 1] == ' ')
		size--;
	fputs(".Sh ", header->page);
	for (size_t i = 0; i < size; i++)
		putc(toupper((unsigned char)text[i]), header->page);
	putc('\n', header->page);
	header->apart = false;
	return true;
}

/* "	double timeout;": the comment before is about it; it may begin with a paragraph about more.
 */
static void put_member(struct header *header, const char *line)
{
	const char *type = line + strspn(line, "\t "), *text = header->comment;
	const char *blank = strstr(text, "\n\n"), *colon;
	size_t size = strcspn(type, ";");

	if (blank) {
		if (header->in_list)
			fputs(".El\n", header->page);
		put_prose(header, text, blank - text);
		header->in_list = false;
		text = blank + 2;
	}
	if (!header->in_list)
		fputs(".Bl -tag -width Ds\n", header->page);
	header->in_list = true;
	fprintf(header->page, ".It Vt \"%.*s\"\n", (int)size, type);
	colon = strchr(text, ':'); /* "timeout: seconds from": it is said already */
	if (colon && (size_t)(colon - text) < size &&
	    !strncmp(type + size - (colon - text), text, colon - text))
		text = colon + 1;
	put_joined(header, text, strlen(text));
	header->comment[0] = '\0';
}

static void take_line(struct header *header, FILE *file, const char *line)
{
	if (line[strspn(line, "\t ")] == '/' && strstr(line, "/*")) {
		read_comment(header, file, line);
		if (!header->in_options && !put_heading(header))
			put_comment(header);
	} else if (!strncmp(line, "struct cloche_options {", 23)) {
		header->in_options = true;
	} else if (header->in_options && *line == '}') {
		fputs(header->in_list ? ".El\n" : "", header->page);
		header->in_options = false;
	} else if (header->in_options && strchr(line, ';') && *header->comment) {
		put_member(header, line);
	}
}

void write_header(const char *directory, const char *path)
{
	static struct header header;
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file) {
		fprintf(stderr, "cloche-manual: cannot read %s\n", path);
		exit(1);
	}
	header.page = manual_open(directory, "cloche", 3,
				  "write tests in C, each of which runs in a world of its own");
	fputs(".Sh SYNOPSIS\n.In cloche.h\n"
	      ".Fn TEST name options...\n.Fn TEST_EACH rows name options...\n"
	      ".Fn FIXTURE name options...\n.Fn SETUP name\n.Fn TEARDOWN name\n"
	      ".Fn TEST_IN fixture name options...\n"
	      ".Fn EXPECT condition\n.Fn EXPECT a operator b\n.Fn EXPECT_OK call\n"
	      ".Fn EXPECT_ERRNO error call\n.Fn EXPECT_STR a operator b\n"
	      ".Fn EXPECT_MEM a operator b size\n.Fn EXPECT_NEAR a b tolerance\n"
	      ".Fn EXPECT_EXIT status statement\n.Fn EXPECT_SIGNAL signal statement\n"
	      ".Fn skip format ...\n.Fn note format ...\n.Fn fail format ...\n"
	      ".Fn attach name path\n.Fn attach_bytes name data size\n"
	      ".Fn clock_set_uptime seconds\n.Sh DESCRIPTION\n",
	      header.page);
	while (fgets(line, sizeof(line), file) && strncmp(line, END, sizeof(END) - 1))
		if (!strstr(line, "SPDX"))
			take_line(&header, file, line);
	fclose(file);
	fputs(".Sh SEE ALSO\n.Xr cloche 1 ,\n.Xr cloche-run 1 ,\n.Xr namespaces 7\n", header.page);
	manual_close(header.page);
}
