/* SPDX-License-Identifier: MIT */
/* CTest's rules: CMake's regular expressions as POSIX ones, and in which order they count. */
#include <regex.h>
#include <string.h>

#include "unit.h"
#include "suite/rules.h"

static const struct {
	const char *cmake, *posix;
} translated[] = {
	{"", ""},
	{"^a.b$", "^a.b$"},
	{"(a|b)+c*d?", "(a|b)+c*d?"},
	{"a{2}", "a\\{2\\}"},
	{"\\.\\w\\n\\1\\<\\{", "\\.wn1<\\{"},
	{"\\\\", "\\\\"},
	{"a\\", "a\\"},
	{"[abc]{", "[abc]\\{"},
	{"[]a]x", "[]a]x"},
	{"[^]a]x", "[^]a]x"},
	{"[[]x", "[[]x"},
	{"[[:alpha:]]", "[:alpha:[]]"},
	{"[a[.b]", "[a.b[]"},
	{"[[=-]", "[=[-]"},
	{"[\\]x]", "[\\]x]"},
	{"[a-z{}]", "[a-z{}]"},
	{"[abc", "[abc"},
	{"[", "["},
	{"[^", "[^"},
};

START_TEST(translates)
{
	char *text = rules_translate(translated[_i].cmake);

	ck_assert_str_eq(text, translated[_i].posix);
	free(text);
}
END_TEST

/* Whatever comes out fits, and compiles or does not. */
START_TEST(survives_anything)
{
	static const char letters[] = "[]^-:.=\\{}a(|)*";
	unsigned seed = 1;

	for (int i = 0; i < 20000; i++) {
		char regex[12];
		size_t size = (seed = seed * 1103515245 + 12345) >> 16 & 7;
		regex_t compiled;
		char *text;

		for (size_t c = 0; c < size; c++)
			regex[c] = letters[((seed = seed * 1103515245 + 12345) >> 16) %
					   (sizeof(letters) - 1)];
		regex[size] = '\0';
		text = rules_translate(regex);
		ck_assert_uint_le(strlen(text), 2 * size + 2);
		if (!regcomp(&compiled, text, REG_EXTENDED))
			regfree(&compiled);
		free(text);
	}
}
END_TEST

static const char *const two[] = {"one", "two", NULL};
static const char *const none[] = {NULL};
static const char *const wrong[] = {"(", NULL};

static const struct {
	struct rules rules;
	const char *out;
	int status;
	enum verdict verdict;
	const char *reason;
} judged[] = {
	{{0}, "", 0, VERDICT_PASS, ""},
	{{0}, "", 77, VERDICT_FAIL, "exit status 77"},
	{{.pass = none, .fail = none, .skip = none}, "", 0, VERDICT_PASS, ""},
	{{.will_fail = true}, "", 1, VERDICT_PASS, "failed, as expected"},
	{{.will_fail = true}, "", 0, VERDICT_FAIL, "was expected to fail, and passed"},
	{{.has_skip_status = true}, "", 0, VERDICT_SKIP, "exit status 0"},
	{{.has_skip_status = true, .skip_status = 5}, "", 0, VERDICT_PASS, ""},
	{{.pass = two}, "a two", 3, VERDICT_PASS, ""},
	{{.pass = two},
	 "three",
	 0,
	 VERDICT_FAIL,
	 "printed nothing that matches 'one' or the others"},
	{{.pass = two, .will_fail = true}, "three", 0, VERDICT_PASS, "failed, as expected"},
	{{.pass = two, .fail = two}, "two", 0, VERDICT_FAIL, "printed what matches 'two'"},
	{{.skip = two, .fail = two}, "one", 1, VERDICT_SKIP, "printed what matches 'one'"},
	{{.fail = wrong},
	 "one",
	 0,
	 VERDICT_ERROR,
	 "one of its regular expressions is none; correct it in CMakeLists.txt"},
};

START_TEST(judges)
{
	char reason[512];

	ck_assert_int_eq(rules_judge(&judged[_i].rules, judged[_i].out, strlen(judged[_i].out),
				     judged[_i].status, reason, sizeof(reason)),
			 judged[_i].verdict);
	ck_assert_str_eq(reason, judged[_i].reason);
}
END_TEST

/* Output has no NUL at its end, and may have some in it, or be nothing at all. */
START_TEST(looks_no_further)
{
	const struct rules rules = {.fail = two};
	char reason[512];

	ck_assert_int_eq(rules_judge(&rules, "atwo", 3, 0, reason, sizeof(reason)), VERDICT_PASS);
	ck_assert_int_eq(rules_judge(&rules, "\0two", 4, 0, reason, sizeof(reason)), VERDICT_FAIL);
	ck_assert_int_eq(rules_judge(&rules, NULL, 0, 0, reason, sizeof(reason)), VERDICT_PASS);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, translates, 0, sizeof(translated) / sizeof(*translated));
	tcase_add_loop_test(all, judges, 0, sizeof(judged) / sizeof(*judged));
	tcase_add_test(all, survives_anything);
	tcase_add_test(all, looks_no_further);
	return unit_run("rules", all);
}
