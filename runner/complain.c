/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

int output_ended(const char *what)
{
	/* the errno of what failed earlier may be gone */
	if (fflush(stdout) || ferror(stdout))
		return complain(EXIT_REPORT, "cannot write %s: %s", what, strerror(errno));
	return 0;
}
