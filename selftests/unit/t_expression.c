/* SPDX-License-Identifier: MIT */
/* The filter language: what matches, what binds how, and what is said of mistakes. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "expression.h"

static const struct expression_subject subjects[] = {
	{"build/t_net", "opens/readonly", "slow,net", 8, true},
	{"t_uts", "hostname_is_mine", NULL, 0, true},
	{"/srv/a/check (1)", "check (1)", NULL, 0, false},
	{"build/t_net", "a::b*c", " big , x-1 \njunk", 11, true},
};

/* Which of the subjects match, as bits: 1, 2, 4, 8. */
static const struct {
	const char *text;
	unsigned matches;
} matches[] = {
	{"all()", 15},
	{"none()", 0},
	{" all ( ) ", 15},
	/* test */
	{"test(name)", 2},
	{"test(opens)", 1},
	{"test(open*)", 1},
	{"test(*only)", 1},
	{"test(only*)", 0},
	{"test(o?ens/[r]*)", 1},
	{"test(=opens/readonly)", 1},
	{"test(=opens)", 0},
	{"test(=*)", 0},
	{"test(~pens/re)", 1},
	{"test(~*)", 8},
	{"test(#opens)", 0},
	{"test(#opens*)", 1},
	{"test(/^opens/)", 1},
	{"test(/^o.*y$/)", 1},
	{"test(/s\\/r/)", 1},
	{"test(/(mine|only)$/)", 3},
	{"test(/[0-9]/)", 4},
	{"test(/^([a-z]+_?){1,8}$/)", 2},
	{"test(/^[]+*{9(]*o[[:alpha:]+{9}]+s/)", 1},
	{"test(/^[^]]{5}[\\/]/)", 1},
	{"test(/.{0,900}y$/)", 1},
	{"test( /[0-9]/ )", 4},
	{"test(/\\(1\\)/)", 4},
	{"test( opens )", 1},
	{"test(check (1\\))", 4},
	{"test(=check (1\\))", 4},
	{"test(~\\(1)", 4},
	{"test(b\\*c)", 8},
	{"test(=a::b*c)", 8},
	{"test(*b\\*c)", 8},
	{"test(=t_uts::hostname_is_mine)", 2},
	{"test(net::opens)", 1},
	{"test(build/*::o*)", 1},
	{"test(/t_net::[ao]/)", 9},
	{"test(t_net)", 0},
	/* suite */
	{"suite(t_uts)", 2},
	{"suite(t_net)", 9},
	{"suite(build/t_net)", 9},
	{"suite(uts)", 0},
	{"suite(t_*)", 11},
	{"suite(build/*)", 9},
	{"suite(~uts)", 2},
	{"suite(=t_net)", 9},
	{"suite(=t_n*)", 0},
	{"suite(/t_(net|uts)$/)", 11},
	{"suite(/^t_/)", 11},
	{"suite(/srv/a/check \\(1\\))", 4},
	{"suite(/srv/*)", 4},
	{"suite(=/srv/a/check (1\\))", 4},
	/* tag */
	{"tag(slow)", 1},
	{"tag(net)", 1},
	{"tag(slo)", 0},
	{"tag(slow,net)", 0},
	{"tag(s*)", 1},
	{"tag(~lo)", 1},
	{"tag(/^.[el]/)", 1},
	{"tag(big)", 8},
	{"tag(x-1)", 8},
	{"tag(junk)", 0},
	{"tag(*)", 9},
	{"not tag(*)", 6},
	/* kind */
	{"kind(native)", 11},
	{"kind(=foreign)", 4},
	{"kind( foreign )", 4},
	/* operators */
	{"not all()", 0},
	{"!none()", 15},
	{"not not all()", 15},
	{"!!!all()", 0},
	{"not(all())", 0},
	{"suite(t_net) and tag(slow)", 1},
	{"suite(t_net) & tag(slow)", 1},
	{"suite(t_net) && tag(slow)", 1},
	{"suite(t_net)and tag(slow)", 1},
	{"suite(t_net) - tag(slow)", 8},
	{"suite(t_net)-tag(slow)", 8},
	{"tag(slow) or suite(t_uts)", 3},
	{"tag(slow) | suite(t_uts)", 3},
	{"tag(slow)||suite(t_uts)", 3},
	{"tag(slow)+suite(t_uts)", 3},
	{"tag(slow) OR suite(t_uts)", 3},
	{"\ttag(slow)\nor\r\nsuite(t_uts)\n", 3},
	/* what binds closer */
	{"none() and none() or all()", 15},
	{"all() or none() and none()", 15},
	{"(all() or none()) and none()", 0},
	{"not none() or all()", 15},
	{"not all() or all()", 15},
	{"not (all() or all())", 0},
	{"not all() and none()", 0},
	{"all() - none() - all()", 0},
	{"all() - (none() - all())", 15},
	{"all() - none() and all()", 15},
	{"all() - all() or test(opens)", 1},
	{"test(opens) or all() - all()", 1},
	{"not tag(slow) - suite(t_uts)", 12},
	{"all() - not tag(slow)", 1},
	{"((((test(opens)))))", 1},
	{"(tag(slow) or kind(foreign)) and not (suite(t_uts) or test(check))", 1},
};

