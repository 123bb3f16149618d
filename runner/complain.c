/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "flags.h"

int complain(int exit_code, const char *format, ...)
{
	va_list arguments;

	fputs("cloche: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return exit_code;
}
