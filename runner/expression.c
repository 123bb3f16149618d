/* SPDX-License-Identifier: MIT */
/*
 * The filter language: a recursive-descent parser, which makes steps of it (expression_steps.h).
 *
 *	expression = term { ("or" | "|" | "+") term }
 *	term       = factor { ("and" | "&" | "-") factor }       a - b is a and not b
 *	factor     = { "not" | "!" } ( "(" expression ")" | word "(" [ matcher ] ")" )
 *	matcher    = "=" text | "~" text | "#" glob | "/" regex "/" | text
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "excerpt.h"
#include "expression_steps.h"
#include "nearest.h"
#include "suite/kind.h"
#include "utf8.h"

struct parser {
	const char *text, *at;
	struct expression *expression;
	unsigned depth;
	char *why;
	size_t size;
};

static const struct predicate {
	const char *name;
	enum step_kind kind;
	const char *example;
} predicates[] = {
	{"all", STEP_ALL, "all()"},
	{"none", STEP_NONE, "none()"},
	{"test", STEP_TEST, "test(GLOB), test(=NAME), test(~TEXT) or test(/REGEX/)"},
	{"suite", STEP_SUITE, "suite(GLOB), suite(=NAME), suite(~TEXT) or suite(/REGEX/)"},
	{"tag", STEP_TAG, "tag(GLOB), tag(=NAME), tag(~TEXT) or tag(/REGEX/)"},
	{"kind", STEP_KIND, "kind(native), kind(foreign) or kind(gtest)"},
};

#define PREDICATES (sizeof(predicates) / sizeof(*predicates))

/* Say what is wrong with `length` bytes at `place`. Always -EINVAL. */
static int refuse(struct parser *parser, const char *place, size_t length, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int refuse(struct parser *parser, const char *place, size_t length, const char *format, ...)
{
	FILE *out = fmemopen(parser->why, parser->size, "w");
	va_list arguments;

	if (!out)
		return -EINVAL;
	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
	excerpt_print(out, parser->text, place, length);
	fclose(out);
	parser->why[parser->size - 1] = '\0'; /* fmemopen(3) leaves it out when all is full */
	return -EINVAL;
}

static int out_of_memory(struct parser *parser)
{
	snprintf(parser->why, parser->size, "there is no memory left for the filter");
	return -ENOMEM;
}

static struct step *add_step(struct parser *parser, enum step_kind kind)
{
	struct expression *to = parser->expression;
	struct step *grown = to->steps;

	if ((to->count & (to->count - 1)) == 0) /* full at powers of two */
		grown = reallocarray(to->steps, to->count ? 2 * to->count : 1, sizeof(*grown));
	if (!grown)
		return NULL;
	to->steps = grown;
	grown += to->count++;
	*grown = (struct step){.kind = kind};
	return grown;
}

static void skip_space(struct parser *parser)
{
	parser->at += strspn(parser->at, " \t\r\n");
}

/* A word of the text, to be quoted: safe to show, and not too much of it. */
struct word {
	char text[4 * 48 + 1];
};

static const char *quote(struct word *word, const char *from, size_t length)
{
	char *safe = excerpt_show(from, length < 48 ? length : 48);

	snprintf(word->text, sizeof(word->text), "%s", safe ? safe : "");
	free(safe);
	return word->text;
}

static size_t word_length(const char *at)
{
	size_t length = 0;

	while (isalpha((unsigned char)at[length]) || at[length] == '_')
		length++;
	return length;
}

static bool is_word(const char *at, const char *word)
{
	return word_length(at) == strlen(word) && !strncasecmp(at, word, strlen(word));
}

/* The length of what stands here and is to be complained about: a word, or one character. */
static size_t thing_length(const char *at)
{
	size_t word = word_length(at), character = utf8_length(at, strlen(at));

	return word ? word : character ? character : *at != '\0';
}

/* ---- matchers ---- */

/* Take the meaning of '\' away: it stands before a character that would have one. */
static char *unescape(const char *from, const char *to)
{
	char *text = malloc((size_t)(to - from) + 1), *end = text;

	while (text && from < to) {
		from += *from == '\\' && from + 1 < to;
		*end++ = *from++;
	}
	if (text)
		*end = '\0';
	return text;
}

/* From here to the ')' that ends the matcher, without the space around; `at` goes to that ')'. */
static int take_text(struct parser *parser, const char *open, const char **ret_from,
		     const char **ret_to)
{
	const char *to;

	skip_space(parser);
	*ret_from = *ret_to = to = parser->at;
	for (; *parser->at != ')'; parser->at++) {
		if (*parser->at == '\\' && isalnum((unsigned char)parser->at[1]))
			return refuse(parser, parser->at, 2,
				      "'\\%c' has no meaning; '\\' stands before punctuation, "
				      "and '\\\\' is itself",
				      parser->at[1]);
		if (*parser->at == '\\' && parser->at[1])
			parser->at++;
		else if (isspace((unsigned char)*parser->at))
			continue;
		if (!*parser->at)
			return refuse(parser, open, 1, "this '(' is not closed; add ')'");
		to = parser->at + 1;
	}
	*ret_to = to;
	return 0;
}

/*
 * The regular expression that begins with the '/' here; `at` goes behind its end. Its length with
 * both, or 0: it does not end, or something else follows.
 */
static size_t regex_length(const char *at)
{
	const char *end = at + 1;

	while (*end && *end != '/')
		end += *end == '\\' && end[1] ? 2 : 1;
	if (!*end)
		return 0;
	end++;
	return end[strspn(end, " \t\r\n")] == ')' ? (size_t)(end - at) : 0;
}

/* Only '\/' is ours; the rest is the regular expression's own. */
static char *regex_text(const char *from, const char *to)
{
	char *text = malloc((size_t)(to - from) + 1), *end = text;

	while (text && from < to) {
		if (from[0] == '\\' && from + 1 < to && from[1] != '/')
			*end++ = *from++;
		else if (from[0] == '\\' && from + 1 < to)
			from++;
		*end++ = *from++;
	}
	if (text)
		*end = '\0';
	return text;
}

static int add_question(struct parser *parser, enum step_kind kind, enum pattern_way way,
			char *text, const char *place, size_t length)
{
	char why[256] = "";
	struct step *step = text ? add_step(parser, kind) : NULL;
	int result;

	if (!step) {
		free(text);
		return out_of_memory(parser);
	}
	result = pattern_set(&step->pattern, way, text, why, sizeof(why));
	if (result == -EINVAL)
		return refuse(parser, place, length, "this is no regular expression: %s", why);
	return result < 0 ? out_of_memory(parser) : 0;
}

static int parse_regex(struct parser *parser, enum step_kind kind, size_t length)
{
	const char *from = parser->at;

	parser->at += length;
	if (length == 2)
		return refuse(parser, from, 2, "this regular expression is empty; try all()");
	return add_question(parser, kind, PATTERN_REGEX, regex_text(from + 1, from + length - 1),
			    from, length);
}

static bool is_kind(const char *from, size_t length)
{
	char name[32];

	if (length >= sizeof(name))
		return false;
	memcpy(name, from, length);
	name[length] = '\0';
	return !strcmp(name, "native") || !strcmp(name, "foreign") || kind_find(name);
}

static int refuse_kind(struct parser *parser, const char *from, size_t length)
{
	struct word word;
	struct nearest nearest = {.word = quote(&word, from, length)};

	nearest_offer(&nearest, "native");
	nearest_offer(&nearest, "foreign");
	for (const struct kind *const *kind = kind_list(); *kind; kind++)
		nearest_offer(&nearest, (*kind)->name);
	if (nearest.found)
		return refuse(parser, from, length, "there is no kind '%s'; did you mean '%s'?",
			      nearest.word, nearest.found);
	return refuse(parser, from, length,
		      "there is no kind '%s'; it is native, foreign, or one that --kind takes",
		      nearest.word);
}

static enum pattern_way default_way(enum step_kind kind, const char *text)
{
	if (kind == STEP_KIND)
		return PATTERN_EQUAL;
	return kind == STEP_TEST && !pattern_is_glob(text) ? PATTERN_CONTAINS : PATTERN_GLOB;
}

/* What stands in the parentheses of a question; `open` is the first of them. */
static int parse_matcher(struct parser *parser, const struct predicate *predicate, const char *open)
{
	static const char marks[] = "=~#";
	static const enum pattern_way ways[] = {PATTERN_EQUAL, PATTERN_CONTAINS, PATTERN_GLOB};
	const char *from, *to, *mark;
	enum pattern_way way;
	char *text;
	size_t length;

	skip_space(parser);
	length = *parser->at == '/' ? regex_length(parser->at) : 0;
	if (length && predicate->kind != STEP_KIND)
		return parse_regex(parser, predicate->kind, length);
	if (*parser->at == '/' && predicate->kind != STEP_SUITE) /* those may be paths */
		return refuse(parser, parser->at, 1,
			      "this regular expression does not end; put '/' before the ')'");
	mark = *parser->at ? strchr(marks, *parser->at) : NULL;
	parser->at += mark != NULL;
	if (take_text(parser, open, &from, &to) < 0)
		return -EINVAL;
	if (from == to)
		return refuse(parser, open, (size_t)(parser->at - open) + 1,
			      "%s() needs something to match; try %s", predicate->name,
			      predicate->example);
	length = (size_t)(to - from);
	if (predicate->kind == STEP_KIND && (!mark || *mark == '=') && !is_kind(from, length))
		return refuse_kind(parser, from, length);
	text = strndup(from, length);
	way = mark ? ways[mark - marks] : text ? default_way(predicate->kind, text) : 0;
	if (way != PATTERN_GLOB) {
		free(text);
		text = unescape(from, to);
	}
	return add_question(parser, predicate->kind, way, text, from, length);
}

/* ---- the rest ---- */

static int parse_expression(struct parser *parser);

static int refuse_unknown(struct parser *parser, const char *place)
{
	size_t length = thing_length(place);
	struct word word;
	struct nearest nearest = {.word = quote(&word, place, length)};
	bool called = place[length + strspn(place + length, " \t")] == '(';

	if (!*place)
		return refuse(parser, place, 0,
			      parser->at == parser->text + strspn(parser->text, " \t\r\n")
				      ? "the filter is empty; try all()"
				      : "something is missing here; try all(), or test(NAME)");
	if (*place == ')')
		return refuse(parser, place, 1, "something is missing before this ')'");
	for (size_t i = 0; i < PREDICATES; i++)
		nearest_offer(&nearest, predicates[i].name);
	if (nearest.found && word_length(place))
		return refuse(parser, place, length, "there is no '%s'; did you mean '%s()'?",
			      nearest.word, nearest.found);
	if (word_length(place) && !called)
		return refuse(parser, place, length,
			      "there is no '%s'; for cases of that name, write test(%s)",
			      nearest.word, nearest.word);
	return refuse(parser, place, length,
		      "'%s' cannot stand here; what can is test(), suite(), tag(), kind(), all(), "
		      "none(), not and (",
		      nearest.word);
}

static int parse_predicate(struct parser *parser)
{
	const struct predicate *predicate = NULL;
	const char *word = parser->at, *open;
	int result;

	for (size_t i = 0; i < PREDICATES; i++)
		if (word_length(word) == strlen(predicates[i].name) &&
		    !strncmp(word, predicates[i].name, word_length(word)))
			predicate = &predicates[i];
	if (!predicate)
		return refuse_unknown(parser, word);
	parser->at += word_length(word);
	skip_space(parser);
	open = parser->at;
	if (*open != '(')
		return refuse(parser, word, word_length(word), "'%s' needs its parentheses; try %s",
			      predicate->name, predicate->example);
	parser->at++;
	skip_space(parser);
	if (predicate->kind != STEP_ALL && predicate->kind != STEP_NONE)
		result = parse_matcher(parser, predicate, open);
	else
		result = add_step(parser, predicate->kind) ? 0 : out_of_memory(parser);
	if (result < 0)
		return result;
	skip_space(parser);
	if (!*parser->at)
		return refuse(parser, open, 1, "this '(' is not closed; add ')'");
	if (*parser->at != ')')
		return refuse(parser, parser->at, thing_length(parser->at),
			      "%s() takes nothing in its parentheses", predicate->name);
	parser->at++;
	return 0;
}

static int parse_group(struct parser *parser)
{
	const char *open = parser->at++;
	int result;

	if (++parser->depth > EXPRESSION_DEPTH_MAX)
		return refuse(parser, open, 1, "more than %d parentheses in each other; use fewer",
			      EXPRESSION_DEPTH_MAX);
	result = parse_expression(parser);
	parser->depth--;
	if (result < 0)
		return result;
	if (*parser->at != ')')
		return refuse(parser, open, 1, "this '(' is not closed; add ')'");
	parser->at++;
	return 0;
}

static int parse_factor(struct parser *parser)
{
	bool negated = false;
	int result;

	for (skip_space(parser);; skip_space(parser)) {
		if (*parser->at == '!')
			parser->at++;
		else if (is_word(parser->at, "not"))
			parser->at += strlen("not");
		else
			break;
		negated = !negated;
	}
	result = *parser->at == '(' ? parse_group(parser) : parse_predicate(parser);
	if (result < 0 || !negated)
		return result;
	return add_step(parser, STEP_NOT) ? 0 : out_of_memory(parser);
}

/* The operator here, "&" or "and", which is passed over; 0: another, or none. */
static char take_operator(struct parser *parser, const char *signs, const char *word)
{
	char sign;

	skip_space(parser);
	if (is_word(parser->at, word)) {
		parser->at += strlen(word);
		return *word;
	}
	if (!*parser->at || !strchr(signs, *parser->at))
		return 0;
	sign = *parser->at++;
	parser->at += (sign == '&' || sign == '|') && *parser->at == sign; /* as in C */
	return sign;
}

static int parse_right_side(struct parser *parser, enum step_kind jump, bool negated,
			    int (*parse)(struct parser *))
{
	size_t at = parser->expression->count;
	int result = add_step(parser, jump) ? parse(parser) : out_of_memory(parser);

	if (!result && negated && !add_step(parser, STEP_NOT))
		result = out_of_memory(parser);
	if (!result)
		parser->expression->steps[at].target = parser->expression->count;
	return result;
}

static int parse_term(struct parser *parser)
{
	int result = parse_factor(parser);
	char sign;

	while (!result && (sign = take_operator(parser, "&-", "and")))
		result = parse_right_side(parser, STEP_JUMP_IF_FALSE, sign == '-', parse_factor);
	return result;
}

static int parse_expression(struct parser *parser)
{
	int result = parse_term(parser);

	while (!result && take_operator(parser, "|+", "or"))
		result = parse_right_side(parser, STEP_JUMP_IF_TRUE, false, parse_term);
	return result;
}

static int refuse_rest(struct parser *parser)
{
	size_t length = thing_length(parser->at);
	struct word word;
	struct nearest nearest = {.word = quote(&word, parser->at, length)};

	if (*parser->at == ')')
		return refuse(parser, parser->at, 1,
			      "this ')' closes nothing; in a name, write '\\)'");
	nearest_offer(&nearest, "and");
	nearest_offer(&nearest, "or");
	if (nearest.found && word_length(parser->at))
		return refuse(parser, parser->at, length, "'%s' is no operator; did you mean '%s'?",
			      nearest.word, nearest.found);
	return refuse(parser, parser->at, length, "an operator is missing before '%s': and, or, -",
		      nearest.word);
}

struct expression *expression_parse(const char *text, char *why, size_t size)
{
	struct parser parser = {.text = text, .at = text, .why = why, .size = size};
	int result;

	parser.expression = calloc(1, sizeof(*parser.expression));
	result = parser.expression ? parse_expression(&parser) : out_of_memory(&parser);
	if (!result && *parser.at)
		result = refuse_rest(&parser);
	if (result < 0) {
		expression_free(parser.expression);
		return NULL;
	}
	return parser.expression;
}