START_TEST(what_matches)
{
	char why[512] = "";
	struct expression *expression = expression_parse(matches[_i].text, why, sizeof(why));

	ck_assert_msg(expression != NULL, "%s: %s", matches[_i].text, why);
	for (int again = 0; again < 2; again++) /* asking changes nothing */
		for (unsigned i = 0; i < 4; i++)
			ck_assert_msg(expression_matches(expression, &subjects[i]) ==
					      (matches[_i].matches >> i & 1),
				      "%s: %s", matches[_i].text, subjects[i].name);
	expression_free(expression);
}
END_TEST

/* What matches some case may do so. */
START_TEST(what_matches_may_match)
{
	char why[512] = "";
	struct expression *expression = expression_parse(matches[_i].text, why, sizeof(why));

	for (unsigned i = 0; i < 4; i++)
		if (matches[_i].matches >> i & 1)
			ck_assert_msg(expression_may_match(expression, subjects[i].suite,
							   subjects[i].native),
				      "%s: %s", matches[_i].text, subjects[i].suite);
	expression_free(expression);
}
END_TEST

/* In the native suite build/t_net; in the foreign program check. */
static const struct {
	const char *text;
	bool native, foreign;
} possible[] = {
	{"all()", true, true},
	{"none()", false, false},
	{"test(x)", true, true},
	{"not test(x)", true, true},
	{"suite(t_net)", true, false},
	{"not suite(t_net)", false, true},
	{"tag(x)", true, true},
	{"not tag(x)", true, true},
	{"kind(foreign)", false, true},
	{"suite(t_net) and test(x)", true, false},
	{"test(x) and suite(t_net)", true, false},
	{"test(x) and none()", false, false},
	{"test(x) or none()", true, true},
	{"test(x) - all()", false, false},
	{"all() - test(x)", true, true},
	{"all() - suite(t_net)", false, true},
	{"suite(check) or suite(t_net) and test(x)", true, true},
	{"(suite(check) or suite(t_net)) and kind(native)", true, false},
	{"not (suite(check) or test(x))", true, false},
	{"not (suite(check) and test(x))", true, true},
	{"not (suite(t_net) or kind(foreign))", false, false},
	{"test(x) and (none() or (suite(t_net) and not (tag(y) and none())))", true, false},
};

START_TEST(what_may_match)
{
	char why[512] = "";
	struct expression *expression = expression_parse(possible[_i].text, why, sizeof(why));

	ck_assert_msg(expression_may_match(expression, "build/t_net", true) == possible[_i].native,
		      "%s", possible[_i].text);
	ck_assert_msg(expression_may_match(expression, "check", false) == possible[_i].foreign,
		      "%s", possible[_i].text);
	expression_free(expression);
}
END_TEST

