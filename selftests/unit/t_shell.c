/* SPDX-License-Identifier: MIT */
/* Words and quotes of sh(1): command lines taken apart, and templates filled in. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "suite/key_file.h"
#include "suite/shell.h"
#include "suite/template.h"

static const struct {
	const char *line, *words; /* each followed by '|' */
} lines[] = {
	{"", ""},
	{"  a\tb\n", "a|b|"},
	{"'a b' \"c'd\" e\\ f", "a b|c'd|e f|"},
	{"'' \"\"", "||"},
	{"a'b'\"c\"d", "abcd|"},
	{"\"\\$ \\` \\\" \\\\ \\x\"", "$ ` \" \\ \\x|"},
	{"a#b # c 'd\ne", "a#b|e|"},
	{"a\\\nb", "ab|"},
	{"a\\", "a\\|"},
	{"$x *", "$x|*|"},
	{"'a", NULL},
	{"\"a\\\"", NULL},
};

START_TEST(words)
{
	char room[64], joined[64];
	ssize_t size = shell_words(lines[_i].line, room);

	if (!lines[_i].words) {
		ck_assert_int_eq(size, -EINVAL);
		return;
	}
	ck_assert_int_ge(size, 0);
	ck_assert_uint_le(size, strlen(lines[_i].line) + 1);
	for (ssize_t i = 0; i < size; i++)
		joined[i] = room[i] ? room[i] : '|';
	joined[size] = '\0';
	ck_assert_str_eq(joined, lines[_i].words);
}
END_TEST

static int expand(const char *command, const char *name, char **ret_text)
{
	char why[256];
	size_t size;
	FILE *to = open_memstream(ret_text, &size);
	int result = template_expand(command, name, "/the suite", to, why, sizeof(why));

	fclose(to);
	return result;
}

/* The shell itself says what it makes of any name, wherever that stands. */
START_TEST(any_name)
{
	static const char *const commands[] = {"printf %s {name}", "printf %s \"{name}\"",
					       "printf %s '{name}'", "printf %s \"\"'{name}'"};
	const char letters[] = "a '\"\\$`!*#~\t{}()&;|<>";
	unsigned seed = 1;

	for (int round = 0; round < 200; round++) {
		char name[12], *text, got[64] = "";
		FILE *shell;

		for (size_t i = 0; i < sizeof(name) - 1; i++) {
			seed = seed * 1103515245 + 12345;
			name[i] = letters[(seed >> 16) % (sizeof(letters) - 1)];
		}
		name[sizeof(name) - 1] = '\0';
		ck_assert_int_eq(expand(commands[round % 4], name, &text), 0);
		shell = popen(text, "r");
		ck_assert_ptr_nonnull(shell);
		got[fread(got, 1, sizeof(got) - 1, shell)] = '\0';
		ck_assert_int_eq(pclose(shell), 0);
		ck_assert_str_eq(got, name);
		free(text);
	}
}
END_TEST

START_TEST(templates)
{
	char *text;

	ck_assert_int_eq(expand("a {suite} ${name} {other}", NULL, &text), 0);
	ck_assert_str_eq(text, "a '/the suite' ${name} {other}");
	free(text);
	ck_assert_int_eq(expand("a \\' {suite}", "n", &text), 0);
	ck_assert_str_eq(text, "a \\' '/the suite'");
	free(text);
	ck_assert_int_eq(expand("a {name}", NULL, &text), -EINVAL);
	free(text);
	ck_assert_int_eq(expand("a \"$(b {name})\"", "n", &text), -EINVAL);
	free(text);
	ck_assert_int_eq(expand("a \"`b {name}`\"", "n", &text), -EINVAL);
	free(text);
	ck_assert_int_eq(expand("it's {name}", "n", &text), -EINVAL);
	free(text);
	ck_assert(template_has_name("a {name}"));
	ck_assert(!template_has_name("a ${name} {nam}"));
}
END_TEST

START_TEST(key_files)
{
	static const char text[] = "Exec=no\n[Other]\nExec=no\n# [Test]\n[Test]\r\n Exec = a=b \n"
				   "Exec[de]=no\nList=a\\;b;c\\sd;;\n[Test2]\nExec=no\n";
	char *value = key_file_get(text, strlen(text), "Test", "Exec");
	char *list = key_file_get(text, strlen(text), "Test", "List"), *at = list;

	ck_assert_str_eq(value, "a=b");
	ck_assert_str_eq(key_file_next(&at), "a;b");
	ck_assert_str_eq(key_file_next(&at), "c d");
	ck_assert_str_eq(key_file_next(&at), "");
	ck_assert_ptr_null(key_file_next(&at));
	free(value);
	free(list);
	ck_assert_ptr_null(key_file_get(text, strlen(text), "Test", "None"));
	for (size_t size = 0; size < strlen(text); size++) /* cut anywhere */
		free(key_file_get(text, size, "Test", "List"));
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, words, 0, sizeof(lines) / sizeof(*lines));
	tcase_add_test(all, any_name);
	tcase_add_test(all, templates);
	tcase_add_test(all, key_files);
	return unit_run("shell", all);
}
