/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include "arguments.h"

/* Past the quoted literal that starts here. */
static const char *skip_literal(const char *at)
{
	char quote = *at++;

	while (*at && *at != quote)
		at += *at == '\\' && at[1] ? 2 : 1;
	return *at ? at + 1 : at;
}

/* To the comma, or the bracket, that ends the argument which starts here. */
static const char *find_end(const char *at)
{
	int depth = 0;

	while (*at) {
		if (*at == '"' || *at == '\'') {
			at = skip_literal(at);
			continue;
		}
		if (strchr("([{", *at))
			depth++;
		else if (strchr(")]}", *at) && depth-- == 0)
			return at;
		else if (*at == ',' && !depth)
			return at;
		at++;
	}
	return at;
}

size_t arguments_split(const char *text, struct argument *ret, size_t max)
{
	const char *at = strchr(text, '(');
	size_t count = 0;

	for (at = at ? at + 1 : text; *at; at++) {
		const char *start = at + strspn(at, " "), *end = find_end(start);

		at = end;
		while (end > start && end[-1] == ' ')
			end--;
		if (count < max)
			ret[count] = (struct argument){
				start, end - start < INT_MAX ? (int)(end - start) : INT_MAX};
		count++;
		if (*at != ',')
			break;
	}
	return count;
}

bool argument_is_errno(const struct argument *argument)
{
	const char *at = argument->data, *end = at + argument->size;

	if (end - at == 5 && !memcmp(at, "errno", 5))
		return true;
	if (at < end && *at == '-')
		at++;
	if (end - at < 3 || *at != 'E')
		return false;
	while (at < end && ((*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9')))
		at++;
	return at == end;
}