/* The place is what is under the caret. */
static const struct {
	const char *text, *sentence, *place;
} mistakes[] = {
	{"", "the filter is empty; try all()", "^"},
	{"  ", "the filter is empty; try all()", "  ^"},
	{"tst(a)", "there is no 'tst'; did you mean 'test()'?", "^~~"},
	{"test(a) or siute(b)", "there is no 'siute'; did you mean 'suite()'?", "           ^~~~~"},
	{"Test(a)", "there is no 'Test'; did you mean 'test()'?", "^~~~"},
	{"hostname", "there is no 'hostname'; for cases of that name, write test(hostname)",
	 "^~~~~~~~"},
	{"package(a)",
	 "'package' cannot stand here; what can is test(), suite(), tag(), kind(), all(), none(), "
	 "not and (",
	 "^~~~~~~"},
	{"test(a) and", "something is missing here; try all(), or test(NAME)", "           ^"},
	{"not", "something is missing here; try all(), or test(NAME)", "   ^"},
	{"test(a) or or test(b)", "there is no 'or'; for cases of that name, write test(or)",
	 "           ^~"},
	{"* test(a)",
	 "'*' cannot stand here; what can is test(), suite(), tag(), kind(), all(), none(), not "
	 "and (",
	 "^"},
	{"()", "something is missing before this ')'", " ^"},
	{"test",
	 "'test' needs its parentheses; try test(GLOB), test(=NAME), test(~TEXT) or "
	 "test(/REGEX/)",
	 "^~~~"},
	{"all", "'all' needs its parentheses; try all()", "^~~"},
	{"all(a)", "all() takes nothing in its parentheses", "    ^"},
	{"none(/x/)", "none() takes nothing in its parentheses", "     ^"},
	{"test()",
	 "test() needs something to match; try test(GLOB), test(=NAME), test(~TEXT) or "
	 "test(/REGEX/)",
	 "    ^~"},
	{"tag(= )",
	 "tag() needs something to match; try tag(GLOB), tag(=NAME), tag(~TEXT) or "
	 "tag(/REGEX/)",
	 "   ^~~~"},
	{"kind()",
	 "kind() needs something to match; try kind(native), kind(foreign) or kind(gtest)",
	 "    ^~"},
	{"kind(natve)", "there is no kind 'natve'; did you mean 'native'?", "     ^~~~~"},
	{"kind(=x)", "there is no kind 'x'; it is native, foreign, or one that --kind takes",
	 "      ^"},
	{"kind(/n/)", "this regular expression does not end; put '/' before the ')'", NULL},
	{"test(a", "this '(' is not closed; add ')'", "    ^"},
	{"test(a\\", "this '(' is not closed; add ')'", "    ^"},
	{"all(", "this '(' is not closed; add ')'", "   ^"},
	{"test(/a/", "this regular expression does not end; put '/' before the ')'", "     ^"},
	{"(all()", "this '(' is not closed; add ')'", "^"},
	{"all() and (none() or all()", "this '(' is not closed; add ')'", "          ^"},
	{"all())", "this ')' closes nothing; in a name, write '\\)'", "     ^"},
	{"test(f(x))", "this ')' closes nothing; in a name, write '\\)'", "         ^"},
	{"test(a) adn test(b)", "'adn' is no operator; did you mean 'and'?", "        ^~~"},
	{"test(a) test(b)", "an operator is missing before 'test': and, or, -", "        ^~~~"},
	{"test(a), test(b)", "an operator is missing before ',': and, or, -", "       ^"},
	{"test(/a)", "this regular expression does not end; put '/' before the ')'", "     ^"},
	{"test(/a/x)", "this regular expression does not end; put '/' before the ')'", "     ^"},
	{"tag(//)", "this regular expression is empty; try all()", "    ^~"},
	{"test(/(a/)", "this is no regular expression: Unmatched ( or \\(", "     ^~~~"},
	{"test(/a{2,1}/)", "this is no regular expression: Invalid content of \\{\\}",
	 "     ^~~~~~~~"},
	{"test(/\\d+/)", "this is no regular expression: '\\d' is of another dialect; write [0-9]",
	 "     ^~~~~"},
	{"test(/(a{100}){100}/)",
	 "this is no regular expression: it repeats too much, or is too deep; write a simpler one",
	 "     ^~~~~~~~~~~~~~~"},
	{"test(/()+++++/)",
	 "this is no regular expression: it repeats too much, or is too deep; write a simpler one",
	 "     ^~~~~~~~~"},
	{"test(/(?:a)/)",
	 "this is no regular expression: '(?' is of another dialect; these are POSIX extended ones",
	 "     ^~~~~~~"},
	{"test(a\\nb)",
	 "'\\n' has no meaning; '\\' stands before punctuation, and '\\\\' is itself", "      ^~"},
	{"test(\xc3\xbc) t\xc3\xbcst(b)", "an operator is missing before 't': and, or, -",
	 "        ^"},
	{"all() \xff", "an operator is missing before '\\xff': and, or, -", "      ^"},
	{"test(\x1b[31m) x", "an operator is missing before 'x': and, or, -", NULL},
};

START_TEST(what_is_said_of_mistakes)
{
	char why[512] = "", expected[1024];

	ck_assert_ptr_null(expression_parse(mistakes[_i].text, why, sizeof(why)));
	if (mistakes[_i].place) {
		const char *safe =
			strchr(mistakes[_i].text, '\xff') ? "all() \\xff" : mistakes[_i].text;

		snprintf(expected, sizeof(expected), "%s\n  %s\n  %s", mistakes[_i].sentence, safe,
			 mistakes[_i].place);
		ck_assert_str_eq(why, expected);
	} else {
		*strchr(why, '\n') = '\0';
		ck_assert_str_eq(why, mistakes[_i].sentence);
	}
}
END_TEST

/* Of a long text only what is around the place, which is on an ordinary terminal's line. */
START_TEST(long_texts_are_shown_in_part)
{
	char text[1000], why[512];
	const char *line, *caret;

	memset(text, ' ', sizeof(text));
	memcpy(text, "all()", 5);
	memcpy(text + 500, "tst(a)", 6);
	text[300] = '|';
	text[990] = '\0';
	ck_assert_ptr_null(expression_parse(text, why, sizeof(why)));
	line = strchr(why, '\n') + 1;
	caret = strchr(line, '\n') + 1;
	ck_assert_int_eq(strncmp(line, "  ...", 5), 0);
	ck_assert_int_eq(strncmp(caret - 4, "...\n", 4), 0);
	ck_assert_int_lt(caret - line, 90);
	ck_assert_int_eq(strstr(line, "tst") - line, strstr(caret, "^~~") - caret);
}
END_TEST

/* A buffer of any size is enough not to be run over. */
START_TEST(short_buffers_hold_what_they_can)
{
	char why[64], whole[512];

	ck_assert_ptr_null(expression_parse("tst(a)", whole, sizeof(whole)));
	for (size_t size = 1; size <= sizeof(why); size++) {
		memset(why, 'x', sizeof(why));
		ck_assert_ptr_null(expression_parse("tst(a)", why, size));
		ck_assert_uint_eq(strnlen(why, size),
				  size - 1 < strlen(whole) ? size - 1 : strlen(whole));
		ck_assert(size == sizeof(why) || why[size] == 'x');
	}
}
END_TEST

START_TEST(depth_is_bounded)
{
	char text[8192] = "", why[512];
	struct expression *expression;

	memset(text, '(', 100);
	strcat(text, "all()");
	memset(text + strlen(text), ')', 100);
	expression = expression_parse(text, why, sizeof(why));
	ck_assert_ptr_nonnull(expression);
	expression_free(expression);
	for (size_t used = 0, i = 0; i < 200; i++) /* as deep as can be, with both operators */
		used += (size_t)sprintf(text + used, "%s", i < 100 ? "none() or all() and (" : "");
	strcat(text, "all()");
	memset(text + strlen(text), 0, 200);
	memset(text + strlen(text), ')', 100);
	expression = expression_parse(text, why, sizeof(why));
	ck_assert_msg(expression && expression_matches(expression, &subjects[0]) &&
			      expression_may_match(expression, "s", true),
		      "%s", why);
	expression_free(expression);
	memset(text, '(', 2000);
	ck_assert_ptr_null(expression_parse(text, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "more than 100 parentheses in each other; use fewer\n"));
	memset(text, '!', 2000);
	strcpy(text + 2000, "all()");
	expression = expression_parse(text, why, sizeof(why));
	ck_assert(expression && expression_matches(expression, &subjects[0]));
	expression_free(expression);
}
END_TEST

/* Of what glibc would copy until no memory is left. */
START_TEST(regular_expressions_are_bounded)
{
	char text[3000] = "test(/", why[512];

	memset(text + 6, '(', 101);
	strcat(text, "a");
	memset(text + strlen(text), ')', 101);
	strcat(text, "/)");
	ck_assert_ptr_null(expression_parse(text, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "is too deep; write a simpler one\n"));
	strcpy(text, "test(/");
	memset(text + 6, 'a', 1001);
	strcpy(text + 1007, "/)");
	ck_assert_ptr_null(expression_parse(text, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "it is longer than 1000 bytes\n"));
}
END_TEST

/* As long as tools that write filters make them. */
START_TEST(a_thousand_names)
{
	char why[512], name[32], *text = calloc(1000, 32);
	struct expression_subject subject = {.suite = "s", .name = name};
	struct expression *expression;
	size_t used = 0;

	for (int i = 0; i < 1000; i++)
		used += (size_t)sprintf(text + used, "%stest(=case_%d)", i ? " + " : "", i);
	expression = expression_parse(text, why, sizeof(why));
	ck_assert_ptr_nonnull(expression);
	free(text); /* nothing points into it */
	for (int i = 0; i < 1001; i++) {
		snprintf(name, sizeof(name), "case_%d", i);
		ck_assert(expression_matches(expression, &subject) == (i < 1000));
	}
	expression_free(expression);
	expression_free(NULL);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_loop_test(all, what_matches, 0, sizeof(matches) / sizeof(*matches));
	tcase_add_loop_test(all, what_matches_may_match, 0, sizeof(matches) / sizeof(*matches));
	tcase_add_loop_test(all, what_may_match, 0, sizeof(possible) / sizeof(*possible));
	tcase_add_loop_test(all, what_is_said_of_mistakes, 0, sizeof(mistakes) / sizeof(*mistakes));
	tcase_add_test(all, long_texts_are_shown_in_part);
	tcase_add_test(all, short_buffers_hold_what_they_can);
	tcase_add_test(all, depth_is_bounded);
	tcase_add_test(all, regular_expressions_are_bounded);
	tcase_add_test(all, a_thousand_names);
	return unit_run("expression", all);
}
